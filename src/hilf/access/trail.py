"""The audit trail as a chain: each entry holds the hash of the one before, so that a changed one shows (trust.md 7).

Decides what an entry says, how it is linked, and which entries of a trail do not hold. Whoever can write everything can also
write the chain anew from some entry on: so its head is noted elsewhere, and what is noted must still be found.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from hilf.canonical import Json, dumps, timestamp

GENESIS: Final = bytes(32)
"""What the first entry follows."""


class Kind(Enum):
    """What an entry says of somebody."""

    DID = "did"
    SAW = "saw"
    TRIED = "tried"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Who:
    """Who acted.

    Attributes:
        person: the account, or the user of the operating system; empty for nobody known.
        officer: kid of the officer's key that signed or would; None without one.
        face: where: "console" or "command line".
        place: address of the browser; empty where there is none.
    """

    person: str
    officer: str | None
    face: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as it is kept: `body` is what is hashed, the other columns repeat parts of it to search by."""

    seq: int
    at: datetime
    kind: str
    person: str
    action: str
    subject: str
    body: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """An entry that does not hold: `why` is one of changed, missing, repeated, unlinked."""

    seq: int
    why: str


def body(
    seq: int, at: datetime, kind: Kind, who: Who, action: str, subject: str, detail: dict[str, Json]
) -> bytes:
    """What an entry says, as it is hashed.

    Args:
        seq: its number, from 1.
        at: aware.
        kind: what is said.
        who: of whom.
        action: what was done, in a word or two, such as "release approve".
        subject: the id of what it was about; empty for nothing in particular.
        detail: whatever else; no secret and no content.
    """
    said: dict[str, Json] = {
        "seq": seq,
        "at": timestamp(at),
        "kind": kind.value,
        "person": who.person,
        "officer": who.officer,
        "face": who.face,
        "place": who.place,
        "action": action,
        "subject": subject,
        "detail": detail,
    }
    return dumps(said)


def link(before: bytes, data: bytes) -> bytes:
    """The hash of an entry that follows the one with the hash `before`."""
    return hashlib.sha256(before + data).digest()


def broken(rows: Iterable[Row], read: Iterable[dict[str, Json]], counted: int) -> Iterator[Broken]:
    """What does not hold in a whole trail, in order.

    Args:
        rows: all of them, by number.
        read: their bodies, read; in the same order.
        counted: how many entries were ever written.
    """
    before, expected = GENESIS, 1
    for row, said in zip(rows, read, strict=True):
        gap = expected < row.seq
        while expected < row.seq:
            yield Broken(expected, "missing")
            expected += 1
        repeated = {
            "seq": row.seq,
            "at": timestamp(row.at),
            "kind": row.kind,
            "person": row.person,
            "action": row.action,
            "subject": row.subject,
        }
        if link(before, row.body) != row.hash:
            yield Broken(row.seq, "unlinked" if gap else "changed")
        elif any(said.get(name) != value for name, value in repeated.items()):
            yield Broken(row.seq, "repeated")
        before, expected = row.hash, row.seq + 1
    for seq in range(expected, counted + 1):
        yield Broken(seq, "missing")
