"""Acts given back with their proofs, what is carried over into the next epoch, and when the sender simply goes on."""

from typing import Any

import pytest

from hilf.errors import PartnerFault
from hilf.federation.batch import give_back, make_batch, read_given_back
from hilf.federation.recovery import (
    MOST_WANTED,
    CarriedOver,
    Given,
    Missing,
    Want,
    carry_over,
    give,
    give_id,
    goes_on,
    next_epoch,
    read_given,
    read_gone,
    read_want,
)
from hilf.federation.state import Resumption, Standing
from hilf.federation.stream import Position, beginning, chain_start
from tests.federation.parties import NOW, QM, QM_KEY, QM_KEYS, QN, QN_KEY, QN_KEYS, ping, state_of_qn

ACTS = [ping(n) for n in range(1, 6)]
MADE = make_batch(ACTS, beginning(QM, QN), NOW, QM_KEY)
AGAIN = Resumption(Standing.RESUME, 3, 2)
LOST = Resumption(Standing.RESUME, 3, 2, restored=True)


@pytest.mark.parametrize(
    ("found", "sent", "cut", "erased", "retracted", "expected"),
    [
        (Resumption(Standing.NOTHING, 6, 5), False, True, False, False, True),
        (Resumption(Standing.DIFFERS, 0, 0), False, True, False, False, False),
        (AGAIN, False, True, True, True, True),
        (AGAIN, True, True, False, False, True),
        (AGAIN, True, False, False, False, False),
        (AGAIN, True, True, True, False, False),
        (AGAIN, True, True, False, True, True),
        (LOST, True, True, False, False, True),
        (LOST, True, True, False, True, False),
    ],
)
def test_the_sender_goes_on_where_what_follows_can_be_sent_as_it_was_and_nothing_retracted_returns(
    found: Resumption, sent: bool, cut: bool, erased: bool, retracted: bool, expected: bool
) -> None:
    assert goes_on(found, sent=sent, cut=cut, erased=erased, retracted=retracted) is expected


def test_a_restored_sender_sends_nothing_again_that_it_retracted() -> None:
    assert goes_on(AGAIN, sent=True, cut=True, erased=False, retracted=False, restored=True) is True
    assert goes_on(AGAIN, sent=True, cut=True, erased=False, retracted=True, restored=True) is False


def test_what_may_leave_is_sent_again_and_the_rest_is_withdrawn_in_order() -> None:
    missing = [
        Missing("a", refused=False, leaves=True),
        Missing("b", refused=False, leaves=False),
        Missing("c", refused=True, leaves=True),
        Missing("d", refused=False, leaves=True),
    ]
    assert carry_over(missing) == CarriedOver(("a", "d"), ("b", "c"))


def test_the_next_epoch_is_the_receivers_last_one_plus_1_and_begins_from_the_bytes_that_it_signed() -> None:
    state = state_of_qn(Position(4, 9, bytes(32)))
    assert next_epoch(state) == Position(5, 0, chain_start(QM, QN, 5, state.start))
    opened = make_batch(ACTS, Position(4, 0, b""), NOW, QM_KEY, state)
    assert opened.header.prev_chain == next_epoch(state).chain


def test_an_id_that_is_gone_proves_its_place_as_an_act_does() -> None:
    given_back = read_given_back(give_back(MADE.header, MADE.ids, 3, ACTS[3]), QM, QN, QM_KEYS)
    gone = read_gone(give_id(MADE.header, MADE.ids, 3), QM, QN, QM_KEYS)
    assert (gone.id, gone.epoch, gone.seq, gone.header) == (ACTS[3].id, 1, 4, MADE.header)
    assert (given_back.epoch, given_back.seq) == (gone.epoch, gone.seq)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"more": 1}, "gone: members"),
        ({"id": ACTS[2].id}, "gone: root"),
        ({"id": "xx"}, "gone: id: hex"),
        ({"index": 2}, "gone: root"),
        ({"index": True}, "gone: index"),
        ({"path": "x"}, "gone: path"),
        ({"header": {**MADE.header.value, "at": "2026-01-02T03:00:01.000Z"}}, "batch: signature"),
    ],
)
def test_an_id_that_is_not_proven_is_not_taken(change: dict[str, Any], rule: str) -> None:
    with pytest.raises(PartnerFault) as caught:
        read_gone({**give_id(MADE.header, MADE.ids, 3), **change}, QM, QN, QM_KEYS)
    assert caught.value.rule == rule


def test_what_another_node_signed_is_not_ours() -> None:
    theirs = make_batch([ping(1, QN, QM)], beginning(QN, QM), NOW, QN_KEY)
    with pytest.raises(PartnerFault, match="header: from/to"):
        read_gone(give_id(theirs.header, theirs.ids, 0), QM, QN, QM_KEYS | QN_KEYS)


def test_a_want_is_read_as_it_was_made() -> None:
    want = Want(MADE.ids)
    assert read_want(want.json(QM, QN), QM, QN) == want


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"more": 1}, "reconcile: members"),
        ({"v": 2}, "reconcile: v"),
        ({"from": QN}, "reconcile: from/to"),
        ({"want": []}, "reconcile: want"),
        ({"want": [MADE.ids[0]] * (MOST_WANTED + 1)}, "reconcile: want"),
        ({"want": ["00"]}, "reconcile: want: hex"),
    ],
)
def test_malformed_wants_are_refused_by_name(change: dict[str, Any], rule: str) -> None:
    with pytest.raises(PartnerFault) as caught:
        read_want({**Want(MADE.ids).json(QM, QN), **change}, QM, QN)
    assert caught.value.rule == rule


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"more": 1}, "reconcile: answer: members"),
        ({"by": QM}, "reconcile: answer: by/for"),
        ({"answered": 3}, "reconcile: answer: answered"),
        ({"given": [1, 2, 3]}, "reconcile: answer: given"),
        ({"gone": None}, "reconcile: answer: gone"),
        ({"receipts": [1, 2, 3]}, "reconcile: answer: given"),
    ],
)
def test_malformed_answers_are_refused_by_name(change: dict[str, Any], rule: str) -> None:
    answer = give(QM, QN, [1], [2], [3], 2)
    assert read_given(answer, 2, QM, QN) == Given((1,), (2,), (3,), 2)
    with pytest.raises(PartnerFault) as caught:
        read_given({**answer, **change}, 2, QM, QN)
    assert caught.value.rule == rule
