"""What was hidden, erased or dropped before there were tombstones gets them, so that no older database brings it back."""

import time
from typing import Any

from django.db import migrations

WORDS = "CASE state WHEN 3 THEN 'hidden' WHEN 4 THEN 'erased' ELSE 'dropped' END"
"""Numbers and words as they were when this was written; `ObjectState` and `tombstone` may change."""


def bury(_apps: Any, schema_editor: Any) -> None:
    """Number the rows that are gone in the order in which they came; nothing where tombstones stand already."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tombstone (number, at, word, id_key, sha256, asserter)"
            f" SELECT row_number() OVER (ORDER BY seq), %s, {WORDS}, id_key, sha256, asserter FROM object"
            " WHERE state >= 3 AND NOT EXISTS (SELECT 1 FROM tombstone)",
            (time.time_ns() // 1000,),
        )
        cursor.execute(
            "INSERT INTO counter (name, value) SELECT 'tombstone', (SELECT count(*) FROM tombstone)"
            " WHERE EXISTS (SELECT 1 FROM tombstone) ON CONFLICT (name) DO NOTHING"
        )


class Migration(migrations.Migration):
    """See above."""

    dependencies = (("hilf", "0004_agreements"),)
    operations = (migrations.RunPython(bury, migrations.RunPython.noop),)
