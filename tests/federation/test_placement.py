from typing import Any

import pytest

from hilf.errors import PartnerFault
from hilf.federation.batch import Batch, make_batch
from hilf.federation.outcome import Outcome, Reason, Result
from hilf.federation.placement import Placement, Verdict, follow, overlap, place_batch, to_judge
from hilf.federation.receipt import make_receipt
from hilf.federation.stream import Position, beginning, chain_over, chain_start
from tests.federation.parties import NOW, QM, QM_KEY, QN, QN_KEY, ping, state_of_qn

ACTS = [ping(n) for n in range(1, 8)]
IDS = [act.id for act in ACTS]
STORED = [Result(act_id, Outcome.APPLIED) for act_id in IDS[:4]] + [
    Result(IDS[4], Outcome.HELD, Reason("approval"))
]


def chain_at(seq: int) -> bytes:
    return chain_over(chain_start(QM, QN), IDS[:seq])


def at(seq: int) -> Position:
    return Position(1, seq, chain_at(seq))


def batch(first: int, last: int) -> Batch:
    return make_batch(ACTS[first - 1 : last], at(first - 1), NOW, QM_KEY)


HERE = at(5)


def place(it: Batch, stored: list[Result], receipt: Any = None, position: Position = HERE) -> Placement:
    return place_batch(it, position, stored, receipt, chain_at)


def test_very_next_batch_is_new() -> None:
    assert place(batch(6, 7), []) == Placement(Verdict.NEW, at(7))


def test_first_batch_of_all_is_new() -> None:
    assert place(batch(1, 5), [], position=beginning(QM, QN)) == Placement(Verdict.NEW, at(5))


def test_batch_again_gets_the_stored_receipt() -> None:
    it = batch(4, 5)
    receipt = make_receipt(it.header, STORED[3:], NOW, QN_KEY)
    assert place(it, STORED[3:], receipt) == Placement(Verdict.AGAIN, HERE, receipt=receipt)


def test_same_acts_in_other_boundaries_keep_their_outcomes() -> None:
    receipt = make_receipt(batch(3, 5).header, STORED[2:], NOW, QN_KEY)
    for it, stored in [(batch(3, 4), STORED[2:4]), (batch(5, 5), STORED[4:]), (batch(1, 5), STORED)]:
        assert place(it, stored, receipt) == Placement(Verdict.REBATCHED, HERE, results=tuple(stored))


def test_same_acts_under_another_header_get_a_new_receipt() -> None:
    it = make_batch(ACTS[3:5], at(3), NOW.replace(hour=9), QM_KEY)
    receipt = make_receipt(batch(4, 5).header, STORED[3:], NOW, QN_KEY)
    assert place(it, STORED[3:], receipt) == Placement(Verdict.REBATCHED, HERE, results=tuple(STORED[3:]))


def test_same_acts_on_another_chain_get_no_receipt() -> None:
    it = make_batch(ACTS[3:5], Position(1, 3, bytes(32)), NOW, QM_KEY)
    assert place(it, STORED[3:]) == Placement(Verdict.DIVERGES, HERE, rule="batch: chain")


def test_other_content_at_the_same_seq_is_the_one_that_differs() -> None:
    for it, stored in [
        (make_batch([ACTS[3], ACTS[6]], at(3), NOW, QM_KEY), STORED[3:]),
        (make_batch([ACTS[6], *ACTS[4:7]], at(3), NOW, QM_KEY), STORED[3:]),
    ]:
        assert place(it, stored) == Placement(Verdict.DIFFERS, HERE, rule="batch: same seq, other content")


def test_batch_across_the_position_straddles() -> None:
    assert place(batch(4, 7), STORED[3:]) == Placement(Verdict.STRADDLES, HERE, rule="batch: gap or seen")


def test_batch_beyond_the_next_seq_leaves_a_gap() -> None:
    assert place(batch(7, 7), []) == Placement(Verdict.GAP, HERE, rule="batch: gap or seen")


def test_next_batch_on_another_chain_diverges() -> None:
    it = make_batch(ACTS[5:], Position(1, 5, bytes(32)), NOW, QM_KEY)
    assert place(it, []) == Placement(Verdict.DIVERGES, HERE, rule="batch: chain")


def test_epoch_opened_from_this_very_position_is_new() -> None:
    it = make_batch(ACTS[5:], HERE, NOW, QM_KEY, state_of_qn(HERE))
    assert place(it, []) == Placement(Verdict.NEW, it.header.end)
    assert it.header.end.epoch == 2


