"""Releases as people list them: which wait for an approval, what became of those that went, which died."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hilf.node.home import Home
from hilf.store.release import proposal, sent
from hilf.store.release.proposal import QUEUED, KeptRelease


@dataclass(frozen=True, slots=True)
class Listed:
    """A release and what became of it.

    Attributes:
        kept: as it was made.
        unapproved: its acts that wait for an approval.
        acts: its acts that were queued, by what became of them: waiting, sent, or what the recipient's receipt says.
        reasons: why those of them that were dropped or refused were, by code.
    """

    kept: KeptRelease
    unapproved: int
    acts: Mapping[str, int]
    reasons: Mapping[str, int]

    @property
    def word(self) -> str:
        """How far it is, in one word."""
        if self.kept.state != QUEUED:
            return self.kept.state
        if not self.acts:
            return QUEUED
        if self.acts.get("waiting") or self.acts.get("sent"):
            return "queued" if set(self.acts) == {"waiting"} else "going"
        return next(iter(self.acts)) if len(self.acts) == 1 else "settled"


def every(home: Home) -> tuple[Listed, ...]:  # noqa: ARG001  # every verb takes its home
    """All releases, the newest first."""
    return _listed(proposal.every(), proposal.counts(), sent.outcomes(), sent.reasons())


def page(  # how people narrow a list
    home: Home,  # noqa: ARG001  # every verb takes its home
    *,
    after: str | None = None,
    state: str = "",
    peer: str = "",
    order: str = "",
    limit: int = 50,
) -> tuple[Listed, ...]:
    """Some releases, the newest first.

    Args:
        home: this node.
        after: id of the release behind which the page begins; None for the newest.
        state: only these, as kept: queuing, proposed, queued or died.
        peer: only to this node.
        order: only those of this standing order.
        limit: how many at most.
    """
    return _of(proposal.page(after, limit, state=state, peer=peer, order=order))


def one(home: Home, release_id: str) -> Listed | None:  # noqa: ARG001  # every verb takes its home
    """One release; None where there is none with this id."""
    kept = proposal.get(release_id)
    return None if kept is None else _of([kept])[0]


def _of(kept: Iterable[KeptRelease]) -> tuple[Listed, ...]:
    kept = tuple(kept)
    ids = [each.release_id for each in kept]
    return _listed(kept, proposal.counts(ids), sent.outcomes(ids), sent.reasons(ids))


def _listed(
    kept: Iterable[KeptRelease],
    waiting: Mapping[str, int],
    acts: Mapping[str, Mapping[str, int]],
    why: Mapping[str, Mapping[str, int]],
) -> tuple[Listed, ...]:
    return tuple(
        Listed(
            each, waiting.get(each.release_id, 0), acts.get(each.release_id, {}), why.get(each.release_id, {})
        )
        for each in kept
    )
