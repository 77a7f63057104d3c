import re
from datetime import timedelta
from typing import Any

import pytest

from hilf.accord.clause import Duty, Effect
from hilf.accord.decide import decide
from hilf.accord.document import InForce, Party, faults_in, read_accord
from hilf.accord.template import DEFAULT, TEMPLATES, amendment, completed, frame, intelligence
from hilf.accord.terms import Onward
from hilf.markings.tlp import Tlp
from tests.accord.agreements import (
    BEGINS,
    COMMUNITY,
    ID,
    NOW,
    QM,
    QN,
    QO,
    UNTIL,
    agreement,
    marked,
    ours,
    permit,
    recipient,
)

FRAME = frame((QM, QN), ID, COMMUNITY, BEGINS, UNTIL)


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_is_an_accord_with_all_its_texts_in_three_languages(name: str) -> None:
    document = TEMPLATES[name](FRAME)
    assert faults_in(document) == ()
    accord = read_accord(document)
    for texts in (accord.title, *(clause.text for clause in accord.clauses)):
        assert sorted(texts) == ["ar", "en", "fr"]
    assert (accord.nodes, accord.review) == ((QM, QN), BEGINS + timedelta(days=182, hours=12))


def test_the_default_is_green_and_below_amber_with_two_approvals_red_never() -> None:
    accord = read_accord(TEMPLATES[DEFAULT](FRAME))
    assert [
        (clause.effect, clause.when.marking_max, clause.when.marking_min, clause.duty)
        for clause in accord.clauses
    ] == [
        (Effect.PERMIT, Tlp.GREEN, None, None),
        (Effect.PERMIT, Tlp.AMBER, None, None),
        (Effect.REQUIRE, None, Tlp.AMBER, Duty(approvals=2)),
        (Effect.FORBID, None, Tlp.RED, None),
    ]
    assert (accord.onward, accord.retention_days, accord.at_end) == (Onward.ASK_ORIGINATOR, 365, "delete")
    assert (accord.confirmations, accord.personal_data) == ("named", "redact")


def test_the_default_decides_as_it_says() -> None:
    held = [InForce(read_accord(intelligence(FRAME)), QM)]
    decided = {
        tlp: decide(ours(markings=marked(tlp)), recipient(), held, "defence", NOW) for tlp in (*Tlp, None)
    }
    assert {
        tlp: (d.allowed, d.needs_approvals, d.main.rule, d.main.clause) for tlp, d in decided.items()
    } == {
        Tlp.CLEAR: (True, 0, "accord.permitted", "c-1"),
        Tlp.GREEN: (True, 0, "accord.permitted", "c-1"),
        Tlp.AMBER: (True, 1, "accord.permitted", "c-2"),
        Tlp.AMBER_STRICT: (False, 0, "accord.marking-above", "c-2"),
        Tlp.RED: (False, 0, "accord.forbidden", "c-4"),
        None: (False, 0, "accord.marking-above", "c-2"),
    }


def test_a_frame_permits_nothing() -> None:
    accord = read_accord(FRAME)
    assert (accord.clauses, accord.onward, accord.personal_data) == ((), Onward.NONE, "forbid")


def test_a_frame_is_a_whole_agreement_that_gives_and_keeps_as_little_as_it_can() -> None:
    assert frame((QM, QN), ID, COMMUNITY, BEGINS, UNTIL) == {
        "v": 1,
        "type": "hilf-accord",
        "id": ID,
        "version": 1,
        "prev": None,
        "title": {"ar": "اتفاق", "en": "Agreement", "fr": "Accord"},
        "parties": [{"node": QM, "roles": ["member"]}, {"node": QN, "roles": ["member"]}],
        "community": COMMUNITY,
        "purposes": ["defence"],
        "from": "2026-01-01T00:00:00.000Z",
        "until": "2027-01-01T00:00:00.000Z",
        "review": "2026-07-02T12:00:00.000Z",
        "clauses": [],
        "onward": "none",
        "personal_data": "forbid",
        "retention_days": 365,
        "languages": ["ar", "en", "fr"],
        "promises": [],
        "contacts": [],
        "reciprocity": [],
        "quotas": {},
        "at_end": "delete",
        "confirmations": "named",
        "references": [],
    }


def test_a_file_fills_the_frame_and_cannot_change_who_and_which() -> None:
    said: dict[str, Any] = {"clauses": [permit()], "onward": "free"}
    fixed: dict[str, Any] = {"v": 9, "type": "x", "id": "x", "version": 9, "prev": "x", "parties": []}
    assert completed({**said, **fixed}, FRAME) == {**FRAME, **said}


