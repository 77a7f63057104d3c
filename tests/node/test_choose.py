"""Which row of an object is meant for a recipient, and what it is not offered."""

from array import array
from typing import Any, cast

import pytest

from hilf.accord.decision import Decision
from hilf.node.candidate import Candidate
from hilf.node.choose import choose
from hilf.node.chosen import Chosen
from hilf.node.reader import Selected
from hilf.node.there import PROPOSED, SENT, TAKEN, THIS_ROW
from tests.node.test_chosen import GOES, PLAIN, STAYS, sheet

OWN, OTHER, THIRD, TO = "cert.qm.example", "cert.qp.example", "cert.qr.example", "cert.qn.example"


class Codes:
    """What a recipient has of each row."""

    def __init__(self, codes: bytes) -> None:
        self.codes = codes

    def rows(self, _node: str, count: int) -> bytes:
        return self.codes.ljust(count, b"\0") if self.codes else b""


def weighed(*said: tuple[str, str, Decision], codes: bytes = b"") -> Chosen:
    """Rows of (object, who says it, decision), decided by themselves."""
    rows = [
        Candidate(n, f"indicator--{name}", "indicator", by, b"", PLAIN)
        for n, (name, by, _) in enumerate(said, 1)
    ]
    selected = Selected("", sheet(*rows), cast("Any", Codes(codes)))
    return Chosen(selected, TO, [decision for *_, decision in said])


def kept(made: Chosen) -> list[int]:
    return [row for row, decision in enumerate(made.decisions) if decision is not None]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ([(OTHER, GOES), (OWN, GOES)], 1),
        ([(OTHER, GOES), (OWN, STAYS)], 1),
        ([(OWN, STAYS), (OTHER, GOES)], 0),
        ([(OTHER, GOES), (THIRD, GOES)], 0),
        ([(OTHER, STAYS), (THIRD, GOES)], 1),
        ([(OTHER, STAYS), (THIRD, STAYS)], 0),
        ([(OTHER, GOES), (THIRD, STAYS)], 0),
    ],
)
def test_our_own_word_is_meant_else_the_first_that_may_go(said, meant) -> None:
    made = weighed(*(("a", by, decision) for by, decision in said), ("b", OWN, GOES))
    there, taken_back = choose(made, OWN, unreleased=False)
    assert (kept(made), list(there), taken_back) == ([meant, 2], [], 0)
    assert (made.of_end(0), made.of_end(2)) == (meant, 2)


def test_what_it_has_had_or_is_proposed_is_not_offered_and_is_told() -> None:
    codes = bytes([SENT | THIS_ROW, TAKEN, PROPOSED, SENT | TAKEN, 0, THIS_ROW])
    made = weighed(*((str(n), OWN, GOES) for n in range(6)), codes=codes)
    there, taken_back = choose(made, OWN, unreleased=False)
    assert (kept(made), there, taken_back) == ([4, 5], array("I", [0, 1, 2, 3]), 1)


def test_of_what_was_not_released_only_what_went_as_another_row_is_told() -> None:
    codes = bytes([SENT | THIS_ROW, SENT, PROPOSED | SENT | THIS_ROW, TAKEN | THIS_ROW, 0])
    made = weighed(*((str(n), OWN, GOES) for n in range(5)), codes=codes)
    there, taken_back = choose(made, OWN, unreleased=True)
    assert (kept(made), there, taken_back) == ([4], array("I", [1, 2, 3]), 1)


def test_what_it_has_of_one_who_says_an_object_leaves_the_word_of_another() -> None:
    made = weighed(("a", OWN, GOES), ("a", OTHER, GOES), codes=bytes([SENT, 0]))
    there, _ = choose(made, OWN, unreleased=False)
    assert (kept(made), list(there), made.of_end(0)) == ([1], [0], 1)


def test_what_it_says_itself_is_not_sent_to_it_and_told_only_where_nothing_else_of_it_is_offered() -> None:
    made = weighed(("a", TO, GOES), ("b", TO, GOES), ("b", OTHER, STAYS), codes=bytes([TAKEN, 0, 0]))
    there, taken_back = choose(made, OWN, unreleased=False)
    assert (kept(made), list(there), taken_back) == ([2], [0], 0)
