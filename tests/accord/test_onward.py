from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hilf.accord.decide import decide
from hilf.accord.explain import RULES
from hilf.accord.onward import BY_CONSENT, needs_officers, onward_rules, refused_directly
from hilf.accord.onward import COMMUNITY as COMMUNITY_
from hilf.accord.profile import Profile
from hilf.accord.terms import Onward
from hilf.markings.iep import Policy
from hilf.markings.marking import Granular, join
from hilf.markings.tlp import Tlp
from tests.accord.agreements import (
    COMMUNITY,
    NOW,
    OTHER_COMMUNITY,
    QN,
    QO,
    agreement,
    arrival,
    ask,
    forbid,
    marked,
    ours,
    permit,
    received,
    recipient,
    require,
)

HERE = frozenset({COMMUNITY})


def spoken(profile: Profile, tlp: Tlp = Tlp.CLEAR, communities: frozenset[str] = HERE) -> list[str]:
    return [reason.rule for reason in onward_rules(profile, tlp, recipient(), communities, "defence", NOW)]


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
    reasons = list(onward_rules(profile, Tlp.CLEAR, recipient(), HERE, "defence", NOW))
    assert [reason.rule for reason in reasons] == ["accord.onward-open", "accord.originator-control"]
    assert reasons[1].text == "It is under originator control. Ask cert.qp.example for consent."
    assert reasons[1].accord == arrival().accord


def test_without_an_author_the_asserter_is_asked() -> None:
    def said(profile: Profile) -> Any:
        return next(iter(onward_rules(profile, Tlp.CLEAR, recipient(), HERE, "defence", NOW))).text

    profile = received(arrival=arrival(onward=Onward.ASK_ORIGINATOR))
    assert said(profile) == f"It may be passed on with consent only. Ask {QO} for consent."
    assert (
        said(replace(profile, author=QN)) == f"It may be passed on with consent only. Ask {QN} for consent."
    )


CONSENTED = "accord.onward-consented"
STRICT = [Tlp.AMBER, Tlp.AMBER_STRICT, Tlp.RED]


@pytest.mark.parametrize("tlp", Tlp)
@pytest.mark.parametrize("onward", [Onward.ASK_ORIGINATOR, Onward.LISTED, Onward.FREE])
def test_consent_lifts_what_terms_and_tlp_say_for_whom_it_names(onward: Onward, tlp: Tlp) -> None:
    came = arrival(onward=onward, community=OTHER_COMMUNITY)
    profile = received(arrival=came, markings=marked(tlp, originator_control=True))
    without = spoken(profile, tlp)
    assert set(without) & BY_CONSENT != set()
    named = replace(profile, arrival=replace(came, consents=frozenset({(QN, "defence")})))
    assert spoken(named, tlp) == [*(rule for rule in without if rule not in BY_CONSENT), CONSENTED]
    other = replace(
        profile,
        arrival=replace(
            came,
            consents=frozenset({(QO, "defence"), (f"{COMMUNITY_}{COMMUNITY[:-1]}0", "defence"), (QN, "aid")}),
        ),
    )
    assert spoken(other, tlp) == without


def test_consent_to_a_community_is_for_who_is_in_it() -> None:
    came = arrival(
        onward=Onward.ASK_ORIGINATOR, consents=frozenset({(f"{COMMUNITY_}{COMMUNITY}", "defence")})
    )
    assert spoken(received(arrival=came)) == [CONSENTED]
    assert spoken(received(arrival=came), communities=frozenset()) == ["accord.onward-ask-originator"]


def test_a_node_that_is_named_like_a_community_is_none() -> None:
    came = arrival(onward=Onward.ASK_ORIGINATOR, consents=frozenset({(COMMUNITY, "defence")}))
    assert spoken(received(arrival=came)) == ["accord.onward-ask-originator"]


def test_consent_lifts_neither_none_nor_the_end_of_retention() -> None:
    consents = frozenset({(QN, "defence")})
    none = arrival(onward=Onward.NONE, consents=consents)
    assert spoken(received(arrival=none), Tlp.AMBER) == ["accord.onward-none", CONSENTED]
    over = arrival(onward=Onward.ASK_ORIGINATOR, retention_until=NOW, consents=consents)
    assert spoken(received(arrival=over)) == ["accord.retention-over", CONSENTED]


