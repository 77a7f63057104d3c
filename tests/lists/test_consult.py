import pytest

from hilf.accord.decision import Decision, Reason, Says, refusal
from hilf.accord.terms import Onward, Terms
from hilf.lists.consult import consulted
from hilf.lists.explain import RULES, rule_of
from hilf.lists.hit import Action, Hit

ACCORD = ("accord--1", 1)
PERMITTED = Decision(
    True, ACCORD, (Reason("accord.permitted", Says.PERMITS, "", ACCORD),), Terms((), Onward.FREE), 0
)
REFUSED = refusal(Reason("accord.none-in-force", Says.REFUSES, ""))


def hit(name, action=Action.STOP):
    return Hit(name, action, "the value", "name", "the entry")


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("own-assets", "lists.own-asset"),
        ("victims", "lists.victim"),
        ("special-use", "lists.special-use"),
        ("documentation", "lists.special-use"),
        ("public-dns-v4", "lists.warning-list"),
    ],
)
def test_a_list_that_stops_keeps_it_here(name, rule):
    after = consulted(PERMITTED, [hit(name)])
    assert (after.allowed, after.main.rule, after.terms, after.accord) == (False, rule, None, None)
    assert after.reasons[:-1] == PERMITTED.reasons
    assert rule_of(name) in {each.slug for each in RULES}


def test_the_nation_s_own_lists_speak_first():
    after = consulted(PERMITTED, [hit("akamai"), hit("victims"), hit("own-assets")])
    assert [each.rule for each in after.reasons[1:]] == [
        "lists.own-asset",
        "lists.victim",
        "lists.warning-list",
    ]


def test_no_list_lets_go_what_the_accords_keep():
    for hits in ([], [hit("victims")], [hit("akamai", Action.WARN)]):
        assert consulted(REFUSED, hits, {"victims"}) == REFUSED


def test_a_warning_is_said_and_changes_nothing():
    after = consulted(PERMITTED, [hit("akamai", Action.WARN), hit("akamai", Action.WARN)])
    assert [(each.rule, each.says) for each in after.reasons[1:]] == [("lists.warned", Says.NOTES)]
    assert (after.allowed, after.main, after.needs_approvals) == (True, PERMITTED.main, 0)


def test_a_list_that_was_set_aside_asks_for_a_second_officer():
    after = consulted(PERMITTED, [hit("victims"), hit("akamai", Action.WARN)], {"victims"})
    assert [each.rule for each in after.reasons[1:]] == ["lists.set-aside", "lists.warned"]
    assert (after.allowed, after.needs_approvals) == (True, 1)


def test_another_list_still_stops_it():
    after = consulted(PERMITTED, [hit("victims"), hit("own-assets")], {"victims"})
    assert [each.rule for each in after.reasons[1:]] == ["lists.own-asset"]


def test_no_reason_repeats_a_value_or_an_entry():
    for despite in ((), {"victims"}):
        after = consulted(PERMITTED, [hit("victims"), hit("akamai", Action.WARN)], despite)
        assert not any("the value" in each.text or "the entry" in each.text for each in after.reasons)


def test_without_hits_it_is_the_same():
    assert consulted(PERMITTED, []) is PERMITTED
