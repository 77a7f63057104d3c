"""Messages on their way, channel by channel. When they are tried again is `node/notice`. Times are microseconds since 1970."""

from collections.abc import Iterable
from typing import NamedTuple

from hilf.store.database import execute, row, rows

WAITING, SENT, FAILED = "waiting", "sent", "failed"
_COLUMNS = "id, at, channel, message, state, attempts, next_try, done, error"


class KeptDelivery(NamedTuple):
    """One message on one channel.

    Attributes:
        id: its number.
        at: when it was written.
        channel: mail, command or webhook.
        message: as JSON.
        state: waiting, sent, or failed when it was given up.
        attempts: how often it was tried.
        next_try: not before this time.
        done: when it was sent or given up.
        error: what went wrong at the last try.
    """

    id: int
    at: int
    channel: str
    message: str
    state: str
    attempts: int
    next_try: int
    done: int | None
    error: str | None


def put(at: int, channels: Iterable[str], message: str) -> None:
    """Let a message wait on each channel."""
    for channel in channels:
        execute(
            "INSERT INTO notice_delivery (at, channel, message, state, attempts, next_try)"
            " VALUES (%s, %s, %s, %s, 0, %s)",
            (at, channel, message, WAITING, at),
        )


def due(now: int) -> tuple[KeptDelivery, ...]:
    """Messages whose time has come, the oldest first."""
    return tuple(
        KeptDelivery(*found)
        for found in rows(
            f"SELECT {_COLUMNS} FROM notice_delivery WHERE state = %s AND next_try <= %s ORDER BY id",
            (WAITING, now),
        )
    )


def claim(number: int, now: int, until: int) -> bool:
    """Take a message to try it, so that no other worker does before `until`; whether it was still there."""
    return bool(
        execute(
            "UPDATE notice_delivery SET attempts = attempts + 1, next_try = %s"
            " WHERE id = %s AND state = %s AND next_try <= %s",
            (until, number, WAITING, now),
        )
    )


def settle(number: int, state: str, at: int, error: str | None) -> None:
    """Note what became of a try: sent, failed for good, or waiting until `at`."""
    column = "next_try" if state == WAITING else "done"
    execute(
        f"UPDATE notice_delivery SET state = %s, error = %s, {column} = %s WHERE id = %s",
        (state, error, at, number),
    )


def newest(limit: int) -> tuple[KeptDelivery, ...]:
    """The last messages, the newest first."""
    return tuple(
        KeptDelivery(*found)
        for found in rows(f"SELECT {_COLUMNS} FROM notice_delivery ORDER BY id DESC LIMIT %s", (limit,))
    )


def failing() -> int:
    """How many messages went wrong at their last try and were not sent since."""
    found = row(
        "SELECT count(*) FROM notice_delivery WHERE state <> %s AND error IS NOT NULL AND id >"
        " coalesce((SELECT max(n.id) FROM notice_delivery n WHERE n.state = %s"
        " AND n.channel = notice_delivery.channel), 0)",
        (SENT, SENT),
    )
    return int(found[0]) if found else 0


def forget(before: int) -> None:
    """Forget messages that were done with before."""
    execute("DELETE FROM notice_delivery WHERE done < %s", (before,))
