"""Mass retractions: what a partner took back in too great numbers is held, and people decide about all of it at once.

Decides what becomes of retractions beyond 100 in an hour that no officers stand behind (protocol.md 5): they are held as
the acts that they are, at no cost but their row; a person accepts or refuses those of one partner in one step, and the
partner is told of each. They are judged some at a time, so that no partner waits for it; cut short, the same step goes on.
What each retraction does is `node/retract`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import orjson

from hilf.errors import CallerFault
from hilf.federation.act import Act, read_act
from hilf.federation.outcome import Outcome
from hilf.federation.retraction import NOT_MEANT, Retraction, read_retraction
from hilf.federation.stream import beginning
from hilf.node import retract
from hilf.node.erasure import assertion_of
from hilf.node.home import Home, index_key
from hilf.node.owed import Owed
from hilf.store.database import transaction
from hilf.store.federation import retraction as store
from hilf.store.federation import stream
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Kept

AT_ONCE: Final = 250
"""Retractions in one transaction; whoever else wants to write waits for no more."""

Told = Callable[[int, int], None]
"""What is told after each transaction: how many are decided, and how many there were."""


def accept(home: Home, node: str, now: datetime, told: Told | None = None) -> int:
    """Apply the retractions of a partner that are held; a person decided. How many. Own transactions.

    Raises:
        CallerFault: "retract.none-held".
    """

    def apply(acts: Sequence[Act]) -> int:
        retract.apply_held(home, acts, now)
        return len(acts)

    return _some(_decide(home, node, apply, told), node)


def refuse(home: Home, node: str, now: datetime, told: Told | None = None) -> int:
    """Refuse the retractions of a partner that are held: what it said stays. How many. Own transactions.

    Raises:
        CallerFault: "retract.none-held".
    """

    def drop(acts: Sequence[Act]) -> int:
        retract.settle(home, [(act, Outcome.REFUSED, NOT_MEANT) for act in acts], now)
        return len(acts)

    return _some(_decide(home, node, drop, told), node)


def apply_owed(home: Home, node: str, now: datetime) -> int:
    """Apply those retractions of a partner that are held and were due here anyway. How many. Own transactions.

    Asked when an accord with the partner has ended here: its retractions may have come before we knew.
    """

    def apply_if_owed(acts: Sequence[Act]) -> int:
        known = objects.assertions_of_each((str(act.body["object"]) for act in acts), index_key(home))
        owed = Owed(home, node, now)
        due = [act for act in acts if owed.all(_taken_back(node, act, known))]
        retract.apply_held(home, due, now)
        return len(due)

    return _decide(home, node, apply_if_owed)


def _taken_back(node: str, act: Act, known: Mapping[str, Sequence[Kept]]) -> Iterator[Kept]:
    """What a retraction takes back, of what is known."""
    body = read_retraction(act.body)
    if isinstance(body, Retraction):
        rows = known.get(body.object, ())
        yield from (row for row in rows if body.withdraws(node, assertion_of(row)))


def _decide(home: Home, node: str, decide: Callable[[Sequence[Act]], int], told: Told | None = None) -> int:
    """Let each retraction of a partner that is held be decided about, some at a time; about how many it was."""
    decided = after = 0
    held = store.count_held(node)
    while held and store.held_after(node, after, 1):
        with transaction():
            # one after the other with whoever else decides, and with what comes from this partner meanwhile
            stream.begin(node, outgoing=False, chain=beginning(node, home.node).chain)
            some = store.held_after(node, after, AT_ONCE)
            decided += decide([read_act(orjson.loads(text), node, home.node) for _, text in some])
            after = some[-1][0] if some else after
        if told is not None:
            told(decided, held)
    return decided


def _some(decided: int, node: str) -> int:
    if not decided:
        raise CallerFault(
            "retract.none-held", f"No retraction of {node[:100]} is held.", "", "See: hilf status"
        )
    return decided
