"""All that a node knows, from its database into a backup and out of it again, on SQLite and PostgreSQL alike.

What is copied are rows, by the names of their columns: no free page, no index, no write-ahead log, so nothing that was
erased, and a backup of one kind of database is restored into the other. On SQLite the file is copied first (a moment in
which writers go on), and the rows are read from the copy; on PostgreSQL one REPEATABLE READ transaction sees one moment.
The full text is left out and filled again by the worker. Tables are found in the database itself, so that no room that
adds one is forgotten; rights and content types are Django's own and made by the migration.
"""

import contextlib
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader

from hilf.errors import OperatorFault
from hilf.store import database
from hilf.store.archive import End, Reader, Table, Writer, damaged
from hilf.store.intelligence.index import insert

_OF_DJANGO: Final = ("django_", "auth_", "sqlite_", "fulltext", "user_groups", "user_user_permissions")
_OF_SIGN_IN: Final = ("account_", "mfa_", "socialaccount_", "usersessions_", "console_cache")
"""Sessions and second factors: sealed with a secret of this home, and made by a process that shows pages only."""

_AT_ONCE: Final = 5_000
_SAMPLE: Final = 1_000

Told = Callable[[str, int], None]
"""(table, rows since it was last told)."""


def migration() -> str:
    """The last migration that the database in use has seen.

    Raises:
        OperatorFault: "store.not-migrated".
    """
    found = database.row("SELECT name FROM django_migrations WHERE app = 'hilf' ORDER BY name DESC LIMIT 1")
    return str(found[0]) if found else ""


def tables() -> tuple[str, ...]:
    """The tables that a backup holds, in order of name."""
    with database.translated(), connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
    return tuple(sorted(name for name in names if not name.startswith((*_OF_DJANGO, *_OF_SIGN_IN))))


def copy_out(out: Writer, told: Told, scratch: Path) -> None:
    """Write every table into a backup, as all of them were at one moment; writers go on meanwhile.

    Args:
        out: the backup.
        told: hears of the progress.
        scratch: a folder with room for a copy of an SQLite file.
    """
    with _moment(scratch) as query:
        for name in tables():
            named = columns(name)
            chosen = f"SELECT {', '.join(map(_quoted, named))} FROM {_quoted(name)}"
            rows = (tuple(map(plain, row)) for row in query(chosen))
            out.table(name, named, rows, lambda count, name=name: told(name, count))  # type: ignore[misc]


Query = Callable[[str], Iterator[tuple[Any, ...]]]


@contextlib.contextmanager
def _moment(scratch: Path) -> Iterator[Query]:
    """A way to ask the database as it is at one moment."""
    with database.translated():
        if database.is_postgresql():
            with _postgresql_moment() as query:
                yield query
            return
        with tempfile.TemporaryDirectory(prefix=".hilf-backup-", dir=scratch) as folder:
            file = Path(folder) / "copy.sqlite3"
            connection.ensure_connection()
            with contextlib.closing(sqlite3.connect(file)) as copy:
                connection.connection.backup(copy)
                yield lambda sql: iter(copy.execute(sql))


