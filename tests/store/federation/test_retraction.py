"""On SQLite and PostgreSQL: retractions, the nodes that were told, and what each says."""

import pytest

from hilf.store.federation import inbox, outbox
from hilf.store.federation import retraction as store_

QM, QN, QO = (f"cert.{country}.example" for country in ("qm", "qn", "qo"))
STIX_ID = "indicator--11111111-0000-4000-8000-000000000000"


def put(by=QM, act_id=b"r" * 32, at=100, **more):
    return store_.put(
        act_id=act_id, by=by, stix_id=STIX_ID, body="{}", reason="error", at=at, deadline=900, **more
    )


@pytest.fixture
def told(store):
    """A received retraction that was passed on to QO; both numbers."""
    received = put(erase_after=500)
    passed_on = put(QN, None, cause=received)
    outbox.put(QO, [outbox.Waiting(b"o" * 32, "retraction", 1, b"envelope", None)], None)
    store_.expect(passed_on, QO, b"o" * 32, 101)
    return received, passed_on


def test_a_retraction_is_found_by_its_act_its_object_and_its_cause(told):
    received, passed_on = told
    assert store_.by_act(QM, b"r" * 32).number == received
    assert store_.by_act(QN, b"r" * 32) is None
    assert [kept.number for kept in store_.about(STIX_ID)] == [received, passed_on]
    assert [said.retraction for said in store_.confirmations_behind([received])[received]] == [passed_on]
    assert store_.confirmations_behind([passed_on]) == {}
    assert [kept.number for kept in store_.get_each([passed_on, received, 99])] == [received, passed_on]
    assert store_.taken_back_by(QN, [STIX_ID, "x"]) == {STIX_ID}
    assert store_.taken_back_by(QO, [STIX_ID]) == frozenset()
    assert store_.get(passed_on).cause == received


def test_only_received_ones_become_due_and_only_once(told):
    received, _ = told
    assert store_.due(499, 0, 9) == ()
    assert [kept.number for kept in store_.due(500, 0, 9)] == [received]
    store_.put_erased([received], 501)
    assert store_.due(900, 0, 9) == ()
    assert store_.get(received).erased == 501


def test_only_what_a_partner_retracted_since_then_is_counted(told):
    assert [store_.count_since(by, at, 9) for by, at in ((QM, 100), (QM, 101), (QN, 0))] == [1, 0, 0]
    put(act_id=b"l" * 32)
    assert [store_.count_since(QM, 100, most) for most in (9, 2, 1)] == [2, 2, 1]


def test_a_node_that_was_told_is_open_until_it_confirms(told):
    _, passed_on = told
    assert [(c.node, c.state, c.act_state) for c in store_.confirmations(passed_on)] == [
        (QO, "open", "waiting")
    ]
    assert store_.expected(QO, b"o" * 32).retraction == passed_on
    assert store_.expected(QN, b"o" * 32) is None
    store_.confirm(passed_on, QO, "hidden", 200, '{"named": []}')
    (said,) = store_.confirmations(passed_on)
    assert (said.state, said.at, said.further) == ("hidden", 200, '{"named": []}')


def test_due_time_is_taken_away_while_a_hold_stands_and_given_back(told):
    received, _ = told
    store_.put_due(received, None)
    assert store_.due(10_000, 0, 9) == ()
    store_.put_due(received, 600)
    assert [kept.number for kept in store_.due(600, 0, 9)] == [received]


def test_only_what_that_partner_took_back_and_is_not_erased_is_hastened(told):
    received, _ = told
    store_.hasten(QO, STIX_ID, 10)
    assert store_.due(10, 0, 9) == ()
    store_.hasten(QM, STIX_ID, 10)
    assert [kept.number for kept in store_.due(10, 0, 9)] == [received]


def test_what_our_own_clock_took_back_passes_on_what_came_after(told):
    received, _ = told
    ours = store_.put(act_id=None, by=QN, stix_id=STIX_ID, body="{}", reason="expired", at=100, deadline=900)
    store_.adopt(received, QN, STIX_ID)
    assert store_.get(ours).cause == received
    later = put(act_id=b"l" * 32)
    store_.adopt(later, QN, STIX_ID)
    assert store_.get(ours).cause == received


def test_what_is_held_of_a_partner_is_counted_found_and_gone_through_in_order(store):
    acts = [
        inbox.Arrived(bytes([n]) * 32, kind, 1, state, None, n, b"%d" % n, None)
        for n, (kind, state) in enumerate(
            [("retraction", "held"), ("object", "held"), ("retraction", "held"), ("retraction", "applied")], 1
        )
    ]
    inbox.remember(QM, 1, acts)
    assert (store_.count_held(QM), store_.count_held(QN)) == (2, 0)
    assert store_.held_among(QM, [bytes([n]) * 32 for n in (3, 2, 4)]) == {bytes([3]) * 32: b"3"}
    (first, body), second = store_.held_after(QM, 0, 9)
    assert (body, second[1]) == (b"1", b"3")
    assert store_.held_after(QM, first, 9) == [second]
    assert store_.held_after(QM, 0, 1) == [(first, b"1")]
