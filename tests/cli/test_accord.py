import json
from datetime import UTC, datetime

from tests.cli.nations import pair, present_nations  # noqa: F401
from tests.nations import SECOND, carry


def in_force(run, nation):
    return [a["id"] for a in run(nation, "accord", "list").document["accords"] if a["state"] == "in force"]


def signs(run, nation, accord_id, officer):
    """Sign the newest text as it is shown."""
    text = run(nation, "accord", "show", accord_id).document["hash"]
    return run(nation, "accord", "sign", accord_id, "--as", officer, "--text", text[:16])


def test_an_accord_goes_from_draft_to_end_by_commands(pair, tmp_path):  # noqa: F811
    qm, qn, run = pair
    out = tmp_path / "draft.json"
    drafted = run(qn, "accord", "draft", "--with", qm.node, "--out", out)
    accord_id = drafted.document["id"]
    assert (drafted.exit_code, drafted.document["state"], drafted.document["parties"]) == (
        0,
        "draft",
        [qn.node, qm.node],
    )
    assert json.loads(out.read_text())["id"] == accord_id

    assert run(qn, "accord", "propose", accord_id).document["state"] == "proposed"
    carry(qn, qm, datetime.now(UTC))
    assert signs(run, qm, accord_id, "officer").document["missing"] == 1
    assert signs(run, qm, accord_id, SECOND).document["missing"] == 0
    carry(qm, qn, datetime.now(UTC))
    signs(run, qn, accord_id, "officer")
    signed = signs(run, qn, accord_id, SECOND)
    assert (signed.exit_code, signed.document["state"]) == (0, "in force")
    carry(qn, qm, datetime.now(UTC))
    assert accord_id in in_force(run, qm)

    run(qm, "accord", "suspend", accord_id, "--as", "officer")
    assert run(qm, "accord", "suspend", accord_id, "--as", SECOND).document["state"] == "suspended"
    run(qm, "accord", "end", accord_id, "--as", "officer")
    assert run(qm, "accord", "end", accord_id, "--as", SECOND).document["state"] == "ended"
    carry(qm, qn, datetime.now(UTC))
    assert accord_id not in in_force(run, qn)


def test_show_prints_clauses_and_who_has_signed(pair):  # noqa: F811
    qm, qn, run = pair
    (accord_id,) = in_force(run, qm)
    text = run(qm, "accord", "show", accord_id, as_json=False).output
    assert "c-4 forbid: Intelligence marked TLP:RED is never sent to the other party." in text
    assert f"{qn.node}: 2 of 2 officers signed, node key signed" in text
    assert "    obeyed: forbid object or sighting, when marking_min red" in text.splitlines()
    assert (
        "    obeyed: require object or sighting, when marking_min amber, requires approvals 2"
        in text.splitlines()
    )
    document = run(qm, "accord", "show", accord_id).document
    assert document["signed"] == [
        {"node": node, "officers": 2, "needed": 2, "node_key": True} for node in (qm.node, qn.node)
    ]
    assert document["document"]["clauses"][0]["id"] == "c-1"


def test_show_prints_what_the_node_obeys_beside_the_words_and_all_else_that_is_agreed(pair, tmp_path):  # noqa: F811
    qm, qn, run = pair
    clause = {
        "id": "c-1",
        "effect": "permit",
        "kinds": ["indicator"],
        "when": {"marking_max": "red", "labels_any": ["a", "b"], "weather": "fair"},
        "text": {"en": "GREEN only, say the words."},
        "note": "n",
    }
    promise = {"request": "aid", "urgency": "high", "receipt_min": 5}
    promise |= {"acknowledge_min": 30, "decide_min": 60, "deliver_min": 90}
    agreed = {
        "clauses": [clause],
        "promises": [promise],
        "contacts": [{"role": "technical", "phone": "+999 1"}],
        "reciprocity": [{"objects_per_month": 50}],
        "quotas": {"acts_per_hour": 10},
        "references": [{"law": "Act 7"}],
        "season": ["dry"],
    }
    file = tmp_path / "text.json"
    file.write_text(json.dumps(agreed))
    drafted = run(qm, "accord", "draft", "--with", qn.node, "--from", str(file)).document["id"]
    text = run(qm, "accord", "show", drafted, as_json=False).output.splitlines()
    start = text.index("  c-1 permit: GREEN only, say the words.")
    assert text[start + 1 : start + 9] == [
        "    obeyed: permit indicator, when labels_any a or b, marking_max red, weather fair, also says note n",
        "  contacts: phone +999 1, role technical",
        "  languages: ar or en or fr",
        "  promises: acknowledge_min 30, decide_min 60, deliver_min 90, receipt_min 5, request aid, urgency high",
        "  quotas: acts_per_hour 10",
        "  reciprocity: objects_per_month 50",
        "  references: law Act 7",
        "  season: dry",
    ]


def test_a_proposal_is_withdrawn_by_command(pair):  # noqa: F811
    qm, qn, run = pair
    accord_id = run(qm, "accord", "draft", "--with", qn.node).document["id"]
    run(qm, "accord", "propose", accord_id)
    run(qm, "accord", "withdraw", accord_id, "--as", "officer")
    assert run(qm, "accord", "withdraw", accord_id, "--as", SECOND).document["state"] == "withdrawn"


