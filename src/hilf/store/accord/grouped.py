"""What one node asserts, grouped by what decisions read of it: a hundred thousand objects are some hundred groups.

Holds no rule. Facts: `store/intelligence/facts`.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from hilf.accord.placing import ObjectState
from hilf.store.database import rows
from hilf.store.intelligence.index import among

_AT_ONCE = 10_000
_ALIKE = "asserter = %s AND facts_id = %s AND coalesce(confidence, -1) = coalesce(%s, -1)"
_CURRENT = f"state = {int(ObjectState.CURRENT)}"


class Group(NamedTuple):
    """Assertions that share facts and confidence; one alone where its facts are not kept (`facts_id` is None)."""

    seq: int
    facts_id: int | None
    confidence: int | None
    size: int


def of(asserter: str) -> Iterator[Group]:
    """The current assertions of a node in groups."""
    found = rows(
        f"SELECT min(seq), facts_id, confidence, count(*) FROM object WHERE asserter = %s AND {_CURRENT}"
        " AND facts_id IS NOT NULL GROUP BY facts_id, confidence ORDER BY min(seq)",
        (asserter,),
    )
    yield from (Group(*each) for each in found)
    alone = rows(
        f"SELECT seq FROM object WHERE asserter = %s AND {_CURRENT} AND facts_id IS NULL ORDER BY seq",
        (asserter,),
    )
    yield from (Group(seq, None, None, 1) for (seq,) in alone)


def places(asserter: str, seqs: Iterable[int]) -> Iterator[tuple[int, tuple[int | None, int | None]]]:
    """Those of these rows that the node asserts now, each with the (facts_id, confidence) of its group."""
    wanted = sorted(set(seqs))
    for n in range(0, len(wanted), _AT_ONCE):
        for seq, facts_id, confidence in rows(
            f"SELECT seq, facts_id, confidence FROM object WHERE {among('seq', wanted[n : n + _AT_ONCE])}"
            f" AND asserter = %s AND {_CURRENT}",
            (asserter,),
        ):
            yield seq, (facts_id, confidence)


def examples(asserter: str, group: Group, most: int, without: Collection[int] = ()) -> list[str]:
    """Ids of some of a group, in the order in which they came, `without` these rows."""
    rest = f"NOT {among('seq', without)}" if without else "1 = 1"
    if group.facts_id is None:
        found = rows(f"SELECT stix_id FROM object WHERE seq = %s AND {rest}", (group.seq,))
    else:
        found = rows(
            f"SELECT stix_id FROM object WHERE {_ALIKE} AND {_CURRENT} AND {rest} ORDER BY seq LIMIT %s",
            (asserter, group.facts_id, group.confidence, most),
        )
    return [stix_id for (stix_id,) in found]
