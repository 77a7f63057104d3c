"""Cards as they are taken in: is what a partner hands over to be believed beside all that we hold (wire.md 2).

Decides what `seal.identity` cannot see from one card: that it is not our own, that its documents continue those that
are held, and that no two nodes claim one key or one STIX identity object; and whether
the fingerprint that a person typed is its own. Every refusal says what people should do.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from hilf.canonical import Json, content_id, dumps
from hilf.errors import CallerFault, PartnerFault, Refusal
from hilf.federation.peer import PeerState
from hilf.node import identity, stix_identity
from hilf.node.home import Home, index_key
from hilf.seal.document import STIX_IDENTITIES
from hilf.seal.fingerprint import DIGITS, WORDS, differing, is_digits, same_fingerprint, typed_parts
from hilf.seal.identity import Identity, read_card
from hilf.store.federation import identity as documents
from hilf.store.federation import peer as peers
from hilf.store.federation import record
from hilf.store.intelligence import erase

LARGEST_BYTES: Final = 2**20
"""Of a card: some three hundred documents. Everything on it is read whenever an author is looked for."""

_ASK_AGAIN: Final = (
    "Ask the partner for its card again, and compare by another way that both hold the same file."
)
_REMEDIES: Final = {
    "identity: not what is held": (
        "It is older than what is held of this node, or its history is another: somebody may claim its name.",
        "Compare fingerprints with the partner by voice before anything else: hilf peer list",
    ),
    "identity: expired": (
        "Its newest document has expired, and is refused until the next one comes.",
        "The partner renews with hilf identity propose, then gives its card again.",
    ),
    "identity: key of another node": (
        "A key stands in one node's documents only.",
        "One of the two nodes claims a key that is not its own: compare fingerprints with both by voice.",
    ),
    "identity: STIX identity of another node": (
        "A STIX identity object stands for one node only.",
        "One of the two nodes claims an object that is not its own: ask both.",
    ),
}


def claimed_node(card: Json) -> str:
    """The node that a card says it is of; nothing about it is believed yet.

    Raises:
        Refusal: "card.members": it is no card at all.
    """
    chain = card.get("chain") if isinstance(card, dict) else None
    first = chain[0] if isinstance(chain, list) and chain else None
    document = first.get("document") if isinstance(first, dict) else None
    node = document.get("node") if isinstance(document, dict) else None
    if not isinstance(node, str):
        raise Refusal(
            "card.members",
            "This is no card of a node.",
            "A card is JSON: a chain of identity documents with their signatures (wire.md 2).",
            "Give the file that hilf peer card wrote, unchanged.",
        )
    return node


def claimed_fingerprint(card: Json) -> str:
    """The fingerprint of the node that a card says it is of; nothing about it is believed yet.

    Raises:
        Refusal: "card.members": it is no card at all.
    """
    claimed_node(card)
    return content_id(card["chain"][0]["document"])  # type: ignore[call-overload,index]  # as just seen


def make_room(home: Home, card: Json) -> None:
    """Let the card that a person brings take the place of another one that a partner introduced under this name.

    Else any partner could keep a nation out by taking its name first. Nobody verified what goes, and what it is said to
    have written is held back: it was not the node whose card the person holds.
    """
    node = claimed_node(card)
    kept = peers.get(node)
    if (
        kept is None
        or kept.state != PeerState.INTRODUCED
        or kept.introduced_by is None
        or kept.fingerprint == claimed_fingerprint(card)
    ):
        return
    erase.hold_back(node, index_key(home))
    record.remove("verification", kept.fingerprint)
    documents.forget(node)
    peers.forget(node)


def judged(home: Home, node: str, card: Json, now: datetime) -> Identity:
    """The identity on a card of `node`, sound in itself and beside everything that we hold.

    Raises:
        Refusal: "peer.ourselves", or the code of the rule that fails first.
    """
    if node == home.node:
        raise Refusal(
            "peer.ourselves",
            f"This is the card of {node}, which is this node.",
            "A node is not its own peer.",
            "Hand the card to the partner, and take the partner's card here.",
        )
    held = identity.kept(node)
    try:
        _check_size(card)
        held_before = [document.body for document in held.chain] if held else []
        read = read_card(card, now, held_before, identity.documents_of_others(node))
    except PartnerFault as fault:
        raise _refusal(node, fault) from fault
    check_stix_identities(home, read)
    return read


def check_fingerprint(known: Identity, typed: str) -> None:
    """Refuse another fingerprint without saying the right one: it is heard from the partner, or it proves nothing.

    Raises:
        CallerFault: "peer.fingerprint-form": it has not the length of a fingerprint.
        Refusal: "peer.fingerprint".
    """
    if same_fingerprint(typed, known.fingerprint):
        return
    parts, digits = typed_parts(typed), is_digits(typed)
    count, needed = (len("".join(parts)), DIGITS) if digits else (len(parts), WORDS)
    kind = "hex digit" if digits else "word"
    if count != needed:
        raise CallerFault(
            "peer.fingerprint-form",
            f"{count} {kind}{'' if count == 1 else 's'}; a fingerprint has {needed}.",
            f"It is {DIGITS} hex digits or {WORDS} words; only a whole one proves who the partner is.",
            "Let the partner read it out once more (hilf identity show there), and type all of it in quotes.",
        )
    wrong = differing(typed, known.fingerprint)
    which = f"all {len(parts)}" if len(wrong) == len(parts) else ", ".join(map(str, wrong))
    raise Refusal(
        "peer.fingerprint",
        f"That is not the fingerprint of {known.node}.\n  typed: {' '.join(parts)[:400]}\n"
        f"  {'groups' if digits else 'words'} that differ: {which}",
        "If it was read out by the partner, the card that is held here is not the partner's.",
        "Read it again with the partner, over a channel you trust. If it still differs, do not go on: tell the partner.",
    )


def check_stix_identities(home: Home, read: Identity) -> None:
    """Return if no other node claims a STIX identity that this one claims, whose claim counts.

    A claim counts that people here have verified (`node/stix_identity`), and one on a card that a person brought. That of
    a node that only a partner introduced keeps nobody out, nor does what a partner's newer document adds: else any partner
    could keep a nation out by claiming its identity first.

    Raises:
        Refusal: "identity.stix-identities" or "identity.stix-identity-of-another-node".
    """
    try:
        _check_stix_identities(read, _taken(home, read.node))
    except PartnerFault as fault:
        raise _refusal(read.node, fault) from fault


def _taken(home: Home, node: str) -> dict[str, str]:
    """STIX identity → the other node that it stands for."""
    taken: dict[str, str] = {}
    for kept in peers.every():
        known = identity.kept(kept.node)
        if known is not None and kept.state == PeerState.INTRODUCED and kept.introduced_by is None:
            taken |= dict.fromkeys(known.newest.stix_identities, kept.node)
    taken |= {each: min(nodes) for each, nodes in stix_identity.claimed(home).items() if nodes != {node}}
    return {each: other for each, other in taken.items() if other != node}


def _check_size(card: Json) -> None:
    if len(dumps(card)) > LARGEST_BYTES:
        raise PartnerFault("card: too large", f"more than {LARGEST_BYTES} bytes")


def _refusal(node: str, fault: PartnerFault) -> Refusal:
    why, remedy = _REMEDIES.get(fault.rule, ("hilf/1 refuses it (wire.md 2).", _ASK_AGAIN))
    return Refusal(fault.code, f"The card of {node[:100]} is refused: {fault.what}.", why, remedy)


def _check_stix_identities(read: Identity, taken: Mapping[str, str]) -> None:
    for document in read.chain:
        named = document.body.get(STIX_IDENTITIES, [])
        ids = document.stix_identities
        if not isinstance(named, list) or len(ids) != len(named):
            raise PartnerFault("identity: stix_identities")
        for each in ids:
            if each in taken:
                raise PartnerFault("identity: STIX identity of another node", taken[each])