def test_a_file_may_leave_members_out_and_its_faults_are_told_at_once(pair, tmp_path):  # noqa: F811
    qm, qn, run = pair
    file = tmp_path / "text.json"
    clause = {
        "id": "c-1",
        "effect": "permit",
        "kinds": ["object"],
        "when": {"marking_max": "green"},
        "text": {"en": "GREEN"},
    }
    file.write_text(json.dumps({"retention_days": 30, "clauses": [clause]}))
    drafted = run(qm, "accord", "draft", "--with", qn.node, "--from", file)
    shown = run(qm, "accord", "show", drafted.document["id"]).document["document"]
    assert (shown["retention_days"], shown["clauses"], shown["at_end"]) == (30, [clause], "delete")
    file.write_text(json.dumps({"retention_days": 0, "purposes": []}))
    wrong = run(qm, "accord", "draft", "--with", qn.node, "--from", file)
    assert (wrong.exit_code, wrong.document["error"]["code"]) == (2, "accord.text")
    assert "retention_days" in wrong.document["error"]["what"]
    assert "purposes" in wrong.document["error"]["what"]
    file.write_text("[1,")
    assert run(qm, "accord", "draft", "--with", qn.node, "--from", file).exit_code == 2


def test_a_text_without_a_clause_is_refused_and_unknown_members_are_said(pair, tmp_path):  # noqa: F811
    qm, qn, run = pair
    file = tmp_path / "text.json"
    file.write_text(json.dumps({"chain": [], "stix_identities": []}))
    draft = ("accord", "draft", "--with", qn.node, "--from", file)
    refused = run(qm, *draft)
    assert (refused.exit_code, refused.document["error"]["code"]) == (2, "accord.no-clause")
    assert "chain, stix_identities" in refused.document["error"]["why"]
    assert "--template intelligence --from FILE" in refused.document["error"]["remedy"]
    assert len(run(qm, "accord", "list").document["accords"]) == 1
    drafted = run(qm, *draft, "--template", "intelligence", as_json=False).output.splitlines()
    assert drafted[1] == (
        "Warning: hilf does not know these members, and obeys none of them: chain, stix_identities"
    )


def test_a_duty_that_no_node_can_fulfil_is_warned_of_when_it_is_drafted(pair, tmp_path):  # noqa: F811
    qm, qn, run = pair
    file = tmp_path / "text.json"
    permit = {
        "id": "c-1",
        "effect": "permit",
        "kinds": ["object"],
        "when": {"marking_max": "green"},
        "text": {"en": "GREEN"},
    }
    sealed = {**permit, "id": "c-2", "effect": "require", "when": {}, "require": {"sealed": True}}
    draft = ("accord", "draft", "--with", qn.node, "--from", file)
    file.write_text(json.dumps({"clauses": [permit]}))
    assert "Warning" not in run(qm, *draft, as_json=False).output
    assert run(qm, *draft).document["cannot_leave"] == []
    file.write_text(json.dumps({"clauses": [permit, sealed]}))
    assert "Warning: c-2 asks for a sealed body" in run(qm, *draft, as_json=False).output
    assert run(qm, *draft).document["cannot_leave"] == ["c-2"]


def test_an_amendment_is_drafted_and_takes_the_place_of_the_version_before(pair, tmp_path):  # noqa: F811
    qm, qn, run = pair
    (accord_id,) = in_force(run, qm)
    file = tmp_path / "changes.json"
    file.write_text(json.dumps({"retention_days": 30}))
    amended = run(qn, "accord", "amend", accord_id, "--from", file).document
    assert (amended["version"], amended["state"], amended["parties"]) == (2, "draft", [qn.node, qm.node])
    run(qn, "accord", "propose", accord_id)
    carry(qn, qm, datetime.now(UTC))
    for here, there in ((qm, qn), (qn, qm)):
        for officer in ("officer", SECOND):
            signs(run, here, accord_id, officer)
        carry(here, there, datetime.now(UTC))
    for nation in (qm, qn):
        listed = [(a["version"], a["state"]) for a in run(nation, "accord", "list").document["accords"]]
        assert listed == [(1, "amended"), (2, "in force")]
    unknown = run(qm, "accord", "draft", "--with", qn.node).document["id"]
    refused = run(qm, "accord", "amend", unknown, "--from", file)
    assert (refused.exit_code, refused.document["error"]["code"]) == (1, "accord.nothing-to-amend")


def test_wrong_use_ends_with_2_and_a_refusal_with_1(pair):  # noqa: F811
    qm, qn, run = pair
    (accord_id,) = in_force(run, qm)
    unknown = run(qm, "accord", "show", "accord--none")
    assert (unknown.exit_code, unknown.document["error"]["code"]) == (2, "accord.unknown")
    again = signs(run, qm, accord_id, "officer")
    assert (again.exit_code, again.document["error"]["code"]) == (1, "accord.not-to-be-signed")
    template = run(qm, "accord", "draft", "--with", qn.node, "--template", "none")
    assert (template.exit_code, template.document["error"]["code"]) == (2, "accord.template")


def test_help_has_an_example(pair):  # noqa: F811
    qm, _, run = pair
    for name in ("draft", "amend", "propose", "sign", "list", "show", "suspend", "end", "withdraw"):
        assert f"hilf accord {name}" in run(qm, "accord", name, "--help", as_json=False).output
