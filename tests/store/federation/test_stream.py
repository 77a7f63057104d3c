"""Streams, outbox, inbox and nonces as kept, on both databases."""

import pytest

from hilf.store import database
from hilf.store.federation import inbox, nonce, outbox, peer, stream

CHAIN = bytes(32)
PEER = "cert.qn.example"


def wait(count, start=0):
    acts = [
        outbox.Waiting(bytes([n]) * 32, "ping", 1_000 + n, b'{"n":%d}' % n, None)
        for n in range(start, start + count)
    ]
    with database.transaction():
        outbox.put(PEER, acts, None)
    return [each.act_id for each in acts]


def stamp(first, count):
    with database.transaction():
        here = stream.begin(PEER, outgoing=True, chain=CHAIN)
        waiting = outbox.unsent(PEER, count)
        outbox.stamp(here.epoch, first, [each.pos for each in waiting])
        stream.move(PEER, outgoing=True, epoch=1, seq=first + count - 1, chain=bytes([first]) * 32)
        return stream.keep_batch(
            PEER,
            outgoing=True,
            epoch=1,
            first=first,
            last=first + count - 1,
            header=b"h%d" % first,
            receipt=None,
            at_us=5,
        )


def test_what_waits_comes_out_in_the_order_it_went_in(store):
    ids = wait(3) + wait(2, start=3)
    assert [each.act_id for each in outbox.unsent(PEER, 4)] == ids[:4]
    assert [each.canonical for each in outbox.unsent(PEER, 1)] == [b'{"n":0}']
    assert outbox.unsent("cert.qo.example", 4) == ()


def test_what_is_stamped_waits_no_longer_and_is_found_by_its_place(store):
    ids = wait(3)
    stamp(1, 2)
    assert [each.act_id for each in outbox.unsent(PEER, 9)] == ids[2:]
    assert [each.act_id for each in outbox.sent(PEER, 1, 1, 2)] == ids[:2]
    assert stream.sent_ids(PEER, 1, 2, 2) == (ids[1],)
    assert stream.queue(PEER) == stream.Queue(waiting=1, sent=2, oldest_us=1_000)


def test_a_stream_begins_once(store):
    with database.transaction():
        assert stream.begin(PEER, outgoing=False, chain=CHAIN) == stream.KeptStream(1, 0, CHAIN, 0)
    with database.transaction():
        stream.move(PEER, outgoing=False, epoch=1, seq=7, chain=b"\1" * 32)
        assert stream.begin(PEER, outgoing=False, chain=CHAIN).seq == 7
    assert stream.position(PEER, outgoing=True) is None


def test_a_new_epoch_has_nothing_receipted(store):
    wait(2)
    kept = stamp(1, 2)
    with database.transaction():
        stream.keep_receipt(PEER, kept, b"r", [], 9)
        stream.move(PEER, outgoing=True, epoch=2, seq=0, chain=CHAIN)
    assert stream.position(PEER, outgoing=True) == stream.KeptStream(2, 0, CHAIN, 0)


@pytest.mark.parametrize(
    ("results", "states"),
    [
        ([("applied", None), ("applied", None)], ["applied", "applied"]),
        ([("refused", "{}"), ("held", None)], ["refused", "held"]),
    ],
)
def test_a_receipt_is_kept_with_what_it_says_of_each_act(store, results, states):
    ids = wait(2)
    kept = stamp(1, 2)
    told = [stream.Received(act_id, *each) for act_id, each in zip(ids, results, strict=True)]
    with database.transaction():
        peer.introduce(PEER, "verified", "f", None, 1)
        stream.keep_receipt(PEER, kept, b"receipt", told, 42)
    assert database.rows("SELECT state FROM act ORDER BY pos") == [(each,) for each in states]
    assert stream.position(PEER, outgoing=True).receipted == 2
    assert [each.receipt for each in stream.receipts(PEER)] == [b"receipt"]
    assert peer.get(PEER).last_receipt == 42


def test_the_first_receipt_of_a_batch_stays(store):
    wait(1)
    kept = stamp(1, 1)
    with database.transaction():
        stream.keep_receipt(PEER, kept, b"first", [], 1)
        stream.keep_receipt(PEER, kept, b"second", [], 2)
    assert stream.batch_from(PEER, 1, 1).receipt == b"first"


