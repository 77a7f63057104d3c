"""Which STIX identity objects stand for which partner: those that people of this node have verified (docs/adr/0001, 0016).

Decides what a partner may claim by naming it in its identity document. What its document named when people verified the
node counts; what a newer document names beside it counts once our officers have verified that too, as many as an act
takes. Else a partner could claim the identity of anybody who is no node, and keep everybody else's word on it out.
What a newer document names no more counts no more, at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson

from hilf.canonical import content_id
from hilf.errors import PartnerFault, Refusal
from hilf.federation.peer import PeerState
from hilf.node import identity
from hilf.node.home import Home
from hilf.seal import role
from hilf.seal.identity import Document, Identity
from hilf.seal.key import PrivateKey
from hilf.seal.record import make_record, verify_records
from hilf.store.database import transaction
from hilf.store.federation import identity as documents
from hilf.store.federation import peer as store
from hilf.store.federation import record
from hilf.store.federation.peer import KeptPeer

DAYS: Final = 30
"""How long one officer's verification waits for the second."""

_TRUSTED: Final = (PeerState.VERIFIED, PeerState.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Verification:
    """How far a STIX identity of a partner is after an officer signed.

    Attributes:
        verified_by: names of our officers whose records count now.
        missing: how many more distinct officers must repeat it; 0: it counts.
    """

    node: str
    stix_id: str
    verified_by: tuple[str, ...]
    missing: int


def counting(kept: KeptPeer, known: Identity) -> frozenset[str]:
    """The ids that a peer may claim; none for a node that nobody has verified. A suspended peer keeps its own."""
    if kept.state not in _TRUSTED:
        return frozenset()
    named = frozenset(known.newest.stix_identities)
    if kept.stix_identities is not None:
        return named & frozenset(kept.stix_identities)
    number = 0 if kept.verified is None else documents.number_at(kept.node, kept.verified)
    return named & frozenset(known.chain[number - 1].stix_identities if number else ())


def waiting(kept: KeptPeer, known: Identity) -> tuple[str, ...]:
    """The ids that a trusted peer's newest document names and that nobody here has verified yet."""
    if kept.state not in _TRUSTED:
        return ()
    return tuple(sorted(frozenset(known.newest.stix_identities) - counting(kept, known)))


def claimed(home: Home) -> dict[str, frozenset[str]]:
    """Every id that counts for somebody, and for whom."""
    held = ((kept, identity.kept(kept.node)) for kept in store.every())
    counts = {kept.node: counting(kept, known) for kept, known in held if known is not None}
    return claims(counts, home.node, identity.own(home).newest.stix_identities)


def claims(counts: Mapping[str, frozenset[str]], me: str, ours: Iterable[str]) -> dict[str, frozenset[str]]:
    """Every id that counts for somebody, and for whom; one of ours is ours alone.

    Args:
        counts: partner → the ids that count for it.
        me: our own node.
        ours: our own ids.
    """
    found: dict[str, frozenset[str]] = {}
    for node in sorted(counts):
        for each in counts[node]:
            found[each] = found.get(each, frozenset()) | {node}
    return {**found, **dict.fromkeys(ours, frozenset({me}))}


def begin(kept: KeptPeer, known: Identity, since: int) -> None:
    """Let count what a peer named, now that people have verified it for the first time; in the caller's transaction.

    Args:
        kept: the peer as it was before.
        known: its identity.
        since: number of its newest document when the first of these people compared fingerprints.
    """
    if kept.verified is None:
        named = frozenset(known.newest.stix_identities)
        store.put_stix_identities(
            kept.node, named & frozenset(known.chain[max(1, since) - 1].stix_identities)
        )


def follow(kept: KeptPeer, before: Identity, added: Iterable[Document]) -> None:
    """Let count no more what newer documents of a peer name no more, in the caller's transaction.

    Args:
        kept: the peer.
        before: its identity until now.
        added: the newer documents, in order.
    """
    counts, named = counting(kept, before), frozenset(before.newest.stix_identities)
    for document in added:
        names = frozenset(document.stix_identities)
        for gone in named - names:
            record.remove(role.VERIFICATION, _subject(before, gone))
        counts, named = counts & names, names
    if kept.state in _TRUSTED:
        store.put_stix_identities(kept.node, counts)


def check_verify(home: Home, node: str, stix_id: str, kid: str, now: datetime) -> None:
    """What `verify` would refuse, found before the officer with this key is asked for a passphrase.

    Raises:
        Refusal: as `verify`.
    """
    _to_verify(home, node, stix_id, kid, now)


def verify(home: Home, node: str, stix_id: str, officer: PrivateKey, now: datetime) -> Verification:
    """Note that an officer of ours asked a partner whether it is who this STIX identity names; with enough it counts.

    Args:
        home: of this node.
        node: the partner.
        stix_id: of the identity object.
        officer: from `identity.signing_officer` in the role "verification".
        now: aware UTC.

    Raises:
        Refusal: "peer.stix-not-verified", "peer.stix-not-named", "peer.stix-counts",
            "peer.stix-of-another", "peer.stix-already-signed".
    """
    stix_id = stix_id.lower()
    with transaction():
        kept, known = _to_verify(home, node, stix_id, officer.kid, now)
        ours, subject = identity.own(home).newest, _subject(known, stix_id)
        until = now + timedelta(days=DAYS)
        signed = make_record(role.VERIFICATION, home.node, "officer", subject, now, until, officer)
        record.put(role.VERIFICATION, subject, officer.kid, orjson.dumps(signed).decode())
        kids = _signers(subject, ours, now)
        missing = max(0, ours.officers_per_act - len(kids))
        if missing == 0:
            store.put_stix_identities(node, counting(kept, known) | {stix_id})
            record.remove(role.VERIFICATION, subject)
    return Verification(node, stix_id, tuple(ours.officers[kid].name for kid in kids), missing)


def _to_verify(home: Home, node: str, stix_id: str, kid: str, now: datetime) -> tuple[KeptPeer, Identity]:
    kept, known, stix_id = store.get(node), identity.kept(node), stix_id.lower()
    if kept is None or known is None or kept.state not in _TRUSTED:
        raise Refusal(
            "peer.stix-not-verified",
            f"{node[:100]} is no verified peer.",
            "What a node may claim is asked once people have verified the node itself.",
            f"First: hilf peer verify {node[:100]} --fingerprint … --as OFFICER",
        )
    if stix_id not in known.newest.stix_identities:
        raise Refusal(
            "peer.stix-not-named",
            f"The newest identity document of {node} does not name {stix_id[:80]}.",
            f"It names: {', '.join(known.newest.stix_identities) or 'none'}.",
            f"See what waits: hilf peer show {node}",
        )
    if stix_id in counting(kept, known):
        raise Refusal(
            "peer.stix-counts",
            f"{stix_id} counts as an identity of {node} already.",
            "",
            "Nothing is left to do.",
        )
    others = claimed(home).get(stix_id, frozenset()) - {node}
    if others:
        raise Refusal(
            "peer.stix-of-another",
            f"{stix_id} stands for {', '.join(sorted(others))}.",
            "A STIX identity object stands for one node only.",
            "One of the two claims what is not its own: ask both.",
        )
    ours = identity.own(home).newest
    if kid in _signers(_subject(known, stix_id), ours, now):
        raise Refusal(
            "peer.stix-already-signed",
            f"{ours.officers[kid].name} has verified {stix_id} already.",
            f"It takes {ours.officers_per_act} different officers.",
            f"Another officer repeats it: hilf peer verify {node} --stix-identity {stix_id} --as OFFICER",
        )
    return kept, known


def _subject(known: Identity, stix_id: str) -> str:
    """What our officers sign: that this node, by its fingerprint, is whom that identity object names."""
    return content_id({"fingerprint": known.fingerprint, "stix_identity": stix_id})


def _signers(subject: str, ours: Document, now: datetime) -> tuple[str, ...]:
    kids: list[str] = []
    for each in record.about(role.VERIFICATION, subject):
        try:
            (kid,) = verify_records(role.VERIFICATION, subject, [orjson.loads(each)], ours, now, needed=1)
            role.check(ours, kid, role.VERIFICATION)
        except PartnerFault:
            continue  # expired before a second officer came, or its officer is one no longer
        kids.append(kid)
    return tuple(kids)
