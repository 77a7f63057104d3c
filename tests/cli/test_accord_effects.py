"""`hilf accord`: what a step would change is told before, a text is named before it is signed, drafts are dropped."""

# ruff: noqa: F401, F811  # fixtures are imported
import json
from datetime import UTC, datetime

from hilf.markings.tlp import Tlp
from tests.cli.nations import pair, present_nations
from tests.cli.test_accord import in_force, signs
from tests.nations import SECOND, carry, indicator

CLEAR_ONLY = {
    "id": "c-1",
    "effect": "permit",
    "kinds": ["object"],
    "when": {"marking_max": "clear"},
    "text": {"en": "C"},
}


def amended(run, nation, tmp_path) -> tuple[str, str]:
    """The id of the accord in force, and the hash of a draft of its next version that lets CLEAR go only."""
    (accord_id,) = in_force(run, nation)
    file = tmp_path / "changes.json"
    file.write_text(json.dumps({"clauses": [CLEAR_ONLY]}))
    return accord_id, run(nation, "accord", "amend", accord_id, "--from", file).document["hash"]


def test_effects_of_a_text_are_told_for_people_and_for_scripts(pair, tmp_path):
    qm, qn, run = pair
    accord_id, text = amended(run, qm, tmp_path)
    qm.says(indicator(qm, "green", Tlp.GREEN), at=datetime.now(UTC))
    entry = indicator(qm, "green", Tlp.GREEN)["id"]
    told = run(qm, "accord", "effects", accord_id, "--text", text[:8])
    assert (told.exit_code, told.document["hash"], told.document["step"]) == (0, text, "signature")
    (node,) = told.document["nodes"]
    assert (node["node"], node["closes"]) == (qn.node, {"count": 1, "examples": [entry]})
    lines = run(qm, "accord", "effects", accord_id, "--text", text[:8], as_json=False).output.splitlines()
    assert lines[0] == f"{accord_id}, version 2, text {text[:16]}"
    assert lines[2] == f"  {qn.node}: 1 of our objects may leave to it now, and may not then ({entry})"


def test_effects_of_an_end_and_of_a_suspension_are_told_before(pair):
    qm, qn, run = pair
    (accord_id,) = in_force(run, qm)
    qm.says(indicator(qm, "green", Tlp.GREEN), at=datetime.now(UTC))
    qm.release(qn, at=datetime.now(UTC))
    carry(qm, qn, datetime.now(UTC))
    for option, step, retracted in (("--end", "end", 2), ("--suspend", "suspension", 0)):
        (node,) = run(qm, "accord", "effects", accord_id, option).document["nodes"]
        assert node["retracted"]["count"] == retracted
        assert run(qm, "accord", "effects", accord_id, option).document["step"] == step


def test_an_end_says_what_the_partner_is_told_to_let_go(pair):
    qm, qn, run = pair
    (accord_id,) = in_force(run, qm)
    qm.says(indicator(qm, "green", Tlp.GREEN), at=datetime.now(UTC))
    qm.release(qn, at=datetime.now(UTC))
    carry(qm, qn, datetime.now(UTC))
    run(qm, "accord", "end", accord_id, "--as", "officer")
    ended = run(qm, "accord", "end", accord_id, "--as", SECOND, as_json=False).output
    assert f"{qn.node} is told to let go of 2 objects that it has from us." in ended.splitlines()


def test_an_officer_names_the_text_that_he_signs(pair, tmp_path):
    qm, qn, run = pair
    accord_id, text = amended(run, qn, tmp_path)
    run(qn, "accord", "propose", accord_id)
    carry(qn, qm, datetime.now(UTC))
    sign = ("accord", "sign", accord_id, "--as", "officer")
    unnamed = run(qm, *sign)
    assert (unnamed.exit_code, unnamed.document["error"]["code"]) == (2, "accord.text-not-named")
    assert f"Hash {text}" in unnamed.errors
    short = run(qm, *sign, "--text", text[:7])
    assert (short.exit_code, short.document["error"]["code"]) == (2, "accord.text-not-named")
    other = run(qm, *sign, "--text", "0" * 16)
    assert (other.exit_code, other.document["error"]["code"]) == (1, "accord.which-text")
    signed = run(qm, *sign, "--text", text[:8])
    assert (signed.exit_code, signed.document["missing"], signed.document["effects"]["hash"]) == (0, 1, text)


def test_a_draft_is_dropped_by_command_and_the_accord_in_force_stays(pair, tmp_path):
    qm, _, run = pair
    accord_id, _ = amended(run, qm, tmp_path)
    assert run(qm, "accord", "drop", accord_id).document == {"id": accord_id, "dropped": 1}
    assert [a["version"] for a in run(qm, "accord", "list").document["accords"]] == [1]
    again = run(qm, "accord", "drop", accord_id)
    assert (again.exit_code, again.document["error"]["code"]) == (1, "accord.no-draft")


def test_an_amendment_needs_something_to_change_and_names_who_joins_and_goes(pair):
    qm, qn, run = pair
    (accord_id,) = in_force(run, qm)
    empty = run(qm, "accord", "amend", accord_id)
    assert (empty.exit_code, empty.document["error"]["code"]) == (2, "accord.no-change")
    unknown = run(qm, "accord", "amend", accord_id, "--join", "cert.qx.example")
    assert (unknown.exit_code, unknown.document["error"]["code"]) == (2, "accord.partner-unknown")
    alone = run(qm, "accord", "amend", accord_id, "--without", qn.node)
    assert (alone.exit_code, alone.document["error"]["code"]) == (2, "accord.text")


def test_an_amendment_that_is_signed_says_what_waits_anew(pair, tmp_path):
    qm, qn, run = pair
    (accord_id,) = in_force(run, qm)
    file = tmp_path / "changes.json"
    file.write_text(json.dumps({"retention_days": 30}))
    run(qm, "accord", "amend", accord_id, "--from", file)
    run(qm, "accord", "propose", accord_id)
    carry(qm, qn, datetime.now(UTC))
    for officer in ("officer", SECOND):
        signs(run, qn, accord_id, officer)
    carry(qn, qm, datetime.now(UTC))
    qm.says(indicator(qm, "waits", Tlp.GREEN), at=datetime.now(UTC))
    qm.release(qn, at=datetime.now(UTC))
    signs(run, qm, accord_id, "officer")
    (settled,) = signs(run, qm, accord_id, SECOND).document["settled"]
    assert settled == {"node": qn.node, "dropped": 2, "offered": 2, "retracted": 0, "finished": True}
    new, old = run(qm, "release", "list").document["releases"]
    assert (new["acts"], new["reasons"]) == ({"waiting": 2}, {})
    assert (old["acts"], old["reasons"]) == ({"dropped": 2}, {"accord.amended": 2})


def test_every_template_is_drafted_by_command(pair):
    qm, qn, run = pair
    for name in ("intelligence", "community", "incident", "exercise", "public"):
        drafted = run(qm, "accord", "draft", "--with", qn.node, "--template", name)
        assert (drafted.exit_code, drafted.document["state"]) == (0, "draft")
    unknown = run(qm, "accord", "draft", "--with", qn.node, "--template", "peace")
    assert (unknown.exit_code, unknown.document["error"]["code"]) == (2, "accord.template")
