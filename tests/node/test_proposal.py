import shutil
from datetime import timedelta

import orjson
import pytest

from hilf.errors import CallerFault, OperatorFault, Refusal
from hilf.node import identity, peer, proposal
from hilf.node.change import Change, NewOfficer
from hilf.node.home import officers, online_key
from hilf.seal import certificate
from hilf.seal.identity import read_card
from hilf.store import database
from hilf.store.federation import outbox
from tests.conftest import NOW, PASSPHRASE

LATER = NOW + timedelta(days=300)
AMAL = Change(officer=NewOfficer("amal", identity.ROLES, PASSPHRASE))


def changed(home, change, now=NOW):
    proposal.propose(home, change, home.root_keys, now)
    return proposal.publish(home, now)


def code_of(kind, call, *arguments):
    with pytest.raises(kind) as caught:
        call(*arguments)
    return caught.value.code


def test_renewal_is_the_same_document_with_another_year(home):
    before = identity.own(home).newest
    after = changed(home, Change(), LATER).newest
    assert (after.seq, after.prev, after.expires) == (2, before.hash, LATER + timedelta(days=365))
    same = {"seq", "prev", "issued", "expires"}
    assert {k: v for k, v in after.body.items() if k not in same} == {
        k: v for k, v in before.body.items() if k not in same
    }


def test_partner_that_holds_the_old_chain_accepts_the_new_one(home):
    held = [document.body for document in identity.own(home).chain]
    own = changed(home, AMAL)
    assert read_card(identity.own(home).card, NOW, held) == own


def test_new_officer_signs_after_publishing_and_not_before(home):
    proposal.propose(home, AMAL, home.root_keys, NOW)
    assert officers(home) == ("officer",)
    proposal.publish(home, NOW)
    assert officers(home) == ("amal", "officer")
    assert (
        identity.signing_officer(home, "amal", PASSPHRASE, "approval").kid
        in identity.own(home).newest.officers
    )
    assert not (home.path / proposal.FILE).exists()
    assert not (home.keys / "proposed").exists()


def test_root_keys_come_one_after_the_other_on_sticks(home, tmp_path):
    sticks = []
    for number in (1, 2):
        sticks.append(tmp_path / f"stick{number}")
        sticks[-1].mkdir()
        shutil.move(home.root_keys / f"root-{number}.pem", sticks[-1])
    shutil.rmtree(home.root_keys)
    assert proposal.propose(home, AMAL, home.root_keys, NOW).missing.root == 2
    assert proposal.sign(home, sticks[0]).missing.root == 1
    assert code_of(Refusal, proposal.publish, home, NOW) == "identity.not-signed"
    assert identity.own(home).newest.seq == 1
    assert proposal.sign(home, sticks[1]).missing.nothing
    assert proposal.publish(home, NOW).newest.seq == 2


def test_one_root_key_twice_is_one_root_key(home, tmp_path):
    for number in (2, 3):
        (home.root_keys / f"root-{number}.pem").unlink()
    proposal.propose(home, Change(), home.root_keys, NOW)
    assert proposal.sign(home, home.root_keys).missing.root == 1
    assert code_of(Refusal, proposal.publish, home, NOW) == "identity.not-signed"


def test_folder_without_our_root_keys_is_said(home, tmp_path):
    proposal.propose(home, Change(), home.root_keys, NOW)
    shutil.copy(home.keys / "online.pem", tmp_path / "other.pem")
    (tmp_path / "no-key.pem").write_text("no key")
    assert code_of(CallerFault, proposal.sign, home, tmp_path) == "identity.no-root-keys"


def test_one_change_at_a_time(home):
    proposal.propose(home, AMAL, home.root_keys, NOW)
    assert code_of(Refusal, proposal.propose, home, Change(), home.root_keys, NOW) == "identity.proposal-open"


def test_discarded_proposal_leaves_no_key(home):
    proposal.propose(home, AMAL, home.root_keys, NOW)
    assert proposal.discard(home)
    assert not (home.keys / "proposed").exists()
    assert not proposal.discard(home)
    assert code_of(CallerFault, proposal.publish, home, NOW) == "identity.no-proposal"


def test_proposal_that_somebody_edited_is_refused(home):
    progress = proposal.propose(home, Change(), home.root_keys, NOW)
    held = orjson.loads(progress.file.read_bytes())
    held["document"]["policy"]["officers_per_act"] = 1
    progress.file.write_bytes(orjson.dumps(held))
    assert code_of(Refusal, proposal.publish, home, NOW) == "identity.signature"
    assert identity.own(home).newest.seq == 1


@pytest.mark.parametrize("text", ["", "[]", '{"document":{},"signatures":[]}'])
def test_damaged_proposal_is_said(home, text):
    (home.path / proposal.FILE).write_text(text)
    assert code_of(OperatorFault, proposal.publish, home, NOW) == "identity.proposal-damaged"


def test_every_verified_peer_is_told_and_no_other(two_officers, officer_keys, qn):
    peer.add(two_officers, qn.card, NOW)
    changed(two_officers, Change())
    assert outbox.unsent(qn.node, 10) == ()
    for key in officer_keys.values():
        peer.verify(two_officers, qn.node, qn.fingerprint, key, NOW)
    own = changed(two_officers, Change())
    (act,) = outbox.unsent(qn.node, 10)
    assert orjson.loads(act.canonical)["body"] == {"card": own.card}


