from datetime import timedelta
from typing import Any

import pytest

from hilf.canonical import content_id
from hilf.errors import PartnerFault
from hilf.seal.document import read_document
from hilf.seal.record import (
    acts_subject,
    check_record,
    check_time,
    make_record,
    read_record,
    verify_records,
)
from hilf.seal.signed import signed_bytes
from tests.seal.nodes import KEYS, OFFICERS, at, by_name, vectors

ACCORD = vectors("accord")
INPUTS, OUTPUTS, INTERMEDIATE = ACCORD["inputs"], ACCORD["outputs"], ACCORD["intermediate"]
NOW = at(INPUTS["now"])
DOCUMENTS = {node: read_document(document) for node, document in INPUTS["identities"].items()}
QM = DOCUMENTS["cert.qm.example"]
RECORDS = OUTPUTS["officers_records"]
NEGATIVE = by_name(case for case in ACCORD["negative"] if "type" in case)
SUBJECT = INPUTS["subjects"]["approval"]


def refused(records: Any, type_: str = "approval", subject: Any = SUBJECT, **others: Any) -> str:
    with pytest.raises(PartnerFault) as fault:
        verify_records(type_, subject, records, QM, others.pop("now", NOW), **others)
    return fault.value.rule


def made(officer: int, **changes: Any) -> Any:
    fields = {"type_": "approval", "node": "cert.qm.example", "role": "officer", "subject": SUBJECT}
    times = {"at": NOW, "expires": NOW + timedelta(hours=1)}
    return make_record(**{**fields, **times, "key": OFFICERS[officer], **changes})


@pytest.mark.parametrize("type_", RECORDS)
def test_two_officers_of_the_vectors_are_enough(type_: str) -> None:
    kids = verify_records(type_, INPUTS["subjects"][type_], RECORDS[type_], QM, NOW)
    assert kids == tuple(key.kid for key in OFFICERS)


@pytest.mark.parametrize("name", NEGATIVE)
def test_records_of_the_vectors_are_refused_by_their_rule(name: str) -> None:
    case = NEGATIVE[name]
    with pytest.raises(PartnerFault) as fault:
        verify_records(
            case["type"], case["subject"], case["records"], DOCUMENTS[case["node"]], at(case["now"])
        )
    assert fault.value.rule == case["refused_at"]


def test_every_record_of_the_accord_was_signed_by_its_party() -> None:
    for value in OUTPUTS["accord_records"]:
        record = read_record(value)
        check_time(record, NOW)
        check_record(record, "accord", DOCUMENTS[record.node])
        assert record.body == value
        assert record.subject == {"id": INPUTS["accord"]["id"], "version": 1, "hash": INTERMEDIATE["hash"]}


def test_records_are_signed_over_the_bytes_of_the_vectors() -> None:
    first = OUTPUTS["accord_records"][0]
    assert signed_bytes("hilf/1 accord", first).decode() == INTERMEDIATE["record_signed_text"]
    approval = RECORDS["approval"][0]
    assert signed_bytes("hilf/1 approval", approval).decode() == INTERMEDIATE["approval_signed_text"]


def test_a_record_of_the_vectors_is_made_anew_to_the_byte() -> None:
    expected = RECORDS["approval"][0]
    times = {"at": at(expected["at"]), "expires": at(expected["expires"])}
    assert made(0, **times) == expected


def test_the_subject_of_approvals_and_retractions_is_the_hash_of_their_act_ids() -> None:
    ids = INPUTS["approved_act_ids"]
    assert acts_subject(ids) == acts_subject([*reversed(ids)]) == INPUTS["subjects"]["approval"]
    assert acts_subject(INPUTS["retraction_act_ids"]) == INPUTS["subjects"]["retraction"]
    assert content_id(INPUTS["accord"]) == INPUTS["subjects"]["suspension"]


def test_a_number_of_officers_may_be_asked_for() -> None:
    assert verify_records("approval", SUBJECT, [made(1)], QM, NOW, needed=1) == (OFFICERS[1].kid,)
    assert refused([made(0), made(1)], needed=3) == "record: too few officers"
    assert refused([]) == "record: too few officers"


def test_one_record_that_does_not_hold_refuses_the_set() -> None:
    assert refused([made(0, node="cert.qn.example"), made(1)], needed=1) == "record: node"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"v": True}, "record: v"),
        ({"later": 1}, "record: members"),
        ({"type": "batch"}, "record: type"),
        ({"type": 1}, "record: type"),
        ({"party": "cert.qn.example"}, "record: party"),
        ({"role": "guest"}, "record: role"),
        ({"kid": None}, "record: kid"),
        ({"node": None}, "record: node"),
        ({"at": "now"}, "record: time form"),
        ({"value": "="}, "approval: base64url"),
    ],
)
def test_a_record_in_another_form_is_refused(changes: Any, rule: str) -> None:
    assert refused([{**made(0), **changes}]) == rule


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"v": 2}, "accord: v"),
        ({"v": True}, "accord: v"),
        ({"type": "batch"}, "accord: type"),
        ({"role": "guest"}, "accord: role"),
    ],
)
def test_the_form_of_a_record_is_read_alone(changes: Any, rule: str) -> None:
    with pytest.raises(PartnerFault) as fault:
        read_record({**made(0), **changes}, "accord")
    assert fault.value.rule == rule


def test_what_is_no_object_is_no_record() -> None:
    assert refused([None]) == "record: members"
    short = made(0)
    del short["expires"]
    assert refused([short]) == "record: members"


def test_a_record_counts_from_60_s_before_its_time_to_its_last_moment() -> None:
    pair = [made(0), made(1)]
    early, late = NOW - timedelta(seconds=60), NOW + timedelta(hours=1)
    step = timedelta(milliseconds=1)
    assert len(verify_records("approval", SUBJECT, pair, QM, early)) == 2
    assert len(verify_records("approval", SUBJECT, pair, QM, late)) == 2
    assert refused(pair, now=early - step) == "record: at ahead"
    assert refused(pair, now=late + step) == "record: expired"


def test_true_is_not_the_subject_1() -> None:
    assert refused([made(0, subject=True), made(1, subject=True)], subject=1) == "record: subject"


def test_the_online_key_signs_as_node_only() -> None:
    record = read_record(made(0, type_="accord", role="node", key=KEYS["qm online 2"]))
    check_record(record, "accord", QM)
    with pytest.raises(PartnerFault) as fault:
        check_record(read_record(made(0, type_="accord", role="node")), "accord", QM)
    assert fault.value.rule == "accord: unknown kid"


def test_a_record_of_another_type_is_not_checked_as_this_one() -> None:
    with pytest.raises(PartnerFault) as fault:
        check_record(read_record(made(0)), "retraction", QM)
    assert fault.value.rule == "record: type"
