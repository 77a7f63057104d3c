from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hilf.canonical import Json
from hilf.errors import PartnerFault
from hilf.federation.consent import (
    DENIALS,
    DENIED_ALREADY,
    GIVEN_ALREADY,
    MOST_NODES,
    MOST_OBJECTS,
    MOST_RECORDS,
    OFFICERS,
    OTHER_OBJECTS,
    OTHER_RECIPIENTS,
    OVER,
    TOO_LATE,
    Asked,
    Denial,
    Denied,
    Given,
    Signed,
    Standing,
    Towards,
    Version,
    judge_denied,
    judge_given,
    read_consent,
)
from hilf.seal.record import acts_subject
from tests.federation.parties import NOW

INDICATOR = "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
ACT = "ab" * 32
ONE = Version(INDICATOR, "2026-02-01T00:00:00.000Z", "11" * 32)
OTHER = Version("ipv4-addr--8e2e2d2b-17d4-5cbf-938f-98ee46b3cd3f", None, "22" * 32)
TO = Towards(("cert.qo.example", "cert.qp.example"))
COMMUNITY = Towards(community="7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c00ff")
HOUR = timedelta(hours=1)
ASKED = Asked(
    (ONE, OTHER), TO, "defence", NOW + HOUR, {"en": "They run the same pumps."}, ("cert.qq.example",)
)
GIVEN = Given(ACT, (ONE, OTHER), TO, NOW + 48 * HOUR)
STANDING = Standing(ASKED)


def refusal(body: Any) -> str:
    with pytest.raises(PartnerFault) as fault:
        read_consent(body)
    return fault.value.rule


def changed(body: dict[str, Json], **members: Any) -> dict[str, Json]:
    return {**body, **members}


@pytest.mark.parametrize(
    "step",
    [
        ASKED,
        replace(ASKED, reason=None, via=()),
        replace(ASKED, to=COMMUNITY),
        GIVEN,
        replace(GIVEN, until=None, to=COMMUNITY),
        *(Denied(ACT, code) for code in Denial),
        Signed((ACT, "cd" * 32), ({"any": "record"},)),
    ],
)
def test_body_is_read_as_it_is_written(step: Any) -> None:
    assert read_consent(step.json()) == step


@pytest.mark.parametrize("step", [ASKED, GIVEN, Denied(ACT, Denial.LEGAL), Signed((ACT,), ({},))])
def test_each_step_is_closed(step: Any) -> None:
    body = step.json()
    assert refusal(changed(body, more=1)) == "consent: members"
    for name in body.keys() - {"step"}:
        assert refusal({key: value for key, value in body.items() if key != name}) == "consent: members"


@pytest.mark.parametrize("body", [{}, {"step": "revoked"}, {"step": 1}, [], None, "asked"])
def test_another_step_is_refused(body: Any) -> None:
    assert refusal(body) == "consent: step"


