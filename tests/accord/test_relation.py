from dataclasses import replace

from hilf.accord.decision import Says
from hilf.accord.relation import EndState, decide_definition, decide_relation
from hilf.accord.terms import Onward, Terms
from hilf.markings.marking import Granular
from hilf.markings.tlp import Tlp
from tests.accord.agreements import ask, forbid, marked, ours, permit, rules

RELATION = ask(ours(type="relationship"))
LEAVES, STAYS = ask(ours()), ask(ours(markings=marked(Tlp.RED)))
AMBER = ask(ours(markings=marked(Tlp.AMBER)))
HELD = Terms((), Onward.ASK_ORIGINATOR)


def end(decision=None, held=None) -> EndState:  # type: ignore[no-untyped-def]
    return EndState("indicator--1", decision, held)


def test_a_relation_leaves_with_its_ends() -> None:
    assert decide_relation(RELATION, [end(LEAVES), end(LEAVES)]) == RELATION


def test_a_relation_to_what_stays_and_is_not_held_stays() -> None:
    for unknown in (end(STAYS), end()):
        decision = decide_relation(RELATION, [end(LEAVES), unknown])
        assert (decision.allowed, decision.main.rule) == (False, "accord.end-stays")
        assert decision.main.text == "It joins indicator--1, which stays and is not held by the recipient."
        assert decision.reasons[1:] == RELATION.reasons


def test_a_relation_to_what_is_held_under_the_same_or_wider_terms_leaves() -> None:
    for onward in (Onward.ASK_ORIGINATOR, Onward.LISTED, Onward.FREE):
        assert decide_relation(RELATION, [end(LEAVES), end(STAYS, replace(HELD, onward=onward))]) == RELATION


def test_a_relation_to_what_is_held_under_stricter_terms_stays() -> None:
    decision = decide_relation(RELATION, [end(held=replace(HELD, onward=Onward.NONE)), end(LEAVES)])
    assert (decision.allowed, decision.main.rule) == (False, "accord.end-held-narrower")
    assert decision.main.text == 'It joins indicator--1, which the recipient holds under "onward: none".'


def test_an_end_that_leaves_now_counts_whatever_is_held() -> None:
    assert decide_relation(RELATION, [end(LEAVES, replace(HELD, onward=Onward.NONE))]) == RELATION


def test_a_relation_needs_the_approvals_of_its_ends() -> None:
    assert decide_relation(RELATION, [end(AMBER), end(LEAVES)]).needs_approvals == 1
    assert decide_relation(AMBER, [end(LEAVES)]).needs_approvals == 1
    assert decide_relation(RELATION, [end(held=HELD), end(AMBER)]).needs_approvals == 1


def test_a_relation_that_may_not_leave_itself_stays() -> None:
    assert decide_relation(STAYS, [end(LEAVES), end(LEAVES)]) is STAYS


def test_a_relation_without_ends_is_decided_by_itself() -> None:
    assert decide_relation(RELATION, []) == RELATION


DEFINITION = ask(ours(type="marking-definition", markings=marked()))


def test_a_definition_goes_along_with_what_carries_it() -> None:
    decision = decide_definition(DEFINITION, [STAYS, LEAVES, AMBER])
    assert (decision.allowed, decision.needs_approvals, decision.accord) == (True, 1, AMBER.accord)
    assert (decision.reasons[-1].rule, decision.reasons[-1].says) == ("accord.definition-along", Says.NOTES)
    assert decision.reasons[-1].text == "It defines a marking of something that leaves."
    assert decision.terms == AMBER.terms
    laid_over = ask(ours(overlay=("marking-definition--x",)))
    assert decide_definition(DEFINITION, [laid_over]).terms == LEAVES.terms
    in_part = ask(ours(markings=marked(Tlp.GREEN, granular=(Granular(("name",), marked(Tlp.RED)),))))
    assert (in_part.redact, decide_definition(DEFINITION, [in_part]).redact) == (("name",), ())


def test_a_definition_alone_stays() -> None:
    for bearers in ([], [STAYS]):
        decision = decide_definition(DEFINITION, bearers)
        assert (decision.main.rule, decision.reasons[1:]) == ("accord.definition-alone", DEFINITION.reasons)
        assert decision.main.text == "It defines a marking that nothing in this release carries."


def test_a_definition_that_is_marked_is_decided_as_any_object() -> None:
    red = ask(ours(type="marking-definition", markings=marked(Tlp.RED)))
    assert decide_definition(red, [LEAVES]) is red
    assert decide_definition(LEAVES, []) is LEAVES
    strict = ask(ours(type="marking-definition", markings=marked(Tlp.AMBER_STRICT)))
    assert decide_definition(strict, [LEAVES]) is strict


def test_a_definition_that_may_leave_unmarked_needs_nothing_to_go_along_with() -> None:
    alone = ask(ours(type="marking-definition", markings=marked()), permit())
    assert decide_definition(alone, []) is alone
    assert decide_definition(alone, [LEAVES]) is alone


def test_a_definition_that_a_clause_forbids_stays() -> None:
    forbidden = ask(ours(type="marking-definition", markings=marked()), permit(marking_max="green"), forbid())
    assert decide_definition(forbidden, [LEAVES]) is forbidden
    assert rules(forbidden) == ("accord.tlp-missing", "accord.forbidden", "accord.marking-above")
