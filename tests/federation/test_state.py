from typing import Any

import pytest

from hilf.errors import PartnerFault
from hilf.federation.state import NAME, Outgoing, Resumption, Standing, make_state, read_state, resume
from hilf.federation.stream import Position, beginning, chain_over, chain_start
from hilf.seal.signed import sign, signed_bytes
from tests.federation.parties import NOW, QM, QN, QN_KEY, QN_KEYS, keys, ping, state_of_qn, vectors

VECTORS = vectors("stream")
STATE = VECTORS["inputs"]["state"]
FROM, TO = VECTORS["inputs"]["from"], VECTORS["inputs"]["to"]
KEYS = keys(VECTORS["inputs"]["receiver_keys"])
IDS = [ping(n).id for n in range(1, 6)]
OUT = Outgoing(1, 6, chain_over(chain_start(QM, QN), IDS), 5)


def chain_at(seq: int) -> bytes:
    return chain_over(chain_start(QM, QN), IDS[:seq])


def at(seq: int) -> Position:
    return Position(1, seq, chain_at(seq))


def sent(receipted: int) -> Outgoing:
    return Outgoing(1, 6, OUT.chain, receipted)


def refusal(value: Any) -> str:
    with pytest.raises(PartnerFault) as fault:
        read_state(value, QN, QM, QN_KEYS)
    return fault.value.rule


def test_vector_is_read_with_its_signed_bytes_and_start() -> None:
    state = read_state(STATE, TO, FROM, KEYS)
    assert signed_bytes(NAME, STATE) == VECTORS["intermediate"]["state_signed_text"].encode()
    assert state.start.hex() == VECTORS["intermediate"]["start_epoch2"]
    assert state.incoming.json() == STATE["in"]
    assert state.outgoing.json() == STATE["out"]
    assert state.value == STATE


def test_made_state_is_read_back() -> None:
    value = make_state(QN, QM, at(3), Outgoing(2, 7, b"\1" * 32, 6), NOW, QN_KEY)
    state = read_state(value, QN, QM, QN_KEYS)
    assert (state.node, state.peer, state.incoming, state.outgoing, state.at, state.value) == (
        QN,
        QM,
        at(3),
        Outgoing(2, 7, b"\1" * 32, 6),
        NOW,
        value,
    )


@pytest.mark.parametrize(
    ("member", "value", "rule"),
    [
        ("extra", 1, "state: members"),
        ("v", True, "state: v"),
        ("node", QM, "state: node/peer"),
        ("peer", QN, "state: node/peer"),
        ("in", {}, "state: in: members"),
        ("out", {}, "state: out: members"),
        ("out", {"epoch": 1, "next": 0, "chain": "00" * 32, "receipted": 0}, "state: out: numbers"),
        ("out", {"epoch": 1, "next": 1, "chain": "00" * 32, "receipted": 1}, "state: out: numbers"),
        ("out", {"epoch": 1, "next": 1, "chain": "00", "receipted": 0}, "state: out: chain: hex"),
        ("at", "today", "state: time form"),
    ],
)
def test_malformed_state_is_refused_by_name(member: str, value: Any, rule: str) -> None:
    assert refusal(sign(NAME, {**state_of_qn(at(0)).value, member: value}, QN_KEY)) == rule


def test_changed_state_is_refused() -> None:
    assert refusal({**state_of_qn(at(0)).value, "in": at(1).json()}) == "state: signature"


def test_equal_states_leave_nothing_to_do() -> None:
    assert resume(state_of_qn(at(5)), sent(5), chain_at) == Resumption(Standing.NOTHING, 6, 5)


def test_fresh_stream_leaves_nothing_to_do() -> None:
    out = Outgoing(1, 1, chain_start(QM, QN), 0)
    assert resume(state_of_qn(beginning(QM, QN)), out, chain_at) == Resumption(Standing.NOTHING, 1, 0)


def test_what_has_not_arrived_is_sent_from_there() -> None:
    assert resume(state_of_qn(at(3)), sent(3), chain_at) == Resumption(Standing.RESUME, 4, 3)


def test_what_was_applied_without_a_receipt_is_sent_again() -> None:
    assert resume(state_of_qn(at(5)), sent(3), chain_at) == Resumption(Standing.RESUME, 4, 5)


def test_peer_before_what_it_receipted_was_restored_and_gets_it_again() -> None:
    assert resume(state_of_qn(at(2)), sent(5), chain_at) == Resumption(Standing.RESUME, 3, 2, restored=True)


@pytest.mark.parametrize(
    "there",
    [
        Position(1, 3, b"\0" * 32),
        Position(2, 3, chain_at(3)),
        Position(1, 6, chain_at(5)),
    ],
    ids=["another chain", "another epoch", "more than was sent"],
)
def test_streams_that_differ_are_reconciled_first(there: Position) -> None:
    assert resume(state_of_qn(there), sent(3), chain_at) == Resumption(Standing.DIFFERS, 0, 0)


def test_opened_epoch_that_has_not_arrived_is_sent_from_its_first_act() -> None:
    out = Outgoing(2, 3, b"\2" * 32, 0)
    assert resume(state_of_qn(at(5)), out, chain_at, opened_from=at(5)) == Resumption(Standing.RESUME, 1, 0)


def test_epoch_opened_from_a_position_that_has_moved_is_reconciled() -> None:
    out = Outgoing(2, 3, b"\2" * 32, 0)
    assert resume(state_of_qn(at(4)), out, chain_at, opened_from=at(5)) == Resumption(Standing.DIFFERS, 0, 0)


def test_peer_that_falls_behind_an_epoch_it_receipted_is_reconciled() -> None:
    out = Outgoing(2, 3, b"\2" * 32, 2)
    assert resume(state_of_qn(at(5)), out, chain_at, opened_from=at(5)) == Resumption(Standing.DIFFERS, 0, 0)
