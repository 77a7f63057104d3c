"""One `serve` for each home, and a parent that tends its children (each test in processes of its own)."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hilf.errors import OperatorFault
from hilf.node.process import only_one
from tests.conftest import NOW

FAMILY = """
import os, sys, time
from pathlib import Path
from hilf.node.process import Child, supervise
folder = Path(sys.argv[1])
def note(name):
    with (folder / name).open("a") as out: out.write(f"{os.getpid()}\\n")
def stays(): note("stays"); time.sleep(60)
def falls(): note("falls")
def once(): note("once")
def stubborn():
    import signal
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    note("stubborn"); time.sleep(60)
supervise([Child("stays", stays), Child("falls", falls), Child("once", once, again=False), Child("stubborn", stubborn)])
"""


@pytest.fixture
def family(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", FAMILY, str(tmp_path)], cwd=Path(__file__).parents[2])
    yield process, tmp_path
    process.kill()
    process.wait()


def pids(folder, name):
    path = folder / name
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def until(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def gone(pid):
    return not Path(f"/proc/{pid}").exists()


def test_a_child_that_ends_is_started_again_and_one_that_runs_once_is_not(family):
    _, folder = family
    until(lambda: len(pids(folder, "falls")) >= 3)
    assert (len(pids(folder, "stays")), len(pids(folder, "once"))) == (1, 1)


def test_a_child_that_is_killed_is_started_again(family):
    _, folder = family
    until(lambda: pids(folder, "stays"))
    os.kill(pids(folder, "stays")[0], signal.SIGKILL)
    until(lambda: len(pids(folder, "stays")) == 2)


def test_sigterm_ends_everybody_soon_also_who_does_not_listen(family):
    process, folder = family
    until(lambda: pids(folder, "stubborn") and pids(folder, "stays"))
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert time.monotonic() - began < 4
    assert all(gone(pid) for name in ("stays", "stubborn", "falls") for pid in pids(folder, name))


def test_children_end_with_a_parent_that_is_killed(family):
    process, folder = family
    until(lambda: pids(folder, "stubborn") and pids(folder, "stays"))
    process.kill()
    process.wait()
    until(lambda: gone(pids(folder, "stays")[0]) and gone(pids(folder, "stubborn")[0]))


HOLDER = """
import sys, time
from datetime import datetime, UTC
from pathlib import Path
from hilf.node.home import Home
from hilf.node.process import only_one
with only_one(Home(Path(sys.argv[1]), "n", "u"), datetime(2026, 11, 24, tzinfo=UTC)):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_home_is_held_by_one_and_the_other_is_told_by_whom_since_when(home):
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(home.path)], stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(OperatorFault) as fault, only_one(home, NOW):
            pass
        assert fault.value.code == "serve.locked"
        assert f"process {holder.pid}, since 2026-11-24T00:00:00.000Z" in fault.value.what
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    with only_one(home, NOW):
        pass
