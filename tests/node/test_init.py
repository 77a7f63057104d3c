import fcntl
import os
import re
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from hilf import settings
from hilf.canonical import dumps
from hilf.errors import CallerFault, OperatorFault, Refusal
from hilf.node import identity
from hilf.node.home import index_key, officer_key, officers, online_key
from hilf.node.init import NewNode, create, host_of, stix_identity_id
from hilf.seal import certificate
from hilf.seal.identity import read_card
from hilf.store import database
from hilf.store.intelligence.read import current
from hilf.store.people import account
from tests.conftest import NOW, PASSPHRASE

NEW = NewNode("cert.qm.example", "CERT of QM", "QM", passphrase=PASSPHRASE)


@pytest.fixture(autouse=True)
def closed():
    yield
    database.use(":memory:")


def test_home_is_open_to_its_owner_only(home):
    modes = {
        str(path.relative_to(home.path)): stat.S_IMODE(path.stat().st_mode)
        for path in home.path.rglob("*")
        if not path.name.startswith("hilf.sqlite3-")
    }
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700
    assert modes == {
        "hilf.toml": 0o600,
        "hilf.sqlite3": 0o600,
        "keys": 0o700,
        "keys/online.pem": 0o600,
        "keys/index.key": 0o600,
        "keys/tls.pem": 0o600,
        "keys/tls.crt": 0o600,
        "keys/officers": 0o700,
        "keys/officers/officer.pem": 0o600,
        "root-keys": 0o700,
        "root-keys/README.txt": 0o600,
        "root-keys/root-1.pem": 0o600,
        "root-keys/root-2.pem": 0o600,
        "root-keys/root-3.pem": 0o600,
    }


def test_first_document_names_the_keys_that_lie_in_the_home(home):
    newest = identity.own(home).newest
    assert (newest.seq, newest.threshold, len(newest.root), newest.officers_per_act) == (1, 2, 3, 2)
    assert list(newest.sign) == [online_key(home).kid]
    assert list(newest.officers) == [officer_key(home, "officer", PASSPHRASE).kid]
    assert newest.tls_sha256 == (certificate.pin((home.keys / "tls.crt").read_bytes()),)
    assert newest.endpoints == ("https://127.0.0.1:18443",)
    assert newest.expires - newest.issued == timedelta(days=365)


def test_card_of_a_new_node_is_what_partners_accept(home):
    own = identity.own(home)
    assert read_card(own.card, NOW) == own


def test_no_key_stands_in_the_database(home):
    database.clean()
    data = (home.path / "hilf.sqlite3").read_bytes()
    assert dumps(identity.own(home).newest.body) in data
    keys = [*list(home.path.rglob("*.pem")), home.keys / "index.key"]
    assert len(keys) == 7
    for path in keys:
        secret = path.read_bytes()
        assert secret not in data
        if path.suffix == ".pem":
            assert secret.splitlines()[1] not in data


def test_node_asserts_its_own_stix_identity_object_and_signs_for_its_id(home):
    stix_id = stix_identity_id(home.node)
    (kept,) = current(stix_id, index_key(home))
    assert (kept.asserter, kept.stix_id, kept.type) == (home.node, stix_id, "identity")
    assert identity.stix_identities(identity.own(home).newest) == (stix_id,)


def test_administrator_signs_in_with_the_password_that_is_shown_once(tmp_path):
    created = create(tmp_path / "home", NEW, NOW)
    assert account.count() == 1
    from django.contrib.auth import authenticate

    user = authenticate(username=created.admin, password=created.admin_password)
    assert user is not None
    assert (user.is_superuser, account.roles(user.pk)) == (False, ("admin",))
    assert authenticate(username=created.admin, password="another") is None


def test_passphrase_that_nobody_gave_is_made_of_six_words_and_opens_the_key(tmp_path):
    created = create(tmp_path / "home", replace(NEW, passphrase=None), NOW)
    assert len(created.passphrase.split()) == 6
    key = officer_key(created.home, "officer", created.passphrase)
    assert key.kid in created.identity.newest.officers


def test_secrets_do_not_show_when_the_result_is_printed(tmp_path):
    created = create(tmp_path / "home", NEW, NOW)
    assert created.passphrase not in repr(created)
    assert created.admin_password not in repr(created)
    assert PASSPHRASE not in repr(NEW)


def test_single_officer_stands_in_the_document(tmp_path):
    created = create(tmp_path / "home", replace(NEW, single_officer=True), NOW)
    assert created.identity.newest.officers_per_act == 1


def test_gateway_listens_on_loopback_only_where_partners_are_said_to_reach_it_there(tmp_path):
    create(tmp_path / "near", replace(NEW, gateway_url="https://127.0.0.1:9001"), NOW)
    create(tmp_path / "far", replace(NEW, gateway_url="https://gw.cert.qm.example:9002"), NOW)
    listens = [settings.values_of(tmp_path / place, {})["gateway"].text for place in ("near", "far")]
    assert listens == ["127.0.0.1:9001", "0.0.0.0:9002"]


