from datetime import UTC, datetime, timedelta

import pytest

from hilf.markings.tlp import Tlp
from tests.cli.nations import pair, present_nations  # noqa: F401
from tests.nations import SECOND, entry

AT = datetime.now(UTC) - timedelta(seconds=30)
UNTIL = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%d")


def note(nation, tlp):
    """A note, written before now."""
    subject = "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
    made = entry("note", nation, tlp.word, tlp, AT, content=tlp.word, object_refs=[subject])
    return {**made, "created": made["modified"]}


@pytest.fixture
def proposed(pair):  # noqa: F811
    """QM asserts a GREEN and an AMBER note; an officer proposed an order for notes."""
    qm, qn, run = pair
    notes = [note(qm, tlp) for tlp in (Tlp.GREEN, Tlp.AMBER)]
    qm.says(*notes, at=datetime.now(UTC))
    told = add(qm, run, qn)
    return qm, qn, run, told.document["order"], [each["id"] for each in notes]


def add(qm, run, qn, *more, every="5m", until=UNTIL, as_json=True):
    said = ("--select", "type:note", "--to", qn.node, "--every", every, "--until", until, "--as", "officer")
    return run(qm, "release", "order", "add", *said, *more, as_json=as_json)


def order(run, nation, *words, as_json=True):
    return run(nation, "release", "order", *words, as_json=as_json)


def test_an_order_is_proposed_approved_by_another_officer_and_carried_out_by_the_worker(proposed):
    from hilf.node import order_run
    from hilf.node.home import now

    qm, qn, run, order_id, (green, amber) = proposed
    assert [each["code"] for each in run(qm, "status").document["warnings"]].count("status.order-waits") == 1
    same = order(run, qm, "approve", order_id, "--as", "officer")
    assert (same.exit_code, same.document["error"]["code"]) == (1, "order.same-officer")
    (foreseen,) = order(run, qm, "preview", order_id).document["to"]
    assert (green in foreseen["goes"], foreseen["approvals"]) == (True, [amber])
    approved = order(run, qm, "approve", order_id, "--as", SECOND)
    assert (approved.document["state"], approved.document["officers_missing"]) == ("runs", 0)
    assert order_run.run_due(qm.home(), now()) == len(foreseen["goes"])
    did = order(run, qm, "show", order_id).document["last"]["nodes"][qn.node]
    assert (did["queued"], did["approvals"]) == (len(foreseen["goes"]), [amber])
    assert [each["order"] for each in run(qm, "release", "list").document["releases"]] == [order_id]
    (went,) = run(qm, "release", "why", green, "--to", qn.node).document["sent"]
    assert went["order"] == order_id
    assert "status.order-leaves" in [each["code"] for each in run(qm, "status").document["warnings"]]


def test_what_an_order_would_do_is_said_for_people(proposed):
    qm, qn, run, order_id, (_, amber) = proposed
    told = order(run, qm, "preview", order_id, as_json=False).output
    assert f"To {qn.node}, for defence" in told
    assert "2 would go, 1 wait for a person, 0 stay, 0 are there already." in told
    assert f"{amber}  needs an approval, or goes with what does" in told
    shown = order(run, qm, "show", order_id, as_json=False).output
    assert "It has not run yet." in shown
    assert "  selects   type:note" in shown.splitlines()


def test_list_and_stop(proposed):
    qm, _, run, order_id, _ = proposed
    (listed,) = order(run, qm, "list").document["orders"]
    assert (listed["order"], listed["state"], listed["selection"], listed["every_s"]) == (
        order_id,
        "proposed",
        "type:note",
        300,
    )
    assert f"{order_id}  proposed  5m " in order(run, qm, "list", as_json=False).output
    stopped = order(run, qm, "stop", order_id)
    assert (stopped.exit_code, stopped.document["state"]) == (0, "stopped")
    again = order(run, qm, "stop", order_id)
    assert (again.exit_code, again.document["error"]["code"]) == (1, "order.ended-already")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"every": "10s"}, "order.every"),
        ({"every": "soon"}, None),
        ({"until": "2020-01-01"}, "order.until"),
        ({"until": "some day"}, "select.time"),
    ],
)
def test_wrong_use_is_said_before_a_passphrase_is_asked_for(pair, said, code):  # noqa: F811
    qm, qn, run = pair
    run.passphrase.write_text("not the passphrase\n")
    told = add(qm, run, qn, **said, as_json=code is not None)
    assert told.exit_code == 2
    assert code is None or told.document["error"]["code"] == code


def test_an_unknown_order_is_said(pair):  # noqa: F811
    qm, _, run = pair
    for words in (("stop", "order--1"), ("show", "order--1"), ("preview", "order--1")):
        told = order(run, qm, *words)
        assert (told.exit_code, told.document["error"]["code"]) == (2, "order.unknown")
    assert "There is no standing order." in order(run, qm, "list", as_json=False).output
