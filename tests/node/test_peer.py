from dataclasses import replace
from datetime import timedelta

import pytest

from hilf.canonical import loads
from hilf.errors import CallerFault, PartnerFault, Refusal
from hilf.federation.peer import PeerState
from hilf.node import identity, peer, peer_list
from hilf.node.home import online_key
from hilf.seal.fingerprint import fingerprint_groups, fingerprint_words
from hilf.store import database
from hilf.store.federation import evidence, record
from hilf.store.federation import peer as peers
from tests.conftest import NOW
from tests.homes import Partner, key


def refusal(call, *arguments):
    with pytest.raises(Refusal) as caught:
        call(*arguments)
    return caught.value


def test_card_of_an_unknown_node_introduces_it_and_nothing_more(home, qn):
    assert peer.state_of(qn.node) is PeerState.UNKNOWN
    added = peer.add(home, qn.card, NOW)
    assert (added.node, added.fingerprint) == (qn.node, qn.fingerprint)
    assert (peer.state_of(qn.node), peer.verified(home)) == (PeerState.INTRODUCED, ())
    assert peer.identity_of(qn.node) == added


def test_newer_card_brings_the_newer_documents_and_keeps_the_fingerprint(home, qn):
    peer.add(home, qn.card, NOW)
    qn.document("online 2")
    assert [document.seq for document in peer.add(home, qn.card, NOW).chain] == [1, 2]
    assert list(peer.keys(qn.node, NOW)) == [key(f"{qn.node} online 2").kid]
    assert peer.identity_of(qn.node).fingerprint == qn.fingerprint


def test_same_card_again_changes_nothing(home, qn):
    peer.add(home, qn.card, NOW)
    peer.add(home, qn.card, NOW)
    assert len(peer.identity_of(qn.node).chain) == 1


def test_older_card_is_refused_and_what_is_held_stays(home, qn):
    older = qn.card
    qn.document("online 2")
    peer.add(home, qn.card, NOW)
    assert refusal(peer.add, home, older, NOW).code == "identity.not-what-is-held"
    assert len(peer.identity_of(qn.node).chain) == 2


def test_fork_of_a_known_chain_is_refused_and_kept_as_evidence(home):
    first = Partner().document()
    fork = replace(first, chain=list(first.chain))
    first.document("online 2")
    fork.document("online 3")
    peer.add(home, first.card, NOW)
    assert refusal(peer.add, home, fork.card, NOW).code == "identity.two-faces"
    assert refusal(peer.add, home, fork.card, NOW).code == "identity.two-faces"
    (kept,) = evidence.about(first.node)
    proof = loads(kept.body)
    assert (kept.rule, proof["held"], proof["shown"]) == (
        "identity: two faces",
        first.card["chain"][1],
        fork.card["chain"][1],
    )
    assert list(peer.keys(first.node, NOW)) == [key(f"{first.node} online 2").kid]


def test_card_with_a_key_of_another_known_node_is_refused(home, qn):
    peer.add(home, qn.card, NOW)
    other = Partner("cert.qo.example", "QO").document(online=key(f"{qn.node} online 1"))
    assert refusal(peer.add, home, other.card, NOW).code == "identity.key-of-another-node"
    assert peer.state_of("cert.qo.example") is PeerState.UNKNOWN


def test_card_with_a_key_of_ours_is_refused(home):
    other = Partner().document(online=online_key(home))
    assert refusal(peer.add, home, other.card, NOW).code == "identity.key-of-another-node"


@pytest.mark.parametrize("place", ["ours", "another's"])
def test_card_that_claims_another_node_s_stix_identity_is_refused(home, place):
    ids = list(identity.stix_identities(identity.own(home).newest))
    if place == "another's":
        ids = ["identity--8c2f6a3e-0000-4000-8000-000000000001"]
        peer.add(home, Partner("cert.qo.example", "QO", ids).document().card, NOW)
    claims = Partner(stix_identities=ids).document()
    assert refusal(peer.add, home, claims.card, NOW).code == "identity.stix-identity-of-another-node"
    assert peer.state_of(claims.node) is PeerState.UNKNOWN


