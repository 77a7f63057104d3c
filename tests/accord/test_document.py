from typing import Any

import pytest

from hilf.accord.document import (
    MAX_CLAUSES,
    MAX_ENTRIES,
    MAX_PARTIES,
    MAX_PROMISES,
    MEMBERS,
    InForce,
    Party,
    Promise,
    faults_in,
    read_accord,
)
from hilf.accord.fault import Fault
from hilf.accord.terms import Onward
from hilf.errors import PartnerFault
from tests.accord.agreements import BEGINS, COMMUNITY, QM, QN, QO, UNTIL, VECTORS, agreement, permit, text

GIVEN = VECTORS["inputs"]["accord"]


def places(document: Any) -> list[tuple[str, str]]:
    return [(fault.place, fault.rule) for fault in faults_in(document)]


def test_the_accord_of_the_vectors_has_their_hash_and_bytes() -> None:
    accord = read_accord(GIVEN)
    assert accord.hash == VECTORS["intermediate"]["hash"]
    assert accord.canonical == VECTORS["intermediate"]["canonical_text"].encode()
    assert read_accord(VECTORS["inputs"]["accord_2"]).hash == VECTORS["intermediate"]["hash_2"]


def test_an_accord_is_read_into_values() -> None:
    accord = read_accord(GIVEN)
    assert (accord.id, accord.version, accord.prev) == (GIVEN["id"], 1, None)
    assert accord.parties == (Party(QM, ("member",)), Party(QN, ("member",)))
    assert (accord.proposer, accord.nodes, accord.key) == (QM, (QM, QN), (GIVEN["id"], 1))
    assert (accord.community, accord.purposes, accord.onward) == (
        COMMUNITY,
        ("defence",),
        Onward.ASK_ORIGINATOR,
    )
    assert (accord.personal_data, accord.retention_days, accord.languages) == ("redact", 365, ("en", "ar"))
    assert accord.promises == (Promise("aid", "high", 5, 30, 240, 1440),)
    assert (accord.at_end, accord.confirmations) == ("delete", "named")
    assert accord.subject == {"id": GIVEN["id"], "version": 1, "hash": accord.hash}


def test_members_that_are_not_known_are_kept_and_shown_and_change_the_hash() -> None:
    accord = read_accord(GIVEN)
    assert (accord.unknown, accord.json()) == (("later",), GIVEN)
    assert read_accord({name: value for name, value in GIVEN.items() if name != "later"}) != accord


@pytest.mark.parametrize("name", MEMBERS)
def test_every_member_must_be_there(name: str) -> None:
    without = {member: value for member, value in text().items() if member != name}
    assert places(without) == [(name, "accord: members")]


