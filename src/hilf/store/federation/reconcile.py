"""What reconciling reads and writes: the ids of one stream, acts to give back, acts to send again, and how it went.

Holds no rule. Times are microseconds since 1970, UTC.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hilf.accord.placing import ObjectState
from hilf.store.database import each, execute, execute_many, row, rows
from hilf.store.federation.envelope import canonical_of, put_back

_AT_ONCE = 500
_PEER: Final = "a.peer || ''"
"""The partner where acts are found by their ids: an index on it would read every act that ever passed between the two."""


def ids(peer: str, *, outgoing: bool) -> list[bytes]:
    """The ids of all acts that have a place in this stream, in no order; 32 bytes each."""
    found = each(
        "SELECT act_id FROM act WHERE peer = %s AND outgoing = %s AND seq IS NOT NULL", (peer, outgoing)
    )
    return [bytes(act_id) for (act_id,) in found]


def ids_between(peer: str, low: bytes, high: bytes | None, *, outgoing: bool) -> list[bytes]:
    """Those of them from `low` on and before `high`, sorted; for small parts of all ids.

    The peer is compared as an expression, so that the database looks by id.
    """
    upper, parameters = ("", ()) if high is None else (" AND act_id < %s", (high,))
    found = rows(
        f"SELECT act_id FROM act WHERE act_id >= %s{upper} AND peer || '' = %s AND outgoing = %s"
        " AND seq IS NOT NULL ORDER BY act_id",
        (low, *parameters, peer, outgoing),
    )
    return [bytes(act_id) for (act_id,) in found]


@dataclass(frozen=True, slots=True)
class Back:
    """An act of a partner that may be given back to it.

    Attributes:
        act_id: 32 bytes.
        canonical: the act; None where its object may not be given, or is not here.
        epoch, seq: its place.
    """

    act_id: bytes
    canonical: bytes | None
    epoch: int
    seq: int


def to_give_back(peer: str, act_ids: Sequence[bytes]) -> dict[bytes, Back]:
    """What is held of these acts of a partner, by id."""
    found: dict[bytes, Back] = {}
    for n in range(0, len(act_ids), _AT_ONCE):
        piece = act_ids[n : n + _AT_ONCE]
        marks = ", ".join(["%s"] * len(piece))
        for act_id, kind, envelope, epoch, seq, object_seq, state, body, sha256 in rows(
            "SELECT a.act_id, a.kind, a.envelope, a.epoch, a.seq, a.object_seq, o.state, o.body, o.sha256 FROM act a"
            f" LEFT JOIN object o ON o.seq = a.object_seq WHERE a.act_id IN ({marks}) AND {_PEER} = %s"
            " AND a.outgoing = %s AND a.seq IS NOT NULL",
            (*piece, peer, False),
        ):
            canonical: bytes | None = bytes(envelope)
            if kind == "object":
                gone = object_seq is None or body is None or state >= ObjectState.HIDDEN
                canonical = (
                    None if gone else put_back(bytes(envelope), canonical_of(bytes(body), bytes(sha256)))
                )
            found[bytes(act_id)] = Back(bytes(act_id), canonical, epoch, seq)
    return found


@dataclass(frozen=True, slots=True)
class Ours:
    """An act of ours that a partner has not; `readable` is whether its object may be read, or it has none."""

    act_id: bytes
    kind: str
    state: str
    envelope: bytes
    readable: bool


def missing(peer: str, act_ids: Sequence[bytes]) -> Iterator[Ours]:
    """These acts of ours, in the order in which they were made."""
    found: list[tuple] = []
    for n in range(0, len(act_ids), _AT_ONCE):
        piece = act_ids[n : n + _AT_ONCE]
        marks = ", ".join(["%s"] * len(piece))
        found += rows(
            "SELECT a.pos, a.act_id, a.kind, a.state, a.envelope, a.object_seq, o.state, o.body IS NULL FROM act a"
            f" LEFT JOIN object o ON o.seq = a.object_seq WHERE a.act_id IN ({marks}) AND {_PEER} = %s AND a.outgoing = %s",
            (*piece, peer, True),
        )
    for _, act_id, kind, state, envelope, object_seq, object_state, empty in sorted(
        found, key=lambda f: f[0]
    ):
        readable = kind != "object" or (
            object_seq is not None and not empty and object_state < ObjectState.HIDDEN
        )
        yield Ours(bytes(act_id), kind, state, bytes(envelope), readable)


def send_again(act_ids: Sequence[bytes]) -> None:
    """Let these acts wait again, without a place."""
    execute_many(
        "UPDATE act SET state = 'waiting', reason = NULL, epoch = NULL, seq = NULL WHERE act_id = %s AND outgoing = %s",
        [(act_id, True) for act_id in act_ids],
    )


def withdraw(act_ids: Sequence[bytes], reason: str) -> None:
    """These acts are not carried over: they have no place any more; what waits for nothing is dropped."""
    execute_many(
        "UPDATE act SET state = CASE WHEN state = 'refused' THEN state ELSE 'dropped' END,"
        " reason = CASE WHEN state = 'refused' THEN reason ELSE %s END, epoch = NULL, seq = NULL"
        " WHERE act_id = %s AND outgoing = %s",
        [(reason, act_id, True) for act_id in act_ids],
    )


def open_epoch(peer: str, epoch: int, chain: bytes, opening: bytes, withdrawn: str) -> None:
    """Begin the next epoch of our stream to a peer; what stood under that number or later is no part of it."""
    execute("UPDATE act SET epoch = 0 WHERE peer = %s AND outgoing = %s AND epoch >= %s", (peer, True, epoch))
    execute(
        "UPDATE stream SET epoch = %s, seq = 0, chain = %s, receipted = 0, opening = %s, withdrawn = %s"
        " WHERE peer = %s AND outgoing = %s",
        (epoch, chain, opening, withdrawn, peer, True),
    )


def lose_batches(peer: str, epoch: int, seq: int) -> int:
    """Note that the peer lost our batches behind this place; how many that it had receipted."""
    execute(
        "DELETE FROM batch WHERE peer = %s AND outgoing = %s AND receipt IS NULL AND lost IS NULL",
        (peer, True),
    )
    return execute(
        "UPDATE batch SET lost = %s WHERE peer = %s AND outgoing = %s AND lost IS NULL"
        " AND (epoch > %s OR (epoch = %s AND last > %s))",
        (True, peer, True, epoch, epoch, seq),
    )


def without_receipt(peer: str) -> list[bytes]:
    """The ids of acts that were sent to a peer and of which no receipt says what became."""
    found = rows(
        "SELECT act_id FROM act WHERE peer = %s AND outgoing = %s AND state = 'sent' ORDER BY pos",
        (peer, True),
    )
    return [bytes(act_id) for (act_id,) in found]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """An act of ours that a partner gave back, and its place; for object acts the envelope, and the row of the object."""

    act_id: bytes
    kind: str
    at_us: int
    state: str
    reason: str | None
    epoch: int
    seq: int
    envelope: bytes
    object_seq: int | None


def known(act_ids: Sequence[bytes]) -> dict[bytes, tuple[str, int | None]]:
    """State and object row of those of these acts of ours that are known here."""
    found: dict[bytes, tuple[str, int | None]] = {}
    for n in range(0, len(act_ids), _AT_ONCE):
        piece = act_ids[n : n + _AT_ONCE]
        marks = ", ".join(["%s"] * len(piece))
        chosen = rows(
            f"SELECT act_id, state, object_seq FROM act WHERE act_id IN ({marks}) AND outgoing = %s",
            (*piece, True),
        )
        found.update((bytes(act_id), (state, object_seq)) for act_id, state, object_seq in chosen)
    return found


def take_back(peer: str, acts: Sequence[TakenBack]) -> None:
    """Keep acts that a partner gave back, as if they had been sent; those that are known get their place and outcome."""
    execute_many(
        "INSERT INTO act (act_id, outgoing, peer, kind, at, state, reason, epoch, seq, envelope, object_seq)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (act_id) DO UPDATE SET state = excluded.state, reason = excluded.reason, epoch = excluded.epoch,"
        " seq = excluded.seq WHERE act.outgoing AND (act.seq IS NULL OR act.state = 'sent')",
        [
            (
                a.act_id,
                True,
                peer,
                a.kind,
                a.at_us,
                a.state,
                a.reason,
                a.epoch,
                a.seq,
                a.envelope,
                a.object_seq,
            )
            for a in acts
        ],
    )


@dataclass(frozen=True, slots=True)
class KeptReconciliation:
    """How reconciling our stream to a peer went; see the table for what is counted."""

    number: int
    peer: str
    begun: int
    ended: int | None
    epoch: int | None
    restored: bool
    lost: int
    taken: int
    gone: int
    again: int
    withdrawn: int
    unknown: int

    @property
    def still_there(self) -> int:
        """Acts of ours that the peer holds and we have not taken back."""
        return max(0, self.lost - self.taken - self.gone)


_COLUMNS = "id, peer, begun, ended, epoch, restored, lost, taken, gone, again, withdrawn, unknown"


def begin(peer: str, at_us: int) -> KeptReconciliation:
    """The reconciliation with a peer that goes on, begun where none does."""
    kept = latest(peer)
    if kept is not None and kept.ended is None:
        return kept
    execute(
        "INSERT INTO reconciliation (peer, begun, restored, lost, taken, gone, again, withdrawn, unknown)"
        " VALUES (%s, %s, %s, 0, 0, 0, 0, 0, 0)",
        (peer, at_us, False),
    )
    begun = latest(peer)
    assert begun is not None  # noqa: S101  # it was inserted
    return begun


def latest(peer: str) -> KeptReconciliation | None:
    """The last reconciliation with a peer."""
    found = row(f"SELECT {_COLUMNS} FROM reconciliation WHERE peer = %s ORDER BY id DESC LIMIT 1", (peer,))
    return KeptReconciliation(*found) if found else None


def ended_since(peer: str, at_us: int) -> tuple[int, ...]:
    """When reconciliations with a peer ended since then, the first one first."""
    found = rows(
        "SELECT ended FROM reconciliation WHERE peer = %s AND ended >= %s ORDER BY ended", (peer, at_us)
    )
    return tuple(ended for (ended,) in found)


def found_lost(number: int, lost: int) -> None:
    """Note how many acts of ours the peer holds that we lack, those that were taken back already included."""
    execute("UPDATE reconciliation SET lost = taken + gone + %s WHERE id = %s", (lost, number))


def took_back(number: int, taken: int, gone: int) -> None:
    """Note that so many more came back, as acts and as ids."""
    execute(
        "UPDATE reconciliation SET taken = taken + %s, gone = gone + %s WHERE id = %s", (taken, gone, number)
    )


def end(number: int, at_us: int, epoch: int, again: int, withdrawn: int, unknown: int) -> None:
    """Note that the next epoch is open."""
    execute(
        "UPDATE reconciliation SET ended = %s, epoch = %s, again = %s, withdrawn = %s, unknown = %s WHERE id = %s",
        (at_us, epoch, again, withdrawn, unknown, number),
    )
