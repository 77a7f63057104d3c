"""Object acts of ours with what they carry: to see under which key each was proven, and to prove it anew. Holds no rule."""

from collections.abc import Iterable
from dataclasses import dataclass

from hilf.accord.placing import ObjectState
from hilf.store.database import rows
from hilf.store.federation.envelope import canonical_of
from hilf.store.intelligence.index import among

_AT_ONCE = 500
_GONE = (ObjectState.HIDDEN, ObjectState.ERASED, ObjectState.DROPPED)


@dataclass(frozen=True, slots=True)
class ProvenAct:
    """One object act to a partner that it has or will get.

    Attributes:
        pos: its place in the outbox; later ones are higher.
        act_id: 32 bytes.
        peer: the partner.
        object_seq: the row of its object.
        state: waiting, sent, or what the receipt says.
        release_id: the release that it belongs to.
        envelope: the act without its object, canonical.
        object: the object, canonical; None where it was taken back.
        authorship: the author's proof as we hold it, JSON; None where we wrote it, or nobody did.
    """

    pos: int
    act_id: bytes
    peer: str
    object_seq: int
    state: str
    release_id: str | None
    envelope: bytes
    object: bytes | None
    authorship: bytes | None


_SELECT = (
    "SELECT a.pos, a.act_id, a.peer, a.object_seq, a.state, a.release_id, a.envelope, o.body, o.authorship, o.sha256,"
    " o.state FROM act a JOIN object o ON o.seq = a.object_seq WHERE a.outgoing = %s"
    " AND a.state NOT IN ('dropped', 'refused')"
)


def after(pos: int, most: int) -> tuple[ProvenAct, ...]:
    """The next object acts behind this place, to whomever, in order."""
    return _acts(f"{_SELECT} AND a.pos > %s ORDER BY a.pos LIMIT %s", (True, pos, most))


def of_rows(object_seqs: Iterable[int]) -> tuple[ProvenAct, ...]:
    """Every object act that carries one of these rows, to whomever, in order."""
    wanted = sorted(set(object_seqs))
    found: list[ProvenAct] = []
    for n in range(0, len(wanted), _AT_ONCE):
        chosen = among("a.object_seq", wanted[n : n + _AT_ONCE])
        found += _acts(f"{_SELECT} AND {chosen}", (True,))
    return tuple(sorted(found, key=lambda act: act.pos))


def _acts(sql: str, parameters: tuple[object, ...]) -> tuple[ProvenAct, ...]:
    return tuple(
        ProvenAct(
            pos, bytes(act_id), peer, seq, state, release_id, bytes(envelope),
            None if body is None or object_state in _GONE else canonical_of(bytes(body), bytes(sha256)),
            None if authorship is None else bytes(authorship),
        )
        for pos, act_id, peer, seq, state, release_id, envelope, body, authorship, sha256, object_state in rows(
            sql, parameters
        )
    )  # fmt: skip
