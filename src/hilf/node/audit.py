"""The audit trail of a node: who did, saw, tried and was denied what, when (trust.md 7).

Decides nothing about who may act. Faces write here: the console for every person, the command line for who runs it. Reading
everything and checking it needs no secret; the head of the chain, noted elsewhere, shows later that nothing was rewritten.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from hilf.access import trail
from hilf.access.trail import Broken, Kind, Row, Who
from hilf.canonical import Json
from hilf.errors import CallerFault
from hilf.store.audit import trail as store
from hilf.store.database import transaction
from hilf.store.instant import microseconds

KINDS: Final = tuple(kind.value for kind in Kind)

_LONGEST: Final = 400
"""Characters of any text in an entry: a trail is for reading."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is shown."""

    seq: int
    at: datetime
    kind: str
    person: str
    action: str
    subject: str
    face: str
    officer: str | None
    place: str
    detail: dict[str, Json]
    hash: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What checking the whole trail found.

    Attributes:
        count: of the entries that are there.
        head: number and hash of the newest, to be noted elsewhere.
        broken: what does not hold; empty for a trail that nobody touched.
    """

    count: int
    head: tuple[int, str]
    broken: tuple[Broken, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """Which entries to show; None and empty mean any."""

    kind: str = ""
    person: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


def write(
    kind: Kind, who: Who, action: str, subject: str, now: datetime, detail: dict[str, Json] | None = None
) -> int:
    """Add an entry in a transaction of its own; its number.

    Args:
        kind: what is said.
        who: of whom.
        action: what, in a word or two.
        subject: the id of what it was about; empty for nothing in particular.
        now: aware.
        detail: whatever else; no secret and no content.
    """
    who = Who(who.person[:_LONGEST], who.officer, who.face, who.place)
    action, subject = action[:_LONGEST], subject[:_LONGEST]
    with transaction():
        return store.append(
            now.replace(microsecond=now.microsecond // 1000 * 1000),
            kind.value,
            who.person,
            action,
            subject,
            lambda seq: trail.body(seq, now, kind, who, action, subject, detail or {}),
        )


def entries(query: Query, before: int | None = None, limit: int = 50) -> list[Entry]:
    """The newest entries first, from the one before `before` on."""
    return [_entry(row) for row in store.page(_where(query), before, limit)]


def every(query: Query) -> Iterator[Entry]:
    """All entries that a query names, the newest first, page by page."""
    before: int | None = None
    while page := entries(query, before, 1_000):
        yield from page
        before = page[-1].seq


def _where(query: Query) -> dict[str, object]:
    if query.kind and query.kind not in KINDS:
        raise CallerFault(
            "audit.kind", f"{query.kind[:40]!r} is no kind of entry.", "", f"Kinds: {', '.join(KINDS)}."
        )
    words: dict[str, object] = {
        name: text for name in ("kind", "person", "action", "subject") if (text := getattr(query, name))
    }
    for name in ("since", "until"):
        if (at := getattr(query, name)) is not None:
            words[name] = microseconds(at)
    return words


def exported(query: Query) -> Iterator[dict[str, Json]]:
    """Entries as they are exported: the very bytes that are hashed, with their hash, the oldest first where all are asked for.

    With no query anybody can check the chain: hash = SHA-256(hash before, then body), the first after 32 zero bytes.
    """
    rows = store.each() if query == Query() else _rows(query)
    for row in rows:
        yield {"seq": row.seq, "hash": row.hash.hex(), "body": row.body.decode()}


def _rows(query: Query) -> Iterator[Row]:
    before: int | None = None
    while page := store.page(_where(query), before, 1_000):
        yield from page
        before = page[-1].seq


def verify(noted: tuple[int, str] | None = None) -> Verified:
    """Check every entry.

    Args:
        noted: number and hash of a head that was noted earlier: it must still stand there.

    Raises:
        CallerFault: "audit.noted": no entry of that number and hash is there.
    """
    rows, read = itertools.tee(store.each())
    found = tuple(trail.broken(rows, map(_said, read), store.counted()))
    seq, head = store.head()
    if noted is not None:
        there = store.page({}, noted[0] + 1, 1)
        if not there or (there[0].seq, there[0].hash.hex()) != (noted[0], noted[1].lower()):
            raise CallerFault(
                "audit.noted",
                f"Entry {noted[0]} does not have the hash {noted[1][:80]} any more.",
                "The trail was written anew since that head was noted, or the head was copied wrongly.",
                "Keep this database as evidence; compare with an export of that day.",
            )
    return Verified(store.count(), (seq, head.hex()), found)


def _said(row: Row) -> dict[str, Json]:
    try:
        value = orjson.loads(row.body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _entry(row: Row) -> Entry:
    said = _said(row)
    detail, officer = said.get("detail"), said.get("officer")
    return Entry(
        row.seq,
        row.at,
        row.kind,
        row.person,
        row.action,
        row.subject,
        str(said.get("face", "")),
        str(officer) if officer else None,
        str(said.get("place", "")),
        detail if isinstance(detail, dict) else {},
        row.hash.hex(),
    )
