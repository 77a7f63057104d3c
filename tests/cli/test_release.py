from datetime import UTC, datetime, timedelta

import pytest

from hilf.markings.tlp import Tlp
from hilf.store import database
from tests.cli.nations import pair, present_nations  # noqa: F401
from tests.nations import SECOND, carry, entry

AT = datetime.now(UTC) - timedelta(seconds=30)


def note(nation, key, tlp):
    """A note, written before now."""
    subject = "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
    made = entry("note", nation, key, tlp, AT, content=key, object_refs=[subject])
    return {**made, "created": made["modified"]}


@pytest.fixture
def notes(pair):  # noqa: F811
    """QM asserts a GREEN, an AMBER and a RED note."""
    qm, qn, run = pair
    made = [note(qm, tlp.word, tlp) for tlp in (Tlp.GREEN, Tlp.AMBER, Tlp.RED)]
    qm.says(*made, at=datetime.now(UTC))
    return qm, qn, run, [each["id"] for each in made]


def test_preview_tells_what_leaves_what_stays_and_why(notes):
    qm, qn, run, (green, amber, red) = notes
    told = run(qm, "release", "preview", "--to", qn.node, "--select", "type:note")
    assert told.exit_code == 0
    document = told.document
    assert [each["id"] for each in document["allowed"] if each["id"] in (green, amber)] == [green, amber]
    (shown,) = [each for each in document["allowed"] if each["id"] == green]
    assert (shown["marking"], shown["clause"], shown["needs_approvals"]) == ("TLP:GREEN", "c-1", 0)
    (withheld,) = document["withheld"]
    assert (withheld["id"], withheld["rule"], withheld["clause"]) == (red, "accord.forbidden", "c-4")
    assert document["counts"] == {
        "allowed": 3,
        "redacted": 0,
        "withheld": 1,
        "already": 0,
        "taken_back": 0,
        "needs_approval": 1,
        "warned": 0,
    }
    assert (document["to"], document["redacted"]) == (qn.node, [])


def test_what_is_sent_and_what_stays_is_said(notes):
    qm, qn, run, (green, _, red) = notes
    refused = run(qm, "release", "send", "--to", qn.node, "--select", f"id:{red}", as_json=False)
    assert refused.output.splitlines()[:2] == ["Nothing leaves.", "Staying: 1 by accord.forbidden."]
    assert refused.exit_code == 1
    sent = run(qm, "release", "send", "--to", qn.node, "--select", f"id:{green}", as_json=False).output
    assert sent == f"Queued for {qn.node}: 2. Sent with the next round: hilf sync\n"
    again = run(qm, "release", "send", "--to", qn.node, "--select", f"id:{green}", as_json=False)
    assert again.output == f"Nothing leaves: nothing is selected that {qn.node} does not have.\n"
    assert again.exit_code == 0
    none = run(qm, "release", "send", "--to", qn.node, "--select", "type:campaign")
    both = run(qm, "release", "send", "--to", qn.node, "--select", f"id:{green},{red}")
    assert (none.exit_code, both.exit_code, both.document["withheld"]) == (0, 0, 1)


def test_a_preview_names_one_accord_once(notes):
    qm, qn, run, (green, _, _) = notes
    lines = run(
        qm, "release", "preview", "--to", qn.node, "--select", "type:note", as_json=False
    ).output.splitlines()
    accord_id = run(qm, "accord", "list").document["accords"][0]["id"]
    assert lines[:2] == [f"Under {accord_id} version 1:", lines[1]]
    assert lines[1].split() == ["leaves", "marking", "clause", "approvals"]
    assert [line.split() for line in lines if line.startswith(green)] == [[green, "TLP:GREEN", "c-1"]]
    assert sum(accord_id in line for line in lines) == 1


def test_the_list_of_releases_says_what_became_of_the_acts(notes):
    qm, qn, run, (green, amber, _) = notes

    def listed():
        (shown,) = run(qm, "release", "list").document["releases"]
        line = run(qm, "release", "list", as_json=False).output.splitlines()[1]
        return shown["state"], shown["is"], shown["acts"], line

    select = ("--to", qn.node, "--select", f"id:{green},{amber}", "--as", "officer")
    release = run(qm, "release", "send", *select).document["release"]
    state, word, acts, line = listed()
    assert (state, word, acts) == ("proposed", "proposed", {"waiting": 2})
    assert "1 unapproved, 2 waiting" in line
    run(qm, "release", "approve", release, "--as", SECOND)
    assert listed()[:3] == ("queued", "queued", {"waiting": 3})
    carry(qm, qn, datetime.now(UTC))
    assert listed()[:3] == ("queued", "applied", {"applied": 3})
    with database.transaction():
        database.execute(
            "UPDATE act SET state = 'refused' WHERE object_seq = (SELECT max(object_seq) FROM act)"
        )
    state, word, acts, line = listed()
    assert (state, word, acts) == ("queued", "settled", {"applied": 2, "refused": 1})
    assert "2 applied, 1 refused" in line


