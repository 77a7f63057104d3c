"""`hilf backup` and `hilf restore`: the JSON fields, the words for people, exit codes."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from hilf.markings.tlp import Tlp
from tests.cli.nations import pair, present_nations  # noqa: F401
from tests.nations import carry, indicator


@pytest.fixture
def held(pair, tmp_path):  # noqa: F811
    """QM and QN share an indicator of QM; backups of QN and its keys are made."""
    qm, qn, run = pair
    evil = indicator(qm, "evil", Tlp.GREEN)
    now = datetime.now(UTC)
    qm.says(evil, at=now)
    qm.release(qn, at=now)
    carry(qm, qn, now)
    made = run(qn, "backup", "--out", tmp_path / "one.hilf")
    assert made.exit_code == 0, made.errors
    return qm, qn, run, evil["id"], made.document


def test_backup_says_what_it_wrote_and_check_says_the_same(held, tmp_path):
    _, qn, run, _, made = held
    assert made["file"] == str(tmp_path / "one.hilf")
    assert (made["node"], made["engine"], made["keys"]) == ("cert.qn.example", "sqlite", None)
    assert made["rows"]["object"] == 3
    assert made["bytes"] == (tmp_path / "one.hilf").stat().st_size
    found = run(qn, "backup", "check", tmp_path / "one.hilf")
    assert (found.exit_code, {**found.document, "keys": None}) == (0, made)
    text = run(qn, "backup", "check", tmp_path / "one.hilf", as_json=False)
    assert "is good: it was restored into a temporary database." in text.output
    assert "3 objects" in text.output


def test_check_needs_no_home(held, tmp_path):
    _, qn, run, *_ = held
    shutil.rmtree(qn.path)
    assert run(qn, "backup", "check", tmp_path / "one.hilf").exit_code == 0
    assert not qn.path.exists()


def test_a_new_process_checks_and_restores_where_the_database_is_lost(held, tmp_path):
    _, qn, _, _, made = held
    for lost in qn.path.glob("hilf.sqlite3*"):
        lost.unlink()

    def own_process(*arguments):
        command = [sys.executable, "-m", "hilf", *map(str, arguments), "--json"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    found = own_process("backup", "check", tmp_path / "one.hilf")
    assert found.returncode == 0, found.stderr
    assert {**json.loads(found.stdout), "keys": None} == made
    done = own_process("restore", tmp_path / "one.hilf", "--no-sync", "--home", qn.path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["aside"] is None


def test_restore_says_what_it_did(held, tmp_path):
    qm, qn, run, stix_id, made = held
    assert run(qm, "retract", stix_id, "--reason", "error").exit_code == 0
    carry(qm, qn, datetime.now(UTC))
    done = run(qn, "restore", tmp_path / "one.hilf", "--no-sync")
    assert done.exit_code == 0, done.errors
    assert done.document["tombstones"] == {"lines": 1, "versions": 1}
    assert done.document["aside"].startswith(str(qn.path / "before-restore-"))
    restoration = done.document["restoration"]
    assert (restoration["cause"], restoration["taken"], restoration["tombstones"]) == (
        "restored",
        made["taken"],
        1,
    )
    assert [(each["node"], each["state"]) for each in restoration["peers"]] == [(qm.node, "open")]
    status = run(qn, "status")
    assert status.document["restoration"] == restoration
    assert "status.restored" in [each["code"] for each in status.document["warnings"]]
    shown = run(qn, "show", stix_id)
    assert "evil" not in shown.output


def test_a_partner_that_cannot_be_asked_yet_is_named_and_the_exit_code_is_1(held, tmp_path):
    qm, qn, run, *_ = held
    done = run(qn, "restore", tmp_path / "one.hilf")
    assert done.exit_code == 1
    assert [each.split(":")[0] for each in done.document["faults"]] == [qm.node]
    assert done.document["restoration"]["peers"][0]["state"] == "open"
    text = run(qn, "restore", tmp_path / "one.hilf", "--no-sync", as_json=False).output
    assert "is restored." in text
    assert "0 tombstones were replayed" in text
    assert f"Nothing new is sent to {qm.node}" in text


def test_a_home_that_is_gone_is_made_again_from_backup_and_keys(held, tmp_path):
    _, qn, run, stix_id, _ = held
    keys = run(qn, "backup", "keys", "--out", tmp_path / "keys.json")
    assert keys.exit_code == 0, keys.errors
    assert keys.document["keys"] == [
        "online.pem",
        "index.key",
        "tls.pem",
        "tls.crt",
        "officers/amal.pem",
        "officers/officer.pem",
    ]
    before = run(qn, "settings", "check").document["settings"]
    shutil.rmtree(qn.path)
    lost = run(qn, "restore", tmp_path / "one.hilf", "--no-sync")
    assert (lost.exit_code, lost.document["error"]["code"]) == (3, "restore.no-keys")
    done = run(qn, "restore", tmp_path / "one.hilf", "--keys", tmp_path / "keys.json", "--no-sync")
    assert done.exit_code == 0, done.errors
    assert done.document["aside"] is None
    assert "evil" in run(qn, "show", stix_id).output
    after = run(qn, "settings", "check").document["settings"]
    assert [(each["name"], each["value"]) for each in after] == [
        (each["name"], each["value"]) for each in before
    ]
    assert [each["code"] for each in run(qn, "status").document["faults"]] == []


def test_backup_with_keys_writes_both(held, tmp_path):
    _, qn, run, *_ = held
    made = run(qn, "backup", "--out", tmp_path / "two.hilf", "--keys", tmp_path / "two.json", as_json=False)
    assert made.exit_code == 0
    assert "holds 6 keys of cert.qn.example" in made.output
    assert (tmp_path / "two.json").exists()


def test_wrong_use_ends_with_2_and_a_file_that_is_none_with_3(held, tmp_path):
    _, qn, run, *_ = held
    none = run(qn, "backup")
    assert (none.exit_code, none.document["error"]["code"]) == (2, "backup.no-file")
    again = run(qn, "backup", "--out", tmp_path / "one.hilf")
    assert (again.exit_code, again.document["error"]["code"]) == (2, "backup.exists")
    (tmp_path / "no.hilf").write_text("no backup")
    wrong = run(qn, "restore", tmp_path / "no.hilf")
    assert (wrong.exit_code, wrong.document["error"]["code"]) == (3, "backup.none")


def test_the_address_of_a_database_is_in_no_backup(held, tmp_path):
    import zstandard

    _, qn, run, *_ = held
    with (qn.path / "hilf.toml").open("a") as settings:
        settings.write(f'database_url = "{qn.path / "hilf.sqlite3"}"\n')
    assert run(qn, "backup", "--out", tmp_path / "two.hilf").exit_code == 0
    data = zstandard.ZstdDecompressor().stream_reader((tmp_path / "two.hilf").read_bytes()).read()
    assert b"database_url" not in data
    assert b'"gateway_url":"https://127.0.0.1' in data


def test_help_has_an_example(held):
    _, qn, run, *_ = held
    for words in (("backup",), ("backup", "check"), ("backup", "keys"), ("restore",)):
        assert (
            f"hilf {' '.join(words)}" in run(qn, *words, "--help", as_json=False).output.split("Example:")[1]
        )
