from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hilf.accord.decide import DecisionCache, decide
from hilf.accord.decision import Reason, Says
from hilf.accord.document import InForce
from hilf.accord.terms import Onward, Terms
from hilf.markings.marking import Granular
from hilf.markings.pap import Pap
from hilf.markings.tlp import Tlp
from tests.accord.agreements import (
    BEGINS,
    COMMUNITY,
    NOW,
    OTHER_COMMUNITY,
    QM,
    QN,
    QO,
    UNTIL,
    agreement,
    arrival,
    ask,
    clause,
    forbid,
    marked,
    ours,
    permit,
    received,
    recipient,
    require,
    rules,
)

END = datetime(2027, 3, 2, tzinfo=UTC)


def granular(tlp: Tlp | None, *parts: Any) -> Any:
    return marked(tlp, granular=tuple(Granular((f"name{i}",), part) for i, part in enumerate(parts)))


def held(*agreements: Any) -> list[InForce]:
    return [InForce(each, QM) for each in agreements]


def test_without_an_agreement_nothing_leaves() -> None:
    decision = decide(ours(markings=marked(Tlp.CLEAR)), recipient(), [], "defence", NOW)
    assert (decision.allowed, rules(decision)) == (False, ("accord.none-in-force",))


def test_an_agreement_with_somebody_else_is_none() -> None:
    decision = decide(ours(), recipient(), held(agreement(parties=(QM, QO))), "defence", NOW)
    assert rules(decision) == ("accord.none-in-force",)


def test_what_a_clause_permits_leaves_on_the_terms_of_the_agreement() -> None:
    decision = ask(ours(overlay=("marking-definition--x",)))
    assert decision.allowed
    assert decision.accord == agreement().key
    assert decision.terms == Terms(("marking-definition--x",), Onward.ASK_ORIGINATOR, END)
    assert (decision.needs_approvals, decision.redact) == (0, ())
    text = "Clause c-1 permits it: Intelligence marked TLP:CLEAR or TLP:GREEN may be sent to the other party."
    permits = Reason("accord.permitted", Says.PERMITS, text, agreement().key, "c-1")
    assert (decision.main, decision.reasons[0]) == (permits, permits)
    assert [reason.clause for reason in decision.reasons] == ["c-1", "c-2"]


def test_the_period_of_an_agreement_is_read_again() -> None:
    instants = (BEGINS - timedelta(microseconds=1), BEGINS, UNTIL - timedelta(microseconds=1), UNTIL)
    assert [ask(ours(), now=now).allowed for now in instants] == [False, True, True, False]


def test_a_forbid_in_any_agreement_denies_what_another_permits() -> None:
    one, two = agreement(clauses=[permit()]), agreement(number=2, clauses=[forbid(labels_any=["victim"])])
    assert decide(ours(), recipient(), held(one, two), "defence", NOW).allowed
    victim = ours(labels=frozenset({"victim"}))
    for order in ((one, two), (two, one)):
        decision = decide(victim, recipient(), held(*order), "defence", NOW)
        assert (decision.main.rule, decision.main.accord, decision.main.clause) == (
            "accord.forbidden",
            two.key,
            "f-1",
        )


def test_a_forbid_in_an_agreement_with_somebody_else_is_silent() -> None:
    other = agreement(parties=(QM, QO), number=2, clauses=[forbid()])
    assert decide(ours(), recipient(), held(agreement(), other), "defence", NOW).allowed


@pytest.mark.parametrize("state", ["unknown", "introduced", "suspended", "revoked"])
def test_only_a_verified_node_receives(state: str) -> None:
    decision = ask(ours(), to=recipient(state=state))
    assert (decision.allowed, decision.main.rule) == (False, "accord.recipient-not-verified")


def test_a_marking_that_cannot_be_read_keeps_it() -> None:
    decision = ask(ours(markings=marked(Tlp.CLEAR, unknown=("marking-definition--x",))))
    assert (decision.allowed, decision.main.rule) == (False, "accord.marking-unreadable")


