"""Pages about partners: cards, verification by two officers, streams, quotas, suspension."""

import pytest

from hilf.access.role import Role
from hilf.canonical import dumps
from hilf.federation.peer import PeerState
from hilf.node import identity, peer, quota
from hilf.seal.fingerprint import fingerprint_groups
from tests.conftest import PASSPHRASE

QN = "cert.qn.example"


def test_an_empty_list_says_what_to_do_first(console):
    page = console.person(Role.LIAISON).get("/partners/").content.decode()
    assert "No partner yet" in page
    assert "/partners/add/" in page
    assert "/partners/add/" not in console.person(Role.VIEWER).get("/partners/").content.decode()


def test_the_list_filters_and_sorts(allied):
    person = allied.person(Role.VIEWER)
    assert QN in person.get("/partners/?sort=-lag").content.decode()
    assert "Nothing is like this" in person.get("/partners/?q=nobody").content.decode()


def test_our_card_shows_its_fingerprint_and_downloads(console):
    person = console.person(Role.LIAISON)
    fingerprint = identity.own(console.home).fingerprint
    page = person.get("/partners/card/").content.decode()
    assert all(group in page for group in fingerprint_groups(fingerprint).split())
    answer = person.get("/partners/card/file/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer.content == identity.card(identity.own(console.home))


def test_what_is_no_card_is_told_and_what_was_pasted_comes_back(console):
    person = console.person(Role.LIAISON)
    answer = person.post("/partners/add/", {"text": "<script>alert(1)</script>"})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "This is no card" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_two_officers_verify_a_partner_by_what_was_read_to_them(console, qn):
    liaison = console.person(Role.LIAISON)
    taken = liaison.post("/partners/add/", {"text": dumps(qn.card).decode()}, follow=True)
    assert taken.status_code == 200
    assert "Nothing passes until people have verified each other" in taken.content.decode()
    read_out = fingerprint_groups(qn.fingerprint)
    assert read_out not in taken.content.decode()

    first = console.person(Role.LIAISON, officer="officer", stepped_up=True)
    wrong = first.post(
        f"/partners/{qn.node}/verify/", {"fingerprint": "0000 " * 16, "passphrase": PASSPHRASE}
    )
    assert wrong.status_code == 409
    assert "0000" in wrong.content.decode()
    first.post(f"/partners/{qn.node}/verify/", {"fingerprint": read_out, "passphrase": PASSPHRASE})
    assert peer.state_of(qn.node) is PeerState.INTRODUCED
    again = first.post(f"/partners/{qn.node}/verify/", {"fingerprint": read_out, "passphrase": PASSPHRASE})
    assert "peer.already-signed" in again.content.decode()

    second = console.person(Role.LIAISON, officer="amal", stepped_up=True)
    page = second.post(
        f"/partners/{qn.node}/verify/", {"fingerprint": read_out, "passphrase": PASSPHRASE}, follow=True
    )
    assert "is verified" in page.content.decode()
    assert peer.state_of(qn.node) is PeerState.VERIFIED


def test_verifying_asks_for_the_second_factor_again(console, qn):
    person = console.person(Role.LIAISON, officer="officer")
    assert person.get(f"/partners/{qn.node}/verify/").status_code == 302


def test_one_officer_suspends_and_two_take_it_up_again(allied):
    first = allied.person(Role.LIAISON, officer="officer", stepped_up=True)
    nothing = first.post(f"/partners/{QN}/suspend/", {"passphrase": PASSPHRASE})
    assert nothing.status_code == 400
    first.post(f"/partners/{QN}/suspend/", {"reason": "keys may be stolen", "passphrase": PASSPHRASE})
    assert peer.state_of(QN) is PeerState.SUSPENDED
    assert "keys may be stolen" in first.get(f"/partners/{QN}/").content.decode()
    read_out = fingerprint_groups(peer.identity_of(QN).fingerprint)
    for name in ("officer", "amal"):
        person = first if name == "officer" else allied.person(Role.LIAISON, officer=name, stepped_up=True)
        person.post(f"/partners/{QN}/verify/", {"fingerprint": read_out, "passphrase": PASSPHRASE})
    assert peer.state_of(QN) is PeerState.VERIFIED


@pytest.mark.parametrize("part", ["", "receipts/", "refusals/", "refusals/?of=theirs", "quota/"])
def test_every_page_of_a_partner_opens(allied, part):
    assert allied.person(Role.LIAISON).get(f"/partners/{QN}/{part}").status_code == 200


@pytest.mark.parametrize("part", ["", "receipts/", "refusals/", "quota/"])
def test_a_node_that_nobody_knows_is_told_and_no_fault_of_the_server(console, part):
    answer = console.person(Role.LIAISON).get(f"/partners/cert.qz.example/{part}")
    assert answer.status_code == 404
    assert "peer.unknown" in answer.content.decode()


def test_a_quota_is_set_and_left_to_the_settings_again(allied):
    person = allied.person(Role.LIAISON)
    assert person.post(f"/partners/{QN}/quota/", {"acts_per_hour": "-1"}).status_code == 400
    person.post(f"/partners/{QN}/quota/", {"acts_per_hour": "1000"})
    assert quota.kept(allied.home, QN).acts_per_hour == 1000
    person.post(f"/partners/{QN}/quota/", {})
    assert quota.kept(allied.home, QN).acts_per_hour is None


def test_a_failing_partner_is_tried_at_once(allied):
    from hilf.store.federation import peer as peers
    from hilf.store.federation import stream

    person = allied.person(Role.LIAISON)
    allied.use()
    stream.went_wrong(QN, "wire.unreachable", 2**60)
    assert "wire.unreachable" in person.get(f"/partners/{QN}/").content.decode()
    person.post(f"/partners/{QN}/now/")
    assert peers.get(QN).next_try == 0


def test_who_only_reads_changes_nothing(allied):
    person = allied.person(Role.VIEWER)
    page = person.get(f"/partners/{QN}/").content.decode()
    assert not any(f"/{part}/" in page for part in ("now", "seen", "quota", "suspend", "revoke", "verify"))
    for part in ("now", "seen", "quota", "suspend", "revoke", "verify"):
        assert person.post(f"/partners/{QN}/{part}/").status_code == 403
