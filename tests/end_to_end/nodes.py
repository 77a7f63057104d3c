"""Two real nodes as processes over sockets: made, met and agreed in this process, then served by `hilf serve`.

Addresses stand in identity documents, so each pair has ports of its own, chosen when it is made.
"""

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from tests.conftest import PASSPHRASE
from tests.nations import Nation, agree, meet
from tests.ports import free_port

SETTINGS = 'workers = 1\nsync_every_s = 1\nconsole = "127.0.0.1:{port}"\n'


def make(folder: Path, country: str, database_url: str | None = None) -> Nation:
    """A node with one officer."""
    from hilf.node import init
    from hilf.node.home import officer_key

    nation = Nation(country, folder / country)
    port = free_port()
    new = init.NewNode(
        nation.node,
        f"CERT of {country}",
        country,
        gateway_url=f"https://127.0.0.1:{port}",
        passphrase=PASSPHRASE,
        single_officer=True,
        **({"database_url": database_url} if database_url else {}),
    )
    home = init.create(nation.path, new, datetime.now(UTC)).home
    with (nation.path / "hilf.toml").open("a", encoding="utf-8") as settings:
        settings.write(
            SETTINGS.format(port=free_port()) + (f'database_url = "{database_url}"\n' if database_url else "")
        )
    nation.keys = {"officer": officer_key(home, "officer", PASSPHRASE)}
    return nation


def make_pair(folder: Path, *urls: str | None) -> tuple[Nation, Nation]:
    """Two nodes that verified each other and agreed."""
    from hilf.store import database

    one, other = (
        make(folder, country, url) for country, url in zip(("QM", "QN"), urls or (None, None), strict=True)
    )
    at = datetime.now(UTC) - timedelta(seconds=1)
    meet(one, other, at)
    agree(one, other, at)
    for nation in (one, other):
        nation.home()
        database.clean()
    database.use(":memory:")
    return one, other


def environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("HILF_")}


@dataclass
class Process:
    """A command of a node as a process group of its own."""

    command: list[str]
    log: Path
    running: subprocess.Popen | None = field(default=None, init=False)
    said: bool = field(default=False, init=False)

    def start(self) -> None:
        self.said = False
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                self.command, stdout=subprocess.PIPE, stderr=log, start_new_session=True, env=environment()
            )

    def line(self) -> dict:
        """The next line that it prints, as JSON."""
        assert self.running is not None
        text = self.running.stdout.readline()
        if text in (b"", b"{\n"):  # it ended, or says over several lines why it will
            self.running.wait(30)
            told = text + self.running.stdout.read() + self.log.read_bytes()
            self.kill()
            raise AssertionError(told.decode())
        return orjson.loads(text)

    def is_ready(self) -> bool:
        """Whether it has said by now that it answers."""
        if self.running is not None and not self.said:
            self.said = bool(select.select([self.running.stdout], [], [], 0)[0]) and bool(self.line())
        return self.said

    def kill(self) -> None:
        """kill -9, the whole group at one instant."""
        if self.running is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()
            until(
                lambda: not self.children(), 20, "the end of all of them"
            )  # whoever comes next takes their ports
            self.running.stdout.close()
            self.running = None

    def children(self) -> list[tuple[int, bytes]]:
        """The children that work now: (pid, command line)."""
        if self.running is None:
            return []
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdecimal() and int(entry.name) != self.running.pid:
                    state, _, group = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:3]
                    if int(group) == self.running.pid and state != "Z":
                        found.append((int(entry.name), (entry / "cmdline").read_bytes()))
            except (OSError, ValueError):
                continue
        return found


def serving(nation: Nation, *options: str, console: bool = False) -> Process:
    """`hilf serve` of a node, with its console only where people matter."""
    command = [sys.executable, "-m", "hilf", "serve", "--home", str(nation.path), "--json", *options]
    if not console:
        command.append("--no-console")
    return Process(command, nation.path / "serve.log")


def hilf(nation: Nation, *arguments: str) -> tuple[int, dict]:
    """A command of a node; its exit code and its document."""
    command = [sys.executable, "-m", "hilf", *arguments, "--home", str(nation.path), "--json"]
    done = subprocess.run(command, capture_output=True, check=False, env=environment(), timeout=60)
    return done.returncode, orjson.loads(done.stdout) if done.stdout else {"stderr": done.stderr.decode()}


def until(condition, seconds: float, what: str) -> None:
    """Wait until the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what}: not after {seconds} s"
        time.sleep(0.1)
