"""Real homes for tests of verbs and commands: each in a folder of its own, with its own SQLite file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from hilf import settings
from hilf.node import init
from hilf.node.home import Home
from hilf.node.init import Created, NewNode

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PASSPHRASE = "a passphrase for tests"
QM = NewNode("cert.qm.example", "CERT of QM", "QM", passphrase=PASSPHRASE)
QN = replace(QM, node="cert.qn.example", name="CERT of QN", country="QN")


def made(path: Path, new: NewNode = QM, now: datetime = NOW) -> Created:
    """A node that was just made; its database is in use."""
    return init.create(path, new, now)


def opened(path: Path) -> Home:
    """A home that was made before; its database is in use from now on."""
    return settings.open_home(path)
