"""Other nodes: take in a card, let people verify it, stop a peer, and say whose keys count (protocol.md 1; wire.md 2).

Decides when enough officers have verified a peer, and that no two nodes claim one STIX identity object. Which state may
follow which is `federation.peer`; whether a card is sound is `seal.identity`. Suspending takes one officer, because
stopping is safe; taking it up again takes as many as a first verification, and their records must be new.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson

from hilf.canonical import Json
from hilf.errors import PartnerFault, Refusal
from hilf.federation.peer import PeerEvent, PeerState, after, may_exchange_identity
from hilf.node import card as card_file
from hilf.node import fork as fork_file
from hilf.node import home as house
from hilf.node import identity, stix_identity, user
from hilf.node.fork import Fork
from hilf.node.home import Home
from hilf.node.passkey import Exact
from hilf.seal import role
from hilf.seal.identity import Document, Identity
from hilf.seal.key import PrivateKey, PublicKey
from hilf.seal.record import read_record, verify_records
from hilf.store.database import transaction
from hilf.store.federation import evidence, inbox, record
from hilf.store.federation import identity as documents
from hilf.store.federation import peer as store
from hilf.store.instant import microseconds

VERIFICATION_DAYS: Final = 30
"""How long one officer's verification waits for the second."""

SUSPENSION: Final = "suspension"
"""The type of the record that stops a peer. Source: wire.md 3."""

ROLE: Final = "verification"
"""What an officer must be trusted with to verify or suspend a peer."""

MOST_INTRODUCED: Final = 200
"""Nodes that one partner may introduce and nobody has verified: each is read whenever an author is looked for."""


@dataclass(frozen=True, slots=True)
class Verification:
    """How far a peer is after an officer signed.

    Attributes:
        verified_by: our officers whose records count now.
        missing: how many more distinct officers must repeat it.
    """

    node: str
    state: PeerState
    verified_by: tuple[str, ...]
    missing: int


def identity_of(node: str) -> Identity | None:
    """The identity of a node as we hold it, expired or not; None when its card was never taken in."""
    return identity.kept(node)


def check_known(node: str) -> None:
    """Return if somebody introduced this node.

    Raises:
        Refusal: "peer.unknown".
    """
    _known(node)


def state_of(node: str) -> PeerState:
    """How far a node is trusted; unknown when nobody introduced it."""
    kept = store.get(node)
    return PeerState(kept.state) if kept else PeerState.UNKNOWN


def verified(home: Home) -> tuple[str, ...]:
    """Names of the nodes with which everything may pass, in order; never our own."""
    return tuple(node for node in store.in_state(PeerState.VERIFIED) if node != home.node)


def keys(node: str, now: datetime | None = None) -> Mapping[str, PublicKey]:
    """The keys with which a node may sign anything new, by kid; empty for a node that we do not know.

    Args:
        node: whose keys.
        now: aware UTC; the present time when left out.

    Raises:
        PartnerFault: "identity: expired": its newest document has expired, and nothing counts until the next comes.

    Source: wire.md 2.
    """
    known = identity.kept(node)
    if known is None:
        return {}
    if (now or house.now()) > known.newest.expires:
        raise PartnerFault("identity: expired", node)
    return known.keys_now()


def add(home: Home, card: Json, now: datetime, introduced_by: str | None = None) -> Identity:
    """Take in a card: an unknown node is introduced, a known one gets its newer documents.

    Raises:
        Refusal: the card is not to be believed; the code is that of the rule that fails first.
    """
    with transaction():
        fork = note_fork(card, now)
        if fork is None:
            if introduced_by is None:
                card_file.make_room(home, card)
            introduce(home, card, now, introduced_by)
    if fork is not None:  # what was noted of it stays
        raise fork_file.refusal(fork)
    return _known(card_file.claimed_node(card))


def note_fork(card: Json, now: datetime) -> Fork | None:
    """Keep the proof and stop the peer if a card shows a second face of a node that we know, in the caller's transaction.

    Whoever brings the card: both documents are signed by the node itself. The caller takes nothing of it then.
    """
    fork = fork_file.forked(card)
    if fork is not None and all(kept.body != fork.proof for kept in evidence.about(fork.node)):
        inbox.keep_evidence(fork.node, fork_file.RULE, fork.proof, microseconds(now))
        if state_of(fork.node) is PeerState.VERIFIED:
            stop(fork.node, fork.reason, now)
    return fork


