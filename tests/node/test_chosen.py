"""What was chosen for one recipient: the order in which it is sent, and what is no part of it."""

from hilf.accord.decision import Decision, Reason, Says, refusal
from hilf.accord.profile import Profile
from hilf.accord.terms import Onward, Terms
from hilf.markings.marking import NONE
from hilf.node.candidate import Candidate, Layout, Weighed
from hilf.node.chosen import Chosen, put_in
from hilf.node.profile import About

PROFILE = Profile("object", "indicator", NONE, "cert.qm.example")
ABOUT, PLAIN = About(PROFILE, ("marking-definition--1",), None), About(PROFILE, (), None)
GOES = Decision(
    allowed=True,
    accord=("accord--1", 1),
    reasons=(Reason("accord.permit", Says.PERMITS, "."),),
    terms=Terms((), Onward.NONE),
)
STAYS = refusal(Reason("accord.none-in-force", Says.REFUSES, "."))


def row(seq: int, type_: str, about: About = PLAIN, ends: tuple[str, ...] = ()) -> Candidate:
    return Candidate(seq, f"{type_}--{seq}", type_, "cert.qm.example", b"", about, ends)


ROWS = (
    row(1, "relationship", ends=("indicator--9", "indicator--3")),
    row(9, "indicator", ABOUT),
    row(3, "indicator", ABOUT),
    row(5, "identity"),
    row(7, "marking-definition"),
)


def test_definitions_and_identities_are_sent_first_and_relations_last() -> None:
    layout = Layout(ROWS)
    assert [each.seq for each in layout.rows] == [7, 5, 3, 9, 1]
    assert layout.relations == ((4, (3, 2)),)
    assert (layout.definitions, layout.marked) == ((0,), (2, 3))


def test_what_joins_the_absent_has_no_place_for_it() -> None:
    assert Layout([ROWS[0], ROWS[1]]).relations == ((1, (0, None)),)


def test_what_stays_is_in_the_order_in_which_it_came_and_what_is_there_already_is_no_part() -> None:
    chosen = Chosen(Layout(ROWS), [STAYS, STAYS, GOES, None, STAYS])
    assert [each.kept.seq for each in chosen.staying()] == [1, 5, 7]
    assert [each.kept.seq for each in chosen.leaving()] == [3]
    assert [each.kept.seq for each in chosen.all()] == [7, 5, 3, 1]
    assert ("indicator--3" in chosen, "indicator--9" in chosen, "indicator--2" in chosen) == (
        True,
        False,
        False,
    )


def test_what_goes_along_is_sent_in_its_place() -> None:
    leaving = Chosen(Layout(ROWS), [GOES] * 5).leaving()
    along = Chosen(Layout([row(6, "marking-definition"), row(2, "identity")]), [GOES, GOES]).leaving()
    assert [each.kept.seq for each in put_in(leaving, along)] == [6, 7, 2, 5, 3, 9, 1]


def test_hits_go_with_their_row() -> None:
    chosen = Chosen(Layout(ROWS), [GOES] * 5)
    assert chosen.leaving()[2] == Weighed(ROWS[2], GOES)
    chosen.hits[2] = ("hit",)  # type: ignore[assignment]
    assert [each.hits for each in chosen.leaving()] == [(), (), ("hit",), (), ()]
