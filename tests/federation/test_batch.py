from typing import Any

import pytest

from hilf.canonical import dumps
from hilf.errors import PartnerFault
from hilf.federation.act import read_act
from hilf.federation.batch import (
    MAX_ACTS,
    NAME,
    GivenBack,
    batch_leaves,
    give_back,
    make_batch,
    read_batch,
    read_given_back,
    read_header,
)
from hilf.federation.placement import follow
from hilf.federation.state import read_state
from hilf.federation.stream import Position, beginning, read_position
from hilf.seal.signed import sign, signed_bytes
from tests.federation.parties import (
    NOW,
    QM,
    QM_KEY,
    QM_KEYS,
    QN,
    QN_KEYS,
    by_name,
    keys,
    ping,
    state_of_qn,
    vectors,
)

VECTORS = vectors("stream")
INPUTS, INTERMEDIATE, OUTPUTS = VECTORS["inputs"], VECTORS["intermediate"], VECTORS["outputs"]
NEGATIVE = by_name([case for case in VECTORS["negative"] if "position" in case])
GIVEN_BACK = by_name([case for case in VECTORS["negative"] if "given_back" in case])
FROM, TO = INPUTS["from"], INPUTS["to"]
SENDER_KEYS, RECEIVER_KEYS = keys(INPUTS["sender_keys"]), keys(INPUTS["receiver_keys"])
OLD_KEYS = keys(INPUTS["sender_keys_for_old_signatures"])
POSITIONS = [read_position(each, "position") for each in OUTPUTS["positions"]]
ACTS = [ping(n) for n in range(1, 4)]
MADE = make_batch(ACTS, beginning(QM, QN), NOW, QM_KEY)
JSON: Any = {"header": MADE.header.value, "acts": [act.json() for act in ACTS]}


def refusal(value: Any) -> str:
    with pytest.raises(PartnerFault) as fault:
        read_batch(value, QM, QN, QM_KEYS, QN_KEYS)
    return fault.value.rule


def resigned(**changes: Any) -> Any:
    return {**JSON, "header": sign(NAME, {**MADE.header.value, **changes}, QM_KEY)}


@pytest.mark.parametrize("name", NEGATIVE)
def test_negative_vector_is_refused_by_the_rule_it_names(name: str) -> None:
    case = NEGATIVE[name]
    value = OUTPUTS[case["batch"]] if isinstance(case["batch"], str) else case["batch"]
    position = read_position(case["position"], "position")
    with pytest.raises(PartnerFault) as fault:
        follow(read_batch(value, case["from"], case["to"], SENDER_KEYS, RECEIVER_KEYS), position)
    assert fault.value.rule == case["refused_at"]


@pytest.mark.parametrize("n", range(3))
def test_vector_is_read_with_its_bytes_and_follows(n: int) -> None:
    value = OUTPUTS[f"batch_{n + 1}"]
    batch = read_batch(value, FROM, TO, SENDER_KEYS, RECEIVER_KEYS)
    assert signed_bytes(NAME, value["header"]) == INTERMEDIATE["header_signed_text"][n].encode()
    assert batch.canonical == dumps(value)
    assert follow(batch, POSITIONS[n]) == POSITIONS[n + 1]
    assert batch.header.digest.hex() == OUTPUTS[f"receipt_{n + 1}"]["batch"]


def test_leaves_are_those_of_the_vectors() -> None:
    ids = vectors("act")["outputs"]["ids"]
    assert [leaf.hex() for leaf in batch_leaves(ids)] == INTERMEDIATE["batch_leaves"]


@pytest.mark.parametrize("n", range(3))
def test_made_header_is_that_of_the_vectors_but_for_who_signed(n: int) -> None:
    value = OUTPUTS[f"batch_{n + 1}"]
    acts = [read_act(act, FROM, TO) for act in value["acts"]]
    batch = read_batch(value, FROM, TO, SENDER_KEYS, RECEIVER_KEYS)
    opening = read_state(INPUTS["state"], TO, FROM, RECEIVER_KEYS) if n == 2 else None
    made = make_batch(acts, POSITIONS[n], batch.header.at, QM_KEY, opening, batch.header.withdrawn)
    by_us = {"kid": QM_KEY.kid, "value": made.header.value["value"]}
    assert made.header.value == {**value["header"], **by_us}


def test_made_batch_is_read_back() -> None:
    assert read_batch(JSON, QM, QN, QM_KEYS, QN_KEYS) == MADE
    assert dumps(JSON) == MADE.canonical
    assert MADE.header.end == Position(1, 3, MADE.header.chain)


def test_made_opening_is_read_back() -> None:
    opening = state_of_qn(MADE.header.end)
    made = make_batch(ACTS[:1], MADE.header.end, NOW, QM_KEY, opening, ["ab" * 32])
    value: Any = {"header": made.header.value, "acts": [ACTS[0].json()]}
    assert read_batch(value, QM, QN, QM_KEYS, QN_KEYS) == made
    assert (made.header.epoch, made.header.first, made.header.withdrawn) == (2, 1, ("ab" * 32,))


def test_epoch_opened_two_beyond_its_state_is_refused() -> None:
    opening = state_of_qn(MADE.header.end)
    made = make_batch(ACTS[:1], Position(2, 9, bytes(32)), NOW, QM_KEY, opening)
    assert refusal({"header": made.header.value, "acts": [ACTS[0].json()]}) == "batch: epoch"


