import json
import time
from pathlib import Path

import pytest

from hilf.errors import OperatorFault
from hilf.wire import program as programs
from hilf.wire.program import run
from tests.receivers import program


def test_a_program_gets_the_message_its_arguments_and_no_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("HILF_DATABASE_URL", "postgresql://hilf:hidden@192.0.2.5/hilf")
    out = tmp_path / "out.json"
    made = program(
        tmp_path,
        "import json",
        "told = {'message': message, 'args': sys.argv[1:], 'env': sorted(os.environ), 'cwd': os.getcwd()}",
        f"open({str(out)!r}, 'w').write(json.dumps(told))",
    )
    run([str(made), "a b; touch x", "$HOME"], b'{"v":1}')
    told = json.loads(out.read_text())
    assert (told["message"], told["args"], told["cwd"]) == ('{"v":1}', ["a b; touch x", "$HOME"], "/")
    assert set(told["env"]) <= {"PATH", "LANG", "LC_CTYPE"}


def test_a_program_that_ends_otherwise_is_a_fault(tmp_path):
    with pytest.raises(OperatorFault, match="ended with 3"):
        run([str(program(tmp_path, "sys.exit(3)"))], b"")


def test_a_program_that_is_not_there_is_a_fault(tmp_path):
    with pytest.raises(OperatorFault, match="cannot be started"):
        run([str(tmp_path / "none")], b"")


def test_a_program_that_never_ends_is_stopped_with_its_children(tmp_path, monkeypatch):
    monkeypatch.setattr(programs, "TIMEOUT_S", 1.0)
    child = tmp_path / "child"
    made = program(
        tmp_path,
        "import subprocess, time",
        f"open({str(child)!r}, 'w').write(str(subprocess.Popen(['sleep', '60']).pid))",
        "time.sleep(60)",
    )
    began = time.monotonic()
    with pytest.raises(OperatorFault, match="did not end"):
        run([str(made)], b"")
    assert time.monotonic() - began < 10
    assert _is_gone(int(child.read_text()))


def test_a_program_that_does_not_read_is_fine(tmp_path):
    run(["true"], b"x" * 1_000_000)


def _is_gone(pid):
    for _ in range(50):
        try:
            if Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.1)
    return False
