"""Laws of passing on (accord.md 3): what consent may widen and what it never does, and paths over several nations."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hilf.accord.decision import Recipient, Says
from hilf.accord.document import Accord
from hilf.accord.onward import BY_CONSENT, COMMUNITY
from hilf.accord.profile import Arrival, Profile
from hilf.accord.terms import Onward
from hilf.federation.consent import Asked, Given, Standing, Towards, Version, judge_denied, judge_given
from tests.accord.agreements import COMMUNITY as SHARED
from tests.accord.agreements import NOW, OTHER_COMMUNITY, QN, QO
from tests.laws.test_decision_laws import (
    accords,
    agreements,
    arrivals,
    ask,
    law,
    plain_profiles,
    plain_texts,
    profiles,
    purposes,
    recipients,
    texts,
    width,
)

NAMED = (QN, QO, f"{COMMUNITY}{SHARED}", f"{COMMUNITY}{OTHER_COMMUNITY}")
consents = st.frozensets(st.tuples(st.sampled_from(NAMED), purposes), max_size=2)
theirs = profiles().filter(lambda profile: not profile.own)
paths = st.lists(texts(), min_size=2, max_size=4)


def consenting(profile: Profile, named: frozenset[tuple[str, str]]) -> Profile:
    assert profile.arrival is not None
    return replace(profile, arrival=replace(profile.arrival, consents=named))


@law
@given(profiles(), arrivals, consents, recipients, accords, purposes)
def test_with_consent_nothing_leaves_that_would_not_leave_if_it_were_our_own(
    profile: Profile,
    came: Arrival,
    named: frozenset[tuple[str, str]],
    to: Recipient,
    held: list[Accord],
    purpose: str,
) -> None:
    own = ask(replace(profile, own=True, arrival=None), to, held, purpose)
    passed = ask(replace(profile, own=False, arrival=replace(came, consents=named)), to, held, purpose)
    if passed.allowed:
        assert own.allowed
        assert all(o >= p for o, p in zip(width(own), width(passed), strict=True))


@law
@given(theirs, consents, recipients, accords, purposes)
def test_consent_only_ever_widens(
    profile: Profile, named: frozenset[tuple[str, str]], to: Recipient, held: list[Accord], purpose: str
) -> None:
    without, with_ = ask(profile, to, held, purpose), ask(consenting(profile, named), to, held, purpose)
    assert with_.allowed or not without.allowed
    if without.allowed:
        assert width(with_) == width(without)


@law
@given(theirs, consents, recipients, accords, purposes)
def test_consent_changes_nothing_for_whom_it_does_not_name(
    profile: Profile, named: frozenset[tuple[str, str]], to: Recipient, held: list[Accord], purpose: str
) -> None:
    mine = {to.node, *(f"{COMMUNITY}{each}" for each in to.communities)}
    mine |= {f"{COMMUNITY}{accord.community}" for accord in held}
    others = frozenset((whom, what) for whom, what in named if whom not in mine or what != purpose)
    assert ask(consenting(profile, others), to, held, purpose) == ask(profile, to, held, purpose)


@law
@given(theirs, recipients, accords, purposes)
def test_consent_lifts_the_rules_of_passing_on_and_no_other(
    profile: Profile, to: Recipient, held: list[Accord], purpose: str
) -> None:
    without = ask(profile, to, held, purpose)
    with_ = ask(consenting(profile, frozenset({(to.node, purpose)})), to, held, purpose)
    refusing = [reason.rule for reason in without.reasons if reason.says is Says.REFUSES]
    if with_.allowed and not without.allowed:
        assert set(refusing) & BY_CONSENT
    if any(rule not in BY_CONSENT and rule.startswith("accord.onward") for rule in refusing):
        assert not with_.allowed
    still = {reason.rule for reason in with_.reasons if reason.says is Says.REFUSES}
    assert not still & BY_CONSENT


def with_onward(given_: dict[str, Any], onward: Onward) -> dict[str, Any]:
    return {**given_, "onward": onward.value}


def travel(
    profile: Profile, path: list[Accord], purpose: str, named: frozenset[tuple[str, str]]
) -> list[Any]:
    """The decisions of each hop, as far as it comes: what one node sends is what the next one received."""
    decisions: list[Any] = []
    for accord in path:
        decision = ask(profile, Recipient(QN, "QN"), [accord], purpose)
        decisions.append(decision)
        if not decision.allowed or decision.terms is None:
            break
        terms = decision.terms
        came = Arrival(
            accord.key, accord.community, frozenset(accord.nodes), terms.onward, terms.retention_until, named
        )
        profile = replace(profile, own=False, arrival=came)
    return decisions


@law
@given(
    st.tuples(profiles().filter(lambda profile: profile.own), paths, purposes, consents)
    | st.tuples(
        plain_profiles,
        st.lists(plain_texts, min_size=2, max_size=4),
        st.just("defence"),
        st.just(frozenset({(QN, "defence")})),
    )
)
def test_what_is_refused_directly_is_refused_through_any_onward_path(
    drawn: tuple[Profile, list[dict[str, Any]], str, frozenset[tuple[str, str]]],
) -> None:
    profile, path, purpose, named = drawn
    hops = agreements(path)
    direct = ask(profile, Recipient(QN, "QN"), [hops[-1]], purpose)
    decisions = travel(profile, hops, purpose, named)
    arrived = len(decisions) == len(hops) and decisions[-1].allowed
    assert direct.allowed or not arrived
    if arrived:
        assert all(d >= o for d, o in zip(width(direct), width(decisions[-1]), strict=True))


@law
@given(
    st.tuples(profiles().filter(lambda profile: profile.own), paths, purposes, consents)
    | st.tuples(
        plain_profiles,
        st.lists(st.builds(with_onward, plain_texts, st.sampled_from(Onward)), min_size=2, max_size=4),
        st.just("defence"),
        st.just(frozenset({(QN, "defence")})),
    )
)
def test_terms_never_loosen_on_the_way_and_none_ends_it(
    drawn: tuple[Profile, list[dict[str, Any]], str, frozenset[tuple[str, str]]],
) -> None:
    profile, path, purpose, named = drawn
    decisions = travel(profile, agreements(path), purpose, named)
    passed = [decision.terms for decision in decisions if decision.allowed]
    for before, after in pairwise(passed):
        assert before.onward.width >= after.onward.width > Onward.NONE.width or after.onward is Onward.NONE
        assert before.onward is not Onward.NONE
        assert before.retention_until >= after.retention_until > NOW


@law
@given(profiles().filter(lambda profile: profile.own), paths, purposes)
def test_without_consent_nothing_goes_on_that_came_to_be_asked_for(
    profile: Profile, path: list[dict[str, Any]], purpose: str
) -> None:
    decisions = travel(profile, agreements(path), purpose, frozenset())
    for before, after in pairwise(decisions):
        if before.terms.onward.width <= Onward.ASK_ORIGINATOR.width:
            assert not after.allowed


VERSION = Version("indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", None, "11" * 32)
OTHER = Version("indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", None, "22" * 32)
ASKED = Asked((VERSION,), Towards((QN, QO)), "defence", NOW + timedelta(hours=2))
answers = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.booleans(),
        st.sampled_from(((VERSION,), (OTHER,), (VERSION, OTHER))),
        st.sampled_from(((QN,), (QN, QO), ("cert.qp.example",))),
        st.booleans(),
    ),
    max_size=6,
)


@law
@given(answers, st.booleans())
def test_a_yes_counts_at_most_once_in_time_for_what_was_asked_and_never_after_a_no(
    said: list[Any], needs_officers: bool
) -> None:
    standing, counted = Standing(ASKED), 0
    for hours, is_yes, objects, nodes, signed in said:
        at = NOW + timedelta(hours=hours)
        if not is_yes:
            first = judge_denied(standing) is None
            assert first is (standing.denied is None)
            standing = replace(standing, denied=standing.denied or at)
            continue
        body = Given("ab" * 32, objects, Towards(nodes))
        if judge_given(body, standing, at, needs_officers=needs_officers, signed=signed) is None:
            assert standing.denied is None
            assert at <= ASKED.answer_by
            assert objects == (VERSION,)
            assert set(nodes) <= {QN, QO}
            assert signed or not needs_officers
            counted += 1
            standing = replace(standing, given=at)
    assert counted <= 1
