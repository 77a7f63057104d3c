"""Tombstones: which versions were hidden or erased here, kept twice, so that an older database cannot bring them back.

Every row that `erase` hides or empties is noted in the table `tombstone` in the same transaction, and after the commit in
the journal HOME/tombstones: append-only, on the disk before the caller goes on, one line for each,

    NUMBER TIME WORD ID-KEY CONTENT-HASH ASSERTER

with the key under which the id stands in the index (16 hex digits) and the content hash (64), never content. Numbers have
no gaps and are given in the order of commits. So the journal that counts further than the table belongs to a newer database
than the one in use, which `node/restored` then brings up to it (protocol.md 5); a journal that lags behind is completed.
The word LIFTED says that a version that had gone came again and counts (docs/adr/0021): the lines before it speak of rows
that were there before it.
Times are microseconds since 1970, UTC.
"""

import fcntl
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db import connection
from django.db import transaction as django_transaction

from hilf.errors import OperatorFault
from hilf.store import database
from hilf.store.intelligence.index import among, insert

HIDDEN: Final = "hidden"
ERASED: Final = "erased"
DROPPED: Final = "dropped"
REMOVED: Final = "removed"
"""What `erase.hide`, `erase.erase`, `erase.drop` and `erase.remove` did."""
LIFTED: Final = "lifted"
"""What `write.write_assertions` did: the version had gone because its time was over, and its asserter said it anew."""

_COUNTER: Final = "tombstone"
_COLUMNS: Final = ("number", "at", "word", "id_key", "sha256", "asserter")
_TAIL_BYTES: Final = 4096
_AT_ONCE: Final = 10_000
_FIELDS: Final = 6
_journal: list[tuple[Path, object]] = []
"""The journal, and the database that it belongs to."""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """One version that is shown to nobody any more, by one of the words above."""

    number: int
    at: int
    word: str
    id_key: int
    sha256: bytes
    asserter: str

    def line(self) -> bytes:
        """As it stands in the journal."""
        key = self.id_key & (2**64 - 1)
        return (
            f"{self.number} {self.at} {self.word} {key:016x} {self.sha256.hex()} {self.asserter}\n".encode()
        )


def keep_in(journal: Path) -> None:
    """Keep the journal of the database in use in this file, as long as that database is in use."""
    _journal[:] = [(journal, connection.settings_dict["NAME"])]


def put(word: str, condition: str) -> None:
    """Note every row of `object` that meets an SQL condition, in the caller's transaction, before it is changed."""
    found = database.rows(f"SELECT id_key, sha256, asserter FROM object WHERE {condition} ORDER BY seq")
    if not found:
        return
    first, at = database.allot(_COUNTER, len(found)), time.time_ns() // 1000
    rows = [
        (first + n, at, word, key, bytes(sha256), asserter) for n, (key, sha256, asserter) in enumerate(found)
    ]
    insert("tombstone", _COLUMNS, rows)
    django_transaction.on_commit(complete)


