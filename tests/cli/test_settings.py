import json

import pytest
from click.testing import CliRunner

from hilf.cli.main import hilf


def run(path, *arguments, **environment):
    command = ["settings", "check", "--home", str(path), *arguments]
    return CliRunner().invoke(hilf, command, env=environment)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "hilf.toml").write_text('node = "cert.qm.example"\ngrace_days = 5\n')
    return tmp_path


def test_check_prints_each_setting_with_its_source(folder):
    answer = run(folder, "--json", HILF_CONSOLE="127.0.0.1:9000")
    document = json.loads(answer.stdout)
    sources = {each["name"]: (each["value"], each["source"]) for each in document["settings"]}
    assert (answer.exit_code, document["faults"]) == (0, [])
    assert sources["node"] == ("cert.qm.example", str(folder / "hilf.toml"))
    assert sources["grace_days"] == ("5", str(folder / "hilf.toml"))
    assert sources["console"] == ("127.0.0.1:9000", "HILF_CONSOLE")
    assert sources["language"] == ("en", "default")


def test_check_prints_every_fault_at_once_and_ends_with_1(folder):
    answer = run(folder, "--json", HILF_WORKERS="two", HILF_LANGUAGE="de")
    document = json.loads(answer.stdout)
    assert answer.exit_code == 1
    assert document["faults"] == [
        "workers must be a whole number, not 'two'.",
        "language must be one of ar, en, fr, not 'de'.",
    ]


def test_check_hides_the_password_of_a_database(folder):
    answer = run(folder, HILF_DATABASE_URL="postgresql://hilf:mirage@192.0.2.5/hilf")
    assert "mirage" not in answer.stdout
    assert "postgresql://hilf:…@192.0.2.5/hilf" in answer.stdout


def test_check_of_no_home_ends_with_2(tmp_path):
    assert run(tmp_path).exit_code == 2


def test_check_shows_an_example_in_its_help():
    answer = CliRunner().invoke(hilf, ["settings", "check", "--help"])
    assert "Example:\n    hilf settings check" in answer.stdout
