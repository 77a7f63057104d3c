from datetime import UTC, datetime, timedelta

import pytest

from hilf.markings.tlp import Tlp
from hilf.store.instant import microseconds
from tests.cli.nations import pair, present_nations  # noqa: F401
from tests.cli.test_release import note
from tests.nations import carry

NAME = "a note for a time"


@pytest.fixture
def over(pair):  # noqa: F811
    """QN holds a note of QM whose time was over an hour ago, on both sides."""
    from hilf.store import database

    qm, qn, run = pair
    made = note(qm, NAME, Tlp.GREEN)
    qm.says(made, at=datetime.now(UTC))
    run(qm, "release", "send", "--to", qn.node, "--select", f"id:{made['id']}")
    carry(qm, qn, datetime.now(UTC))
    past = microseconds(datetime.now(UTC) - timedelta(hours=1))
    for nation, table in ((qm, "released_retention"), (qn, "retention")):
        run(nation, "retention", "run")
        nation.home()
        with database.transaction():
            database.execute(f"UPDATE {table} SET until = %s", (past,))
    return qm, qn, run, made


def ours(document, made):
    return [(each["node"], each["state"]) for each in document if each["object"] == made["id"]]


def test_what_is_over_is_shown_by_no_command_although_no_worker_ran(over):
    _, qn, run, made = over
    assert run(qn, "search", "--select", f"id:{made['id']}").document["total"] == 0
    assert NAME not in run(qn, "show", made["id"], "--versions", as_json=False).output
    assert not qn.holds(NAME)


def test_list_shows_both_sides_and_what_is_overdue(over):
    qm, qn, run, made = over
    overdue = run(qm, "retention", "list", "--due").document
    assert ours(overdue["released"], made) in ([(qn.node, "kept")], [(qn.node, "open")])
    assert run(qm, "retention", "run").document["told"] >= 1
    assert run(qn, "retention", "run").document["erased"] >= 1
    carry(qm, qn, datetime.now(UTC))
    carry(qn, qm, datetime.now(UTC))
    assert run(qm, "retention", "list", "--due").document == {"received": [], "released": []}
    listed = run(qm, "retention", "list").document
    assert ours(listed["released"], made) == [(qn.node, "erased")]
    received = run(qn, "retention", "list").document["received"]
    assert ours(received, made) == [(qm.node, "erased")]
    assert run(qn, "retention", "list", "--since", "2099-01-01").document == {"received": [], "released": []}


def test_tables_say_what_is_what(over):
    qm, qn, run, made = over
    text = run(qm, "retention", "list", as_json=False).output
    assert "Received" in text
    assert "Nothing that we received is bound to a time." in text
    assert made["id"] in text
    assert run(qn, "retention", "run", as_json=False).output.endswith("taken back from partners.\n")
