import json
import shutil

import pytest
from click.testing import CliRunner

from hilf.cli import face as faces
from hilf.cli.main import hilf
from hilf.node import identity
from hilf.node.home import officer_key, officers
from tests.conftest import PASSPHRASE


@pytest.fixture
def run(home, tmp_path):
    """Runs a command on a new home; officers' passphrases lie in a file."""
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\n")

    def call(*arguments, **more):
        environment = {"HILF_PASSPHRASE_FILE": str(file), "HILF_HOME": str(home.path), **more}
        return CliRunner().invoke(hilf, [str(each) for each in arguments], env=environment)

    return call


def read(answer):
    return json.loads(answer.stdout)


def test_show_names_the_fingerprint_and_the_keys(run, home):
    own = identity.own(home)
    shown = read(run("identity", "show", "--json"))
    assert (shown["node"], shown["identity_sha256"], shown["document"]) == (home.node, own.fingerprint, 1)
    assert (shown["sign"], shown["officers_per_act"]) == (list(own.newest.sign), 2)
    assert run("identity", "show").exit_code == 0


def test_officer_is_added_at_once_while_the_root_keys_are_there(run, home):
    answer = read(run("officer", "add", "amal", "--role", "accord,approval", "--json"))
    assert (answer["published"], answer["document"], answer["missing_root_keys"]) == (True, 2, 0)
    listed = read(run("officer", "list", "--json"))["officers"]
    assert [(each["name"], each["roles"], each["key_here"]) for each in listed] == [
        ("officer", ["accord", "approval", "verification", "retraction"], True),
        ("amal", ["accord", "approval"], True),
    ]


def test_officer_waits_for_root_keys_that_were_carried_away(run, home, tmp_path):
    stick = tmp_path / "stick"
    shutil.move(home.root_keys, stick)
    answer = read(run("officer", "add", "amal", "--json"))
    assert (answer["published"], answer["missing_root_keys"]) == (False, 2)
    assert answer["file"] == str(home.path / "identity-proposal.json")
    early = run("identity", "publish", "--json")
    assert (early.exit_code, read(early)["error"]["code"]) == (1, "identity.not-signed")
    assert read(run("identity", "sign", "--root-keys", stick, "--json"))["missing_root_keys"] == 0
    published = read(run("identity", "publish", "--json"))
    assert (published["document"], published["told"]) == (2, [])
    assert [each["name"] for each in published["officers"]] == ["officer", "amal"]


def test_propose_says_what_is_missing_and_discard_drops_it(run, home, tmp_path):
    (home.root_keys / "root-1.pem").unlink()
    (home.root_keys / "root-2.pem").unlink()
    answer = run("identity", "propose")
    assert answer.stdout.splitlines() == [
        f"Document 2 is proposed in {home.path / 'identity-proposal.json'}.",
        "It lacks 1 more root key: hilf identity sign --root-keys DIR",
    ]
    assert read(run("identity", "propose", "--discard", "--json")) == {"node": home.node, "discarded": True}
    assert not (home.path / "identity-proposal.json").exists()


def test_propose_takes_every_change_that_its_options_name(run, home):
    answer = run("identity", "propose", "--name", "CERT de QM", "--lang", "fr", "--officers-per-act", "1",
                 "--new-online-key", "--new-certificate")  # fmt: skip
    assert answer.exit_code == 0
    run("identity", "publish")
    newest = identity.own(home).newest
    assert (newest.name["fr"], newest.officers_per_act) == ("CERT de QM", 1)
    assert (len(newest.sign), len(newest.tls_sha256)) == (2, 2)
    run("identity", "propose", "--retire")
    run("identity", "publish")
    newest = identity.own(home).newest
    assert (newest.seq, len(newest.sign), len(newest.tls_sha256)) == (3, 1, 1)


def test_revoked_online_key_is_replaced_at_once(run, home):
    (old,) = identity.own(home).newest.sign
    answer = read(run("identity", "revoke", "online", "--json"))
    assert (answer["published"], read(run("identity", "show", "--json"))["revoked"]) == (True, [old])


def test_officer_list_says_how_many_an_act_needs(run):
    assert run("officer", "list").stdout.splitlines()[-1] == "Acts need 2 officers: hilf officer add NAME"


def test_removed_officer_stands_in_the_document_no_more(run, home):
    run("officer", "add", "amal")
    run("identity", "propose", "--remove-officer", "officer", "--keep-valid")
    run("identity", "publish")
    newest = identity.own(home).newest
    assert ([each.name for each in newest.officers.values()], dict(newest.revoked)) == (["amal"], {})


