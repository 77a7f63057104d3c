"""A backup is believed after it was restored once; keys and erased bytes are in none; a restored node says so."""

from datetime import timedelta

import pytest
import zstandard

from hilf.accord.placing import ObjectState
from hilf.errors import CallerFault, OperatorFault, Refusal
from hilf.federation.retraction import RetractionReason
from hilf.markings.tlp import Tlp
from hilf.node import backup, erasure, keychain, process, restore, restored, withdrawal
from hilf.node.home import Home
from hilf.store import database
from hilf.store.federation import restoration
from hilf.store.intelligence import search
from tests.conftest import NOW, PASSPHRASE
from tests.nations import (  # noqa: F401
    agreed_nations,
    carry,
    indicator,
    made_nations,
    nations,
)

SOON = NOW + timedelta(minutes=5)
AFTER_GRACE = NOW + timedelta(days=7, minutes=10)
SECRET = "zqxjkvwp"
SETTINGS = {"node": "cert.qm.example", "gateway_url": "https://127.0.0.1:18443"}


def quiet(_table, _rows):
    pass


def text_of(path):
    return zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read()


@pytest.fixture
def shared(nations):  # noqa: F811
    """QM gave two indicators to QN."""
    qm, qn, _ = nations
    evil, other = indicator(qm, SECRET, Tlp.GREEN), indicator(qm, "other", Tlp.GREEN)
    qm.says(evil, other)
    qm.release(qn)
    carry(qm, qn)
    return qm, qn, evil["id"], other["id"]


def back_up(nation, name="one.hilf", at=NOW):
    return backup.make(nation.home(), nation.path.parent / name, SETTINGS, at, quiet)


def bring_back(nation, made, at=SOON):
    home = nation.home()
    return restore.restore(home, str(nation.path / "hilf.sqlite3"), made.path, at, quiet)


def test_a_backup_says_what_it_holds_and_is_checked_by_restoring(either_home, tmp_path):
    told = []
    made = backup.make(
        either_home, tmp_path / "one.hilf", SETTINGS, NOW, lambda table, rows: told.append((table, rows))
    )
    assert (made.node, made.taken, made.settings, made.rows["object"]) == (
        "cert.qm.example",
        NOW,
        SETTINGS,
        1,
    )
    assert backup.check(made.path, quiet) == made
    assert told.count(("object", 1)) == 2, "once copied, once restored to check"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".hilf")] == []
    assert database.row("SELECT count(*) FROM object") == (1,)


def test_nothing_is_written_over(home, tmp_path):
    (tmp_path / "one.hilf").write_text("mine")
    with pytest.raises(CallerFault) as error:
        backup.make(home, tmp_path / "one.hilf", SETTINGS, NOW, quiet)
    assert error.value.code == "backup.exists"
    assert (tmp_path / "one.hilf").read_text() == "mine"


def test_no_key_is_in_a_backup(home, tmp_path):
    made = backup.make(home, tmp_path / "one.hilf", SETTINGS, NOW, quiet)
    data = text_of(made.path)
    files = [path for path in (*home.keys.rglob("*"), *home.root_keys.glob("*.pem")) if path.is_file()]
    secrets = [path.read_bytes() for path in files if path.suffix != ".crt"]
    assert len(secrets) == 7
    for secret in secrets:
        lines = secret.splitlines() if secret.startswith(b"-----BEGIN") else [secret]
        body = [line for line in lines if not line.startswith(b"-----")]
        assert [line for line in body if line in data] == []
    assert b"PRIVATE KEY" not in data


def test_what_was_erased_is_in_no_backup(shared):
    qm, qn, evil, _ = shared
    assert SECRET.encode() in text_of(back_up(qn, "before.hilf").path)
    withdrawal.retract(qm.home(), evil, RetractionReason.ERROR, SOON)
    carry(qm, qn, SOON)
    assert erasure.erase_due(qn.home(), AFTER_GRACE) == 1
    data = text_of(back_up(qn, "after.hilf").path)
    assert SECRET.encode() not in data
    assert b'"name":"other"' in data.replace(b'\\"', b'"')


def test_a_stale_backup_does_not_bring_back_what_was_retracted_since(shared):
    qm, qn, evil, other = shared
    made = back_up(qn)
    withdrawal.retract(qm.home(), evil, RetractionReason.ERROR, SOON)
    carry(qm, qn, SOON)
    done = bring_back(qn, made)
    assert (done.replayed.lines, done.replayed.versions) == (1, 1)
    qn.home()
    found = dict(database.rows("SELECT stix_id, state FROM object WHERE type = 'indicator'"))
    assert found == {evil: ObjectState.HIDDEN, other: ObjectState.CURRENT}
    held = [each.object.get("name") for each in search.find((), b"").objects]
    assert held == ["other", "CERT of QM", "CERT of QN"]
    (kept,) = restoration.latest(10)
    assert (kept.cause, kept.tombstones, [pair.peer for pair in kept.pairs]) == (
        "restored",
        1,
        [qm.node, "cert.qo.example"],
    )
    assert restored.is_open(qm.node)