def test_a_long_preview_counts_what_stays_by_rule(notes, monkeypatch):
    monkeypatch.setattr("hilf.cli.release._SHOWN", 0)
    qm, qn, run, _ = notes
    told = run(qm, "release", "preview", "--to", qn.node, "--select", "type:note", as_json=False).output
    assert "Staying: 1 by accord.forbidden." in told.splitlines()


def test_who_approves_sees_what_the_proposal_holds(notes):
    qm, qn, run, (_, amber, _) = notes
    select = ("--to", qn.node, "--select", "type:note")
    sent = run(qm, "release", "send", *select, "--as", "officer").document
    approved = run(qm, "release", "approve", sent["release"], "--as", SECOND, as_json=False)
    assert [line.split() for line in approved.output.splitlines()[:2]] == [
        ["to", "approve", "marking"],
        [amber, "TLP:AMBER"],
    ]


def test_send_and_approve_take_two_officers(notes):
    qm, qn, run, (green, amber, _) = notes
    select = ("--to", qn.node, "--select", "type:note")
    nobody = run(qm, "release", "send", *select)
    assert (nobody.exit_code, nobody.document["error"]["code"]) == (1, "release.needs-officer")
    sent = run(qm, "release", "send", *select, "--as", "officer").document
    assert (sent["state"], sent["queued"], sent["proposed"], sent["needs_approvals"], sent["withheld"]) == (
        "proposed",
        2,
        1,
        1,
        1,
    )
    (listed,) = run(qm, "release", "list").document["releases"]
    assert (listed["release"], listed["state"], listed["waiting"], listed["needs_approvals"]) == (
        sent["release"],
        "proposed",
        1,
        1,
    )
    same = run(qm, "release", "approve", sent["release"], "--as", "officer")
    assert (same.exit_code, same.document["error"]["code"]) == (1, "release.same-officer")
    approved = run(qm, "release", "approve", sent["release"], "--as", SECOND)
    assert (approved.exit_code, approved.document["state"], approved.document["queued"]) == (0, "queued", 1)
    carry(qm, qn, datetime.now(UTC))
    assert {green, amber} <= qn.objects(qm.node).keys()
    assert run(qm, "release", "list").document["releases"][0]["state"] == "queued"