def test_a_document_that_removes_an_officer_may_revoke_the_key_at_once(run, home):
    run("officer", "add", "amal")
    (kid,) = (kid for kid, each in identity.own(home).newest.officers.items() if each.name == "officer")
    run("identity", "propose", "--remove-officer", "officer", "--revoke")
    run("identity", "publish")
    assert list(identity.own(home).newest.revoked) == [kid]


@pytest.mark.parametrize(
    "said",
    [
        ("officer", "remove", "officer"),
        ("officer", "remove", "officer", "--revoke", "--keep-valid"),
        ("identity", "propose", "--remove-officer", "officer"),
        ("identity", "propose", "--remove-officer", "officer", "--revoke", "--keep-valid"),
        ("identity", "propose", "--revoke"),
        ("identity", "propose", "--keep-valid"),
    ],
)
def test_what_becomes_of_the_key_of_who_leaves_has_to_be_said_in_one_word(run, home, said):
    run("officer", "add", "amal")
    before = identity.own(home).newest
    refused = run(*said, "--json")
    assert (refused.exit_code, read(refused)["error"]["code"]) == (2, "officer.revoke-or-keep")
    assert "--revoke" in read(refused)["error"]["remedy"]
    assert "--keep-valid" in read(refused)["error"]["remedy"]
    assert identity.own(home).newest == before


@pytest.fixture
def typed(home, monkeypatch):
    """Runs a command on a terminal on which these lines are typed; the end of them is Ctrl+C."""
    monkeypatch.setattr(faces, "_has_terminal", lambda: True)

    def call(*arguments, lines=()):
        environment = {"HILF_PASSPHRASE_FILE": None, "HILF_HOME": str(home.path)}
        return CliRunner().invoke(
            hilf, [*arguments], env=environment, input="".join(f"{line}\n" for line in lines)
        )

    return call


def test_a_new_passphrase_is_typed_twice(typed, home):
    answer = typed("officer", "add", "amal", "--json", lines=["twelve chars", "twelve chars"])
    assert "passphrase" not in read(answer)
    assert officer_key(home, "amal", "twelve chars")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["a"], "officer.passphrase"),
        ([" " * 12], "officer.passphrase"),
        (["twelve chars", "twelve charz"], "officer.passphrase-differs"),
    ],
)
def test_a_short_or_mistyped_passphrase_makes_no_key(typed, home, lines, code):
    answer = typed("officer", "add", "amal", "--json", lines=lines)
    assert (answer.exit_code, read(answer)["error"]["code"]) == (2, code)
    assert officers(home) == ("officer",)


def test_a_short_passphrase_in_a_file_makes_no_key(run, tmp_path):
    (tmp_path / "passphrase").write_text("a\n")
    answer = run("officer", "add", "amal", "--json")
    assert (answer.exit_code, read(answer)["error"]["code"]) == (2, "officer.passphrase")


def test_enter_alone_has_a_passphrase_made_that_is_shown_once(typed, home):
    made = read(typed("officer", "add", "amal", "--json", lines=[""]))["passphrase"]
    assert len(made.split()) == 6
    assert officer_key(home, "amal", made)
    shown = typed("officer", "add", "basma", lines=[""]).stdout
    told = next(line for line in shown.splitlines() if line.startswith("  Officer basma, passphrase: "))
    assert officer_key(home, "basma", told.removeprefix("  Officer basma, passphrase: "))


def test_ctrl_c_at_a_passphrase_ends_with_3_and_a_sentence(typed, home):
    answer = typed("officer", "add", "amal", "--json")
    assert (answer.exit_code, read(answer)["error"]["code"]) == (3, "face.interrupted")
    assert "Stopped from the keyboard." in answer.stderr.splitlines()
    assert officers(home) == ("officer",)


def test_each_officer_can_have_a_file_of_their_own(run, home, tmp_path):
    own = tmp_path / "own"
    own.write_text("the passphrase of amal-b\n")
    run("officer", "add", "amal-b", HILF_PASSPHRASE_FILE_AMAL_B=str(own))
    assert officer_key(home, "amal-b", "the passphrase of amal-b")
    run("officer", "add", "basma", HILF_PASSPHRASE_FILE_AMAL_B=str(own))
    assert officer_key(home, "basma", PASSPHRASE)
    gone = run("officer", "add", "nour", "--json", HILF_PASSPHRASE_FILE_NOUR=str(tmp_path / "gone"))
    assert (gone.exit_code, read(gone)["error"]["code"]) == (3, "face.passphrase-file")
    assert "HILF_PASSPHRASE_FILE_NOUR" in read(gone)["error"]["why"]


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ("identity", "show"),
        ("identity", "propose"),
        ("identity", "sign"),
        ("identity", "publish"),
        ("identity", "revoke"),
        ("officer", "add"),
        ("officer", "list"),
    ],
)
def test_every_command_shows_an_example_in_its_help(group, name):
    answer = CliRunner().invoke(hilf, [group, name, "--help"])
    assert (answer.exit_code, f"Example:\n    hilf {group} {name}" in answer.stdout) == (0, True)