@pytest.mark.parametrize("acts", [[], [ping(1), ping(2, QN, QM)], [ping(1)] * (MAX_ACTS + 1)])
def test_batch_of_none_of_many_pairs_or_of_too_many_is_our_mistake(acts: Any) -> None:
    with pytest.raises(ValueError, match="10,000"):
        make_batch(acts, beginning(QM, QN), NOW, QM_KEY)


def test_too_many_acts_are_refused() -> None:
    value = {**resigned(count=MAX_ACTS + 1), "acts": [ACTS[0].json()] * (MAX_ACTS + 1)}
    assert refusal(value) == "batch: too many acts"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"v": True}, "header: v"),
        ({"from": QN}, "header: from/to"),
        ({"to": QM}, "header: from/to"),
        ({"epoch": 0}, "header: members"),
        ({"epoch": True}, "header: numbers"),
        ({"first": 0}, "header: numbers"),
        ({"first": "1"}, "header: numbers"),
        ({"count": True}, "header: numbers"),
        ({"count": 2}, "batch: count"),
        ({"prev_chain": "00"}, "header: prev_chain: hex"),
        ({"chain": None}, "header: chain: hex"),
        ({"root": "g" * 64}, "header: root: hex"),
        ({"at": 0}, "header: time form"),
        ({"prev_chain": "00" * 32}, "batch: chain"),
        ({"chain": "00" * 32}, "batch: chain"),
        ({"root": "00" * 32}, "batch: root"),
    ],
)
def test_malformed_header_is_refused_by_name(changes: Any, rule: str) -> None:
    assert refusal(resigned(**changes)) == rule


def test_start_of_a_chain_is_checked_though_the_rest_follows_from_it() -> None:
    wrong = make_batch(ACTS, Position(1, 0, bytes(32)), NOW, QM_KEY)
    assert refusal({**JSON, "header": wrong.header.value}) == "batch: chain"


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (None, "batch: members"),
        ([], "batch: members"),
        ({}, "batch: members"),
        ({**JSON, "acts": None}, "batch: acts"),
        ({**JSON, "header": None}, "header: members"),
    ],
)
def test_what_is_no_batch_is_refused_by_name(value: Any, rule: str) -> None:
    assert refusal(value) == rule


def test_signature_is_judged_before_any_act_is_read() -> None:
    value: Any = {
        "header": {**MADE.header.value, "at": "2026-01-01T00:00:00.000Z"},
        "acts": [None, None, None],
    }
    assert refusal(value) == "batch: signature"


@pytest.mark.parametrize(
    ("withdrawn", "rule"),
    [
        (["ab" * 32] * 2, "withdrawn: twice or sent"),
        ([ACTS[0].id], "withdrawn: twice or sent"),
        ([1], "withdrawn: hex"),
        ("ab", "withdrawn"),
    ],
)
def test_withdrawn_ids_are_distinct_and_not_sent(withdrawn: Any, rule: str) -> None:
    made = make_batch(ACTS[:1], MADE.header.end, NOW, QM_KEY, state_of_qn(MADE.header.end))
    header = sign(NAME, {**made.header.value, "withdrawn": withdrawn}, QM_KEY)
    assert refusal({"header": header, "acts": [ACTS[0].json()]}) == rule


def test_same_act_twice_in_a_batch_is_no_fault_of_the_batch() -> None:
    made = make_batch([ACTS[0], ACTS[0]], beginning(QM, QN), NOW, QM_KEY)
    value: Any = {"header": made.header.value, "acts": [ACTS[0].json()] * 2}
    assert read_batch(value, QM, QN, QM_KEYS, QN_KEYS) == made


@pytest.mark.parametrize("name", GIVEN_BACK)
def test_negative_vector_given_back_is_refused_by_the_rule_it_names(name: str) -> None:
    with pytest.raises(PartnerFault) as fault:
        read_given_back(GIVEN_BACK[name]["given_back"], FROM, TO, OLD_KEYS)
    assert fault.value.rule == GIVEN_BACK[name]["refused_at"]


def test_vector_given_back_is_read_and_made() -> None:
    value = OUTPUTS["given_back"]
    act = read_act(value["act"], FROM, TO)
    assert read_given_back(value, FROM, TO, OLD_KEYS) == GivenBack(
        act, 1, 2, read_header(value["header"], FROM, TO, OLD_KEYS)
    )
    header = read_header(value["header"], FROM, TO, OLD_KEYS)
    assert give_back(header, vectors("act")["outputs"]["ids"][:3], 1, act) == value


@pytest.mark.parametrize(
    ("member", "value", "rule"),
    [
        ("index", True, "given back: index"),
        ("index", 3, "given back: index"),
        ("path", None, "given back: path"),
        ("path", [], "given back: path too short"),
        ("extra", 1, "given back: members"),
        ("act", None, "act: members"),
    ],
)
def test_malformed_given_back_is_refused_by_name(member: str, value: Any, rule: str) -> None:
    given = give_back(MADE.header, MADE.ids, 1, ACTS[1])
    assert read_given_back(given, QM, QN, QM_KEYS) == GivenBack(ACTS[1], 1, 2, MADE.header)
    with pytest.raises(PartnerFault) as fault:
        read_given_back({**given, member: value}, QM, QN, QM_KEYS)
    assert fault.value.rule == rule