def test_the_old_database_is_put_aside_whole_and_its_last_tombstones_count(shared):
    qm, qn, evil, _ = shared
    made = back_up(qn)
    withdrawal.retract(qm.home(), evil, RetractionReason.ERROR, SOON)
    carry(qm, qn, SOON)
    (qn.path / "tombstones").unlink()  # lost; the database that is replaced still knows
    done = bring_back(qn, made)
    assert done.replayed.lines == 1
    assert done.aside == qn.path / "before-restore-20261124T093500.000000Z"
    database.use(str(done.aside / "hilf.sqlite3"))
    assert database.row("SELECT count(*) FROM retraction WHERE act_id IS NOT NULL") == (1,)


def test_a_database_that_is_damaged_is_replaced_and_the_journal_counts(shared):
    qm, qn, evil, _ = shared
    made = back_up(qn)
    withdrawal.retract(qm.home(), evil, RetractionReason.ERROR, SOON)
    carry(qm, qn, SOON)
    home = qn.home()
    database.use(":memory:")
    for file in qn.path.glob("hilf.sqlite3*"):
        file.write_bytes(b"no database at all" * 1000)
    done = restore.restore(home, str(qn.path / "hilf.sqlite3"), made.path, SOON, quiet)
    assert done.replayed.versions == 1
    assert (done.aside / "hilf.sqlite3").read_bytes().startswith(b"no database")
    qn.home()
    assert database.row("SELECT count(*) FROM object WHERE state = 3") == (1,)


def test_a_backup_moves_a_node_from_one_kind_of_database_to_the_other(shared, postgresql, tmp_path):
    qm, _, evil, other = shared
    made = back_up(qm)
    name = f"moved_{abs(hash(tmp_path))}"
    postgresql.psql(f"CREATE DATABASE {name}")
    url = postgresql.get_uri(database=name)
    done = restore.restore(qm.home(), url, made.path, SOON, quiet)
    assert done.aside is None
    with (qm.path / "hilf.toml").open("a") as settings:
        settings.write(f'database_url = "{url}"\n')
    home = qm.home()
    assert database.is_postgresql()
    assert set(qm.objects()) >= {evil, other}
    again = backup.make(home, tmp_path / "again.hilf", SETTINGS, SOON, quiet)
    assert again.engine == "postgresql"
    assert {table: again.rows[table] for table in ("object", "act", "accord", "peer")} == {
        table: made.rows[table] for table in ("object", "act", "accord", "peer")
    }
    with pytest.raises(OperatorFault) as error:
        restore.restore(home, url, again.path, SOON, quiet)
    assert error.value.code == "backup.not-empty"
    database.use(":memory:")


def test_a_served_home_is_not_restored(shared):
    qm, *_ = shared
    made = back_up(qm)
    with process.only_one(qm.home(), NOW), pytest.raises(OperatorFault) as error:
        bring_back(qm, made)
    assert error.value.code == "serve.locked"


def test_another_node_s_backup_is_refused_and_nothing_is_touched(shared):
    qm, qn, *_ = shared
    made = back_up(qn)
    qm.home()
    before = kept_in(qm)
    with pytest.raises(Refusal) as error:
        bring_back(qm, made)
    assert error.value.code == "restore.other-node"
    assert kept_in(qm) == before


def kept_in(nation):
    """What lies in its home, and the database byte for byte."""
    names = [path.name for path in nation.path.iterdir() if path.name != "serve.lock"]
    return sorted(names), (nation.path / "hilf.sqlite3").read_bytes()


def test_a_home_without_keys_is_refused(shared):
    qm, *_ = shared
    made = back_up(qm)
    home = qm.home()
    (home.keys / "index.key").unlink()
    with pytest.raises(OperatorFault) as error:
        restore.restore(home, str(qm.path / "hilf.sqlite3"), made.path, SOON, quiet)
    assert error.value.code == "restore.no-keys"


def altered(path, change):
    lines = text_of(path).splitlines(keepends=True)
    path.write_bytes(zstandard.ZstdCompressor().compress(b"".join(change(lines))))


