"""`make migrations`: write the migration for changed tables, for developers."""

import tempfile
from pathlib import Path

from django.core.management import call_command

from hilf.store import database

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        database.use(str(Path(folder) / "empty.sqlite3"))
        call_command("makemigrations", "hilf")
