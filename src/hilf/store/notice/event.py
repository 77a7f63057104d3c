"""Events as kept. Which of them a person is told of, and when, is `node/notice`. Times are microseconds since 1970."""

from collections.abc import Iterable
from typing import NamedTuple

from hilf.store.database import execute, execute_many, rows


class KeptEvent(NamedTuple):
    """Something that a person should look at.

    Attributes:
        key: hash of what it is about.
        code: what it is.
        many: how many things it stands for.
        first_seen: since when it lasts.
        last_seen: when it was seen last.
        standing: whether it was there at the last look.
        told: when a person was told last; None before.
        told_count: what `many` was then.
    """

    key: str
    code: str
    many: int
    first_seen: int
    last_seen: int
    standing: bool
    told: int | None
    told_count: int


def hold() -> None:
    """Keep other workers from looking until commit."""
    execute(
        "INSERT INTO counter (name, value) VALUES ('notices', 0)"
        " ON CONFLICT (name) DO UPDATE SET value = counter.value"
    )


def every() -> tuple[KeptEvent, ...]:
    """All events, those that last longest first."""
    return tuple(
        KeptEvent(*found)
        for found in rows(
            "SELECT key, code, count, first_seen, last_seen, standing, told, told_count FROM notice_event"
            " ORDER BY first_seen, key"
        )
    )


def put(events: Iterable[KeptEvent]) -> None:
    """Keep events as they are now."""
    execute_many(
        "INSERT INTO notice_event (key, code, count, first_seen, last_seen, standing, told, told_count)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (key) DO UPDATE SET count = excluded.count,"
        " first_seen = excluded.first_seen, last_seen = excluded.last_seen, standing = excluded.standing,"
        " told = excluded.told, told_count = excluded.told_count",
        events,
    )


def forget(before: int) -> None:
    """Forget events that nobody has seen since."""
    execute("DELETE FROM notice_event WHERE last_seen < %s", (before,))
