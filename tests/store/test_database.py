import sqlite3
from pathlib import Path

import pytest

from hilf.errors import OperatorFault
from hilf.store import database

FINDING = (
    "INSERT INTO finding (at, object, place, rule, message, outcome) VALUES (1, 'o', 'p', 'r', %s, 'refused')"
)


@database.transaction()
def allot_and_fail(count):
    raise RuntimeError(f"from {database.allot('n', count)}")


@database.transaction()
def write_half():
    database.execute(FINDING, ("half written",))
    raise RuntimeError("half")


def test_a_database_of_another_kind_is_refused_by_name():
    with pytest.raises(OperatorFault) as refused:
        database.describe("mysql://127.0.0.1/hilf")
    assert (refused.value.code, refused.value.what) == (
        "store.database-url",
        "The database URL starts with mysql://.",
    )


def test_the_parts_of_a_postgresql_url_are_read():
    described = database.describe("postgresql://qm:p%40ss@db.example:5433/hilf?host=%2Frun%2Fsocket")
    assert (described["USER"], described["PASSWORD"], described["NAME"]) == ("qm", "p@ss", "hilf")
    assert (described["HOST"], described["PORT"]) == ("/run/socket", 5433)


def test_allotted_numbers_follow_each_other_and_come_again_after_a_rollback(store):
    with database.transaction():
        assert database.allot("n", 3) == 1
    with pytest.raises(RuntimeError, match="from 4"):
        allot_and_fail(5)
    with database.transaction():
        assert database.allot("n", 1) == 4


def test_what_is_written_in_a_transaction_that_fails_is_not_there(store):
    with pytest.raises(RuntimeError, match="half"):
        write_half()
    assert database.rows("SELECT message FROM finding") == []


def test_a_database_without_our_tables_says_so(tmp_path):
    database.use(str(tmp_path / "empty.sqlite3"))
    with pytest.raises(OperatorFault) as refused:
        database.rows("SELECT * FROM object")
    assert refused.value.code == "store.not-migrated"
    database.use(":memory:")


def test_a_file_that_is_no_database_says_so(tmp_path):
    file = tmp_path / "hilf.sqlite3"
    file.write_bytes(b"not a database at all, " * 100)
    database.use(str(file))
    with pytest.raises(OperatorFault) as refused:
        database.rows("SELECT 1 FROM object")
    assert refused.value.code == "store.damaged"
    database.use(":memory:")


def test_cleaning_lets_go_of_deleted_rows(store):
    with database.transaction():
        database.execute_many(FINDING, [(f"message {n}",) for n in range(1000)])
    database.execute("DELETE FROM finding")
    database.clean()
    if database.is_postgresql():
        assert database.row("SELECT pg_relation_size('finding')") == (0,)
        return
    file = Path(store)
    assert file.with_suffix(".sqlite3-wal").stat().st_size == 0
    assert b"message 999" not in file.read_bytes()


def test_a_long_lock_is_waited_for_and_then_named(sqlite_store):
    other = sqlite3.connect(sqlite_store, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    database.execute("PRAGMA busy_timeout = 50")
    with pytest.raises(OperatorFault) as refused, database.transaction():
        database.execute(FINDING, ("never",))
    assert refused.value.code == "store.locked"
    other.execute("ROLLBACK")
    other.close()
    with database.transaction():
        database.execute(FINDING, ("then",))
    assert database.rows("SELECT message FROM finding") == [("then",)]
