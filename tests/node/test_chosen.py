"""What was chosen for one recipient: the order in which it is sent, what joins what, and what is no part of it."""

from typing import Any, cast

import pytest

from hilf.accord.decision import Decision, Reason, Says, refusal
from hilf.accord.profile import Profile
from hilf.accord.terms import Onward, Terms
from hilf.lists.hit import Action, Hit
from hilf.markings.marking import NONE
from hilf.node.candidate import Candidate
from hilf.node.chosen import Chosen
from hilf.node.profile import About
from hilf.node.reader import Reader, Selected
from hilf.node.sheet import ABSENT, NO_END, Sheet
from hilf.node.showing import Part, leaving
from hilf.node.together import exact, join

PROFILE = Profile("object", "indicator", NONE, "cert.qm.example")
ABOUT, PLAIN = About(PROFILE, ("marking-definition--1",), None), About(PROFILE, (), None)
GOES = Decision(
    allowed=True,
    accord=("accord--1", 1),
    reasons=(Reason("accord.permit", Says.PERMITS, "."),),
    terms=Terms((), Onward.NONE),
)
STAYS = refusal(Reason("accord.none-in-force", Says.REFUSES, "."))
HIT = Hit("own-asset", Action.WARN, "192.0.2.1", "name", "192.0.2.0/24")


def row(seq: int, type_: str, about: About = PLAIN, ends: tuple[str, ...] = ()) -> Candidate:
    return Candidate(seq, f"{type_}--{seq}", type_, "cert.qm.example", b"", about, ends)


ROWS = (
    row(1, "relationship", ends=("indicator--9", "indicator--3")),
    row(3, "indicator", ABOUT),
    row(5, "identity"),
    row(7, "marking-definition"),
    row(9, "indicator", ABOUT),
)


class Nobody:
    """A recipient that has nothing."""

    def end(self, _node: str, _at: int) -> None:
        return None


def sheet(*rows: Candidate, hits: dict[int, tuple[Hit, ...]] | None = None) -> Sheet:
    made = Sheet(b"k" * 32, keeps_rows=True)
    made.add(rows, hits or {})
    return made.ready()


def chosen(of: Sheet, *decisions: Decision | None) -> Chosen:
    return Chosen(Selected("", of, cast("Any", Nobody())), "cert.qn.example", decisions)


def seqs(part: Part) -> list[int]:
    return [each.kept.seq for each in part]


@pytest.fixture
def reader() -> Reader:
    """Reads what is at hand only, so it needs no node."""
    return Reader.__new__(Reader)


def test_definitions_and_identities_are_sent_first_and_relations_last() -> None:
    made = sheet(*ROWS)
    assert [made.seqs[each] for each in made.order] == [7, 5, 3, 9, 1]
    assert (list(made.relations), list(made.ends)) == ([0], [4, 1])
    assert (made.definitions, list(made.marked)) == ({3: "marking-definition--7"}, [1, 4])


def test_what_joins_the_absent_has_no_row_for_it() -> None:
    assert list(sheet(ROWS[0], ROWS[4]).ends) == [ABSENT + 2, ABSENT]
    assert list(sheet(row(1, "sighting", ends=("indicator--3",)), ROWS[1]).ends) == [1, NO_END]


def test_what_stays_is_in_the_order_in_which_it_came_and_what_is_there_already_is_no_part(
    reader: Reader,
) -> None:
    made = chosen(sheet(*ROWS), STAYS, GOES, STAYS, STAYS, None)
    assert seqs(Part(reader, [(made, made.staying())])) == [1, 5, 7]
    assert seqs(Part(reader, [(made, made.leaving())])) == [3]
    assert ["indicator--3" in made, "indicator--9" in made, "indicator--2" in made] == [True, False, False]


def test_what_goes_along_is_sent_in_its_place(reader: Reader) -> None:
    main = chosen(sheet(*ROWS), *[GOES] * 5)
    along = chosen(sheet(row(2, "identity"), row(6, "marking-definition")), GOES, GOES)
    part = leaving(reader, main, along)
    assert seqs(part) == [6, 7, 2, 5, 3, 9, 1]
    assert (len(part), part[3].kept.seq, seqs(part[1:4]), seqs(part[6:]), seqs(part[9:])) == (
        7,
        5,
        [7, 2, 5],
        [1],
        [],
    )
    assert [seqs(page) for page in part.pages(3)] == [[6, 7, 2], [5, 3, 9], [1]]


def test_a_relation_that_stays_names_its_end_when_it_is_looked_at() -> None:
    other = row(11, "relationship", ends=("indicator--9", "identity--5"))
    made = chosen(sheet(*ROWS, other), GOES, STAYS, STAYS, GOES, GOES, GOES)
    join(made)
    assert made.decisions[0] is made.decisions[5]
    said = [exact(made, number, each) for number, each in ((0, ROWS[0]), (5, other))]
    assert [each.main.text for each in said if each] == [
        "It joins indicator--3, which stays and is not held by the recipient.",
        "It joins identity--5, which stays and is not held by the recipient.",
    ]


def test_decisions_are_counted_by_how_many_share_them(reader: Reader) -> None:
    made = chosen(sheet(*ROWS), STAYS, GOES, GOES, GOES, None)
    assert Part(reader, [(made, range(5))]).tally() == [(STAYS, 1), (GOES, 3)]
