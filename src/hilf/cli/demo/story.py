"""`hilf demo`: three fictional nations meet, agree, share, refuse and take back; each step checked, timed, printed.

Everything is done through the command line, as a person or a script would, against real nodes on loopback. Later
chapters add their steps to a `CHAPTERS`.
"""

import secrets
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import click

from hilf.cli.demo import chapters, community, morning
from hilf.cli.demo.content import NOTICE
from hilf.cli.demo.nation import Nation
from hilf.cli.face import Face, command, example
from hilf.errors import HilfError, OperatorFault

_OWN_PORTS = range(20_000, 26_000)
_LOOK_EVERY_S = 0.5


@dataclass
class Step:
    """One step as it went."""

    name: str
    ok: bool
    seconds: float
    detail: str

    def document(self) -> dict[str, object]:
        """The step in the JSON answer."""
        return {"name": self.name, "ok": self.ok, "seconds": round(self.seconds, 3), "detail": self.detail}


@dataclass
class Story:
    """Runs steps, prints them, remembers how they went."""

    face: Face
    steps: list[Step] = field(default_factory=list)

    def step(self, name: str, act: Callable[[], str]) -> None:
        """Run one step; its detail is what `act` returns, and a step that raises ends the story."""
        began = time.perf_counter()
        try:
            detail = act()
        except HilfError as error:
            self._note(
                Step(name, ok=False, seconds=time.perf_counter() - began, detail=" ".join(error.lines()))
            )
            raise
        self._note(Step(name, ok=True, seconds=time.perf_counter() - began, detail=detail))

    def chapter(self, title: str) -> None:
        """Print the heading of a chapter."""
        self.face.heading(title)

    def _note(self, step: Step) -> None:
        self.steps.append(step)
        mark = "ok  " if step.ok else "FAIL"
        lines = step.detail.splitlines() or [""]
        if not self.face.as_json:
            click.echo(f"{mark} ", nl=False)
        self.face.say(
            f"{step.seconds:6.2f} s  {step.name}",
            *(f"               {line}" for line in lines if line),
        )


def nations_in(folder: Path) -> list[Nation]:
    """The three nations, with free ports."""
    names = (("QM", "CERT of Qamar"), ("QN", "CERT of Qanat"), ("QO", "CERT of Qolla"))
    return [
        Nation(country, name, folder / country.lower(), free_port(), free_port()) for country, name in names
    ]


def free_port() -> int:
    """A port of loopback that nobody listens on now, below those that systems lend to outgoing connections.

    A port that the system chooses may be lent to a connection before its node binds it.
    """
    while True:
        port = secrets.choice(_OWN_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@click.command(epilog=example("hilf demo --no-serve"))
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the three homes are made (default: a fresh temporary folder).",
)
@click.option(
    "--no-serve", is_flag=True, help="End when the story is told, instead of leaving the three nodes running."
)
@command
def demo(face: Face, folder: Path | None, no_serve: bool) -> None:
    """Three nations on loopback: the whole story, checked and timed."""
    folder = prepare(folder)
    nations = nations_in(folder)
    story = Story(face)
    face.say(
        f"Three fictional nations, in {folder}:",
        *(f"  {n.country}  {n.node}  {n.name}" for n in nations),
        NOTICE,
    )
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _ended)  # so that the three nodes end with the demo
    began = time.perf_counter()
    try:
        ok = tell(story, nations)
        seconds = time.perf_counter() - began
        face.say("", f"{sum(s.ok for s in story.steps)} of {len(story.steps)} steps, {seconds:.0f} s.")
        if ok and not no_serve and not face.as_json:
            remain(face, nations)
    finally:
        for nation in nations:
            nation.stop()
    face.finish(
        {
            "nodes": [
                {
                    "node": n.node,
                    "country": n.country,
                    "home": str(n.home),
                    "gateway": f"https://127.0.0.1:{n.gateway_port}",
                    "console": n.console_url,
                    "people": n.people,
                    "totp_secret": n.totp_secret,
                }
                for n in nations
            ],
            "steps": [step.document() for step in story.steps],
            "seconds": round(seconds, 1),
        },
        ok,
    )


def _ended(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def prepare(folder: Path | None) -> Path:
    """An empty folder for the three homes.

    Raises:
        OperatorFault: when the folder holds something already.
    """
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="hilf-demo-"))
    if folder.exists() and any(folder.iterdir()):
        raise OperatorFault(
            "demo.folder",
            f"{folder} is not empty.",
            "The demo makes three new homes and never touches what is there.",
            "Name another folder, or remove this one.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def tell(story: Story, nations: Sequence[Nation]) -> bool:
    """All chapters; False when a step failed."""
    try:
        for title, chapter in (*chapters.CHAPTERS, *community.CHAPTERS, *morning.CHAPTERS):
            story.chapter(title)
            for name, act in chapter(nations):
                story.step(name, act)
    except HilfError as error:
        for line in error.lines():
            click.echo(line, err=True)
        return False
    return True


def remain(face: Face, nations: Sequence[Nation]) -> None:
    """Leave the nodes running, with their workers and consoles, until the person ends it."""
    for nation in nations:
        nation.stop()
        nation.start(worker=True)
    face.say("", "The three nodes are running. Look at their consoles in a browser, as any of these people:")
    for nation in nations:
        face.say(
            "", f"  {nation.country}  {nation.console_url}", "      name           password          may"
        )
        for each in nation.people:
            signs = f", signs as {each['officer']}" if each["officer"] else ""
            face.say(f"      {each['name']:<14} {each['password']:<17} {', '.join(each['roles'])}{signs}")
        face.say(f"      an authenticator app takes this secret: {nation.totp_secret}")
    face.say(
        "",
        "These accounts are the demo's alone; a node of yours invites people one by one: hilf user add.",
        "Second factor: press Enter here for the codes of this moment; each counts once for each person.",
        "An officer signs with a passphrase: the passphrase of officer of QM, of second of QM, and so on.",
        "On the command line, in another shell:",
        *(f"  HILF_HOME={nation.home} {sys.argv[0]} status" for nation in nations),
        "  officers' passphrases lie beside, in files for HILF_PASSPHRASE_FILE:",
        f"  {nations[0].home}-officer.passphrase, {nations[0].home}-second.passphrase, …",
        "Press Ctrl+C to end.",
    )
    try:
        while all(n.serving is not None and n.serving.poll() is None for n in nations):
            if _enter_pressed():
                face.say(", ".join(f"{nation.country} {nation.code()}" for nation in nations))
    except KeyboardInterrupt:
        face.say(
            "", f"The nodes end. Their homes stay in {nations[0].home.parent}; remove it when you are done."
        )


def _enter_pressed() -> bool:
    """Whether somebody pressed Enter within half a second; never where nobody can."""
    if not sys.stdin.isatty():
        time.sleep(_LOOK_EVERY_S)
        return False
    ready, _, _ = select.select([sys.stdin], [], [], _LOOK_EVERY_S)
    return bool(ready) and bool(sys.stdin.readline())
