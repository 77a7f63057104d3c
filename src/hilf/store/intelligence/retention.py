"""Until when received assertions may be kept, as terms and accords say, and what became of them then. Holds no rule.

Rows of `retention` are filled behind the intake (`unread`), whoever brings a row in; a term that becomes stricter later is
noted with it (`note`). Times are microseconds since 1970, UTC.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from hilf.accord.placing import ObjectState
from hilf.store.database import execute, execute_many, row, rows
from hilf.store.intelligence.index import among

_COUNTER = "retention objects"
_COLUMNS = "o.seq, o.stix_id, o.asserter, o.state, r.until, r.done, r.erased"


@dataclass(frozen=True, slots=True)
class KeptRetention:
    """One assertion that may be kept for a time.

    Attributes:
        seq: its row.
        stix_id: the object.
        asserter: the node that says it.
        state: of the row.
        until: from then on it may be kept no longer.
        done: when it was hidden for that.
        erased: when it was erased for that.
    """

    seq: int
    stix_id: str
    asserter: str
    state: ObjectState
    until: int
    done: int | None
    erased: int | None


class Came(NamedTuple):
    """How an assertion came here.

    Attributes:
        seq: its row.
        terms: of the act that brought it; empty where none did.
        accord: what that act cited: "accord--… 3", or None.
        received: when.
    """

    seq: int
    terms: Mapping[str, object]
    accord: str | None
    received: int


def unread(most: int) -> tuple[Came, ...]:
    """The next rows that were not looked at yet, whoever brought them; `read_up_to` goes on."""
    return _came("seq > %s", most)


def unread_received(most: int) -> tuple[Came, ...]:
    """Of the rows that were not looked at yet, the next that partners sent."""
    return _came("seq > %s AND terms IS NOT NULL", most)


def read_up_to(seq: int) -> None:
    """Note that the terms of all rows up to this one were looked at."""
    execute(
        "INSERT INTO counter (name, value) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (_COUNTER, seq),
    )


def note(until_of: Mapping[int, int]) -> None:
    """Note until when rows may be kept; an earlier time that stands already counts."""
    execute_many(
        "INSERT INTO retention (seq, until) VALUES (%s, %s) ON CONFLICT (seq) DO UPDATE SET until ="
        " CASE WHEN excluded.until < retention.until THEN excluded.until ELSE retention.until END",
        sorted(until_of.items()),
    )


def due(now_us: int, most: int, after_seq: int = 0) -> tuple[KeptRetention, ...]:
    """Rows that may be kept no longer and are not erased yet, in order: a page."""
    return _kept(
        "r.until <= %s AND r.erased IS NULL AND r.seq > %s ORDER BY r.seq LIMIT %s", (now_us, after_seq, most)
    )


def of_row(seq: int) -> KeptRetention | None:
    """Until when a row may be kept, and what was done since; None where it has no such time."""
    return next(iter(_kept("r.seq = %s", (seq,))), None)


def is_due(now_us: int) -> bool:
    """Whether a row may be kept no longer and is still shown."""
    return (
        row(
            "SELECT 1 FROM retention WHERE until <= %s AND erased IS NULL AND done IS NULL LIMIT 1", (now_us,)
        )
        is not None
    )


def since(at_us: int, most: int) -> tuple[KeptRetention, ...]:
    """The rows whose time is over after this one, in that order."""
    return _kept("r.until >= %s ORDER BY r.until, r.seq LIMIT %s", (at_us, most))


def put_done(seqs: Iterable[int], at_us: int) -> None:
    """Note that rows were hidden because their time was over."""
    execute(f"UPDATE retention SET done = %s WHERE done IS NULL AND {among('seq', seqs)}", (at_us,))


def put_erased(seqs: Iterable[int], at_us: int) -> None:
    """Note that rows were erased because their time was over."""
    execute(f"UPDATE retention SET erased = %s WHERE {among('seq', seqs)}", (at_us,))


def _came(condition: str, most: int) -> tuple[Came, ...]:
    found = rows(
        f"SELECT seq, terms, accord, received FROM object WHERE {condition} ORDER BY seq LIMIT %s",
        (_upto(), most),
    )
    return tuple(
        Came(seq, orjson.loads(terms) if terms else {}, accord, received)
        for seq, terms, accord, received in found
    )


def _upto() -> int:
    found = row("SELECT value FROM counter WHERE name = %s", (_COUNTER,))
    return int(found[0]) if found else 0


def _kept(condition: str, parameters: tuple[object, ...]) -> tuple[KeptRetention, ...]:
    found = rows(
        f"SELECT {_COLUMNS} FROM retention r JOIN object o ON o.seq = r.seq WHERE {condition}", parameters
    )
    return tuple(
        KeptRetention(seq, stix_id, asserter, ObjectState(state), until, done, erased)
        for seq, stix_id, asserter, state, until, done, erased in found
    )