@pytest.mark.parametrize("attack", ["row", "row and hash", "head", "signed by a stranger"])
def test_a_backup_that_somebody_altered_is_refused_and_the_home_stays_as_it_was(shared, attack):
    from hashlib import sha256

    import orjson

    from hilf.seal.key import PrivateKey
    from hilf.seal.signed import sign

    qm, *_ = shared
    made = back_up(qm)

    def change(lines):
        if attack == "head":
            return [lines[0].replace(b'"taken":"2026', b'"taken":"2027'), *lines[1:]]
        at = next(n for n, line in enumerate(lines) if line.startswith(b'{"table":"peer"'))
        lines = [*lines[: at + 1], lines[at + 1].replace(b'"verified"', b'"revoked"'), *lines[at + 2 :]]
        if attack == "row":
            return lines
        end = orjson.loads(lines[-1])
        rows = [line for line in lines[at + 1 : at + 4] if line.startswith(b"[")]
        end["tables"]["peer"]["sha256"] = sha256(b"".join(rows)).hexdigest()
        if attack == "signed by a stranger":
            del end["end"], end["value"], end["kid"]
            end = {"end": 1, **sign(backup.NAME, end, PrivateKey.from_seed(bytes(32)))}
        return [*lines[:-1], orjson.dumps(end) + b"\n"]

    altered(made.path, change)
    before = (qm.path / "hilf.sqlite3").read_bytes()
    with pytest.raises(OperatorFault) as error:
        bring_back(qm, made)
    assert error.value.code == "backup.damaged"
    database.use(":memory:")
    assert (qm.path / "hilf.sqlite3").read_bytes() == before
    assert not list(qm.path.glob("*.restoring*"))
    assert not list(qm.path.glob("before-restore*"))


def test_a_body_that_its_hash_does_not_name_is_noticed_although_it_was_signed(shared):
    qm, _, evil, _ = shared
    qm.home()
    database.execute("UPDATE object SET body = %s WHERE stix_id = %s", (b'{"id":"x"}', evil))
    with pytest.raises(OperatorFault) as error:
        back_up(qm)
    assert "1 objects are not those that their hashes name" in error.value.what
    assert not list(qm.path.parent.glob("one.hilf*")), "what could not be restored is no backup"


def test_keys_go_into_a_file_of_their_own_and_back(home, tmp_path):
    file = tmp_path / "keys.json"
    held = keychain.write(home, file, PASSPHRASE)
    assert held == ("online.pem", "index.key", "tls.pem", "tls.crt", "officers/officer.pem")
    assert file.stat().st_mode & 0o777 == 0o600
    assert (home.keys / "online.pem").read_bytes().splitlines()[1] not in file.read_bytes()
    shown = keychain.read(file)
    assert (shown["node"], "box" in shown) == ("cert.qm.example", True)
    fresh = Home(tmp_path / "fresh", home.node, home.gateway_url)
    assert set(keychain.put_back(fresh, shown, PASSPHRASE)) == set(held)
    for place in held:
        assert (fresh.keys / place).read_bytes() == (home.keys / place).read_bytes()
        assert (fresh.keys / place).stat().st_mode & 0o777 == 0o600
    assert keychain.put_back(fresh, shown, PASSPHRASE) == ()


def test_keys_are_never_written_over_and_are_of_one_node(home, tmp_path):
    file = tmp_path / "keys.json"
    keychain.write(home, file, PASSPHRASE)
    with pytest.raises(CallerFault) as error:
        keychain.write(home, file, PASSPHRASE)
    assert error.value.code == "backup.exists"
    shown = keychain.read(file)
    (home.keys / "online.pem").write_bytes(b"another")
    for wrong, expected in (
        (home, "keys.differ"),
        (Home(tmp_path / "x", "cert.qn.example", ""), "keys.other-node"),
    ):
        with pytest.raises(Refusal) as refused:
            keychain.put_back(wrong, shown, PASSPHRASE)
        assert refused.value.code == expected
    assert (home.keys / "online.pem").read_bytes() == b"another"
    assert not (tmp_path / "x").exists()


def test_a_file_of_keys_that_was_altered_opens_to_nobody(home, tmp_path):
    file = tmp_path / "keys.json"
    keychain.write(home, file, PASSPHRASE)
    for passphrase, change in (
        ("another passphrase", {}),
        (PASSPHRASE, {"taken": "2020-01-01T00:00:00.000Z"}),
    ):
        with pytest.raises(CallerFault) as error:
            keychain.put_back(home, {**keychain.read(file), **change}, passphrase)
        assert error.value.code == "seal.locked"


@pytest.mark.parametrize("data", [b"", b"[]", b'{"hilf_keys": 2}'])
def test_what_is_no_file_of_keys_is_said(tmp_path, data):
    (tmp_path / "keys.json").write_bytes(data)
    with pytest.raises(OperatorFault) as error:
        keychain.read(tmp_path / "keys.json")
    assert error.value.code == "keys.unreadable"
