"""Identity documents as kept: every document of every node, our own included, in order (wire.md 2).

Holds no rule: what enters here was judged by `seal` and by `node/peer`. Nothing is ever changed or removed, since
old signatures are verified against every document that listed their key.
Who calls: node/identity, node/peer, node/proposal.
"""

from dataclasses import dataclass

from hilf.store.database import execute, row, rows


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """One identity document as kept.

    Attributes:
        node: whose document it is.
        number: its `seq`.
        document: canonical bytes.
        signatures: the signatures beside it, as a JSON text.
    """

    node: str
    number: int
    document: bytes
    signatures: str


def chain(node: str) -> tuple[KeptDocument, ...]:
    """Every kept document of one node, document 1 first; empty when the node is not known."""
    return _kept("WHERE node = %s ORDER BY number", (node,))


def of_others(node: str) -> tuple[KeptDocument, ...]:
    """Every kept document of all nodes but this one, by node and number."""
    return _kept("WHERE node <> %s ORDER BY node, number", (node,))


def nodes() -> tuple[str, ...]:
    """Every node of which a document is kept, in order of name."""
    return tuple(node for (node,) in rows("SELECT DISTINCT node FROM identity_document ORDER BY node"))


def number_at(node: str, at_us: int) -> int:
    """The number of the document of a node that was its newest here at a time; 0 when none was held then."""
    found = row(
        "SELECT COALESCE(max(number), 0) FROM identity_document WHERE node = %s AND accepted <= %s",
        (node, at_us),
    )
    return int(found[0]) if found else 0


def accepted(node: str) -> dict[int, int]:
    """When each document of a node was accepted here, by its number."""
    return dict(
        rows("SELECT number, accepted FROM identity_document WHERE node = %s ORDER BY number", (node,))
    )


def newest() -> int:
    """The number of the document that was kept last, of whichever node; 0 when there is none."""
    found = row("SELECT COALESCE(max(id), 0) FROM identity_document")
    return int(found[0]) if found else 0


def forget(node: str) -> None:
    """Forget every document of a node that nobody verified."""
    execute("DELETE FROM identity_document WHERE node = %s", (node,))


def keep(kept: KeptDocument, accepted_us: int) -> None:
    """Add one document.

    Args:
        kept: the document; its number must be new for the node.
        accepted_us: when it was accepted, microseconds since 1970, UTC.
    """
    execute(
        "INSERT INTO identity_document (node, number, document, signatures, accepted) VALUES (%s, %s, %s, %s, %s)",
        (kept.node, kept.number, kept.document, kept.signatures, accepted_us),
    )


def _kept(where: str, parameters: tuple[object, ...]) -> tuple[KeptDocument, ...]:
    found = rows(f"SELECT node, number, document, signatures FROM identity_document {where}", parameters)
    return tuple(KeptDocument(node, number, bytes(document), text) for node, number, document, text in found)