def introduce(home: Home, card: Json, now: datetime, introduced_by: str | None) -> None:
    """As `add`, in the caller's transaction: a partner introduces the author of what it passes on (wire.md 3).

    Raises:
        Refusal: as `add`.
    """
    node = card_file.claimed_node(card)
    state = state_of(node)
    if state is not PeerState.UNKNOWN:
        _take_newer(home, node, card, now)
        return
    if introduced_by is not None and store.count_introduced_by(introduced_by) >= MOST_INTRODUCED:
        raise Refusal(
            "peer.too-many-introduced",
            f"{introduced_by} has introduced {MOST_INTRODUCED} nodes that nobody verified.",
            "A partner introduces the authors of what it passes on, and there are not so many nations.",
            "If these are real, verify some of them: hilf peer list",
        )
    known = card_file.judged(home, node, card, now)
    introduced = after(state, PeerEvent.INTRODUCE, node)
    store.introduce(node, introduced, known.fingerprint, introduced_by, microseconds(now), known.newest.seq)
    identity.keep(known, len(documents.chain(node)), now)


def refresh(home: Home, node: str, card: Json, now: datetime) -> bool:
    """Take the newer documents of a node that we know, in the caller's transaction; whether there were any.

    Raises:
        Refusal: as `add`, or "peer.other-node" when the card is another node's.
    """
    if card_file.claimed_node(card) != node:
        raise Refusal(
            "peer.other-node",
            f"The card is of {card_file.claimed_node(card)[:100]}, not of {node}.",
            "A node brings its own documents only.",
            "",
        )
    return _take_newer(home, node, card, now)


def check_verify(home: Home, node: str, typed: str, kid: str, now: datetime) -> None:
    """What `verify` would refuse, found before the officer with this key is asked for a passphrase.

    Raises:
        CallerFault, Refusal: as `verify`.
    """
    _to_verify(home, node, typed, kid, now)


def verify(home: Home, node: str, typed: str, officer: PrivateKey, now: datetime) -> Verification:
    """Note that an officer of ours compared a peer's fingerprint; enough of them verify it, or lift its suspension.

    Args:
        home: of this node.
        node: the peer.
        typed: what the officer typed: hex digits or words.
        officer: from `identity.signing_officer` in the role "verification".
        now: aware UTC.

    Raises:
        CallerFault: "peer.fingerprint-form": it has not the length of a fingerprint.
        Refusal: "peer.unknown", "peer.fingerprint", "peer.identity-expired", "peer.already-signed", "peer.transition".
    """
    with transaction():
        known, following = _to_verify(home, node, typed, officer.kid, now)
        ours = identity.own(home).newest
        signed = _exact(known, ROLE).signed(home.node, now, officer)
        record.put(ROLE, known.fingerprint, officer.kid, orjson.dumps(signed).decode())
        kids = _counting(known.fingerprint, ours, now)
        missing = max(0, ours.officers_per_act - len(kids))
        kept = store.get(node)
        if missing == 0 and kept is not None:
            stix_identity.begin(kept, known, _first_compared(node, known.fingerprint, kids))
            store.verify(node, following, microseconds(now))
        return Verification(node, state_of(node), _names(ours, kids), missing)


def _first_compared(node: str, fingerprint: str, kids: tuple[str, ...]) -> int:
    """Number of the document that was the newest when the first of these officers signed (times of records: milliseconds)."""
    records = (read_record(orjson.loads(each)) for each in record.about(ROLE, fingerprint))
    first = min(each.at for each in records if each.kid in kids)
    return documents.number_at(node, microseconds(first) + 999)


def _to_verify(home: Home, node: str, typed: str, kid: str, now: datetime) -> tuple[Identity, PeerState]:
    """The peer that an officer may verify now, and the state that follows once enough officers have."""
    known, state = _known(node), state_of(node)
    card_file.check_fingerprint(known, typed)
    if now > known.newest.expires:
        raise Refusal(
            "peer.identity-expired",
            f"The identity of {node} expired on {known.newest.expires:%Y-%m-%d}.",
            "An expired identity is refused until the next document comes (wire.md 2).",
            f"Ask {node} for its present card, then: hilf peer add FILE",
        )
    card_file.check_stix_identities(home, known)
    event = PeerEvent.LIFT if state is PeerState.SUSPENDED else PeerEvent.VERIFY
    following = state if state is PeerState.VERIFIED else after(state, event, node)
    ours = identity.own(home).newest
    counting = _counting(known.fingerprint, ours, now)
    if kid in counting:
        raise _signed_already(node, ours, kid)
    user.check_other_person(kid, counting)
    return known, following


