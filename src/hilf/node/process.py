"""Processes of a node: one `serve` for each home, a parent that starts them again, children that end with it.

The parent loads everything once and then forks, so that five processes cost one start and share their memory; it has
one thread and no open database while it does (docs/developers/gateway.md says what that saves).
"""

import ctypes
import fcntl
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import connection, get_context
from multiprocessing.context import ForkProcess
from time import monotonic, sleep
from typing import Final

import orjson

from hilf.canonical import timestamp
from hilf.errors import OperatorFault
from hilf.node.home import Home

STOP_S: Final = 1.5
"""How long children have to end after SIGTERM; what they do then is cut, which is safe anywhere."""

_PR_SET_PDEATHSIG: Final = 1
_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 10.0
_WELL_AFTER_S: Final = 1.0
_WAIT_FOR_LOCK_S: Final = 2.0


@dataclass(slots=True)
class Child:
    """A process of the node.

    Attributes:
        name: for people who look at the processes.
        run: what it does, in the child.
        again: whether it is started again when it ends by itself.
    """

    name: str
    run: Callable[[], None]
    again: bool = True
    _process: ForkProcess | None = None
    _started: float = 0.0
    _pause_s: float = 0.0
    _due: float = field(default=0.0)

    def tend(self) -> None:
        """Start it if it does not run and is due; pauses grow while it ends at once."""
        now = monotonic()
        if self._process is not None and self._process.is_alive():
            return
        if self._process is not None:
            self._process.join()
            self._process = None
            quickly = now - self._started < _WELL_AFTER_S
            grown = min(max(2 * self._pause_s, _FIRST_PAUSE_S), _LONGEST_PAUSE_S)
            self._pause_s = grown if quickly else _FIRST_PAUSE_S
            self._due = now + self._pause_s if self.again else float("inf")
        if now >= self._due:
            self._process = get_context("fork").Process(
                target=_begin, args=(self.run, os.getpid()), name=self.name
            )
            self._started = now
            self._process.start()

    @property
    def sentinel(self) -> int | None:
        """What becomes ready when it ends."""
        return self._process.sentinel if self._process is not None else None

    def terminate(self) -> None:
        """Ask it to end."""
        if self._process is not None:
            self._process.terminate()

    def end(self, within_s: float) -> None:
        """Wait for its end, then end it."""
        if self._process is not None:
            self._process.join(max(within_s, 0.01))
            self._process.kill()
            self._process.join()


def supervise(children: Sequence[Child]) -> None:
    """Run these processes until SIGTERM or SIGINT; each that ends by itself is started again."""
    stopping: list[int] = []
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, _frame: stopping.append(got))
    while not stopping:
        for child in children:
            child.tend()
        sentinels = [child.sentinel for child in children if child.sentinel is not None]
        connection.wait([reader, *sentinels], _FIRST_PAUSE_S)
    for child in children:
        child.terminate()
    until = monotonic() + STOP_S
    for child in children:
        child.end(until - monotonic())


def _begin(run: Callable[[], None], parent: int) -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    end_with_parent(parent)
    run()


def end_with_parent(parent: int) -> None:
    """Let this process end when its parent does, however that ends: nobody serves on without it.

    Source: prctl(2), PR_SET_PDEATHSIG; on other systems than Linux the parent's SIGTERM must do.
    """
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before we asked
        os._exit(3)


@contextmanager
def only_one(home: Home, now: datetime) -> Iterator[None]:
    """Hold HOME/serve.lock: one `serve` per home (faces.md 1).

    The lock ends with the last process of the family, however that ends; a new `serve` waits a moment for them.

    Raises:
        OperatorFault: "serve.locked": another process serves from this home; it says which, and since when.
    """
    descriptor = os.open(home.path / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        until = monotonic() + _WAIT_FOR_LOCK_S
        while not _locked(descriptor):
            if monotonic() > until:
                raise _held(home, os.pread(descriptor, 200, 0))
            sleep(0.05)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, orjson.dumps({"pid": os.getpid(), "since": timestamp(now)}), 0)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _held(home: Home, text: bytes) -> OperatorFault:
    try:
        held = orjson.loads(text)
        holder = f"process {held['pid']}, since {held['since']}"
    except (ValueError, KeyError, TypeError):
        holder = "another process"
    return OperatorFault(
        "serve.locked",
        f"{home.path} is served already, by {holder}.",
        "One hilf serve runs for each home: two would send and sign side by side.",
        "Stop that process, or name another home with --home.",
    )
