import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from hilf.cli.main import hilf
from hilf.markings.tlp import Tlp
from tests.cli.nations import pair, present_nations  # noqa: F401
from tests.nations import indicator
from tests.stix_objects import bundle


@pytest.fixture
def run(home):
    def run_(*words, stdin=None, as_json=True):
        words = [*map(str, words), "--home", str(home.path), *(["--json"] if as_json else [])]
        done = CliRunner().invoke(hilf, words, input=stdin)
        return (
            done.exit_code,
            json.loads(done.stdout) if as_json and done.stdout else done.stdout,
            done.stderr,
        )

    return run_


def test_the_lists_of_a_new_node_are_shown_with_what_they_do(run):
    code, document, _ = run("lists", "list")
    assert code == 0
    assert document["lists"][:3] == [
        {"list": "own-assets", "action": "stop", "set": False, "entries": 0},
        {"list": "victims", "action": "stop", "set": False, "entries": 0},
        {"list": "documentation", "action": "warn", "set": False, "entries": 12},
    ]
    text = run("lists", "list", as_json=False)[1]
    assert "public-dns-v4" in text
    assert "amazon-aws" not in text
    assert "amazon-aws" in run("lists", "list", "--all", as_json=False)[1]
    assert run("lists", "set", "amazon-aws", "stop")[:2] == (
        0,
        {"list": "amazon-aws", "action": "stop", "dropped": 0},
    )
    assert {"list": "amazon-aws", "action": "stop", "set": True, "entries": 3314} in run("lists", "list")[1][
        "lists"
    ]


def test_a_list_is_filled_from_a_file_shown_and_emptied(run, tmp_path):
    file = tmp_path / "victims.csv"
    file.write_text("Aman Bank,bank\nبنك الطاقة\n# comment\n", encoding="utf-8")
    assert run("lists", "add", "victims", "--file", file)[1] == {
        "list": "victims",
        "added": 2,
        "known": 0,
        "dropped": 0,
    }
    assert run("lists", "add", "victims", "--file", "-", stdin=b"victim.example\nAMAN  bank\n")[1] == {
        "list": "victims",
        "added": 1,
        "known": 1,
        "dropped": 0,
    }
    shown = run("lists", "show", "victims")[1]["entries"]
    assert [(each["entry"], each["kind"], each["value"]) for each in shown] == [
        ("Aman Bank", "name", "aman bank"),
        ("victim.example", "domain", "victim.example"),
        ("بنك الطاقة", "name", "بنك الطاقه"),
    ]
    assert run("lists", "remove", "victims", "aman bank")[:2] == (
        0,
        {"list": "victims", "removed": 1, "unknown": 0},
    )
    assert run("lists", "remove", "victims", "aman bank")[0] == 1


def test_a_check_says_what_would_stop(run):
    run("lists", "add", "own-assets", "198.51.100.0/24")
    code, document, _ = run("lists", "check", "http://198.51.100.7/x")
    assert code == 1
    assert document == {
        "stops": True,
        "hits": [
            {
                "list": each,
                "action": action,
                "value": "198.51.100.7",
                "entry": "198.51.100.0/24",
                "place": "pattern",
            }
            for each, action in (("own-assets", "stop"), ("documentation", "warn"))
        ],
    }
    assert run("lists", "check", "10.0.0.1")[0] == 0
    assert run("lists", "check", "evil.qm", as_json=False)[:2] == (0, "No list speaks of it.\n")


def test_wrong_use_repeats_no_entry(run, tmp_path):
    file = tmp_path / "victims.txt"
    file.write_text("Secret Victim\n?\n", encoding="utf-8")
    for words in (("--file", file), (), ("--file", tmp_path / "none"), ("--kind", "domain", "Secret Victim")):
        code, _, errors = run("lists", "add", "victims", *words)
        assert code in {2, 3}
        assert "Secret" not in errors
    assert run("lists", "show", "victims")[1]["entries"] == []


def test_a_release_shows_what_lists_say_and_an_approver_sees_it(pair, tmp_path):  # noqa: F811
    qm, qn, run = pair
    at = datetime.now(UTC) - timedelta(seconds=30)
    made = indicator(qm, "one", Tlp.GREEN, at, description="seen at Aman Bank")
    made["created"] = made["modified"]
    (tmp_path / "one.json").write_bytes(bundle(made))
    run(qm, "import", tmp_path / "one.json")
    run(qm, "lists", "add", "victims", "Aman Bank")
    select = ("--to", qn.node, "--select", f"id:{made['id']}")
    shown = run(qm, "release", "preview", *select).document
    victim = {
        "list": "victims",
        "action": "stop",
        "value": "aman bank",
        "entry": "Aman Bank",
        "place": "description",
    }
    (stays,) = shown["withheld"]
    assert (stays["rule"], stays["reason"]) == (
        "lists.victim",
        "The list victims stops it; hilf lists check OBJECT says where.",
    )
    assert victim in stays["hits"]
    assert "Aman Bank" in run(qm, "release", "preview", *select, as_json=False).output
    assert run(qm, "release", "send", *select).exit_code == 1
    assert run(qm, "release", "why", made["id"], "--to", qn.node).document["rule"] == "lists.victim"

    aside = run(qm, "release", "preview", *select, "--despite", "victims").document
    assert [each["needs_approvals"] for each in aside["allowed"] if each["id"] == made["id"]] == [1]
    assert aside["counts"]["warned"] == 1
    assert run(qm, "release", "send", *select, "--despite", "victims").exit_code == 1
    sent = run(qm, "release", "send", *select, "--despite", "victims", "--as", "officer").document
    assert sent["state"] == "proposed"
    (listed,) = run(qm, "release", "list").document["releases"]
    assert listed["despite"] == ["victims"]
    approved = run(qm, "release", "approve", sent["release"], "--as", "amal").document
    assert approved["state"] == "queued"
    assert {"id": made["id"], **victim} in approved["hits"]


def test_many_hits_are_counted_by_list(pair, tmp_path):  # noqa: F811
    qm, qn, run = pair
    at = datetime.now(UTC) - timedelta(seconds=30)
    made = [indicator(qm, f"n{n}", Tlp.GREEN, at) for n in range(12)]
    (tmp_path / "many.json").write_bytes(bundle(*({**each, "created": each["modified"]} for each in made)))
    run(qm, "import", tmp_path / "many.json")
    told = run(qm, "release", "preview", "--to", qn.node, "--select", "type:indicator", as_json=False).output
    assert "Lists speak of objects here: documentation (warn) of 12. Where: hilf lists check OBJECT" in told
    few = run(
        qm, "release", "preview", "--to", qn.node, "--select", f"id:{made[0]['id']}", as_json=False
    ).output
    assert "192.0.2.0/24" in few
