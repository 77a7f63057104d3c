from typing import Any

import pytest

from hilf.accord.decision import Says
from hilf.accord.hearing import Hearing, Question, hear
from hilf.accord.profile import Profile
from hilf.markings.marking import Markings
from hilf.markings.pap import Pap
from hilf.markings.tlp import Tlp
from tests.accord.agreements import NOW, agreement, clause, forbid, ours, permit, require


def heard(
    *clauses: dict[str, Any],
    profile: Profile | None = None,
    tlp: Tlp = Tlp.GREEN,
    purpose: str = "defence",
    **changes: Any,
) -> Hearing:
    return hear(agreement(clauses=list(clauses), **changes), Question(profile or ours(), tlp, purpose, NOW))


def spoken(reasons: Any) -> list[tuple[str, str | None]]:
    return [(reason.rule, reason.clause) for reason in reasons]


CONDITIONS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"confidence_min": 50}, {"confidence": 49}, "accord.confidence-below"),
    ({"labels_any": ["a", "b"]}, {"labels": frozenset({"c"})}, "accord.labels-differ"),
    ({"sectors_any": ["energy"]}, {"sectors": frozenset({"water"})}, "accord.sectors-differ"),
    ({"languages_any": ["ar"]}, {"languages": frozenset({"arz"})}, "accord.language-differs"),
    ({"personal_data": False}, {"personal_data": True}, "accord.personal-data-differs"),
    ({"personal_data": True}, {"personal_data": False}, "accord.personal-data-differs"),
    ({"exercise": True}, {"exercise": False}, "accord.exercise-differs"),
    ({"exercise": False}, {"exercise": True}, "accord.exercise-differs"),
    ({"purposes_any": ["law"]}, {}, "accord.purpose-differs"),
]
MET: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"confidence_min": 50}, {"confidence": 50}),
    ({"labels_any": ["a", "b"]}, {"labels": frozenset({"b", "c"})}),
    ({"sectors_any": ["energy"]}, {"sectors": frozenset({"energy"})}),
    ({"languages_any": ["ar"]}, {"languages": frozenset({"AR-sa", "en"})}),
    ({"languages_any": ["ar-SA"]}, {"languages": frozenset({"ar-sa"})}),
    ({"personal_data": False}, {"personal_data": False}),
    ({"personal_data": True}, {"personal_data": True}),
    ({"exercise": True}, {"exercise": True}),
    ({"exercise": False}, {"exercise": False}),
    ({"purposes_any": ["law", "defence"]}, {}),
]


@pytest.mark.parametrize(("when", "about", "rule"), CONDITIONS)
def test_a_permit_whose_condition_is_not_met_permits_nothing_and_says_what_lacks(
    when: dict[str, Any], about: dict[str, Any], rule: str
) -> None:
    hearing = heard(permit(**when), profile=ours(**about))
    assert (hearing.permits, spoken(hearing.unmet)) == ((), [(rule, "p-1")])


@pytest.mark.parametrize(("when", "about"), MET)
def test_a_permit_whose_condition_is_met_permits(when: dict[str, Any], about: dict[str, Any]) -> None:
    hearing = heard(permit(**when), profile=ours(**about))
    assert (spoken(hearing.permits), hearing.unmet) == ([("accord.permitted", "p-1")], ())


@pytest.mark.parametrize(("when", "about", "_rule"), CONDITIONS)
def test_a_forbid_or_require_whose_condition_is_not_met_is_silent(
    when: dict[str, Any], about: dict[str, Any], _rule: str
) -> None:
    hearing = heard(forbid(**when), require(when=when, approvals=2), profile=ours(**about))
    assert (hearing.forbids, hearing.duties) == ((), ())


@pytest.mark.parametrize(("when", "about"), MET)
def test_a_forbid_or_require_whose_condition_is_met_speaks(
    when: dict[str, Any], about: dict[str, Any]
) -> None:
    hearing = heard(forbid(**when), require(when=when, approvals=2), profile=ours(**about))
    assert spoken(hearing.forbids) == [("accord.forbidden", "f-1")]
    assert spoken(reason for reason, _ in hearing.duties) == [("accord.duty", "r-1")]


def test_a_permit_ends_at_its_marking_and_a_forbid_begins_at_its_own() -> None:
    clauses = permit(marking_max="amber"), forbid(marking_min="amber+strict")
    speaking = [(bool(h.permits), bool(h.forbids)) for h in (heard(*clauses, tlp=tlp) for tlp in Tlp)]
    assert speaking == [(True, False)] * 3 + [(False, True)] * 2


def test_a_confidence_that_is_not_stated_counts_against_release() -> None:
    hearing = heard(permit(confidence_min=1), forbid(confidence_min=99))
    assert (spoken(hearing.unmet), spoken(hearing.forbids)) == (
        [("accord.confidence-below", "p-1")],
        [("accord.forbidden", "f-1")],
    )


def test_a_condition_that_cannot_be_read_makes_every_clause_stricter() -> None:
    hearing = heard(
        permit(weather="fair"), forbid(weather="fair"), require(when={"weather": "fair"}, approvals=2)
    )
    assert spoken(hearing.unmet) == [("accord.condition-unknown", "p-1")]
    assert spoken(hearing.forbids) == [("accord.forbidden", "f-1")]
    assert len(hearing.duties) == 1


def test_exercise_material_needs_a_permit_that_says_so_and_is_caught_by_any_forbid() -> None:
    hearing = heard(permit(), forbid(), profile=ours(exercise=True))
    assert (spoken(hearing.unmet), len(hearing.forbids)) == ([("accord.exercise-differs", "p-1")], 1)