def test_a_missing_tlp_is_amber_strict_says_so_and_travels_as_such() -> None:
    unmarked = ours(markings=marked())
    assert rules(ask(unmarked))[0] == "accord.tlp-missing"
    assert not ask(unmarked, permit(marking_max="amber")).allowed
    decision = ask(unmarked, permit(marking_max="amber+strict"))
    assert (decision.allowed, rules(decision)) == (
        True,
        ("accord.tlp-missing", "accord.permitted", "accord.second-officer"),
    )
    assert decision.terms == Terms((Tlp.AMBER_STRICT.marking_id,), Onward.ASK_ORIGINATOR, END)
    laid_over = replace(unmarked, overlay=(Tlp.AMBER_STRICT.marking_id,))
    assert ask(laid_over, permit()).terms == decision.terms


@pytest.mark.parametrize(
    ("rel_to", "allowed"),
    [
        (None, True),
        (frozenset({"QN", "QO"}), True),
        (frozenset({"QO"}), False),
        (frozenset(), False),
        (frozenset({COMMUNITY}), True),
        (frozenset({OTHER_COMMUNITY}), False),
    ],
)
def test_rel_to_names_nations_and_communities(rel_to: frozenset[str] | None, allowed: bool) -> None:
    decision = ask(ours(markings=marked(Tlp.GREEN, rel_to=rel_to)))
    assert (decision.allowed, "accord.rel-to" in rules(decision)) == (allowed, not allowed)


def test_a_community_of_the_recipient_counts_for_rel_to() -> None:
    profile = ours(markings=marked(Tlp.GREEN, rel_to=frozenset({OTHER_COMMUNITY})))
    assert ask(profile, to=recipient(communities=frozenset({OTHER_COMMUNITY}))).allowed


def test_exercise_material_leaves_for_exercises_only() -> None:
    material = ours(exercise=True)
    for purpose, allowed in (("defence", False), ("exercise", True)):
        decision = ask(material, permit(exercise=True), purpose=purpose, purposes=["defence", "exercise"])
        assert (decision.allowed, "accord.exercise-material" in rules(decision)) == (allowed, not allowed)


def test_what_is_revoked_leaves_and_says_so() -> None:
    decision = ask(ours(revoked=True))
    assert (decision.allowed, rules(decision)[0]) == (True, "accord.revoked")


@pytest.mark.parametrize(
    ("tlp", "needed"), [(Tlp.CLEAR, 0), (Tlp.GREEN, 0), (Tlp.AMBER, 1), (Tlp.AMBER_STRICT, 1), (Tlp.RED, 1)]
)
def test_from_amber_on_a_second_officer_approves_whatever_the_agreement_says(tlp: Tlp, needed: int) -> None:
    decision = ask(ours(markings=marked(tlp)), permit())
    assert (decision.needs_approvals, "accord.second-officer" in rules(decision)) == (needed, needed == 1)


def test_approvals_of_a_clause_count_the_proposer() -> None:
    assert ask(ours(), permit(), require(approvals=1)).needs_approvals == 0
    assert ask(ours(), permit(), require(approvals=3), require("r-2", approvals=2)).needs_approvals == 2
    assert ask(ours(markings=marked(Tlp.AMBER)), permit(), require(approvals=1)).needs_approvals == 1


def test_duties_after_arrival_tighten_the_terms_and_never_loosen_them() -> None:
    until = datetime(2026, 3, 9, tzinfo=UTC)
    assert ask(ours(), permit(), require(retention_days=7, onward="none")).terms == Terms(
        (), Onward.NONE, until
    )
    assert ask(ours(), permit(), require(retention_days=999, onward="free")).terms == Terms(
        (), Onward.ASK_ORIGINATOR, END
    )


def test_originator_control_of_our_own_travels_as_a_term() -> None:
    profile = ours(markings=marked(Tlp.GREEN, originator_control=True))
    assert ask(profile, permit(), onward="free").terms == Terms((), Onward.ASK_ORIGINATOR, END)
    assert ask(profile, permit(), onward="none").terms == Terms((), Onward.NONE, END)


def test_what_came_keeps_its_terms_when_it_goes_on() -> None:
    until = datetime(2026, 4, 1, tzinfo=UTC)
    came = received(arrival=arrival(onward=Onward.LISTED, parties=frozenset({QN, QO}), retention_until=until))
    assert ask(came, permit(), onward="free").terms == Terms((), Onward.LISTED, until)
    assert ask(came, permit(), onward="none", retention_days=1).terms == Terms(
        (), Onward.NONE, datetime(2026, 3, 3, tzinfo=UTC)
    )


