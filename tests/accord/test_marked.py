from datetime import UTC, datetime
from typing import Any

import pytest

from hilf.accord.marked import level, travels
from hilf.accord.terms import Onward
from hilf.markings.iep import Actions, Policy, Say
from hilf.markings.marking import Markings
from hilf.markings.pap import Pap
from hilf.markings.tlp import Tlp
from tests.accord.agreements import NOW, ask, forbid, marked, ours, permit, received, rules

OVER = Policy(ends=datetime(2026, 1, 1, tzinfo=UTC))
COMING = Policy(starts=datetime(2027, 1, 1, tzinfo=UTC))


def said(tlp: Tlp | None = Tlp.CLEAR, **members: Any) -> tuple[bool, tuple[str, ...]]:
    decision = ask(ours(markings=marked(tlp, **members)), permit())
    return decision.allowed, tuple(rule for rule in rules(decision) if rule != "accord.permitted")


@pytest.mark.parametrize(
    ("members", "answer"),
    [
        ({}, (True, ())),
        ({"unknown": ("x",)}, (False, ("accord.marking-unreadable",))),
        ({"classified": ("x",)}, (False, ("accord.classified",))),
        ({"rel_to": frozenset({"QO"})}, (False, ("accord.rel-to",))),
        ({"controls": ("acs",)}, (True, ("accord.control-marking",))),
        ({"pap": Pap.CLEAR}, (True, ())),
        ({"pap": Pap.GREEN}, (True, ("accord.actions-limited",))),
        ({"policy": Policy()}, (True, ())),
        ({"policy": Policy(encrypt_in_transit=Say.MUST)}, (True, ("accord.encrypted-in-transit",))),
        ({"policy": Policy(notifications=Say.MUST_NOT)}, (True, ("accord.nobody-notified",))),
        ({"policy": Policy(attribution=Say.MUST_NOT)}, (True, ())),
        ({"policy": Policy(actions=Actions.NONE)}, (True, ("accord.actions-limited",))),
        ({"policy": OVER}, (True, ("accord.iep-outside-period", "accord.second-officer"))),
    ],
)
def test_what_markings_say_of_our_own(members: dict[str, Any], answer: tuple[bool, tuple[str, ...]]) -> None:
    assert said(**members) == answer


@pytest.mark.parametrize(
    ("members", "rule"),
    [
        ({"no_onward": True}, "accord.marked-not-onward"),
        ({"policy": Policy(attribution=Say.MUST_NOT)}, "accord.provider-not-named"),
        ({"policy": Policy(attribution=Say.MUST)}, "accord.permitted"),
    ],
)
def test_what_markings_say_of_passing_on(members: dict[str, Any], rule: str) -> None:
    assert ask(received(markings=marked(Tlp.CLEAR, **members)), permit()).main.rule == rule
    assert ask(ours(markings=marked(Tlp.CLEAR, **members)), permit()).main.rule == "accord.permitted"


def test_what_nobody_shall_pass_on_leaves_on_that_term() -> None:
    decision = ask(ours(markings=marked(Tlp.CLEAR, no_onward=True)), permit(), onward="free")
    assert decision.terms is not None
    assert decision.terms.onward is Onward.NONE


def test_outside_its_period_an_iep_allows_nothing() -> None:
    for policy in (OVER, COMING):
        assert level(Markings(tlp=Tlp.CLEAR, policy=policy), NOW) is Tlp.AMBER_STRICT
        assert level(Markings(tlp=Tlp.RED, policy=policy), NOW) is Tlp.RED
    assert level(Markings(tlp=Tlp.CLEAR, policy=Policy()), NOW) is Tlp.CLEAR
    assert level(Markings(), NOW) is Tlp.AMBER_STRICT


def test_a_level_that_tlp_alone_does_not_say_travels_as_tlp() -> None:
    assert travels(Markings(tlp=Tlp.GREEN), NOW) == ()
    for markings, tlp in (
        (Markings(), Tlp.AMBER_STRICT),
        (Markings(tlp=Tlp.GREEN, policy=Policy()), Tlp.GREEN),
        (Markings(tlp=Tlp.GREEN, policy=OVER), Tlp.AMBER_STRICT),
        (Markings(tlp=Tlp.AMBER, controls=("cui",)), Tlp.AMBER),
        (Markings(tlp=Tlp.GREEN, floor=Tlp.RED), Tlp.RED),
    ):
        assert travels(markings, NOW) == (tlp.marking_id,)


def test_clauses_bound_what_may_be_done() -> None:
    red = ours(markings=marked(Tlp.CLEAR, pap=Pap.RED))
    by_iep = ours(markings=marked(Tlp.CLEAR, policy=Policy(actions=Actions.INTERNALLY_VISIBLE_ACTIONS)))
    for profile in (red, by_iep):
        assert ask(profile, permit(pap_max="amber")).main.rule == "accord.pap-above"
        assert ask(profile, permit(pap_max="red")).allowed
        assert ask(profile, permit(), forbid(pap_min="red")).main.rule == "accord.forbidden"
        assert ask(profile, permit(), forbid(pap_min="amber")).main.rule == "accord.forbidden"
    assert ask(ours(), permit(pap_max="clear")).allowed
    assert ask(ours(), permit(), forbid(pap_min="green")).allowed


@pytest.mark.parametrize(
    ("members", "text"),
    [
        (
            {"rel_to": frozenset({"QP", "QO"})},
            "It may go to QO, QP only, and cert.qn.example (QN) is none of these.",
        ),
        ({"rel_to": frozenset()}, "It may go to nobody only, and cert.qn.example (QN) is none of these."),
        ({"unknown": ("x", "y")}, "A marking cannot be read: x, y."),
        ({"classified": ("x", "y")}, "It is classified: x, y. No accord of this node lets that go."),
    ],
)
def test_a_refusal_says_what_the_marking_says(members: dict[str, Any], text: str) -> None:
    assert ask(ours(markings=marked(Tlp.CLEAR, **members)), permit()).main.text == text


def test_schemes_that_are_kept_are_named() -> None:
    decision = ask(ours(markings=marked(Tlp.CLEAR, controls=("acs", "cui"))), permit())
    texts = [reason.text for reason in decision.reasons if reason.rule == "accord.control-marking"]
    assert texts == ["It bears a marking that this node keeps and does not read on (ACS and CUI)."]