def test_an_amendment_follows_its_version_and_keeps_what_is_not_known() -> None:
    first = read_accord({**intelligence(FRAME), "later": 1})
    second = read_accord(amendment(first, QN, {"retention_days": 30}))
    assert (second.version, second.prev, second.nodes, second.unknown) == (
        2,
        first.hash,
        (QN, QM),
        ("later",),
    )
    assert (second.retention_days, second.clauses) == (30, first.clauses)
    assert read_accord(amendment(agreement(), QM, {})).nodes == (QM, QN)


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_texts_of_a_clause_name_the_same_markings_and_clauses_in_every_language(name: str) -> None:
    for clause in read_accord(TEMPLATES[name](FRAME)).clauses:
        named = {language: re.findall(r"TLP:[A-Z+]+|c-[0-9]", text) for language, text in clause.text.items()}
        assert named["ar"] == named["en"] == named["fr"], clause.id


def decided(name: str, purpose: str, **about: Any) -> tuple[bool, int, str]:
    held = [InForce(read_accord(TEMPLATES[name](FRAME)), QM)]
    decision = decide(ours(**about), recipient(), held, purpose, NOW)
    return decision.allowed, decision.needs_approvals, decision.main.clause or decision.main.rule


def test_a_community_sends_green_to_all_and_amber_only_to_be_passed_on_with_consent() -> None:
    assert decided("community", "defence") == (True, 0, "c-1")
    assert decided("community", "defence", markings=marked(Tlp.AMBER)) == (True, 1, "c-2")
    assert decided("community", "defence", markings=marked(Tlp.RED)) == (False, 0, "c-2")
    accord = read_accord(TEMPLATES["community"](FRAME))
    assert (accord.membership, accord.onward) == ("two thirds", Onward.LISTED)


def test_an_incident_agreement_lets_go_what_the_incident_needs_and_nothing_else() -> None:
    assert decided("incident", "incident", markings=marked(Tlp.AMBER)) == (True, 1, "c-1")
    assert decided("incident", "incident", markings=marked(Tlp.AMBER_STRICT)) == (True, 1, "c-2")
    assert decided("incident", "defence") == (False, 0, "accord.purpose-not-agreed")
    assert decided("incident", "incident", type="threat-actor") == (False, 0, "accord.kind-not-covered")


def test_an_exercise_agreement_lets_go_exercise_material_and_nothing_real() -> None:
    assert decided("exercise", "exercise", exercise=True) == (True, 0, "c-1")
    assert decided("exercise", "exercise") == (False, 0, "c-1")
    person = decided("exercise", "exercise", exercise=True, personal_data=True)
    assert person == (False, 0, "accord.personal-data-forbidden")
    assert decided("exercise", "defence", exercise=True) == (False, 0, "accord.exercise-material")


def test_a_public_agreement_lets_go_clear_and_nothing_above() -> None:
    assert decided("public", "defence", markings=marked(Tlp.CLEAR)) == (True, 0, "c-1")
    assert decided("public", "defence", markings=marked(Tlp.GREEN)) == (False, 0, "c-1")
    assert decided("public", "defence", markings=marked(Tlp.CLEAR), personal_data=True)[0] is False


def test_an_amendment_names_its_parties_and_roles_stay() -> None:
    parties = [{"node": QM, "roles": ["member"]}, {"node": QN, "roles": ["broker"]}]
    first = read_accord({**intelligence(FRAME), "parties": parties})
    second = read_accord(amendment(first, QM, {}, (QN, QO)))
    assert second.parties == (Party(QM, ("member",)), Party(QN, ("broker",)), Party(QO, ("member",)))


@pytest.mark.parametrize("name", sorted(set(TEMPLATES) - {DEFAULT}))
def test_a_template_beside_another_agreement_takes_nothing_away_from_it(name: str) -> None:
    other = read_accord({**intelligence(FRAME), "id": ID[:-1] + "2"})
    beside = [InForce(read_accord(TEMPLATES[name](FRAME)), QM), InForce(other, QM)]
    for tlp in Tlp:
        profile = ours(markings=marked(tlp))
        alone = decide(profile, recipient(), beside[1:], "defence", NOW)
        assert decide(profile, recipient(), beside, "defence", NOW).allowed >= alone.allowed
