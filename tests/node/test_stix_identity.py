"""What a partner claims in a newer document counts when people verified it; until then it keeps nobody out."""

from datetime import timedelta

import pytest

from hilf.accord.placing import ObjectState
from hilf.errors import Refusal
from hilf.federation.peer import PeerState
from hilf.node import author, identity, intake, peer, stix_identity
from hilf.node.home import index_key
from hilf.store import database
from hilf.store.federation import peer as peers
from hilf.store.intelligence import read
from tests.conftest import NOW
from tests.homes import Partner, key
from tests.node.test_claim import proof, take
from tests.stix_objects import an_indicator, bundle, stix_id

OWN, MITRE = stix_id("identity", "qn"), stix_id("identity", "mitre")
LATER = NOW + timedelta(days=1)


def code_of(call, *arguments):
    with pytest.raises(Refusal) as caught:
        call(*arguments)
    return caught.value.code


def verify_node(home, keys, partner, at=NOW):
    peer.add(home, partner.card, at)
    for officer in keys.values():
        peer.verify(home, partner.node, partner.fingerprint, officer, at)


@pytest.fixture
def qn(two_officers, officer_keys):
    """QN, verified when its document named its own identity; a newer one names MITRE's too."""
    partner = Partner(stix_identities=[OWN]).document()
    verify_node(two_officers, officer_keys, partner)
    partner.document(kept={"stix_identities": [OWN, MITRE.upper()]})
    peer.add(two_officers, partner.card, LATER)
    return partner


def counts(node):
    return sorted(stix_identity.counting(peers.get(node), identity.kept(node)))


def waits(node):
    return stix_identity.waiting(peers.get(node), identity.kept(node))


def imported(home, tmp_path, name, entry):
    file = tmp_path / f"{name}.json"
    file.write_bytes(bundle(entry))
    return intake.import_files(home, [str(file)], None, "mitre", LATER).counts()


def test_a_newer_claim_keeps_nobody_s_word_on_third_party_material_out(two_officers, qn, tmp_path):
    assert (counts(qn.node), waits(qn.node)) == ([OWN], (MITRE,))
    entry = an_indicator(1, created_by_ref=MITRE)
    assert imported(two_officers, tmp_path, "attack", entry)["accepted"] == 1
    (held,) = read.assertions_of(entry["id"], index_key(two_officers))
    assert (held.state, held.author) == (ObjectState.CURRENT, None)


def test_proof_under_a_claim_that_waits_proves_nothing(two_officers, qn, tmp_path):
    entry = an_indicator(1, created_by_ref=MITRE)
    assert take(two_officers, (entry, proof(entry)))[0].outcome == "applied"
    (held,) = read.assertions_of(entry["id"], index_key(two_officers))
    assert (held.asserter, held.author) == (qn.node, None)
    assert imported(two_officers, tmp_path, "attack", entry)["accepted"] == 1


def test_two_officers_let_the_claim_count_and_one_does_not(two_officers, officer_keys, qn, tmp_path):
    one = stix_identity.verify(two_officers, qn.node, MITRE.upper(), officer_keys["officer"], LATER)
    assert (one, counts(qn.node)) == (stix_identity.Verification(qn.node, MITRE, ("officer",), 1), [OWN])
    again = code_of(stix_identity.verify, two_officers, qn.node, MITRE, officer_keys["officer"], LATER)
    assert again == "peer.stix-already-signed"
    two = stix_identity.verify(two_officers, qn.node, MITRE, officer_keys["amal"], LATER)
    assert (two.missing, counts(qn.node), waits(qn.node)) == (0, sorted([OWN, MITRE]), ())
    entry = an_indicator(1, created_by_ref=MITRE)
    assert imported(two_officers, tmp_path, "squat", entry)["quarantined"] == 1
    assert take(two_officers, (entry, proof(entry)))[0].outcome == "applied"
    assert {each.author for each in read.assertions_of(entry["id"], index_key(two_officers))} == {
        None,
        qn.node,
    }


def test_an_officer_s_word_waits_thirty_days_for_the_second(two_officers, officer_keys, qn):
    stix_identity.verify(two_officers, qn.node, MITRE, officer_keys["officer"], LATER)
    late = LATER + timedelta(days=30, seconds=1)
    second = stix_identity.verify(two_officers, qn.node, MITRE, officer_keys["amal"], late)
    assert (second.verified_by, second.missing) == (("amal",), 1)


def test_what_a_document_names_no_more_counts_no_more_at_once_and_is_asked_again_when_it_comes_back(
    two_officers, officer_keys, qn
):
    for officer in officer_keys.values():
        stix_identity.verify(two_officers, qn.node, MITRE, officer, LATER)
    qn.document(kept={"stix_identities": [OWN]})
    peer.add(two_officers, qn.card, LATER)
    assert counts(qn.node) == [OWN]
    assert MITRE not in author.known_authors(two_officers).authors
    qn.document(kept={"stix_identities": [OWN, MITRE]})
    peer.add(two_officers, qn.card, LATER)
    assert (counts(qn.node), waits(qn.node)) == ([OWN], (MITRE,))