def test_publish_that_was_cut_off_after_its_transaction_is_finished_by_publishing_again(home):
    progress = proposal.propose(home, Change(revoke="online"), home.root_keys, NOW)
    kept = progress.file.read_bytes(), (home.keys / "proposed" / "online.next.pem").read_bytes()
    old = (home.keys / "online.pem").read_bytes()
    own = proposal.publish(home, NOW)
    progress.file.write_bytes(kept[0])
    (home.keys / "proposed").mkdir()
    (home.keys / "proposed" / "online.next.pem").write_bytes(kept[1])
    (home.keys / "online.pem").write_bytes(old)
    assert proposal.publish(home, NOW) == own
    assert list(own.newest.sign) == [online_key(home).kid]
    assert not progress.file.exists()


def test_revoked_online_key_is_replaced_at_once_and_counts_nowhere(home):
    old = online_key(home).kid
    own = changed(home, Change(revoke="online"))
    assert list(own.newest.sign) == [online_key(home).kid] != [old]
    assert list(own.newest.revoked) == [old]
    assert old not in own.keys_for_old_signatures()


def test_online_key_is_replaced_in_two_documents(home):
    old = online_key(home).kid
    first = changed(home, Change(new_online_key=True))
    assert (len(first.newest.sign), online_key(home).kid) == (2, old)
    second = changed(home, Change(retire=True))
    assert list(second.newest.sign) == [online_key(home).kid] != [old]
    assert old in second.keys_for_old_signatures()
    assert not (home.keys / "online.next.pem").exists()


def test_certificate_is_replaced_in_two_documents(home):
    old = certificate.pin((home.keys / "tls.crt").read_bytes())
    first = changed(home, Change(new_certificate=True))
    assert (len(first.newest.tls_sha256), certificate.pin((home.keys / "tls.crt").read_bytes())) == (2, old)
    second = changed(home, Change(retire=True))
    shown = certificate.pin((home.keys / "tls.crt").read_bytes())
    assert second.newest.tls_sha256 == (shown,)
    assert shown != old


def test_revoked_root_key_is_replaced_by_a_fresh_one_to_carry_away(home):
    lost = identity.own(home).newest.root[0].kid
    own = changed(home, Change(revoke=lost))
    assert (len(own.newest.root), lost in own.newest.revoked) == (3, True)
    assert len(list(home.root_keys.glob("root-*.pem"))) == 4
    (home.root_keys / "root-1.pem").unlink()
    (home.root_keys / "root-2.pem").unlink()
    assert changed(home, Change()).newest.seq == 3


def test_revoked_officer_signs_no_more_and_the_key_file_is_put_aside(two_officers):
    own = changed(two_officers, Change(revoke="amal"))
    assert [officer.name for officer in own.newest.officers.values()] == ["officer"]
    assert len(own.newest.revoked) == 1
    assert officers(two_officers) == ("officer",)


def test_officer_who_leaves_is_not_revoked(two_officers):
    own = changed(two_officers, Change(leaving="amal"))
    assert [officer.name for officer in own.newest.officers.values()] == ["officer"]
    assert own.newest.revoked == {}


def test_gateway_s_address_comes_from_the_settings(home):
    from dataclasses import replace

    moved = replace(home, gateway_url="https://gw.cert.qm.example:8443")
    assert changed(moved, Change()).newest.endpoints == ("https://gw.cert.qm.example:8443",)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (Change(officer=NewOfficer("officer", ("accord",), PASSPHRASE)), "officer.exists"),
        (Change(officer=NewOfficer("../amal", ("accord",), PASSPHRASE)), "officer.name"),
        (Change(officer=NewOfficer("amal", ("king",), PASSPHRASE)), "officer.role"),
        (Change(officer=NewOfficer("amal", ("accord",), "")), "officer.passphrase"),
        (Change(officer=NewOfficer("amal", ("accord",), "eleven char")), "officer.passphrase"),
        (Change(revoke="nobody"), "officer.unknown"),
        (Change(leaving="nobody"), "officer.unknown"),
        (Change(retire=True), "identity.nothing-to-retire"),
    ],
)
def test_change_that_cannot_be_is_refused_and_leaves_nothing(home, change, code):
    assert code_of(CallerFault, proposal.propose, home, change, home.root_keys, NOW) == code
    assert not (home.path / proposal.FILE).exists()
    assert not (home.keys / "proposed").exists()


def test_officers_per_act_and_names_change(home):
    own = changed(home, Change(officers_per_act=1, name={"fr": "CERT de QM"}))
    assert own.newest.officers_per_act == 1
    assert own.newest.name == {"en": "National CERT of QM", "fr": "CERT de QM"}


def test_nothing_is_published_when_the_peers_cannot_be_told(two_officers, officer_keys, qn):
    peer.add(two_officers, qn.card, NOW)
    for key in officer_keys.values():
        peer.verify(two_officers, qn.node, qn.fingerprint, key, NOW)
    proposal.propose(two_officers, Change(), two_officers.root_keys, NOW)
    with database.transaction():
        database.execute("ALTER TABLE act RENAME TO act_away")
    with pytest.raises(OperatorFault):
        proposal.publish(two_officers, NOW)
    assert identity.own(two_officers).newest.seq == 2
    assert (two_officers.path / proposal.FILE).exists()