def test_card_with_stix_identities_of_another_form_is_refused(home):
    assert (
        refusal(peer.add, home, Partner(stix_identities=[7]).document().card, NOW).code
        == "identity.stix-identities"
    )


def test_our_own_card_is_refused(home):
    assert refusal(peer.add, home, identity.own(home).card, NOW).code == "peer.ourselves"


@pytest.mark.parametrize("card", [None, [], {}, {"chain": []}, {"chain": [{"document": {"node": 7}}]}])
def test_what_is_no_card_is_refused_with_what_to_do(home, card):
    refused = refusal(peer.add, home, card, NOW)
    assert (refused.code, refused.remedy) == (
        "card.members",
        "Give the file that hilf peer card wrote, unchanged.",
    )


def test_expired_card_is_refused(home, qn):
    assert refusal(peer.add, home, qn.card, NOW + timedelta(days=366)).code == "identity.expired"


def test_keys_of_an_expired_identity_count_no_longer(home, qn):
    peer.add(home, qn.card, NOW)
    assert list(peer.keys(qn.node, NOW + timedelta(days=365))) == [key(f"{qn.node} online 1").kid]
    with pytest.raises(PartnerFault) as caught:
        peer.keys(qn.node, NOW + timedelta(days=365, seconds=1))
    assert caught.value.rule == "identity: expired"


def test_unknown_node_has_no_keys(home):
    assert peer.keys("cert.qz.example", NOW) == {}


def test_two_officers_verify_a_peer_and_one_does_not(two_officers, officer_keys, qn):
    peer.add(two_officers, qn.card, NOW)
    first = peer.verify(two_officers, qn.node, qn.fingerprint, officer_keys["officer"], NOW)
    assert first == peer.Verification(qn.node, PeerState.INTRODUCED, ("officer",), 1)
    assert peer.verified(two_officers) == ()
    second = peer.verify(two_officers, qn.node, qn.fingerprint, officer_keys["amal"], NOW)
    assert (second.state, sorted(second.verified_by), second.missing) == (
        PeerState.VERIFIED,
        ["amal", "officer"],
        0,
    )
    assert peer.verified(two_officers) == (qn.node,)


def test_same_officer_twice_is_one_officer(two_officers, officer_keys, qn):
    peer.add(two_officers, qn.card, NOW)
    peer.verify(two_officers, qn.node, qn.fingerprint, officer_keys["officer"], NOW)
    again = refusal(peer.verify, two_officers, qn.node, qn.fingerprint, officer_keys["officer"], NOW)
    assert (again.code, peer.state_of(qn.node)) == ("peer.already-signed", PeerState.INTRODUCED)


def test_verification_of_a_stranger_s_key_does_not_count(two_officers, officer_keys, qn):
    peer.add(two_officers, qn.card, NOW)
    peer.verify(two_officers, qn.node, qn.fingerprint, officer_keys["officer"], NOW)
    stranger = peer.verify(two_officers, qn.node, qn.fingerprint, key("stranger"), NOW)
    assert stranger == peer.Verification(qn.node, PeerState.INTRODUCED, ("officer",), 1)


def test_first_verification_waits_thirty_days_for_the_second(two_officers, officer_keys, qn):
    peer.add(two_officers, qn.card, NOW)
    peer.verify(two_officers, qn.node, qn.fingerprint, officer_keys["officer"], NOW)
    late = NOW + timedelta(days=30, seconds=1)
    second = peer.verify(two_officers, qn.node, qn.fingerprint, officer_keys["amal"], late)
    assert second == peer.Verification(qn.node, PeerState.INTRODUCED, ("amal",), 1)


