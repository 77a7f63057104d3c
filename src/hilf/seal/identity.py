"""A node's identity: its chain of documents, and the card on which it is handed over.

Decides whether a card is to be believed as far as bytes go (wire.md 2): each document follows the one before, is signed
by the root thresholds of both and by every key that it adds, nothing revoked comes back, no key stands in another node's
documents, and nothing that is already held is rolled back or forked. Whether a person believes it is the business of
`federation.peer`: without verification by two people on each side a sound card is only an introduction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hilf.canonical import Json, b64u, dumps, tag, unb64u
from hilf.errors import PartnerFault
from hilf.seal.document import Document, Officer, is_node_name, read_document
from hilf.seal.draft import draft_document
from hilf.seal.fingerprint import fingerprint_groups, fingerprint_words, same_fingerprint
from hilf.seal.key import PrivateKey, PublicKey

__all__ = [
    "Document",
    "Identity",
    "Missing",
    "Officer",
    "draft_document",
    "fingerprint_groups",
    "fingerprint_words",
    "is_node_name",
    "make_card",
    "missing_signatures",
    "read_card",
    "read_document",
    "same_fingerprint",
    "sign_document",
    "valid_signatures",
]


@dataclass(frozen=True, slots=True)
class Identity:
    """A node as its card shows it.

    Attributes:
        chain: every document from the first, at least one.
        card: the card as it was read, to be handed on unchanged.
    """

    chain: tuple[Document, ...]
    card: dict[str, Json]

    @property
    def node(self) -> str:
        """The node's name, which its chain never changes."""
        return self.newest.node

    @property
    def newest(self) -> Document:
        """The document that counts now."""
        return self.chain[-1]

    @property
    def fingerprint(self) -> str:
        """H(canonical(document 1)): what people compare; it never changes. Source: wire.md 2."""
        return self.chain[0].hash

    def keys_now(self) -> Mapping[str, PublicKey]:
        """The keys that may sign anything new: `sign[]` of the newest document."""
        return self.newest.sign

    def keys_for_old_signatures(self) -> Mapping[str, PublicKey]:
        """Every online key that a document of the chain ever listed, unless it is revoked by now. Source: wire.md 2."""
        listed = {kid: key for document in self.chain for kid, key in document.sign.items()}
        return {kid: key for kid, key in listed.items() if kid not in self.newest.revoked}


