"""What stands on lists, object by object, and how far the objects were looked at.

Rows up to the counter "lists" were looked at with the lists of the edition in "lists edition"; `seq` only grows and is held to
commit, so nobody is skipped. Whatever lies behind it, or was looked at with other lists, is looked at before it leaves.
"""

import secrets
from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple

from hilf.accord.placing import ObjectState
from hilf.store.database import execute, row, rows
from hilf.store.intelligence.index import among, insert, storable

_PIECE: Final = 5_000
_BITS: Final = 62
_WITH_BODY: Final = f"state < {int(ObjectState.HIDDEN)} AND body IS NOT NULL"


class KeptHit(NamedTuple):
    """One thing of one object that stands on a list."""

    object_seq: int
    list: str
    value: str
    entry: str
    place: str


def put(hits: Iterable[KeptHit]) -> None:
    """Keep what was found."""
    insert(
        "list_hit",
        KeptHit._fields,
        [(hit.object_seq, *map(storable, hit[1:])) for hit in hits],
    )


def of(seqs: Collection[int]) -> tuple[KeptHit, ...]:
    """What was found in these objects."""
    found: list[KeptHit] = []
    wanted = sorted(seqs)
    for n in range(0, len(wanted), _PIECE):
        piece = wanted[n : n + _PIECE]
        found += (
            KeptHit(*each)
            for each in rows(
                "SELECT object_seq, list, value, entry, place FROM list_hit"
                f" WHERE {among('object_seq', piece)} ORDER BY id"
            )
        )
    return tuple(found)


def forget(seqs: Iterable[int]) -> None:
    """Forget what was found in objects that go."""
    execute(f"DELETE FROM list_hit WHERE {among('object_seq', seqs)}")


def bodies(after_seq: int, limit: int) -> tuple[tuple[int, bytes | None], ...]:
    """The next rows with their bodies, None where there is none to read; in order."""
    return tuple(
        (seq, bytes(body) if body is not None else None)
        for seq, body in rows(
            f"SELECT seq, CASE WHEN {_WITH_BODY} THEN body END FROM object WHERE seq > %s ORDER BY seq LIMIT %s",
            (after_seq, limit),
        )
    )


def bodies_of(seqs: Sequence[int]) -> tuple[tuple[int, bytes], ...]:
    """Bodies of these rows, where there is one to read."""
    return tuple(
        (seq, bytes(body))
        for seq, body in rows(
            f"SELECT seq, body FROM object WHERE {among('seq', seqs)} AND {_WITH_BODY} ORDER BY seq"
        )
    )


def looked(edition: int) -> int:
    """Up to which row the objects were looked at with the lists of this edition; 0 where with others."""
    return _counter("lists") if _counter("lists edition") == edition else 0


def begin(edition: int) -> int:
    """Up to which row the objects were looked at, held against other workers until commit.

    With lists of another edition than before all objects are looked at again.
    """
    execute(
        "INSERT INTO counter (name, value) VALUES ('lists', 0)"
        " ON CONFLICT (name) DO UPDATE SET value = counter.value"
    )
    if _counter("lists edition") != edition:
        execute("DELETE FROM list_hit")
        _set("lists edition", edition)
        _set("lists", 0)
    return _counter("lists")


def looked_at(upto: int) -> None:
    """Note up to which row the objects were looked at."""
    _set("lists", upto)


def waiting(edition: int) -> int:
    """About how many assertions were not looked at with these lists."""
    return max(0, _counter("object") - looked(edition))


def changed() -> None:
    """Note that a list changed: whatever was looked at was looked at with other lists.

    The number is drawn, not counted: a database that was restored never gives the same number to other lists.
    """
    _set("lists version", secrets.randbits(_BITS))


def _counter(name: str) -> int:
    found = row("SELECT value FROM counter WHERE name = %s", (name,))
    return int(found[0]) if found else 0


def _set(name: str, value: int) -> None:
    execute(
        "INSERT INTO counter (name, value) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
