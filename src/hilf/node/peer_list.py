"""Peers as people look at them: state, who verified them, how it goes, what is new about their identity."""

from dataclasses import dataclass
from datetime import datetime

from hilf.errors import OperatorFault
from hilf.federation.peer import PeerState
from hilf.node import history, identity, peer, stix_identity
from hilf.node.home import Home
from hilf.seal.identity import Document
from hilf.store.federation import peer as store
from hilf.store.federation import stream
from hilf.store.instant import microseconds, moment


@dataclass(frozen=True, slots=True)
class Listed:
    """One peer as people look at it; times are aware UTC.

    Attributes:
        fingerprint: 64 hex digits.
        verified_by: our officers whose records count now.
        waiting: acts that it has not signed for yet.
        lag_s: how long the oldest of them has waited, in seconds; 0 when nothing waits.
        last_receipt: when it last signed for something.
        failures: rounds in a row that went wrong, the last one with `last_error`.
        reason: why it is suspended.
        unseen: its newer identity documents that no person here has looked at.
        stix_identities_waiting: what it says that it is, and nobody here has verified.
    """

    node: str
    name: str
    country: str
    state: PeerState
    fingerprint: str
    verified_by: tuple[str, ...]
    waiting: int
    lag_s: int
    last_receipt: datetime | None
    failures: int
    last_error: str | None
    reason: str | None
    expires: datetime
    officers_per_act: int
    unseen: int = 0
    stix_identities_waiting: tuple[str, ...] = ()


def listed(home: Home, now: datetime) -> tuple[Listed, ...]:
    """Every peer with its state and how it goes with it, in order of name."""
    ours = identity.own(home).newest
    return tuple(_listed(kept, ours, now) for kept in store.every())


def one(home: Home, node: str, now: datetime) -> Listed:
    """One peer, as `listed` tells of it.

    Raises:
        Refusal: "peer.unknown".
    """
    peer.check_known(node)
    kept = store.get(node)
    assert kept is not None  # noqa: S101  # it is known
    return _listed(kept, identity.own(home).newest, now)


def _listed(kept: store.KeptPeer, ours: Document, now: datetime) -> Listed:
    known, queue = identity.kept(kept.node), stream.queue(kept.node)
    if known is None:
        raise OperatorFault(
            "identity.none",
            f"The database holds no identity of {kept.node}.",
            "",
            "Restore the newest backup.",
        )
    newest = known.newest
    oldest = queue.oldest_us
    return Listed(
        node=kept.node,
        name=next(iter(newest.name.values())),
        country=newest.country,
        state=PeerState(kept.state),
        fingerprint=kept.fingerprint,
        verified_by=peer.verified_by(kept, ours, now),
        waiting=queue.waiting + queue.sent,
        lag_s=0 if oldest is None else max(0, (microseconds(now) - oldest) // 1_000_000),
        last_receipt=None if kept.last_receipt is None else moment(kept.last_receipt),
        failures=kept.failures,
        last_error=kept.last_error,
        reason=kept.reason,
        expires=newest.expires,
        officers_per_act=newest.officers_per_act,
        unseen=newest.seq - history.seen_number(kept),
        stix_identities_waiting=stix_identity.waiting(kept, known),
    )
