from datetime import UTC, datetime

import pytest

from hilf.markings.tlp import Tlp
from tests.cli.nations import pair, present_nations  # noqa: F401
from tests.cli.test_release import note
from tests.nations import SECOND, carry


@pytest.fixture
def held(pair):  # noqa: F811
    """QN holds a note of QM."""
    qm, qn, run = pair
    made = note(qm, "a note to take back", Tlp.GREEN)
    qm.says(made, at=datetime.now(UTC))
    run(qm, "release", "send", "--to", qn.node, "--select", f"id:{made['id']}")
    carry(qm, qn, datetime.now(UTC))
    assert made["id"] in qn.objects()
    return qm, qn, run, made


def test_retract_and_status_tell_each_node(held):
    qm, qn, run, made = held
    done = run(qm, "retract", made["id"], "--reason", "error", "--deadline", "2099-01-01")
    assert (done.exit_code, [(n["node"], n["state"]) for n in done.document["nodes"]]) == (
        0,
        [(qn.node, "open")],
    )
    carry(qm, qn, datetime.now(UTC))
    carry(qn, qm, datetime.now(UTC))
    status = run(qm, "retract", "status", made["id"]).document
    assert [(n["node"], n["state"], n["late"]) for n in status["nodes"]] == [(qn.node, "hidden", False)]
    assert status["retractions"][0]["deadline"] == "2099-01-01T00:00:00.000Z"
    assert made["id"] not in qn.objects()
    assert qn.node in run(qm, "retract", "status", made["id"], as_json=False).output


def test_an_error_is_not_erased_at_once_whoever_signs(held):
    qm, _, run, made = held
    told = run(qm, "retract", made["id"], "--reason", "error", "--as", "officer", as_json=False)
    assert (told.exit_code, "more officer" in told.output) == (0, False)


def test_two_officers_erase_a_source_at_risk_at_once(held):
    qm, qn, run, made = held
    told = run(qm, "retract", made["id"], "--reason", "source-at-risk", "--as", "officer", as_json=False)
    assert "1 more officer(s) must repeat it with --as before it is erased at once." in told.output
    one = run(qm, "retract", "status", made["id"])
    assert one.document["retractions"][0]["officers_missing"] == 1
    two = run(qm, "retract", made["id"], "--reason", "source-at-risk", "--as", SECOND)
    assert two.document["retractions"][0]["officers_missing"] == 0
    carry(qm, qn, datetime.now(UTC))
    carry(qn, qm, datetime.now(UTC))
    assert [n["state"] for n in run(qm, "retract", "status", made["id"]).document["nodes"]] == ["erased"]
    assert not qn.holds(made["content"])


def test_what_we_do_not_say_cannot_be_taken_back(held):
    _, qn, run, made = held
    refused = run(qn, "retract", made["id"], "--reason", "error")
    assert (refused.exit_code, refused.document["error"]["code"]) == (1, "retract.not-asserted")


def test_wrong_use_ends_with_2(held):
    qm, _, run, made = held
    assert run(qm, "retract", made["id"], "--reason", "because", as_json=False).exit_code == 2
    unknown = run(qm, "retract", "status", made["id"])
    assert (unknown.exit_code, unknown.document["error"]["code"]) == (2, "retract.unknown")
    late = run(qm, "retract", made["id"], "--reason", "error", "--deadline", "2020-01-01")
    assert (late.exit_code, late.document["error"]["code"]) == (2, "retract.deadline")
    for decide in ("accept", "refuse"):
        none = run(qm, "retract", decide, "cert.qn.example")
        assert (none.exit_code, none.document["error"]["code"]) == (2, "retract.none-held")


def test_help_has_an_example(held):
    qm, _, run, _ = held
    for name, words in (
        ("object", "hilf retract indicator--"),
        ("status", "hilf retract status"),
        ("accept", "hilf retract accept"),
        ("refuse", "hilf retract refuse"),
    ):
        assert words in run(qm, "retract", name, "--help", as_json=False).output
    assert "hilf retract indicator--" in run(qm, "retract", "--help", as_json=False).output