def test_officer_is_removed_and_signs_nothing_new(run, home):
    run("officer", "add", "amal")
    answer = read(run("officer", "remove", "amal", "--keep-valid", "--json"))
    assert (answer["published"], answer["document"]) == (True, 3)
    assert [each["name"] for each in read(run("officer", "list", "--json"))["officers"]] == ["officer"]
    assert officers(home) == ("officer",)
    unknown = run("officer", "remove", "amal", "--keep-valid", "--json")
    assert (unknown.exit_code, read(unknown)["error"]["code"]) == (2, "officer.unknown")


def test_key_of_who_leaves_is_revoked_at_once_or_later_and_nothing_is_said_of_it_else(run, home):
    run("officer", "add", "amal")
    run("officer", "add", "badr")
    kids = {each.name: kid for kid, each in identity.own(home).newest.officers.items()}
    told = run("officer", "remove", "amal", "--revoke")
    assert "Warning" not in told.stdout
    assert list(identity.own(home).newest.revoked) == [kids["amal"]]
    told = run("officer", "remove", "badr", "--keep-valid")
    assert "Unless every copy of it is destroyed: hilf identity revoke badr" in told.stdout
    assert list(identity.own(home).newest.revoked) == [kids["amal"]]
    assert read(run("identity", "revoke", "badr", "--json"))["published"]
    newest = identity.own(home).newest
    assert sorted(newest.revoked) == sorted([kids["amal"], kids["badr"]])
    assert [each.name for each in newest.officers.values()] == ["officer"]
    again = run("identity", "revoke", "badr", "--json")
    assert read(again)["error"]["code"] == "officer.unknown"


def test_former_online_key_is_revoked_by_its_kid_and_the_one_in_use_stays(run, home):
    (old,) = identity.own(home).newest.sign
    for step in (("propose", "--new-online-key"), ("publish",), ("propose", "--retire"), ("publish",)):
        run("identity", *step)
    (used,) = identity.own(home).newest.sign
    run("identity", "revoke", old)
    newest = identity.own(home).newest
    assert (list(newest.sign), list(newest.revoked), used != old) == ([used], [old], True)


def test_holders_of_root_keys_sign_copies_without_a_home(run, home, tmp_path):
    sticks = [tmp_path / "one", tmp_path / "two"]
    for number, stick in enumerate(sticks, 1):
        stick.mkdir()
        shutil.move(home.root_keys / f"root-{number}.pem", stick)
    shutil.rmtree(home.root_keys)
    run("identity", "propose", "--officers-per-act", "1")
    copies = [shutil.copy(home.path / "identity-proposal.json", stick) for stick in sticks]
    nowhere = {"HILF_HOME": str(tmp_path / "nowhere")}
    signed = run("identity", "sign", "--file", copies[0], "--root-keys", sticks[0], **nowhere)
    assert (
        "  ! an act needs 1 officer from now on, before: 2; what was proposed before needs 2" in signed.stdout
    )
    told = read(run("identity", "sign", "--file", copies[1], "--root-keys", sticks[1], "--json", **nowhere))
    assert (told["changes"][0]["change"], len(told["signed_with"])) == ("officers-per-act-lowered", 1)
    assert run("identity", "sign", "--file", copies[1]).exit_code == 2
    assert read(run("identity", "sign", "--from", copies[0], "--json"))["missing_root_keys"] == 1
    assert read(run("identity", "sign", "--from", copies[1], "--json"))["missing_root_keys"] == 0
    assert read(run("identity", "publish", "--json"))["officers_per_act"] == 1


def test_root_key_is_made_where_it_stays_and_takes_the_place_of_another(run, home, tmp_path):
    nowhere = {"HILF_HOME": str(tmp_path / "nowhere")}
    made = read(run("identity", "root-key", "--out", tmp_path / "holder", "--json", **nowhere))
    old = identity.own(home).newest.root[0].kid
    answer = read(
        run("identity", "propose", "--add-root-key", made["public"], "--drop-root-key", old, "--json")
    )
    assert (answer["missing_root_keys"], answer["missing_new_keys"]) == (0, [made["kid"]])
    run("identity", "sign", "--root-keys", tmp_path / "holder")
    assert made["kid"] in read(run("identity", "publish", "--json"))["root"]["keys"]


def test_identity_object_of_an_organisation_is_added_and_dropped(run, home):
    organisation = "identity--8c2f6a3e-0000-4000-8000-000000000001"
    for option, expected in (("--add-stix-identity", True), ("--drop-stix-identity", False)):
        run("identity", "propose", option, organisation)
        published = read(run("identity", "publish", "--json"))
        assert (organisation in published["stix_identities"]) is expected
