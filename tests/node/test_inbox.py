"""What a partner can send, as a dialogue without sockets: each request is a value, and so is its answer."""

import secrets
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from hilf.canonical import dumps, loads
from hilf.federation.batch import read_header
from hilf.federation.receipt import read_receipt
from hilf.federation.state import read_state
from hilf.node import door, fresh, identity, inbox, peer
from hilf.node.inbox import Quota
from hilf.seal.http import Request, Response
from hilf.store import database
from hilf.store.federation import stream
from tests.conftest import NODE, NOW
from tests.partner import Partner, introduce

LATER = NOW + timedelta(seconds=1)


@pytest.fixture
def partner(home):
    """A verified partner of the node."""
    partner = Partner(NODE, at=NOW)
    introduce(partner)
    partner.meet(identity.own(home).newest)
    return partner


class Talk:
    """A partner that talks to the node under test."""

    def __init__(self, home, partner):
        self.home, self.partner = home, partner

    def post(self, body, now=NOW, quota=None, **wrong):
        request = self.partner.request("POST", "acts", body, home_url=self.home.gateway_url, **wrong)
        return inbox.receive(self.home, request, now, quota), request

    def send(self, batch, **wrong):
        """Send a batch; status and signed document of the answer."""
        response, request = self.post(batch.canonical, **wrong)
        return response.status, self.partner.verified(response, request)

    def ping(self, count=1):
        batch = self.partner.batch([self.partner.act() for _ in range(count)])
        status, document = self.send(batch)
        assert status == 200
        self.partner.sent(batch)
        return batch, document


@pytest.fixture
def talk(home, partner):
    return Talk(home, partner)


def rows(sql, *parameters):
    return database.rows(sql, parameters)


def nothing_came():
    """Nothing of a batch was written: neither acts nor a batch, and no position moved."""
    return (
        not rows("SELECT 1 FROM act")
        and not rows("SELECT 1 FROM batch")
        and not rows("SELECT 1 FROM stream WHERE seq > 0")
    )


def test_a_batch_is_applied_and_receipted(talk, partner):
    batch = partner.batch([partner.act(), partner.act()])
    status, document = talk.send(batch)
    receipt = read_receipt(document, batch.header, batch.ids, partner.theirs)
    assert (status, [result.outcome.value for result in receipt.results]) == (200, ["applied", "applied"])
    assert [
        (bytes(i).hex(), s, q) for i, s, q in rows("SELECT act_id, state, seq FROM act ORDER BY seq")
    ] == [
        (batch.ids[0], "applied", 1),
        (batch.ids[1], "applied", 2),
    ]
    kept = stream.position(partner.node, outgoing=False)
    assert (kept.epoch, kept.seq, kept.chain) == (1, 2, batch.header.chain)


def test_a_packed_batch_is_applied_too(talk, partner):
    batch = partner.batch([partner.act() for _ in range(50)])
    assert talk.send(batch, encoding="zstd")[0] == 200


def test_the_same_batch_gets_the_same_receipt_byte_for_byte(talk, partner):
    batch = partner.batch([partner.act()])
    first, _ = talk.post(batch.canonical)
    again, request = talk.post(batch.canonical, now=LATER)
    partner.verified(again, request)
    assert again.body == first.body
    assert rows("SELECT count(*) FROM act") == [(1,)]


def test_the_same_acts_under_other_boundaries_get_a_new_receipt_with_the_stored_outcomes(talk, partner):
    acts = [partner.act() for _ in range(3)]
    whole = partner.batch(acts)
    talk.send(whole)
    first = partner.batch(acts[:2])
    rest = partner.batch(acts[2:], after=first.header.end)
    for part in (first, rest):
        status, document = talk.send(part)
        receipt = read_receipt(document, part.header, part.ids, partner.theirs)
        assert (status, [result.outcome.value for result in receipt.results]) == (
            200,
            ["applied"] * len(part.acts),
        )
    assert talk.send(first)[1] == talk.send(first)[1]
    assert rows("SELECT count(*) FROM act") == [(3,)]


