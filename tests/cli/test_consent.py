from datetime import UTC, datetime, timedelta

import pytest

from hilf.markings.tlp import Tlp
from tests.cli.nations import Commands
from tests.nations import SECOND, agree, at_rest, carry, copied, entry, make, meet

AT = datetime.now(UTC) - timedelta(seconds=30)


@pytest.fixture(scope="module")
def present_three(tmp_path_factory):
    """QM — QN — QO, made now; QN holds a GREEN and an AMBER note of QM."""
    from hilf.node import release

    at = datetime.now(UTC) - timedelta(minutes=1)
    qm, qn, qo = made = make(tmp_path_factory.mktemp("three"), ("QM", "QN", "QO"), at)
    for one, other in ((qm, qn), (qn, qo)):
        meet(one, other, at)
        agree(one, other, at)
    subject = "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
    notes = [
        entry("note", qm, tlp.word, tlp, AT, content=tlp.word, object_refs=[subject])
        for tlp in (Tlp.GREEN, Tlp.AMBER)
    ]
    for note in notes:
        note["created"] = note["modified"]
    now = datetime.now(UTC)
    qm.says(*notes, at=now)
    proposed = qm.release(qn, "type:note", "officer", now)
    release.approve(qm.home(), proposed.release, qm.keys[SECOND], now)
    carry(qm, qn, now)
    at_rest(made)
    return made, [note["id"] for note in notes]


@pytest.fixture
def three(present_three, tmp_path):
    from hilf.store import database

    nations, notes = present_three
    yield (*copied(nations, tmp_path), Commands(tmp_path), notes)
    database.use(":memory:")


def test_preview_and_why_name_the_command_that_asks(three):
    _, qn, qo, run, (green, _) = three
    command = f"hilf consent ask {green} --to {qo.node}"
    shown = run(qn, "release", "preview", "--to", qo.node, "--select", f"id:{green}")
    assert [each["ask"] for each in shown.document["withheld"]] == [command]
    assert (
        f"  {command}"
        in run(
            qn, "release", "preview", "--to", qo.node, "--select", f"id:{green}", as_json=False
        ).output.splitlines()
    )
    why = run(qn, "release", "why", green, "--to", qo.node)
    assert why.document["ask"] == command
    assert (
        f"Ask for consent: {command}"
        in run(qn, "release", "why", green, "--to", qo.node, as_json=False).output
    )


def test_ask_give_and_pass_on(three):
    qm, qn, qo, run, (green, _) = three
    asked = run(qn, "consent", "ask", green, "--to", qo.node, "--why", "They run the same pumps.")
    (question,) = asked.document["questions"]
    assert (question["state"], question["node"], question["outgoing"]) == ("asked", qm.node, True)
    carry(qn, qm, datetime.now(UTC))
    (at_qm,) = run(qm, "consent", "list").document["questions"]
    assert (at_qm["question"], at_qm["reason"], at_qm["to"]) == (
        question["question"],
        {"en": "They run the same pumps."},
        {"nodes": [qo.node]},
    )
    warned = [each["code"] for each in run(qm, "status").document["warnings"]]
    assert "status.consent-asked" in warned
    given = run(qm, "consent", "give", question["question"][:16])
    assert (given.document["state"], given.exit_code) == ("given", 0)
    carry(qm, qn, datetime.now(UTC))
    (at_qn,) = run(qn, "consent", "list").document["questions"]
    assert at_qn["state"] == "given"
    sent = run(qn, "release", "send", "--to", qo.node, "--select", f"id:{green}")
    assert (sent.document["state"], sent.exit_code) == ("queued", 0)


def test_two_officers_give_amber_and_anybody_takes_it_back(three):
    qm, qn, qo, run, (_, amber) = three
    (question,) = run(qn, "consent", "ask", amber, "--to", qo.node).document["questions"]
    name = question["question"][:16]
    carry(qn, qm, datetime.now(UTC))
    alone = run(qm, "consent", "give", name)
    assert (alone.exit_code, alone.document["error"]["code"]) == (1, "consent.needs-officer")
    first = run(qm, "consent", "give", name, "--as", "officer", as_json=False)
    assert first.output.splitlines() == [
        "Waiting for 1 more officer(s):",
        f"  hilf consent give {name} --as OTHER",
    ]
    same = run(qm, "consent", "give", name, "--as", "officer")
    assert same.document["error"]["code"] == "consent.same-officer"
    assert run(qm, "consent", "give", name, "--as", SECOND).document["state"] == "given"
    back = run(qm, "consent", "deny", name, "--code", "withdrawn")
    assert (back.document["state"], back.document["code"]) == ("withdrawn", "withdrawn")


def test_list_says_how_each_stands(three):
    qm, qn, qo, run, (green, _) = three
    assert "Nobody was asked yet." in run(qn, "consent", "list", as_json=False).output
    run(qn, "consent", "ask", green, "--to", qo.node)
    carry(qn, qm, datetime.now(UTC))
    assert f"asks us  {qn.node}  asked" in run(qm, "consent", "list", as_json=False).output
    (question,) = run(qm, "consent", "list").document["questions"]
    run(qm, "consent", "deny", question["question"][:16], "--code", "recipient")
    assert "denied (recipient)" in run(qm, "consent", "list", as_json=False).output


def test_show_says_all_that_people_need_to_decide(three):
    qm, qn, qo, run, (_, amber) = three
    run(qn, "consent", "ask", amber, "--to", qo.node, "--why", "Même pompes.\x1b[2J", "--lang", "fr")
    carry(qn, qm, datetime.now(UTC))
    (question,) = run(qm, "consent", "list").document["questions"]
    lines = run(qm, "consent", "show", question["question"][:16], as_json=False).output.splitlines()
    assert lines[0] == f"{qn.node} asks us: asked, 2 officer(s) missing"
    assert f"  to        {qo.node}, for defence" in lines
    assert "  because   (fr) Même pompes.\\x1b[2J" in lines
    assert [each for each in lines if each.startswith("  object    ")] == [
        f"  object    {amber} of {question['objects'][0]['modified']}"
    ]
    assert run(qm, "consent", "show", question["question"]).document == question


def test_wrong_use_is_said(three):
    _, qn, qo, run, (green, _) = three
    assert run(qn, "consent", "ask", green, as_json=False).exit_code == 2
    unknown = run(qn, "consent", "give", "abcd")
    assert (unknown.exit_code, unknown.document["error"]["code"]) == (2, "consent.unknown")
    late = run(qn, "consent", "ask", green, "--to", qo.node, "--by", "2020-01-01T00:00:00Z")
    assert (late.exit_code, late.document["error"]["code"]) == (2, "consent.answer-by")
