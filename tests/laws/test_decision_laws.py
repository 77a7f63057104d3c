"""Laws of the decision to release (accord.md 3), over agreements, profiles and recipients of every kind."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hilf.accord.decide import EXERCISE, DecisionCache, decide
from hilf.accord.decision import VERIFIED, Decision, Recipient, Says
from hilf.accord.document import Accord, InForce
from hilf.accord.profile import Arrival, Profile
from hilf.accord.relation import EndState, decide_relation
from hilf.accord.terms import Onward, Terms
from hilf.markings.iep import Actions, Policy, Say
from hilf.markings.marking import Granular, Markings, at, effective_tlp, join
from hilf.markings.pap import Pap
from hilf.markings.tlp import Tlp
from tests.accord.agreements import (
    COMMUNITY,
    NOW,
    OTHER_COMMUNITY,
    QM,
    QN,
    QO,
    agreement,
    clause,
    forbid,
    permit,
)

law = settings(max_examples=max(100, settings.default.max_examples if settings.default else 0), deadline=None)

WORDS = ("a", "b")
PURPOSES = ("defence", "aid", EXERCISE)
NAMES = ("QN", "QO", COMMUNITY, OTHER_COMMUNITY)
levels = st.sampled_from((Tlp.CLEAR, Tlp.GREEN, Tlp.GREEN, *Tlp))
words = st.sampled_from(("red", "amber+strict", "amber", "green", "clear"))
paps = st.sampled_from([level.word for level in Pap])


def mostly(common: Any, rare: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The common value in nine of ten draws, or else there would be nothing but refusals to compare."""
    return st.integers(0, 9).flatmap(lambda drawn: rare if drawn == 6 else st.just(common))


def some(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


conditions = {
    "confidence_min": st.sampled_from((1, 50, 100)),
    "labels_any": some(WORDS),
    "sectors_any": some(WORDS),
    "purposes_any": some(PURPOSES),
    "languages_any": some(("ar", "en")),
    "exercise": st.booleans(),
    "personal_data": st.booleans(),
    "weather": st.just("fair"),
}
kinds = mostly(("object", "sighting"), st.sampled_from((("object",), ("sighting",), ("indicator",))))
duties = st.fixed_dictionaries(
    {},
    optional={
        "approvals": st.integers(1, 4),
        "retention_days": st.sampled_from((1, 30, 900)),
        "onward": st.sampled_from([onward.value for onward in Onward]),
        "purpose": mostly("defence", st.sampled_from(PURPOSES)),
        "sealed": mostly(False, st.just(True)),
    },
).filter(bool)


@st.composite
def clauses(draw: st.DrawFn) -> dict[str, Any]:
    effect = draw(st.sampled_from(("permit", "require", "permit", "forbid", "permit")))
    end = "max" if effect == "permit" else "min"
    bound = draw(
        st.fixed_dictionaries({}, optional={f"marking_{end}": words, f"pap_{end}": mostly("red", paps)})
    )
    when = draw(mostly({}, st.fixed_dictionaries({}, optional=conditions)))
    duty = {"require": draw(duties)} if effect == "require" else {}
    return clause("c", effect, draw(kinds), when={**bound, **when}, **duty)


def numbered(drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**each, "id": f"c-{i}"} for i, each in enumerate(drawn)]


permits = st.builds(lambda bound: permit(marking_max=bound), words).map(
    lambda each: {**each, "kinds": ["object", "sighting"]}
)
clause_lists = st.builds(
    lambda first, rest: numbered([*first, *rest]),
    st.lists(permits, min_size=1, max_size=1) | st.lists(permits, max_size=2),
    st.lists(clauses(), max_size=3),
)


@st.composite
def texts(draw: st.DrawFn) -> dict[str, Any]:
    """What an agreement between QM and QN changes in the default one."""
    return {
        "clauses": draw(clause_lists),
        "onward": draw(st.sampled_from([onward.value for onward in Onward])),
        "personal_data": draw(mostly("permit", st.sampled_from(("forbid", "redact")))),
        "retention_days": draw(st.sampled_from((1, 30, 365))),
        "purposes": draw(mostly(list(PURPOSES), some(PURPOSES))),
        "community": draw(st.sampled_from((COMMUNITY, OTHER_COMMUNITY))),
    }