def exact(node: str, type_: str) -> Exact:
    """What an officer signs to verify or suspend a peer, but for the time; a passkey answers for it (docs/adr/0023).

    Args:
        node: the peer.
        type_: ROLE or SUSPENSION.

    Raises:
        Refusal: "peer.unknown".
    """
    return _exact(_known(node), type_)


def _exact(known: Identity, type_: str) -> Exact:
    return Exact(type_, known.fingerprint, timedelta(days=VERIFICATION_DAYS))


def check_suspend(node: str) -> None:
    """What `suspend` would refuse, found before the officer is asked for a passphrase.

    Raises:
        Refusal: as `suspend`.
    """
    _known(node)
    after(state_of(node), PeerEvent.SUSPEND, node)


def suspend(home: Home, node: str, reason: str, officer: PrivateKey, now: datetime) -> None:
    """Stop a peer at once, signed by one officer: it gets nothing and is refused until it is verified again.

    Raises:
        Refusal: "peer.unknown" or "peer.transition".
    """
    with transaction():
        known = _known(node)
        signed = _exact(known, SUSPENSION).signed(home.node, now, officer)
        record.put(SUSPENSION, known.fingerprint, officer.kid, orjson.dumps(signed).decode())
        stop(node, reason, now)


def stop(node: str, reason: str, now: datetime) -> None:
    """Suspend a peer, in the caller's transaction; for the node itself when a person must look at what happened.

    The verifications that stood until now are kept as evidence and count no longer.

    Raises:
        Refusal: "peer.transition": it is not verified.
    """
    known = _known(node)
    store.distrust(node, after(state_of(node), PeerEvent.SUSPEND, node), reason)
    spent = record.about("verification", known.fingerprint)
    body = "[" + ",".join(spent) + "]"
    inbox.keep_evidence(node, "peer: verifications before the suspension", body.encode(), microseconds(now))
    record.remove("verification", known.fingerprint)


def verified_by(kept: store.KeptPeer, ours: Document, now: datetime) -> tuple[str, ...]:
    """Names of our officers whose verification of a peer counts: those who made it verified, or who have begun to."""
    is_verified = kept.state == PeerState.VERIFIED
    return _names(ours, _signers(kept.fingerprint) if is_verified else _counting(kept.fingerprint, ours, now))


def _known(node: str) -> Identity:
    known = identity.kept(node)
    if known is None or store.get(node) is None:
        raise Refusal(
            "peer.unknown",
            f"{node[:100]} is not known here.",
            "A node is known once its card was taken in.",
            "Ask it for its card (hilf peer card --out card.json there), then: hilf peer add card.json",
        )
    return known


def _take_newer(home: Home, node: str, card: Json, now: datetime) -> bool:
    known, state = _known(node), state_of(node)
    if not may_exchange_identity(state):
        raise Refusal(
            "peer.transition",
            f"{node} is {state}: nothing of it is taken any more.",
            "Revoked is final (protocol.md 1).",
            "If it starts again, it does so under a new name with a new fingerprint.",
        )
    newer = card_file.judged(home, node, card, now)
    added = newer.chain[len(known.chain) :]
    kept = store.get(node)
    if not added or kept is None:
        return False
    stix_identity.follow(kept, known, added)
    identity.keep(newer, len(known.chain), now)
    return True


def _signed_already(node: str, ours: Document, kid: str) -> Refusal:
    name = ours.officers[kid].name
    remedy = "Another officer repeats it: hilf peer verify " + node + " --fingerprint … --as OFFICER"
    return Refusal(
        "peer.already-signed",
        f"{name} has verified {node} already.",
        f"It takes {ours.officers_per_act} different officers.",
        remedy if ours.officers_per_act > 1 else "Nothing is left to do.",
    )


def _signers(fingerprint: str) -> tuple[str, ...]:
    return tuple(str(orjson.loads(each)["kid"]) for each in record.about("verification", fingerprint))


def _counting(fingerprint: str, ours: Document, now: datetime) -> tuple[str, ...]:
    """Kids of the officers of our newest document whose verification of this fingerprint holds now."""
    kids: list[str] = []
    for each in record.about("verification", fingerprint):
        try:
            (kid,) = verify_records(ROLE, fingerprint, [orjson.loads(each)], ours, now, needed=1)
            role.check(ours, kid, ROLE)
        except PartnerFault:
            continue  # expired before a second officer came, or its officer is one no longer
        kids.append(kid)
    return tuple(kids)


def _names(ours: Document, kids: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(ours.officers[kid].name if kid in ours.officers else kid for kid in kids)
