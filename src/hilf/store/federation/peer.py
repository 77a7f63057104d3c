"""Peers as kept: their state, since when, and how it goes with them.

Holds no rule: which state may follow which is `federation/peer`, who must have signed for it is `node/peer`.
Times are microseconds since 1970, UTC.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from hilf.store.database import execute, row, rows

_COLUMNS = (
    "node, state, fingerprint, introduced_by, added, verified, reason, last_receipt, last_error, failures, next_try,"
    " stix_identities, seen"
)


@dataclass(frozen=True, slots=True)
class KeptPeer:
    """One peer as kept.

    Attributes:
        node: its name.
        state: a word of `federation.peer.PeerState`.
        fingerprint: of its document 1, 64 hex digits.
        introduced_by: the node whose act brought its card; None when a person did.
        added: when it was introduced.
        verified: when it was last verified; None before.
        reason: why it is suspended or revoked.
        last_receipt: when it last signed for something of ours.
        last_error: what went wrong at the last try; None when the last try went well.
        failures: tries in a row that went wrong.
        next_try: not before this time.
        stix_identities: ids that count as its own; None where an older hilf verified it, or nobody has.
        seen: number of the newest of its documents that a person looked at; None where an older hilf took it in.
    """

    node: str
    state: str
    fingerprint: str
    introduced_by: str | None
    added: int
    verified: int | None
    reason: str | None
    last_receipt: int | None
    last_error: str | None
    failures: int
    next_try: int
    stix_identities: tuple[str, ...] | None = None
    seen: int | None = None


def get(node: str) -> KeptPeer | None:
    """One peer, or None when it is unknown."""
    found = _peers("WHERE node = %s", (node,))
    return found[0] if found else None


def every() -> tuple[KeptPeer, ...]:
    """All peers, in order of name."""
    return _peers("ORDER BY node")


def in_state(state: str) -> tuple[str, ...]:
    """Names of the peers in one state, in order."""
    return tuple(node for (node,) in rows("SELECT node FROM peer WHERE state = %s ORDER BY node", (state,)))


def introduce(
    node: str, state: str, fingerprint: str, introduced_by: str | None, at_us: int, seen: int | None = None
) -> None:
    """Add a peer that nobody knew, with the number of its newest document; a known one stays as it is."""
    execute(
        "INSERT INTO peer (node, state, fingerprint, introduced_by, added, failures, next_try, seen) "
        "VALUES (%s, %s, %s, %s, %s, 0, 0, %s) ON CONFLICT (node) DO NOTHING",
        (node, state, fingerprint, introduced_by, at_us, seen),
    )


def count_introduced_by(introducer: str) -> int:
    """How many nodes a partner introduced that nobody verified."""
    found = row("SELECT count(*) FROM peer WHERE introduced_by = %s AND verified IS NULL", (introducer,))
    return int(found[0]) if found else 0


def forget(node: str) -> None:
    """Forget a peer; its documents are forgotten beside."""
    execute("DELETE FROM peer WHERE node = %s", (node,))


def verify(node: str, state: str, at_us: int) -> None:
    """Note that people verified a peer: its new state and since when; a reason to distrust it is gone."""
    execute("UPDATE peer SET state = %s, verified = %s, reason = NULL WHERE node = %s", (state, at_us, node))


def distrust(node: str, state: str, reason: str) -> None:
    """Note that a peer is suspended or revoked, and why."""
    execute("UPDATE peer SET state = %s, reason = %s WHERE node = %s", (state, reason, node))


def put_stix_identities(node: str, ids: Iterable[str]) -> None:
    """Let these ids of STIX identity objects count as the peer's own, and no others."""
    execute(
        "UPDATE peer SET stix_identities = %s WHERE node = %s", (orjson.dumps(sorted(ids)).decode(), node)
    )


def put_seen(node: str, number: int) -> None:
    """Note that a person has looked at the peer's documents up to this number."""
    execute("UPDATE peer SET seen = %s WHERE node = %s", (number, node))


def _peers(where: str, parameters: tuple[object, ...] = ()) -> tuple[KeptPeer, ...]:
    return tuple(
        KeptPeer(
            node, state, fingerprint, introduced_by, added, verified, reason, last_receipt, last_error, failures,
            next_try, None if ids is None else tuple(orjson.loads(ids)), seen,
        )
        for (
            node, state, fingerprint, introduced_by, added, verified, reason, last_receipt, last_error, failures,
            next_try, ids, seen,
        ) in rows(f"SELECT {_COLUMNS} FROM peer {where}", parameters)
    )  # fmt: skip