@contextlib.contextmanager
def _postgresql_moment() -> Iterator[Query]:
    def query(sql: str) -> Iterator[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(f"DECLARE backup NO SCROLL CURSOR FOR {sql}")
            while True:
                cursor.execute(f"FETCH {_AT_ONCE} FROM backup")
                rows = cursor.fetchall()
                yield from rows
                if not rows:
                    break
            cursor.execute("CLOSE backup")

    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield query
        finally:
            cursor.execute("ROLLBACK")


def plain(value: object) -> object:
    """A value as both databases can keep it."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")  # as Django writes it on SQLite
    return value


def columns(table: str) -> tuple[str, ...]:
    """The columns of a table, in order."""
    with database.translated(), connection.cursor() as cursor:
        return tuple(column.name for column in connection.introspection.get_table_description(cursor, table))


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))


def copy_in(backup: Reader, path: Path, told: Told) -> End:
    """Fill an empty database with a backup, and bring it to this version of hilf; what its tables hold.

    The tables are made as the backup's version of hilf knew them, filled in one transaction, then migrated on.

    Raises:
        OperatorFault: "backup.too-new", "backup.not-empty" or "backup.damaged".
    """
    _make_tables(str(backup.head.get("migration")), path)
    here = set(tables())
    with database.transaction(), _late_references():
        for name in sorted(here):
            database.execute(f"DELETE FROM {_quoted(name)}")  # what migrations put there
        for table in backup.tables():
            if table.name not in here or not set(table.columns) <= set(columns(table.name)):
                raise damaged(
                    path, f"it holds a table {table.name[:40]!r} that its version of hilf did not have"
                )
            _fill(table, told)
        database.execute("UPDATE counter SET value = 0 WHERE name = 'fulltext'")
        _go_on_counting()
    database.migrate()
    held: End = backup.end["tables"]
    return held


def _make_tables(wanted: str, path: Path) -> None:
    with database.translated():
        known = [name for app, name in MigrationLoader(connection).graph.nodes if app == "hilf"]
        if wanted not in known:
            raise OperatorFault(
                "backup.too-new",
                f"{path} was written by a newer hilf: this one does not know the tables of {wanted[:60]}.",
                "",
                "Install the version of hilf that wrote it, or a newer one.",
            )
        if "object" in tables():
            raise OperatorFault(
                "backup.not-empty",
                "The database that the settings name holds a node already.",
                "A backup is restored into an empty database, so that nothing is written over.",
                "Make a new database, name it in database_url of hilf.toml, then restore again.",
            )
        call_command("migrate", "hilf", wanted, verbosity=0, interactive=False)


@contextlib.contextmanager
def _late_references() -> Iterator[None]:
    """Foreign keys are checked at the end of the transaction, for tables come in order of name."""
    if not database.is_postgresql():
        database.execute("PRAGMA defer_foreign_keys = ON")
    yield


def _fill(table: Table, told: Told) -> None:
    change = _changes(table)
    piece: list[Sequence[Any]] = []
    columns = tuple(map(_quoted, table.columns))
    for row in table.rows:
        piece.append(
            [change[n](value) if n in change and value is not None else value for n, value in enumerate(row)]
        )
        if len(piece) == _AT_ONCE:
            insert(_quoted(table.name), columns, piece)
            told(table.name, len(piece))
            piece = []
    insert(_quoted(table.name), columns, piece)
    told(table.name, len(piece))


def _changes(table: Table) -> Mapping[int, Callable[[Any], Any]]:
    """What must be changed for PostgreSQL, by the number of the column: it has types where SQLite has numbers and text."""
    if not database.is_postgresql():
        return {}
    kinds = dict(
        database.rows(
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = %s",
            (table.name,),
        )
    )
    known: dict[str, Callable[[Any], Any]] = {
        "boolean": bool,
        "timestamp with time zone": lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC),
    }
    return {n: known[kinds[name]] for n, name in enumerate(table.columns) if kinds.get(name) in known}


def _go_on_counting() -> None:
    """Let PostgreSQL give numbers beyond those that were filled in; SQLite does by itself."""
    if not database.is_postgresql():
        return
    for table, column in database.rows(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND is_identity = 'YES'"
    ):
        if table.startswith(_OF_DJANGO):
            continue
        database.execute(
            f"SELECT setval(pg_get_serial_sequence(%s, %s), (SELECT coalesce(max({_quoted(column)}), 0) + 1"
            f" FROM {_quoted(table)}), false)",
            (_quoted(table), column),
        )


def faults_of(held: End) -> Iterator[str]:
    """What is wrong with the database in use, after it was filled with a backup of these tables, in sentences.

    Its own integrity, its references, the number of rows in each table, and whether a sample of bodies, taken all over the
    table, are those that their content hashes name.
    """
    if not database.is_postgresql():
        for (said,) in database.rows("PRAGMA integrity_check"):
            if said != "ok":
                yield f"SQLite finds {said}"
    with database.translated():
        connection.check_constraints()
    for name, table in held.items():
        found = database.row(f"SELECT count(*) FROM {_quoted(name)}")
        if found != (table["rows"],):
            yield f"table {name} holds {found and found[0]} rows, not {table['rows']}"


def sample() -> tuple[tuple[bytes, bytes], ...]:
    """(body, content hash) of about a thousand objects, from all over the table."""
    found = database.row("SELECT count(*) FROM object")
    every = max(1, int(found[0]) // _SAMPLE) if found else 1
    chosen = database.rows(
        "SELECT body, sha256 FROM object WHERE body IS NOT NULL AND seq %% %s = 0", (every,)
    )
    return tuple((bytes(body), bytes(sha256)) for body, sha256 in chosen)


@contextlib.contextmanager
def elsewhere(file: Path) -> Iterator[None]:
    """Use a new SQLite file for a while, then the database before, if there was one; nothing is safe in it until the end."""
    before = connections.settings["default"] if django_settings.configured else None
    database.use(str(file))
    try:
        database.execute("PRAGMA journal_mode = MEMORY")
        database.execute("PRAGMA synchronous = OFF")
        yield
        database.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()
        if before is not None:
            connections.settings["default"] = before
            del connections["default"]
