"""The outbox: acts that wait for a partner, and acts that were sent to it, ready to be sent again.

The one door out (contract "One door out"): `node/release` puts what a release allowed, `node/federation` a closed
list of protocol acts. Writing an act and putting it here is one transaction, the caller's; its place in the stream is
given when it is first sent (protocol.md 4). What waits unsent can still be dropped (`stream.drop_unsent`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hilf.accord.placing import ObjectState
from hilf.store.database import execute, execute_many, rows
from hilf.store.federation.envelope import canonical_of, put_back


@dataclass(frozen=True, slots=True)
class Waiting:
    """An act to be sent.

    Attributes:
        act_id: 32 bytes.
        kind: its kind.
        at_us: its time, microseconds since 1970, UTC.
        envelope: its canonical form; for kind `object` with `body.object` null.
        object_seq: the row of the object it carries; None for other kinds.
    """

    act_id: bytes
    kind: str
    at_us: int
    envelope: bytes
    object_seq: int | None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An act out of the outbox; `canonical` is None where its object may not or cannot leave any more."""

    pos: int
    act_id: bytes
    canonical: bytes | None


def put(peer: str, acts: Sequence[Waiting], release_id: str | None) -> None:
    """Let these acts wait for `peer`, in this order, in the caller's transaction."""
    execute_many(
        "INSERT INTO act (act_id, outgoing, peer, kind, at, state, envelope, object_seq, release_id)"
        " VALUES (%s, %s, %s, %s, %s, 'waiting', %s, %s, %s)",
        [(a.act_id, True, peer, a.kind, a.at_us, a.envelope, a.object_seq, release_id) for a in acts],
    )


def put_proposed(peer: str, release_id: str, at_us: int) -> int:
    """Let the acts of a proposal that was approved wait for `peer`, in their order, in the caller's transaction; how many.

    Args:
        peer: the recipient.
        release_id: the proposal.
        at_us: the time of its acts, which were made when it was proposed.
    """
    return execute(
        "INSERT INTO act (act_id, outgoing, peer, kind, at, state, envelope, object_seq, release_id)"
        " SELECT act_id, %s, %s, 'object', %s, 'waiting', envelope, object_seq, release_id FROM release_item"
        " WHERE release_id = %s ORDER BY id",
        (True, peer, at_us, release_id),
    )


_ACTS = (
    "SELECT a.pos, a.act_id, a.object_seq, a.envelope, o.body, o.sha256, o.state FROM act a"
    " LEFT JOIN object o ON o.seq = a.object_seq WHERE a.peer = %s AND a.outgoing = %s AND "
)


def unsent(peer: str, most: int) -> tuple[Outgoing, ...]:
    """The next acts that wait for `peer`, oldest first, at most `most`.

    The object of an act that waited is not given once it is hidden: it was retracted before it left.
    """
    found = rows(_ACTS + "a.state = 'waiting' ORDER BY a.pos LIMIT %s", (peer, True, most))
    return tuple(_outgoing(each, hidden_too=False) for each in found)


def sent(peer: str, epoch: int, first: int, last: int) -> tuple[Outgoing, ...]:
    """The acts that have these places in the stream to `peer`, in order, as they were first sent."""
    found = rows(
        _ACTS + "a.epoch = %s AND a.seq BETWEEN %s AND %s ORDER BY a.seq", (peer, True, epoch, first, last)
    )
    return tuple(_outgoing(each, hidden_too=True) for each in found)


def stamp(epoch: int, first: int, positions: Iterable[int]) -> None:
    """Give these acts their places in the stream, from `first` on: they are about to be sent."""
    execute_many(
        "UPDATE act SET state = 'sent', epoch = %s, seq = %s WHERE pos = %s",
        [(epoch, first + n, pos) for n, pos in enumerate(positions)],
    )


def _outgoing(row: tuple, *, hidden_too: bool) -> Outgoing:
    pos, act_id, object_seq, envelope, body, sha256, state = row
    if object_seq is None:
        return Outgoing(pos, bytes(act_id), bytes(envelope))
    if body is None or (state >= ObjectState.HIDDEN and not hidden_too):
        return Outgoing(pos, bytes(act_id), None)
    return Outgoing(pos, bytes(act_id), put_back(bytes(envelope), canonical_of(bytes(body), bytes(sha256))))
