"""Two nations whose homes were made just now, so that commands with the real clock find them valid."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from hilf.cli.main import hilf
from tests.conftest import PASSPHRASE
from tests.nations import Nation, agree, at_rest, copied, make, meet


class Told:
    """What a command said."""

    def __init__(self, exit_code: int, output: str, errors: str, as_json: bool) -> None:
        self.exit_code = exit_code
        self.output = output
        self.errors = errors
        self.document = json.loads(output) if as_json and output else {}


class Commands:
    """Runs commands of a nation, its officers' passphrase in a file."""

    def __init__(self, folder: Path) -> None:
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text(PASSPHRASE + "\n")

    def __call__(self, nation: Nation, *arguments: object, as_json: bool = True) -> Told:
        environment = {"HILF_PASSPHRASE_FILE": str(self.passphrase), "HILF_HOME": str(nation.path)}
        words = [*map(str, arguments), *(["--json"] if as_json else [])]
        done = CliRunner().invoke(hilf, words, env=environment)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Told(done.exit_code, done.stdout, done.stderr, as_json)


@pytest.fixture(scope="session")
def present_nations(tmp_path_factory) -> list[Nation]:
    """QM and QN, made now, verified, with an accord in force, to copy."""

    at = datetime.now(UTC) - timedelta(minutes=1)
    qm, qn = made = make(tmp_path_factory.mktemp("present"), ("QM", "QN"), at)
    meet(qm, qn, at)
    agree(qm, qn, at)
    at_rest(made)
    return made


@pytest.fixture
def pair(present_nations, tmp_path):
    """QM and QN with an accord in force, and a way to run their commands."""
    from hilf.store import database

    qm, qn = copied(present_nations, tmp_path)
    yield qm, qn, Commands(tmp_path)
    database.use(":memory:")
