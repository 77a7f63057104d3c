"""Standing orders as kept (accord.md 4). Holds no rule: what kills an order and what it may send is `node/order`.

Times are microseconds since 1970, UTC.
"""

from dataclasses import dataclass

from hilf.store.database import execute, rows

_COLUMNS = "order_id, state, document, subject, proposed, proposed_by, until, next_run, reason, last"
PROPOSED, RUNS, STOPPED, DIED = "proposed", "runs", "stopped", "died"


@dataclass(frozen=True, slots=True)
class KeptOrder:
    """One standing order as kept.

    Attributes:
        order_id: "order--" and a UUID.
        state: "proposed" while an officer must approve, "runs", "stopped" by a person, "died" because what was approved
            is no more.
        document: the order, canonical JSON.
        subject: H of it: what an approval binds.
        proposed: when it was made.
        proposed_by: kid of the officer who proposed it.
        until: when it ends.
        next_run: when it is due; None until it runs.
        reason: code of why it died.
        last: what its last run did, as JSON; None before the first.
    """

    order_id: str
    state: str
    document: str
    subject: str
    proposed: int
    proposed_by: str
    until: int
    next_run: int | None = None
    reason: str | None = None
    last: str | None = None


def put(order: KeptOrder) -> None:
    """Keep a new order."""
    execute(
        f"INSERT INTO standing_order ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            order.order_id, order.state, order.document, order.subject, order.proposed, order.proposed_by,
            order.until, order.next_run, order.reason, order.last,
        ),
    )  # fmt: skip


def get(order_id: str) -> KeptOrder | None:
    """One order, or None."""
    return next(iter(_orders("WHERE order_id = %s", (order_id,))), None)


def every() -> tuple[KeptOrder, ...]:
    """All orders, the newest first."""
    return _orders("ORDER BY proposed DESC, order_id")


def due(now_us: int) -> tuple[KeptOrder, ...]:
    """Orders that run and are due by now, the longest waiting first."""
    return _orders("WHERE state = %s AND next_run <= %s ORDER BY next_run, order_id", (RUNS, now_us))


def settle(order_id: str, state: str, reason: str | None = None) -> None:
    """Give an order its last state."""
    execute(
        "UPDATE standing_order SET state = %s, reason = %s, next_run = NULL WHERE order_id = %s",
        (state, reason, order_id),
    )


def let_run(order_id: str, next_run_us: int) -> None:
    """Let a proposed order run, first at that time."""
    execute(
        "UPDATE standing_order SET state = %s, next_run = %s WHERE order_id = %s AND state = %s",
        (RUNS, next_run_us, order_id, PROPOSED),
    )


def claim(order: KeptOrder, next_run_us: int) -> bool:
    """Put a due run off to the next time, in the caller's transaction; False if another worker took it."""
    return bool(
        execute(
            "UPDATE standing_order SET next_run = %s WHERE order_id = %s AND state = %s AND next_run = %s",
            (next_run_us, order.order_id, RUNS, order.next_run),
        )
    )


def put_last(order_id: str, last: str) -> None:
    """Note what a run did."""
    execute("UPDATE standing_order SET last = %s WHERE order_id = %s", (last, order_id))


def _orders(where: str, parameters: tuple[object, ...] = ()) -> tuple[KeptOrder, ...]:
    return tuple(
        KeptOrder(*found) for found in rows(f"SELECT {_COLUMNS} FROM standing_order {where}", parameters)
    )