def agreements(given_: list[dict[str, Any]]) -> list[Accord]:
    return [agreement(number=i + 1, **changes) for i, changes in enumerate(given_)]


accords = st.lists(texts(), min_size=1, max_size=2).map(agreements)


# Half of the draws of a law are plain ones, in which little else keeps an object, so that the law has something to compare.
plain_clauses = st.builds(
    lambda first, rest: numbered([first, *rest]),
    st.just(permit())
    | st.builds(lambda bound: permit(marking_max=bound), words)
    | st.builds(lambda bound: permit(pap_max=bound), paps),
    st.lists(
        st.builds(lambda bound: forbid(marking_min=bound), words)
        | st.builds(lambda bound: forbid(pap_min=bound), paps)
        | st.builds(lambda bound: permit(marking_max=bound), words),
        max_size=2,
    ),
)
plain_texts = st.fixed_dictionaries({"clauses": plain_clauses, "onward": st.just("free")})
plain_accords = plain_texts.map(lambda text: agreements([text]))
plain_profiles = st.builds(
    lambda tlp, pap: Profile("object", "indicator", Markings(tlp=tlp, pap=pap), QM),
    st.sampled_from(Tlp),
    st.none() | st.sampled_from(Pap),
)
plain_markings = st.builds(Markings, tlp=st.sampled_from(Tlp)) | st.builds(Markings, pap=st.sampled_from(Pap))


dates = mostly(None, st.sampled_from((NOW - timedelta(days=9), NOW, NOW + timedelta(days=9))))
policies = st.builds(
    Policy,
    actions=mostly(Actions.EXTERNALLY_VISIBLE_DIRECT_ACTIONS, st.sampled_from(Actions)),
    attribution=mostly(Say.MAY, st.sampled_from(Say)),
    starts=dates,
    ends=dates,
)


def marking_sets(tlp: st.SearchStrategy[Tlp | None]) -> st.SearchStrategy[Markings]:
    return st.builds(
        Markings,
        tlp=tlp,
        statements=st.sampled_from(((), ("s",))),
        rel_to=mostly(None, st.frozensets(st.sampled_from(NAMES))),
        originator_control=mostly(False, st.just(True)),
        unknown=mostly((), st.just(("x",))),
        pap=st.none() | st.sampled_from(Pap),
        policy=st.none() | policies,
        controls=st.sampled_from(((), ("acs",))),
        classified=mostly((), st.just(("nato",))),
        floor=mostly(Tlp.CLEAR, st.sampled_from(Tlp)),
        no_onward=mostly(False, st.just(True)),
    )


parts = st.lists(
    st.builds(
        Granular,
        st.sampled_from((("name",), ("labels",), ("labels.[0]", "name"))),
        marking_sets(st.none() | levels),
    ),
    max_size=2,
).map(tuple)
any_markings = st.builds(
    lambda whole, part: replace(whole, granular=part), marking_sets(st.none() | levels), parts
)
with_tlp = st.builds(lambda whole, part: replace(whole, granular=part), marking_sets(levels), parts)

arrivals = st.builds(
    Arrival,
    accord=st.just(("accord--x", 1)),
    community=st.sampled_from((COMMUNITY, OTHER_COMMUNITY)),
    parties=st.sampled_from((frozenset({QM, QO}), frozenset({QM, QN, QO}))),
    onward=mostly(Onward.FREE, st.sampled_from(Onward)),
    retention_until=mostly(None, st.sampled_from((NOW, NOW + timedelta(days=9)))),
)


