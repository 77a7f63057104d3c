"""What was released to a node under an accord, and what waits for it: read in pages, so that memory stays flat.

Holds no rule. Which accord an act cites stands in the first bytes of its envelope (see `queue`).
"""

from collections.abc import Iterator
from typing import NamedTuple

from hilf.accord.placing import ObjectState
from hilf.store.accord.queue import cites
from hilf.store.database import execute_many, rows

PAGE = 200

HAS = ("applied", "duplicate", "held", "not-understood")
"""States in which the recipient has what an act carries, as far as its receipt says."""

RETRACTED = "retracted"
"""The state of an act whose object its recipient was told to let go, while others keep it."""


class Act(NamedTuple):
    """One object act, unsent or sent; `despite` names the lists that officers set aside for it, with blanks between."""

    pos: int
    act_id: bytes
    object_seq: int
    stix_id: str
    envelope: bytes
    despite: str


def waiting(node: str) -> Iterator[tuple[Act, ...]]:
    """The object acts that wait for a node and were not retracted, page by page."""
    yield from _pages("a.peer = %s AND a.state = 'waiting'", (node,))


def under(node: str, accord_id: str) -> Iterator[tuple[Act, ...]]:
    """The object acts under any version of an accord that gave a node what it still has from us, page by page."""
    start = cites(accord_id)
    for state in HAS:  # one by one, so that an index gives each page in order and nothing is sorted
        yield from _pages(
            f"a.peer = %s AND a.state = '{state}' AND substr(a.envelope, 1, %s) = %s",
            (node, len(start), start),
        )


def in_flight(node: str, accord_id: str) -> bool:
    """Whether an object act under an accord went to a node and has no receipt yet."""
    start = cites(accord_id)
    found = rows(
        "SELECT 1 FROM act WHERE peer = %s AND outgoing = %s AND state = 'sent' AND object_seq IS NOT NULL"
        " AND substr(envelope, 1, %s) = %s LIMIT 1",
        (node, True, len(start), start),
    )
    return bool(found)


def put_retracted(act_ids: list[bytes]) -> None:
    """Note that the recipient of these acts was told to let their objects go, in the caller's transaction."""
    execute_many(f"UPDATE act SET state = '{RETRACTED}' WHERE act_id = %s", [(each,) for each in act_ids])


def _pages(condition: str, parameters: tuple[object, ...]) -> Iterator[tuple[Act, ...]]:
    after = 0
    while True:
        found = rows(
            "SELECT a.pos, a.act_id, a.object_seq, o.stix_id, a.envelope, coalesce(r.despite, '') FROM act a"
            " LEFT JOIN release r ON r.release_id = a.release_id"
            f" JOIN object o ON o.seq = a.object_seq WHERE a.pos > %s AND a.outgoing = %s AND ({condition})"
            f" AND o.state < {int(ObjectState.HIDDEN)} ORDER BY a.pos LIMIT {PAGE}",
            (after, True, *parameters),
        )
        if found:
            after = found[-1][0]
            yield tuple(
                Act(pos, bytes(id_), seq, stix_id, bytes(data), despite)
                for pos, id_, seq, stix_id, data, despite in found
            )
        if len(found) < PAGE:
            return
