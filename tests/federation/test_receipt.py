from typing import Any

import pytest

from hilf.errors import PartnerFault
from hilf.federation.batch import make_batch, read_batch
from hilf.federation.outcome import Outcome, Reason, Result
from hilf.federation.receipt import NAME, make_receipt, read_receipt
from hilf.federation.stream import beginning
from hilf.seal.signed import sign, signed_bytes
from tests.federation.parties import NOW, QM, QM_KEY, QN, QN_KEY, QN_KEYS, by_name, keys, ping, vectors

VECTORS = vectors("stream")
INPUTS, OUTPUTS = VECTORS["inputs"], VECTORS["outputs"]
FROM, TO = INPUTS["from"], INPUTS["to"]
NEGATIVE = by_name([case for case in VECTORS["negative"] if "receipt" in case])
SENDER_KEYS, RECEIVER_KEYS = keys(INPUTS["sender_keys"]), keys(INPUTS["receiver_keys"])
BATCH = make_batch([ping(n) for n in range(1, 4)], beginning(QM, QN), NOW, QM_KEY)
RESULTS = [
    Result(BATCH.ids[0], Outcome.APPLIED),
    Result(BATCH.ids[1], Outcome.REFUSED, Reason("marking", "c-3")),
    Result(BATCH.ids[2], Outcome.HELD, Reason("approval")),
]
MADE = make_receipt(BATCH.header, RESULTS, NOW, QN_KEY)


def named(value: Any) -> Any:
    return OUTPUTS[value] if isinstance(value, str) else value


def refusal(value: Any) -> str:
    with pytest.raises(PartnerFault) as fault:
        read_receipt(value, BATCH.header, BATCH.ids, QN_KEYS)
    return fault.value.rule


@pytest.mark.parametrize("name", NEGATIVE)
def test_negative_vector_is_refused_by_the_rule_it_names(name: str) -> None:
    case = NEGATIVE[name]
    batch = read_batch(named(case["batch"]), FROM, TO, SENDER_KEYS, RECEIVER_KEYS)
    with pytest.raises(PartnerFault) as fault:
        read_receipt(named(case["receipt"]), batch.header, batch.ids, RECEIVER_KEYS)
    assert fault.value.rule == case["refused_at"]


@pytest.mark.parametrize("n", range(3))
def test_vector_is_read_with_its_bytes_and_made_but_for_who_signed(n: int) -> None:
    value = OUTPUTS[f"receipt_{n + 1}"]
    batch = read_batch(OUTPUTS[f"batch_{n + 1}"], FROM, TO, SENDER_KEYS, RECEIVER_KEYS)
    receipt = read_receipt(value, batch.header, batch.ids, RECEIVER_KEYS)
    assert signed_bytes(NAME, value) == VECTORS["intermediate"]["receipt_signed_text"][n].encode()
    made = make_receipt(batch.header, receipt.results, receipt.at, QN_KEY)
    assert made == {**value, "kid": QN_KEY.kid, "value": made["value"]}


def test_made_receipt_is_read_back() -> None:
    receipt = read_receipt(MADE, BATCH.header, BATCH.ids, QN_KEYS)
    assert (receipt.by, receipt.to, receipt.epoch, receipt.first, receipt.last) == (QN, QM, 1, 1, 3)
    assert (receipt.at, receipt.results, receipt.value) == (NOW, tuple(RESULTS), MADE)


def test_results_are_as_many_as_acts() -> None:
    with pytest.raises(ValueError, match="2 results for 3 acts"):
        make_receipt(BATCH.header, RESULTS[:2], NOW, QN_KEY)


@pytest.mark.parametrize(
    ("member", "value", "rule"),
    [
        ("v", 2, "receipt: v"),
        ("at", "today", "receipt: time form"),
        ("by", QM, "receipt: other batch"),
        ("for", QN, "receipt: other batch"),
        ("epoch", True, "receipt: other batch"),
        ("first", 2, "receipt: other batch"),
        ("last", 4, "receipt: other batch"),
        ("chain", "00" * 32, "receipt: other batch"),
        ("root", "00" * 32, "receipt: other batch"),
        ("batch", "00" * 32, "receipt: other batch"),
        ("results", None, "receipt: results"),
        ("results", [result.json() for result in reversed(RESULTS)], "receipt: results"),
        ("results", [1, 2, 3], "receipt: result: members"),
    ],
)
def test_receipt_for_anything_else_is_refused_by_name(member: str, value: Any, rule: str) -> None:
    assert refusal(sign(NAME, {**MADE, member: value}, QN_KEY)) == rule


def test_receipt_by_the_sender_is_refused() -> None:
    assert refusal(make_receipt(BATCH.header, RESULTS, NOW, QM_KEY)) == "receipt: unknown kid"