def profiles(markings: st.SearchStrategy[Markings] = any_markings) -> st.SearchStrategy[Profile]:
    ours = {
        "kind": st.sampled_from(("object", "sighting")),
        "type": st.sampled_from(("indicator", "malware", "sighting")),
        "markings": markings,
        "asserter": st.just(QM),
        "labels": st.frozensets(st.sampled_from(WORDS)),
        "sectors": st.frozensets(st.sampled_from(WORDS)),
        "confidence": st.sampled_from((None, 0, 50, 100)),
        "languages": st.sampled_from((frozenset({"en"}), frozenset({"ar-EG"}))),
        "personal_data": mostly(False, st.just(True)),
        "exercise": mostly(False, st.just(True)),
        "revoked": st.booleans(),
    }
    own = st.builds(Profile, **ours)
    theirs = {"asserter": st.just(QO), "own": st.just(False), "arrival": arrivals}
    return own | st.builds(Profile, **{**ours, **theirs})


recipients = st.builds(
    Recipient,
    node=mostly(QN, st.just(QO)),
    country=st.just("QN"),
    communities=st.frozensets(st.just(OTHER_COMMUNITY)),
    state=mostly(VERIFIED, st.sampled_from(("introduced", "suspended"))),
)
purposes = mostly("defence", st.sampled_from(PURPOSES))


def ask(profile: Profile, to: Recipient, held: list[Accord], purpose: str) -> Decision:
    return decide(profile, to, [InForce(accord, QM) for accord in held], purpose, NOW)


def width(decision: Decision) -> tuple[int, float, int]:
    """How much a release lets the recipient do; the greater the wider in each part."""
    assert decision.terms is not None
    until = decision.terms.retention_until
    return (
        decision.terms.onward.width,
        float("inf") if until is None else until.timestamp(),
        -decision.needs_approvals,
    )


@law
@given(
    st.tuples(profiles(with_tlp), any_markings, recipients, accords, purposes)
    | st.tuples(
        plain_profiles, plain_markings, st.just(Recipient(QN, "QN")), plain_accords, st.just("defence")
    )
)
def test_where_a_tlp_is_present_adding_a_marking_never_widens_release(
    drawn: tuple[Profile, Markings, Recipient, list[Accord], str],
) -> None:
    profile, more, to, held, purpose = drawn
    after = ask(replace(profile, markings=join(profile.markings, more)), to, held, purpose)
    assert not after.allowed or ask(profile, to, held, purpose).allowed


@pytest.mark.parametrize(("name", "levels_"), [("marking", Tlp), ("pap", Pap)])
def test_between_every_two_bounds_adding_any_level_never_widens_release(name: str, levels_: Any) -> None:
    to = Recipient(QN, "QN")
    for most, least in product(levels_, levels_):
        held = agreements(
            [{"clauses": [permit(**{f"{name}_max": most.word}), forbid(**{f"{name}_min": least.word})]}]
        )
        leaves = {}
        for level in levels_:
            marked = Markings(tlp=level) if name == "marking" else Markings(tlp=Tlp.CLEAR, pap=level)
            profile = Profile("object", "indicator", marked, QM)
            leaves[level] = ask(profile, to, held, "defence").allowed
        assert leaves == {level: level <= most and level < least for level in levels_}
        assert list(leaves.values()) == sorted(leaves.values(), reverse=True)


@law
@given(profiles(with_tlp), any_markings, recipients, texts(), purposes)
def test_within_one_agreement_adding_a_marking_never_loosens_terms_or_approvals(
    profile: Profile, more: Markings, to: Recipient, changes: dict[str, Any], purpose: str
) -> None:
    held = agreements([changes])
    after = ask(replace(profile, markings=join(profile.markings, more)), to, held, purpose)
    before = ask(profile, to, held, purpose)
    if after.allowed and after.redact == before.redact:  # a part that goes takes along what it asked for
        assert all(b >= a for a, b in zip(width(after), width(before), strict=True))


