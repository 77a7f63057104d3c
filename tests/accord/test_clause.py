from importlib.resources import files
from typing import Any

import pytest

from hilf.accord.clause import (
    ACT_KINDS,
    KINDS,
    MARKINGS,
    MAX_DAYS,
    MAX_WORDS,
    STIX_TYPES,
    Clause,
    Condition,
    Duty,
    Effect,
    read_clause,
)
from hilf.accord.fault import Faults
from hilf.accord.terms import Onward
from hilf.markings.pap import Pap
from hilf.markings.tlp import Tlp
from tests.accord.agreements import clause, forbid, permit, require


def read(value: Any) -> Clause:
    faults = Faults()
    read_ = read_clause(value, "clauses[0]", faults)
    assert faults.found() == ()
    return read_


def places(value: Any) -> list[tuple[str, str]]:
    faults = Faults()
    read_clause(value, "c", faults)
    return [(fault.place, fault.rule) for fault in faults.found()]


def test_a_clause_is_read_into_values() -> None:
    assert read(permit("c-1", marking_max="amber+strict")) == Clause(
        id="c-1",
        effect=Effect.PERMIT,
        kinds=("object",),
        when=Condition(marking_max=Tlp.AMBER_STRICT),
        duty=None,
        text={"en": "Clause c-1."},
    )


def test_every_condition_is_read() -> None:
    conditions: dict[str, Any] = {
        "confidence_min": 50,
        "labels_any": ["apt", "Any text"],
        "sectors_any": ["energy"],
        "purposes_any": ["defence"],
        "exercise": False,
        "languages_any": ["ar"],
        "personal_data": True,
        "pap_min": "red",
    }
    assert read(forbid(marking_min="amber", **conditions)).when == Condition(
        marking_min=Tlp.AMBER,
        confidence_min=50,
        labels_any=("apt", "Any text"),
        sectors_any=("energy",),
        purposes_any=("defence",),
        exercise=False,
        languages_any=("ar",),
        personal_data=True,
        pap_min=Pap.RED,
    )
    assert read(permit(pap_max="green")).when == Condition(pap_max=Pap.GREEN)


def test_every_duty_is_read() -> None:
    duty = read(require(approvals=3, sealed=True, retention_days=7, onward="none", purpose="defence")).duty
    assert duty == Duty(3, sealed=True, retention_days=7, onward=Onward.NONE, purpose="defence")
    assert read(require(sealed=False)).duty == Duty()


def test_what_is_not_known_is_kept_by_name() -> None:
    assert read({**permit(weather="fair"), "note": 1}).unknown == ("note",)
    assert read(permit(weather="fair")).when.unknown == ("weather",)
    assert read(require(approvals=2, oath=True)).duty == Duty(2, unknown=("oath",))


def test_a_permit_ends_at_a_marking_and_a_forbid_or_require_begins_at_one() -> None:
    assert places(permit(marking_min="green")) == [("c.when.marking_min", "accord: marking_min in a permit")]
    assert places(forbid(marking_max="green")) == [("c.when.marking_max", "accord: marking_max in a forbid")]
    assert places(require(when={"marking_max": "green"}, approvals=2)) == [
        ("c.when.marking_max", "accord: marking_max in a require")
    ]
    assert places(permit(pap_min="green")) == [("c.when.pap_min", "accord: pap_min in a permit")]
    assert places(forbid(pap_max="green")) == [("c.when.pap_max", "accord: pap_max in a forbid")]


