"""The one way to the database: which one, transactions, and what its failures mean.

SQLite by default, PostgreSQL by one setting (faces.md 1). Settings and their reasons: docs/developers/store.md.
Who calls: the other files of the store; `settings.open_home` calls `use`.
"""

import pkgutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from django.db import transaction as django_transaction
from django.db.migrations.executor import MigrationExecutor

from hilf.errors import OperatorFault
from hilf.store import migrations

# Big pages of work in memory, few checkpoints, freed pages overwritten (protocol.md 5: erased means erased).
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536; "
    "PRAGMA wal_autocheckpoint=16000; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY"
)
LOCK_TIMEOUT_S = 30


def describe(url: str, lock_timeout_s: int = LOCK_TIMEOUT_S) -> dict[str, object]:
    """Django's description of the database that `url` names.

    Args:
        url: a file path for SQLite, or postgresql://USER:PASSWORD@HOST:PORT/NAME (a `?host=/socket/folder` is honoured).
        lock_timeout_s: how long SQLite waits for another process that writes.
    """
    if "://" not in url:
        options = {"timeout": lock_timeout_s, "transaction_mode": "IMMEDIATE", "init_command": SQLITE_PRAGMAS}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": url, "OPTIONS": options}
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise OperatorFault(
            "store.database-url",
            f"The database URL starts with {parts.scheme}://.",
            "hilf speaks to SQLite and PostgreSQL.",
            "Use a file path, or postgresql://USER:PASSWORD@HOST:PORT/NAME.",
        )
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", "")) or parts.hostname or "",
        "PORT": parts.port or query.get("port", ""),
        "CONN_MAX_AGE": None,
    }


APPS = ("django.contrib.auth", "django.contrib.contenttypes", "hilf.store")
PASSWORDS = tuple(
    f"django.contrib.auth.hashers.{name}PasswordHasher" for name in ("Argon2", "PBKDF2", "Scrypt")
)
"""How passwords are kept; the first for new ones, the others can still be read."""


def use(url: str, lock_timeout_s: int = LOCK_TIMEOUT_S, stack: Mapping[str, object] | None = None) -> None:
    """Speak to this database from now on; any earlier one is closed.

    Apps and password hashing are set up on the first call.

    Args:
        url: as in `describe`.
        lock_timeout_s: as in `describe`.
        stack: settings of Django for a process that shows pages; its apps come on top of ours. Of the first call only.
    """
    description = describe(url, lock_timeout_s)
    if not django_settings.configured:
        more = dict(stack or {})
        apps = more.pop("INSTALLED_APPS", ())
        django_settings.configure(
            DATABASES={"default": description},
            INSTALLED_APPS=[*APPS, *apps] if isinstance(apps, tuple) else list(APPS),
            AUTH_USER_MODEL="hilf.User",
            PASSWORD_HASHERS=PASSWORDS,
            USE_TZ=True,
            TIME_ZONE="UTC",
            DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
            **more,
        )
        django.setup()
        return
    connection.close()
    configured = connections.configure_settings({"default": description})
    connections.settings["default"] = configured["default"]
    del connections["default"]


def close() -> None:
    """Close the connection of this thread; the next query opens it again. Asked for before a process forks."""
    connection.close()


def keep_open() -> None:
    """Keep connections between requests: opening one costs as much as a small request, and its cache is lost."""
    connection.close()
    connections.settings["default"]["CONN_MAX_AGE"] = None
    del connections["default"]


def migrate() -> None:
    """Bring the tables to this version of hilf; nothing happens when they are."""
    with translated():
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)


def lacks_tables() -> bool:
    """Whether tables of an app that this process uses are missing or older."""
    with translated():
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def is_older() -> bool:
    """Whether the tables are those of an older version of hilf, which `migrate` brings up to this one.

    Raises:
        OperatorFault: "store.not-migrated": there are no tables at all.
    """
    newest = max(module.name for module in pkgutil.iter_modules(migrations.__path__))
    return not rows("SELECT 1 FROM django_migrations WHERE app = 'hilf' AND name >= %s LIMIT 1", (newest,))


