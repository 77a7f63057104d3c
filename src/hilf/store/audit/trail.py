"""The audit trail: entries are added and read, never changed."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from hilf.access.trail import GENESIS, Row, link
from hilf.store import database
from hilf.store.instant import microseconds, moment

_COLUMNS: Final = "seq, at, kind, person, action, subject, body, hash"


def append(
    at: datetime, kind: str, person: str, action: str, subject: str, body: Callable[[int], bytes]
) -> int:
    """Add an entry, in the caller's transaction; its number.

    The counter stays locked until commit, so that two processes never link to the same entry.
    """
    seq = database.allot("audit", 1)
    last = database.row("SELECT hash FROM audit_entry ORDER BY seq DESC LIMIT 1")
    said = body(seq)
    database.execute(
        f"INSERT INTO audit_entry ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            seq,
            microseconds(at),
            kind,
            person,
            action,
            subject,
            said,
            link(bytes(last[0]) if last else GENESIS, said),
        ),
    )
    return seq


def page(where: dict[str, object], before: int | None, limit: int) -> list[Row]:
    """The newest entries first.

    Args:
        where: of these columns "kind" and "person" exactly, "action" and "subject" as a part; "since" and "until" in
            microseconds.
        before: number of the entry after which the page begins; None for the newest.
        limit: how many.
    """
    clauses, values = ["1 = 1"], list[object]()
    for name, value in where.items():
        sql, bound = _CLAUSES[name]
        clauses.append(sql)
        values.append(bound(value))
    if before is not None:
        clauses.append("seq < %s")
        values.append(before)
    found = database.rows(
        f"SELECT {_COLUMNS} FROM audit_entry WHERE {' AND '.join(clauses)} ORDER BY seq DESC LIMIT %s",
        (*values, limit),
    )
    return [_row(each) for each in found]


def _part(value: object) -> str:
    text = str(value).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{text}%"


def _same(value: object) -> object:
    return value


_CLAUSES: Final[dict[str, tuple[str, Callable[[object], object]]]] = {
    "kind": ("kind = %s", _same),
    "person": ("person = %s", _same),
    "action": ("action LIKE %s ESCAPE '\\'", _part),
    "subject": ("subject LIKE %s ESCAPE '\\'", _part),
    "since": ("at >= %s", _same),
    "until": ("at < %s", _same),
}


def each() -> Iterator[Row]:
    """All entries, the oldest first."""
    for found in database.each(f"SELECT {_COLUMNS} FROM audit_entry ORDER BY seq"):
        yield _row(found)


def count() -> int:
    """How many entries are there."""
    found = database.row("SELECT count(*) FROM audit_entry")
    return found[0] if found else 0


def head() -> tuple[int, bytes]:
    """Number and hash of the newest entry; 0 and what the first would follow where there is none."""
    found = database.row("SELECT seq, hash FROM audit_entry ORDER BY seq DESC LIMIT 1")
    return (found[0], bytes(found[1])) if found else (0, GENESIS)


def counted() -> int:
    """How many entries were ever written."""
    found = database.row("SELECT value FROM counter WHERE name = 'audit'")
    return found[0] if found else 0


def _row(found: tuple) -> Row:
    seq, at, kind, person, action, subject, body, hash_ = found
    return Row(seq, moment(at), kind, person, action, subject, bytes(body), bytes(hash_))
