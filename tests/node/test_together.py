"""What leaves together: relations with what they join, definitions with what they mark."""

from dataclasses import replace
from typing import Any, cast

import pytest

from hilf.accord.decision import Decision, Reason, Says, refusal
from hilf.accord.terms import Onward
from hilf.node.candidate import Candidate
from hilf.node.chosen import Chosen
from hilf.node.profile import About
from hilf.node.reader import Selected
from hilf.node.together import define, exact, join, missing_marks
from tests.node.test_chosen import ABOUT, GOES, PLAIN, PROFILE, STAYS, chosen, row, sheet

MARK = "marking-definition--1"
BOUND = replace(GOES, needs_approvals=1)
UNMARKED = refusal(
    Reason("accord.marking-above", Says.REFUSES, "."), Reason("accord.tlp-missing", Says.NOTES, ".")
)


class Holds:
    """A recipient that holds an end under terms."""

    def __init__(self, *ends: Onward | None) -> None:
        self.ends = ends

    def end(self, _node: str, at: int) -> Onward | None:
        return self.ends[at] if at < len(self.ends) else None


def weighed(rows: list[Candidate], decisions: list[Decision | None], *held: Onward | None) -> Chosen:
    return Chosen(Selected("", sheet(*rows), cast("Any", Holds(*held))), "cert.qn.example", decisions)


RELATION = row(3, "relationship", ends=("indicator--1", "malware--2"))
ENDS = [row(1, "indicator"), row(2, "malware")]


def rule(made: Chosen, at: int) -> str:
    decision = made.decisions[at]
    assert decision is not None
    return decision.main.rule


@pytest.mark.parametrize(
    ("end", "held", "goes"),
    [
        (GOES, None, True),
        (STAYS, None, False),
        (None, None, False),
        (None, Onward.NONE, True),
        (STAYS, Onward.FREE, True),
    ],
)
def test_a_relation_leaves_where_each_end_leaves_or_is_held(end, held, goes) -> None:
    made = weighed([*ENDS, RELATION], [GOES, end, GOES], None, held)
    join(made)
    assert made.leaves(2) is goes


def test_an_end_that_is_held_under_narrower_terms_keeps_it() -> None:
    wide = replace(GOES, terms=replace(GOES.terms, onward=Onward.FREE))
    made = weighed([ENDS[0], RELATION], [wide, wide], None, Onward.LISTED)
    join(made)
    assert rule(made, 1) == "accord.end-held-narrower"


def test_a_relation_needs_the_approvals_of_its_ends() -> None:
    made = weighed([*ENDS, RELATION], [GOES, BOUND, GOES])
    join(made)
    assert (made.needs_approval(0), made.needs_approval(2)) == (False, True)


def test_what_stays_of_itself_stays_and_what_is_no_part_of_it_is_none_afterwards() -> None:
    other = row(4, "relationship", ends=RELATION.ends)
    made = weighed([*ENDS, RELATION, other], [GOES, GOES, STAYS, None])
    join(made)
    assert made.decisions[2:] == [STAYS, None]


def test_what_joins_relations_stays_with_them_over_any_number_of_joints() -> None:
    """Each comes here before what it joins, so that one round is not enough."""
    chain = [row(n, "sighting", ends=(f"sighting--{n + 1}",)) for n in range(1, 6)]
    made = weighed([*chain, row(6, "sighting", ends=("indicator--9",))], [GOES] * 6)
    join(made)
    assert made.decisions[5] is not None
    assert [made.leaves(each) for each in range(6)] == [False] * 6


def test_relations_that_stay_alike_share_a_refusal_and_each_names_its_end_when_it_is_looked_at() -> None:
    rows = [row(n, "sighting", ends=(f"indicator--{n + 10}",)) for n in (1, 2)]
    made = weighed(rows, [GOES, GOES])
    join(made)
    assert made.decisions[0] is made.decisions[1]
    names = [found.main.text for n, each in enumerate(rows) if (found := exact(made, n, each)) is not None]
    assert [text.split()[2] for text in names] == ["indicator--11,", "indicator--12,"]


def test_what_stays_is_not_shown_as_leaving_whatever_became_of_its_end_since() -> None:
    made = weighed([ENDS[0], row(3, "sighting", ends=("indicator--1",))], [STAYS, GOES])
    join(made)
    refused = made.decisions[1]
    made.decisions[0] = GOES
    assert exact(made, 1, made.sheet.kept[1]) is refused


def test_a_definition_goes_with_the_strictest_of_what_bears_it_in_any_part() -> None:
    parts = (
        chosen(sheet(row(1, "indicator", ABOUT), row(2, "indicator", ABOUT)), GOES, STAYS),
        chosen(sheet(row(3, "indicator", ABOUT), Candidate(4, MARK, "marking-definition", "", b"", PLAIN)),
               BOUND, UNMARKED),
    )  # fmt: skip
    define(*parts)
    assert (parts[1].leaves(1), parts[1].needs_approval(1)) == (True, True)


def test_what_stays_does_not_hide_from_a_definition_what_leaves_after_it() -> None:
    definition = Candidate(4, MARK, "marking-definition", "", b"", PLAIN)
    made = chosen(
        sheet(row(1, "indicator", ABOUT), row(2, "indicator", ABOUT), definition), STAYS, GOES, UNMARKED
    )
    define(made)
    assert made.leaves(2)


def test_relations_that_stay_for_different_reasons_share_no_refusal() -> None:
    wide = replace(GOES, terms=replace(GOES.terms, onward=Onward.FREE))
    rows = [row(n, "sighting", ends=(f"indicator--{n + 10}",)) for n in (1, 2)]
    made = weighed(rows, [wide, wide], None, None, Onward.LISTED)
    join(made)
    assert [rule(made, each) for each in (0, 1)] == ["accord.end-stays", "accord.end-held-narrower"]


def test_a_definition_of_what_stays_stays() -> None:
    definition = Candidate(4, MARK, "marking-definition", "", b"", PLAIN)
    made = chosen(sheet(row(1, "indicator", ABOUT), definition), STAYS, UNMARKED)
    define(made)
    assert rule(made, 1) == "accord.definition-alone"


def test_definitions_are_missing_of_what_leaves_and_not_of_the_form_without_them() -> None:
    other = About(PROFILE, ("marking-definition--2", "marking-definition--3"), None)
    rows = [
        row(1, "indicator", ABOUT)._replace(asserter="cert.qr.example"),
        row(2, "indicator", other)._replace(asserter="cert.qp.example"),
        row(3, "indicator", other),
        Candidate(4, "marking-definition--3", "marking-definition", "", b"", PLAIN),
    ]
    made = chosen(sheet(*rows), STAYS, GOES, GOES, GOES)
    assert missing_marks(made) == {"marking-definition--2": "cert.qp.example"}
    made.form_marks[1] = frozenset()
    assert missing_marks(made) == {"marking-definition--2": "cert.qm.example"}
