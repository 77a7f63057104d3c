"""What is owed: retractions that only demand what this node must do anyway, by its own copy of what was agreed.

Decides which retractions of a partner are no mass retraction to be held for a person (protocol.md 5), however many they
are: those of what came under an accord that bound us and the partner, binds us no more and has held data deleted at its
end; and those of what we may keep no longer, because its retention is over.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from hilf.accord.document import Accord
from hilf.accord.life import parted
from hilf.accord.placing import ObjectState
from hilf.accord.terms import earlier, end_of_retention, read_terms
from hilf.errors import PartnerFault
from hilf.node import life
from hilf.node.home import Home
from hilf.node.profile import cited_accord
from hilf.seal.record import AHEAD
from hilf.store.instant import moment
from hilf.store.intelligence.assertion import Kept

DELETE = "delete"


def ended(home: Home, node: str, now: datetime) -> tuple[Accord, ...]:
    """The accords that bound us and another node and bind us no more."""
    lives = life.signed_by_all()
    return parted(lives.all, home.node, node, lives.chains, now)


def over(home: Home, node: str, now: datetime) -> dict[str, Accord]:
    """Those of them that have held data deleted at their end, by id."""
    return {each.id: each for each in ended(home, node, now) if each.at_end == DELETE}


class Owed:
    """What one partner may take back however often at one time; what was agreed with it is read once, when first asked."""

    def __init__(self, home: Home, sender: str, now: datetime) -> None:
        self._home, self._sender, self._now = home, sender, now
        self._accords: dict[str, Accord | None] = {}

    def all(self, rows: Iterable[Kept]) -> bool:
        """Whether all of this, which the partner sent and takes back, must go from here anyway; False for nothing at all.

        What went before says nothing where something still stands: it went under what was agreed then.
        """
        came = tuple(rows)
        came = tuple(row for row in came if row.state < ObjectState.HIDDEN) or came
        return bool(came) and all(
            row.accord is not None
            and (
                row.accord.partition(" ")[0] in self._ended
                or _is_over(row, self._cited(row.accord), self._now)
            )
            for row in came
        )

    @cached_property
    def _ended(self) -> dict[str, Accord]:
        return over(self._home, self._sender, self._now)

    def _cited(self, accord: str) -> Accord | None:
        if accord not in self._accords:
            self._accords[accord] = cited_accord(accord)
        return self._accords[accord]


def _is_over(row: Kept, accord: Accord | None, now: datetime) -> bool:
    """Whether what we agreed about how long we may keep it is over, by a clock that may be a little before ours."""
    try:
        said = read_terms(dict(row.terms)).retention_until
    except PartnerFault:
        return False
    agreed = None if accord is None else end_of_retention(moment(row.received), accord.retention_days)
    until = earlier(said, agreed)
    return until is not None and until <= now + AHEAD