@law
@given(profiles(with_tlp), any_markings, recipients, texts(), purposes)
def test_within_one_agreement_what_is_taken_out_stays_out_when_a_marking_is_added(
    profile: Profile, more: Markings, to: Recipient, changes: dict[str, Any], purpose: str
) -> None:
    held = agreements([changes])
    after = ask(replace(profile, markings=join(profile.markings, more)), to, held, purpose)
    if after.allowed:
        assert set(ask(profile, to, held, purpose).redact) <= set(after.redact)


@law
@given(profiles(), recipients, accords, purposes)
def test_what_leaves_in_part_leaves_only_places_that_would_leave_by_themselves(
    profile: Profile, to: Recipient, held: list[Accord], purpose: str
) -> None:
    decision = ask(profile, to, held, purpose)
    if not decision.allowed:
        return
    assert profile.own or not decision.redact
    tlp = effective_tlp(replace(profile.markings, granular=()))
    for part in profile.markings.granular:
        for selector in part.selectors:
            here = replace(at(profile.markings, selector), granular=())
            alone = ask(replace(profile, markings=join(here, Markings(tlp=tlp))), to, held, purpose)
            assert alone.allowed or selector in decision.redact


@law
@given(
    profiles(),
    recipients,
    st.lists(texts(), min_size=1, max_size=2),
    purposes,
    st.randoms(use_true_random=False),
)
def test_the_order_of_clauses_and_of_agreements_does_not_matter(
    profile: Profile, to: Recipient, given_: list[dict[str, Any]], purpose: str, random: Any
) -> None:
    shuffled = agreements(
        [{**each, "clauses": random.sample(each["clauses"], len(each["clauses"]))} for each in given_]
    )
    random.shuffle(shuffled)
    assert ask(profile, to, shuffled, purpose) == ask(profile, to, agreements(given_), purpose)


@law
@given(profiles(), recipients, purposes)
def test_without_agreements_nothing_leaves(profile: Profile, to: Recipient, purpose: str) -> None:
    assert not ask(profile, to, [], purpose).allowed
    assert not ask(profile, to, agreements([{"clauses": []}]), purpose).allowed


@law
@given(profiles(), recipients, accords, purposes, clauses().filter(lambda each: each["effect"] != "permit"))
def test_a_forbid_or_a_duty_never_widens_release(
    profile: Profile, to: Recipient, held: list[Accord], purpose: str, more: dict[str, Any]
) -> None:
    first = held[0].json()
    listed = first["clauses"]
    assert isinstance(listed, list)
    stricter = agreement(
        **{**first, "clauses": [*listed, {**more, "id": "more"}], "parties_": first["parties"]}
    )
    before, after = ask(profile, to, held, purpose), ask(profile, to, [stricter, *held[1:]], purpose)
    assert not after.allowed or before.allowed


@law
@given(profiles(), recipients, accords, purposes)
def test_an_agreement_that_forbids_everything_leaves_nothing_whatever_others_permit(
    profile: Profile, to: Recipient, held: list[Accord], purpose: str
) -> None:
    everything = {**forbid(), "kinds": ["object", "sighting"]}
    assert not ask(profile, to, [*held, agreement(number=9, clauses=[everything])], purpose).allowed


@law
@given(profiles(), arrivals, recipients, accords, purposes)
def test_what_was_received_never_leaves_more_widely_than_our_own(
    profile: Profile, came: Arrival, to: Recipient, held: list[Accord], purpose: str
) -> None:
    own = ask(replace(profile, own=True, arrival=None), to, held, purpose)
    theirs = ask(replace(profile, own=False, arrival=came), to, held, purpose)
    if theirs.allowed:
        assert own.allowed
        assert all(o >= t for o, t in zip(width(own), width(theirs), strict=True))


@law
@given(profiles(), recipients, accords, purposes)
def test_every_decision_has_a_reason_a_refusal_carries_nothing_and_the_cache_says_the_same(
    profile: Profile, to: Recipient, held: list[Accord], purpose: str
) -> None:
    decision = ask(profile, to, held, purpose)
    assert decision.main in decision.reasons
    assert decision.main.says is (Says.PERMITS if decision.allowed else Says.REFUSES)
    assert (decision.terms is not None) is (decision.accord is not None) is decision.allowed
    cache = DecisionCache(to, [InForce(accord, QM) for accord in held], purpose, NOW)
    assert cache.decide(profile) == cache.decide(profile) == decision