def test_an_act_that_came_before_is_a_duplicate_and_applied_once(talk, partner):
    act = partner.act()
    first = partner.batch([act])
    talk.send(first)
    partner.sent(first)
    second = partner.batch([act, partner.act()])
    _, document = talk.send(second)
    assert [result["outcome"] for result in document["results"]] == ["duplicate", "applied"]
    assert talk.send(second)[1] == document


def test_a_kind_without_a_room_is_kept_and_not_understood(talk, partner):
    batch = partner.batch([partner.act("dance", accord=("accord--1", 1)), partner.act()])
    _, document = talk.send(batch)
    assert [result["outcome"] for result in document["results"]] == ["not-understood", "applied"]
    assert rows("SELECT kind, state FROM act ORDER BY seq") == [
        ("dance", "not-understood"),
        ("ping", "applied"),
    ]


def test_a_wrong_act_is_refused_alone_and_the_batch_goes_on(talk, partner):
    batch = partner.batch(
        [partner.act("identity", {"card": {"v": 1}}), partner.act("outcome", {"act": 1}), partner.act()]
    )
    _, document = talk.send(batch)
    assert [(result["outcome"], result["reason"]) for result in document["results"]] == [
        ("refused", {"clause": None, "code": "card.members"}),
        ("refused", {"clause": None, "code": "outcome.members"}),
        ("applied", None),
    ]


def test_an_object_without_an_accord_in_force_is_refused_with_the_reason(talk, partner):
    terms = {
        "markings": [],
        "onward": "none",
        "redacted_from": None,
        "retention_until": "2027-01-01T00:00:00.000Z",
    }
    body = {"object": {"type": "indicator", "id": "indicator--1"}, "authorship": None}
    act = partner.act("object", body, terms=terms, accord=("accord--11111111-1111-4111-8111-111111111111", 1))
    _, document = talk.send(partner.batch([act]))
    assert document["results"] == [
        {"id": act.id, "outcome": "refused", "reason": {"clause": None, "code": "accord.not-in-force"}}
    ]
    ((envelope,),) = rows("SELECT envelope FROM act")
    assert orjson.loads(bytes(envelope))["body"] == {"authorship": None, "object": None}


def test_a_gap_is_answered_with_the_signed_state_and_changes_nothing(talk, partner):
    skipped = partner.batch([partner.act()])
    partner.sent(skipped)
    status, document = talk.send(partner.batch([partner.act()]))
    state = read_state(document["state"], NODE, partner.node, partner.theirs)
    assert (status, document["code"], state.incoming.seq) == (409, "stream.gap", 0)
    assert nothing_came()


def test_a_batch_that_straddles_the_position_gets_409(talk, partner):
    acts = [partner.act() for _ in range(3)]
    first = partner.batch(acts[:2])
    talk.send(first)
    status, document = talk.send(partner.batch(acts))
    assert (status, document["code"]) == (409, "stream.straddles")
    assert rows("SELECT count(*) FROM act") == [(2,)]


def test_another_act_at_a_seq_that_was_applied_is_evidence_and_suspends_the_peer(talk, partner):
    batch, _ = talk.ping(2)
    other = partner.batch([partner.act(), partner.act()], after=read_beginning(partner))
    status, document = talk.send(other)
    assert (status, document["code"]) == (412, "stream.same-seq-other-content")
    assert peer.state_of(partner.node) == "suspended"
    kept = [
        loads(bytes(body))
        for (body,) in rows("SELECT body FROM evidence WHERE rule = %s", "batch: same seq, other content")
    ]
    assert kept == [
        {
            "applied": [{"header": batch.header.value, "ids": list(batch.ids)}],
            "refused": {"header": other.header.value, "ids": list(other.ids)},
        }
    ]
    assert rows("SELECT count(*) FROM act") == [(2,)]
    assert talk.send(batch)[0] == 403


def read_beginning(partner):
    from hilf.federation.stream import beginning

    return beginning(partner.node, NODE)


# who may ask at all


@pytest.mark.parametrize("state", ["introduced", "suspended", "revoked"])
def test_only_a_verified_peer_may_send_acts(home, state):
    partner = Partner(NODE, "cert.qo.example", "QO", at=NOW)
    introduce(partner, state)
    partner.meet(identity.own(home).newest)
    talk = Talk(home, partner)
    status, document = talk.send(partner.batch([partner.act()]))
    assert (status, document["code"]) == {
        "introduced": (403, "peer.introduced"),
        "suspended": (403, "peer.suspended"),
        "revoked": (401, "http.unknown-kid"),  # nothing of it counts, not even its keys
    }[state]
    assert nothing_came()


