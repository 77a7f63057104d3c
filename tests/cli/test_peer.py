import json

import pytest
from click.testing import CliRunner

from hilf.canonical import dumps
from hilf.cli.face import Face
from hilf.cli.main import hilf
from hilf.node import identity, peer
from hilf.seal.fingerprint import fingerprint_groups, fingerprint_words
from tests.conftest import NOW, PASSPHRASE


@pytest.fixture
def run(two_officers, tmp_path):
    """Runs a command on a home with two officers, whose passphrase lies in a file."""
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\n")

    def call(*arguments):
        environment = {"HILF_PASSPHRASE_FILE": str(file), "HILF_HOME": str(two_officers.path)}
        return CliRunner().invoke(hilf, [str(each) for each in arguments], env=environment)

    return call


@pytest.fixture
def card_file(qn, tmp_path):
    path = tmp_path / "qn.json"
    path.write_bytes(dumps(qn.card))
    return path


def code_of(answer):
    return json.loads(answer.stdout)["error"]["code"]


def test_card_on_standard_output_is_the_card_and_nothing_else(run, two_officers):
    answer = run("peer", "card")
    assert (answer.exit_code, json.loads(answer.stdout)) == (0, identity.own(two_officers).card)


def test_card_goes_to_a_file_with_the_fingerprint_to_read_out(run, two_officers, tmp_path):
    out = tmp_path / "card.json"
    answer = run("peer", "card", "--out", out)
    fingerprint = identity.own(two_officers).fingerprint
    assert out.read_bytes() == identity.card(identity.own(two_officers))
    assert answer.stdout.splitlines()[-2:] == [
        f"  {fingerprint_groups(fingerprint)}",
        f"  {fingerprint_words(fingerprint)}",
    ]


def test_card_that_cannot_be_written_ends_with_3(run, tmp_path):
    answer = run("peer", "card", "--out", tmp_path / "nowhere" / "card.json", "--json")
    assert (answer.exit_code, code_of(answer)) == (3, "peer.card-file")


def test_added_card_is_introduced(run, card_file, qn):
    answer = run("peer", "add", card_file, "--json")
    assert (answer.exit_code, json.loads(answer.stdout)) == (
        0,
        {
            "node": qn.node,
            "state": "introduced",
            "identity_sha256": qn.fingerprint,
            "documents": 1,
            "country": "QN",
            "officers_per_act": 1,
        },
    )


def test_card_that_a_person_laid_out_is_still_the_card(run, qn, tmp_path):
    path = tmp_path / "pretty.json"
    path.write_text(json.dumps(qn.card, indent=2))
    assert run("peer", "add", path).exit_code == 0
    assert peer.identity_of(qn.node).fingerprint == qn.fingerprint


@pytest.mark.parametrize(
    ("data", "exit_code", "code"),
    [
        (b"", 2, "peer.card-file"),
        (b"{", 1, "json.expecting-property-name-enclosed-in-double-quotes"),
        (b'{"v":1,"v":1}', 1, "json.duplicate-name"),
        (b"[" * 1_000_000, 1, "json.depth"),
        (b"{}", 1, "card.members"),
        (b" " * (8 * 1024 * 1024 + 1), 2, "peer.card-file"),
    ],
)
def test_what_is_no_card_is_refused_with_a_code(run, tmp_path, data, exit_code, code):
    path = tmp_path / "card.json"
    path.write_bytes(data)
    answer = run("peer", "add", path, "--json")
    assert (answer.exit_code, code_of(answer)) == (exit_code, code)


