"""What a node says to its partners: protocol acts put into the outbox, and rounds that send what waits.

`announce` puts the closed list of acts that carry no content (house.md 3); content enters the outbox through
`node/release` only.
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from hilf.canonical import Json
from hilf.federation.act import Act, make_act
from hilf.node.home import Home
from hilf.store.federation import outbox

PROTOCOL_ACTS: Final = frozenset({"identity", "accord", "ping", "outcome", "retraction", "confirmation"})
"""What may be announced without a release. Source: house.md 3."""

PURPOSE: Final = "federation"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(at: datetime) -> int:
    """A time as the store keeps it: whole microseconds since 1970, UTC."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def announce(
    home: Home,
    peer: str,
    kind: str,
    body: Mapping[str, Json],
    now: datetime,
    accord: tuple[str, int] | None = None,
) -> Act:
    """Let a protocol act wait for `peer`, in the caller's transaction; returns it.

    Raises:
        ValueError: `kind` is none of PROTOCOL_ACTS.
        PartnerFault: the body is one that a partner would refuse.
    """
    if kind not in PROTOCOL_ACTS:
        raise ValueError(f"{kind} goes through node/release")
    act = make_act(kind, home.node, peer, now, secrets.token_hex(16), accord, PURPOSE, {}, body)
    outbox.put(
        peer, [outbox.Waiting(bytes.fromhex(act.id), kind, microseconds(act.at), act.canonical, None)], None
    )
    return act
