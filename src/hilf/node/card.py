"""Cards as they are taken in: is what a partner hands over to be believed beside all that we hold (wire.md 2).

Decides what `seal.identity` cannot see from one card: that it is not our own, that its documents continue those that
are held, and that no two nodes claim one key or one STIX identity object. Every refusal says what people should do.
"""

from datetime import datetime
from typing import Final

from hilf.canonical import Json
from hilf.errors import PartnerFault, Refusal
from hilf.node import identity
from hilf.node.home import Home
from hilf.seal.identity import Document, Identity, read_card

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
    others = identity.documents_of_others(node)
    try:
        read = read_card(card, now, [document.body for document in held.chain] if held else [], others)
        _check_stix_identities(read, others)
    except PartnerFault as fault:
        why, remedy = _REMEDIES.get(fault.rule, ("hilf/1 refuses it (wire.md 2).", _ASK_AGAIN))
        what = f"The card of {node[:100]} is refused: {fault.what}."
        raise Refusal(fault.code, what, why, remedy) from fault
    return read


def _check_stix_identities(read: Identity, others: tuple[Document, ...]) -> None:
    taken = {each: other.node for other in others for each in identity.stix_identities(other)}
    for document in read.chain:
        named = document.body.get(identity.STIX_IDENTITIES, [])
        ids = identity.stix_identities(document)
        if not isinstance(named, list) or len(ids) != len(named):
            raise PartnerFault("identity: stix_identities")
        for each in ids:
            if each in taken:
                raise PartnerFault("identity: STIX identity of another node", taken[each])
