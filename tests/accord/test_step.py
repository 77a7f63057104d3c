from typing import Any

import pytest

from hilf.accord.document import MAX_PARTIES, read_accord
from hilf.accord.step import (
    MAX_HISTORY,
    MAX_RECORDS,
    Kind,
    Past,
    Proposal,
    Signed,
    Subject,
    proposal_body,
    read_step,
    signed_body,
)
from hilf.accord.template import amendment
from hilf.errors import PartnerFault
from tests.accord.agreements import QM, QN, QO, Nation, agreement

ACCORD = agreement()
SIGNED = signed_body(Kind.SIGNATURE, ACCORD, Nation(QN).sign(ACCORD))


def refusal(body: Any) -> str:
    with pytest.raises(PartnerFault) as fault:
        read_step(body)
    return fault.value.rule


def test_a_proposal_is_read_back() -> None:
    assert proposal_body(ACCORD)["step"] == "proposal"
    assert read_step(proposal_body(ACCORD)) == Proposal(ACCORD)


def test_a_later_version_is_an_amendment_and_says_so() -> None:
    second = read_accord(amendment(ACCORD, QM, {}))
    body = proposal_body(second)
    assert body["step"] == "amendment"
    assert read_step(body) == Proposal(second)
    assert refusal({**body, "step": "proposal"}) == "accord: step"
    assert refusal({**proposal_body(ACCORD), "step": "amendment"}) == "accord: step"


@pytest.mark.parametrize("kind", Kind)
def test_a_signed_step_is_read_back(kind: Kind) -> None:
    body = signed_body(kind, ACCORD, [{"a": 1}])
    assert read_step(body) == Signed(kind, Subject(ACCORD.id, 1, ACCORD.hash), ({"a": 1},))


def test_a_step_holds_as_many_records_as_fit_and_no_more() -> None:
    most = read_step({**SIGNED, "records": [1] * MAX_RECORDS})
    assert (MAX_RECORDS, len(most.records)) == (1010, 1010)  # type: ignore[union-attr]


def test_each_step_has_its_type_of_record() -> None:
    assert {kind.value: kind.record_type for kind in Kind} == {
        "signature": "accord",
        "suspension": "suspension",
        "withdrawal": "withdrawal",
        "end": "withdrawal",
    }


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ([], "accord: step members"),
        ({}, "accord: step"),
        ({"step": "blessing"}, "accord: step"),
        ({"step": "proposal"}, "accord: step members"),
        ({**proposal_body(ACCORD), "more": 1}, "accord: step members"),
        ({"step": "proposal", "document": 7}, "accord: object"),
        ({**SIGNED, "more": 1}, "accord: step members"),
        ({**SIGNED, "records": []}, "accord: records"),
        ({**SIGNED, "records": {}}, "accord: records"),
        ({**SIGNED, "records": {"a": 1}}, "accord: records"),
        ({**SIGNED, "records": 7}, "accord: records"),
        ({**SIGNED, "records": [1] * (MAX_RECORDS + 1)}, "accord: records"),
        ({**SIGNED, "subject": ACCORD.hash}, "accord: subject"),
        ({**SIGNED, "subject": {**ACCORD.subject, "more": 1}}, "accord: subject"),
        ({**SIGNED, "subject": {**ACCORD.subject, "id": "accord--1"}}, "accord: subject"),
        ({**SIGNED, "subject": {**ACCORD.subject, "id": 7}}, "accord: subject"),
        ({**SIGNED, "subject": {**ACCORD.subject, "hash": "00"}}, "accord: subject"),
        ({**SIGNED, "subject": {**ACCORD.subject, "hash": 7}}, "accord: subject"),
        ({**SIGNED, "subject": {**ACCORD.subject, "version": True}}, "accord: subject"),
        ({**SIGNED, "subject": {**ACCORD.subject, "version": 0}}, "accord: subject"),
    ],
)
def test_bodies_are_closed(body: Any, rule: str) -> None:
    assert refusal(body) == rule


SECOND = read_accord(amendment(ACCORD, QM, {}))
PAST = {"document": ACCORD.json(), "records": [{"a": 1}]}
AMENDED = proposal_body(SECOND, (QO,), [(ACCORD, [{"a": 1}])])


def test_an_amendment_may_bring_what_came_before_and_name_whom_to_pass_it_on_to() -> None:
    body = proposal_body(SECOND, (QO,), [(ACCORD, [{"a": 1}])])
    assert body == {"step": "amendment", "document": SECOND.json(), "history": [PAST], "relay": [QO]}
    assert read_step(body) == Proposal(SECOND, (Past(ACCORD, ({"a": 1},)),), (QO,))
    most = {**body, "history": [PAST] * MAX_HISTORY, "relay": [QO] * MAX_PARTIES}
    read = read_step(most)
    assert isinstance(read, Proposal)
    assert (len(read.history), len(read.relay)) == (MAX_HISTORY, MAX_PARTIES)


@pytest.mark.parametrize("kind", Kind)
def test_a_signed_step_may_name_whom_to_pass_it_on_to(kind: Kind) -> None:
    body = signed_body(kind, ACCORD, [{"a": 1}], (QO,))
    assert read_step(body) == Signed(kind, Subject(ACCORD.id, 1, ACCORD.hash), ({"a": 1},), (QO,))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"history": []}, "accord: history"),
        ({"history": {}}, "accord: history"),
        ({"history": 7}, "accord: history"),
        ({"history": [PAST] * (MAX_HISTORY + 1)}, "accord: history"),
        ({"history": [7]}, "accord: history"),
        ({"history": [["document", "records"]]}, "accord: history"),
        ({"history": [{**PAST, "more": 1}]}, "accord: history"),
        ({"history": [{"document": ACCORD.json()}]}, "accord: history"),
        ({"history": [{**PAST, "document": 7}]}, "accord: object"),
        ({"history": [{**PAST, "records": []}]}, "accord: records"),
        ({"relay": []}, "accord: relay"),
        ({"relay": QO}, "accord: relay"),
        ({"relay": 7}, "accord: relay"),
        ({"relay": {QO: 1}}, "accord: relay"),
        ({"relay": [QO, 7]}, "accord: relay"),
        ({"relay": ["QO"]}, "accord: relay"),
        ({"relay": [QO] * (MAX_PARTIES + 1)}, "accord: relay"),
    ],
)
def test_a_history_or_a_relay_of_another_form_is_refused(changes: Any, rule: str) -> None:
    assert refusal({**AMENDED, **changes}) == rule
    if "relay" in changes:
        assert refusal({**SIGNED, **changes}) == rule


@pytest.mark.parametrize("name", ["step", "subject", "records"])
def test_a_signed_step_lacks_no_member(name: str) -> None:
    body = {member: value for member, value in SIGNED.items() if member != name}
    assert refusal(body) == ("accord: step" if name == "step" else "accord: step members")


def test_a_fault_says_which_step_it_was() -> None:
    told = []
    for body in ({"step": "x" * 60}, {**AMENDED, "step": "proposal"}):
        with pytest.raises(PartnerFault) as fault:
            read_step(body)
        told.append(fault.value.detail)
    assert told == ["'" + "x" * 39, "proposal of version 2"]