@dataclass(frozen=True, slots=True)
class Missing:
    """What a document still lacks before partners take it.

    Attributes:
        root: how many more root keys of the document itself must sign.
        root_before: the same for the document before it.
        possession: kids that the document adds and that have not signed it yet.
    """

    root: int
    root_before: int
    possession: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Whether the document is fully signed."""
        return not (self.root or self.root_before or self.possession)


def read_card(
    card: Json,
    now: datetime,
    held: Sequence[Json] = (),
    known: Iterable[Document] = (),
) -> Identity:
    """Read a card and everything that it claims.

    Args:
        card: `{v, type:"hilf-card", chain:[{document, signatures}]}`.
        now: aware UTC; the newest document must not have expired.
        held: the documents of this node that are already kept, from the first (each as it was signed).
        known: documents of other nodes, all of each chain; no key may stand in both.

    Raises:
        PartnerFault: "card: members", or "identity: " and the rule that fails first.

    Source: wire.md 2.
    """
    entries = _read_entries(card)
    chain = tuple(read_document(document) for document, _ in entries)
    if len(chain) < len(held) or any(
        dumps(ours.body) != dumps(theirs) for ours, theirs in zip(chain, held, strict=False)
    ):
        raise PartnerFault("identity: not what is held")
    before = None
    for document, (_, signatures) in zip(chain, entries, strict=True):
        _check_place(document, before)
        _check_signatures(document, before, signatures)
        before = document
    _check_foreign_keys(chain, known)
    if now > chain[-1].expires:
        raise PartnerFault("identity: expired")
    return Identity(chain, dict(card) if isinstance(card, dict) else {})


def make_card(chain: Iterable[tuple[Mapping[str, Json], Sequence[Mapping[str, Json]]]]) -> dict[str, Json]:
    """A card from (document, signatures) pairs, first document first. Source: wire.md 2."""
    entries: list[Json] = [
        {"document": dict(document), "signatures": [dict(signature) for signature in signatures]}
        for document, signatures in chain
    ]
    return {"v": 1, "type": "hilf-card", "chain": entries}


def sign_document(
    document: Mapping[str, Json],
    keys: Iterable[PrivateKey],
    beside: Iterable[Mapping[str, Json]] = (),
) -> list[dict[str, Json]]:
    """Signatures over a document, sorted by kid, each kid once.

    Args:
        document: as `draft_document` gives it.
        keys: root keys and keys that the document adds.
        beside: signatures made elsewhere before, to be kept.

    Source: wire.md 2.
    """
    data = _signed_bytes(document)
    signatures = {str(signature["kid"]): dict(signature) for signature in beside}
    signatures.update({key.kid: {"kid": key.kid, "value": b64u(key.sign(data))} for key in keys})
    return [signatures[kid] for kid in sorted(signatures)]


def valid_signatures(
    document: Document, before: Document | None, signatures: Iterable[Mapping[str, Json]]
) -> list[dict[str, Json]]:
    """The signatures among these that count: by a key that may sign the document, and valid.

    Args:
        document: the document to be completed.
        before: the one before it in the chain, None for document 1.
        signatures: `{kid, value}`, from wherever they come.

    Source: wire.md 2.
    """
    signers, data = _signers(document, before), _signed_bytes(document.body)
    counting = []
    for each in signatures:
        try:
            ((kid, value),) = _read_signatures([dict(each)])
        except PartnerFault:
            continue
        if kid in signers and signers[kid].verify(value, data):
            counting.append(dict(each))
    return counting


def missing_signatures(document: Document, before: Document | None, kids: Iterable[str]) -> Missing:
    """What the document lacks when these keys have signed it.

    Args:
        document: the document to be completed.
        before: the one before it in the chain, None for document 1.
        kids: keys whose signatures are there and valid.

    Source: wire.md 2.
    """
    signed = set(kids)
    added = document.keys.keys() - (before.keys.keys() if before else set())
    return Missing(
        root=_lacking(document, signed),
        root_before=_lacking(before, signed) if before else 0,
        possession=tuple(sorted(added - signed)),
    )


def _lacking(document: Document, signed: set[str]) -> int:
    return max(0, document.threshold - sum(key.kid in signed for key in document.root))


def _signed_bytes(document: Mapping[str, Json]) -> bytes:
    return tag("hilf/1 identity") + dumps(dict(document))


def _read_entries(card: Json) -> list[tuple[Json, list[tuple[str, bytes]]]]:
    if not isinstance(card, dict) or card.keys() != {"v", "type", "chain"}:
        raise PartnerFault("card: members")
    if type(card["v"]) is not int or card["v"] != 1 or card["type"] != "hilf-card":
        raise PartnerFault("card: v or type")
    if not isinstance(card["chain"], list) or not card["chain"]:
        raise PartnerFault("card: chain")
    entries: list[tuple[Json, list[tuple[str, bytes]]]] = []
    for entry in card["chain"]:
        if not isinstance(entry, dict) or entry.keys() != {"document", "signatures"}:
            raise PartnerFault("card: members", "chain")
        entries.append((entry["document"], _read_signatures(entry["signatures"])))
    return entries


def _read_signatures(signatures: Json) -> list[tuple[str, bytes]]:
    if not isinstance(signatures, list):
        raise PartnerFault("identity: signatures")
    pairs: list[tuple[str, bytes]] = []
    for signature in signatures:
        if not isinstance(signature, dict) or signature.keys() != {"kid", "value"}:
            raise PartnerFault("identity: signatures")
        if not isinstance(signature["kid"], str):
            raise PartnerFault("identity: signatures", "kid")
        pairs.append((signature["kid"], unb64u(signature["value"], "identity")))
    return pairs


def _check_place(document: Document, before: Document | None) -> None:
    if before is None:
        if document.seq != 1:
            raise PartnerFault("identity: seq", f"the first is {document.seq}")
        return
    if document.node != before.node:
        raise PartnerFault("identity: node", "a chain has one node")
    if document.seq != before.seq + 1:
        raise PartnerFault("identity: seq", f"{document.seq} after {before.seq}")
    if document.prev != before.hash:
        raise PartnerFault("identity: prev")
    if not before.revoked.items() <= document.revoked.items():
        raise PartnerFault("identity: revoked shrinks")


def _check_signatures(
    document: Document, before: Document | None, signatures: Sequence[tuple[str, bytes]]
) -> None:
    kids = [kid for kid, _ in signatures]
    if len(set(kids)) != len(kids):
        raise PartnerFault("identity: kid twice")
    if kids != sorted(kids):
        raise PartnerFault("identity: not sorted")
    signers = _signers(document, before)
    data = _signed_bytes(document.body)
    for kid, value in signatures:
        if kid not in signers:
            raise PartnerFault("identity: unknown kid", kid[:40])
        if not signers[kid].verify(value, data):
            raise PartnerFault("identity: signature", f"kid {kid}")
    missing = missing_signatures(document, before, kids)
    if missing.root or missing.root_before:
        raise PartnerFault("identity: threshold")
    if missing.possession:
        raise PartnerFault("identity: no proof of possession", missing.possession[0])


def _signers(document: Document, before: Document | None) -> dict[str, PublicKey]:
    """Who may sign a document: root keys of both, and the keys that it adds. Source: wire.md 2."""
    old = before.keys if before else {}
    added = {kid: key for kid, key in document.keys.items() if kid not in old}
    roots = {key.kid: key for key in (*document.root, *(before.root if before else ()))}
    return added | roots


def _check_foreign_keys(chain: Sequence[Document], known: Iterable[Document]) -> None:
    own = {kid for document in chain for kid in document.keys}
    for other in known:
        if other.node != chain[0].node and not own.isdisjoint(other.keys):
            raise PartnerFault("identity: key of another node", other.node)
