"""What one partner has of ours: object acts to it, with the objects that they carry.

An act that was dropped, or that the partner refused, gave it nothing that it keeps. Holds no rule.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hilf.accord.placing import ObjectState
from hilf.store.database import rows
from hilf.store.intelligence.index import among, id_key

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Sent:
    """One object act to one partner.

    Attributes:
        act_id: 32 bytes.
        peer: the partner.
        stix_id: the object.
        sha256: content id of what it carries, 32 bytes.
        object_seq: the row of the object.
        hidden: whether that assertion was retracted since.
        at: time of the act, microseconds since 1970, UTC.
        state: waiting, sent, or what the receipt says.
        reason: why it was refused, as JSON text.
        envelope: the act without its object, canonical.
        release_id: the release that it belongs to.
    """

    act_id: bytes
    peer: str
    stix_id: str
    sha256: bytes
    object_seq: int
    hidden: bool
    at: int
    state: str
    reason: str | None
    envelope: bytes
    release_id: str | None

    @property
    def counts(self) -> bool:
        """Whether the partner has it, or will get it, and nobody took it back."""
        return self.state not in ("dropped", "refused") and not self.hidden


_COLUMNS = (
    "a.act_id, o.stix_id, o.sha256, o.seq, o.state, a.at, a.state, a.reason, a.envelope, a.release_id, a.peer"
)


def to(peer: str, stix_ids: Iterable[str], index_key: bytes) -> tuple[Sent, ...]:
    """Every object act to a partner that carries one of these objects, the oldest first, whatever became of it."""
    wanted = sorted(set(stix_ids))
    found: list[Sent] = []
    for n in range(0, len(wanted), _AT_ONCE):
        piece = set(wanted[n : n + _AT_ONCE])
        chosen = among("o.id_key", (id_key(each, index_key) for each in piece))
        found.extend(sent for sent in _sent(f"{chosen} AND a.peer = %s", (peer,)) if sent.stix_id in piece)
    return tuple(sorted(found, key=lambda sent: (sent.at, sent.act_id)))


def of_rows(object_seqs: Iterable[int]) -> tuple[Sent, ...]:
    """Every object act that carries one of these rows to whomever, the oldest first, whatever became of it."""
    wanted = sorted(set(object_seqs))
    found: list[Sent] = []
    for n in range(0, len(wanted), _AT_ONCE):
        found.extend(_sent(among("a.object_seq", wanted[n : n + _AT_ONCE]), ()))
    return tuple(sorted(found, key=lambda sent: (sent.at, sent.act_id)))


def not_released(peer: str) -> tuple[str, tuple[object, ...]]:
    """SQL over `object o`: no act that still counts carries this row to that partner; with its parameters."""
    sql = (
        "NOT EXISTS (SELECT 1 FROM act a WHERE a.object_seq = o.seq AND a.outgoing = %s AND a.peer = %s"
        " AND a.state NOT IN ('dropped', 'refused'))"
    )
    return sql, (True, peer)


def outcomes() -> dict[str, dict[str, int]]:
    """What became of the acts of each release: release → state → how many."""
    found: dict[str, dict[str, int]] = {}
    for release_id, state, count in rows(
        "SELECT release_id, state, count(*) FROM act WHERE outgoing = %s AND release_id IS NOT NULL"
        " GROUP BY release_id, state",
        (True,),
    ):
        found.setdefault(release_id, {})[state] = count
    return found


def identities(peer: str) -> tuple[bytes, ...]:
    """The identity acts to a partner that it has or will get, canonical."""
    found = rows(
        "SELECT envelope FROM act WHERE outgoing = %s AND peer = %s AND kind = 'identity' AND state <> 'dropped'",
        (True, peer),
    )
    return tuple(bytes(envelope) for (envelope,) in found)


def _sent(condition: str, parameters: tuple[object, ...]) -> Iterator[Sent]:
    found = rows(
        f"SELECT {_COLUMNS} FROM object o JOIN act a ON a.object_seq = o.seq WHERE {condition} AND a.outgoing = %s",
        (*parameters, True),
    )
    for act_id, stix_id, sha256, seq, state, at, act_state, reason, envelope, release_id, peer in found:
        yield Sent(
            bytes(act_id), peer, stix_id, bytes(sha256), seq, state >= ObjectState.HIDDEN, at, act_state, reason,
            bytes(envelope), release_id,
        )  # fmt: skip
