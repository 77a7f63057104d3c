"""Processes of a node: one `serve` for each home, and children that end with their parent."""

import ctypes
import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import orjson

from hilf.canonical import timestamp
from hilf.errors import OperatorFault
from hilf.node.home import Home

_PR_SET_PDEATHSIG: Final = 1


def end_with_parent() -> None:
    """Let this process end when its parent does, however that ends: nobody serves on without it.

    Source: prctl(2), PR_SET_PDEATHSIG; on other systems than Linux the parent's SIGTERM must do.
    """
    parent = os.getppid()
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent == 1 or os.getppid() != parent:
        raise SystemExit(3)  # it ended before we asked


@contextmanager
def only_one(home: Home, now: datetime) -> Iterator[None]:
    """Hold HOME/serve.lock: one `serve` per home (faces.md 1). The lock ends with the process, however it ends.

    Raises:
        OperatorFault: "serve.locked": another process serves from this home; it says which, and since when.
    """
    descriptor = os.open(home.path / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _locked(home, os.read(descriptor, 200)) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, orjson.dumps({"pid": os.getpid(), "since": timestamp(now)}), 0)
        yield
    finally:
        os.close(descriptor)


def _locked(home: Home, text: bytes) -> OperatorFault:
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
