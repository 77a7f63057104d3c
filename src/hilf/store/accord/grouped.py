"""What one node asserts, grouped by what decisions read of it: a hundred thousand objects are some hundred groups.

Holds no rule. Facts: `store/intelligence/facts`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from hilf.accord.placing import ObjectState
from hilf.store.database import rows

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


def examples(asserter: str, group: Group, most: int) -> list[str]:
    """Ids of some of a group, in the order in which they came."""
    if group.facts_id is None:
        found = rows("SELECT stix_id FROM object WHERE seq = %s", (group.seq,))
    else:
        found = rows(
            f"SELECT stix_id FROM object WHERE {_ALIKE} AND {_CURRENT} ORDER BY seq LIMIT %s",
            (asserter, group.facts_id, group.confidence, most),
        )
    return [stix_id for (stix_id,) in found]
