"""All tables, out of either kind of database and into either; never what was erased."""

import threading

import pytest
import zstandard

from hilf.accord.placing import ObjectState
from hilf.errors import OperatorFault
from hilf.store import archive, copy, database
from hilf.store.intelligence import erase, fulltext, read
from hilf.store.intelligence.write import write_assertions
from tests.store.intelligence.material import KEY, identifier, indicator, speaking_of

SECRET = "zqxjkvwpsecret"


def quiet(_table, _rows):
    pass


def write(*assertions):
    with database.transaction():
        write_assertions(assertions, KEY)


def fill(path):
    write(
        indicator(1, name="kept", pattern="[domain-name:value = 'kept.example']", pattern_type="stix"),
        indicator(2, columns={"original": b"\xff\x00no text", "authorship": b"{}"}),
        indicator(3, name=SECRET),
    )
    with database.transaction():
        fulltext.fill()
        database.execute(
            "INSERT INTO peer (node, state, fingerprint, added, failures, next_try) VALUES ('cert.qn.example',"
            " 'verified', '', 1, 0, 0)"
        )
        database.execute(
            "INSERT INTO stream (peer, outgoing, epoch, seq, chain, receipted) VALUES ('cert.qn.example', %s, 1, 7, %s, 6)",
            (True, b"\x00" * 32),
        )
    from hilf.store.people import account

    account.add_administrator("admin", "secret password", "en")


def content():
    """Every row of every table, as both kinds of database say it."""
    held = {}
    for name in copy.tables():
        columns = copy.columns(name)
        quoted = ", ".join(f'"{each}"' for each in columns)
        rows = database.rows(f'SELECT {quoted} FROM "{name}"')
        held[name] = (
            columns,
            sorted(repr(tuple(map(copy.plain, map(plain_bytes, row)))) for row in rows),
        )
    counters = held["counter"][1]
    held["counter"] = (held["counter"][0], [each for each in counters if "'fulltext'" not in each])
    return held


def plain_bytes(value):
    return bytes(value) if isinstance(value, memoryview) else value


def take(path):
    head = {"migration": copy.migration(), "node": "cert.qm.example"}
    archive.write(
        path, head, lambda out: copy.copy_out(out, quiet, path.parent), lambda tables, _: {"tables": tables}
    )
    return path


def put(path):
    with archive.reading(path) as backup:
        return copy.copy_in(backup, path, quiet)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """The URL of a database without any table, of both kinds in turn."""
    if request.param == "sqlite":
        return str(tmp_path / "other.sqlite3")
    server = request.getfixturevalue("postgresql")
    name = f"empty_{abs(hash(tmp_path))}"
    server.psql(f"CREATE DATABASE {name}")
    return server.get_uri(database=name)


def test_every_row_of_every_table_comes_back_in_either_kind_of_database(store, empty, tmp_path):
    fill(tmp_path)
    before = content()
    file = take(tmp_path / "one.hilf")
    database.use(empty)
    held = put(file)
    assert {name: table["rows"] for name, table in held.items()} == {
        name: len(rows) + (name == "counter") for name, (_, rows) in before.items()
    }
    assert content() == before
    assert list(copy.faults_of(held)) == []
    assert [each.seq for each in speaking_of("kept.example")] == [1]
    assert len(copy.sample()) == 3


def test_numbers_and_words_go_on_where_they_were(sqlite_store, empty, tmp_path):
    fill(tmp_path)
    file = take(tmp_path / "one.hilf")
    database.use(empty)
    put(file)
    assert fulltext.waiting() == 3
    with database.transaction():
        fulltext.fill()
    write(indicator(4))
    assert read.current(identifier("indicator", 4), KEY)[0].seq == 4
    with database.transaction():
        database.execute(
            "INSERT INTO stream (peer, outgoing, epoch, seq, chain, receipted) VALUES ('cert.qn.example', %s, 1, 1, %s, 0)",
            (False, b""),
        )
    assert database.rows("SELECT id FROM stream ORDER BY id") == [(1,), (2,)]


