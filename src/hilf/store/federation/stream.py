"""Streams: where each stands, the batches that went over it with their receipts, and what became of each act.

Holds no rule: which batch comes next, and whether a receipt is valid, is judged in `federation` and `node`.
Times are microseconds since 1970, UTC.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hilf.store.database import execute, execute_many, is_postgresql, row, rows

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class KeptStream:
    """One direction of the stream with a peer: the last seq given (or applied), the chain there, the last receipted.

    Where we opened the epoch, `opening` is the peer's signed state that it was opened from, canonical, and `withdrawn`
    a JSON array of the ids that were not carried over.
    """

    epoch: int
    seq: int
    chain: bytes
    receipted: int
    opening: bytes | None = None
    withdrawn: str | None = None


@dataclass(frozen=True, slots=True)
class KeptBatch:
    """Header and receipt as they were signed, canonical bytes; `receipt` is None until there is one."""

    number: int
    epoch: int
    first: int
    last: int
    header: bytes
    receipt: bytes | None


@dataclass(frozen=True, slots=True)
class Received:
    """What a partner's receipt says of one act of ours."""

    act_id: bytes
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for one peer: acts not yet sent, acts sent without a receipt, the time of the oldest of them."""

    waiting: int
    sent: int
    oldest_us: int | None


def begin(peer: str, *, outgoing: bool, chain: bytes) -> KeptStream:
    """Where the stream stands, begun at epoch 1 with `chain` where it never was; held until the transaction ends.

    Two workers that handle batches of the same peer do so one after the other.
    """
    execute(
        "INSERT INTO stream (peer, outgoing, epoch, seq, chain, receipted) VALUES (%s, %s, 1, 0, %s, 0)"
        " ON CONFLICT (peer, outgoing) DO NOTHING",
        (peer, outgoing, chain),
    )
    found = row(_STREAM + (" FOR UPDATE" if is_postgresql() else ""), (peer, outgoing))
    if found is None:  # unreachable: the row was written above, in this transaction
        raise LookupError(peer)
    return _kept_stream(found)


_STREAM = (
    "SELECT epoch, seq, chain, receipted, opening, withdrawn FROM stream WHERE peer = %s AND outgoing = %s"
)


def position(peer: str, *, outgoing: bool) -> KeptStream | None:
    """Where the stream stands, for a reader; None where it never began."""
    found = row(_STREAM, (peer, outgoing))
    return _kept_stream(found) if found else None


def _kept_stream(found: tuple) -> KeptStream:
    epoch, seq, chain, receipted, opening, withdrawn = found
    return KeptStream(
        epoch, seq, bytes(chain), receipted, None if opening is None else bytes(opening), withdrawn
    )


def move(peer: str, *, outgoing: bool, epoch: int, seq: int, chain: bytes) -> None:
    """Note where the stream stands now."""
    execute(
        "UPDATE stream SET receipted = CASE WHEN epoch = %s THEN receipted ELSE 0 END, epoch = %s, seq = %s, chain = %s"
        " WHERE peer = %s AND outgoing = %s",
        (epoch, epoch, seq, chain, peer, outgoing),
    )


_BATCH = (
    "SELECT id, epoch, first, last, header, receipt FROM batch WHERE peer = %s AND outgoing = %s AND epoch = %s"
    " AND lost IS NULL"
)


def keep_batch(
    peer: str,
    *,
    outgoing: bool,
    epoch: int,
    first: int,
    last: int,
    header: bytes,
    receipt: bytes | None,
    at_us: int,
) -> KeptBatch:
    """Keep a batch's header, and the receipt that we gave for it or will get."""
    found = row(
        "INSERT INTO batch (peer, outgoing, epoch, first, last, header, receipt, at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (peer, outgoing, epoch, first, last, header, receipt, at_us),
    )
    return KeptBatch(found[0] if found else 0, epoch, first, last, header, receipt)


def batches(peer: str, *, outgoing: bool, epoch: int, first: int, last: int) -> tuple[KeptBatch, ...]:
    """The batches that hold any of these places, by first seq, oldest first where they are equal."""
    found = rows(
        _BATCH + " AND first <= %s AND last >= %s ORDER BY first, id", (peer, outgoing, epoch, last, first)
    )
    return tuple(_kept_batch(each) for each in found)


