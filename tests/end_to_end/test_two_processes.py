"""Two processes of one node that come to the same partner at once, after an older database was put in place."""

import subprocess
import sys
from datetime import UTC, datetime
from urllib.parse import urlsplit

import orjson
import pytest

from hilf.markings.tlp import Tlp
from hilf.store import database
from tests.end_to_end.nodes import environment, hilf, make_pair, serving
from tests.nations import back_up, indicator, put_back

BEFORE, AFTER = 20, 700
"""Released before the backup, and since: taken back in two questions."""


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request, tmp_path):
    """QM, on SQLite and on PostgreSQL in turn, with a verified QN, and how its database is backed up and put back."""
    if request.param == "sqlite":
        qm, qn = make_pair(tmp_path)
        copies = []
        yield qm, qn, lambda: copies.append(back_up(qm)), lambda: put_back(qm, copies[0])
    else:
        url, server = request.getfixturevalue("postgresql_url"), request.getfixturevalue("postgresql")
        name = urlsplit(url).path.lstrip("/")
        qm, qn = make_pair(tmp_path, url, None)

        def copy(new, old):
            database.use(":memory:")
            server.psql(f"DROP DATABASE IF EXISTS {new}")
            server.psql(f"CREATE DATABASE {new} TEMPLATE {old}")

        yield qm, qn, lambda: copy(f"{name}_older", name), lambda: copy(name, f"{name}_older")
    database.use(":memory:")


def at_once(nation, *arguments):
    """The same command twice at once; what both say."""
    command = [sys.executable, "-m", "hilf", *arguments, "--home", str(nation.path), "--json"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment()) for _ in range(2)]
    return [(orjson.loads(each.communicate(timeout=120)[0]), each.returncode)[::-1] for each in both]


def release(qm, qn, name, count):
    made = [indicator(qm, f"{name}-{n}", Tlp.GREEN) for n in range(count)]
    qm.says(*made, at=datetime.now(UTC))
    qm.release(qn, at=datetime.now(UTC))
    database.use(":memory:")
    code, document = hilf(qm, "sync")
    assert code == 0, document
    return {each["id"] for each in made}


def found(nation, sql, *parameters):
    nation.home()
    return database.rows(sql, parameters)


def test_two_processes_that_reconcile_at_once_double_nothing_and_open_one_epoch(kept):
    qm, qn, backed_up, restore = kept
    process = serving(qn, "--no-worker")
    process.start()
    process.line()
    try:
        before = release(qm, qn, "before", BEFORE)
        backed_up()
        after = release(qm, qn, "after", AFTER)
        restore()
        assert {each for each in qm.objects() if each.startswith("indicator--")} == before
        database.use(":memory:")
        both = at_once(qm, "sync")
        assert [code for code, _ in both] == [0, 0], both
        last = hilf(qm, "sync")
        assert last[0] == 0, last
    finally:
        process.kill()
    of_qm = "SELECT stix_id, count(*) FROM object WHERE asserter = %s AND stix_id LIKE 'indicator--%%' GROUP BY stix_id"
    for nation in (qm, qn):
        assert dict(found(nation, of_qm, qm.node)) == dict.fromkeys(before | after, 1)
    where = "SELECT epoch, seq, chain FROM stream WHERE peer = %s AND outgoing = %s"
    ((epoch, *here),) = found(qm, where, qn.node, True)
    assert [(epoch, *here)] == found(qn, where, qm.node, False)
    assert epoch == 2
    opened = "SELECT count(*) FROM batch WHERE peer = %s AND outgoing = %s AND epoch = %s AND first = %s"
    assert found(qn, opened, qm.node, False, 2, 1) == [(1,)]
    acts = (
        "SELECT state, count(*) FROM act WHERE peer = %s AND outgoing = %s AND kind = 'object' GROUP BY state"
    )
    sent = {"applied": BEFORE + AFTER + 1}  # and the object that stands for QM
    assert dict(found(qm, acts, qn.node, True)) == dict(found(qn, acts, qm.node, False)) == sent
    ended = "SELECT taken FROM reconciliation WHERE peer = %s AND ended IS NOT NULL"
    assert len(found(qm, ended, qn.node)) == 1
