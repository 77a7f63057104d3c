"""Who may be an author, and whether a proof of authorship holds (protocol.md 3; wire.md 3).

Collects what `accord.ownership` asks for: the STIX identities that the documents of verified nodes name, ours
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
from hilf.node import identity
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
        identities: node → the STIX identities that its document names, introduced nodes included.
        keys: node → keys under which its proofs count.
        roots: signed roots that were verified already.
    """

    authors: Authors
    identities: Mapping[str, frozenset[str]]
    keys: Mapping[str, Mapping[str, PublicKey]]
    roots: set[bytes] = field(default_factory=set)

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
    for node in documents.nodes():
        held = identity.kept(node)
        if held is not None:
            identities[node] = frozenset(identity.stix_identities(held.newest))
            keys[node] = held.keys_for_old_signatures()
    trusted = {node for state in _TRUSTED for node in peers.in_state(state.value)}
    claims: dict[str, frozenset[str]] = {}
    for node in sorted(trusted & identities.keys()):
        for each in identities[node]:
            claims[each] = claims.get(each, frozenset()) | {node}
    claims.update({each: frozenset({home.node}) for each in identities.get(home.node, frozenset())})
    return KnownAuthors(claims, identities, keys)
