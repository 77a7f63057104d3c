from typing import Any

import pytest

from hilf.accord.document import read_accord
from hilf.accord.step import (
    MAX_RECORDS,
    Kind,
    Proposal,
    Signed,
    Subject,
    proposal_body,
    read_step,
    signed_body,
)
from hilf.accord.template import amendment
from hilf.errors import PartnerFault
from tests.accord.agreements import QM, QN, Nation, agreement

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
        ({**SIGNED, "records": [1] * (MAX_RECORDS + 1)}, "accord: records"),
        ({**SIGNED, "subject": ACCORD.hash}, "accord: subject"),
        ({**SIGNED, "subject": {**ACCORD.subject, "more": 1}}, "accord: subject"),
        ({**SIGNED, "subject": {**ACCORD.subject, "id": "accord--1"}}, "accord: subject"),
        ({**SIGNED, "subject": {**ACCORD.subject, "hash": "00"}}, "accord: subject"),
        ({**SIGNED, "subject": {**ACCORD.subject, "version": True}}, "accord: subject"),
        ({**SIGNED, "subject": {**ACCORD.subject, "version": 0}}, "accord: subject"),
    ],
)
def test_bodies_are_closed(body: Any, rule: str) -> None:
    assert refusal(body) == rule