def test_record_that_was_changed_in_the_database_does_not_count(two_officers, officer_keys, qn):
    peer.add(two_officers, qn.card, NOW)
    peer.verify(two_officers, qn.node, qn.fingerprint, officer_keys["officer"], NOW)
    (kept,) = record.about("verification", qn.fingerprint)
    changed = kept.replace("2026-12-24", "2027-12-24")
    assert changed != kept
    with database.transaction():
        record.put("verification", qn.fingerprint, officer_keys["officer"].kid, changed)
    second = peer.verify(two_officers, qn.node, qn.fingerprint, officer_keys["amal"], NOW)
    assert second == peer.Verification(qn.node, PeerState.INTRODUCED, ("amal",), 1)


def test_wrong_fingerprint_is_refused_and_the_right_one_is_not_told(two_officers, officer_keys, qn):
    peer.add(two_officers, qn.card, NOW)
    right = fingerprint_groups(qn.fingerprint).split()
    wrong = [right[0], "0000" if right[1] != "0000" else "ffff", *right[2:]]
    refused = refusal(peer.verify, two_officers, qn.node, " ".join(wrong), officer_keys["officer"], NOW)
    assert (refused.code, refused.what) == (
        "peer.fingerprint",
        (f"That is not the fingerprint of {qn.node}.\n  typed: {' '.join(wrong)}\n  groups that differ: 2"),
    )
    assert record.about("verification", qn.fingerprint) == ()


def test_wrong_words_are_named_by_their_numbers(two_officers, officer_keys, qn):
    peer.add(two_officers, qn.card, NOW)
    wrong = ["nonsense", *fingerprint_words(qn.fingerprint).split()[1:-1], "nonsense"]
    refused = refusal(peer.verify, two_officers, qn.node, " ".join(wrong), officer_keys["officer"], NOW)
    assert refused.what.splitlines()[2] == "  words that differ: 1, 24"
    assert fingerprint_words(qn.fingerprint).split()[0] not in refused.what.split()


@pytest.mark.parametrize(
    ("typed", "what"),
    [
        ("zoo zoo", "2 words; a fingerprint has 24."),
        ("b313…", "1 word; a fingerprint has 24."),
        ("b313 c749", "8 hex digits; a fingerprint has 64."),
        ("", "0 hex digits; a fingerprint has 64."),
    ],
)
def test_a_part_of_a_fingerprint_is_no_fingerprint(two_officers, officer_keys, qn, typed, what):
    peer.add(two_officers, qn.card, NOW)
    with pytest.raises(CallerFault) as caught:
        peer.verify(two_officers, qn.node, typed, officer_keys["officer"], NOW)
    assert (caught.value.code, caught.value.what) == ("peer.fingerprint-form", what)


@pytest.mark.parametrize("form", [fingerprint_groups, fingerprint_words, str.upper])
def test_fingerprint_is_taken_in_every_form_that_people_read_out(two_officers, officer_keys, qn, form):
    peer.add(two_officers, qn.card, NOW)
    done = peer.verify(two_officers, qn.node, form(qn.fingerprint), officer_keys["officer"], NOW)
    assert done.verified_by == ("officer",)


def test_node_without_a_card_cannot_be_verified(two_officers, officer_keys):
    refused = refusal(peer.verify, two_officers, "cert.qz.example", "0" * 64, officer_keys["officer"], NOW)
    assert refused.code == "peer.unknown"


def test_expired_peer_cannot_be_verified(two_officers, officer_keys, qn):
    peer.add(two_officers, qn.card, NOW)
    late = NOW + timedelta(days=366)
    refused = refusal(peer.verify, two_officers, qn.node, qn.fingerprint, officer_keys["officer"], late)
    assert refused.code == "peer.identity-expired"


def verified(home, keys, partner):
    peer.add(home, partner.card, NOW)
    for officer in keys.values():
        peer.verify(home, partner.node, partner.fingerprint, officer, NOW)


