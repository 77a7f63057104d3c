"""What one node asserts, grouped by what decisions read of it: a hundred thousand objects are some hundred groups.

Of a partner only that may be wanted which another node, ours, does not assert `beside` it: what we say ourselves comes first.
Holds no rule. Facts: `store/intelligence/facts`.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from hilf.accord.placing import ObjectState
from hilf.store.database import rows
from hilf.store.intelligence.index import among

_AT_ONCE = 10_000
_CURRENT = f"state = {int(ObjectState.CURRENT)}"
_ALIKE = "o.facts_id = %s AND coalesce(o.confidence, -1) = coalesce(%s, -1)"


class Group(NamedTuple):
    """Assertions that share facts and confidence; one alone where its facts are not kept (`facts_id` is None)."""

    seq: int
    facts_id: int | None
    confidence: int | None
    size: int


def of(asserter: str, beside: str | None = None) -> Iterator[Group]:
    """The current assertions of a node in groups."""
    condition, parameters = _asserted(asserter, beside)
    found = rows(
        f"SELECT min(o.seq), o.facts_id, o.confidence, count(*) FROM object o WHERE {condition}"
        " AND o.facts_id IS NOT NULL GROUP BY o.facts_id, o.confidence ORDER BY min(o.seq)",
        parameters,
    )
    yield from (Group(*each) for each in found)
    alone = rows(
        f"SELECT o.seq FROM object o WHERE {condition} AND o.facts_id IS NULL ORDER BY o.seq", parameters
    )
    yield from (Group(seq, None, None, 1) for (seq,) in alone)


def places(
    asserter: str, seqs: Iterable[int], beside: str | None = None
) -> Iterator[tuple[int, tuple[int | None, int | None]]]:
    """Those of these rows that the node asserts now, each with the (facts_id, confidence) of its group."""
    condition, parameters = _asserted(asserter, beside)
    wanted = sorted(set(seqs))
    for n in range(0, len(wanted), _AT_ONCE):
        for seq, facts_id, confidence in rows(
            "SELECT o.seq, o.facts_id, o.confidence FROM object o"
            f" WHERE {among('o.seq', wanted[n : n + _AT_ONCE])} AND {condition}",
            parameters,
        ):
            yield seq, (facts_id, confidence)


def examples(
    asserter: str, group: Group, most: int, without: Collection[int] = (), beside: str | None = None
) -> list[str]:
    """Ids of some of a group, in the order in which they came, `without` these rows."""
    rest = f"NOT {among('o.seq', without)}" if without else "1 = 1"
    if group.facts_id is None:
        found = rows(f"SELECT o.stix_id FROM object o WHERE o.seq = %s AND {rest}", (group.seq,))
    else:
        condition, parameters = _asserted(asserter, beside)
        found = rows(
            f"SELECT o.stix_id FROM object o WHERE {condition} AND {_ALIKE} AND {rest} ORDER BY o.seq LIMIT %s",
            (*parameters, group.facts_id, group.confidence, most),
        )
    return [stix_id for (stix_id,) in found]


def _asserted(asserter: str, beside: str | None) -> tuple[str, tuple[str, ...]]:
    """What a node asserts now, as SQL about `o` with its parameters; not what `beside` asserts too."""
    condition = f"o.asserter = %s AND o.{_CURRENT}"
    if beside is None:
        return condition, (asserter,)
    same = f"m.id_key = o.id_key AND m.stix_id = o.stix_id AND m.asserter = %s AND m.{_CURRENT}"
    return f"{condition} AND NOT EXISTS (SELECT 1 FROM object m WHERE {same})", (asserter, beside)