def test_a_batch_with_a_receipt_is_not_forgotten(store):
    wait(2)
    one, two = stamp(1, 1), stamp(2, 1)
    with database.transaction():
        stream.keep_receipt(PEER, one, b"r", [], 1)
        stream.forget_batch(one.number)
        stream.forget_batch(two.number)
    assert [each.first for each in stream.batches(PEER, outgoing=True, epoch=1, first=1, last=9)] == [1]


def test_only_what_was_held_is_told_later(store):
    ids = wait(2)
    database.execute("UPDATE act SET state = 'held' WHERE act_id = %s", (ids[0],))
    told = [stream.tell_later(PEER, stream.Received(act_id, "applied", None)) for act_id in ids]
    assert told == [True, False]
    assert not stream.tell_later("cert.qo.example", stream.Received(ids[0], "refused", None))


def test_only_what_was_not_sent_is_dropped(store):
    ids = wait(3)
    stamp(1, 1)
    with database.transaction():
        assert stream.drop_unsent(PEER, "{}", ids[:2]) == 1
        assert stream.drop_unsent(PEER, "{}") == 1
    assert database.rows("SELECT state, reason FROM act ORDER BY pos") == [
        ("sent", None),
        ("dropped", "{}"),
        ("dropped", "{}"),
    ]


def test_failures_add_up_until_a_round_goes_well(store):
    peer.introduce(PEER, "verified", "f", None, 1)
    stream.went_wrong(PEER, "wire.too-late", 10)
    stream.went_wrong(PEER, "wire.broken-off", 20)
    assert (peer.get(PEER).failures, peer.get(PEER).last_error, peer.get(PEER).next_try) == (
        2,
        "wire.broken-off",
        20,
    )
    stream.is_there(PEER)
    assert (peer.get(PEER).failures, peer.get(PEER).next_try) == (2, 0)
    stream.went_well(PEER)
    assert (peer.get(PEER).failures, peer.get(PEER).last_error, peer.get(PEER).next_try) == (0, None, 0)


def test_what_arrived_is_known_for_ever_by_its_id(store):
    ids = [bytes([n]) * 32 for n in range(200)] + [bytes([n]) * 31 + b"\xff" for n in range(200)]
    arrived = [
        inbox.Arrived(each, "ping", 1, "applied", None, n + 1, b"{}", None) for n, each in enumerate(ids)
    ]
    with database.transaction():
        inbox.remember(PEER, 1, arrived)
    assert inbox.known([*ids, b"\xfe" * 32] * 3) == frozenset(ids)


def test_what_is_written_apart_is_undone_alone(store):
    with database.transaction():
        inbox.keep_evidence(PEER, "one", b"", 1)
        with pytest.raises(ValueError, match="no"):
            write_and_fail()
    assert database.rows("SELECT rule FROM evidence") == [("one",)]


def write_and_fail():
    with inbox.apart():
        inbox.keep_evidence(PEER, "two", b"", 1)
        raise ValueError("no")


def test_counters_of_hours_that_are_over_are_forgotten(store):
    for hour in ("2026-11-24T08", "2026-11-24T09"):
        assert inbox.count(f"inbox {hour} acts a", 3) == 3
    assert inbox.count("inbox 2026-11-24T09 acts a", 4) == 7
    database.allot("object", 1)
    inbox.forget_counts("inbox ", "inbox 2026-11-24T09")
    assert database.rows("SELECT name FROM counter ORDER BY name") == [
        ("inbox 2026-11-24T09 acts a",),
        ("object",),
    ]


def test_a_nonce_is_taken_once_for_each_key_until_it_expires(store):
    assert [nonce.take("a#1", "n", 10), nonce.take("a#1", "n", 10), nonce.take("a#2", "n", 20)] == [
        True,
        False,
        True,
    ]
    assert (nonce.seen("a#1", "n"), nonce.seen("a#3", "n")) == (True, False)
    assert nonce.forget(15) == 1
    assert (nonce.seen("a#1", "n"), nonce.seen("a#2", "n")) == (False, True)
