import json

import pytest
from click.testing import CliRunner

from hilf.cli.main import hilf


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
    assert run("lists", "set", "amazon-aws", "stop")[:2] == (0, {"list": "amazon-aws", "action": "stop"})
    assert {"list": "amazon-aws", "action": "stop", "set": True, "entries": 3314} in run("lists", "list")[1][
        "lists"
    ]


def test_a_list_is_filled_from_a_file_shown_and_emptied(run, tmp_path):
    file = tmp_path / "victims.csv"
    file.write_text("Aman Bank,bank\nبنك الطاقة\n# comment\n", encoding="utf-8")
    assert run("lists", "add", "victims", "--file", file)[1] == {"list": "victims", "added": 2, "known": 0}
    assert run("lists", "add", "victims", "--file", "-", stdin=b"victim.example\nAMAN  bank\n")[
        1
    ] == {
        "list": "victims",
        "added": 1,
        "known": 1,
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
