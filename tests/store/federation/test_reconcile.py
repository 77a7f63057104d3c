"""What reconciling reads and writes, on both databases."""

from hilf.store import database
from hilf.store.federation import inbox, outbox, quota, reconcile, stream
from hilf.store.federation.inbox import Arrived
from hilf.store.federation.quota import KeptQuota
from hilf.store.federation.reconcile import TakenBack
from tests.store.plans import plans_of

CHAIN = bytes(32)
PEER, OTHER = "cert.qn.example", "cert.qo.example"


def act_id(n):
    return bytes([n]) * 32


def sent(count, peer=PEER, start=1):
    acts = [
        outbox.Waiting(act_id(n), "ping", n, b'{"accord":null,"n":%d}' % n, None)
        for n in range(start, start + count)
    ]
    with database.transaction():
        outbox.put(peer, acts, None)
        stream.begin(peer, outgoing=True, chain=CHAIN)
        outbox.stamp(1, start, [each.pos for each in outbox.unsent(peer, count)])
        stream.move(peer, outgoing=True, epoch=1, seq=start + count - 1, chain=CHAIN)
        stream.keep_batch(
            peer,
            outgoing=True,
            epoch=1,
            first=start,
            last=start + count - 1,
            header=b"h",
            receipt=b"r",
            at_us=1,
        )


def states():
    return database.rows("SELECT state, epoch, seq FROM act ORDER BY act_id")


def test_ids_are_those_with_a_place_in_the_stream_of_that_peer(store):
    sent(3)
    sent(2, OTHER, 10)
    with database.transaction():
        outbox.put(PEER, [outbox.Waiting(act_id(99), "ping", 1, b"{}", None)], None)
        inbox.remember(PEER, 1, [Arrived(act_id(50), "ping", 1, "applied", None, 1, b"{}", None)])
    assert sorted(reconcile.ids(PEER, outgoing=True)) == [act_id(1), act_id(2), act_id(3)]
    assert reconcile.ids(PEER, outgoing=False) == [act_id(50)]
    assert reconcile.ids_between(PEER, act_id(2), act_id(11), outgoing=True) == [act_id(2), act_id(3)]
    assert reconcile.ids_between(PEER, act_id(3), None, outgoing=True) == [act_id(3)]


def test_the_next_epoch_begins_with_what_waits_again(store):
    sent(3)
    with database.transaction():
        reconcile.send_again([act_id(2)])
        reconcile.withdraw([act_id(3)], "{}")
        assert reconcile.lose_batches(PEER, 1, 1) == 1
        reconcile.open_epoch(PEER, 2, b"c" * 32, b"{}", "[]")
    assert states() == [("sent", 1, 1), ("waiting", None, None), ("dropped", None, None)]
    kept = stream.position(PEER, outgoing=True)
    assert (kept.epoch, kept.seq, kept.receipted, kept.opening, kept.withdrawn) == (2, 0, 0, b"{}", "[]")
    assert stream.batches(PEER, outgoing=True, epoch=1, first=1, last=3) == ()
    assert len(stream.receipts(PEER)) == 1  # the proof of what it said stays


def test_places_of_a_number_that_is_used_again_are_no_part_of_the_new_epoch(store):
    sent(2)
    with database.transaction():
        reconcile.open_epoch(PEER, 1, CHAIN, b"{}", "[]")
    assert states() == [("sent", 0, 1), ("sent", 0, 2)]
    assert stream.sent_ids(PEER, 1, 1, 2) == ()


def test_what_was_taken_back_is_kept_once_and_gives_known_acts_their_place(store):
    with database.transaction():
        outbox.put(PEER, [outbox.Waiting(act_id(1), "ping", 1, b"{}", None)], None)
        back = [TakenBack(act_id(n), "ping", 1, "held", "{}", 1, n, b"{}", None) for n in (1, 2)]
        reconcile.take_back(PEER, back)
        reconcile.take_back(PEER, [TakenBack(act_id(2), "ping", 1, "applied", None, 7, 7, b"{}", None)])
    assert states() == [("held", 1, 1), ("held", 1, 2)]
    assert reconcile.known([act_id(1), act_id(3)]) == {act_id(1): ("held", None)}


def test_the_later_result_of_an_act_may_overtake_its_receipt(store):
    sent(2)
    with database.transaction():
        assert stream.tell_later(PEER, stream.Received(act_id(1), "applied", None))
        assert not stream.tell_later(OTHER, stream.Received(act_id(2), "applied", None))
        (kept,) = stream.batches(PEER, outgoing=True, epoch=1, first=1, last=2)
        told = [stream.Received(act_id(n), "held", "{}") for n in (1, 2)]
        stream.keep_receipt(PEER, kept, b"r", told, 1)
    assert [state for state, _, _ in states()] == ["applied", "held"]


def test_a_peer_that_lost_what_it_receipted_is_sent_it_again(store):
    sent(3)
    database.execute("UPDATE act SET state = 'applied'")
    database.execute("UPDATE stream SET receipted = 3")
    with database.transaction():
        stream.unreceipt(PEER, 1)
    assert [state for state, _, _ in states()] == ["applied", "sent", "sent"]
    assert stream.position(PEER, outgoing=True).receipted == 1


def test_a_reconciliation_goes_on_until_it_ends(store):
    with database.transaction():
        one = reconcile.begin(PEER, 10)
        assert reconcile.begin(PEER, 20) == one
        reconcile.found_lost(one.number, 5)
        reconcile.took_back(one.number, 2, 1)
        reconcile.found_lost(one.number, 2)  # begun again: three are back already
        assert reconcile.latest(PEER).still_there == 2
        reconcile.end(one.number, 30, 2, 1, 0, 0)
        assert reconcile.ended_since(PEER, 30) == (30,)
        assert reconcile.ended_since(PEER, 31) == ()
        assert reconcile.begin(PEER, 40).number != one.number


def test_a_quota_is_kept_and_forgotten_and_what_a_peer_occupies_is_counted(store):
    with database.transaction():
        quota.put(PEER, KeptQuota(1, 2, 3, 4, 5))
        quota.put(PEER, KeptQuota(disk_bytes=9))
        assert quota.get(PEER) == KeptQuota(disk_bytes=9)
        quota.forget(PEER)
        assert quota.get(PEER) is None
        inbox.remember(PEER, 1, [Arrived(act_id(50), "ping", 1, "applied", None, 1, b"12345", None)])
        assert quota.occupied_by_all() == {PEER: 5}
        inbox.count(f"disk {PEER}", 7)
        assert inbox.beginning_with("disk ") == {PEER: 7}


def test_acts_are_found_by_their_ids_however_many_passed_between_the_two(sqlite_store):
    wanted = [act_id(n) for n in range(3)]
    asked = plans_of(lambda: [*reconcile.to_give_back(PEER, wanted), *reconcile.missing(PEER, wanted)])
    assert len(asked) == 2
    for plan in asked:
        assert "sqlite_autoindex_act_1" in plan
        assert "act_position" not in plan