def test_an_approval_that_died_ends_with_1_and_says_why(notes):
    qm, qn, run, (_, amber, _) = notes
    sent = run(qm, "release", "send", "--to", qn.node, "--select", f"id:{amber}", "--as", "officer").document
    newer = {
        **note(qm, "amber", Tlp.AMBER),
        "modified": (AT + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }
    qm.says(newer, at=datetime.now(UTC))
    died = run(qm, "release", "approve", sent["release"], "--as", SECOND)
    assert (died.exit_code, died.document["state"], died.document["reason"]) == (
        1,
        "died",
        "release.object-changed",
    )


def test_why_gives_every_reason_and_the_ground_of_what_went(notes):
    qm, qn, run, (green, _, red) = notes
    refused = run(qm, "release", "why", red, "--to", qn.node).document
    assert (refused["allowed"], refused["rule"], refused["clause"], refused["sent"]) == (
        False,
        "accord.forbidden",
        "c-4",
        [],
    )
    assert refused["reasons"][0]["says"] == "refuses"
    run(qm, "release", "send", "--to", qn.node, "--select", f"id:{green}")
    went = run(qm, "release", "why", green, "--to", qn.node)
    assert [(each["state"], each["clause"]) for each in went.document["sent"]] == [("waiting", "c-1")]
    text = run(qm, "release", "why", green, "--to", qn.node, as_json=False).output
    assert "clause c-1" in text


def test_nothing_to_release_says_what_to_do(pair):  # noqa: F811
    qm, qn, run = pair
    assert "hilf release preview --to NODE" in run(qm, "release", "list", as_json=False).output
    nothing = run(qm, "release", "send", "--to", qn.node, "--select", "type:malware")
    assert (nothing.exit_code, nothing.document["state"], nothing.document["release"]) == (0, "nothing", None)
    assert (
        "Bring something in"
        in run(qm, "release", "preview", "--to", qn.node, "--select", "type:malware", as_json=False).output
    )


def test_a_select_that_is_not_understood_and_an_unknown_node_end_with_2(pair):  # noqa: F811
    qm, qn, run = pair
    wrong = run(qm, "release", "preview", "--to", qn.node, "--select", "nonsense")
    assert (wrong.exit_code, wrong.document["error"]["code"]) == (2, "select.syntax")
    nobody = run(qm, "release", "preview", "--to", "cert.qz.example")
    assert (nobody.exit_code, nobody.document["error"]["code"]) == (2, "release.unknown-node")


def test_help_has_an_example(pair):  # noqa: F811
    qm, _, run = pair
    for name in ("preview", "send", "approve", "list", "why"):
        assert f"hilf release {name}" in run(qm, "release", name, "--help", as_json=False).output


def test_a_preview_shows_what_is_taken_out_before_and_after(pair):  # noqa: F811
    qm, qn, run = pair
    marked = [{"selectors": ["abstract"], "marking_ref": Tlp.RED.marking_id}]
    made = {**note(qm, "half", Tlp.GREEN), "abstract": "the minister was hit", "granular_markings": marked}
    qm.says(made, at=datetime.now(UTC))
    select = ("--to", qn.node, "--select", f"id:{made['id']}")
    document = run(qm, "release", "preview", *select).document
    (taken_out,) = document["redacted"]
    left = {name: value for name, value in made.items() if name not in ("abstract", "granular_markings")}
    assert (taken_out["selectors"], taken_out["before"], taken_out["after"]) == (["abstract"], made, left)
    assert [(r["rule"], r["clause"]) for r in taken_out["reasons"]] == [("accord.part-redacted", "c-4")]
    (shown,) = [each for each in document["allowed"] if each["id"] == made["id"]]
    assert (shown["redact"], shown["sha256"]) == (["abstract"], taken_out["sha256"])
    assert document["counts"]["redacted"] == 1
    lines = run(qm, "release", "preview", *select, as_json=False).output.splitlines()
    assert [line.split() for line in lines if line.startswith(made["id"])][1] == [
        made["id"], "abstract", "the", "minister", "was", "hit",
    ]  # fmt: skip
    assert run(qm, "release", "send", *select).document["counts"]["redacted"] == 1
    carry(qm, qn, datetime.now(UTC))
    told = run(qm, "release", "why", made["id"], "--to", qn.node)
    assert (told.document["redact"], [each["redacted"] for each in told.document["sent"]]) == (
        ["abstract"],
        [True],
    )
    words = run(qm, "release", "why", made["id"], "--to", qn.node, as_json=False).output
    assert "abstract is taken out. Clause c-4 forbids it" in words
    assert "parts of it taken out) under" in words
    assert not qn.holds("the minister was hit")


def test_a_recipient_that_is_named_twice_is_one(notes):
    qm, qn, run, (green, _, _) = notes
    told = run(qm, "release", "preview", "--to", "all", "--to", qn.node, "--select", f"id:{green}")
    assert (told.exit_code, told.document["to"], told.document["counts"]["allowed"]) == (0, qn.node, 2)
    nobody = run(qm, "release", "send", "--select", f"id:{green}")
    assert (nobody.exit_code, nobody.document["error"]["code"]) == (2, "release.no-recipient")


def test_why_answers_for_an_earlier_time_and_says_what_would_have_to_change(notes):
    qm, qn, run, (green, _, red) = notes
    told = run(qm, "release", "why", red, "--to", qn.node, "--at", datetime.now(UTC).date().isoformat())
    (then,) = told.document["then"]["assertions"]
    assert (then["by"], then["allowed"], then["rule"]) == (qm.node, False, "accord.forbidden")
    assert [each["rule"] for each in told.document["to_change"]] == [
        "accord.forbidden",
        "accord.marking-above",
    ]
    words = run(qm, "release", "why", red, "--to", qn.node, "--at", "2020-01-01", as_json=False).output
    assert f"In force with {qn.node}: no agreement." in words
    assert "Nobody asserted it here." in words
    assert "It would leave if this were otherwise: accord.forbidden, accord.marking-above" in words
    assert run(qm, "release", "why", green, "--to", qn.node).document["then"] is None


def test_why_of_a_selection_tells_of_each_object_in_one_document(notes):
    qm, qn, run, (green, amber, red) = notes
    told = run(qm, "release", "why", "--select", "type:note", "--to", qn.node).document
    allowed = {each["object"]: each["allowed"] for each in told["objects"]}
    assert {each: allowed[each] for each in (green, amber, red)} == {green: True, amber: True, red: False}
    both = run(qm, "release", "why", green, "--select", "type:note", "--to", qn.node)
    assert (both.exit_code, both.document["error"]["code"]) == (2, "release.why-what")


def test_preview_and_why_say_which_agreement_carries_nothing_and_what_to_do(notes):
    qm, qn, run, _ = notes
    preview = ("release", "preview", "--to", qn.node)
    shown = run(qm, *preview).document
    assert shown["idle"] == []
    (accord_id,) = {each["accord"]["id"] for each in shown["allowed"]}
    for officer in ("officer", "amal"):
        run(qm, "accord", "suspend", accord_id, "--as", officer)
    shown = run(qm, *preview).document
    (idle,) = shown["idle"]
    assert (idle["accord"]["id"], idle["state"]) == (accord_id, "suspended")
    assert [each["node"] for each in idle["by"]] == [qm.node]
    why = ("release", "why", shown["withheld"][0]["id"], "--to", qn.node)
    assert run(qm, *why).document["idle"] == [idle]
    for command in (preview, why):
        lines = run(qm, *command, as_json=False).output.splitlines()
        assert f"  {idle['remedy']}" in lines
        assert [line for line in lines if f"with {qn.node} is suspended: Suspended by {qm.node}." in line]