def test_consent_that_nothing_needs_is_not_spoken_of() -> None:
    assert spoken(received(arrival=arrival(consents=frozenset({(QN, "defence")})))) == ["accord.onward-open"]


def test_what_consent_can_lift_refuses_without_it() -> None:
    rules = {rule.slug for rule in RULES}
    assert rules > BY_CONSENT


@pytest.mark.parametrize(
    ("tlp", "needed"), [(Tlp.CLEAR, False), (Tlp.GREEN, False), *((t, True) for t in STRICT)]
)
def test_officers_stand_behind_consent_from_amber_on(tlp: Tlp, needed: bool) -> None:
    assert needs_officers(received(tlp), [agreement()], "defence", NOW) is needed


def test_officers_stand_behind_consent_where_no_tlp_or_a_strict_part_is() -> None:
    part = marked(Tlp.CLEAR, granular=(Granular(("name",), marked(Tlp.AMBER)),))
    assert needs_officers(received(None), [], "defence", NOW)
    assert needs_officers(received(markings=part), [], "defence", NOW)


@pytest.mark.parametrize(("approvals", "needed"), [(1, False), (2, True)])
def test_officers_stand_behind_consent_where_the_agreement_asks_for_two(approvals: int, needed: bool) -> None:
    held = agreement(clauses=[permit(), require(approvals=approvals)])
    assert needs_officers(received(Tlp.CLEAR), [held], "defence", NOW) is needed


def test_officers_stand_behind_consent_where_its_iep_is_over_or_the_agreement_asks_for_this_purpose() -> None:
    over = join(marked(Tlp.CLEAR), marked(policy=Policy(ends=NOW - timedelta(days=1))))
    assert needs_officers(received(markings=over), [], "defence", NOW)
    held = agreement(
        purposes=["defence", "aid"], clauses=[permit(), require(when={"purposes_any": ["aid"]}, approvals=2)]
    )
    assert [needs_officers(received(Tlp.CLEAR), [held], each, NOW) for each in ("aid", "defence")] == [
        True,
        False,
    ]


def directly(*clauses: Any, stopped: bool = False, **changes: Any) -> str | None:
    """The rule by which the originator would refuse QN his own indicator; the recipient is known or not."""
    to = recipient(state=changes.pop("state", "verified"))
    reason = refused_directly(ask(ours(**changes), *clauses, to=to), stopped=stopped)
    return None if reason is None else reason.rule


def test_the_originator_refuses_directly_what_his_markings_his_forbids_and_his_people_refuse() -> None:
    assert directly() is None
    assert directly(permit(marking_max="clear")) is None  # none permits is no wish of his
    assert directly(permit(), markings=marked(None)) is None  # what is noted is no refusal
    assert directly(forbid()) == "accord.forbidden"
    assert directly(permit(), forbid()) == "accord.forbidden"
    assert directly(markings=marked(Tlp.GREEN, rel_to=frozenset({"QO"}))) == "accord.rel-to"
    assert directly(exercise=True) == "accord.exercise-material"


def test_a_recipient_whom_the_originator_does_not_know_is_refused_only_where_people_stopped_him() -> None:
    assert directly(state="introduced") is None
    assert directly(state="suspended", stopped=True) == "accord.recipient-not-verified"
    assert directly(forbid(), state="introduced") == "accord.forbidden"
    assert directly(state="introduced", markings=marked(unknown=("x",))) == "accord.marking-unreadable"


def test_that_nothing_is_agreed_and_that_a_part_cannot_be_named_are_no_refusal_of_their_own() -> None:
    alone = decide(ours(), recipient(), [], "defence", NOW)
    assert refused_directly(alone, stopped=False) is None
    part = marked(Tlp.CLEAR, granular=(Granular((), marked(Tlp.RED)),))
    withheld = ask(ours(markings=part), permit(), forbid(marking_min="red"))
    assert withheld.main.rule == "accord.granular-withheld"
    reason = refused_directly(withheld, stopped=False)
    assert reason is not None
    assert reason.rule == "accord.forbidden"
    above = ask(ours(markings=part), permit(marking_max="amber"))
    assert above.main.rule == "accord.granular-withheld"
    assert refused_directly(above, stopped=False) is None
