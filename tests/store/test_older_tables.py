"""Tables of an older hilf on both databases: whether they are noticed, and what the last migration does to their rows."""

from importlib import import_module
from pkgutil import iter_modules

from django.db import connection

from hilf.accord.placing import ObjectState
from hilf.store import database, migrations
from hilf.store.intelligence import tombstone
from hilf.store.intelligence.tombstone import DROPPED, ERASED, HIDDEN
from hilf.store.intelligence.write import write_assertions
from tests.store.intelligence.material import KEY, indicator

TOMBSTONES = "0005_tombstones"


def bury():
    with connection.schema_editor() as editor:
        import_module(f"hilf.store.migrations.{TOMBSTONES}").bury(None, editor)


def test_tables_without_the_last_migration_are_older(store):
    assert not database.is_older()
    last = max(module.name for module in iter_modules(migrations.__path__))
    database.execute("DELETE FROM django_migrations WHERE app = 'hilf' AND name = %s", (last,))
    assert database.is_older()


def test_what_was_gone_before_there_were_tombstones_gets_them_once(store):
    with database.transaction():
        write_assertions([indicator(n) for n in range(1, 6)], KEY)
    gone = (ObjectState.HIDDEN, ObjectState.ERASED, ObjectState.DROPPED, ObjectState.QUARANTINED)
    for seq, state in enumerate(gone, start=1):
        database.execute("UPDATE object SET state = %s WHERE seq = %s", (state, seq))
    bury()
    kept = tombstone.table(0, 10)
    assert [(each.number, each.word) for each in kept] == [(1, HIDDEN), (2, ERASED), (3, DROPPED)]
    rows = database.rows("SELECT id_key, sha256, asserter FROM object WHERE seq < 4 ORDER BY seq")
    assert [(each.id_key, each.sha256, each.asserter) for each in kept] == [
        (key, bytes(sha256), asserter) for key, sha256, asserter in rows
    ]
    assert tombstone.last_in_table() == 3
    bury()
    assert tombstone.table(0, 10) == kept
