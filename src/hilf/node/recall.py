"""Retractions of ours: each is kept once, and every node that must hear it is told (protocol.md 5).

Decides nothing: who is told, of which versions and why is `node/withdrawal` (people), `node/effects` (an agreement ended)
and `node/retention` (the time is over).
"""

from datetime import datetime, timedelta
from typing import Final

from hilf.canonical import dumps
from hilf.federation.retraction import Retraction
from hilf.node.federation import announce
from hilf.node.home import Home
from hilf.store.federation import retraction as store
from hilf.store.instant import microseconds

ANSWER: Final = timedelta(days=3)
"""How long nodes have to confirm where nobody says otherwise."""


def keep(home: Home, body: Retraction, at: datetime, cause: int | None = None) -> int:
    """Keep what we take back, in the caller's transaction; its number.

    Args:
        home: this node.
        body: what our own retraction says.
        at: aware.
        cause: the received retraction that it passes on.
    """
    return store.put(
        act_id=None,
        by=home.node,
        stix_id=body.object,
        body=dumps(body.json()).decode(),
        reason=body.reason.value,
        at=microseconds(at),
        deadline=microseconds(body.deadline),
        cause=cause,
    )


def tell(home: Home, number: int, node: str, body: Retraction, now: datetime) -> None:
    """Let the retraction act wait for a node, in the caller's transaction, and expect its confirmation.

    Args:
        home: this node.
        number: of the retraction that was kept.
        node: who has it from us.
        body: what that node is told, which may name other versions.
        now: aware.
    """
    act = announce(home, node, "retraction", body.json(), now)
    store.expect(number, node, bytes.fromhex(act.id), microseconds(now))