def test_what_came_needs_both_its_terms_and_an_agreement() -> None:
    assert ask(received()).allowed
    assert ask(received(Tlp.AMBER)).main.rule == "accord.amber-not-onward"
    assert rules(decide(received(), recipient(), [], "defence", NOW)) == (
        "accord.onward-open",
        "accord.none-in-force",
    )


def test_what_came_without_a_tlp_does_not_go_on() -> None:
    assert "accord.amber-strict-not-onward" in rules(ask(received(None), permit()))


def test_of_our_own_the_parts_that_may_not_go_are_taken_out() -> None:
    decision = ask(ours(markings=granular(Tlp.GREEN, marked(Tlp.CLEAR), marked(Tlp.RED), marked(Tlp.AMBER))))
    assert (decision.allowed, decision.redact, decision.main.clause) == (True, ("name1",), "c-2")
    assert decision.needs_approvals == 1
    taken_out = [
        (r.says, r.accord, r.clause, r.text) for r in decision.reasons if r.rule == "accord.part-redacted"
    ]
    text = "name1 is taken out. Clause c-4 forbids it: Intelligence marked TLP:RED is never sent to the other party."
    assert taken_out == [(Says.REQUIRES, agreement().key, "c-4", text)]
    for part in (marked(rel_to=frozenset({"QO"})), marked(unknown=("x",)), marked(classified=("x",))):
        assert ask(ours(markings=granular(Tlp.GREEN, part))).redact == ("name0",)


def test_what_is_left_asks_for_no_more_than_what_is_left() -> None:
    decision = ask(ours(markings=granular(Tlp.GREEN, marked(Tlp.RED))))
    assert (decision.needs_approvals, decision.main.clause) == (0, "c-1")
    assert decision.terms == ask(ours()).terms


def test_what_was_received_stays_whole_when_a_part_may_not_go() -> None:
    decision = ask(received(Tlp.CLEAR, markings=granular(Tlp.CLEAR, marked(Tlp.AMBER))))
    assert (decision.allowed, decision.redact) == (False, ())
    assert rules(decision)[:2] == ("accord.granular-withheld", "accord.amber-not-onward")
    assert "and only its author takes parts out, so" in decision.main.text
    assert ask(received(Tlp.CLEAR, markings=granular(Tlp.CLEAR, marked(Tlp.GREEN)))).allowed


def test_a_part_that_names_no_place_cannot_be_taken_out() -> None:
    nameless = marked(Tlp.GREEN, granular=(Granular((), marked(Tlp.RED)),))
    decision = ask(ours(markings=nameless))
    assert rules(decision)[:2] == ("accord.granular-withheld", "accord.forbidden")
    assert "and which part that is cannot be read, so" in decision.main.text
    open_ = marked(Tlp.GREEN, granular=(Granular((), marked(Tlp.CLEAR)),))
    assert ask(ours(markings=open_)).redact == ()


def test_a_place_inside_another_is_under_the_markings_of_both() -> None:
    inside = (
        Granular(("external_references",), marked(rel_to=frozenset({"QN"}))),
        Granular(("external_references.[0]",), marked(rel_to=frozenset({"QO"}))),
        Granular(("external_references.[0].url",), marked(Tlp.CLEAR)),
    )
    decision = ask(ours(markings=marked(Tlp.GREEN, granular=inside)))
    assert decision.redact == ("external_references.[0]", "external_references.[0].url")
    around = (
        Granular(("external_references",), marked(Tlp.RED)),
        Granular(("external_references.[0]",), marked(Tlp.CLEAR)),
    )
    assert ask(ours(markings=marked(Tlp.GREEN, granular=around))).redact == (
        "external_references",
        "external_references.[0]",
    )


