"""What was chosen of a selection for one recipient: one assertion of each object, with the decision on it.

Decides nothing: decisions stand in a list beside the rows, and what is alike for every recipient (which rows join which,
which bear markings) is found out once. A hundred thousand rows are gone through for each of many recipients, and to look
each up by its id would cost most of the time.
"""

from bisect import insort
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Final

from hilf.accord.decision import Decision
from hilf.node.candidate import Layout, Weighed, order

if TYPE_CHECKING:
    from hilf.lists.hit import Hit
    from hilf.node.redacted import Form

_MADE: Final = partial(tuple.__new__, Weighed)
"""Makes a `Weighed` of four values at half the price: this is done for every object and recipient."""


class Chosen:
    """One assertion of each object, with what was decided for one recipient.

    Attributes:
        layout: the rows.
        decisions: on each of them; None for what the recipient has already.
        hits: what of a row stands on lists, by place.
        forms: what would leave in place of a row, by place.
    """

    def __init__(self, layout: Layout, decisions: Iterable[Decision | None]) -> None:
        self.layout, self.decisions = layout, list(decisions)
        self.hits: dict[int, tuple[Hit, ...]] = {}
        self.forms: dict[int, Form] = {}

    def __contains__(self, stix_id: str) -> bool:
        """Whether this object is one of them."""
        return self.decision(self.layout.places.get(stix_id)) is not None

    def decision(self, place: int | None) -> Decision | None:
        """What was decided on a row; None where there is none."""
        return None if place is None else self.decisions[place]

    def leaves(self, place: int | None) -> bool:
        """Whether a row leaves, as far as it was decided."""
        decision = self.decision(place)
        return decision is not None and decision.allowed

    def marks(self, place: int) -> Iterable[str]:
        """Ids of the markings, fixed by no standard, of what would leave."""
        return self.forms[place].marks if place in self.forms else self.layout.rows[place].about.marks

    def leaving(self) -> list[Weighed]:
        """What leaves, in the order in which it is sent."""
        return self._weighed(
            [n for n, decision in enumerate(self.decisions) if decision is not None and decision.allowed]
        )

    def staying(self) -> list[Weighed]:
        """What stays, in the order in which it came here."""
        found = self._weighed(
            [n for n, decision in enumerate(self.decisions) if decision is not None and not decision.allowed]
        )
        return sorted(found, key=lambda each: each.kept.seq)

    def all(self) -> list[Weighed]:
        """Everything, in the order in which it would be sent."""
        return self._weighed([n for n, decision in enumerate(self.decisions) if decision is not None])

    def _weighed(self, places: Sequence[int]) -> list[Weighed]:
        rows, decisions = map(self.layout.rows.__getitem__, places), map(self.decisions.__getitem__, places)
        if not self.hits and not self.forms:
            return list(map(_MADE, zip(rows, decisions, repeat(()), repeat(None), strict=False)))
        hits = (self.hits.get(n, ()) for n in places)
        return list(map(_MADE, zip(rows, decisions, hits, map(self.forms.get, places), strict=True)))


def put_in(leaving: list[Weighed], more: Iterable[Weighed]) -> tuple[Weighed, ...]:
    """What leaves with a few more, in the order in which it is sent."""
    for each in more:
        insort(leaving, each, key=lambda weighed: order(weighed.kept))
    return tuple(leaving)