def complete() -> int:
    """Append to the journal what the table holds beyond it; how many lines. Not inside a transaction.

    Raises:
        OperatorFault: "tombstone.journal": the file cannot be written; the table holds everything, and it is tried again.
    """
    if not _journal or _journal[0][1] != connection.settings_dict["NAME"]:
        return 0
    journal = _journal[0][0]
    try:
        descriptor = os.open(journal, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            return _append(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise OperatorFault(
            "tombstone.journal",
            f"{journal} cannot be written: {error.strerror}.",
            "What was retracted is hidden all the same; a restored database would not know of it.",
            "Check the disk and the rights on the file; the worker completes it then.",
        ) from error


def _append(descriptor: int) -> int:
    size, last = _end(descriptor)
    if size != os.fstat(descriptor).st_size:
        os.ftruncate(descriptor, size)  # a line that was cut when the power failed
    written = 0
    while more := table(last, _AT_ONCE):
        os.write(descriptor, b"".join(each.line() for each in more))
        last, written = more[-1].number, written + len(more)
    if written:
        os.fsync(descriptor)
    return written


def _end(descriptor: int) -> tuple[int, int]:
    """Where the last whole line ends, and its number."""
    size = os.fstat(descriptor).st_size
    tail = os.pread(descriptor, _TAIL_BYTES, max(0, size - _TAIL_BYTES))
    whole = tail.rfind(b"\n") + 1
    lines = tail[:whole].splitlines()
    number = int(lines[-1].split(b" ", 1)[0]) if lines else 0
    return size - len(tail) + whole, number


def table(after: int, most: int) -> tuple[Tombstone, ...]:
    """The next tombstones of the database after a number, at most `most`."""
    found = database.rows(
        f"SELECT {', '.join(_COLUMNS)} FROM tombstone WHERE number > %s ORDER BY number LIMIT %s",
        (after, most),
    )
    return tuple(
        Tombstone(number, at, word, key, bytes(sha256), asserter)
        for number, at, word, key, sha256, asserter in found
    )


def last_in_table() -> int:
    """The number of the last tombstone that the database knows; 0 without any."""
    found = database.row("SELECT value FROM counter WHERE name = %s", (_COUNTER,))
    return int(found[0]) if found else 0


def last_in(journal: Path) -> int:
    """The number of the last whole line of a journal; 0 where there is none."""
    try:
        descriptor = os.open(journal, os.O_RDONLY)
    except FileNotFoundError:
        return 0
    try:
        return _end(descriptor)[1]
    finally:
        os.close(descriptor)


def read(journal: Path, after: int) -> Iterator[Tombstone]:
    """The lines of a journal after a number, in order; a line that was cut, or that is none, is passed over."""
    with journal.open("rb") as lines:
        for line in lines:
            fields = line.decode(errors="replace").split()
            if line.endswith(b"\n") and len(fields) == _FIELDS and fields[0].isdecimal():
                number, at, word, key, sha256, asserter = fields
                if int(number) > after:
                    signed = int(key, 16) - (2**64 if int(key, 16) >= 2**63 else 0)
                    yield Tombstone(int(number), int(at), word, signed, bytes.fromhex(sha256), asserter)


def take_in(tombstones: Sequence[Tombstone]) -> None:
    """Keep lines of the journal that the table lacks, under their numbers, in the caller's transaction."""
    rows = [(t.number, t.at, t.word, t.id_key, t.sha256, t.asserter) for t in tombstones]
    insert("tombstone", _COLUMNS, rows)
    database.execute(
        "INSERT INTO counter (name, value) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (_COUNTER, tombstones[-1].number),
    )


def met(tombstones: Iterable[Tombstone]) -> dict[Tombstone, list[tuple[int, int]]]:
    """The rows that each of these speaks of: (seq, state)."""
    wanted = {(each.id_key, each.sha256, each.asserter): each for each in tombstones}
    found: dict[Tombstone, list[tuple[int, int]]] = {}
    for seq, state, key, sha256, asserter in database.rows(
        f"SELECT seq, state, id_key, sha256, asserter FROM object WHERE {among('id_key', (k for k, _, _ in wanted))}"
    ):
        each = wanted.get((key, bytes(sha256), asserter))
        if each is not None:
            found.setdefault(each, []).append((seq, state))
    return found


def word_of(id_key: int, sha256: bytes, asserter: str, since: int = 0) -> str | None:
    """The last word about a version, HIDDEN or ERASED, of those since a time; None where it never went, or came again."""
    found = database.row(
        f"SELECT word FROM tombstone WHERE id_key = %s AND sha256 = %s AND asserter = %s AND at >= %s"
        f" AND word IN ('{HIDDEN}', '{ERASED}', '{LIFTED}') ORDER BY number DESC LIMIT 1",
        (id_key, sha256, asserter, since),
    )
    return str(found[0]) if found and found[0] != LIFTED else None


def dropped(id_keys: Iterable[int]) -> frozenset[tuple[int, bytes, str]]:
    """(id key, content hash, asserter) of every version of these ids that a person dropped from quarantine."""
    found = database.rows(
        f"SELECT id_key, sha256, asserter FROM tombstone WHERE {among('id_key', id_keys)} AND word = '{DROPPED}'"
    )
    return frozenset((key, bytes(sha256), asserter) for key, sha256, asserter in found)