def test_another_agreement_that_lets_all_of_it_go_is_cited_before_parts_are_taken_out() -> None:
    narrow, wide = (
        agreement(clauses=[permit(marking_max="green")], onward="none"),
        agreement(number=2, clauses=[permit()], onward="free"),
    )
    profile = ours(markings=granular(Tlp.GREEN, marked(Tlp.AMBER)))
    both = decide(profile, recipient(), held(narrow, wide), "defence", NOW)
    assert (both.accord, both.redact, both.needs_approvals) == (wide.key, (), 1)
    one = decide(profile, recipient(), held(narrow), "defence", NOW)
    assert (one.accord, one.redact) == (narrow.key, ("name0",))
    assert [r.rule for r in one.reasons if r.rule == "accord.part-redacted"] == ["accord.part-redacted"]
    texts = [
        r.text
        for r in decide(
            profile,
            recipient(),
            held(narrow, agreement(number=2, clauses=[permit(marking_max="green", labels_any=["x"])])),
            "defence",
            NOW,
        ).reasons
    ]
    assert (
        "name0 is taken out. Clause p-1 permits only what is up to TLP:GREEN, and this is TLP:AMBER." in texts
    )


def test_terms_are_the_strictest_that_any_part_asks_for() -> None:
    parts = granular(Tlp.GREEN, marked(originator_control=True), marked(no_onward=True), marked(Tlp.AMBER))
    decision = ask(
        ours(markings=parts),
        permit(),
        require(when={"marking_min": "amber"}, retention_days=3),
        onward="free",
    )
    assert decision.terms == Terms((), Onward.NONE, datetime(2026, 3, 5, tzinfo=UTC))
    assert [r.clause for r in decision.reasons if r.says is Says.REQUIRES] == ["r-1", None]
    assert [r.clause for r in decision.reasons if r.says is Says.PERMITS] == ["p-1"]
    asks = granular(Tlp.GREEN, marked(originator_control=True))
    assert ask(ours(markings=asks), permit(), onward="free").terms == Terms((), Onward.ASK_ORIGINATOR, END)


def test_personal_data_is_taken_out_of_what_we_wrote_where_the_agreement_wants_it() -> None:
    address = ours(type="email-addr", personal_data=True)
    decision = ask(address)
    assert (decision.allowed, decision.redact) == (True, ("belongs_to_ref", "display_name"))
    assert "accord.personal-data-redacted" in rules(decision)
    assert ask(address, personal_data="permit").redact == ()
    assert ask(address, personal_data="forbid").main.rule == "accord.personal-data-forbidden"
    assert ask(address, permit(personal_data=False)).redact == ("belongs_to_ref", "display_name")
    assert ask(address, permit(personal_data=True)).main.rule == "accord.personal-data-differs"
    assert ask(address, permit(), forbid(personal_data=True)).main.rule == "accord.forbidden"
    for stays in (
        received(type="email-addr", personal_data=True),
        ours(type="user-account", personal_data=True),
    ):
        assert ask(stays, permit()).main.rule == "accord.personal-data-withheld"
    parts = replace(address, markings=granular(Tlp.GREEN, marked(Tlp.RED)))
    assert ask(parts).redact == ("belongs_to_ref", "display_name", "name0")


def test_of_two_agreements_on_equal_terms_the_one_that_redacts_is_cited() -> None:
    address = ours(type="email-addr", personal_data=True)
    free, careful = (
        agreement(clauses=[permit()], personal_data="permit"),
        agreement(number=2, clauses=[permit()]),
    )
    decision = decide(address, recipient(), held(free, careful), "defence", NOW)
    assert (decision.accord, decision.redact) == (careful.key, ("belongs_to_ref", "display_name"))


def test_the_strictest_part_rules_the_whole() -> None:
    decision = ask(ours(markings=granular(Tlp.GREEN, marked(Tlp.AMBER))))
    assert (decision.allowed, decision.needs_approvals, decision.main.clause) == (True, 1, "c-2")
    assert ask(ours(markings=granular(Tlp.GREEN, marked(Tlp.CLEAR)))).needs_approvals == 0


def test_a_part_does_not_loosen_an_object_that_states_no_tlp() -> None:
    profile = ours(markings=granular(None, marked(Tlp.CLEAR)))
    assert not ask(profile).allowed
    assert ask(profile, permit()).needs_approvals == 1


def test_an_object_that_stays_anyway_is_not_kept_for_a_part() -> None:
    assert "accord.granular-withheld" not in rules(ask(ours(markings=granular(Tlp.RED, marked(Tlp.RED)))))


