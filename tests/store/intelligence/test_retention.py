"""On SQLite and PostgreSQL: until when rows may be kept, and what is due."""

import pytest

from hilf.accord.placing import ObjectState
from hilf.store.database import transaction
from hilf.store.intelligence import erase, retention
from hilf.store.intelligence.write import write_assertions
from tests.store.intelligence.material import KEY, indicator


@pytest.fixture
def rows(store):
    """Three rows: terms on the first and the last."""
    with transaction():
        write_assertions(
            [
                indicator(1, 1, columns={"terms": '{"retention_until":"a"}'}),
                indicator(2, 1),
                indicator(3, 1, columns={"terms": '{"retention_until":"b"}', "accord": "accord--a 3"}),
            ],
            KEY,
        )


def seqs(kept):
    return [each.seq for each in kept]


def test_what_came_is_read_once_in_order(rows):
    first, second, third = retention.unread(9)
    assert first == (1, {"retention_until": "a"}, None, first.received)
    assert (second.terms, third.accord) == ({}, "accord--a 3")
    assert retention.unread(2) == (first, second)
    assert retention.unread_received(9) == (first, third)
    with transaction():
        retention.read_up_to(2)
    assert retention.unread(9) == retention.unread_received(9) == (third,)
    with transaction():
        retention.read_up_to(3)
    assert retention.unread(9) == ()


def test_earlier_end_counts_whichever_comes_first(rows):
    with transaction():
        retention.note({1: 50, 2: 40})
        retention.note({1: 60, 2: 30})
    assert [(each.seq, each.until) for each in retention.since(0, 9)] == [(2, 30), (1, 50)]


def test_rows_are_due_at_their_time_and_not_before_until_they_are_erased(rows):
    with transaction():
        retention.note({1: 50, 2: 50, 3: 51})
    assert (retention.is_due(49), retention.due(49, 9)) == (False, ())
    assert (retention.is_due(50), seqs(retention.due(50, 9)), seqs(retention.due(50, 1))) == (
        True,
        [1, 2],
        [1],
    )
    assert seqs(retention.due(50, 9, after_seq=1)) == [2]
    with transaction():
        erase.hide([1, 2])
        retention.put_done([1, 2], 52)
        retention.put_done([1], 99)
    assert retention.is_due(50) is False
    (first, _) = retention.due(50, 9)
    assert (first.state, first.done, first.erased) == (ObjectState.HIDDEN, 52, None)
    with transaction():
        retention.put_erased([1], 53)
    assert seqs(retention.due(50, 9)) == [2]
    assert [each.erased for each in retention.since(50, 9)] == [53, None, None]
    assert seqs(retention.since(51, 9)) == [3]
