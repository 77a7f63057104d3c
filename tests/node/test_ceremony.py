"""Root keys in several hands: signed elsewhere, by file, and rotated without ever being in one place."""

import shutil

import orjson
import pytest

from hilf.errors import CallerFault, Refusal
from hilf.node import ceremony, identity, proposal
from hilf.node.change import Change
from hilf.seal.identity import read_card
from tests.conftest import NOW


@pytest.fixture
def sticks(home, tmp_path):
    """The three root keys of the node, each on a stick of its own, none in the home."""
    folders = []
    for number in (1, 2, 3):
        folder = tmp_path / f"stick{number}"
        folder.mkdir()
        shutil.move(home.root_keys / f"root-{number}.pem", folder)
        folders.append(folder)
    return folders


def proposed(home, change=None):
    return proposal.propose(home, change or Change(officers_per_act=1), home.root_keys, NOW)


def copy(progress, folder):
    return type(progress.file)(shutil.copy(progress.file, folder / "identity-proposal.json"))


def test_holders_sign_copies_on_their_own_machines_and_the_node_brings_them_together(home, sticks):
    progress = proposed(home)
    first, second = copy(progress, sticks[0]), copy(progress, sticks[1])
    signed = ceremony.sign_elsewhere(first, sticks[0])
    assert (signed.progress.missing.root, len(signed.kids)) == (1, 1)
    assert [change.word for change in signed.changes] == ["officers-per-act-lowered"]
    ceremony.sign_elsewhere(second, sticks[1])
    assert ceremony.bring_back(home, first).missing.root == 1
    assert ceremony.bring_back(home, first).missing.root == 1
    assert ceremony.bring_back(home, second).missing.nothing
    assert proposal.publish(home, NOW).newest.officers_per_act == 1


def test_one_copy_goes_from_holder_to_holder(home, sticks):
    file = copy(proposed(home), sticks[0])
    ceremony.sign_elsewhere(file, sticks[0])
    assert ceremony.sign_elsewhere(file, sticks[2]).progress.missing.nothing
    assert ceremony.bring_back(home, file).missing.nothing


def test_signatures_of_strangers_and_broken_ones_are_left_out(home, sticks):
    file = copy(proposed(home), sticks[0])
    ceremony.sign_elsewhere(file, sticks[0])
    held = orjson.loads(file.read_bytes())
    broken = {**held["signatures"][0], "kid": identity.own(home).newest.root[1].kid}
    held["signatures"] += [broken, {"kid": "ab" * 16, "value": "AA"}, {"value": "no kid"}]
    file.write_bytes(orjson.dumps(held))
    assert ceremony.bring_back(home, file).missing.root == 1


def test_another_document_is_not_brought_back(home, sticks):
    file = copy(proposed(home), sticks[0])
    proposal.discard(home)
    proposed(home, Change(name={"fr": "CERT"}))
    with pytest.raises(Refusal) as caught:
        ceremony.bring_back(home, file)
    assert caught.value.code == "identity.other-proposal"


def test_document_that_does_not_follow_the_one_shown_is_not_signed(home, sticks):
    file = copy(proposed(home), sticks[0])
    held = orjson.loads(file.read_bytes())
    held["before"]["policy"]["officers_per_act"] = 1  # so that nothing would be shown
    file.write_bytes(orjson.dumps(held))
    before = file.read_bytes()
    with pytest.raises(Refusal) as caught:
        ceremony.sign_elsewhere(file, sticks[0])
    assert (caught.value.code, file.read_bytes()) == ("identity.does-not-follow", before)


def test_files_that_are_none_are_said(home, sticks, tmp_path):
    file = tmp_path / "x.json"
    for text in ("", "[]", "{}", '{"document":{},"signatures":[]}'):
        file.write_text(text)
        with pytest.raises(CallerFault) as caught:
            ceremony.sign_elsewhere(file, sticks[0])
        assert caught.value.code == "identity.proposal-file"
    with pytest.raises(CallerFault) as caught:
        ceremony.bring_back(home, file)
    assert caught.value.code == "identity.no-proposal"
    copied = copy(proposed(home), sticks[0])
    with pytest.raises(CallerFault) as caught:
        ceremony.sign_elsewhere(copied, tmp_path)
    assert caught.value.code == "identity.no-root-keys"


