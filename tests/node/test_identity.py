from datetime import timedelta

import pytest

from hilf.canonical import dumps, loads_canonical
from hilf.errors import CallerFault, OperatorFault, Refusal
from hilf.node import identity, proposal
from hilf.node.change import Change, NewOfficer
from hilf.seal.identity import read_card
from hilf.store import database
from tests.conftest import NOW, PASSPHRASE
from tests.homes import Partner


def test_card_file_is_canonical_and_reads_as_the_same_identity(home):
    own = identity.own(home)
    assert read_card(loads_canonical(identity.card(own)), NOW) == own


def test_identity_that_is_not_in_the_database_is_said(home, sqlite_url):
    database.use(sqlite_url)
    with pytest.raises(OperatorFault) as caught:
        identity.own(home)
    assert caught.value.code == "identity.none"


def test_expired_identity_can_still_be_read(home):
    assert identity.own(home).newest.expires < NOW + timedelta(days=366)


def test_node_of_which_nothing_is_held_has_no_identity(home):
    assert identity.kept("cert.qz.example") is None


def test_stix_identities_of_a_document_that_names_none_are_none():
    document = Partner().document(kept={}).newest
    assert identity.stix_identities(document) == ()


def test_officer_signs_in_the_roles_that_the_document_gives(home):
    change = Change(officer=NewOfficer("amal", ("accord",), PASSPHRASE))
    proposal.propose(home, change, home.root_keys, NOW)
    proposal.publish(home, NOW)
    key = identity.signing_officer(home, "amal", PASSPHRASE, "accord")
    assert identity.own(home).newest.officers[key.kid].roles == ("accord",)
    with pytest.raises(Refusal) as caught:
        identity.signing_officer(home, "amal", PASSPHRASE, "verification")
    assert caught.value.code == "identity.officer-role"


def test_officer_whom_no_published_document_names_signs_nothing(home):
    proposal.propose(
        home, Change(officer=NewOfficer("amal", identity.ROLES, PASSPHRASE)), home.root_keys, NOW
    )
    proposed = home.keys / "proposed" / "officers" / "amal.pem"
    proposed.replace(home.keys / "officers" / "amal.pem")
    with pytest.raises(Refusal) as caught:
        identity.signing_officer(home, "amal", PASSPHRASE, "accord")
    assert caught.value.code == "identity.no-officer"


def test_wrong_passphrase_opens_nothing(home):
    with pytest.raises(CallerFault) as caught:
        identity.signing_officer(home, "officer", "another", "accord")
    assert caught.value.code == "seal.passphrase"


def test_only_officer_need_not_be_named_and_one_of_two_must(two_officers):
    assert identity.chosen_officer(two_officers, "amal") == "amal"
    with pytest.raises(CallerFault) as caught:
        identity.chosen_officer(two_officers, None)
    assert caught.value.code == "identity.which-officer"


def test_only_officer_is_the_one_who_signs(home):
    assert identity.chosen_officer(home, None) == "officer"


def test_kept_documents_are_the_bytes_that_were_signed(home):
    from hilf.store.federation import identity as store

    (kept,) = store.chain(home.node)
    assert kept.document == dumps(identity.own(home).newest.body)
