"""The 64-bit keys of the index tables, and ways to write many rows fast.

Keys are keyed BLAKE2b: partners choose ids and values, and without the node's secret they could craft collisions.
A key only finds candidates; the full value is always compared as well.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b

from django.db import connection

from hilf.store import database


# An intake asks for each id twice (what is known of it, then its row), and for the targets of many references.
@lru_cache(maxsize=32_768)
def id_key(stix_id: str, index_key: bytes) -> int:
    """The key under which an id stands in `object` and `reference`."""
    return _number(_keyed(index_key, b"id"), stix_id.encode())


def value_key(kind: str, value: str, index_key: bytes) -> int:
    """The key under which an observable value stands in `observable_key`."""
    return _number(_keyed(index_key, b"value"), f"{kind}\0{value}".encode())


@lru_cache(maxsize=8)
def _keyed(index_key: bytes, purpose: bytes) -> blake2b:
    """A hash that has read the secret; a copy of it costs half of a new one."""
    return blake2b(digest_size=8, key=index_key, person=purpose)


def _number(keyed: blake2b, text: bytes) -> int:
    copy = keyed.copy()
    copy.update(text)
    return int.from_bytes(copy.digest(), "big", signed=True)


def storable(text: str) -> str:
    """The text as both databases keep it: PostgreSQL takes no zero character."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}") if "\0" in text else text


def insert(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write many rows: COPY on PostgreSQL, one prepared statement on SQLite."""
    rows = list(rows)
    if not rows:
        return
    if not database.is_postgresql():
        places = ", ".join(["%s"] * len(columns))
        database.execute_many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)
        return
    with (
        database.translated(),
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def among(column: str, numbers: Iterable[int]) -> str:
    """A condition that `column` is one of these numbers, as SQL; numbers need no parameters.

    SQLite takes 32,766 parameters in one statement, and a list of constants costs it nothing more.
    """
    return f"{column} IN ({', '.join(map(str, sorted(set(map(int, numbers))))) or 'NULL'})"
