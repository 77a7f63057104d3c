"""`hilf show`: that parts of an object were left out, and why something of it is not shown."""

# ruff: noqa: F401, F811  # fixtures are imported
from datetime import UTC, datetime

from hilf.markings.tlp import Tlp
from tests.cli.nations import pair, present_nations
from tests.cli.test_hold import held, take_back
from tests.cli.test_release import note
from tests.nations import carry
from tests.node.test_redacted import report


def given(qm, qn, run, made) -> None:
    qm.says(made, at=datetime.now(UTC))
    assert run(qm, "release", "send", "--to", qn.node, "--select", f"id:{made['id']}").exit_code == 0
    carry(qm, qn, datetime.now(UTC))


def test_who_got_a_redacted_form_sees_that_parts_were_left_out(pair):
    qm, qn, run = pair
    made = report(qm)
    given(qm, qn, run, made)
    for nation, redacted in ((qn, True), (qm, False)):
        shown = run(nation, "show", made["id"])
        assert shown.document["redacted"] is redacted
        assert [each["redacted"] for each in shown.document["assertions"]] == [redacted]
        marked = run(nation, "markings", "show", made["id"])
        assert [each["redacted"] for each in marked.document["assertions"]] == [redacted]
        for command in (("show",), ("markings", "show")):
            lines = run(nation, *command, made["id"], as_json=False).output.splitlines()
            assert ("  Parts of it were left out by its author." in lines) is redacted


def test_what_was_taken_back_is_said_with_who_did_and_why(pair):
    qm, qn, run = pair
    made = note(qm, "a note", Tlp.GREEN)
    given(qm, qn, run, made)
    run(qm, "retract", made["id"], "--reason", "error")
    carry(qm, qn, datetime.now(UTC))
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    for nation, who in ((qn, qm.node), (qm, "this node")):
        (said,) = run(nation, "show", made["id"]).document["withheld"]
        assert (said["asserter"], said["state"], said["reason"]) == (qm.node, "hidden", "error")
        assert (said["text"], said["holds"]) == (f"{who} took it back on {today} (error)", [])
        lines = run(nation, "show", made["id"], as_json=False).output.splitlines()
        version = said["sha256"][:16]
        assert lines[:2] == [
            f"Not shown, as {qm.node} says it (hidden, version {version}…): {said['text']}.",
            "Nothing of it may be shown.",
        ]


def test_what_a_legal_hold_keeps_is_said_with_the_hold(held):
    _, qn, run, made, document = held
    assert run(qn, "show", made["id"]).document["withheld"] == []
    take_back(held)
    (said,) = run(qn, "show", made["id"]).document["withheld"]
    assert said["holds"] == [document["hold"]]
    assert said["text"].endswith(f"kept from being erased by {document['hold']}")


def test_what_waits_in_quarantine_is_said_with_the_rule(pair, tmp_path):
    import json

    qm, _, run = pair
    made = note(qm, "a note", Tlp.GREEN)
    other = {**made, "content": "other words"}
    for n, each in enumerate((made, other)):
        file = tmp_path / f"{n}.json"
        file.write_text(json.dumps(each))
        run(qm, "import", file)
    (said,) = run(qm, "show", made["id"]).document["withheld"]
    assert (said["state"], said["reason"]) == ("quarantined", "intake.equivocation")
    assert said["text"].startswith("it waits in quarantine: ")