@pytest.mark.parametrize(
    ("changes", "place", "rule"),
    [
        ({"v": 2}, "v", "accord: v"),
        ({"v": True}, "v", "accord: v"),
        ({"type": "hilf-pact"}, "type", "accord: type"),
        ({"id": "accord--1"}, "id", "accord: id"),
        ({"version": 0, "prev": None}, "version", "accord: number"),
        ({"version": True}, "version", "accord: number"),
        ({"version": 2}, "prev", "accord: prev"),
        ({"prev": "0" * 64}, "prev", "accord: prev"),
        ({"version": 2, "prev": "0"}, "prev", "accord: prev"),
        ({"version": 2, "prev": 7}, "prev", "accord: prev"),
        ({"title": {}}, "title", "accord: text"),
        ({"title": {"en": " "}}, "title.en", "accord: text"),
        ({"title": {"English": "x"}}, "title.English", "accord: language"),
        ({"parties": [{"node": QM, "roles": ["member"]}]}, "parties", "accord: limit"),
        ({"parties": [{"node": QM, "roles": ["member"]}] * 2}, "parties", "accord: twice"),
        (
            {"parties": [{"node": "QM", "roles": ["member"]}, {"node": QN, "roles": ["a"]}]},
            "parties[0].node",
            "accord: node",
        ),
        (
            {"parties": [{"node": QM, "roles": []}, {"node": QN, "roles": ["a"]}]},
            "parties[0].roles",
            "accord: limit",
        ),
        ({"parties": [{"node": QM}, {"node": QN, "roles": ["a"]}]}, "parties[0].roles", "accord: members"),
        ({"community": "x"}, "community", "accord: community"),
        ({"purposes": []}, "purposes", "accord: limit"),
        ({"purposes": ["Defence!"]}, "purposes[0]", "accord: word"),
        ({"purposes": ["a", "a"]}, "purposes", "accord: twice"),
        ({"from": "2026-01-01T00:00:00.000"}, "from", "accord: time form"),
        ({"until": "2026-01-01T00:00:00+02:00"}, "until", "accord: time form"),
        ({"until": "2026-02-30T00:00:00.000Z"}, "until", "accord: time form"),
        ({"review": "2028-01-01T00:00:00.000Z"}, "until", "accord: period"),
        ({"until": "2025-01-01T00:00:00.000Z"}, "until", "accord: period"),
        ({"until": text()["from"], "review": text()["from"]}, "until", "accord: period"),
        ({"review": "2025-12-31T23:59:59.999Z"}, "until", "accord: period"),
        ({"clauses": [permit("a"), permit("a")]}, "clauses", "accord: twice"),
        ({"clauses": {}}, "clauses", "accord: list"),
        ({"clauses": [7]}, "clauses[0]", "accord: object"),
        ({"onward": "maybe"}, "onward", "accord: onward"),
        ({"personal_data": "some"}, "personal_data", "accord: personal_data"),
        ({"retention_days": 0}, "retention_days", "accord: number"),
        ({"retention_days": 36501}, "retention_days", "accord: number"),
        ({"languages": []}, "languages", "accord: limit"),
        ({"languages": ["en", "en"]}, "languages", "accord: twice"),
        ({"languages": ["en", "English"]}, "languages[1]", "accord: language"),
        ({"promises": [{**GIVEN["promises"][0], "request": "Aid!"}]}, "promises[0].request", "accord: word"),
        ({"promises": [{"request": "aid"}]}, "promises[0].urgency", "accord: members"),
        (
            {"promises": [{**GIVEN["promises"][0], "decide_min": -1}]},
            "promises[0].decide_min",
            "accord: number",
        ),
        ({"contacts": {}}, "contacts", "accord: list"),
        ({"contacts": ["me"]}, "contacts[0]", "accord: object"),
        ({"reciprocity": [1]}, "reciprocity[0]", "accord: object"),
        ({"references": [1]}, "references[0]", "accord: object"),
        ({"quotas": []}, "quotas", "accord: object"),
        ({"quotas": {"acts_per_hour": "100"}}, "quotas.acts_per_hour", "accord: number"),
        ({"quotas": {"disk_bytes": 0}}, "quotas.disk_bytes", "accord: number"),
        ({"at_end": "burn"}, "at_end", "accord: at_end"),
        ({"confirmations": "secret"}, "confirmations", "accord: confirmations"),
        ({"membership": "half"}, "membership", "accord: membership"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(changes: dict[str, Any], place: str, rule: str) -> None:
    assert (place, rule) in places({**text(), **changes})
    assert [fault for fault in faults_in({**text(), **changes}) if not fault.message.endswith(".")] == []


def test_quotas_that_a_node_keeps_are_read_and_others_stay_in_the_text() -> None:
    accord = read_accord(text(quotas={"bytes_per_hour": 9, "calls_per_day": "some"}))
    assert accord.quotas == {"bytes_per_hour": 9}
    assert accord.json()["quotas"] == {"bytes_per_hour": 9, "calls_per_day": "some"}


@pytest.mark.parametrize("document", [None, 7, "text", [], True])
def test_what_is_no_object_is_no_accord(document: Any) -> None:
    assert ("", "accord: object") in places(document)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(PartnerFault) as fault:
        read_accord(text(at_end="burn", onward="maybe"))
    assert fault.value.rule == "accord: onward"
    assert fault.value.code == "accord.onward"
    assert fault.value.detail == (
        "onward: 'maybe' is none of: none, ask originator, listed, free.; at_end: 'burn' is none of: delete, keep."
    )


def test_one_fault_is_told_once() -> None:
    assert faults_in(text(at_end="burn")) == (
        Fault("at_end", "accord: at_end", "'burn' is none of: delete, keep."),
    )


def test_an_accord_of_500_clauses_and_100_parties_is_read_and_no_greater_one() -> None:
    clauses = [permit(f"c-{i}", labels_any=["x"] * 1) for i in range(MAX_CLAUSES + 1)]
    parties = [{"node": f"cert{i}.example", "roles": ["member"]} for i in range(MAX_PARTIES + 1)]
    accord = agreement(clauses=clauses[:-1], parties_=parties[:-1])
    assert (len(accord.clauses), len(accord.parties)) == (500, 100)
    assert places(text(clauses=clauses)) == [("clauses", "accord: limit")]
    assert places(text(parties_=parties)) == [("parties", "accord: limit")]


def test_an_accord_of_more_than_four_mebibytes_is_refused() -> None:
    fits = "y" * (4 * 2**20 - len(agreement(quotas={"x": ""}).canonical))
    assert places(text(quotas={"x": fits})) == []
    (fault,) = faults_in(text(quotas={"x": fits + "y"}))
    assert fault == Fault("", "accord: limit", "must be at most 4194304 bytes, not 4194305.")


def test_review_may_fall_on_either_end_of_the_period() -> None:
    for review in ("2026-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"):
        assert places(text(review=review)) == []
    assert (agreement().begins, agreement().until) == (BEGINS, UNTIL)


def test_an_accord_binds_us_and_the_other_parties() -> None:
    held = InForce(agreement(), QM)
    assert [held.binds(node) for node in (QM, QN, QO)] == [False, True, False]
    with pytest.raises(ValueError, match="no party"):
        InForce(agreement(), QO)


@pytest.mark.parametrize("name", ["node", "roles"])
def test_what_a_party_lacks_is_told_once(name: str) -> None:
    whole: dict[str, Any] = {"node": QM, "roles": ["member"]}
    party = {member: value for member, value in whole.items() if member != name}
    assert places(text(parties_=[{"node": QN, "roles": ["member"]}, party])) == [
        (f"parties[1].{name}", "accord: members")
    ]


@pytest.mark.parametrize("name", GIVEN["promises"][0])
def test_what_a_promise_lacks_is_told_once(name: str) -> None:
    promise = {member: value for member, value in GIVEN["promises"][0].items() if member != name}
    assert places(text(promises=[promise])) == [(f"promises[0].{name}", "accord: members")]


def test_who_decides_on_members_may_be_left_out_and_is_known() -> None:
    given, left_out = agreement(membership="two thirds"), agreement()
    assert [(each.membership, each.unknown) for each in (given, left_out)] == [
        ("two thirds", ()),
        ("all", ()),
    ]


def test_an_accord_binds_neither_with_nor_for_a_party_that_is_out() -> None:
    accord = agreement(parties=(QM, QN, QO))
    held = [InForce(accord, QM, frozenset(out)) for out in ((), (QN,), (QM,))]
    assert [[each.binds(node) for node in (QN, QO)] for each in held] == [
        [True, True],
        [False, True],
        [False, False],
    ]


YEAR_MIN = 60 * 24 * 366
WORDS = [f"w{i}" for i in range(MAX_ENTRIES + 1)]


@pytest.mark.parametrize(
    ("most", "more", "place", "rule"),
    [
        ({"version": 10**6, "prev": "0" * 64}, {"version": 10**6 + 1}, "version", "number"),
        ({"purposes": WORDS[:-1]}, {"purposes": WORDS}, "purposes", "limit"),
        (
            {"languages": [f"en-{word.rjust(4, '0')}" for word in WORDS[:-1]]},
            {"languages": [f"en-{word.rjust(4, '0')}" for word in WORDS]},
            "languages",
            "limit",
        ),
        ({"contacts": [{}] * MAX_ENTRIES}, {"contacts": [{}] * (MAX_ENTRIES + 1)}, "contacts", "limit"),
        (
            {"reciprocity": [{}] * MAX_ENTRIES},
            {"reciprocity": [{}] * (MAX_ENTRIES + 1)},
            "reciprocity",
            "limit",
        ),
        ({"references": [{}] * MAX_ENTRIES}, {"references": [{}] * (MAX_ENTRIES + 1)}, "references", "limit"),
        (
            {"promises": GIVEN["promises"] * MAX_PROMISES},
            {"promises": GIVEN["promises"] * (MAX_PROMISES + 1)},
            "promises",
            "limit",
        ),
        (
            {"promises": [{**GIVEN["promises"][0], "receipt_min": 0, "deliver_min": YEAR_MIN}]},
            {"promises": [{**GIVEN["promises"][0], "deliver_min": YEAR_MIN + 1}]},
            "promises[0].deliver_min",
            "number",
        ),
        (
            {"quotas": {"acts_per_hour": 1, "disk_bytes": 2**53 - 1}},
            {"quotas": {"disk_bytes": 0}},
            "quotas.disk_bytes",
            "number",
        ),
        (
            {"parties": [{"node": QM, "roles": ["a"]}, {"node": QN, "roles": WORDS[:10]}]},
            {"parties": [{"node": QM, "roles": ["a"]}, {"node": QN, "roles": WORDS[:11]}]},
            "parties[1].roles",
            "limit",
        ),
    ],
)
def test_each_limit_is_kept_to_the_last_one(most: Any, more: Any, place: str, rule: str) -> None:
    assert places({**text(), **most}) == []
    assert places({**text(), **more}) == [(place, f"accord: {rule}")]