def test_a_stranger_learns_nothing_but_that_the_signature_does_not_count(home):
    stranger = Partner(NODE, "cert.qz.example", "QZ", at=NOW)
    stranger.meet(identity.own(home).newest)
    status, document = Talk(home, stranger).send(stranger.batch([stranger.act()]))
    assert (status, document["code"]) == (401, "http.unknown-kid")


def test_a_request_without_a_signature_gets_an_answer_without_one(home):
    response = inbox.receive(home, Request("POST", f"{home.gateway_url}/hilf/1/acts", (), b"{}"), NOW)
    assert response.status == 401
    assert [name for name, _ in response.headers] == ["content-type"]
    assert orjson.loads(response.body)["code"] == "http.unsigned"


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"created": NOW - timedelta(minutes=10)}, 401, "http.clock"),
        ({"created": NOW + timedelta(minutes=10)}, 401, "http.clock"),
        ({"key": fresh.key()}, 401, "http.unknown-kid"),
        ({"node": "cert.qo.example"}, 401, "http.unknown-kid"),
        ({"home_url": "https://192.0.2.1:8443"}, 401, "http.target"),
        ({"encoding": "gzip"}, 415, "http.content-encoding"),
    ],
)
def test_what_is_wrong_with_the_signature_is_said_signed_and_changes_nothing(
    home, partner, wrong, status, code
):
    given = {"home_url": home.gateway_url} | wrong
    request = partner.request("POST", "acts", partner.batch([partner.act()]).canonical, **given)
    response = inbox.receive(home, request, NOW)
    document = partner.verified(response, request)
    assert (response.status, document["code"]) == (status, code)
    assert nothing_came()


HEADS = [
    ({}, None),
    ({"created": NOW - timedelta(minutes=10)}, "http.clock"),
    ({"key": fresh.key()}, "http.unknown-kid"),
    ({"node": "cert.qo.example"}, "http.unknown-kid"),
    ({"to": "cert.qo.example"}, "http.hilf-to"),
]


@pytest.mark.parametrize(("wrong", "code"), HEADS)
def test_a_head_is_refused_without_its_body_and_signed_and_changes_nothing(home, partner, wrong, code):
    given = {"home_url": home.gateway_url} | wrong
    whole = partner.request("POST", "acts", partner.batch([partner.act()]).canonical, **given)
    response = door.refusal(home, replace(whole, body=b""), NOW)
    told = partner.verified(response, whole)["code"] if response and code != "http.hilf-to" else None
    assert (told or (orjson.loads(response.body)["code"] if response else None)) == code
    assert nothing_came()
    assert rows("SELECT count(*) FROM nonce") == [(0,)], "whoever is let in is judged again with the body"


def test_a_head_that_was_seen_or_is_of_a_peer_that_may_send_nothing_is_refused(home, partner, talk):
    batch, used = partner.batch([partner.act()]), secrets.token_hex(16)
    assert talk.send(batch, nonce=used)[0] == 200
    replay = partner.request("POST", "acts", batch.canonical, home_url=home.gateway_url, nonce=used)
    assert orjson.loads(door.refusal(home, replay, NOW).body)["code"] == "http.nonce-seen"
    peer.stop(partner.node, "a test", NOW)
    fresh_ = partner.request("POST", "acts", batch.canonical, home_url=home.gateway_url)
    refused = door.refusal(home, fresh_, NOW)
    assert (refused.status, orjson.loads(refused.body)["code"]) == (403, "peer.suspended")


def test_a_message_to_another_node_is_refused(home, partner):
    batch = partner.batch([partner.act()])
    request = partner.request(
        "POST", "acts", batch.canonical, home_url=home.gateway_url, to="cert.qo.example"
    )
    response = inbox.receive(home, request, NOW)
    assert (response.status, orjson.loads(response.body)["code"]) == (401, "http.hilf-to")
    assert nothing_came()