def test_half_a_verification_does_not_outlive_the_claim(two_officers, officer_keys, qn):
    stix_identity.verify(two_officers, qn.node, MITRE, officer_keys["officer"], LATER)
    qn.document(kept={"stix_identities": [OWN]}).document(kept={"stix_identities": [OWN, MITRE]})
    peer.add(two_officers, qn.card, LATER)
    done = stix_identity.verify(two_officers, qn.node, MITRE, officer_keys["amal"], LATER)
    assert (done.verified_by, done.missing) == (("amal",), 1)


def test_claim_added_between_two_officers_of_the_first_verification_waits(two_officers, officer_keys):
    partner = Partner(stix_identities=[OWN]).document()
    peer.add(two_officers, partner.card, NOW)
    peer.verify(two_officers, partner.node, partner.fingerprint, officer_keys["officer"], NOW)
    partner.document(kept={"stix_identities": [OWN, MITRE]})
    peer.add(two_officers, partner.card, LATER)
    peer.verify(two_officers, partner.node, partner.fingerprint, officer_keys["amal"], LATER)
    assert peer.state_of(partner.node) is PeerState.VERIFIED
    assert (counts(partner.node), waits(partner.node)) == ([OWN], (MITRE,))


def test_verifying_the_fingerprint_again_lets_no_newer_claim_count(two_officers, officer_keys, qn):
    peer.suspend(two_officers, qn.node, "look", officer_keys["amal"], LATER)
    assert counts(qn.node) == [OWN]
    for officer in officer_keys.values():
        peer.verify(two_officers, qn.node, qn.fingerprint, officer, LATER)
    assert (counts(qn.node), waits(qn.node)) == ([OWN], (MITRE,))


def test_the_one_to_whom_it_belongs_is_not_kept_out_by_a_claim_that_waits(two_officers, officer_keys, qn):
    mitre = Partner("mitre.example", "QO", [MITRE]).document()
    verify_node(two_officers, officer_keys, mitre, LATER)
    assert counts(mitre.node) == [MITRE]
    refused = code_of(stix_identity.verify, two_officers, qn.node, MITRE, officer_keys["amal"], LATER)
    assert refused == "peer.stix-of-another"


def test_newer_claim_of_what_another_node_is_refuses_the_card(two_officers, officer_keys, qn):
    qo = Partner("cert.qo.example", "QO").document()
    verify_node(two_officers, officer_keys, qo)
    qo.document(kept={"stix_identities": [OWN]})
    assert code_of(peer.add, two_officers, qo.card, LATER) == "identity.stix-identity-of-another-node"


def test_what_cannot_be_verified_is_refused_before_anybody_signs(two_officers, officer_keys, qn):
    officer = officer_keys["officer"]
    refusals = [
        (qn.node, OWN, "peer.stix-counts"),
        (qn.node, stix_id("identity", "other"), "peer.stix-not-named"),
        ("cert.qz.example", MITRE, "peer.stix-not-verified"),
    ]
    for node, stix, code in refusals:
        assert code_of(stix_identity.check_verify, two_officers, node, stix, officer.kid, LATER) == code
        assert code_of(stix_identity.verify, two_officers, node, stix, officer, LATER) == code


def test_stranger_s_key_and_officer_without_the_role_count_for_nothing(two_officers, officer_keys, qn):
    done = stix_identity.verify(two_officers, qn.node, MITRE, key("stranger"), LATER)
    assert (done.verified_by, done.missing) == ((), 2)


def test_peer_that_an_older_hilf_verified_keeps_what_its_documents_named_then(two_officers, qn):
    with database.transaction():
        database.execute("UPDATE peer SET stix_identities = NULL")
    assert (counts(qn.node), waits(qn.node)) == ([OWN], (MITRE,))


def test_introduced_author_that_squats_on_an_id_keeps_our_import_out_no_more(two_officers, tmp_path):
    squatter = Partner("cert.qp.example", "QP", [MITRE]).document()
    peer.add(two_officers, squatter.card, NOW, introduced_by="cert.qo.example")
    entry = an_indicator(1, created_by_ref=MITRE)
    sent = (entry, proof(entry, squatter.node))
    assert take(two_officers, sent, sender="cert.qo.example")[0].outcome == "applied"
    (squatted,) = read.assertions_of(entry["id"], index_key(two_officers))
    assert squatted.author == squatter.node
    theirs = an_indicator(
        1, created_by_ref=MITRE, name="as MITRE says it", modified="2026-11-24T00:00:00.000Z"
    )
    assert imported(two_officers, tmp_path, "attack", theirs)["accepted"] == 1