def test_what_is_no_json_is_named_with_its_file(run, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0")
    assert run("peer", "add", path).stderr.startswith(f"{path} is no card: ")


def test_card_that_is_not_there_ends_with_2(run, tmp_path):
    answer = run("peer", "add", tmp_path / "nowhere.json", "--json")
    assert (answer.exit_code, code_of(answer)) == (2, "peer.card-file")


def test_two_officers_verify_a_partner_from_the_command_line(run, card_file, qn):
    run("peer", "add", card_file)
    verify = ("peer", "verify", qn.node, "--fingerprint", fingerprint_words(qn.fingerprint), "--as")
    first = run(*verify, "officer")
    assert (first.exit_code, first.stdout) == (
        0,
        (
            f"{qn.node} is introduced; one more officer must repeat: "
            f"hilf peer verify {qn.node} --fingerprint … --as OFFICER\n"
        ),
    )
    second = run(*verify, "amal", "--json")
    document = json.loads(second.stdout)
    assert (document["state"], sorted(document["verified_by"]), document["missing"]) == (
        "verified",
        ["amal", "officer"],
        0,
    )


def test_wrong_fingerprint_ends_with_1_and_never_shows_the_right_one(run, card_file, qn):
    added = run("peer", "add", card_file)
    answer = run("peer", "verify", qn.node, "--fingerprint", "ab" * 32, "--as", "officer")
    assert answer.exit_code == 1
    assert answer.stderr.splitlines()[1:3] == [
        f"  typed: {fingerprint_groups('ab' * 32)}",
        "  groups that differ: all 16",
    ]
    shown = added.output + answer.output + run("peer", "list").output + run("peer", "show", qn.node).output
    for right in (qn.fingerprint, fingerprint_groups(qn.fingerprint), fingerprint_words(qn.fingerprint)):
        assert right not in shown


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (
            ("peer", "verify", "cert.nope.example", "--fingerprint", "ab" * 32, "--as", "officer"),
            "peer.unknown",
        ),
        (("peer", "suspend", "cert.nope.example", "--reason", "x", "--as", "officer"), "peer.unknown"),
        (
            ("peer", "verify", "cert.qn.example", "--fingerprint", "ab", "--as", "nobody"),
            "home.no-such-officer",
        ),
        (
            ("peer", "verify", "cert.qn.example", "--fingerprint", "ab", "--as", "amal"),
            "peer.fingerprint-form",
        ),
        (("peer", "suspend", "cert.qn.example", "--reason", "x", "--as", "amal"), "peer.transition"),
        (("accord", "sign", "accord--nope", "--as", "amal"), "accord.unknown"),
        (("accord", "end", "accord--nope", "--as", "amal"), "accord.unknown"),
        (("release", "approve", "release--nope", "--as", "amal"), "release.unknown"),
        (("release", "send", "--to", "cert.nope.example", "--as", "amal"), "release.unknown-node"),
        (("retract", "indicator--nope", "--reason", "error", "--as", "amal"), "retract.not-asserted"),
        (("retract", "indicator--nope", "--reason", "error", "--as", "nobody"), "home.no-such-officer"),
        (("officer", "add", "Basma B"), "officer.name"),
        (("officer", "add", "amal"), "officer.exists"),
        (("officer", "add", "basma", "--role", "boss"), "officer.role"),
    ],
)
def test_everything_else_is_checked_before_a_passphrase_is_asked_for(
    run, card_file, monkeypatch, arguments, code
):
    run("peer", "add", card_file)
    monkeypatch.setattr(Face, "given_passphrase", lambda *_: pytest.fail("asked"))
    answer = run(*arguments, "--json")
    assert code_of(answer) == code


def test_an_officer_who_has_verified_is_not_asked_again(run, card_file, qn, monkeypatch):
    run("peer", "add", card_file)
    verify = ("peer", "verify", qn.node, "--fingerprint", qn.fingerprint, "--as", "amal", "--json")
    assert run(*verify).exit_code == 0
    monkeypatch.setattr(Face, "given_passphrase", lambda *_: pytest.fail("asked"))
    assert code_of(run(*verify)) == "peer.already-signed"


def test_officer_must_be_named_where_there_are_two(run, card_file, qn):
    run("peer", "add", card_file)
    answer = run("peer", "verify", qn.node, "--fingerprint", qn.fingerprint, "--json")
    assert (answer.exit_code, code_of(answer)) == (2, "identity.which-officer")