def test_root_key_is_replaced_by_one_that_its_holder_made_and_never_gave_away(home, sticks, tmp_path):
    kid, kept, given = ceremony.make_root_key(tmp_path / "holder")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert set(orjson.loads(given.read_bytes())) == {"kid", "alg", "pub"}
    old = identity.own(home).newest.root[2].kid
    change = Change(added_root_keys=ceremony.read_root_keys([given]), dropped_root_keys=(old,))
    progress = proposed(home, change)
    assert (progress.missing.root_before, progress.missing.possession) == (2, (kid,))
    for folder in (kept.parent, *sticks[:2]):
        file = copy(progress, folder)
        ceremony.sign_elsewhere(file, folder)
        progress = ceremony.bring_back(home, file)
    held = [document.body for document in identity.own(home).chain]
    own = proposal.publish(home, NOW)
    assert {key.kid for key in own.newest.root} >= {kid}
    assert old not in {key.kid for key in own.newest.root}
    assert old not in own.newest.revoked
    assert read_card(own.card, NOW, held) == own


def test_dropped_root_key_signs_the_document_that_drops_it_and_no_later_one(home, sticks):
    old = identity.own(home).newest.root[2].kid
    progress = proposed(home, Change(dropped_root_keys=(old,), root_threshold=2))
    file = copy(progress, sticks[2])
    ceremony.sign_elsewhere(file, sticks[2])
    assert ceremony.bring_back(home, file).missing.root == 2
    for folder in sticks[:2]:
        proposal.sign(home, folder)
    proposal.publish(home, NOW)
    progress = proposed(home, Change())
    with pytest.raises(CallerFault) as caught:
        ceremony.sign_elsewhere(copy(progress, sticks[2]), sticks[2])
    assert caught.value.code == "identity.no-root-keys"


def test_threshold_is_raised_and_cannot_be_more_than_there_are_keys(home, sticks):
    with pytest.raises(CallerFault) as caught:
        proposed(home, Change(root_threshold=4))
    assert caught.value.code == "identity.threshold-out-of-range"
    progress = proposed(home, Change(root_threshold=3))
    assert (progress.missing.root, progress.missing.root_before) == (3, 2)


def test_fresh_root_key_is_made_here_and_carried_away_after_publishing(home):
    proposal.propose(home, Change(new_root_keys=1), home.root_keys, NOW)
    own = proposal.publish(home, NOW)
    assert (len(own.newest.root), len(list(home.root_keys.glob("root-*.pem")))) == (4, 4)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (Change(dropped_root_keys=("ab" * 16,)), "identity.unknown-root-key"),
        (
            Change(stix_removed=("identity--8c2f6a3e-0000-4000-8000-000000000001",)),
            "identity.unknown-stix-identity",
        ),
        (Change(stix_added=("MITRE",)), "identity.stix-identity-form"),
    ],
)
def test_change_of_what_is_not_there_is_refused(home, change, code):
    with pytest.raises(CallerFault) as caught:
        proposed(home, change)
    assert (caught.value.code, (home.path / proposal.FILE).exists()) == (code, False)


def test_organisation_s_identity_object_is_named_and_named_no_more(home):
    organisation = "identity--8C2F6A3E-0000-4000-8000-000000000001"
    before = identity.own(home).newest.stix_identities
    proposal.propose(home, Change(stix_added=(organisation, organisation)), home.root_keys, NOW)
    assert proposal.publish(home, NOW).newest.stix_identities == (*before, organisation.lower())
    proposal.propose(home, Change(stix_removed=(organisation,)), home.root_keys, NOW)
    assert proposal.publish(home, NOW).newest.stix_identities == before


def test_public_root_key_that_is_none_is_said(tmp_path):
    file = tmp_path / "x.json"
    for text in ("", "[]", '{"kid":"x","alg":"ed25519","pub":"AA"}'):
        file.write_text(text)
        with pytest.raises(CallerFault) as caught:
            ceremony.read_root_keys([file])
        assert caught.value.code == "identity.root-key-file"