def test_a_clock_that_is_off_is_told_the_time_here(home, partner, talk):
    response, request = talk.post(
        partner.batch([partner.act()]).canonical, created=NOW - timedelta(minutes=10)
    )
    assert partner.verified(response, request)["time"] == "2026-11-24T09:30:00.000Z"


def test_a_replay_is_refused_and_the_nonce_is_kept_for_all_workers(talk, partner):
    batch = partner.batch([partner.act()])
    nonce = secrets.token_hex(16)
    assert talk.send(batch, nonce=nonce)[0] == 200
    status, document = talk.send(batch, nonce=nonce)
    assert (status, document["code"]) == (401, "http.nonce-seen")


def test_the_nonce_of_a_refused_message_is_used_up_as_well(talk):
    nonce = secrets.token_hex(16)
    assert talk.post(b"{", nonce=nonce)[0].status == 400
    response, request = talk.post(b"{", nonce=nonce)
    assert talk.partner.verified(response, request)["code"] == "http.nonce-seen"


def test_a_changed_body_is_refused(home, partner):
    request = partner.request(
        "POST", "acts", partner.batch([partner.act()]).canonical, home_url=home.gateway_url
    )
    response = inbox.receive(home, Request("POST", request.url, request.headers, request.body + b" "), NOW)
    assert (response.status, partner.verified(response, request)["code"]) == (401, "http.digest")
    assert nothing_came()


def test_a_batch_that_another_signed_is_refused(home, talk):
    third = Partner(NODE, "cert.qo.example", "QO", at=NOW)
    introduce(third)
    status, document = talk.send(third.batch([third.act()]))
    assert (status, document["code"]) == (403, "http.keyid-is-not-header-from")


# what no parser should see


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "json.unbalanced"),
        (b"null", 400, "batch.members"),
        (b"[]", 400, "batch.members"),
        (b'{"header":{},"acts":[]}', 400, "json.not-canonical"),
        (b'{"acts":[],"acts":[]}', 400, "json.duplicate-name"),
        (b'{"acts":NaN}', 400, "json.nan"),
        (b'{"acts":"\\ud800"}', 400, "json.lone-surrogate"),
        (b"[" * 1_000_000 + b"]" * 1_000_000, 400, "json.depth"),
        (b"x" * (8 * 2**20 + 1), 413, "body.too-large"),
    ],
    ids=["cut", "null", "list", "spaces", "twice", "nan", "surrogate", "brackets", "large"],
)
def test_a_body_that_is_no_batch_is_refused_before_it_is_read(talk, body, status, code):
    response, request = talk.post(body)
    assert (response.status, talk.partner.verified(response, request)["code"]) == (status, code)
    assert nothing_came()


def test_a_gibibyte_in_a_mebibyte_is_refused_without_unpacking_it(talk, partner):
    import zstandard

    engine = zstandard.ZstdCompressor(level=1, write_content_size=True).compressobj(size=2**30)
    bomb = b"".join(engine.compress(b"\0" * 2**24) for _ in range(64)) + engine.flush()
    assert len(bomb) < 2**20
    request = partner.request("POST", "acts", bomb, home_url=talk.home.gateway_url)
    headers = tuple(
        (n, "zstd" if n == "content-encoding" else v)
        for n, v in request.headers
        if not n.startswith("signature")
    )
    from hilf.seal.http import sign_request

    request = sign_request(
        Request("POST", request.url, headers, bomb),
        partner.node,
        partner.key,
        NODE,
        int(NOW.timestamp()),
        secrets.token_hex(16),
    )
    response = inbox.receive(talk.home, request, NOW)
    assert (response.status, partner.verified(response, request)["code"]) == (413, "zstd.too-large-or-ratio")


def test_a_batch_with_a_broken_chain_is_refused_whole(talk, partner):
    good = partner.batch([partner.act(), partner.act()])
    value = orjson.loads(good.canonical)
    value["acts"].reverse()
    response, request = talk.post(dumps(value))
    assert (response.status, partner.verified(response, request)["code"]) == (400, "batch.chain")
    assert nothing_came()


