"""Revoking a peer: final, by as many officers as our identity demands; what waits for it is dropped (protocol.md 1).

Decides when enough officers stand behind it: each signs a suspension of the peer, kept apart from those that only suspend.
The first one suspends it at once. Afterwards nothing of it is taken, not even identity documents, and nothing is sent to
it. Retractions that wait for it stay as they are, as the proof that they were made; a revoked peer never hears them, and
`hilf retract status` shows it as not confirmed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from hilf.errors import PartnerFault, Refusal
from hilf.federation.outcome import Reason
from hilf.federation.peer import PeerEvent, PeerState, after
from hilf.node import identity, peer, user
from hilf.node.home import Home
from hilf.seal.identity import Document, Identity
from hilf.seal.key import PrivateKey
from hilf.seal.record import verify_records
from hilf.store.database import transaction
from hilf.store.federation import peer as store
from hilf.store.federation import record, stream

KEPT_UNDER: Final = "revocation"
"""Where the records of officers who revoke are kept; what they sign is of type "suspension" (wire.md 3)."""

_DROPPED: Final = Reason("peer.revoked").text()


@dataclass(frozen=True, slots=True)
class Revocation:
    """How far a peer is after an officer signed.

    Attributes:
        revoked_by: our officers whose records count now.
        missing: how many more distinct officers must repeat it.
        dropped: acts that waited for it.
    """

    node: str
    state: PeerState
    revoked_by: tuple[str, ...]
    missing: int
    dropped: int


def check_revoke(home: Home, node: str, kid: str, now: datetime) -> None:
    """What `revoke` would refuse, found before the officer is asked for a passphrase.

    Raises:
        Refusal: as `revoke`.
    """
    _to_revoke(home, node, kid, now)


def revoke(home: Home, node: str, reason: str, officer: PrivateKey, now: datetime) -> Revocation:
    """Stand behind revoking a peer as one officer; it is suspended at once, and revoked when enough officers have.

    Args:
        home: of this node.
        node: the peer.
        reason: kept here, never sent.
        officer: from `identity.signing_officer` in the role "verification".
        now: aware UTC.

    Raises:
        Refusal: "peer.unknown", "peer.transition" or "peer.already-signed".
    """
    with transaction():
        known, ours = _to_revoke(home, node, officer.kid, now)
        signed = peer.exact(node, peer.SUSPENSION).signed(home.node, now, officer)
        record.put(KEPT_UNDER, known.fingerprint, officer.kid, orjson.dumps(signed).decode())
        kids = tuple(_counting(known.fingerprint, ours, now))
        missing = max(0, ours.officers_per_act - len(kids))
        dropped = 0
        if missing == 0:
            store.distrust(node, after(peer.state_of(node), PeerEvent.REVOKE, node), reason)
            dropped = stream.drop_unsent(node, _DROPPED, stream.waiting_but(node, "retraction"))
        elif peer.state_of(node) is PeerState.VERIFIED:
            peer.stop(node, reason, now)
        names = tuple(ours.officers[kid].name for kid in kids)
        return Revocation(node, peer.state_of(node), names, missing, dropped)


def _to_revoke(home: Home, node: str, kid: str, now: datetime) -> tuple[Identity, Document]:
    peer.check_known(node)
    known = identity.kept(node)
    assert known is not None  # noqa: S101  # it is known
    after(peer.state_of(node), PeerEvent.REVOKE, node)
    ours = identity.own(home).newest
    counting = tuple(_counting(known.fingerprint, ours, now))
    if kid in counting:
        raise Refusal(
            "peer.already-signed",
            f"{ours.officers[kid].name} stands behind revoking {node} already.",
            f"It takes {ours.officers_per_act} different officers.",
            f"Another officer repeats it: hilf peer revoke {node} --reason … --as OFFICER",
        )
    user.check_other_person(kid, counting)
    return known, ours


def _counting(fingerprint: str, ours: Document, now: datetime) -> Iterator[str]:
    for each in record.about(KEPT_UNDER, fingerprint):
        try:
            yield from verify_records(peer.SUSPENSION, fingerprint, [orjson.loads(each)], ours, now, needed=1)
        except PartnerFault:
            continue  # expired before a second officer came, or its officer is one no longer
