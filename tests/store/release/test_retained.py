"""On SQLite and PostgreSQL: until when partners may keep what they got, and whether they were told."""

import pytest

from hilf.canonical import dumps, sha256
from hilf.store.database import execute, transaction
from hilf.store.federation import outbox
from hilf.store.federation import retraction as retractions
from hilf.store.intelligence.assertion import Assertion
from hilf.store.intelligence.erase import hide
from hilf.store.intelligence.write import write_assertions
from hilf.store.release import proof, retained
from tests.conftest import INDEX_KEY
from tests.store.plans import plans_of

QM, QN, QO = (f"cert.{country}.example" for country in ("qm", "qn", "qo"))
ONE = "indicator--11111111-0000-4000-8000-000000000000"
BODY = dumps({"id": ONE})
ACTS = {QN: b"n" * 32, QO: b"o" * 32}


@pytest.fixture
def acts(store):
    """One object of ours that waits for QN and for QO."""
    with transaction():
        (row,) = write_assertions([Assertion(ONE, "indicator", QM, sha256(BODY), BODY, 1)], INDEX_KEY)
        for peer, act_id in ACTS.items():
            outbox.put(peer, [outbox.Waiting(act_id, "object", 7, b"{}", row.seq)], "release--a")
        retained.note(QN, {ACTS[QN]: 50})
        retained.note(QN, {ACTS[QN]: 40})
        retained.note(QO, {ACTS[QO]: 60})
    return row.seq


def test_acts_are_read_in_order_and_marks_are_kept(acts):
    first, second = retained.unread(0, 9)
    assert (first[1:], second[1:]) == ((ACTS[QN], QN, b"{}"), (ACTS[QO], QO, b"{}"))
    assert retained.unread(first[0], 9) == (second,)
    assert retained.mark("read") == 0
    with transaction():
        retained.put_mark("read", 5)
        retained.put_mark("read", 4)
    assert (retained.mark("read"), retained.mark("late")) == (4, 0)


def test_what_is_due_is_told_once(acts):
    assert retained.due(49, 9) == ()
    (due,) = retained.due(50, 9)
    assert (due.act_id, due.peer, due.until, due.stix_id, due.sha256, due.state, due.hidden, due.done) == (
        ACTS[QN], QN, 50, ONE, sha256(BODY), "waiting", False, None,
    )  # fmt: skip
    with transaction():
        retained.put_done([ACTS[QN]], 51)
        retained.put_done([ACTS[QN]], 99)
    assert retained.due(50, 9) == ()
    assert [(each.peer, each.done) for each in retained.since(0, 9)] == [(QN, 51), (QO, None)]
    assert [each.peer for each in retained.since(51, 9)] == [QO]


def test_hidden_says_that_we_took_it_back(acts):
    with transaction():
        hide([acts])
    assert [each.hidden for each in retained.since(0, 9)] == [True, True]


def test_unconfirmed_is_what_must_be_gone_and_nobody_said_so(acts):
    assert [each.peer for each in retained.unconfirmed(60, 9)] == [QN, QO]
    with transaction():
        number = retractions.put(
            act_id=None, by=QM, stix_id=ONE, body="{}", reason="expired", at=60, deadline=90
        )
        outbox.put(QN, [outbox.Waiting(b"r" * 32, "retraction", 8, b"{}", None)], None)
        retractions.expect(number, QN, b"r" * 32, 60)
    assert [each.peer for each in retained.unconfirmed(60, 9)] == [QN, QO]
    with transaction():
        retractions.confirm(number, QN, "erased", 61, "{}")
    assert [each.peer for each in retained.unconfirmed(60, 9)] == [QO]
    with transaction():  # what was confirmed before it was given again proves nothing of that
        outbox.put(QN, [outbox.Waiting(b"m" * 32, "object", 61, b"{}", acts)], None)
        retained.note(QN, {b"m" * 32: 70})
    assert [each.at for each in retained.unconfirmed(70, 9)] == [7, 61]
    with transaction():
        execute("UPDATE act SET state = 'retracted' WHERE act_id = %s", (b"m" * 32,))
    assert [each.at for each in retained.unconfirmed(70, 9)] == [7]
    with transaction():
        execute("UPDATE act SET state = 'dropped' WHERE peer = %s", (QO,))
    assert retained.unconfirmed(60, 9) == ()


def test_what_is_over_is_found_by_an_index_the_longest_over_first(sqlite_store):
    asked = plans_of(lambda: [retained.unconfirmed(60, 9), retained.since(0, 9)])
    assert len(asked) == 2
    for plan in asked:
        assert "USING INDEX released_until" in plan
        assert "TEMP B-TREE" not in plan
        assert "SCAN" not in plan


def test_acts_come_with_what_they_carry_until_it_is_taken_back(acts):
    first, second = proof.after(0, 9)
    assert (first.act_id, first.peer, first.object_seq, first.state, first.release_id) == (
        ACTS[QN], QN, acts, "waiting", "release--a",
    )  # fmt: skip
    assert (first.envelope, first.object, first.authorship) == (b"{}", BODY, None)
    assert proof.after(first.pos, 9) == proof.after(first.pos, 1) == (second,)
    assert proof.of_rows([acts, acts + 1]) == (first, second)
    with transaction():
        execute("UPDATE act SET state = 'refused' WHERE peer = %s", (QN,))
        hide([acts])
    (left,) = proof.of_rows([acts])
    assert (left.peer, left.object) == (QO, None)
