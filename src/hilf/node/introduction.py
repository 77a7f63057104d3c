"""Introductions that we made: partners to whom we gave the card of an author, and who must hear what became of it (wire.md 3).

Decides who is told when an author's keys are revoked: every verified partner to whom we introduced it. Other newer documents
wait until the next thing that the author wrote goes there.
"""

from collections.abc import Iterator
from datetime import datetime

import orjson

from hilf.canonical import Json
from hilf.federation.peer import PeerState
from hilf.node import identity, peer
from hilf.node.federation import announce
from hilf.node.home import Home
from hilf.seal.identity import Identity
from hilf.store.database import transaction
from hilf.store.federation import peer as peers
from hilf.store.release import sent


def take(home: Home, card: Json, now: datetime) -> Identity:
    """Take in a card that a person brings, and tell of revoked keys whoever knows the node from us.

    Raises:
        Refusal: as `peer.add`.
    """
    known = peer.add(home, card, now)
    with transaction():
        tell_again(home, known.node, now)
    return known


def tell_again(home: Home, author: str, now: datetime) -> None:
    """Let a node's newer card wait for those to whom we introduced it, where it revokes more, in the caller's transaction."""
    known = identity.kept(author)
    if known is None or not known.newest.revoked:
        return
    for node in peers.in_state(PeerState.VERIFIED):
        number = dict(introduced(node)).get(author, 0) if node not in (home.node, author) else 0
        if number and known.chain[number - 1].revoked.keys() < known.newest.revoked.keys():
            announce(home, node, "identity", {"card": known.card}, now)


def introduced(to: str) -> Iterator[tuple[str, int]]:
    """The nodes whose cards we gave to a partner, each with the number of its newest document there; the latest last."""
    for envelope in sent.identities(to):
        newest = orjson.loads(envelope)["body"]["card"]["chain"][-1]["document"]
        yield newest["node"], newest["seq"]
