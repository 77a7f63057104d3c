"""Two faces as they come: in a partner's own card, in a third node's word, in an act; the proof stays when the rest is undone."""

from datetime import UTC, datetime

import pytest

from hilf.canonical import Json, content_id
from hilf.federation.peer import PeerState
from hilf.node import federation, fork, identity, inbox, peer, sync
from hilf.seal.identity import make_card, sign_document
from hilf.store import database
from hilf.store.federation import evidence
from hilf.wire.https import Patience
from tests import partner as wrongly
from tests.conftest import NODE, NOW
from tests.partner import Partner, introduce, serving

HASTY = Patience(connect_s=2, read_s=0.5, whole_s=1, answer_bytes=100_000)


def card(partner: Partner, *names: str) -> dict[str, Json]:
    """The partner's card, with a document for each name that it gives itself."""
    document = partner.document
    chain = [(document, sign_document(document, [partner.keys["root"], partner.keys["online"]]))]
    for name in names:
        document = {**document, "seq": len(chain) + 1, "prev": content_id(document), "name": {"en": name}}
        chain.append((document, sign_document(document, [partner.keys["root"]])))
    return make_card(chain)


def clock():
    return datetime.now(UTC)


def rules(node):
    return [each.rule for each in evidence.about(node)]


def test_partner_that_shows_a_second_face_in_a_round_is_stopped_and_gets_nothing(home, tmp_path):
    partner = Partner(NODE)
    with serving(partner, tmp_path) as served:
        introduce(partner)
        partner.meet(identity.own(home).newest)
        with database.transaction():
            federation.announce(home, partner.node, "ping", {}, clock())
        served.then("identity", wrongly.document(lambda *_: card(partner, "one")))
        (first,) = sync.sync(home, [partner.node], clock, patience=HASTY)
        assert (first.error, first.sent) == (None, 1)
        served.then("identity", wrongly.document(lambda *_: card(partner, "two")))
        with database.transaction():
            federation.announce(home, partner.node, "ping", {}, clock())
        (second,) = sync.sync(home, [partner.node], clock, patience=HASTY)
    assert (second.error, second.sent, peer.state_of(partner.node)) == (
        "identity.two-faces",
        0,
        PeerState.SUSPENDED,
    )
    assert fork.RULE in rules(partner.node)
    assert identity.kept(partner.node).newest.name == {"en": "one"}


@pytest.fixture
def two(home):
    """QN and QO, verified; QN's second document is known."""
    qn, qo = Partner(NODE, at=NOW), Partner(NODE, "cert.qo.example", "QO", NOW)
    for each in (qn, qo):
        introduce(each)
        each.meet(identity.own(home).newest)
    peer.add(home, card(qn, "one"), NOW)
    return qn, qo


def send(home, partner, *acts):
    batch = partner.batch(acts)
    request = partner.request("POST", "acts", batch.canonical, home_url=home.gateway_url)
    answer = inbox.receive(home, request, NOW)
    partner.sent(batch)
    return partner.verified(answer, request)["results"]


def test_second_face_in_a_third_node_s_act_is_refused_and_stops_whose_it_is_not_who_brings_it(home, two):
    qn, qo = two
    results = send(home, qo, qo.act("identity", {"card": card(qn, "two")}), qo.act())
    assert [(each["outcome"], (each["reason"] or {}).get("code")) for each in results] == [
        ("refused", "identity.two-faces"),
        ("applied", None),
    ]
    assert (peer.state_of(qn.node), peer.state_of(qo.node)) == (PeerState.SUSPENDED, PeerState.VERIFIED)
    assert rules(qn.node).count(fork.RULE) == 1
    (again,) = send(home, qo, qo.act("identity", {"card": card(qn, "two")}))
    assert (again["reason"]["code"], rules(qn.node).count(fork.RULE)) == ("identity.two-faces", 1)


def test_forged_second_face_refuses_the_act_and_stops_nobody(home, two):
    qn, qo = two
    forged = card(qn, "two")
    forged["chain"][1]["signatures"] = forged["chain"][0]["signatures"][:1]
    (result,) = send(home, qo, qo.act("identity", {"card": forged}))
    assert (result["outcome"], result["reason"]["code"]) == ("refused", "identity.not-what-is-held")
    assert (peer.state_of(qn.node), rules(qn.node)) == (PeerState.VERIFIED, [])
