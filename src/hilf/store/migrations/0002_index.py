"""The indexes over `object`: observable values, references, full text, and which imports brought the same.

Hash keys are 64 bits wide, made with HOME/keys/index.key; whoever reads by one checks the full value again.
SQLite: WITHOUT ROWID keeps each index in one tree; the full text is contentless (the text stands in the body only).
"""

from django.db import migrations

SQLITE = (
    "CREATE TABLE observable (seq INTEGER NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY (seq, n)) WITHOUT ROWID",
    "CREATE TABLE observable_key (h INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (h, seq)) WITHOUT ROWID",
    "CREATE TABLE reference (target_key INTEGER NOT NULL, prop TEXT NOT NULL, seq INTEGER NOT NULL,"
    " PRIMARY KEY (target_key, prop, seq)) WITHOUT ROWID",
    "CREATE TABLE mention (seq INTEGER NOT NULL, import_id INTEGER NOT NULL, PRIMARY KEY (seq, import_id))"
    " WITHOUT ROWID",
    "CREATE VIRTUAL TABLE fulltext USING fts5(words, content='', columnsize=0,"
    " tokenize='unicode61 remove_diacritics 2')",
)
POSTGRESQL = (
    "CREATE TABLE observable (seq bigint NOT NULL, n integer NOT NULL, kind text NOT NULL, value text NOT NULL,"
    " PRIMARY KEY (seq, n))",
    "CREATE TABLE observable_key (h bigint NOT NULL, seq bigint NOT NULL, PRIMARY KEY (h, seq))",
    "CREATE TABLE reference (target_key bigint NOT NULL, prop text NOT NULL, seq bigint NOT NULL,"
    " PRIMARY KEY (target_key, prop, seq))",
    "CREATE TABLE mention (seq bigint NOT NULL, import_id bigint NOT NULL, PRIMARY KEY (seq, import_id))",
    "CREATE TABLE fulltext (seq bigint PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX fulltext_words ON fulltext USING gin (words)",
)


def create(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    for table in ("observable", "observable_key", "reference", "mention", "fulltext"):
        schema_editor.execute(f"DROP TABLE {table}")


class Migration(migrations.Migration):
    dependencies = [("hilf", "0001_initial")]

    operations = [migrations.RunPython(create, drop)]
