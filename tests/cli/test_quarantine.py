from datetime import UTC, datetime, timedelta

from hilf.markings.tlp import Tlp
from tests.cli.nations import pair, present_nations  # noqa: F401
from tests.nations import carry, indicator
from tests.stix_objects import bundle

AT = datetime.now(UTC) - timedelta(seconds=30)


def of_qm(qm, qn, run, tmp_path, name):
    """QN imports what QM is said to have written."""
    made = indicator(qm, name, Tlp.GREEN, AT)
    made["created"] = made["modified"]
    (tmp_path / f"{name}.json").write_bytes(bundle(made))
    return made["id"], run(qn, "import", tmp_path / f"{name}.json", as_json=False)


def test_the_way_from_an_import_to_a_decision(pair, tmp_path):  # noqa: F811
    qm, qn, run = pair
    empty = run(qn, "quarantine", "list", as_json=False).output
    assert empty.startswith("Nothing waits for a person: whatever came was accepted or refused by the rules")
    one, told = of_qm(qm, qn, run, tmp_path, "one")
    assert "What is quarantined waits for a person to decide: hilf quarantine list --import 1" in told.output
    two, _ = of_qm(qm, qn, run, tmp_path, "two")
    listed = run(qn, "quarantine", "list", as_json=False).output
    assert f"{one}  import 1  ownership.no-proof" in listed
    assert "current, without author" in listed
    assert f"hilf quarantine accept {one} --reason TEXT" in listed
    assert "hilf quarantine list" in run(qn, "status", as_json=False).output
    assert "hilf quarantine list" in run(qn, "findings", as_json=False).output
    assert "hilf quarantine list" in run(qn, "show", one, "--raw", as_json=False).errors
    assert "hilf quarantine list" in run(qn, "show", one, as_json=False).output
    (waiting,) = run(qn, "quarantine", "list", "--import", 2).document["waiting"]
    assert (waiting["id"], waiting["import"], waiting["peer"], waiting["becomes"]) == (
        two,
        2,
        None,
        "current",
    )
    assert len(run(qn, "quarantine", "list", "--limit", 1).document["waiting"]) == 1

    done = run(qn, "quarantine", "accept", one, "--reason", "asked QM by phone", as_json=False)
    assert (done.exit_code, done.output) == (0, f"{one} counts now, as current, without author.\n")
    dropped = run(qn, "quarantine", "drop", two, "--import", 2, "--reason", "not of QM").document
    assert (dropped["id"], dropped["became"], dropped["told"]) == (two, "dropped", [])
    assert run(qn, "quarantine", "list").document == {"waiting": [], "next": None}
    assert run(qn, "show", one).exit_code == 0
    messages = [f["message"] for f in run(qn, "findings").document["findings"] if f["place"] == "quarantine"]
    assert [m.partition(": ")[2] for m in messages] == ["asked QM by phone", "not of QM"]


def test_a_decision_without_a_reason_or_on_nothing_is_wrong_use(pair):  # noqa: F811
    _, qn, run = pair
    assert (
        run(
            qn, "quarantine", "accept", "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", as_json=False
        ).exit_code
        == 2
    )
    told = run(qn, "quarantine", "drop", "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", "--reason", "x")
    assert (told.exit_code, told.document["error"]["code"]) == (2, "quarantine.unknown")


def test_the_partner_sees_in_receipts_and_why_what_became_of_it(pair):  # noqa: F811
    from hilf.store import database

    qm, qn, run = pair
    made = indicator(qm, "held at first", Tlp.GREEN, AT)
    made["created"] = made["modified"]
    qm.says(made, at=datetime.now(UTC))
    qm.release(qn, f"id:{made['id']}", at=datetime.now(UTC))
    qn.home()  # as if QN did not hold the key of QM's proof: another node claims the same identity
    carry(qm, qn, datetime.now(UTC))
    qn.home()
    database.execute(
        "UPDATE object SET state = 2, author = NULL, authorship = NULL WHERE stix_id = %s", (made["id"],)
    )
    database.execute("UPDATE act SET state = 'held' WHERE kind = 'object' AND outgoing = %s", (False,))
    qm.home()
    database.execute("UPDATE act SET state = 'held' WHERE kind = 'object' AND outgoing = %s", (True,))
    said = run(qn, "quarantine", "drop", made["id"], "--reason", "x", as_json=False).output
    assert f"{qm.node} is told with the next round: hilf sync" in said
    carry(qn, qm, datetime.now(UTC))
    why = run(qm, "release", "why", made["id"], "--to", qn.node, as_json=False).output
    assert "(refused: quarantine.dropped)" in why
    assert "refused" in run(qm, "release", "list", as_json=False).output
