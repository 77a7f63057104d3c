from datetime import UTC, datetime
from typing import Any

import pytest

from hilf.canonical import dumps, tag
from hilf.errors import PartnerFault
from hilf.federation.act import KINDS, WITHOUT_ACCORD, make_act, read_act
from tests.federation.parties import NOW, QM, QN, by_name, ping, vectors

VECTORS = vectors("act")
FROM, TO = VECTORS["inputs"]["from"], VECTORS["inputs"]["to"]
ACTS = VECTORS["inputs"]["acts"]
NEGATIVE = by_name(VECTORS["negative"])
PING, OBJECT = ACTS[0], ACTS[1]


def refusal(value: Any) -> str:
    with pytest.raises(PartnerFault) as fault:
        read_act(value, FROM, TO)
    return fault.value.rule


@pytest.mark.parametrize("name", NEGATIVE)
def test_negative_vector_is_refused_by_the_rule_it_names(name: str) -> None:
    assert refusal(NEGATIVE[name]["act"]) == NEGATIVE[name]["refused_at"]


@pytest.mark.parametrize("n", range(len(ACTS)))
def test_vector_is_read_with_its_bytes_and_id(n: int) -> None:
    act = read_act(ACTS[n], FROM, TO)
    assert tag("hilf/1 act") + act.canonical == VECTORS["intermediate"]["hashed_text"][n].encode()
    assert act.id == VECTORS["outputs"]["ids"][n]
    assert act.json() == ACTS[n]


def test_made_act_is_the_vector() -> None:
    act = make_act(
        "object",
        FROM,
        TO,
        datetime(2026, 1, 2, 1, 0, 1, tzinfo=UTC),
        OBJECT["nonce"],
        (OBJECT["accord"]["id"], 1),
        "defence",
        OBJECT["terms"],
        OBJECT["body"],
    )
    assert act == read_act(OBJECT, FROM, TO)
    assert act.id == VECTORS["outputs"]["ids"][1]


def test_made_act_has_the_time_that_is_read_back() -> None:
    act = make_act(
        "ping", QM, QN, NOW.replace(microsecond=123_999), "0" * 32, None, "defence", {}, {}, "exercise--1"
    )
    assert act.at.microsecond == 123_000
    assert act.exercise == "exercise--1"
    assert read_act(act.json(), QM, QN) == act


def test_canonical_form_is_that_of_the_json() -> None:
    assert dumps(ping(1).json()) == ping(1).canonical


@pytest.mark.parametrize("kind", sorted(KINDS - WITHOUT_ACCORD - {"object"}))
def test_other_kinds_need_an_accord(kind: str) -> None:
    assert refusal({**PING, "kind": kind}) == "act: accord null"


@pytest.mark.parametrize("kind", sorted(WITHOUT_ACCORD))
def test_these_kinds_stand_without_an_accord(kind: str) -> None:
    assert read_act({**PING, "kind": kind}, FROM, TO).accord is None


def test_unknown_kind_keeps_the_terms_that_it_has() -> None:
    act = read_act({**ACTS[5], "terms": {"later": 1}}, FROM, TO)
    assert (act.kind, act.terms) == ("x-later", {"later": 1})


@pytest.mark.parametrize(
    ("member", "value", "rule"),
    [
        ("kind", 1, "act: kind"),
        ("kind", "Ping", "act: kind"),
        ("kind", "", "act: kind"),
        ("kind", "ping\n", "act: kind"),
        ("from", TO, "act: from/to differ from header"),
        ("at", 1, "act: time form"),
        ("nonce", None, "act: nonce: hex"),
        ("accord", "accord--1", "act: accord: members"),
        ("accord", {"id": "", "version": 1}, "act: accord: id"),
        ("accord", {"id": "accord--1", "version": 0}, "act: accord: version"),
        ("accord", {"id": "accord--1", "version": True}, "act: accord: version"),
        ("purpose", "", "act: purpose"),
        ("purpose", None, "act: purpose"),
        ("exercise", "", "act: exercise"),
        ("exercise", 1, "act: exercise"),
        ("terms", None, "act: terms"),
        ("terms", [], "act: terms"),
        ("body", [], "act: body"),
        ("v", 1.0, "act: v"),
    ],
)
def test_malformed_member_is_refused_by_name(member: str, value: Any, rule: str) -> None:
    assert refusal({**PING, member: value}) == rule


@pytest.mark.parametrize(
    ("member", "value", "rule"),
    [
        ("markings", "tlp", "act: terms: markings"),
        ("markings", [1], "act: terms: markings"),
        ("markings", ["marking-definition--1"] * 2, "act: terms: markings"),
        ("onward", "whatever", "act: terms: onward"),
        ("onward", ["none"], "act: terms: onward"),
        ("retention_until", "soon", "act: terms: retention_until: time form"),
        ("redacted_from", "ab", "act: terms: redacted_from"),
    ],
)
def test_malformed_term_of_an_object_is_refused_by_name(member: str, value: Any, rule: str) -> None:
    assert refusal({**OBJECT, "terms": {**OBJECT["terms"], member: value}}) == rule


@pytest.mark.parametrize("member", ["object", "authorship"])
def test_malformed_body_of_an_object_act_is_refused_by_name(member: str) -> None:
    assert refusal({**OBJECT, "body": {**OBJECT["body"], member: 1}}) == f"act: body: {member}"


def test_redacted_object_names_the_full_form() -> None:
    terms = {**OBJECT["terms"], "redacted_from": "ab" * 32}
    assert read_act({**OBJECT, "terms": terms}, FROM, TO).terms == terms


@pytest.mark.parametrize("value", [None, [], "act", 1])
def test_what_is_no_object_is_no_act(value: Any) -> None:
    assert refusal(value) == "act: members"
