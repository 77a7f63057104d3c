"""Who may be an author, and whether a proof of authorship holds (protocol.md 3; wire.md 3).

Collects what `accord.ownership` asks for: the STIX identities that count for verified nodes (`node/stix_identity`), ours
first. A suspended partner remains the author of what it wrote. A node that is known by introduction only can prove
what it wrote, but claims nothing for itself: else a partner could introduce a node that claims MITRE's identity.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hilf.accord.ownership import Authors
from hilf.canonical import Json
from hilf.errors import PartnerFault
from hilf.federation.authorship import verify
from hilf.federation.peer import PeerState
from hilf.node import identity, stix_identity
from hilf.node.home import Home
from hilf.seal.key import PublicKey
from hilf.store.federation import identity as documents
from hilf.store.federation import peer as peers

_TRUSTED = (PeerState.VERIFIED, PeerState.SUSPENDED)


@dataclass(frozen=True, slots=True)
class KnownAuthors:
    """Everybody who can have written something, as of one moment.

    Attributes:
        authors: STIX identity → nodes that may claim it.
        identities: node → the STIX identities under which it may prove what it wrote: those that count, and of a node
            that is known by introduction only, those that its document names.
        keys: node → keys under which its proofs count; revoked ones do not.
        trusted: nodes whose objects nobody else may say without their proof: ourselves, and who was verified.
        revoked: node → kids that its newest document revokes.
        roots: signed roots that were verified already.
    """

    authors: Authors
    identities: Mapping[str, frozenset[str]]
    keys: Mapping[str, Mapping[str, PublicKey]]
    trusted: frozenset[str] = frozenset()
    revoked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    roots: set[bytes] = field(default_factory=set)

    def revoked_signer(self, authorship: Json) -> str | None:
        """The author whose key, revoked by now, is named by a proof that holds no more; None for every other proof."""
        signed = authorship.get("signed") if isinstance(authorship, dict) else None
        node, kid = (signed.get("node"), signed.get("kid")) if isinstance(signed, dict) else (None, None)
        if not isinstance(node, str) or not isinstance(kid, str) or kid not in self.revoked.get(node, ()):
            return None
        return node

    def proven(self, authorship: Json, canonical: bytes, stix_id: str, created_by: str | None) -> str | None:
        """The node that the proof shows to have written exactly these bytes under one of its own identities."""
        signed = authorship.get("signed") if isinstance(authorship, dict) else None
        node = signed.get("node") if isinstance(signed, dict) else None
        if not isinstance(node, str) or node not in self.keys:
            return None
        if self.identities[node].isdisjoint({(created_by or "").lower(), stix_id.lower()}):
            return None
        try:
            verify(authorship, canonical, node, self.keys[node], self.roots)
        except PartnerFault:
            return None
        return node


def known_authors(home: Home) -> KnownAuthors:
    """Read every identity that we hold."""
    identities: dict[str, frozenset[str]] = {}
    keys: dict[str, Mapping[str, PublicKey]] = {}
    revoked: dict[str, frozenset[str]] = {}
    counts: dict[str, frozenset[str]] = {}
    known_peers = {kept.node: kept for kept in peers.every()}
    for node in documents.nodes():
        held, kept = identity.kept(node), known_peers.get(node)
        if held is None:
            continue
        keys[node] = held.keys_for_old_signatures()
        revoked[node] = frozenset(held.newest.revoked)
        if kept is not None and kept.state in _TRUSTED:
            counts[node] = identities[node] = stix_identity.counting(kept, held)
        else:
            identities[node] = frozenset(held.newest.stix_identities)
    claims = stix_identity.claims(counts, home.node, identities[home.node])
    return KnownAuthors(claims, identities, keys, frozenset({*counts, home.node}), revoked)
