"""What our officers had begun when our identity changed: releases that one who is officer no more proposed or approved.

Decides that a proposal dies with the word of any officer who may sign it no longer: what leaves is what people stand behind
now. What an officer signed of an accord before leaving stays valid, unless the key was revoked (`accord.signature`).
"""

from datetime import datetime

from hilf.node import approval
from hilf.node.home import Home
from hilf.store.release import proposal


def settle(home: Home, now: datetime) -> tuple[str, ...]:
    """Close the proposals that can be approved no more, in the caller's transaction; their ids."""
    died = []
    for kept in proposal.every():
        if (
            kept.state == proposal.PROPOSED
            and (reason := approval.standing(home, kept, now).died) is not None
        ):
            proposal.settle(kept.release_id, proposal.DIED, reason)
            died.append(kept.release_id)
    return tuple(died)
