"""What changed at a partner is explained, warned of, and told until a person has seen it; two faces stop it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hilf.canonical import loads
from hilf.errors import Refusal
from hilf.federation.peer import PeerState
from hilf.node import history, identity, peer
from hilf.node.status import status
from hilf.store import database
from hilf.store.federation import evidence
from tests.conftest import NOW
from tests.homes import Partner, key

LATER = NOW + timedelta(days=1)


@pytest.fixture
def qn(two_officers, officer_keys):
    """QN, verified with its first document."""
    partner = Partner().document()
    peer.add(two_officers, partner.card, NOW)
    for officer in officer_keys.values():
        peer.verify(two_officers, partner.node, partner.fingerprint, officer, NOW)
    return partner


def newer(home, partner, **members):
    partner.document(**members)
    peer.add(home, partner.card, LATER)


def remarks(home, code, now=LATER):
    return [(each.what, each.remedy) for each in status(home, now).warnings if each.code == code]


def test_newer_document_is_told_until_a_person_has_seen_it(two_officers, qn):
    assert remarks(two_officers, "status.identity-changed") == []
    newer(two_officers, qn, endpoints=["https://192.0.2.8:8443"])
    ((what, remedy),) = remarks(two_officers, "status.identity-changed")
    assert what == (
        "The identity of cert.qn.example changed. address https://192.0.2.8:8443 is listed; "
        "address https://192.0.2.7:8443 is listed no more."
    )
    assert remedy == (
        "Read it: hilf peer show cert.qn.example. When you have: hilf peer seen cert.qn.example"
    )
    assert history.mark_seen(two_officers, qn.node) == 1
    assert remarks(two_officers, "status.identity-changed") == []
    assert history.mark_seen(two_officers, qn.node) == 0


def test_what_takes_protection_away_comes_first_with_a_warning(two_officers, qn):
    newer(two_officers, qn, threshold=1, name={"en": "CERT"})
    ((what, _),) = remarks(two_officers, "status.identity-changed")
    assert what.startswith(
        "The identity of cert.qn.example changed. Beware: 1 of 3 root keys sign a new document now, before: 2 of 3; "
    )


def test_a_warning_of_a_later_document_comes_before_harmless_changes_of_earlier_ones(two_officers, qn):
    for port in range(8444, 8448):
        newer(two_officers, qn, endpoints=[f"https://192.0.2.8:{port}"])
    newer(two_officers, qn, threshold=1)
    ((what, _),) = remarks(two_officers, "status.identity-changed")
    assert what.startswith(
        "The identity of cert.qn.example changed. Beware: 1 of 3 root keys sign a new document now, before: 2 of 3; "
    )


def test_renewal_is_told_too(two_officers, qn):
    newer(two_officers, qn)
    ((what, _),) = remarks(two_officers, "status.identity-changed")
    assert what == "The identity of cert.qn.example changed. It was renewed."


def test_every_document_stands_with_what_it_changed(two_officers, qn):
    newer(two_officers, qn, online="online 2")
    shown = history.of(two_officers, qn.node)
    assert [(step.document.seq, step.accepted, step.seen) for step in shown.steps] == [
        (1, NOW, True),
        (2, LATER, False),
    ]
    assert [[change.word for change in step.changes] for step in shown.steps] == [
        [],
        ["online-key-added", "online-key-removed"],
    ]
    assert (shown.state, shown.reason, shown.evidence, shown.counting) == (PeerState.VERIFIED, None, (), ())


def test_node_that_nobody_knows_has_no_history(home):
    for verb in (history.of, history.mark_seen):
        with pytest.raises(Refusal) as caught:
            verb(home, "cert.qz.example")
        assert caught.value.code == "peer.unknown"
    assert history.changed("cert.qz.example") == ()


def test_peer_of_an_older_hilf_was_seen_as_it_was_when_it_was_verified(two_officers, qn):
    newer(two_officers, qn)
    with database.transaction():
        database.execute("UPDATE peer SET seen = NULL")
    assert [step.document.seq for step in history.changed(qn.node)] == [2]


def two_faces(partner):
    """The same node with another second document."""
    fork = replace(partner, chain=list(partner.chain))
    partner.document("online 2")
    fork.document("online 3")
    return fork


def test_two_faces_suspend_the_peer_keep_both_documents_and_nothing_of_the_second_is_taken(two_officers, qn):
    fork = two_faces(qn)
    peer.add(two_officers, qn.card, LATER)
    with pytest.raises(Refusal) as caught:
        peer.add(two_officers, fork.card, LATER)
    assert caught.value.code == "identity.two-faces"
    shown = history.of(two_officers, qn.node)
    assert (shown.state, shown.reason) == (
        PeerState.SUSPENDED,
        "identity: two faces: two different documents 2, both signed by its root keys",
    )
    proof = next(loads(each.body) for each in shown.evidence if each.rule == "identity: two faces")
    assert (proof["held"], proof["shown"]) == (qn.card["chain"][1], fork.card["chain"][1])
    assert list(identity.kept(qn.node).newest.sign) == [key(f"{qn.node} online 2").kid]


def test_fork_behind_what_is_held_is_found_too(two_officers, qn):
    fork = two_faces(qn)
    qn.document("online 4")
    peer.add(two_officers, qn.card, LATER)
    with pytest.raises(Refusal) as caught:
        peer.add(two_officers, fork.card, LATER)
    assert (caught.value.code, peer.state_of(qn.node)) == ("identity.two-faces", PeerState.SUSPENDED)


@pytest.mark.parametrize("forgery", ["unsigned", "one root key", "other root keys", "older", "other first"])
def test_what_the_node_did_not_sign_proves_nothing_and_stops_nobody(two_officers, qn, forgery):
    fork = two_faces(qn)
    if forgery == "older":
        fork.chain = fork.chain[:1]
    if forgery == "other first":
        fork = Partner(stix_identities=["identity--8c2f6a3e-0000-4000-8000-000000000001"]).document()
        fork.document("online 3")
    if forgery in ("unsigned", "one root key"):
        document, signatures = fork.chain[-1]
        fork.chain[-1] = (document, signatures[:1] if forgery == "one root key" else [])
    if forgery == "other root keys":
        document, signatures = fork.chain[-1]
        fork.chain[-1] = (document, [{**each, "value": signatures[0]["value"]} for each in signatures])
    peer.add(two_officers, qn.card, LATER)
    with pytest.raises(Refusal) as caught:
        peer.add(two_officers, fork.card, LATER)
    assert caught.value.code == "identity.not-what-is-held"
    assert peer.state_of(qn.node) is PeerState.VERIFIED
    assert evidence.about(qn.node) == ()


def test_partner_s_identity_that_expires_soon_is_told_in_time(two_officers, qn):
    at = NOW + timedelta(days=365 - 30)
    assert remarks(two_officers, "status.peer-expires", at) == []
    ((what, _),) = remarks(two_officers, "status.peer-expires", at + timedelta(seconds=1))
    assert what == (
        "The identity of cert.qn.example expires on 2027-11-24: then it is refused until the next comes."
    )


def test_online_key_that_is_older_than_any_document_may_be_is_told(two_officers):
    assert remarks(two_officers, "status.online-key-old", NOW + timedelta(days=400)) == []
    ((what, _),) = remarks(two_officers, "status.online-key-old", NOW + timedelta(days=400, seconds=1))
    assert what == "The online key has been in use since 2026-11-24."


def test_claim_that_waits_is_told_with_what_to_do(two_officers, qn):
    mitre = "identity--8c2f6a3e-0000-4000-8000-000000000001"
    newer(two_officers, qn, kept={"stix_identities": [mitre]})
    ((_, remedy),) = remarks(two_officers, "status.stix-identity-waits")
    assert remedy == (
        f"Ask cert.qn.example, then: hilf peer verify cert.qn.example --stix-identity {mitre} --as OFFICER"
    )