def test_epoch_opened_from_an_older_position_diverges() -> None:
    it = make_batch(ACTS[5:], HERE, NOW, QM_KEY, state_of_qn(at(4)))
    assert place(it, []) == Placement(Verdict.DIVERGES, HERE, rule="state: position has moved")


def test_opening_batch_across_a_position_in_its_own_epoch_straddles() -> None:
    it = make_batch(ACTS[5:], HERE, NOW, QM_KEY, state_of_qn(HERE))
    there = Position(2, 1, chain_over(it.header.prev_chain, IDS[5:6]))
    stored = [Result(IDS[5], Outcome.APPLIED)]
    straddles = Placement(Verdict.STRADDLES, there, rule="batch: gap or seen")
    assert place_batch(it, there, stored, None, lambda _: it.header.prev_chain) == straddles


def test_an_epoch_opened_anew_from_another_state_is_another_epoch_and_no_contradiction() -> None:
    """Both were restored: the one that it had opened is open here, and what it opens now is not from this position."""
    stands = make_batch(ACTS[5:6], HERE, NOW, QM_KEY, state_of_qn(HERE))
    anew = make_batch(ACTS[6:], HERE, NOW, QM_KEY, state_of_qn(at(4)))
    there = stands.header.end
    stored = [Result(IDS[5], Outcome.APPLIED)]
    diverges = Placement(Verdict.DIVERGES, there, rule="state: position has moved")
    assert place_batch(anew, there, stored, None, lambda _: stands.header.prev_chain) == diverges


def test_later_batch_of_an_epoch_that_was_not_opened_diverges() -> None:
    it = make_batch(ACTS[5:], Position(2, 2, bytes(32)), NOW, QM_KEY)
    assert place(it, []) == Placement(Verdict.DIVERGES, HERE, rule="batch: epoch")


def test_batch_of_a_closed_epoch_gets_its_receipt_or_comes_too_late() -> None:
    later = Position(2, 1, bytes(32))
    receipt = make_receipt(batch(4, 5).header, STORED[3:], NOW, QN_KEY)
    assert place(batch(4, 5), STORED[3:], receipt, later).verdict is Verdict.AGAIN
    assert place(batch(3, 4), STORED[2:4], receipt, later).verdict is Verdict.REBATCHED
    for it, stored in [(batch(4, 7), STORED[3:]), (batch(6, 7), [])]:
        assert place(it, stored, None, later) == Placement(Verdict.DIVERGES, later, rule="batch: epoch")


def test_other_content_of_a_closed_epoch_differs_too() -> None:
    it = make_batch([ACTS[6]], at(3), NOW, QM_KEY)
    assert place(it, STORED[3:4], None, Position(2, 1, bytes(32))).verdict is Verdict.DIFFERS


@pytest.mark.parametrize("stored", [[], STORED[3:4], STORED])
def test_stored_results_that_do_not_fit_are_our_mistake(stored: list[Result]) -> None:
    with pytest.raises(ValueError, match="2 acts were applied"):
        place(batch(4, 7), stored)


def test_overlap_counts_what_lies_before_the_position() -> None:
    assert [overlap(batch(*ends), HERE) for ends in [(1, 5), (4, 7), (5, 5), (6, 7), (7, 7)]] == [
        5,
        2,
        1,
        0,
        0,
    ]
    assert overlap(batch(1, 5), Position(2, 5, bytes(32))) == 0


def test_status_follows_from_the_verdict() -> None:
    assert {verdict.name: verdict.status for verdict in Verdict} == {
        "NEW": 200,
        "AGAIN": 200,
        "REBATCHED": 200,
        "STRADDLES": 409,
        "GAP": 409,
        "DIVERGES": 409,
        "DIFFERS": 412,
    }


def test_follow_refuses_what_is_not_the_very_next() -> None:
    assert follow(batch(6, 7), HERE) == at(7)
    with pytest.raises(PartnerFault) as fault:
        follow(batch(5, 7), HERE)
    assert fault.value.rule == "batch: gap or seen"


def test_seen_acts_are_duplicates_and_foreign_kinds_are_not_understood() -> None:
    it = make_batch([ACTS[0], ACTS[5], ACTS[6], ACTS[5]], HERE, NOW, QM_KEY)
    duplicates = [Result(ACTS[n].id, Outcome.DUPLICATE) for n in (0, 5)]
    assert to_judge(it, {IDS[0]}) == (duplicates[0], None, None, duplicates[1])
    unknown = Result(ACTS[5].id, Outcome.NOT_UNDERSTOOD)
    assert to_judge(it, {IDS[0], IDS[6]}, {"object"})[:2] == (duplicates[0], unknown)
