"""Peers: how far another node is trusted, and what may pass in each state.

    unknown ── introduce ──▶ introduced ── verify ──▶ verified ◀── lift ── suspended
                                 │                        └── suspend ──▶    │
                                 └── revoke ──▶ revoked ◀── revoke ──────────┘   (also from verified)

Two nodes exchange nothing but identity documents until people on each side have verified each other (protocol.md 1):
there is no trust on first use. How many people a verification takes is said by the node's own identity document and
counted in `seal.record`; this module takes the event once it has happened.

The design names the states and their order; what follows was decided here. A suspended peer still gives and gets
identity documents, so that a key can be replaced while a person looks at what happened. Lifting a suspension is an
act of people. Revoked is final: a node that starts again does so with a new document 1, so with a new fingerprint,
and is another peer. An introduction may be repeated (a second card, another introducer).
"""

from enum import StrEnum
from typing import Final

from hilf.errors import Refusal


class PeerState(StrEnum):
    """How far another node is trusted. Source: protocol.md 1."""

    UNKNOWN = "unknown"
    INTRODUCED = "introduced"
    VERIFIED = "verified"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class PeerEvent(StrEnum):
    """What moves a peer from one state to another."""

    INTRODUCE = "introduce"
    VERIFY = "verify"
    SUSPEND = "suspend"
    LIFT = "lift"
    REVOKE = "revoke"


class Exchange(StrEnum):
    """What may pass between us and a peer."""

    NOTHING = "nothing"
    IDENTITY = "identity"
    EVERYTHING = "everything"


TRANSITIONS: Final = {
    (PeerState.UNKNOWN, PeerEvent.INTRODUCE): PeerState.INTRODUCED,
    (PeerState.INTRODUCED, PeerEvent.INTRODUCE): PeerState.INTRODUCED,
    (PeerState.INTRODUCED, PeerEvent.VERIFY): PeerState.VERIFIED,
    (PeerState.INTRODUCED, PeerEvent.REVOKE): PeerState.REVOKED,
    (PeerState.VERIFIED, PeerEvent.SUSPEND): PeerState.SUSPENDED,
    (PeerState.VERIFIED, PeerEvent.REVOKE): PeerState.REVOKED,
    (PeerState.SUSPENDED, PeerEvent.LIFT): PeerState.VERIFIED,
    (PeerState.SUSPENDED, PeerEvent.REVOKE): PeerState.REVOKED,
}
"""Every step there is; what does not stand here is refused."""

EXCHANGE: Final = {
    PeerState.UNKNOWN: Exchange.IDENTITY,
    PeerState.INTRODUCED: Exchange.IDENTITY,
    PeerState.VERIFIED: Exchange.EVERYTHING,
    PeerState.SUSPENDED: Exchange.IDENTITY,
    PeerState.REVOKED: Exchange.NOTHING,
}
"""What each state lets pass, in both directions. Source: protocol.md 1; wire.md 5 (403)."""


def after(state: PeerState, event: PeerEvent, node: str) -> PeerState:
    """The state of the peer `node` after the event.

    Raises:
        Refusal: `peer.transition`: this state does not know that step.
    """
    following = TRANSITIONS.get((state, event))
    if following is None:
        known = ", ".join(
            sorted(known_event for known_state, known_event in TRANSITIONS if known_state is state)
        )
        raise Refusal(
            "peer.transition",
            f"Cannot {event} {node}: it is {state}.",
            "hilf/1: unknown, introduced, verified, suspended, revoked (protocol.md 1).",
            f"From {state} a peer can: {known}." if known else f"Nothing leads on from {state}.",
        )
    return following


def may_exchange_acts(state: PeerState) -> bool:
    """Whether acts, receipts and states may pass; the answer to them is 403 where not. Source: wire.md 5."""
    return EXCHANGE[state] is Exchange.EVERYTHING


def may_exchange_identity(state: PeerState) -> bool:
    """Whether identity documents may pass. Source: protocol.md 1."""
    return EXCHANGE[state] is not Exchange.NOTHING
