from typing import Any

import pytest

from hilf.errors import PartnerFault
from hilf.federation.outcome import Outcome, Reason, Result, read_later, read_result

ID = "ab" * 32


def refusal(read: Any, *arguments: Any) -> str:
    with pytest.raises(PartnerFault) as fault:
        read(*arguments)
    return fault.value.rule


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("reason", [None, Reason("marking"), Reason("accord.forbid", "c-3")])
def test_result_is_read_as_it_is_written(outcome: Outcome, reason: Reason | None) -> None:
    result = Result(ID, outcome, reason)
    assert read_result(result.json(), "receipt") == result


@pytest.mark.parametrize("outcome", [Outcome.APPLIED, Outcome.REFUSED])
def test_later_result_is_read_as_it_is_written(outcome: Outcome) -> None:
    result = Result(ID, outcome, Reason("approval", "c-3"))
    assert result.later_body() == {
        "act": ID,
        "outcome": outcome.value,
        "reason": {"code": "approval", "clause": "c-3"},
    }
    assert read_later(result.later_body()) == result


@pytest.mark.parametrize("outcome", [Outcome.HELD, Outcome.DUPLICATE, Outcome.NOT_UNDERSTOOD])
def test_later_result_is_final(outcome: Outcome) -> None:
    with pytest.raises(ValueError, match="no final outcome"):
        Result(ID, outcome).later_body()
    assert refusal(read_later, {"act": ID, "outcome": outcome.value, "reason": None}) == "outcome: outcome"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"extra": 1}, "receipt: result: members"),
        ({"id": "AB" * 32}, "receipt: id: hex"),
        ({"outcome": "fine"}, "receipt: outcome"),
        ({"outcome": []}, "receipt: outcome"),
        ({"reason": "our policy"}, "receipt: reason: members"),
        ({"reason": {"code": "x"}}, "receipt: reason: members"),
        ({"reason": {"code": "Because we say so", "clause": None}}, "receipt: reason: code"),
        ({"reason": {"code": None, "clause": None}}, "receipt: reason: code"),
        ({"reason": {"code": "x", "clause": ""}}, "receipt: reason: clause"),
        ({"reason": {"code": "x", "clause": 3}}, "receipt: reason: clause"),
    ],
)
def test_malformed_result_is_refused_by_name(changes: Any, rule: str) -> None:
    assert refusal(read_result, {**Result(ID, Outcome.APPLIED).json(), **changes}, "receipt") == rule


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"id": ID}, "outcome: members"),
        ({"act": "ab"}, "outcome: act: hex"),
        ({"reason": "no"}, "outcome: reason: members"),
    ],
)
def test_malformed_later_result_is_refused_by_name(changes: Any, rule: str) -> None:
    assert refusal(read_later, {**Result(ID, Outcome.APPLIED).later_body(), **changes}) == rule
