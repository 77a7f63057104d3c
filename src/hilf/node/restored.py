"""A restored node knows that it was restored: how far it is with each peer since (protocol.md 4).

Since a restoration each pair is open: nothing new gets a place in its stream until both know again where they stand.
`node/replay` notices most restorations and opens the pairs; a partner that holds acts which this node signed and does not
know shows another (`discovered`). `node/sync` and `node/recovery` call `settled`. What came of it stands in the
restoration, for `hilf status` (`node/incident`).
"""

from datetime import datetime

import orjson

from hilf.store.federation import restoration
from hilf.store.instant import microseconds

BY_COMMAND, BY_HAND, BY_PARTNER = "restored", "copied", "partner"
"""How a restoration was noticed: `hilf restore`, an older file in the home, what a partner holds."""


def is_open(node: str) -> bool:
    """Whether nothing new may get a place in the stream to a peer: since a restoration they have not compared yet."""
    return restoration.is_open(node)


def settled(
    node: str, now: datetime, taken_back: int = 0, sent_again: int = 0, unknown: str | None = None
) -> None:
    """Note that this node and a peer know again where they stand, in the caller's transaction; nothing if they did.

    Args:
        node: the peer.
        now: aware.
        taken_back: acts that it gave back to us.
        sent_again: acts of ours that it lacked.
        unknown: what neither holds any more, in words for the operator.
    """
    restoration.close(node, microseconds(now), taken_back, sent_again, unknown)


def discovered(node: str, what: str, now: datetime) -> None:
    """Keep that a peer showed us to have been restored, in the caller's transaction; nothing if we knew.

    Args:
        node: the peer.
        what: how it showed, in a few words.
        now: aware.
    """
    if not restoration.is_open(node):
        detail = orjson.dumps({"shown": what}).decode()
        restoration.put(microseconds(now), BY_PARTNER, None, 0, detail, [node])
