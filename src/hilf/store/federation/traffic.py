"""How much goes to and from each peer, and what of it was refused, read for people. Holds no rule.

Counts are read from the index over (peer, outgoing, state, pos) of acts. Times are microseconds since 1970, UTC.
"""

from dataclasses import dataclass
from typing import Final

from hilf.store.database import rows

MOST: Final = 200
"""Refusals read at once."""


@dataclass(frozen=True, slots=True)
class KeptRefusal:
    """An act that was refused.

    Attributes:
        pos: its place in the order in which acts came to be here.
        act_id: 32 bytes.
        kind: of the act.
        at: when it came to be here.
        reason: as it stands in the receipt, a JSON text; None where none was given.
        stix_id: of the object that it carries; None where it carries none that is kept here.
    """

    pos: int
    act_id: bytes
    kind: str
    at: int
    reason: str | None
    stix_id: str | None


def refusals(peer: str, *, outgoing: bool, before: int | None = None, most: int = MOST) -> list[KeptRefusal]:
    """Acts to or from one peer that were refused, newest first, from before a place on."""
    found = rows(
        "SELECT a.pos, a.act_id, a.kind, a.at, a.reason, o.stix_id FROM act a"
        " LEFT JOIN object o ON o.seq = a.object_seq"
        " WHERE a.peer = %s AND a.outgoing = %s AND a.state = 'refused'"
        + (" AND a.pos < %s" if before is not None else "")
        + " ORDER BY a.pos DESC LIMIT %s",
        (peer, outgoing, *([before] if before is not None else []), min(most, MOST)),
    )
    return [KeptRefusal(pos, bytes(act_id), *rest) for pos, act_id, *rest in found]


def states(peer: str | None = None) -> list[tuple[str, bool, str, int]]:
    """(peer, outgoing, state, how many acts), for one peer or for every one."""
    found = rows(
        "SELECT peer, outgoing, state, count(*) FROM act"
        + (" WHERE peer = %s" if peer is not None else "")
        + " GROUP BY peer, outgoing, state",
        (peer,) if peer is not None else (),
    )
    return [(peer, bool(outgoing), state, count) for peer, outgoing, state, count in found]


def kinds() -> list[tuple[str, str, int]]:
    """(who says it, STIX type, how many objects), of everything that counts now."""
    found = rows("SELECT asserter, type, count(*) FROM object WHERE state = 0 GROUP BY asserter, type")
    return [(asserter, type_, count) for asserter, type_, count in found]
