"""The 64-bit keys of the index tables, and ways to write many rows fast.

Keys are keyed BLAKE2b: partners choose ids and values, and without the node's secret they could craft collisions.
A key only finds candidates; the full value is always compared as well.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from django.db import connection

from hilf.store import database


def id_key(stix_id: str, index_key: bytes) -> int:
    """The key under which an id stands in `object` and `reference`."""
    digest = blake2b(stix_id.encode(), digest_size=8, key=index_key, person=b"id").digest()
    return int.from_bytes(digest, "big", signed=True)


def value_key(kind: str, value: str, index_key: bytes) -> int:
    """The key under which an observable value stands in `observable_key`."""
    digest = blake2b(f"{kind}\0{value}".encode(), digest_size=8, key=index_key, person=b"value").digest()
    return int.from_bytes(digest, "big", signed=True)


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