def test_the_agreement_with_the_strictest_terms_is_cited() -> None:
    def cited(**strict: Any) -> Any:
        loose = agreement(clauses=[permit()], onward="free", retention_days=30)
        strict_ = agreement(
            number=2, **{"clauses": [permit()], "onward": "free", "retention_days": 30, **strict}
        )
        decisions = [
            decide(ours(), recipient(), held(*order), "defence", NOW)
            for order in ((loose, strict_), (strict_, loose))
        ]
        assert decisions[0] == decisions[1]
        return decisions[0].accord == strict_.key

    assert cited(onward="listed", retention_days=99)
    assert cited(retention_days=29)
    assert cited(clauses=[permit(), require(approvals=2)])
    assert not cited()
    assert not cited(onward="listed", purposes=["law"])


def test_what_another_agreement_says_is_told_but_decides_nothing() -> None:
    one, two = (
        agreement(clauses=[permit()], onward="none"),
        agreement(number=2, clauses=[permit("x"), require("y", approvals=9)]),
    )
    decision = decide(ours(), recipient(), held(one, two), "defence", NOW)
    assert decision.accord == one.key
    assert [(r.clause, r.says) for r in decision.reasons] == [
        ("p-1", Says.PERMITS),
        ("x", Says.NOTES),
        ("y", Says.NOTES),
    ]
    assert decision.needs_approvals == 0


def test_a_refusal_tells_everything_that_spoke_in_order() -> None:
    one = agreement(clauses=[permit(marking_max="clear"), require(approvals=2)])
    two = agreement(number=2, clauses=[forbid(), permit("p-2")], purposes=["law"])
    decision = decide(ours(), recipient(state="introduced"), held(two, one), "defence", NOW)
    assert [(reason.rule, reason.clause) for reason in decision.reasons] == [
        ("accord.recipient-not-verified", None),
        ("accord.forbidden", "f-1"),
        ("accord.duty", "r-1"),
        ("accord.purpose-not-agreed", None),
        ("accord.permitted", "p-2"),
        ("accord.marking-above", "p-1"),
    ]


def test_where_one_clause_permits_no_other_is_said_to_lack_anything() -> None:
    one, two = agreement(clauses=[permit(marking_max="clear")]), agreement(number=2, clauses=[permit()])
    decision = decide(ours(), recipient(), held(one, two), "defence", NOW)
    assert (decision.allowed, rules(decision)) == (True, ("accord.permitted",))


def test_a_cache_gives_the_same_decision_and_decides_a_profile_once() -> None:
    cache = DecisionCache(recipient(), held(agreement()), "defence", NOW)
    one, two = ours(), ours()
    assert cache.decide(one) is cache.decide(two)
    assert cache.decide(one) == decide(one, recipient(), held(agreement()), "defence", NOW)
    assert cache.decide(ours(markings=marked(Tlp.RED))).allowed is False


def test_the_terms_are_the_same_all_day() -> None:
    morning, night = (datetime(2026, 3, 1, hour, tzinfo=UTC) for hour in (0, 23))
    assert ask(ours(), now=morning) == ask(ours(), now=night)
    assert recipient().node == QN


def test_what_is_taken_out_is_so_for_what_the_agreement_that_is_cited_says() -> None:
    about_malware = agreement(number=1, clauses=[clause("c-1", "permit", ("malware",))])
    cited = agreement(number=2, clauses=[permit("c-2", marking_max="amber", pap_max="green")])
    other = agreement(number=3, clauses=[permit("c-3", marking_max="green")])
    held = [InForce(each, QM) for each in (about_malware, cited, other)]
    parts = granular(Tlp.CLEAR, marked(pap=Pap.RED), marked(Tlp.AMBER))
    decision = decide(ours(markings=parts), recipient(), held, "defence", NOW)
    assert (decision.accord, decision.redact) == (cited.key, ("name0",))
    taken_out = [(r.accord, r.clause) for r in decision.reasons if r.rule == "accord.part-redacted"]
    assert taken_out == [(cited.key, "c-2")]


def test_only_the_clause_for_the_strictest_part_is_said_to_permit() -> None:
    narrow, wide = permit("p-1", marking_max="green"), permit("p-2", marking_max="amber")
    decision = ask(ours(markings=granular(Tlp.GREEN, marked(Tlp.AMBER))), narrow, wide)
    assert [r.clause for r in decision.reasons if r.says is Says.PERMITS] == ["p-2"]
