"""The documents of a partner's identity, explained: what each changed, and whether a person here has seen it (protocol.md 1).

Decides what is new to people. A newer document is taken by itself, since its root keys signed it; that a person reads what
it changed is all that notices a partner whose root keys are out of hand.
"""

from dataclasses import dataclass
from datetime import datetime

from hilf.errors import Refusal
from hilf.federation.peer import PeerState
from hilf.node import identity, stix_identity
from hilf.node.home import Home
from hilf.seal.difference import Difference, differences
from hilf.seal.identity import Document, Identity
from hilf.store.database import transaction
from hilf.store.federation import evidence
from hilf.store.federation import identity as documents
from hilf.store.federation import peer as store
from hilf.store.federation.evidence import KeptEvidence
from hilf.store.federation.peer import KeptPeer
from hilf.store.instant import moment


@dataclass(frozen=True, slots=True)
class Step:
    """One document of a partner.

    Attributes:
        document: what it says.
        accepted: when it was taken in here.
        changes: what it changed; empty for document 1.
        seen: whether a person here has looked at it.
    """

    document: Document
    accepted: datetime
    changes: tuple[Difference, ...]
    seen: bool


@dataclass(frozen=True, slots=True)
class History:
    """A partner as its documents show it.

    Attributes:
        state: how far it is trusted.
        reason: why it is suspended.
        steps: its documents, the first one first.
        counting: STIX identities that count as its own.
        waiting: STIX identities that it names and that nobody here has verified.
        evidence: what it did that a person must look at.
    """

    identity: Identity
    state: PeerState
    reason: str | None
    steps: tuple[Step, ...]
    counting: tuple[str, ...]
    waiting: tuple[str, ...]
    evidence: tuple[KeptEvidence, ...]

    @property
    def unseen(self) -> tuple[Step, ...]:
        """The documents that nobody here has looked at."""
        return tuple(step for step in self.steps if not step.seen)


def of(home: Home, node: str) -> History:  # noqa: ARG001  # every verb takes its home
    """A partner's documents, each explained.

    Raises:
        Refusal: "peer.unknown".
    """
    kept, known = store.get(node), identity.kept(node)
    if kept is None or known is None:
        raise Refusal(
            "peer.unknown",
            f"{node[:100]} is not known here.",
            "A node is known once its card was taken in.",
            "See who is: hilf peer list",
        )
    return History(
        identity=known,
        state=PeerState(kept.state),
        reason=kept.reason,
        steps=_steps(kept, known),
        counting=tuple(sorted(stix_identity.counting(kept, known))),
        waiting=stix_identity.waiting(kept, known),
        evidence=evidence.about(node),
    )


def mark_seen(home: Home, node: str) -> int:
    """Note that a person has looked at every document of a partner that is held; how many were new.

    Raises:
        Refusal: "peer.unknown".
    """
    with transaction():
        history = of(home, node)
        store.put_seen(node, history.identity.newest.seq)
    return len(history.unseen)


def changed(node: str) -> tuple[Step, ...]:
    """The documents of a partner that nobody here has looked at."""
    kept, known = store.get(node), identity.kept(node)
    if kept is None or known is None or seen_number(kept) >= known.newest.seq:
        return ()
    return tuple(step for step in _steps(kept, known) if not step.seen)


def seen_number(kept: KeptPeer) -> int:
    """The number of the newest document that people have looked at: at the latest when they verified the node."""
    if kept.seen is not None:
        return kept.seen
    return documents.number_at(kept.node, kept.verified or kept.added)


def _steps(kept: KeptPeer, known: Identity) -> tuple[Step, ...]:
    at, seen = documents.accepted(kept.node), seen_number(kept)
    return tuple(
        Step(
            document,
            moment(at[document.seq]),
            differences(known.chain[n - 1], document) if n else (),
            document.seq <= seen,
        )
        for n, document in enumerate(known.chain)
    )