def batch_from(peer: str, epoch: int, first: int) -> KeptBatch | None:
    """The batch to `peer` that begins at `first`, receipted or not."""
    found = row(_BATCH + " AND first = %s ORDER BY id DESC LIMIT 1", (peer, True, epoch, first))
    return _kept_batch(found) if found else None


def sent_ids(peer: str, epoch: int, first: int, last: int) -> tuple[bytes, ...]:
    """The ids of the acts that have these places in the stream to `peer`, in order."""
    found = rows(
        "SELECT act_id FROM act WHERE peer = %s AND outgoing = %s AND epoch = %s AND seq BETWEEN %s AND %s ORDER BY seq",
        (peer, True, epoch, first, last),
    )
    return tuple(bytes(act_id) for (act_id,) in found)


def _kept_batch(found: tuple) -> KeptBatch:
    number, epoch, first, last, header, receipt = found
    return KeptBatch(number, epoch, first, last, bytes(header), None if receipt is None else bytes(receipt))


def forget_batch(number: int) -> None:
    """Forget a batch that no receipt stands for: other boundaries take its place."""
    execute("DELETE FROM batch WHERE id = %s AND receipt IS NULL", (number,))


def keep_receipt(peer: str, kept: KeptBatch, receipt: bytes, results: Sequence[Received], at_us: int) -> None:
    """Keep the partner's receipt for a batch of ours, and what it says of each act."""
    execute("UPDATE batch SET receipt = %s WHERE id = %s AND receipt IS NULL", (receipt, kept.number))
    execute(
        "UPDATE stream SET receipted = CASE WHEN receipted < %s THEN %s ELSE receipted END"
        " WHERE peer = %s AND outgoing = %s AND epoch = %s",
        (kept.last, kept.last, peer, True, kept.epoch),
    )
    usual = [each for each in results if each.state == "applied" and each.reason is None]
    if len(usual) == len(results):
        execute(
            "UPDATE act SET state = 'applied' WHERE peer = %s AND outgoing = %s AND epoch = %s AND seq BETWEEN %s AND %s"
            " AND state = 'sent'",
            (peer, True, kept.epoch, kept.first, kept.last),
        )
    else:
        execute_many(
            "UPDATE act SET state = %s, reason = %s WHERE act_id = %s AND state = 'sent'",
            [(each.state, each.reason, each.act_id) for each in results],
        )
    execute("UPDATE peer SET last_receipt = %s WHERE node = %s", (at_us, peer))


def batch_with(peer: str, epoch: int, seq: int) -> KeptBatch | None:
    """The batch of a peer that holds this place and that we receipted, the first where boundaries changed."""
    found = row(
        _BATCH + " AND first <= %s AND last >= %s AND receipt IS NOT NULL ORDER BY id LIMIT 1",
        (peer, False, epoch, seq, seq),
    )
    return _kept_batch(found) if found else None


def unreceipt(peer: str, seq: int) -> None:
    """A peer lost what it had receipted behind this place of our stream: from there on it is sent again."""
    execute(
        "UPDATE act SET state = 'sent', reason = NULL WHERE peer = %s AND outgoing = %s AND seq > %s AND epoch ="
        " (SELECT epoch FROM stream WHERE peer = %s AND outgoing = %s)",
        (peer, True, seq, peer, True),
    )
    execute(
        "UPDATE stream SET receipted = %s WHERE peer = %s AND outgoing = %s AND receipted > %s",
        (seq, peer, True, seq),
    )


def unsendable(peer: str, epoch: int, first: int, least_state: int) -> int:
    """How many acts from a place of our stream on carry an object that is gone, or in this state or a later one."""
    found = row(
        "SELECT count(*) FROM act a LEFT JOIN object o ON o.seq = a.object_seq WHERE a.peer = %s AND a.outgoing = %s"
        " AND a.epoch = %s AND a.seq >= %s AND a.kind = 'object' AND (o.body IS NULL OR o.state >= %s)",
        (peer, True, epoch, first, least_state),
    )
    return int(found[0]) if found else 0


def complete_batch(number: int, receipt: bytes) -> None:
    """Keep the receipt of a batch that came back later, on another way."""
    execute("UPDATE batch SET receipt = %s WHERE id = %s AND receipt IS NULL", (receipt, number))


def tell_later(peer: str, result: Received) -> bool:
    """Note the later result of an act of ours that a receipt called held; whether there was one.

    The receipt itself may still be on its way, or lost: then the act is only sent, and the later result stands.
    """
    changed = execute(
        "UPDATE act SET state = %s, reason = %s WHERE act_id = %s AND peer = %s AND outgoing = %s"
        " AND state IN ('held', 'sent')",
        (result.state, result.reason, result.act_id, peer, True),
    )
    return changed > 0


