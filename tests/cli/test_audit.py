"""`hilf audit`: what commands write, and what somebody reads and checks."""

import json

import pytest
from click.testing import CliRunner

from hilf.cli.main import hilf
from hilf.store import database


@pytest.fixture
def run(home):
    def run_(*words, code=0):
        done = CliRunner().invoke(hilf, [*words, "--home", str(home.path), "--json"])
        assert done.exit_code == code, done.output
        return json.loads(done.stdout)

    return run_


def entries(run, *more):
    return [(e["kind"], e["action"], e["subject"]) for e in run("audit", "list", *more)["entries"]]


def test_what_a_command_did_is_written_with_who_ran_it(run):
    run("user", "add", "amal", "--role", "analyst")
    assert entries(run) == [("did", "user add", "amal"), ("tried", "user add", "amal")]
    newest = run("audit", "list")["entries"][0]
    assert newest["person"]
    assert newest["face"] == "command line"
    assert newest["detail"]["roles"] == "analyst"


def test_what_a_rule_refuses_is_written_with_its_code(run):
    run("user", "disable", "admin", code=1)
    newest = run("audit", "list", "--kind", "denied")["entries"][0]
    assert (newest["action"], newest["detail"]["code"]) == ("user disable", "user.last-admin")


def test_what_only_reads_is_not_written(run):
    run("user", "list")
    run("status")
    assert entries(run) == []


def test_no_link_stands_in_the_trail(run):
    link = run("user", "add", "amal", "--role", "analyst")["link"]
    assert link.split("/")[-2] not in json.dumps(run("audit", "list"))


def test_verify_names_what_was_edited(run, home):
    run("user", "add", "amal", "--role", "analyst")
    head = run("audit", "verify")["head"]
    run("user", "add", "omar", "--role", "analyst")
    run("audit", "verify", "--noted", head)
    run("audit", "verify", "--noted", "1:00", code=2)
    run("audit", "verify", "--noted", "x", code=2)
    database.execute("UPDATE audit_entry SET subject = 'nobody' WHERE seq = 2")
    assert run("audit", "verify", code=1)["broken"] == [{"seq": 2, "why": "repeated"}]


def test_an_export_is_written_once(run, tmp_path):
    run("user", "add", "amal", "--role", "analyst")
    out = tmp_path / "audit.jsonl"
    assert run("audit", "export", "--out", str(out))["entries"] == 2
    assert len(out.read_text().splitlines()) == 2
    run("audit", "export", "--out", str(out), code=2)
    assert entries(run, "--kind", "saw") == [("saw", "audit export", "")]


def test_people_are_managed(run, home):
    link = run("user", "add", "amal", "--role", "analyst,key-officer", "--lang", "ar")
    assert link["roles"] == ["analyst", "key officer"]
    assert link["link"].startswith("http://localhost:8400/invitation/")
    assert run("user", "roles", "amal", "approver")["roles"] == ["approver"]
    assert run("user", "officer", "amal", "--is", "officer")["officer"] == "officer"
    run("user", "officer", "amal", "--none")
    run("user", "disable", "amal")
    assert {u["name"]: u["state"] for u in run("user", "list")["users"]} == {
        "admin": "enabled",
        "amal": "disabled",
    }
    run("user", "enable", "amal")
    assert run("user", "invite", "amal")["link"] != link["link"]
    run("user", "roles", "amal", "root", code=2)


def test_however_the_program_is_called_the_command_is_the_same(home):
    """`python -m hilf` says another name of the program."""
    done = CliRunner().invoke(hilf, ["user", "list", "--home", str(home.path)], prog_name="python -m hilf")
    assert done.exit_code == 0
    CliRunner().invoke(
        hilf, ["user", "disable", "admin", "--home", str(home.path)], prog_name="python -m hilf"
    )
    assert database.rows("SELECT action FROM audit_entry") == [("user disable",), ("user disable",)]
