import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from hilf.cli.main import hilf
from hilf.node import identity
from hilf.node.home import officer_key
from hilf.settings import open_home
from hilf.store import database

ARGUMENTS = ["init", "--node", "cert.qm.example", "--name", "CERT of QM", "--country", "QM"]


@pytest.fixture(autouse=True)
def closed():
    yield
    database.use(":memory:")


def run(*arguments, **environment):
    clean = {"HILF_HOME": None, "HILF_DATABASE_URL": None, "HILF_PASSPHRASE_FILE": None}
    return CliRunner().invoke(hilf, [str(each) for each in arguments], env={**clean, **environment})


def test_init_makes_a_home_and_says_so_in_json(tmp_path):
    path = tmp_path / "home"
    answer = run(*ARGUMENTS, "--home", path, "--json")
    document = json.loads(answer.stdout)
    home = open_home(path)
    own = identity.own(home)
    assert (answer.exit_code, set(document)) == (
        0,
        {"node", "country", "identity_sha256", "admin", "home", "officer", "passphrase", "root_keys"},
    )
    assert (document["node"], document["country"]) == ("cert.qm.example", "QM")
    assert (document["identity_sha256"], document["home"]) == (own.fingerprint, str(path))
    assert (document["officer"], document["root_keys"]) == ("officer", str(path / "root-keys"))
    assert document["admin"]["name"] == "admin"
    assert officer_key(home, "officer", document["passphrase"]).kid in own.newest.officers


def test_init_takes_the_passphrase_from_a_file_and_does_not_repeat_it(tmp_path):
    (tmp_path / "passphrase").write_text("correct horse\n")
    path = tmp_path / "home"
    answer = run(*ARGUMENTS, "--home", path, "--json", HILF_PASSPHRASE_FILE=str(tmp_path / "passphrase"))
    assert "passphrase" not in json.loads(answer.stdout)
    assert "correct horse" not in answer.stdout
    assert officer_key(open_home(path), "officer", "correct horse")


def test_init_refuses_a_short_passphrase_and_makes_nothing(tmp_path):
    (tmp_path / "passphrase").write_text("a\n")
    path = tmp_path / "home"
    answer = run(*ARGUMENTS, "--home", path, "--json", HILF_PASSPHRASE_FILE=str(tmp_path / "passphrase"))
    assert (answer.exit_code, json.loads(answer.stdout)["error"]["code"]) == (2, "officer.passphrase")
    assert not path.exists()


def test_init_tells_a_person_the_secrets_once_and_what_to_do_next(tmp_path):
    answer = run(*ARGUMENTS, "--home", tmp_path / "home")
    assert answer.exit_code == 0
    lines = answer.stdout.splitlines()
    assert lines[0] == f"cert.qm.example lives in {tmp_path / 'home'}."
    assert "Write these down now; they are shown once:" in lines
    officer, carry = (
        "Two officers must sign together. Add the second now, while the root keys are here: hilf officer add NAME",
        f"Then carry the root keys away: {tmp_path / 'home' / 'root-keys'} (its README.txt says how).",
    )
    assert lines.index(carry) == lines.index(officer) + 1


def test_init_on_a_home_that_exists_ends_with_2_and_the_remedy(home):
    answer = run(*ARGUMENTS, "--home", home.path)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr.splitlines() == [
        f"{home.path} exists already.",
        "One home is one node for its whole life; its keys are never written over.",
        "Name another folder with --home, or use the node that is there: hilf status.",
        "[home.exists]",
    ]


def test_init_takes_the_country_in_small_letters(tmp_path):
    answer = run(*ARGUMENTS[:-1], "qm", "--home", tmp_path / "home", "--json")
    assert json.loads(answer.stdout)["country"] == "QM"


def test_init_names_the_node_in_the_language_that_was_asked_for(tmp_path):
    run(*ARGUMENTS, "--lang", "ar", "--single-officer", "--home", tmp_path / "home")
    newest = identity.own(open_home(tmp_path / "home")).newest
    assert (newest.name, newest.officers_per_act) == ({"ar": "CERT of QM"}, 1)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--country", "QMX"], "init.country"),
        (["--node", "CERT"], "init.node"),
        (["--gateway-url", "http://192.0.2.1"], "init.gateway-url"),
    ],
)
def test_init_with_a_wrong_value_ends_with_2_and_makes_nothing(tmp_path, arguments, code):
    answer = run(*ARGUMENTS, *arguments, "--home", tmp_path / "home", "--json")
    assert (answer.exit_code, json.loads(answer.stdout)["error"]["code"]) == (2, code)
    assert list(tmp_path.iterdir()) == []


def test_init_runs_as_a_process_of_its_own_and_the_next_command_finds_the_node(tmp_path):
    environment = {**os.environ, "HILF_HOME": str(tmp_path / "home")}
    for name in ("HILF_DATABASE_URL", "HILF_PASSPHRASE_FILE"):
        environment.pop(name, None)
    source = str(Path(__file__).parents[2] / "src")
    environment["PYTHONPATH"] = os.pathsep.join([source, environment.get("PYTHONPATH", "")])

    def hilf_process(*arguments):
        command = [sys.executable, "-m", "hilf", *arguments, "--json"]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    made = hilf_process(*ARGUMENTS)
    assert (made.returncode, made.stderr) == (0, "")
    shown = hilf_process("status")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert json.loads(shown.stdout)["identity_sha256"] == json.loads(made.stdout)["identity_sha256"]
    assert hilf_process(*ARGUMENTS).returncode == 2