def states(act_ids: Sequence[bytes]) -> dict[bytes, str]:
    """What is known of these acts of ours by now."""
    found: dict[bytes, str] = {}
    for n in range(0, len(act_ids), _AT_ONCE):
        piece = act_ids[n : n + _AT_ONCE]
        marks = ", ".join(["%s"] * len(piece))
        chosen = rows(
            f"SELECT act_id, state FROM act WHERE act_id IN ({marks}) AND outgoing = %s", (*piece, True)
        )
        found.update((bytes(act_id), state) for act_id, state in chosen)
    return found


def went_well(peer: str) -> None:
    """Note that the last round with a peer went well."""
    execute(
        "UPDATE peer SET last_error = NULL, failures = 0, next_try = 0 WHERE node = %s"
        " AND (failures > 0 OR last_error IS NOT NULL OR next_try > 0)",
        (peer,),
    )


def is_there(peer: str) -> None:
    """Note that a peer speaks to us: there is no reason to wait any longer before the next try."""
    execute("UPDATE peer SET next_try = 0 WHERE node = %s AND next_try > 0", (peer,))


def went_wrong(peer: str, code: str, next_try_us: int) -> None:
    """Note what went wrong in the last round with a peer, and when to try again."""
    execute(
        "UPDATE peer SET last_error = %s, failures = failures + 1, next_try = %s WHERE node = %s",
        (code, next_try_us, peer),
    )


def drop_unsent(peer: str, reason: str, act_ids: Iterable[bytes] | None = None) -> int:
    """Drop acts that still wait for a peer, these or all; how many.

    Args:
        peer: whom they wait for.
        reason: `{"clause": …, "code": …}` as a JSON text.
        act_ids: 32 bytes each; None for all.
    """
    start = "UPDATE act SET state = 'dropped', reason = %s WHERE peer = %s AND outgoing = %s AND state = 'waiting'"
    if act_ids is None:
        return execute(start, (reason, peer, True))
    return sum(execute(start + " AND act_id = %s", (reason, peer, True, act_id)) for act_id in act_ids)


def waiting_but(peer: str, kind: str) -> list[bytes]:
    """The ids of acts that wait for a peer, but for those of one kind."""
    found = rows(
        "SELECT act_id FROM act WHERE peer = %s AND outgoing = %s AND state = 'waiting' AND kind <> %s ORDER BY pos",
        (peer, True, kind),
    )
    return [bytes(act_id) for (act_id,) in found]


def queue(peer: str) -> Queue:
    """What waits for one peer."""
    counts: dict[str, int] = {}
    oldest: list[int] = []
    for state in ("waiting", "sent"):
        which = f"FROM act WHERE peer = %s AND outgoing = %s AND state = '{state}'"
        found = row(f"SELECT count(*) {which}", (peer, True))
        counts[state] = found[0] if found else 0
        oldest += [at for (at,) in rows(f"SELECT at {which} ORDER BY pos LIMIT 1", (peer, True))]
    return Queue(counts["waiting"], counts["sent"], min(oldest, default=None))


@dataclass(frozen=True, slots=True)
class KeptReceipt:
    """A receipt that a partner signed for a batch of ours; `at_us` is when the batch was first sent."""

    peer: str
    epoch: int
    first: int
    last: int
    at_us: int
    receipt: bytes
    number: int = 0
    """Of the batch here: what came later has a higher one."""


def receipts(peer: str | None = None, most: int = 1000, before: int | None = None) -> tuple[KeptReceipt, ...]:
    """The receipts of one partner or of all, newest first, at most `most`, of batches `before` one."""
    one = " AND peer = %s" if peer is not None else ""
    older = " AND id < %s" if before is not None else ""
    found = rows(
        "SELECT peer, epoch, first, last, at, receipt, id FROM batch WHERE outgoing = %s AND receipt IS NOT NULL"
        + one
        + older
        + " ORDER BY id DESC LIMIT %s",
        (True, *([peer] if peer is not None else []), *([before] if before is not None else []), most),
    )
    return tuple(
        KeptReceipt(node, epoch, first, last, at, bytes(receipt), number)
        for node, epoch, first, last, at, receipt, number in found
    )
