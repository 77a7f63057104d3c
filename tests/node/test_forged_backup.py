# ruff: noqa: F811 fixtures are imported by name
"""Attacks with the file of a backup: made by somebody who has the place where backups lie, and no key of the node."""

import shutil
from datetime import UTC, datetime, timedelta

import orjson
import pytest
import zstandard

from hilf.errors import OperatorFault, Refusal
from hilf.node import backup, init, restore
from hilf.store import archive, database
from tests.cli.nations import pair, present_nations  # noqa: F401
from tests.conftest import NOW, PASSPHRASE
from tests.nations import Nation, agreed_nations, made_nations, nations  # noqa: F401
from tests.node.test_backup import SETTINGS, SOON, back_up, bring_back, quiet, shared  # noqa: F401


@pytest.fixture
def forger(tmp_path):
    """A node of the same name with keys of its own: whatever it writes into its database is signed by a node of that name."""
    new = init.NewNode(
        "cert.qm.example", "CERT of QM", "QM", gateway_url="https://127.0.0.1:18443", passphrase=PASSPHRASE
    )
    init.create(tmp_path / "forger", new, NOW)
    yield Nation("QM", tmp_path / "forger")
    database.use(":memory:")


def test_a_database_that_another_made_under_the_node_s_name_is_not_restored(shared, forger):
    qm, *_ = shared
    made = back_up(forger, "forged.hilf")
    before = qm.objects()
    with pytest.raises(Refusal) as error:
        bring_back(qm, made)
    assert error.value.code == "restore.other-node"
    assert qm.objects() == before


def test_nor_where_no_database_is_left_to_compare_with(shared, forger):
    qm, *_ = shared
    good, made = back_up(qm, "good.hilf"), back_up(forger, "forged.hilf")
    database.use(":memory:")
    for file in qm.path.glob("hilf.sqlite3*"):
        file.unlink()
    from hilf.settings import home_of, values_of

    home = home_of(qm.path, values_of(qm.path))
    with pytest.raises(Refusal) as error:
        restore.restore(home, str(qm.path / "hilf.sqlite3"), made.path, SOON, quiet)
    assert error.value.code == "restore.not-proven"
    assert not (qm.path / "hilf.sqlite3").exists()
    done = restore.restore(home, str(qm.path / "hilf.sqlite3"), good.path, SOON, quiet)
    assert done.backup.fingerprint == good.fingerprint


def test_a_backup_of_before_the_online_key_changed_needs_the_fingerprint(shared):
    from hilf.node import proposal
    from hilf.node.change import Change
    from hilf.settings import home_of, values_of

    qm, *_ = shared
    old = back_up(qm, "old.hilf")
    home = qm.home()
    proposal.propose(home, Change(revoke="online"), home.root_keys, NOW)
    proposal.publish(home, NOW)
    database.use(":memory:")
    for file in qm.path.glob("hilf.sqlite3*"):
        file.unlink()
    home, url = home_of(qm.path, values_of(qm.path)), str(qm.path / "hilf.sqlite3")
    for wrong in (None, "0" * 64):
        with pytest.raises(Refusal):
            restore.restore(home, url, old.path, SOON, quiet, wrong)
    done = restore.restore(home, url, old.path, SOON, quiet, old.fingerprint)
    assert done.backup.fingerprint == old.fingerprint


def test_a_line_that_unpacks_without_end_fills_no_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MOST_LINE_BYTES", 2**20)
    bomb = tmp_path / "bomb.hilf"
    head = orjson.dumps({"hilf_backup": 1, "node": "cert.qm.example"}) + b"\n"
    for data, code in ((b"0" * 2**26, "backup.none"), (head + b"[" + b"0" * 2**26, "backup.damaged")):
        bomb.write_bytes(zstandard.ZstdCompressor().compress(data))
        assert bomb.stat().st_size < 2**16
        with pytest.raises(OperatorFault) as error, archive.reading(bomb) as read:
            list(read.tables())
        assert error.value.code == code


def test_tables_and_columns_that_are_none_reach_no_statement(shared):
    qm, *_ = shared
    made = back_up(qm)
    lines = (
        zstandard.ZstdDecompressor().stream_reader(made.path.read_bytes()).read().splitlines(keepends=True)
    )
    at = next(n for n, line in enumerate(lines) if line.startswith(b'{"table":"peer"'))
    for name, columns in (
        ("peer", ['node") SELECT 1; DROP TABLE act; --']),
        ("sqlite_master", ["name"]),
        ('peer"; DROP TABLE act; --', ["node"]),
    ):
        begin = orjson.dumps({"table": name, "columns": columns}) + b"\n"
        data = b"".join([*lines[:at], begin, *lines[at + 1 :]])
        made.path.write_bytes(zstandard.ZstdCompressor().compress(data))
        with pytest.raises(OperatorFault) as error:
            bring_back(qm, made)
        assert error.value.code == "backup.damaged"


def test_a_forged_backup_leaves_no_settings_in_a_home_that_is_made_again(pair, tmp_path):
    """A head is read before anything is proved; what it names would be run by the worker."""
    _, qn, run = pair
    assert run(qn, "backup", "keys", "--out", tmp_path / "keys.json").exit_code == 0
    assert run(qn, "backup", "--out", tmp_path / "good.hilf").exit_code == 0
    new = init.NewNode(
        qn.node, "CERT of QN", "QN", gateway_url="https://127.0.0.1:18444", passphrase=PASSPHRASE
    )
    at = datetime.now(UTC) - timedelta(minutes=1)
    evil = {**SETTINGS, "node": qn.node, "notify_command": '["touch", "/tmp/owned"]'}
    forged = backup.make(
        init.create(tmp_path / "forger", new, at).home, tmp_path / "evil.hilf", evil, at, quiet
    )
    database.use(":memory:")
    shutil.rmtree(qn.path)
    for rest, code in (((), "restore.no-keys"), (("--keys", tmp_path / "keys.json"), "restore.other-node")):
        done = run(qn, "restore", forged.path, "--no-sync", *rest)
        assert done.document["error"]["code"] == code
        assert not (qn.path / "hilf.toml").exists()
    done = run(qn, "restore", tmp_path / "good.hilf", "--no-sync", "--keys", tmp_path / "keys.json")
    assert done.exit_code == 0, done.errors
    assert "notify_command" not in (qn.path / "hilf.toml").read_text()
