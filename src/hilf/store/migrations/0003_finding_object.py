"""Findings are found by their object: whoever takes an object back must not make this node read all of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hilf", "0002_index")]

    operations = [
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["object"], name="finding_object"),
        ),
    ]