@pytest.mark.parametrize(
    ("members", "rule"),
    [
        ({"objects": []}, "consent: objects"),
        ({"objects": [ONE.json(), ONE.json()]}, "consent: objects"),
        ({"objects": [changed(ONE.json(), id="indicator")]}, "consent: objects"),
        ({"objects": [changed(ONE.json(), sha256="11" * 31)]}, "consent: objects: hex"),
        ({"objects": [changed(ONE.json(), modified=1)]}, "consent: objects"),
        ({"objects": [changed(ONE.json(), name="x")]}, "consent: objects: members"),
        ({"objects": [Version(INDICATOR, str(n), "11" * 32).json() for n in range(MOST_OBJECTS + 1)]}, "consent: objects"),
        ({"to": {"nodes": []}}, "consent: to"),
        ({"to": {"nodes": ["cert.qo.example"], "community": COMMUNITY.community}}, "consent: to"),
        ({"to": {"nodes": ["Not A Node"]}}, "consent: to"),
        ({"to": {"nodes": ["cert.qo.example"] * 2}}, "consent: to"),
        ({"to": {"nodes": [f"n{n}.example" for n in range(MOST_NODES + 1)]}}, "consent: to"),
        ({"to": {"community": "everybody"}}, "consent: to"),
        ({"via": ["Not A Node"]}, "consent: via"),
        ({"via": None}, "consent: via"),
        ({"purpose": ""}, "consent: purpose"),
        ({"reason": {}}, "consent: reason"),
        ({"reason": "because"}, "consent: reason"),
        ({"reason": {"en": ""}}, "consent: reason"),
        ({"reason": {"en": "x" * 1001}}, "consent: reason"),
        ({"reason": {"no language": "x"}}, "consent: reason"),
        ({"answer_by": "2026-03-01"}, "consent: answer_by: time form"),
        ({"answer_by": None}, "consent: answer_by: time form"),
    ],
)  # fmt: skip
def test_a_question_that_is_not_one_is_refused(members: dict[str, Json], rule: str) -> None:
    assert refusal(changed(ASKED.json(), **members)) == rule


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (changed(GIVEN.json(), asked="ab"), "consent: asked: hex"),
        (changed(GIVEN.json(), objects=[]), "consent: objects"),
        (changed(GIVEN.json(), until="soon"), "consent: until: time form"),
        (changed(Denied(ACT, Denial.LEGAL).json(), code="because"), "consent: code"),
        (changed(Denied(ACT, Denial.LEGAL).json(), asked=None), "consent: asked: hex"),
        (Signed((), ({},)).json(), "consent: acts"),
        (Signed(("cd" * 32, ACT), ({},)).json(), "consent: acts"),
        (Signed((ACT, ACT), ({},)).json(), "consent: acts"),
        (Signed((ACT,), ()).json(), "consent: records"),
        (Signed((ACT,), ({},) * (MOST_RECORDS + 1)).json(), "consent: records"),
    ],
)
def test_an_answer_that_is_not_one_is_refused(body: Any, rule: str) -> None:
    assert refusal(body) == rule


def test_every_code_has_its_sentence() -> None:
    assert list(DENIALS) == list(Denial)


def test_officers_sign_the_ids_of_the_acts_that_give() -> None:
    assert Signed((ACT,), ({},)).subject == acts_subject([ACT])


def judged(given: Given = GIVEN, standing: Standing = STANDING, at=NOW, needs=False, signed=False) -> Any:
    return judge_given(given, standing, at, needs_officers=needs, signed=signed)


def test_a_yes_to_what_was_asked_counts() -> None:
    assert judged() is None
    assert judged(replace(GIVEN, objects=(ONE,), to=Towards(("cert.qp.example",)), until=None)) is None
    assert judged(at=ASKED.answer_by) is None
    community = Standing(replace(ASKED, to=COMMUNITY))
    assert judged(replace(GIVEN, to=COMMUNITY), community) is None


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (replace(GIVEN, objects=(replace(ONE, sha256="33" * 32),)), OTHER_OBJECTS),
        (replace(GIVEN, objects=(replace(ONE, modified=None),)), OTHER_OBJECTS),
        (replace(GIVEN, objects=(ONE, OTHER, replace(ONE, id=f"{INDICATOR[:-1]}0"))), OTHER_OBJECTS),
        (replace(GIVEN, to=Towards(("cert.qr.example",))), OTHER_RECIPIENTS),
        (replace(GIVEN, to=COMMUNITY), OTHER_RECIPIENTS),
        (replace(GIVEN, until=NOW), OVER),
    ],
)
def test_a_yes_to_anything_else_counts_for_nothing(given: Given, why: Any) -> None:
    assert judged(given) == why


def test_a_yes_after_the_clock_ran_out_counts_for_nothing() -> None:
    assert judged(at=ASKED.answer_by + timedelta(milliseconds=1)) == TOO_LATE


def test_a_yes_counts_once_and_never_after_a_no() -> None:
    assert judged(standing=Standing(ASKED, given=NOW)) == GIVEN_ALREADY
    assert judged(standing=Standing(ASKED, denied=NOW)) == DENIED_ALREADY
    assert judged(standing=Standing(ASKED, given=NOW, denied=NOW)) == DENIED_ALREADY


def test_a_yes_that_needs_officers_counts_with_them_only() -> None:
    assert judged(needs=True) == OFFICERS
    assert judged(needs=True, signed=True) is None
    assert judged(signed=True) is None


def test_a_no_counts_at_any_time_and_once() -> None:
    assert judge_denied(STANDING) is None
    assert judge_denied(Standing(ASKED, given=NOW)) is None
    assert judge_denied(Standing(ASKED, given=NOW, denied=NOW)) == DENIED_ALREADY
