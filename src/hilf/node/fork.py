"""Two faces: a node that signed two different documents in one place of its chain (wire.md 2: no rollback, no fork).

Decides whether a card proves that, beside what is held of the node: both documents begin with the same document 1, both
are signed as a next document must be, and they differ. A card that is merely older, or of somebody else who uses the
name, proves nothing. What follows is decided in `node/peer`.
"""

from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from hilf.canonical import Json, dumps
from hilf.errors import PartnerFault, Refusal
from hilf.node import identity
from hilf.node.card import LARGEST_BYTES, claimed_node
from hilf.seal.identity import read_card, read_document

RULE: Final = "identity: two faces"


@dataclass(frozen=True, slots=True)
class Fork:
    """Two documents of one node in one place.

    Attributes:
        node: whose they are.
        seq: the number of both.
        proof: both with their signatures, canonical.
    """

    node: str
    seq: int
    proof: bytes

    @property
    def reason(self) -> str:
        """Why the peer is stopped, for people."""
        return f"{RULE}: two different documents {self.seq}, both signed by its root keys"


def forked(card: Json) -> Fork | None:
    """What a card proves against the node that it is of; None where it proves nothing.

    Args:
        card: as it came; nothing about it is believed yet.
    """
    try:
        node = claimed_node(card)
    except Refusal:
        return None
    held = identity.kept(node)
    if held is None or len(dumps(card)) > LARGEST_BYTES:
        return None
    shown, ours = _entries(card), _entries(held.card)
    for n, (one, other) in enumerate(zip_longest(ours, shown)):
        if one is None or other is None:
            return None
        if _document(one) != _document(other):
            return _proven(node, n, one, shown) if n else None
    return None


def refusal(fork: Fork) -> Refusal:
    """What whoever brought the card is told."""
    return Refusal(
        "identity.two-faces",
        f"{fork.node} has signed two different documents {fork.seq}: this card holds one, we hold the other.",
        "Its root keys speak for two: either they are out of its hands, or it shows different faces to different nodes.",
        f"Both are kept as evidence, and nothing passes to it. Ask {fork.node} by voice what happened: "
        f"hilf peer show {fork.node}",
    )


def _proven(node: str, n: int, held: dict[str, Json], shown: list[dict[str, Json]]) -> Fork | None:
    """The fork, if the card's chain up to the document that differs is signed as it must be."""
    upto: Json = {"v": 1, "type": "hilf-card", "chain": [*shown[: n + 1]]}
    try:
        read_card(upto, read_document(_document(shown[n])).issued)
    except PartnerFault:
        return None
    return Fork(node, n + 1, dumps({"held": held, "shown": shown[n]}))


def _entries(card: Json) -> list[dict[str, Json]]:
    chain = card.get("chain") if isinstance(card, dict) else None
    return [each for each in chain if isinstance(each, dict)] if isinstance(chain, list) else []


def _document(entry: dict[str, Json]) -> Json:
    return entry.get("document")
