"""Labels of our own on objects, whoever says them: found by `label:`, told to nobody (the objects stay as they came)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hilf.store import database
from hilf.store.intelligence.index import among, id_key, storable

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class OwnLabel:
    """One label of ours on an object; `at` in microseconds since 1970, UTC."""

    stix_id: str
    label: str
    by: str
    at: int


def put(stix_ids: Sequence[str], label: str, by: str, at: int, index_key: bytes) -> int:
    """Label these objects, in the caller's transaction; how many had it not yet."""
    there = {each.stix_id for each in of(stix_ids, index_key) if each.label == label}
    new = [each for each in dict.fromkeys(stix_ids) if each not in there]
    database.execute_many(
        "INSERT INTO own_label (id_key, stix_id, label, by, at) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (stix_id, label) DO NOTHING",
        [(id_key(each, index_key), each, storable(label), storable(by), at) for each in new],
    )
    return len(new)


def take(stix_ids: Sequence[str], label: str, index_key: bytes) -> int:
    """Take a label off these objects, in the caller's transaction; of how many."""
    found = 0
    for piece, keys in _pieces(stix_ids, index_key):
        places = ", ".join(["%s"] * len(piece))
        found += database.execute(
            f"DELETE FROM own_label WHERE {keys} AND stix_id IN ({places}) AND label = %s", (*piece, label)
        )
    return found


def of(stix_ids: Iterable[str], index_key: bytes) -> tuple[OwnLabel, ...]:
    """The labels of ours on these objects, by object and label."""
    found: list[OwnLabel] = []
    for piece, keys in _pieces(stix_ids, index_key):
        wanted = set(piece)
        found += (
            OwnLabel(*row)
            for row in database.rows(f"SELECT stix_id, label, by, at FROM own_label WHERE {keys}")
            if row[0] in wanted
        )
    return tuple(sorted(found, key=lambda each: (each.stix_id, each.label)))


def words(limit: int = 200) -> tuple[str, ...]:
    """The labels of ours that there are, by name."""
    found = database.rows("SELECT DISTINCT label FROM own_label ORDER BY label LIMIT %s", (limit,))
    return tuple(label for (label,) in found)


def _pieces(stix_ids: Iterable[str], index_key: bytes) -> Iterable[tuple[list[str], str]]:
    wanted = sorted(set(stix_ids))
    for n in range(0, len(wanted), _AT_ONCE):
        piece = wanted[n : n + _AT_ONCE]
        yield piece, among("id_key", (id_key(each, index_key) for each in piece))
