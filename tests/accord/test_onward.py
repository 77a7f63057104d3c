from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hilf.accord.onward import onward_rules
from hilf.accord.profile import Profile
from hilf.accord.terms import Onward
from hilf.markings.tlp import Tlp
from tests.accord.agreements import (
    COMMUNITY,
    NOW,
    OTHER_COMMUNITY,
    QN,
    QO,
    arrival,
    marked,
    ours,
    received,
    recipient,
)

HERE = frozenset({COMMUNITY})


def spoken(profile: Profile, tlp: Tlp = Tlp.CLEAR, communities: frozenset[str] = HERE) -> list[str]:
    return [reason.rule for reason in onward_rules(profile, tlp, recipient(), communities, NOW)]


def test_for_what_is_our_own_nothing_speaks() -> None:
    assert spoken(ours(), Tlp.RED) == []


def test_what_came_nobody_knows_how_stays() -> None:
    assert spoken(received(arrival=None)) == ["accord.arrival-unknown"]


@pytest.mark.parametrize(
    ("tlp", "refused"),
    [
        (Tlp.CLEAR, []),
        (Tlp.GREEN, []),
        (Tlp.AMBER, ["accord.amber-not-onward"]),
        (Tlp.AMBER_STRICT, ["accord.amber-strict-not-onward"]),
        (Tlp.RED, ["accord.red-named-people"]),
    ],
)
def test_tlp_between_nations_for_what_one_received(tlp: Tlp, refused: list[str]) -> None:
    assert spoken(received(), tlp) == ["accord.onward-open", *refused]


def test_green_stays_in_the_community_it_came_under() -> None:
    outside = frozenset({OTHER_COMMUNITY})
    assert spoken(received(), Tlp.GREEN, outside) == ["accord.onward-open", "accord.green-outside-community"]
    assert spoken(received(), Tlp.CLEAR, outside) == ["accord.onward-open"]


@pytest.mark.parametrize(
    ("onward", "expected"),
    [
        (Onward.NONE, "accord.onward-none"),
        (Onward.ASK_ORIGINATOR, "accord.onward-ask-originator"),
        (Onward.LISTED, "accord.onward-listed"),
        (Onward.FREE, "accord.onward-open"),
    ],
)
def test_the_term_on_which_it_came_rules_as_well(onward: Onward, expected: str) -> None:
    assert spoken(received(arrival=arrival(onward=onward))) == [expected]


def test_listed_means_the_parties_of_the_agreement_it_came_under() -> None:
    came = arrival(onward=Onward.LISTED, parties=frozenset({QO, QN}))
    assert spoken(received(arrival=came)) == ["accord.onward-open"]


def test_what_may_not_be_kept_any_more_is_not_passed_on() -> None:
    for until, expected in ((NOW, ["accord.retention-over"]), (NOW + timedelta(microseconds=1), [])):
        assert spoken(received(arrival=arrival(retention_until=until))) == [*expected, "accord.onward-open"]


def test_originator_control_asks_the_author() -> None:
    profile = received(markings=marked(Tlp.CLEAR, originator_control=True), author="cert.qp.example")
    reasons = list(onward_rules(profile, Tlp.CLEAR, recipient(), HERE, NOW))
    assert [reason.rule for reason in reasons] == ["accord.onward-open", "accord.originator-control"]
    assert reasons[1].text == "It is under originator control. Ask cert.qp.example for consent."
    assert reasons[1].accord == arrival().accord


def test_without_an_author_the_asserter_is_asked() -> None:
    def said(profile: Profile) -> Any:
        return next(iter(onward_rules(profile, Tlp.CLEAR, recipient(), HERE, NOW))).text

    profile = received(arrival=arrival(onward=Onward.NONE))
    assert said(profile) == f"It came on the term that it is not passed on. Ask {QO} for consent."
    assert (
        said(replace(profile, author=QN))
        == f"It came on the term that it is not passed on. Ask {QN} for consent."
    )