def test_one_officer_suspends_at_once(two_officers, officer_keys, qn):
    verified(two_officers, officer_keys, qn)
    peer.suspend(two_officers, qn.node, "keys may be stolen", officer_keys["amal"], NOW)
    assert (peer.state_of(qn.node), peer.verified(two_officers)) == (PeerState.SUSPENDED, ())
    (listed,) = peer_list.listed(two_officers, NOW)
    assert (listed.reason, listed.verified_by) == ("keys may be stolen", ())


def test_suspended_peer_is_taken_up_again_by_two_new_verifications(two_officers, officer_keys, qn):
    verified(two_officers, officer_keys, qn)
    peer.suspend(two_officers, qn.node, "look", officer_keys["amal"], NOW)
    first = peer.verify(two_officers, qn.node, qn.fingerprint, officer_keys["amal"], NOW)
    assert (first.state, first.missing) == (PeerState.SUSPENDED, 1)
    second = peer.verify(two_officers, qn.node, qn.fingerprint, officer_keys["officer"], NOW)
    assert (second.state, peer_list.listed(two_officers, NOW)[0].reason) == (PeerState.VERIFIED, None)


def test_peer_that_is_not_verified_cannot_be_suspended(two_officers, officer_keys, qn):
    peer.add(two_officers, qn.card, NOW)
    refused = refusal(peer.suspend, two_officers, qn.node, "look", officer_keys["amal"], NOW)
    assert (refused.code, record.about("suspension", qn.fingerprint)) == ("peer.transition", ())


def test_refresh_takes_newer_documents_of_a_verified_peer_and_keeps_it_verified(
    two_officers, officer_keys, qn
):
    verified(two_officers, officer_keys, qn)
    qn.document("online 2")
    with database.transaction():
        assert peer.refresh(two_officers, qn.node, qn.card, NOW)
        assert not peer.refresh(two_officers, qn.node, qn.card, NOW)
    assert list(peer.keys(qn.node, NOW)) == [key(f"{qn.node} online 2").kid]
    assert peer.state_of(qn.node) is PeerState.VERIFIED


def test_refresh_refuses_the_card_of_another_node(home, qn):
    peer.add(home, qn.card, NOW)
    other = Partner("cert.qo.example", "QO").document()
    assert refusal(peer.refresh, home, qn.node, other.card, NOW).code == "peer.other-node"
    assert peer.state_of("cert.qo.example") is PeerState.UNKNOWN


def test_listed_peer_shows_what_people_ask_first(home, qn):
    peer.add(home, qn.card, NOW)
    (listed,) = peer_list.listed(home, NOW)
    assert listed == peer_list.Listed(
        node="cert.qn.example",
        name="CERT of QN",
        country="QN",
        state=PeerState.INTRODUCED,
        fingerprint=qn.fingerprint,
        verified_by=(),
        waiting=0,
        lag_s=0,
        last_receipt=None,
        failures=0,
        last_error=None,
        reason=None,
        expires=NOW + timedelta(days=365),
        officers_per_act=1,
    )


@pytest.fixture
def revoked(two_officers, officer_keys, qn):
    """A node with a peer that was revoked."""
    verified(two_officers, officer_keys, qn)
    with database.transaction():
        peers.distrust(qn.node, PeerState.REVOKED, "it is another's now")
    return two_officers


def test_nothing_is_taken_from_a_revoked_peer(revoked, qn):
    qn.document("online 2")
    assert refusal(peer.add, revoked, qn.card, NOW).code == "peer.transition"
    assert len(peer.identity_of(qn.node).chain) == 1


def test_revoked_peer_is_never_verified_again(revoked, officer_keys, qn):
    refused = refusal(peer.verify, revoked, qn.node, qn.fingerprint, officer_keys["officer"], NOW)
    assert (refused.code, peer.state_of(qn.node)) == ("peer.transition", PeerState.REVOKED)
