"""Two nodes over real sockets, on either database: what is released arrives, receipted, and its outcome is known."""

import shutil

import pytest

from hilf.markings.tlp import Tlp
from tests.end_to_end.nodes import hilf, make_pair, serving, until
from tests.nations import indicator


@pytest.fixture(params=["sqlite", "postgresql"])
def two(request, tmp_path):
    """Two nodes that verified each other and agreed, both on one kind of database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("pair")
        return
    from hilf.store import database

    server = request.getfixturevalue("postgresql")
    names = [f"pair_{country}_{abs(hash(tmp_path))}" for country in ("qm", "qn")]
    for name in names:
        server.psql(f"CREATE DATABASE {name}")
    yield make_pair(tmp_path, *(server.get_uri(database=name) for name in names))
    database.use(":memory:")
    for name in names:
        server.psql(f"DROP DATABASE {name} WITH (FORCE)")


def test_what_is_released_arrives_and_both_hold_the_receipt(two):
    qm, qn = two
    qm.says(*[indicator(qm, f"i{n}", Tlp.GREEN) for n in range(30)])
    sides = [serving(nation) for nation in two]
    try:
        for process in sides:
            process.start()
        for process in sides:
            process.line()
        from datetime import UTC, datetime

        assert qm.release(qn, at=datetime.now(UTC)).queued > 0

        def arrived():
            return len(qn.objects(qm.node)) >= 30

        until(arrived, 30, "arrival")
        until(lambda: hilf(qm, "sync", qn.node)[1]["peers"][0]["error"] is None, 30, "a quiet round")
        receipts = hilf(qm, "receipts", "--peer", qn.node)[1]["receipts"]
        assert {name for each in receipts for name in each["outcomes"]} == {"applied"}
        ours = {each: body for each, body in qm.objects(qm.node).items() if each.startswith("indicator--")}
        theirs = {each: body for each, body in qn.objects(qm.node).items() if each.startswith("indicator--")}
        assert theirs == {each: canonical(body) for each, body in ours.items()}
    finally:
        for process in sides:
            process.kill()
        for nation in two:
            shutil.copy(nation.path / "serve.log", nation.path.parent / f"{nation.country}.log")


def canonical(body):
    from hilf.canonical import dumps, loads

    return dumps(loads(body))