def test_clauses_about_other_things_are_silent() -> None:
    others = [clause(f"o-{effect}", effect, ("sighting", "malware")) for effect in ("permit", "forbid")]
    hearing = heard(*others, {**require(approvals=2), "kinds": ["aid"]})
    assert (hearing.forbids, hearing.duties) == ((), ())
    assert spoken(hearing.unmet) == [("accord.kind-not-covered", None)]


def test_what_lacks_least_is_told_first_then_what_permits_most() -> None:
    clauses = [
        permit("c", marking_max="clear"),
        permit("b", marking_max="green"),
        permit("a", marking_max="clear", labels_any=["x"]),
        permit("d", marking_max="green"),
    ]
    expected = [
        ("accord.marking-above", "b"),
        ("accord.marking-above", "d"),
        ("accord.marking-above", "c"),
        ("accord.marking-above", "a"),
    ]
    assert spoken(heard(*clauses, tlp=Tlp.RED).unmet) == expected
    assert spoken(heard(*reversed(clauses), tlp=Tlp.RED).unmet) == expected


def test_the_narrowest_permit_is_told_first() -> None:
    clauses = [
        permit("a"),
        permit("b", marking_max="red"),
        permit("d", marking_max="green"),
        permit("c", marking_max="green"),
    ]
    assert [reason.clause for reason in heard(*clauses).permits] == ["c", "d", "b", "a"]


def test_a_purpose_that_was_not_agreed_keeps_it() -> None:
    assert spoken(heard(permit(), purpose="law").refusals) == [("accord.purpose-not-agreed", None)]
    assert heard(permit(), purpose="law", purposes=["law"]).lets_go


@pytest.mark.parametrize(
    ("rule", "refused"),
    [
        ("permit", []),
        ("redact", ["accord.personal-data-withheld"]),
        ("forbid", ["accord.personal-data-forbidden"]),
    ],
)
def test_personal_data_goes_only_where_it_is_permitted(rule: str, refused: list[str]) -> None:
    hearing = heard(permit(), profile=ours(personal_data=True), personal_data=rule)
    assert [reason.rule for reason in hearing.refusals] == refused
    assert heard(permit(), personal_data=rule).refusals == ()


def test_duties_that_cannot_be_fulfilled_keep_it() -> None:
    hearing = heard(permit(), require(sealed=True, purpose="law", oath=True))
    assert spoken(hearing.refusals) == [
        ("accord.duty-sealed", "r-1"),
        ("accord.duty-purpose", "r-1"),
        ("accord.duty-unknown", "r-1"),
    ]
    assert not hearing.lets_go
    assert heard(permit(), require(purpose="defence")).lets_go


def test_a_reason_cites_the_clause_in_english_or_in_what_there_is() -> None:
    permitted = heard(permit()).permits[0]
    assert (permitted.says, permitted.text) == (Says.PERMITS, "Clause p-1 permits it: Clause p-1.")
    arabic = heard({**forbid(), "text": {"ar": "لا"}}).forbids[0]
    assert (arabic.says, arabic.text) == (Says.REFUSES, "Clause f-1 forbids it: لا")


def test_what_lacks_is_said_in_one_sentence() -> None:
    hearing = heard(permit(marking_max="clear", confidence_min=9, purposes_any=["law"]))
    assert hearing.unmet[0].text == (
        "Clause p-1 permits only what is up to TLP:CLEAR, and this is TLP:GREEN; from confidence 9 on, "
        "and none is stated; for law, not for defence."
    )


@pytest.mark.parametrize(
    ("when", "about", "words"),
    [
        ({"confidence_min": 50}, {"confidence": 49}, "from confidence 50 on, and this has less"),
        ({"labels_any": ["a", "b"]}, {}, "labelled a or b"),
        ({"sectors_any": ["energy", "water"]}, {}, "about the sector energy or water"),
        ({"languages_any": ["ar", "fr"]}, {}, "in ar or fr"),
        ({"personal_data": False}, {"personal_data": True}, "without personal data"),
        ({"personal_data": True}, {}, "with personal data"),
        ({"exercise": True}, {}, "that is exercise material"),
        ({}, {"exercise": True}, "that is real material"),
        ({"pap_max": "clear"}, {"markings": Markings(pap=Pap.RED)}, "up to PAP:CLEAR, and this is PAP:RED"),
        ({"weather": "fair"}, {}, 'under the condition "weather", which this version cannot read'),
    ],
)
def test_a_reason_says_in_words_what_lacks(when: dict[str, Any], about: dict[str, Any], words: str) -> None:
    unmet = heard(permit(**when), profile=ours(**about)).unmet[0]
    assert unmet.text == f"Clause p-1 permits only what is {words}."
    assert unmet.accord == agreement().key


def test_where_no_clause_is_about_such_things_the_type_is_named_else_the_kind() -> None:
    for profile, what in ((ours(type="malware"), "malware"), (ours(type="", kind="aid"), "aid")):
        unmet = heard(profile=profile).unmet[0]
        assert (unmet.text, unmet.accord) == (f"No clause permits any {what}.", agreement().key)


def test_nothing_is_taken_out_of_what_is_personal_data_as_a_whole() -> None:
    person = ours(type="user-account", personal_data=True)
    assert heard(permit(), profile=person, personal_data="redact").redact == ()


def test_from_what_holds_no_personal_data_nothing_is_taken_out() -> None:
    assert heard(permit(), profile=ours(type="email-addr"), personal_data="redact").redact == ()
