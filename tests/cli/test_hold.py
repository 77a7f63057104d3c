from datetime import UTC, datetime

import pytest

from hilf.markings.tlp import Tlp
from tests.cli.nations import pair, present_nations  # noqa: F401
from tests.cli.test_release import note
from tests.nations import SECOND, carry

NAME = "a note under a hold"


@pytest.fixture
def held(pair):  # noqa: F811
    """QN holds a note of QM, and has put it under a hold."""
    qm, qn, run = pair
    made = note(qm, NAME, Tlp.GREEN)
    qm.says(made, at=datetime.now(UTC))
    run(qm, "release", "send", "--to", qn.node, "--select", f"id:{made['id']}")
    carry(qm, qn, datetime.now(UTC))
    done = run(qn, "hold", "set", "--select", f"id:{made['id']}", "--reason", "court", "--as", "officer")
    assert done.exit_code == 0
    return qm, qn, run, made, done.document


def take_back(held):
    qm, qn, run, made, _ = held
    run(qm, "retract", made["id"], "--reason", "error")
    carry(qm, qn, datetime.now(UTC))
    carry(qn, qm, datetime.now(UTC))
    (told,) = run(qm, "retract", "status", made["id"]).document["nodes"]
    return told["state"]


def test_hold_says_what_it_covers_and_how_it_ends(held):
    _, qn, run, _, document = held
    assert (document["reason"], document["objects"], document["lifted"]) == ("court", 1, None)
    assert [(act["act"], act["officer"]) for act in document["acts"]] == [("set", "officer")]
    assert run(qn, "hold", "list").document == {"holds": [document]}
    listed = run(qn, "hold", "list", as_json=False).output
    assert document["hold"] in listed
    assert "officer (set)" in listed


def test_held_note_is_hidden_from_search_shown_by_the_hold_and_kept_until_two_lift_it(held):
    _, qn, run, made, document = held
    assert take_back(held) == "held"
    assert run(qn, "search", "--select", f"id:{made['id']}").document["total"] == 0
    assert NAME not in run(qn, "show", made["id"], "--versions", as_json=False).output
    shown = run(qn, "hold", "show", document["hold"], made["id"], "--as", SECOND)
    assert [each["object"]["id"] for each in shown.document["hidden"]] == [made["id"]]
    assert NAME in run(qn, "hold", "show", document["hold"], made["id"], "--as", SECOND, as_json=False).output
    one = run(qn, "hold", "lift", document["hold"], "--as", "officer").document
    assert (one["lifted"], one["officers_missing"]) == (None, 1)
    two = run(qn, "hold", "lift", document["hold"], "--as", SECOND).document
    assert (two["lifted"] is None, [act["act"] for act in two["acts"]]) == (
        False,
        ["set", "show", "show", "lift", "lift"],
    )


def test_what_is_under_a_hold_cannot_be_undone_or_dropped(pair):  # noqa: F811
    qm, _, run = pair
    made = note(qm, NAME, Tlp.GREEN)
    qm.says(made, at=datetime.now(UTC))
    done = run(qm, "hold", "set", "--object", made["id"], "--reason", "court", "--as", "officer")
    assert done.exit_code == 0
    (newest, *_) = run(qm, "undo", "--list").document["imports"]
    refused = run(qm, "undo", newest["import"])
    assert (refused.exit_code, refused.document["error"]["code"]) == (1, "hold.stands")
    for officer in ("officer", SECOND):
        run(qm, "hold", "lift", done.document["hold"], "--as", officer)
    assert run(qm, "undo", newest["import"]).exit_code == 0


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (("set", "--reason", "x", "--as", "officer"), 2, "hold.nothing"),
        (("lift", "hold--x", "--as", "officer"), 2, "hold.unknown"),
        (("show", "hold--x", "note--x", "--as", "officer"), 2, "hold.unknown"),
    ],
)
def test_refusals_have_a_code(pair, words, exit_code, code):  # noqa: F811
    qm, _, run = pair
    answer = run(qm, "hold", *words)
    assert (answer.exit_code, answer.document["error"]["code"]) == (exit_code, code)


def test_list_says_what_to_do_while_it_is_empty(pair):  # noqa: F811
    qm, _, run = pair
    assert run(qm, "hold", "list", as_json=False).output.startswith("No holds: whatever must go is erased.")
