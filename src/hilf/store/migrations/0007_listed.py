"""What lists read of an assertion without touching its row, and labels of our own on objects of whomever."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hilf", "0006_people")]

    operations = [
        migrations.AddIndex(
            model_name="object",
            index=models.Index(
                fields=["seq", "tlp", "confidence", "received", "modified", "created", "facts_id", "state"],
                condition=models.Q(state=0),
                name="object_listed",
            ),
        ),
        migrations.CreateModel(
            name="OwnLabel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("id_key", models.BigIntegerField()),
                ("stix_id", models.TextField()),
                ("label", models.TextField()),
                ("by", models.TextField()),
                ("at", models.BigIntegerField()),
            ],
            options={
                "db_table": "own_label",
                "indexes": [
                    models.Index(fields=["id_key"], name="own_label_id_key"),
                    models.Index(fields=["label", "id_key"], name="own_label_label"),
                ],
                "constraints": [models.UniqueConstraint(fields=["stix_id", "label"], name="own_label_once")],
            },
        ),
    ]