def test_list_says_what_to_do_while_it_is_empty(run):
    answer = run("peer", "list")
    assert answer.stdout == (
        "No peers yet. Ask a partner for its card and take it in: hilf peer add FILE\n"
        "Hand over yours: hilf peer card --out card.json\n"
    )
    assert json.loads(run("peer", "list", "--json").stdout) == {"peers": []}


def test_list_shows_each_peer(run, card_file, qn):
    run("peer", "add", card_file)
    (listed,) = json.loads(run("peer", "list", "--json").stdout)["peers"]
    assert {name: listed[name] for name in ("node", "state", "verified_by", "lag", "last_receipt")} == {
        "node": qn.node,
        "state": "introduced",
        "verified_by": [],
        "lag": 0,
        "last_receipt": None,
    }
    table = run("peer", "list").stdout.splitlines()
    assert table[1].split() == [qn.node, "QN", "introduced", "0", "never"]


def test_suspended_peer_is_resumed_by_two_officers(run, two_officers, officer_keys, qn):
    peer.add(two_officers, qn.card, NOW)
    for key in officer_keys.values():
        peer.verify(two_officers, qn.node, qn.fingerprint, key, NOW)
    stopped = run("peer", "suspend", qn.node, "--reason", "look", "--as", "amal", "--json")
    assert json.loads(stopped.stdout) == {"node": qn.node, "state": "suspended", "reason": "look"}
    resume = ("peer", "resume", qn.node, "--fingerprint", qn.fingerprint, "--json", "--as")
    states = [json.loads(run(*resume, officer).stdout)["state"] for officer in ("amal", "officer")]
    assert states == ["suspended", "verified"]


def test_a_peer_is_revoked_by_two_officers(run, two_officers, qn):
    peer.add(two_officers, qn.card, NOW)
    revoke = ("peer", "revoke", qn.node, "--reason", "taken over", "--json", "--as")
    first = json.loads(run(*revoke, "officer").stdout)
    assert (first["state"], first["missing"], first["revoked_by"]) == ("introduced", 1, ["officer"])
    again = run(*revoke, "officer")
    assert (again.exit_code, json.loads(again.stdout)["error"]["code"]) == (1, "peer.already-signed")
    second = json.loads(run(*revoke, "amal").stdout)
    assert (second["state"], second["missing"], sorted(second["revoked_by"])) == (
        "revoked",
        0,
        ["amal", "officer"],
    )


def test_what_a_peer_may_use_is_shown_set_and_given_back_to_the_settings(run, two_officers, qn):
    peer.add(two_officers, qn.card, NOW)
    quota = ("peer", "quota", qn.node, "--json")
    assert json.loads(run(*quota).stdout)["may_use"]["acts"] == 10_000_000
    done = json.loads(run(*quota, "--acts", "5", "--disk", "1000").stdout)
    assert (done["may_use"]["acts"], done["may_use"]["disk_bytes"]) == (5, 1000)
    assert done["used"] == {"acts": 0, "bytes": 0, "processor_s": 0, "disk_bytes": 0, "reconciles": 0}
    assert json.loads(run(*quota, "--as-settings").stdout)["may_use"]["acts"] == 10_000_000
    wrong = run(*quota, "--acts", "-1")
    assert (wrong.exit_code, json.loads(wrong.stdout)["error"]["code"]) == (2, "quota.negative")


@pytest.mark.parametrize("command", ["card", "add", "verify", "resume", "suspend", "revoke", "quota", "list"])
def test_every_command_shows_an_example_in_its_help(command):
    answer = CliRunner().invoke(hilf, ["peer", command, "--help"])
    assert (answer.exit_code, f"Example:\n    hilf peer {command}" in answer.stdout) == (0, True)


MITRE = "identity--8c2f6a3e-0000-4000-8000-000000000001"