def test_a_peer_that_sends_too_much_is_asked_to_wait_until_the_hour_is_over(talk, partner):
    batch = partner.batch([partner.act() for _ in range(3)])
    response, request = talk.post(batch.canonical, quota=Quota(acts=2))
    assert (response.status, partner.verified(response, request)["code"]) == (429, "peer.quota")
    assert dict(response.headers)["retry-after"] == str(30 * 60)
    assert nothing_came()
    assert talk.send(batch, quota=Quota(acts=3))[0] == 200


def test_the_bytes_of_a_peer_are_counted_too(talk, partner):
    batch = partner.batch([partner.act()])
    assert talk.post(batch.canonical, quota=Quota(unpacked_bytes=10))[0].status == 429


# state and identity


def test_the_state_says_where_both_streams_stand(home, talk, partner):
    batch, _ = talk.ping(2)
    request = partner.request("GET", "state", home_url=home.gateway_url)
    document = partner.verified(inbox.tell_state(home, request, NOW), request)
    state = read_state(document, NODE, partner.node, partner.theirs)
    assert (state.incoming, state.outgoing.next, state.outgoing.receipted) == (batch.header.end, 1, 0)


def test_a_partner_that_speaks_is_tried_at_once(home, partner):
    stream.went_wrong(partner.node, "wire.unreachable", 2**60)
    request = partner.request("GET", "state", home_url=home.gateway_url)
    partner.verified(inbox.tell_state(home, request, NOW), request)
    assert rows("SELECT next_try, failures FROM peer") == [(0, 1)]


def test_the_identity_is_told_to_anyone_and_signed_for_whoever_signs(home, partner):
    plain = inbox.tell_identity(home, Request("GET", f"{home.gateway_url}/hilf/1/identity", (), None), NOW)
    request = partner.request("GET", "identity", home_url=home.gateway_url)
    signed = inbox.tell_identity(home, request, NOW)
    partner.verified(signed, request)
    assert plain.body == signed.body == identity.card(identity.own(home))


def test_a_later_outcome_reaches_the_act_that_was_held(home, talk, partner):
    from hilf.node.federation import announce

    with database.transaction():
        act = announce(home, partner.node, "ping", {}, NOW)
        database.execute("UPDATE act SET state = 'held'")
    told = partner.act("outcome", {"act": act.id, "outcome": "applied", "reason": None})
    _, document = talk.send(partner.batch([told]))
    assert document["results"][0]["outcome"] == "applied"
    assert rows("SELECT state FROM act WHERE outgoing = %s", True) == [("applied",)]


# our own surroundings fail


def test_a_locked_database_is_answered_with_503_and_a_pause_and_nothing_is_half_written(home, talk, partner):
    import sqlite3

    other = sqlite3.connect(home.path / "hilf.sqlite3")
    other.execute("BEGIN IMMEDIATE")
    try:
        database.execute("PRAGMA busy_timeout = 50")
        batch = partner.batch([partner.act()])
        response, request = talk.post(batch.canonical)
        assert (response.status, partner.verified(response, request)["code"]) == (503, "node.unable")
        assert dict(response.headers)["retry-after"] == "30"
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert nothing_came()
    assert talk.send(batch)[0] == 200


def test_a_full_disk_is_answered_with_503_nothing_is_half_written_and_the_same_batch_goes_later(
    talk, partner
):
    (pages,) = database.row("PRAGMA page_count")
    database.row(f"PRAGMA max_page_count = {pages + 20}")
    batch = partner.batch([partner.act() for _ in range(2000)])
    response, request = talk.post(batch.canonical)
    assert (response.status, partner.verified(response, request)["code"]) == (503, "node.unable")
    assert nothing_came()
    database.row("PRAGMA max_page_count = 1073741823")
    assert talk.send(batch)[0] == 200
    assert rows("SELECT count(*) FROM act") == [(2000,)]


def test_the_stored_header_is_the_partners_own_word(talk, partner):
    batch, _ = talk.ping()
    ((header,),) = rows("SELECT header FROM batch")
    assert (
        read_header(loads(bytes(header)), partner.node, NODE, {partner.key.kid: partner.key.public}).digest
        == batch.header.digest
    )


def test_urls_come_from_settings_only(home):
    assert f"{home.gateway_url}/hilf/1/acts" in door.urls(home)
    assert Response(200, (), b"").status == 200
