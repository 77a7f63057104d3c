"""What one partner has of ours: object acts to it, with the objects that they carry.

An act that was dropped, or that the partner refused, gave it nothing that it keeps. Holds no rule.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

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
        return self.state not in ("dropped", "refused", "retracted") and not self.hidden


class Act(NamedTuple):
    """An object act to a partner that has it, or will get it, in a few words; `accord` is the one that it cites."""

    pos: int
    object_seq: int
    sha256: bytes
    state: str
    release_id: str | None
    accord: tuple[str, int] | None


_CITES: Final = re.compile(rb'\{"accord":\{"id":"(accord--[0-9a-f-]{36})","version":([0-9]{1,9})\}')
CITES_BYTES: Final = 84
"""How much of an envelope `cites` reads."""

_PEER: Final = "a.peer || ''"
"""The partner where acts are found by their objects: an index on it would read every act that ever went to that partner."""

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
        found.extend(sent for sent in _sent(f"{chosen} AND {_PEER} = %s", (peer,)) if sent.stix_id in piece)
    return tuple(sorted(found, key=lambda sent: (sent.at, sent.act_id)))


def of_rows(object_seqs: Iterable[int]) -> tuple[Sent, ...]:
    """Every object act that carries one of these rows to whomever, the oldest first, whatever became of it."""
    wanted = sorted(set(object_seqs))
    found: list[Sent] = []
    for n in range(0, len(wanted), _AT_ONCE):
        found.extend(_sent(among("a.object_seq", wanted[n : n + _AT_ONCE]), ()))
    return tuple(sorted(found, key=lambda sent: (sent.at, sent.act_id)))


def any_to(peers: Iterable[str]) -> frozenset[str]:
    """Those of these partners to which an object act was ever made."""
    return frozenset(
        peer
        for peer in peers
        if rows(
            "SELECT 1 FROM act WHERE peer = %s AND outgoing = %s AND object_seq IS NOT NULL LIMIT 1",
            (peer, True),
        )
    )


def counting(
    peers: Iterable[str], stix_ids: Iterable[str], index_key: bytes
) -> Iterator[tuple[str, str, Act]]:
    """(partner, id, act) of every object act that still counts and carries one of these objects; of each the oldest first."""
    wanted, nodes = sorted(set(stix_ids)), tuple(peers)
    places = ", ".join(["%s"] * len(nodes))
    for n in range(0, len(wanted), _AT_ONCE):
        piece = set(wanted[n : n + _AT_ONCE])
        chosen = among("o.id_key", (id_key(each, index_key) for each in piece))
        for peer, stix_id, pos, seq, sha256, state, release_id, begins in rows(
            "SELECT a.peer, o.stix_id, a.pos, o.seq, o.sha256, a.state, a.release_id, substr(a.envelope, 1, %s)"
            f" FROM object o JOIN act a ON a.object_seq = o.seq WHERE {chosen} AND a.outgoing = %s"
            f" AND {_PEER} IN ({places}) AND a.state NOT IN ('dropped', 'refused', 'retracted')"
            f" AND o.state < {int(ObjectState.HIDDEN)} ORDER BY a.at, a.act_id",
            (CITES_BYTES, True, *nodes),
        ):
            if stix_id in piece:
                yield peer, stix_id, Act(pos, seq, bytes(sha256), state, release_id, cites(bytes(begins)))


def envelopes(positions: Iterable[int]) -> dict[int, bytes]:
    """The envelopes of acts, by their place."""
    wanted, found = sorted(set(positions)), {}
    for n in range(0, len(wanted), _AT_ONCE):
        for pos, envelope in rows(
            f"SELECT pos, envelope FROM act WHERE {among('pos', wanted[n : n + _AT_ONCE])}"
        ):
            found[pos] = bytes(envelope)
    return found


@lru_cache(maxsize=1024)
def cites(begins: bytes) -> tuple[str, int] | None:
    """The accord that an act cites, by its first bytes: in canonical JSON `accord` is the first member (wire.md 3)."""
    found = _CITES.match(begins)
    return (found[1].decode(), int(found[2])) if found else None


def hidden_at(peer: str) -> tuple[tuple[str, bytes], ...]:
    """(id, content id) of what a partner has of ours that is retracted here and of which no retraction was told to it."""
    found = rows(
        "SELECT DISTINCT o.stix_id, o.sha256 FROM act a JOIN object o ON o.seq = a.object_seq"
        " WHERE a.peer = %s AND a.outgoing = %s AND a.state NOT IN ('waiting', 'dropped', 'refused')"
        f" AND o.state >= {int(ObjectState.HIDDEN)} AND NOT EXISTS (SELECT 1 FROM retraction r JOIN confirmation c"
        " ON c.retraction_id = r.id WHERE r.stix_id = o.stix_id AND c.node = a.peer) ORDER BY 1, 2",
        (peer, True),
    )
    return tuple((stix_id, bytes(sha256)) for stix_id, sha256 in found)


def not_released(peer: str) -> tuple[str, tuple[object, ...]]:
    """SQL over `object o`: no act that still counts carries this row to that partner; with its parameters."""
    sql = (
        "NOT EXISTS (SELECT 1 FROM act a WHERE a.object_seq = o.seq AND a.outgoing = %s AND a.peer = %s"
        " AND a.state NOT IN ('dropped', 'refused', 'retracted'))"
    )
    return sql, (True, peer)


def outcomes(of: Sequence[str] | None = None) -> dict[str, dict[str, int]]:
    """What became of the acts of each release, or of some: release → state → how many."""
    found: dict[str, dict[str, int]] = {}
    # By the index `act_release` alone; what came from others is of no release.
    for release_id, state, count in rows(
        f"SELECT release_id, state, count(*) FROM act WHERE {_of_releases(of)} GROUP BY release_id, state",
        tuple(of or ()),
    ):
        found.setdefault(release_id, {})[state] = count
    return found


def reasons(of: Sequence[str] | None = None) -> dict[str, dict[str, int]]:
    """Why acts of each release, or of some, did not get there: release → code of the reason → how many were dropped or refused."""
    found: dict[str, dict[str, int]] = {}
    for release_id, reason, count in rows(
        f"SELECT release_id, reason, count(*) FROM act WHERE outgoing = %s AND {_of_releases(of)}"
        " AND state IN ('dropped', 'refused') AND reason IS NOT NULL GROUP BY release_id, reason",
        (True, *(of or ())),
    ):
        counts, code = found.setdefault(release_id, {}), orjson.loads(reason)["code"]
        counts[code] = counts.get(code, 0) + count
    return found


def _of_releases(of: Sequence[str] | None) -> str:
    return (
        "release_id IS NOT NULL" if of is None else f"release_id IN ({', '.join(['%s'] * len(of)) or 'NULL'})"
    )


def page_of(release_id: str, after: int, limit: int) -> tuple[tuple[int, Sent], ...]:
    """Some acts of a release that were queued, in order, each with its place; those behind the place `after`."""
    found = rows(
        f"SELECT a.pos, {_COLUMNS} FROM act a JOIN object o ON o.seq = a.object_seq"
        " WHERE a.release_id = %s AND a.pos > %s ORDER BY a.pos LIMIT %s",
        (release_id, after, limit),
    )
    return tuple((each[0], _one(each[1:])) for each in found)


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
    return map(_one, found)


def _one(found: Sequence[Any]) -> Sent:
    act_id, stix_id, sha256, seq, state, at, act_state, reason, envelope, release_id, peer = found
    return Sent(
        bytes(act_id), peer, stix_id, bytes(sha256), seq, state >= ObjectState.HIDDEN, at, act_state, reason,
        bytes(envelope), release_id,
    )  # fmt: skip