def test_what_was_erased_is_in_no_backup(store, tmp_path):
    fill(tmp_path)
    with database.transaction():
        erase.erase([3], KEY)
    lines = zstandard.ZstdDecompressor().stream_reader(take(tmp_path / "one.hilf").read_bytes()).read()
    assert b"kept.example" in lines
    assert SECRET.encode() not in lines
    assert list(tmp_path.glob(".hilf-*")) == []


def test_a_backup_shows_one_moment_while_a_writer_goes_on(store, tmp_path):
    """Each writer's transaction brings an object and counts a position: a backup has both or none."""
    fill(tmp_path)
    stopped, written = threading.Event(), []

    def keep_writing():
        n = 100
        while not stopped.is_set():
            n += 1
            with database.transaction():
                write_assertions([indicator(n)], KEY)
                database.execute("UPDATE stream SET seq = %s", (n,))
            written.append(n)
        database.close()

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        files = []
        for n in range(3):
            seen = len(written)
            files.append(take(tmp_path / f"{n}.hilf"))
            while len(written) == seen:
                assert writer.is_alive(), "the writer was stopped by the backup"
    finally:
        stopped.set()
        writer.join()
    counts = []
    for n, file in enumerate(files):
        with copy.elsewhere(tmp_path / f"{n}.sqlite3"):
            held = put(file)
            (last,) = database.row("SELECT max(seq) FROM object")
            assert database.row("SELECT seq FROM stream") == ((last + 97,) if last > 3 else (7,))
            counts.append(held["object"]["rows"])
    assert counts == sorted(set(counts)), "each backup shows a later moment"


def test_a_database_that_holds_a_node_is_not_written_over(store, tmp_path):
    fill(tmp_path)
    file = take(tmp_path / "one.hilf")
    before = content()
    with pytest.raises(OperatorFault) as error:
        put(file)
    assert error.value.code == "backup.not-empty"
    assert content() == before


def test_tables_of_an_older_hilf_are_filled_and_then_migrated(empty, tmp_path):
    from django.core.management import call_command

    database.use(str(tmp_path / "old.sqlite3"))
    call_command("migrate", "hilf", "0003_finding_object", verbosity=0)
    database.execute(
        "INSERT INTO peer (node, state, fingerprint, added, failures, next_try) VALUES ('cert.qn.example', 'verified', '', 1, 0, 0)"
    )
    file = take(tmp_path / "old.hilf")
    database.use(empty)
    held = put(file)
    assert "tombstone" not in held
    assert database.rows("SELECT node FROM peer") == [("cert.qn.example",)]
    assert database.rows("SELECT * FROM tombstone") == []


def test_a_newer_hilf_s_backup_is_refused_before_anything_is_made(sqlite_store, tmp_path):
    file = tmp_path / "new.hilf"
    archive.write(file, {"migration": "0999_future"}, lambda _: None, lambda *_: {"tables": {}})
    database.use(str(tmp_path / "other.sqlite3"))
    with pytest.raises(OperatorFault) as error:
        put(file)
    assert error.value.code == "backup.too-new"
    assert copy.tables() == ()


def test_rows_that_point_to_nothing_are_a_fault(sqlite_store, tmp_path):
    fill(tmp_path)
    held = {"object": {"rows": 4}}
    assert list(copy.faults_of(held)) == ["table object holds 3 rows, not 4"]


def test_the_database_before_is_in_use_again_after_a_while_elsewhere(store, tmp_path):
    fill(tmp_path)
    with pytest.raises(ZeroDivisionError), copy.elsewhere(tmp_path / "x.sqlite3"):
        1 / 0  # noqa: B018
    assert database.row("SELECT count(*) FROM object") == (3,)
    assert database.row("SELECT state FROM object WHERE seq = 1") == (ObjectState.CURRENT,)
