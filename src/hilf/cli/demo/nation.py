"""One nation of the demo: its home, its officers, its running node; everything is done through the command line."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hilf.errors import OperatorFault

SYNC_EVERY_S = 2
"""Between rounds with partners, so that nobody who looks at three nodes on one machine has to wait."""


@dataclass
class Answer:
    """What one command said: its JSON document, its exit code, its messages, and how it was called."""

    document: dict[str, Any]
    exit_code: int
    messages: str
    command: str


@dataclass
class Nation:
    """A node that the demo runs, spoken to as any script would."""

    country: str
    name: str
    home: Path
    gateway_port: int
    console_port: int
    serving: subprocess.Popen[str] | None = field(default=None, repr=False)
    people: list[dict[str, Any]] = field(default_factory=list, repr=False)
    totp_secret: str = field(default="", repr=False)

    @property
    def node(self) -> str:
        """Its node name."""
        return f"cert.{self.country.lower()}.example"

    @property
    def console_url(self) -> str:
        """Where its people sign in; by name, since passkeys are for names."""
        return f"http://localhost:{self.console_port}"

    @property
    def database(self) -> Path:
        """Its database file."""
        return self.home / "hilf.sqlite3"

    def passphrase_file(self, officer: str) -> Path:
        """Where the demo keeps an officer's passphrase; outside the home, as a person would."""
        return self.home.parent / f"{self.country.lower()}-{officer}.passphrase"

    def environment(self, officer: str | None) -> dict[str, str]:
        """The variables of a command that is run by this officer."""
        variables = {
            **os.environ,
            "HILF_HOME": str(self.home),
            "HILF_CONSOLE": f"127.0.0.1:{self.console_port}",
            "HILF_CONSOLE_URL": self.console_url,
            "HILF_SYNC_EVERY_S": str(SYNC_EVERY_S),
            "PYTHONWARNINGS": "ignore",
        }
        if officer is not None:
            file = self.passphrase_file(officer)
            if not file.exists():
                file.touch(mode=0o600)
                file.write_text(f"the passphrase of {officer} of {self.country}", encoding="utf-8")
            variables["HILF_PASSPHRASE_FILE"] = str(file)
        return variables

    def hilf(self, *words: str, officer: str | None = None, expect: int = 0) -> Answer:
        """Run one command of this nation and read its answer.

        Raises:
            OperatorFault: when it ends with another exit code than expected.
        """
        command = [sys.executable, "-m", "hilf", *words, "--json"]
        done = subprocess.run(
            command, env=self.environment(officer), capture_output=True, text=True, check=False, timeout=180
        )
        shown = f"hilf {' '.join(words)}"
        if done.returncode != expect:
            raise OperatorFault(
                "demo.command",
                f"{self.country}: {shown} ended with {done.returncode}, not {expect}.",
                (done.stderr or done.stdout).strip()[-800:],
                "Run it by hand with HILF_HOME set to the nation's folder.",
            )
        return Answer(json.loads(done.stdout or "{}"), done.returncode, done.stderr, shown)

    def author(self) -> str:
        """The id of the STIX identity that its objects name as their author."""
        return str(self.hilf("identity", "show").document["stix_identities"][0])

    def send(self, to: "Nation", select: str = "") -> dict[str, Any]:
        """Release a selection, or all of its own, as its first officer; what the command answered."""
        words = ("release", "send", "--to", to.node, *(("--select", select) if select else ()))
        return self.hilf(*words, "--as", "officer", officer="officer").document

    def give_accounts(self, language: str) -> None:
        """Make the people who sign in at its console.

        Raises:
            OperatorFault: when they cannot be made.
        """
        told = json.loads(self._people(language))
        self.people, self.totp_secret = told["people"], told["totp_secret"]

    def code(self) -> str:
        """What the second factor of its people asks for at this moment.

        Raises:
            OperatorFault: when it cannot be made.
        """
        return self._people("--code")

    def _people(self, word: str) -> str:
        command = [sys.executable, "-m", "hilf.cli.demo.people", word]
        done = subprocess.run(
            command, env=self.environment(None), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise OperatorFault(
                "demo.people", f"{self.country}: no accounts, or no code.", done.stderr[-800:], "Report it."
            )
        return done.stdout

    def start(self, *, worker: bool = False) -> None:
        """Start `hilf serve` and wait until it says that it is ready; rounds go by themselves with a worker only."""
        command = [
            sys.executable,
            "-m",
            "hilf",
            "serve",
            "--gateway",
            f"127.0.0.1:{self.gateway_port}",
            *(() if worker else ("--no-worker",)),
            "--json",
        ]
        log = (self.home.parent / f"{self.country.lower()}-serve.log").open("w", encoding="utf-8")
        self.serving = subprocess.Popen(
            command, env=self.environment(None), stdout=subprocess.PIPE, stderr=log, text=True
        )
        log.close()
        if self.serving.stdout is None or not self.serving.stdout.readline():
            raise OperatorFault(
                "demo.serve",
                f"{self.country}: hilf serve did not start.",
                Path(log.name).read_text(encoding="utf-8")[-800:],
                "See the log.",
            )

    def stop(self) -> None:
        """Stop the node; nothing happens when it does not run."""
        if self.serving is not None and self.serving.poll() is None:
            self.serving.terminate()
            try:
                self.serving.wait(10)
            except subprocess.TimeoutExpired:
                self.serving.kill()
                self.serving.wait()

    def holds(self, words: str) -> bool:
        """Whether these words stand anywhere in the nation's database, looked for as bytes in its files."""
        looked = words.encode()
        files = (Path(f"{self.database}{suffix}") for suffix in ("", "-wal", "-journal"))
        return any(looked in file.read_bytes() for file in files if file.exists())