@pytest.fixture
def changed(run, card_file, qn, two_officers, officer_keys):
    """QN, verified, and changed since: fewer root keys sign, and it claims to be MITRE."""
    peer.add(two_officers, qn.card, NOW)
    for officer in officer_keys.values():
        peer.verify(two_officers, qn.node, qn.fingerprint, officer, NOW)
    qn.document(threshold=1, kept={"stix_identities": [MITRE]})
    card_file.write_bytes(dumps(qn.card))
    assert run("peer", "add", card_file).exit_code == 0


def test_show_explains_what_changed_and_what_to_beware_of(run, qn, changed):
    text = run("peer", "show", qn.node).stdout
    assert "  ! 1 of 3 root keys sign a new document now, before: 2 of 3" in text
    assert f"Unverified   {MITRE}: hilf peer verify {qn.node} --stix-identity {MITRE} --as OFFICER" in text
    assert f"When you have read what is new: hilf peer seen {qn.node}" in text
    shown = json.loads(run("peer", "show", qn.node, "--json").stdout)
    assert [(d["document"], d["seen"]) for d in shown["documents"]] == [(1, True), (2, False)]
    assert [(c["change"], c["warns"]) for c in shown["documents"][1]["changes"]] == [
        ("root-threshold", True),
        ("stix-identity-added", True),
    ]
    assert (shown["stix_identities"], shown["stix_identities_waiting"]) == ([], [MITRE])
    assert (shown["state"], shown["evidence"]) == ("verified", [])


def test_status_tells_of_a_change_until_it_was_seen(run, qn, changed):
    def codes():
        return [each["code"] for each in json.loads(run("status", "--json").stdout)["warnings"]]

    assert "status.identity-changed" in codes()
    (listed,) = json.loads(run("peer", "list", "--json").stdout)["peers"]
    assert (listed["identity_unseen"], listed["stix_identities_waiting"]) == (1, [MITRE])
    assert json.loads(run("peer", "seen", qn.node, "--json").stdout) == {"node": qn.node, "seen": 1}
    assert "status.identity-changed" not in codes()
    assert run("peer", "seen", qn.node).stdout == "Nothing was new.\n"


def test_two_officers_verify_a_stix_identity(run, qn, changed):
    verify = ("peer", "verify", qn.node, "--stix-identity", MITRE, "--as")
    one = json.loads(run(*verify, "officer", "--json").stdout)
    assert one == {"node": qn.node, "stix_identity": MITRE, "verified_by": ["officer"], "missing": 1}
    again = run(*verify, "officer", "--json")
    assert (again.exit_code, code_of(again)) == (1, "peer.stix-already-signed")
    two = run(*verify, "amal")
    assert (two.exit_code, two.stdout) == (
        0,
        f"{MITRE} counts as {qn.node} from now on: what claims it needs its proof.\n",
    )


def test_verify_takes_a_fingerprint_or_a_stix_identity_and_not_both(run, qn, changed):
    for options in ((), ("--fingerprint", qn.fingerprint, "--stix-identity", MITRE)):
        answer = run("peer", "verify", qn.node, *options, "--as", "amal", "--json")
        assert (answer.exit_code, code_of(answer)) == (2, "peer.verify-what")


def test_two_faces_end_with_1_and_show_as_evidence(run, qn, changed, card_file):
    from dataclasses import replace

    fork = replace(qn, chain=qn.chain[:1])
    fork.document("online 3")
    card_file.write_bytes(dumps(fork.card))
    answer = run("peer", "add", card_file, "--json")
    assert (answer.exit_code, code_of(answer)) == (1, "identity.two-faces")
    shown = json.loads(run("peer", "show", qn.node, "--json").stdout)
    assert shown["state"] == "suspended"
    assert "identity: two faces" in [each["rule"] for each in shown["evidence"]]
    assert "Evidence " in run("peer", "show", qn.node).stdout
