"""Mass retractions: what a partner took back in too great numbers is held, and people decide about all of it at once.

Decides what becomes of retractions beyond 100 in an hour that no officers stand behind (protocol.md 5): they are held as
the acts that they are, at no cost but their row; a person accepts or refuses those of one partner in one step, and the
partner is told of each. They are judged 100 at a time, so that no partner waits for it; cut short, the same step goes on.
What each retraction does is `node/retract`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import orjson

from hilf.errors import CallerFault
from hilf.federation.act import Act, read_act
from hilf.federation.outcome import Outcome
from hilf.federation.retraction import NOT_MEANT, Retraction, read_retraction
from hilf.federation.stream import beginning
from hilf.node import retract
from hilf.node.home import Home, index_key
from hilf.node.owed import is_owed
from hilf.store.database import transaction
from hilf.store.federation import retraction as store
from hilf.store.federation import stream
from hilf.store.intelligence import read as objects

AT_ONCE: Final = 100
"""Retractions in one transaction."""


def accept(home: Home, node: str, now: datetime) -> int:
    """Apply the retractions of a partner that are held; a person decided. How many. Own transactions.

    Raises:
        CallerFault: "retract.none-held".
    """

    def apply(act: Act) -> bool:
        retract.apply_held(home, act, now)
        return True

    return _some(_decide(home, node, apply), node)


def refuse(home: Home, node: str, now: datetime) -> int:
    """Refuse the retractions of a partner that are held: what it said stays. How many. Own transactions.

    Raises:
        CallerFault: "retract.none-held".
    """

    def drop(act: Act) -> bool:
        retract.settle(home, act, Outcome.REFUSED, NOT_MEANT, now)
        return True

    return _some(_decide(home, node, drop), node)


def apply_owed(home: Home, node: str, now: datetime) -> int:
    """Apply those retractions of a partner that are held and were due here anyway. How many. Own transactions.

    Asked when an accord with the partner has ended here: its retractions may have come before we knew.
    """

    def apply_if_owed(act: Act) -> bool:
        body = read_retraction(act.body)
        rows = objects.assertions_of(str(act.body["object"]), index_key(home))
        due = isinstance(body, Retraction) and is_owed(
            home, node, (row for row in rows if body.withdraws(node, retract.assertion_of(row))), now
        )
        if due:
            retract.apply_held(home, act, now)
        return due

    return _decide(home, node, apply_if_owed)


def _decide(home: Home, node: str, decide: Callable[[Act], bool]) -> int:
    """Let each retraction of a partner that is held be decided about, some at a time; about how many it was."""
    decided = after = 0
    while store.held_after(node, after, 1):
        with transaction():
            # one after the other with whoever else decides, and with what comes from this partner meanwhile
            stream.begin(node, outgoing=False, chain=beginning(node, home.node).chain)
            for pos, canonical in store.held_after(node, after, AT_ONCE):
                decided += decide(read_act(orjson.loads(canonical), node, home.node))
                after = pos
    return decided


def _some(decided: int, node: str) -> int:
    if not decided:
        raise CallerFault(
            "retract.none-held", f"No retraction of {node[:100]} is held.", "", "See: hilf status"
        )
    return decided
