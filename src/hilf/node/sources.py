"""Imports and where they come from: sources described, imports listed, one taken back as a whole.

Decides when an import may be undone: nothing of what it alone brought was released to a partner or is proposed
for one. What was sent cannot be unsent by forgetting it here: it is retracted first. An import that runs holds
HOME/import-N.lock, which the system lets go of however its process ends: what runs and holds none was interrupted.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from hilf.errors import CallerFault, Refusal
from hilf.markings import overlay
from hilf.node import keeping
from hilf.node.home import Home, index_key
from hilf.store import database
from hilf.store.intelligence import imports, undo
from hilf.store.intelligence.imports import ImportRecord, Noted, SourceProfile

RELIABILITIES = {
    "A": "completely reliable",
    "B": "usually reliable",
    "C": "fairly reliable",
    "D": "not usually reliable",
    "E": "unreliable",
    "F": "reliability cannot be judged",
}
"""The admiralty scale, letters of reliability."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing took out, and what stays since another import brought it too."""

    import_id: int
    removed: int
    kept: int


def listed() -> tuple[SourceProfile, ...]:
    """Every source, by name."""
    return imports.sources()


def newest_imports(home: Home, limit: int = 50, before_id: int | None = None) -> tuple[ImportRecord, ...]:
    """Imports, newest first; those that ran and whose process is gone with the state "interrupted"."""
    return tuple(_as_it_is(home, each) for each in imports.newest(limit, before_id))


def one(home: Home, import_id: int) -> ImportRecord:
    """One import, as `newest_imports` gives it.

    Raises:
        CallerFault: code "imports.unknown".
    """
    return _as_it_is(home, _get(import_id))


def _as_it_is(home: Home, each: ImportRecord) -> ImportRecord:
    is_cut = each.state == "running" and not _runs(home, each.import_id)
    return replace(each, state="interrupted") if is_cut else each


@contextmanager
def running(home: Home, import_id: int) -> Iterator[None]:
    """Hold the lock that says that this import runs."""
    path = _lock(home, import_id)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _runs(home: Home, import_id: int) -> bool:
    try:
        descriptor = os.open(_lock(home, import_id), os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _lock(home: Home, import_id: int) -> Path:
    return home.path / f"import-{import_id}.lock"


def describe(name: str, marking: str | None, reliability: str | None, owner: str | None) -> SourceProfile:
    """Say what a source is worth and how it is marked; what is None stays as it was.

    Raises:
        CallerFault: codes "markings.tlp", "markings.pap", "markings.twice", "sources.reliability", "sources.name".
    """
    if not name.strip():
        raise CallerFault("sources.name", "The name is empty.", "", "Name the source.")
    if reliability is not None and reliability not in RELIABILITIES:
        raise CallerFault(
            "sources.reliability",
            f"{reliability[:20]!r} is no reliability.",
            "The admiralty scale: "
            + ", ".join(f"{letter} {text}" for letter, text in RELIABILITIES.items())
            + ".",
            "Write one letter, for example B.",
        )
    with database.transaction():
        before = imports.source(name) or SourceProfile(name)
        after = SourceProfile(
            name,
            overlay.words(marking) if marking else before.marking,
            reliability or before.reliability,
            owner or before.owner,
        )
        imports.set_source(after)
    return after


def findings(
    import_id: int | None, peer: str | None, limit: int, after_id: int = 0
) -> tuple[tuple[int, Noted], ...]:
    """(number, finding) of one import, of one partner, or of all, in order; a page of `limit`.

    Raises:
        CallerFault: code "imports.unknown".
    """
    if import_id is not None:
        _get(import_id)
    return imports.findings(import_id, peer, limit, after_id)


def take_back(home: Home, import_id: int) -> Undone:
    """Undo one import as a whole, in one transaction.

    Raises:
        CallerFault: code "imports.unknown".
        Refusal: codes "imports.undone", "imports.released", "hold.stands".
    """
    with database.transaction():
        record = _get(import_id)
        if record.state == "undone":
            raise Refusal(
                "imports.undone", f"Import {import_id} was undone before.", "", "There is nothing left to do."
            )
        if gone := undo.released(import_id):
            raise Refusal(
                "imports.released",
                f"Import {import_id} is not undone: {gone[0][0]} went, or is about to go, to {gone[0][1]}"
                + (", and so did others." if len(gone) > 1 else "."),
                "What partners hold cannot be taken back by forgetting it here.",
                f"Take back first what went: hilf retract {gone[0][0]} --reason error. Then undo again.",
            )
        keeping.check_import_free(import_id)
        removed, kept = undo.undo(import_id, index_key(home))
        imports.record(import_id, record.counts, "undone", record.finished)
    database.clean()
    return Undone(import_id, removed, kept)


def _get(import_id: int) -> ImportRecord:
    found = imports.get(import_id)
    if found is None:
        raise CallerFault(
            "imports.unknown",
            f"There is no import {import_id}.",
            "",
            "See which there are: hilf undo --list.",
        )
    return found
