"""Questions of consent as people list them: page by page, and those of partners that wait for an answer here."""

from datetime import datetime

from hilf.node.consent import Shown, shown
from hilf.node.home import Home
from hilf.store.instant import microseconds
from hilf.store.release import consent as store


def page(  # how people narrow a list
    home: Home,
    now: datetime,
    *,
    before: int | None = None,
    outgoing: bool | None = None,
    peer: str = "",
    limit: int = 50,
) -> tuple[Shown, ...]:
    """Some questions, the newest first.

    Args:
        home: this node.
        now: aware.
        before: number of the question behind which the page begins; None for the newest.
        outgoing: only ours, or only those of partners; None for both.
        peer: only those with this node.
        limit: how many at most.
    """
    return tuple(shown(home, each, now) for each in store.page(before, limit, outgoing=outgoing, peer=peer))


def waiting(home: Home, now: datetime) -> tuple[Shown, ...]:
    """Questions of partners that wait for people here, the oldest first."""
    every = (shown(home, each, now) for each in store.unanswered(microseconds(now)) if not each.outgoing)
    return tuple(
        each
        for each in every
        if each.state in ("asked", "signing")
        and all(e.given is not None for e in store.passing_on(each.question.number))
    )
