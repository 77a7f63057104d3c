import pytest

from hilf.store.database import transaction
from hilf.store.federation import peer
from hilf.store.federation.peer import KeptPeer

QN = KeptPeer("cert.qn.example", "introduced", "ab" * 32, "cert.qo.example", 7, None, None, None, None, 0, 0)


@pytest.fixture
def introduced(store):
    with transaction():
        peer.introduce("cert.qn.example", "introduced", "ab" * 32, "cert.qo.example", 7)
        peer.introduce("cert.qm.example", "introduced", "cd" * 32, None, 8)


def test_introduced_peer_is_kept_as_it_was_introduced(introduced):
    assert peer.get("cert.qn.example") == QN
    assert peer.get("cert.qz.example") is None


def test_known_peer_is_not_introduced_again(introduced):
    with transaction():
        peer.introduce("cert.qn.example", "introduced", "ef" * 32, None, 9)
    assert peer.get("cert.qn.example") == QN


def test_peers_are_listed_in_order_of_name(introduced):
    assert [each.node for each in peer.every()] == ["cert.qm.example", "cert.qn.example"]


def test_verified_peer_has_the_time_and_no_reason_against_it(introduced):
    with transaction():
        peer.verify("cert.qn.example", "verified", 10)
        peer.distrust("cert.qn.example", "suspended", "look")
    assert (peer.get("cert.qn.example").state, peer.get("cert.qn.example").reason) == ("suspended", "look")
    with transaction():
        peer.verify("cert.qn.example", "verified", 11)
    kept = peer.get("cert.qn.example")
    assert (kept.state, kept.verified, kept.reason) == ("verified", 11, None)
    assert peer.in_state("verified") == ("cert.qn.example",)
    assert peer.in_state("introduced") == ("cert.qm.example",)


def test_what_counts_as_its_own_and_what_people_saw_is_unknown_until_it_is_put(introduced):
    assert (peer.get("cert.qn.example").stix_identities, peer.get("cert.qn.example").seen) == (None, None)
    with transaction():
        peer.put_stix_identities("cert.qn.example", {"identity--b", "identity--a"})
        peer.put_seen("cert.qn.example", 3)
    kept = peer.get("cert.qn.example")
    assert (kept.stix_identities, kept.seen) == (("identity--a", "identity--b"), 3)
    assert peer.get("cert.qm.example").stix_identities is None
    with transaction():
        peer.put_stix_identities("cert.qn.example", ())
    assert peer.get("cert.qn.example").stix_identities == ()


def test_peer_is_introduced_with_the_number_of_its_newest_document(store):
    with transaction():
        peer.introduce("cert.qo.example", "introduced", "ef" * 32, None, 9, 2)
    assert peer.get("cert.qo.example").seen == 2
