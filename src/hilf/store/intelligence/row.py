"""Rows without bodies: what a preview of a hundred thousand assertions needs of each, and no more.

Only of what joins others (relationships, sightings) the body is read as well, for it holds what they join. Pages are
keyset pages by `seq`, as in `read`.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from hilf.accord.placing import ObjectState
from hilf.store import database
from hilf.store.intelligence.index import among, id_key

PAGE: Final = 2_000
_PIECE: Final = 500


class Row(NamedTuple):
    """One assertion without its body, but for what joins others."""

    seq: int
    stix_id: str
    type: str
    asserter: str
    sha256: bytes
    facts_id: int | None
    confidence: int | None
    body: bytes | None


def columns(with_body_of: Collection[str]) -> str:
    """The columns of a row over `object o`; bodies of these types only."""
    types = ", ".join(f"'{each}'" for each in with_body_of)
    return (
        "o.seq, o.stix_id, o.type, o.asserter, o.sha256, o.facts_id, o.confidence,"
        f" CASE WHEN o.type IN ({types}) THEN o.body END"
    )


def pages(condition: str, parameters: Sequence[object], with_body_of: Collection[str]) -> Iterator[list[Row]]:
    """Rows that meet an SQL condition on `object o` and have a body, in order of `seq`, page by page."""
    after_seq, selected = 0, columns(with_body_of)
    while True:
        found = database.rows(
            f"SELECT {selected} FROM object o WHERE o.seq > %s AND ({condition})"
            f" AND o.state < {int(ObjectState.HIDDEN)} ORDER BY o.seq LIMIT %s",
            (after_seq, *parameters, PAGE),
        )
        if found:
            yield list(map(Row._make, found))
            after_seq = found[-1][0]
        if len(found) < PAGE:
            return


def by_seq(seqs: Iterable[int], with_body_of: Collection[str], *, current: bool = True) -> Iterator[Row]:
    """These rows, the current ones or all of them that have a body for readers, in order of `seq`."""
    wanted, selected = sorted(set(seqs)), columns(with_body_of)
    counting = f"= {int(ObjectState.CURRENT)}" if current else f"< {int(ObjectState.HIDDEN)}"
    for n in range(0, len(wanted), _PIECE):
        yield from map(
            Row._make,
            database.rows(
                f"SELECT {selected} FROM object o WHERE {among('o.seq', wanted[n : n + _PIECE])}"
                f" AND o.state {counting} ORDER BY o.seq"
            ),
        )


def asserters(stix_ids: Iterable[str], nodes: Collection[str], index_key: bytes) -> dict[str, set[str]]:
    """Which of these nodes assert which of these objects now; objects that none of them asserts are missing."""
    wanted = sorted(set(stix_ids))
    found: dict[str, set[str]] = {}
    places = ", ".join(["%s"] * len(nodes))
    for n in range(0, len(wanted), _PIECE):
        piece = set(wanted[n : n + _PIECE])
        for stix_id, asserter in database.rows(
            f"SELECT o.stix_id, o.asserter FROM object o WHERE {among('o.id_key', (id_key(i, index_key) for i in piece))}"
            f" AND o.state = {int(ObjectState.CURRENT)} AND o.asserter IN ({places})",
            tuple(nodes),
        ):
            if stix_id in piece:
                found.setdefault(stix_id, set()).add(asserter)
    return found