def test_home_that_exists_is_refused_and_not_touched(home):
    before = {path: path.read_bytes() for path in home.path.rglob("*.pem")}
    with pytest.raises(CallerFault) as caught:
        create(home.path, NEW, NOW)
    assert caught.value.code == "home.exists"
    assert {path: path.read_bytes() for path in home.path.rglob("*.pem")} == before


def test_file_in_the_place_of_the_home_is_refused(tmp_path):
    (tmp_path / "home").write_text("mine")
    with pytest.raises(CallerFault) as caught:
        create(tmp_path / "home", NEW, NOW)
    assert (caught.value.code, (tmp_path / "home").read_text()) == ("home.exists", "mine")


def test_empty_folder_becomes_the_home(tmp_path):
    (tmp_path / "home").mkdir(mode=0o755)
    created = create(tmp_path / "home", NEW, NOW)
    assert identity.own(created.home).fingerprint == created.identity.fingerprint


def test_init_that_fails_leaves_nothing_behind(tmp_path):
    with pytest.raises(CallerFault) as caught:
        create(tmp_path / "home", replace(NEW, passphrase=""), NOW)
    assert (caught.value.code, list(tmp_path.iterdir())) == ("officer.passphrase", [])


def test_disk_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OperatorFault) as caught:
        create(tmp_path / "file" / "home", NEW, NOW)
    assert caught.value.code == "home.cannot-write"


def test_what_a_killed_init_left_is_removed(tmp_path):
    left = tmp_path / "home.partial"
    (left / "keys").mkdir(parents=True)
    (left / "keys" / "online.pem").write_text("half")
    (left / "keys" / "officers").mkdir()
    (left / "keys" / "officers" / "stranger.pem").write_text("half")
    (left / "hilf.toml").write_text("half")
    created = create(tmp_path / "home", NEW, NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"]
    assert online_key(created.home).kid in created.identity.newest.sign
    assert officers(created.home) == ("officer",)


def test_two_inits_of_one_home_at_once_are_refused(tmp_path):
    (tmp_path / "home.partial").mkdir()
    other = os.open(tmp_path / "home.partial" / "init.lock", os.O_CREAT | os.O_RDWR)
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(OperatorFault) as caught:
        create(tmp_path / "home", NEW, NOW)
    os.close(other)
    assert caught.value.code == "home.being-made"
    assert [path.name for path in tmp_path.iterdir()] == ["home.partial"]


def test_database_of_another_node_is_refused_and_keeps_its_identity(home_on_postgresql, tmp_path):
    url = settings.values_of(home_on_postgresql.path, {})["database_url"].text
    with pytest.raises(Refusal) as caught:
        create(tmp_path / "second", replace(NEW, node="cert.qn.example", database_url=url), NOW)
    assert (caught.value.code, (tmp_path / "second").exists()) == ("init.database-taken", False)
    assert identity.kept("cert.qn.example") is None
    assert identity.own(home_on_postgresql).node == home_on_postgresql.node


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"node": "CERT.qm"}, "init.node"),
        ({"node": "a" * 101}, "init.node"),
        ({"node": "cert..example"}, "init.node"),
        ({"country": "qm"}, "init.country"),
        ({"country": "QMA"}, "init.country"),
        ({"name": " "}, "init.name"),
        ({"gateway_url": "http://127.0.0.1:8443"}, "init.gateway-url"),
    ],
)
def test_what_partners_would_refuse_is_refused_before_anything_is_made(tmp_path, wrong, code):
    with pytest.raises(CallerFault) as caught:
        create(tmp_path / "home", replace(NEW, **wrong), NOW)
    assert (caught.value.code, list(tmp_path.iterdir())) == (code, [])


@pytest.mark.parametrize(
    ("url", "host_and_port"),
    [
        ("https://gw.cert.qm.example:8443", ("gw.cert.qm.example", 8443)),
        ("https://gw.cert.qm.example/", ("gw.cert.qm.example", 443)),
        ("https://192.0.2.1:1", ("192.0.2.1", 1)),
        ("https://[2001:db8::1]:8443", ("2001:db8::1", 8443)),
    ],
)
def test_gateway_url_has_a_host_and_a_port(url, host_and_port):
    assert host_of(url) == host_and_port


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://",
        "https://a b",
        "https://GW.example",
        "https://user@gw.example",
        "https://gw.example:8443/path",
        "https://gw.example:8443?x",
        "https://gw.example:99999",
        "https://gw.example:0443",
        "https://[::g]:1",
        'https://gw.example"\nx = "1',
    ],
)
def test_what_is_no_gateway_url_is_refused(url):
    with pytest.raises(CallerFault) as caught:
        host_of(url)
    assert caught.value.code == "init.gateway-url"


def test_root_keys_come_with_the_words_that_say_to_carry_them_away(home):
    text = (home.root_keys / "README.txt").read_text()
    assert re.search(r"Carry them away", text)
    assert home.node in text


def test_database_of_a_new_home_stands_in_one_file(made_home: Path):
    with closing(sqlite3.connect(made_home / "hilf.sqlite3")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
