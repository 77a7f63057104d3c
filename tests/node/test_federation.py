"""What we send: batches out of the outbox, and rounds with a partner that misbehaves, over real sockets."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from hilf.canonical import dumps, loads
from hilf.errors import OperatorFault, Refusal
from hilf.federation import guard, limits
from hilf.federation.batch import make_batch
from hilf.federation.outcome import Outcome
from hilf.federation.stream import Position, beginning
from hilf.node import federation, identity, sync
from hilf.node.recovery import Recovered
from hilf.seal.http import Response
from hilf.store import database
from hilf.store.federation import outbox, stream
from hilf.store.federation import peer as peers
from hilf.store.instant import microseconds
from hilf.wire.https import Patience
from tests import partner as wrongly
from tests.conftest import NODE
from tests.partner import Partner, introduce, serving

HASTY = Patience(connect_s=2, read_s=0.5, whole_s=1, answer_bytes=100_000)


def clock():
    return datetime.now(UTC)


@pytest.fixture
def served(home, tmp_path):
    """A verified partner behind a socket."""
    partner = Partner(NODE)
    with serving(partner, tmp_path) as served:
        introduce(partner)
        partner.meet(identity.own(home).newest)
        yield served


def announce(home, count=1, peer="cert.qn.example"):
    with database.transaction():
        return [federation.announce(home, peer, "ping", {}, clock()).id for _ in range(count)]


def round_(home, node="cert.qn.example"):
    (done,) = sync.sync(home, [node], clock, patience=HASTY)
    return done


def states():
    return [
        state for (state,) in database.rows("SELECT state FROM act WHERE outgoing = %s ORDER BY pos", (True,))
    ]


def fault(node="cert.qn.example"):
    kept = peers.get(node)
    return kept.last_error, kept.failures, kept.next_try > microseconds(clock())


def test_only_protocol_acts_are_announced(home):
    with pytest.raises(ValueError, match="object goes through node/release"):
        federation.announce(home, "cert.qn.example", "object", {}, clock())


def test_what_waits_is_sent_in_order_and_receipted(home, served):
    ids = announce(home, 3)
    done = round_(home)
    assert (done.sent, done.receipts, done.refused, done.error) == (3, 1, 0, None)
    assert [list(batch.ids) for batch in served.batches] == [ids]
    assert states() == ["applied"] * 3
    kept = stream.position("cert.qn.example", outgoing=True)
    assert (kept.seq, kept.receipted, kept.chain) == (3, 3, served.partner.position.chain)
    assert fault() == (None, 0, False)
    assert peers.get("cert.qn.example").last_receipt > 0


def test_the_next_batch_goes_on_where_the_last_one_ended(home, served):
    for _ in range(3):
        announce(home, 2)
        assert round_(home).error is None
    assert [(batch.header.first, batch.header.last) for batch in served.batches] == [(1, 2), (3, 4), (5, 6)]


def test_a_round_without_anything_to_send_sends_nothing(home, served):
    assert (round_(home).sent, served.batches) == (0, [])


def somebody_elses(served, exchange):
    """A receipt that the partner did sign, for a batch of another node."""
    other = Partner("cert.qo.example", "cert.qo.example", "QO")
    other.me = served.partner.node
    batch = other.batch([other.act(), other.act()], after=beginning("cert.qo.example", served.partner.node))
    return served.partner.receipt(batch)


def of_no_act(served, exchange):
    partner = served.partner
    receipt = partner.receipt(exchange.batch)
    results = [{**result, "id": "0" * 64} for result in receipt["results"]]
    from hilf.seal.signed import sign

    return sign("hilf/1 receipt", {**receipt, "results": results}, partner.key)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (wrongly.hang_up, "wire.broken-off"),
        (wrongly.never, "wire.too-late"),
        (wrongly.drip, "wire.too-late"),
        (wrongly.late(0.8), "wire.too-late"),
        (wrongly.huge, "wire.answer-too-large"),
        (wrongly.unsigned, "http.unsigned"),
        (wrongly.by_another_key, "http.signature"),
        (wrongly.with_clock(timedelta(minutes=-10)), "clock.differs"),
        (wrongly.raw(502, b"<html>bad gateway</html>"), "http.unsigned"),
        (wrongly.raw(302, b"", ("location", "https://192.0.2.9/")), "http.unsigned"),
        (wrongly.problem(400, "batch.chain"), "answer.400"),
        (wrongly.problem(401, "http.signature"), "answer.signature-refused"),
        (wrongly.problem(401, "http.clock", time="2026-01-01T00:00:00.000Z"), "clock.differs"),
        (wrongly.problem(403, "peer.suspended"), "answer.not-verified-or-suspended-there"),
        (wrongly.problem(412), "stream.same-seq-other-content"),
        (wrongly.document(lambda *_: {"v": 1}), "receipt.members"),
        (wrongly.document(somebody_elses), "receipt.other-batch"),
        (wrongly.document(of_no_act), "receipt.results"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_partner_that_answers_wrongly_is_a_fault_on_its_row_and_the_batch_is_sent_again_unchanged(
    home, served, wrong, code
):
    ids = announce(home, 2)
    served.then("acts", wrongly.after_applying(wrong))
    done = round_(home)
    assert (done.error, done.receipts) == (code, 0)
    assert fault() == (code, 1, True)
    assert states() == ["sent", "sent"]

    announce(home, 1)  # what comes later waits for its own batch
    done = round_(home)
    assert (done.error, done.sent, done.receipts) == (None, 3, 2)
    first, again, new = served.batches
    assert first.canonical == again.canonical
    assert (list(again.ids), new.header.first) == (ids, 3)
    assert states() == ["applied"] * 3
    assert fault() == (None, 0, False)


@pytest.mark.parametrize(
    ("path", "wrong", "code"),
    [
        ("identity", wrongly.problem(404), "answer.404"),
        ("identity", wrongly.document(lambda *_: {"v": 1}), "card.members"),
        ("identity", wrongly.raw(200, b"[" * 1_000_00), "json.depth"),
        ("state", wrongly.unsigned, "http.unsigned"),
        ("state", wrongly.document(lambda *_: {"v": 1}), "state.members"),
        ("state", wrongly.never, "wire.too-late"),
    ],
)
def test_identity_and_state_that_are_wrong_stop_the_round(home, served, path, wrong, code):
    announce(home)
    served.then(path, wrong)
    assert (round_(home).error, served.batches, states()) == (code, [], ["waiting"])
    assert round_(home).sent == 1


def test_a_certificate_that_is_not_pinned_is_refused_before_anything_is_sent(home, tmp_path):
    partner = Partner(NODE)
    with serving(partner, tmp_path) as served:
        served.partner.tls_key, served.partner.tls_certificate = (
            Partner(NODE).tls_key,
            Partner(NODE).tls_certificate,
        )
        introduce(partner)
        announce(home)
        assert round_(home).error == "wire.certificate"
        assert served.seen == []


def test_nobody_there_is_a_fault_and_pauses_grow(home, tmp_path):
    introduce(Partner(NODE))
    announce(home)
    pauses = []
    for _ in range(4):
        before = clock()
        assert round_(home).error == "wire.unreachable"
        pauses.append(peers.get("cert.qn.example").next_try - microseconds(before))
    assert peers.get("cert.qn.example").failures == 4
    for n, pause in enumerate(pauses):
        assert 0.5 * 5_000_000 * 2**n <= pause <= 1.6 * 5_000_000 * 2**n


def test_a_pause_never_grows_beyond_an_hour_and_a_half(home):
    introduce(Partner(NODE))
    announce(home)
    database.execute("UPDATE peer SET failures = 40")
    before = microseconds(clock())
    assert round_(home).error == "wire.unreachable"
    assert 1_800_000_000 <= peers.get("cert.qn.example").next_try - before <= 5_500_000_000


@pytest.mark.parametrize("status", [429, 503])
def test_a_partner_that_asks_us_to_wait_is_not_called_before(home, served, status):
    announce(home)
    served.then("acts", wrongly.problem(status, retry_after=120))
    before = microseconds(clock())
    done = round_(home)
    assert (done.error, states()) == ("answer.later", ["sent"])
    assert 119_000_000 <= peers.get("cert.qn.example").next_try - before <= 125_000_000
    assert round_(home).sent == 1


def test_an_answer_that_comes_twice_is_not_taken_for_the_answer_to_the_next_question(home, served):
    announce(home, 501)
    served.then("acts", wrongly.twice)
    done = round_(home)
    assert done.error in {
        None,
        "http.signature",
    }  # None where the second answer was seen before the next question
    assert round_(home).error is None
    assert states() == ["applied"] * 501


def test_a_lost_receipt_is_asked_for_again_and_nothing_is_sent_twice_as_new(home, served):
    announce(home, 2)
    served.then("acts", wrongly.after_applying(wrongly.hang_up))
    round_(home)
    assert round_(home).receipts == 1
    first, again = served.batches
    assert first.canonical == again.canonical


def test_a_disk_that_fills_while_the_receipt_comes_loses_nothing(home, served):
    announce(home, 400)
    federation.next_batch(home, "cert.qn.example", 1, clock())
    (pages,) = database.row("PRAGMA page_count")
    database.row(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(OperatorFault) as full:
        round_(home)
    assert full.value.code == "store.disk-full"
    assert set(states()) == {"sent"}
    database.row("PRAGMA max_page_count = 1073741823")
    assert round_(home).receipts == 1
    first, again = served.batches
    assert first.canonical == again.canonical
    assert set(states()) == {"applied"}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (wrongly.problem(429, "reconcile.too-often", 60), "reconcile.too-often"),
        (wrongly.problem(429, "peer.quota", 60), "answer.later"),
        (wrongly.problem(404), "answer.404"),
        (
            lambda served, _, exchange: served.signed(exchange, Response(200, (), b'{"v":1}')),
            "reconcile.answer-members",
        ),
    ],
)
def test_a_stream_that_differs_is_not_sent_on_before_it_is_reconciled(home, served, wrong, code):
    announce(home)
    round_(home)
    served.partner.position = make_batch(
        [served.partner.act()], beginning(served.partner.node, NODE), clock(), served.partner.key
    ).header.end
    announce(home)
    served.then("reconcile", wrong)
    assert (round_(home).error, len(served.batches)) == (code, 1)
    assert fault() == (code, 1, True)


def jump(served, epoch):
    """The partner says from now on that it stands at the start of an epoch that nobody opened."""
    there = served.partner.position
    served.partner.position = Position(epoch, 0, there.chain)
    return there


def test_a_partner_that_jumps_epochs_is_followed_by_one_epoch_and_no_further(home, served):
    announce(home)
    round_(home)
    served.partner.held = [each for batch in served.batches for each in batch.ids]
    jump(served, 7)
    (waiting,) = announce(home)
    done = round_(home)
    assert (done.error, done.recovered, done.sent) == (None, Recovered(0, 0, 0, 0, 0), 1)
    opened = served.batches[-1]
    assert (opened.header.epoch, opened.header.first, opened.ids) == (8, 1, (waiting,))
    assert states() == ["applied", "applied"]
    jump(served, 70)
    announce(home)
    assert round_(home).error == "reconcile.too-often"
    assert len(served.batches) == 2


def test_a_partner_that_jumps_to_the_last_epoch_there_is_harms_nobody_but_itself(home, served):
    announce(home)
    round_(home)
    served.partner.held = [each for batch in served.batches for each in batch.ids]
    there = jump(served, 2**53 - 1)
    announce(home)
    assert round_(home).error == "state.epoch"
    served.partner.position = there
    assert (round_(home).error, states()) == (None, ["applied", "applied"])


def test_409_because_another_process_sent_meanwhile_goes_on_from_the_signed_state(home, served):
    announce(home)

    def wrong(served, handler, exchange):
        wrongly.right(served, handler, exchange)
        return wrongly.problem(409, state=served.partner.state())(served, handler, exchange)

    served.then("acts", wrong)
    done = round_(home)
    assert (done.error, done.receipts, len(served.batches)) == (None, 1, 2)


def test_413_halves_the_batch_and_the_chain_goes_on(home, served):
    ids = announce(home, 5)
    served.then("acts", wrongly.problem(413), wrongly.problem(413))
    done = round_(home)
    assert (done.error, done.sent, done.receipts) == (None, 5, 3)
    assert [len(batch.ids) for batch in served.batches] == [5, 2, 1, 1, 3]
    assert [act_id for batch in served.batches[2:] for act_id in batch.ids] == ids
    assert stream.position("cert.qn.example", outgoing=True).chain == served.partner.position.chain


def test_an_act_that_is_too_large_for_the_partner_is_a_fault(home, served):
    announce(home)
    served.then("acts", wrongly.problem(413))
    assert (round_(home).error, states()) == ("answer.act-too-large", ["sent"])


def test_a_partner_restored_from_a_backup_gets_again_what_it_lost(home, served):
    announce(home, 2)
    round_(home)
    before = served.partner.position
    announce(home, 2)
    round_(home)
    served.partner.position = before
    done = round_(home)
    assert (done.error, done.sent) == (None, 2)
    assert served.batches[1].canonical == served.batches[2].canonical
    assert served.partner.position.seq == 4


def test_each_result_of_a_receipt_is_noted_on_its_act(home, served):
    from hilf.federation.outcome import Reason, Result
    from hilf.federation.receipt import make_receipt

    announce(home, 3)

    def mixed(served, exchange):
        ids = exchange.batch.ids
        results = [
            Result(ids[0], Outcome.APPLIED),
            Result(ids[1], Outcome.REFUSED, Reason("marking", "c-3")),
            Result(ids[2], Outcome.HELD, Reason("approval")),
        ]
        return make_receipt(exchange.batch.header, results, clock(), served.partner.key)

    served.then("acts", wrongly.document(mixed))
    done = round_(home)
    assert (done.sent, done.refused) == (3, 1)
    assert states() == ["applied", "refused", "held"]
    reasons = database.rows("SELECT reason FROM act ORDER BY pos")
    assert [loads(reason.encode()) if reason else None for (reason,) in reasons] == [
        None,
        {"clause": "c-3", "code": "marking"},
        {"clause": None, "code": "approval"},
    ]


def test_the_receipt_is_kept_as_it_was_signed(home, served):
    announce(home)
    round_(home)
    (kept,) = stream.receipts("cert.qn.example")
    assert loads(kept.receipt)["batch"] == served.batches[0].header.digest.hex()


def test_a_peer_that_is_not_verified_gets_nothing(home, tmp_path):
    partner = Partner(NODE)
    with serving(partner, tmp_path) as served:
        introduce(partner, "suspended")
        announce(home)
        with pytest.raises(Refusal, match="is suspended"):
            round_(home)
        assert (sync.sync(home, None, clock), served.seen) == ((), [])


def test_a_peer_suspended_in_the_middle_of_a_round_gets_nothing_more(home, served, tmp_path):
    announce(home, 3)

    def then_suspend(served, handler, exchange):
        from hilf.settings import open_home

        answer = wrongly.problem(413)(served, handler, exchange)
        open_home(home.path)
        peers.distrust("cert.qn.example", "suspended", "for a test")
        database.connection.close()
        return answer

    served.then("acts", then_suspend)
    done = round_(home)
    assert (done.sent, len(served.batches)) == (0, 1)


def test_what_is_dropped_is_never_sent(home, served):
    ids = announce(home, 3)
    reason = dumps({"clause": None, "code": "accord.suspended"}).decode()
    with database.transaction():
        assert stream.drop_unsent("cert.qn.example", reason, [bytes.fromhex(ids[1])]) == 1
    round_(home)
    assert [list(batch.ids) for batch in served.batches] == [[ids[0], ids[2]]]
    assert states() == ["applied", "dropped", "applied"]


def test_an_act_whose_object_was_withdrawn_before_it_left_is_dropped(home, served):
    from hilf.federation.act import make_act

    announce(home)
    terms = {
        "markings": [],
        "onward": "none",
        "redacted_from": None,
        "retention_until": "2027-01-01T00:00:00.000Z",
    }
    body = {"object": {"type": "indicator", "id": "indicator--1"}, "authorship": None}
    act = make_act(
        "object", NODE, "cert.qn.example", clock(), "00" * 16, ("accord--1", 1), "defence", terms, body
    )
    envelope = dumps({**act.json(), "body": {"object": None, "authorship": None}})
    with database.transaction():
        outbox.put(
            "cert.qn.example", [outbox.Waiting(bytes.fromhex(act.id), "object", 1, envelope, 999)], None
        )
    done = round_(home)
    assert (done.sent, states()) == (1, ["applied", "dropped"])


def test_500_acts_make_a_batch(home, served):
    announce(home, 501)
    round_(home)
    assert [len(batch.ids) for batch in served.batches] == [500, 1]


def announce_large(home, mebibytes):
    with database.transaction():
        return federation.announce(
            home, "cert.qn.example", "ping", {"x": "x" * int(mebibytes * 2**20)}, clock()
        ).id


def test_7_mib_make_a_batch_too(home):
    introduce(Partner(NODE))
    waiting = [announce_large(home, 3) for _ in range(3)]
    first = federation.next_batch(home, "cert.qn.example", 1, clock())
    second = federation.next_batch(home, "cert.qn.example", 3, clock())
    assert (first.ids, second.ids) == (tuple(waiting[:2]), tuple(waiting[2:]))


def test_an_act_that_fits_into_no_batch_is_dropped_with_its_reason_and_the_next_goes(home):
    introduce(Partner(NODE))
    announce_large(home, 7.5)
    (small,) = announce(home)
    assert federation.next_batch(home, "cert.qn.example", 1, clock()).ids == (small,)
    assert database.rows("SELECT state, reason FROM act ORDER BY pos") == [
        ("dropped", '{"clause":null,"code":"act.too-large"}'),
        ("sent", None),
    ]


def nested(depth):
    """A body that makes an act that deep."""
    return {"x": orjson.loads("[" * (depth - 2) + "]" * (depth - 2))}


def test_an_act_that_is_nested_too_deep_for_an_answer_is_dropped_with_its_reason_and_the_next_goes(home):
    introduce(Partner(NODE))
    with database.transaction():
        federation.announce(home, "cert.qn.example", "ping", nested(limits.ACT_DEPTH + 1), clock())
        deepest = federation.announce(home, "cert.qn.example", "ping", nested(limits.ACT_DEPTH), clock()).id
    ready = federation.next_batch(home, "cert.qn.example", 1, clock())
    assert ready.ids == (deepest,)
    assert guard.open_body(ready.body, "identity")["acts"][0]["body"] == nested(limits.ACT_DEPTH)
    assert database.rows("SELECT state, reason FROM act ORDER BY pos") == [
        ("dropped", '{"clause":null,"code":"act.too-nested"}'),
        ("sent", None),
    ]


def test_acts_of_countless_values_go_one_by_one_so_that_the_partner_can_read_them(home):
    introduce(Partner(NODE))
    with database.transaction():
        ids = [
            federation.announce(home, "cert.qn.example", "ping", {"x": [0] * 1_200_000}, clock()).id
            for _ in range(2)
        ]
    first = federation.next_batch(home, "cert.qn.example", 1, clock())
    second = federation.next_batch(home, "cert.qn.example", 2, clock())
    assert (first.ids, second.ids) == ((ids[0],), (ids[1],))
    for ready in (first, second):
        assert len(guard.open_body(ready.body, "identity")["acts"]) == 1


def test_newer_documents_of_the_partner_are_taken_before_anything_is_sent(home, served):
    partner = served.partner
    first = partner.document
    later = {**first, "seq": 2, "prev": None, "name": {"en": "CERT of QN, renamed"}}
    from hilf.canonical import content_id
    from hilf.seal.identity import make_card, sign_document

    later["prev"] = content_id(first)
    chain = [
        (first, sign_document(first, [partner.keys["root"], partner.keys["online"]])),
        (later, sign_document(later, [partner.keys["root"]])),
    ]
    served.then("identity", wrongly.document(lambda *_: make_card(chain)))
    assert round_(home).error is None
    assert identity.kept("cert.qn.example").newest.name == {"en": "CERT of QN, renamed"}


def test_progress_tells_how_many_acts_were_sent(home, served):
    announce(home, 501)
    told = []
    sync.sync(home, None, clock, lambda node, sent: told.append((node, sent)), HASTY)
    assert told == [("cert.qn.example", 500), ("cert.qn.example", 501)]


def test_bodies_are_packed_on_the_wire(home, served):
    announce(home, 50)
    round_(home)
    (exchange,) = [each for each in served.seen if each.path == "acts"]
    assert exchange.headers["content-encoding"] == "zstd"
    assert len(exchange.body) < len(exchange.batch.canonical)
    assert orjson.loads(exchange.batch.canonical)["header"]["count"] == 50


def object_waits(home):
    """Let an act wait that carries an object of this node; the row of the object."""
    from hilf.federation.act import make_act
    from hilf.store.federation.envelope import take_out

    seq, body = database.rows("SELECT seq, body FROM object WHERE body IS NOT NULL ORDER BY seq LIMIT 1")[0]
    canonical = dumps(loads(bytes(body)))
    terms = {
        "markings": [],
        "onward": "none",
        "redacted_from": None,
        "retention_until": "2027-01-01T00:00:00.000Z",
    }
    given = {"object": loads(canonical), "authorship": None}
    act = make_act(
        "object", NODE, "cert.qn.example", clock(), "00" * 16, ("accord--1", 1), "defence", terms, given
    )
    envelope = take_out(act.canonical, canonical)
    with database.transaction():
        outbox.put(
            "cert.qn.example", [outbox.Waiting(bytes.fromhex(act.id), "object", 1, envelope, seq)], None
        )
    return seq, act


def test_an_object_act_is_put_together_again_with_the_same_id(home, served):
    _, act = object_waits(home)
    round_(home)
    assert [batch.acts[0].canonical for batch in served.batches] == [act.canonical]


def test_what_was_sent_before_it_was_hidden_is_sent_again_unchanged(home, served):
    seq, act = object_waits(home)
    served.then("acts", wrongly.hang_up)
    round_(home)
    database.execute("UPDATE object SET state = 3 WHERE seq = %s", (seq,))
    assert round_(home).receipts == 1
    assert [batch.acts[0].canonical for batch in served.batches] == [act.canonical] * 2


def test_what_is_hidden_while_it_waits_never_leaves(home, served):
    seq, _ = object_waits(home)
    database.execute("UPDATE object SET state = 3 WHERE seq = %s", (seq,))
    assert (round_(home).sent, served.batches, states()) == (0, [], ["dropped"])


def test_what_was_sent_and_erased_is_withdrawn_in_the_next_epoch_and_nothing_is_made_up(home, served):
    seq, _ = object_waits(home)
    served.then("acts", wrongly.hang_up)
    round_(home)
    database.execute("UPDATE object SET state = 4, body = NULL WHERE seq = %s", (seq,))
    done = round_(home)
    assert (done.error, done.recovered) == (None, Recovered(0, 0, 0, 1, 0))
    never_came, opened = served.batches
    assert (opened.header.epoch, opened.header.withdrawn, len(opened.acts)) == (2, never_came.ids, 1)
    assert opened.acts[0].kind == "ping"
    assert states() == ["dropped", "applied"]


def test_a_batch_under_a_key_that_may_sign_nothing_more_is_signed_again_with_the_same_acts(home, served):
    from hilf.node import proposal
    from hilf.node.change import Change

    ids = announce(home, 2)
    served.then("acts", wrongly.hang_up)
    round_(home)
    proposal.propose(home, Change(revoke="online"), home.root_keys, clock())
    proposal.publish(home, clock())
    served.partner.meet(identity.own(home).newest)
    assert round_(home).error is None
    first, again = served.batches[:2]
    assert (list(first.ids), list(again.ids)) == (ids, ids)
    assert first.header.value["kid"] != again.header.value["kid"]
    assert (first.header.chain, first.header.first) == (again.header.chain, again.header.first)