def is_postgresql() -> bool:
    """Whether the node runs on PostgreSQL."""
    return connection.vendor == "postgresql"


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the driver says into what a person can act on."""
    try:
        yield
    except DatabaseError as error:
        raise fault_of(error) from error


def fault_of(error: Exception) -> OperatorFault:
    """Name the cause of a database error and the remedy."""
    text = str(error)
    where = str(connection.settings_dict.get("NAME", ""))
    if "locked" in text:
        return OperatorFault(
            "store.locked",
            "The database is locked by another process.",
            f"Waited {_waited_s()} s; nothing was written.",
            "Stop the other long command (an import, a backup) or wait for it, then try again.",
        )
    if "full" in text or "No space" in text or "disk I/O" in text:
        return OperatorFault(
            "store.disk-full",
            f"The disk of {where} is full or fails: {text}.",
            "The transaction was rolled back; nothing was half written.",
            "Free some space, then run the same command again: what is known already is only counted.",
        )
    if "malformed" in text or "not a database" in text:
        return OperatorFault(
            "store.damaged",
            f"{where} is damaged: {text}.",
            "",
            "Restore the newest backup, then run hilf sync.",
        )
    if "no such table" in text or ("relation" in text and "does not exist" in text):
        return OperatorFault(
            "store.not-migrated",
            "The database has no tables of hilf.",
            text,
            "Check database_url: hilf settings check. A new node is made by hilf init, a lost one by hilf restore.",
        )
    if "connect" in text or "readonly" in text or "unable to open" in text:
        return OperatorFault(
            "store.unreachable",
            f"The database cannot be opened: {text.strip()}.",
            "",
            "Check HILF_DATABASE_URL and the rights on the file.",
        )
    return OperatorFault(
        "store.database",
        f"The database refused: {text.strip()}.",
        "Nothing was written.",
        "Report this with the code.",
    )


def _waited_s() -> object:
    options = connection.settings_dict.get("OPTIONS")
    return options.get("timeout", LOCK_TIMEOUT_S) if isinstance(options, dict) else LOCK_TIMEOUT_S


@contextmanager
def transaction() -> Iterator[None]:
    """All or nothing, durable when it ends: one verb, one transaction.

    On SQLite it takes the write lock at once (BEGIN IMMEDIATE), so a verb never fails half-way with "locked".
    """
    with translated(), django_transaction.atomic(durable=True):
        yield


def rows(sql: str, parameters: Sequence[Any] = ()) -> list[tuple]:
    """All rows of a query; placeholders are %s on both databases."""
    with translated(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def row(sql: str, parameters: Sequence[Any] = ()) -> tuple | None:
    """The first row, or None."""
    with translated(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()


def each(sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple]:
    """The rows of a query that may be very many, one by one."""
    with translated(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        while some := cursor.fetchmany(10_000):
            yield from some


def execute(sql: str, parameters: Sequence[Any] = ()) -> int:
    """Run one statement; how many rows it touched."""
    with translated(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.rowcount


def execute_many(sql: str, many: Iterable[Sequence[Any]]) -> None:
    """Run one statement for many rows in one go."""
    with translated(), connection.cursor() as cursor:
        cursor.executemany(sql, list(many))


def allot(name: str, count: int) -> int:
    """Reserve `count` numbers; returns the first.

    The counter row stays locked until commit, so a reader that pages by number never skips a late writer.
    """
    execute("INSERT INTO counter (name, value) VALUES (%s, 0) ON CONFLICT (name) DO NOTHING", (name,))
    found = row("UPDATE counter SET value = value + %s WHERE name = %s RETURNING value", (count, name))
    if found is None:
        raise OperatorFault(
            "store.counter", f"The counter {name} is missing.", "", "Restore the newest backup."
        )
    return found[0] - count + 1


def clean() -> None:
    """Let go of what erasure freed; not inside a transaction.

    SQLite: the write-ahead log is emptied into the file, where freed pages are zero. PostgreSQL: dead rows are given
    back, which needs no more than owning the tables; their bytes are overwritten when the space is used again.
    """
    with translated(), connection.cursor() as cursor:
        if is_postgresql():
            cursor.execute("VACUUM object, observable, fulltext, finding")
        else:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