@law
@given(profiles(), levels, texts(), purposes)
def test_a_part_never_widens_the_whole_and_never_leaves_more_widely_than_if_all_were_marked_so(
    profile: Profile, tlp: Tlp, changes: dict[str, Any], purpose: str
) -> None:
    held, to = agreements([changes]), Recipient(QN, "QN")
    bare = replace(profile.markings, granular=())
    part = replace(bare, granular=(Granular(("name",), Markings(tlp=tlp)),))
    decision = ask(replace(profile, markings=part), to, held, purpose)
    if decision.allowed:
        alone = ask(replace(profile, markings=bare), to, held, purpose)
        assert alone.allowed
        assert all(a >= d for a, d in zip(width(alone), width(decision), strict=True))
        everywhere = ask(replace(profile, markings=join(bare, Markings(tlp=tlp))), to, held, purpose)
        assert everywhere.allowed is ("name" not in decision.redact)


@law
@given(profiles().filter(lambda profile: not profile.own), recipients, accords, purposes)
def test_what_was_received_goes_on_only_at_green_and_below_on_an_open_term(
    profile: Profile, to: Recipient, held: list[Accord], purpose: str
) -> None:
    decision = ask(profile, to, held, purpose)
    if decision.allowed:
        assert profile.arrival is not None
        assert decision.terms is not None
        assert profile.markings.tlp in (Tlp.CLEAR, Tlp.GREEN)
        assert decision.redact == ()
        assert not profile.markings.no_onward
        assert profile.arrival.onward in (Onward.LISTED, Onward.FREE)
        assert not profile.markings.originator_control
        assert decision.terms.onward.width <= profile.arrival.onward.width


@law
@given(profiles(), recipients, accords, purposes)
def test_exercise_material_and_nodes_that_nobody_verified_have_no_way_round(
    profile: Profile, to: Recipient, held: list[Accord], purpose: str
) -> None:
    everything = agreement(
        number=9,
        clauses=[
            {**each, "kinds": ["object", "sighting"]}
            for each in (permit("p-1"), permit("p-2", exercise=True))
        ],
        purposes=list(PURPOSES),
    )
    if (profile.exercise and purpose != EXERCISE) or to.state != VERIFIED or profile.markings.unknown:
        assert not ask(profile, to, [*held, everything], purpose).allowed


@law
@given(profiles(), recipients, accords, purposes, st.data())
def test_a_clause_with_a_condition_that_cannot_be_read_never_widens_release(
    profile: Profile, to: Recipient, held: list[Accord], purpose: str, data: st.DataObject
) -> None:
    first: dict[str, Any] = held[0].json()
    if not first["clauses"]:
        return
    chosen = data.draw(st.sampled_from(first["clauses"]))
    chosen["when"]["season"] = "dry"
    unread = agreement(**{**first, "parties_": first["parties"]})
    assert (
        not ask(profile, to, [unread, *held[1:]], purpose).allowed or ask(profile, to, held, purpose).allowed
    )


@law
@given(
    profiles(),
    profiles(),
    st.none() | st.builds(Terms, st.just(()), st.sampled_from(Onward)),
    accords,
    purposes,
)
def test_a_relation_never_leaves_more_widely_than_by_itself_or_without_its_end(
    relation: Profile, end: Profile, held_terms: Terms | None, held: list[Accord], purpose: str
) -> None:
    to = Recipient(QN, "QN")
    alone, other = ask(relation, to, held, purpose), ask(end, to, held, purpose)
    joined = decide_relation(alone, [EndState("indicator--1", other, held_terms)])
    assert not joined.allowed or (alone.allowed and (other.allowed or held_terms is not None))
    assert joined.needs_approvals >= alone.needs_approvals or not joined.allowed
