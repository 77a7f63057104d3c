"""Whether what was weighed still stands is asked of both databases alike."""

from typing import Any, cast

from hilf.accord.terms import Onward
from hilf.node.candidate import Weighed
from hilf.node.still import ends_hold
from tests.node.test_chosen import GOES
from tests.node.test_together import ENDS, RELATION, weighed


class Nothing:
    """A recipient that holds the first end only, as it is asked now."""

    def __init__(self, onward: Onward | None) -> None:
        self.onward = onward

    def widest(self, _ends: object, _now: object) -> dict[str, dict[str, Onward]]:
        return {} if self.onward is None else {"cert.qn.example": {"indicator--1": self.onward}}


def holds(decisions: list[Any], now: Onward | None) -> bool:
    made = weighed([*ENDS, RELATION], decisions, Onward.FREE, None)
    there = cast("Any", made.selected.there)
    there.now = None
    return ends_hold(made, cast("Any", Nothing(now)), [Weighed(RELATION, GOES)])


def test_an_end_that_leaves_must_count_here(store) -> None:
    """No row of it is in the store."""
    assert not holds([None, GOES, GOES], Onward.FREE)


def test_an_end_must_be_held_as_it_was(store) -> None:
    assert not holds([None, GOES, GOES], Onward.NONE)
    assert not holds([None, GOES, GOES], None)