@pytest.mark.parametrize(
    ("value", "place", "rule"),
    [
        (7, "c", "accord: object"),
        ({}, "c.id", "accord: members"),
        (clause("C 1", "permit"), "c.id", "accord: word"),
        (clause("c", "allow"), "c.effect", "accord: effect"),
        (clause("c", "permit", ()), "c.kinds", "accord: limit"),
        (clause("c", "permit", ("gossip",)), "c.kinds[0]", "accord: kind"),
        (clause("c", "permit", ("object", "object")), "c.kinds", "accord: twice"),
        ({**clause("c", "permit"), "kinds": 7}, "c.kinds", "accord: list"),
        (clause("c", "permit", when=None), "c.when", "accord: object"),
        (clause("c", "permit", text={}), "c.text", "accord: text"),
        (permit(marking_max="white"), "c.when.marking_max", "accord: marking_max"),
        (permit(marking_max=None), "c.when.marking_max", "accord: marking_max"),
        (forbid(marking_min=2), "c.when.marking_min", "accord: marking_min"),
        (permit(pap_max="white"), "c.when.pap_max", "accord: pap_max"),
        (forbid(pap_min=2), "c.when.pap_min", "accord: pap_min"),
        (permit(confidence_min=101), "c.when.confidence_min", "accord: number"),
        (permit(confidence_min=1.5), "c.when.confidence_min", "accord: number"),
        (permit(labels_any=[]), "c.when.labels_any", "accord: limit"),
        (permit(labels_any=["a", "a"]), "c.when.labels_any", "accord: twice"),
        (permit(sectors_any=[1]), "c.when.sectors_any[0]", "accord: text"),
        (permit(exercise="no"), "c.when.exercise", "accord: flag"),
        (clause("c", "require"), "c.require", "accord: object"),
        (require(), "c.require", "accord: require"),
        (require(approvals=0), "c.require.approvals", "accord: number"),
        (require(approvals=10), "c.require.approvals", "accord: number"),
        (require(sealed=1), "c.require.sealed", "accord: flag"),
        (require(retention_days=0), "c.require.retention_days", "accord: number"),
        (require(onward="some"), "c.require.onward", "accord: onward"),
        (require(purpose=""), "c.require.purpose", "accord: word"),
        ({**permit(), "require": {"approvals": 2}}, "c.require", "accord: require"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(value: Any, place: str, rule: str) -> None:
    assert (place, rule) in places(value)
    faults = Faults()
    read_clause(value, "c", faults)
    assert [fault for fault in faults.found() if not fault.message.endswith(".")] == []


def test_a_clause_covers_kinds_of_acts_and_types_of_stix() -> None:
    objects, indicators = (
        read(clause("a", "permit", ("object",))),
        read(clause("b", "permit", ("indicator",))),
    )
    assert [objects.covers(*about) for about in (("object", "malware"), ("sighting", "sighting"))] == [
        True,
        False,
    ]
    assert [indicators.covers("object", type_) for type_ in ("indicator", "malware")] == [True, False]


def test_a_clause_may_name_every_type_that_stix_has_a_schema_for() -> None:
    """Sightings are a kind of act of their own."""
    schemas = files("stix2validator") / "schemas-2.1" / "schemas"
    named = {
        path.name.removesuffix(".json")
        for folder in ("sdos", "sros", "observables")
        for path in (schemas / folder).iterdir()
    }
    meta = {"extension-definition", "language-content", "marking-definition"}
    assert set(STIX_TYPES) == named - {"sighting"} | meta


def test_a_clause_may_name_every_kind_of_act_that_carries_content() -> None:
    """Source: protocol.md 3."""
    words = (
        "object sighting aid playbook advisory rule trial review roster interface question summit exercise"
    )
    assert words.split() == list(ACT_KINDS)


def test_the_vocabularies_name_everything_once() -> None:
    assert len(set(KINDS)) == len(KINDS) == len(ACT_KINDS) + len(STIX_TYPES)
    assert list(MARKINGS.values()) == list(Tlp)
    assert {word: level.word for word, level in MARKINGS.items()} == {word: word for word in MARKINGS}


@pytest.mark.parametrize("name", ["id", "effect", "kinds", "when", "text"])
def test_what_a_clause_lacks_is_told_once(name: str) -> None:
    lacking = {member: value for member, value in clause("c", "permit").items() if member != name}
    assert places(lacking) == [(f"c.{name}", "accord: members")]


def test_each_fault_of_a_clause_is_told_once() -> None:
    assert places(clause("c", "permit", ("gossip", "rumour"))) == [
        ("c.kinds[0]", "accord: kind"),
        ("c.kinds[1]", "accord: kind"),
    ]
    assert places(clause("c", "require")) == [("c.require", "accord: object")]
    assert places(require()) == [("c.require", "accord: require")]


def test_a_level_of_pap_in_a_require_is_its_least_and_each_bound_is_known() -> None:
    assert places(require(when={"pap_max": "green"}, approvals=2)) == [
        ("c.when.pap_max", "accord: pap_max in a require")
    ]
    read_ = read(require(when={"marking_min": "red", "pap_min": "amber"}, approvals=2))
    assert read_.when == Condition(marking_min=Tlp.RED, pap_min=Pap.AMBER)
    assert (read_.unknown, read_.duty) == ((), Duty(2))


LABELS = [f"l{i}" for i in range(MAX_WORDS + 1)]


@pytest.mark.parametrize(
    ("most", "more", "place", "rule"),
    [
        (permit(labels_any=LABELS[:-1]), permit(labels_any=LABELS), "when.labels_any", "limit"),
        (permit(labels_any=["l" * 200]), permit(labels_any=["l" * 201]), "when.labels_any[0]", "text"),
        (permit(confidence_min=100), permit(confidence_min=101), "when.confidence_min", "number"),
        (permit(confidence_min=0), permit(confidence_min=-1), "when.confidence_min", "number"),
        (require(approvals=9), require(approvals=10), "require.approvals", "number"),
        (require(approvals=1), require(approvals=0), "require.approvals", "number"),
        (require(retention_days=1), require(retention_days=0), "require.retention_days", "number"),
        (
            require(retention_days=MAX_DAYS),
            require(retention_days=MAX_DAYS + 1),
            "require.retention_days",
            "number",
        ),
        (
            clause("c", "permit", KINDS),
            clause("c", "permit", (*KINDS, "object")),
            "kinds",
            "limit",
        ),
    ],
)
def test_each_limit_is_kept_to_the_last_one(most: Any, more: Any, place: str, rule: str) -> None:
    assert places(most) == []
    assert (f"c.{place}", f"accord: {rule}") in places(more)


def test_every_list_of_words_is_read_under_its_own_name() -> None:
    names = ("labels_any", "sectors_any", "purposes_any", "languages_any")
    for name in names:
        assert places(permit(**{name: ["a", 7]})) == [(f"c.when.{name}[1]", "accord: text")]
    for name in ("exercise", "personal_data"):
        assert places(permit(**{name: 1})) == [(f"c.when.{name}", "accord: flag")]
    for name in ("marking_min", "pap_min"):
        assert places(forbid(**{name: "white"})) == [(f"c.when.{name}", f"accord: {name}")]
    assert places({**permit(), "kinds": ["object", "gossip"]}) == [("c.kinds[1]", "accord: kind")]


def test_who_bounds_a_clause_at_the_wrong_end_is_told_the_right_one() -> None:
    faults = Faults()
    for value in (permit(marking_min="green"), forbid(pap_max="green")):
        read_clause(value, "c", faults)
    assert [fault.message for fault in faults.found()] == [
        "a permit says marking_max.",
        "a forbid says pap_min.",
    ]
