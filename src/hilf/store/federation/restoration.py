"""Restorations as kept: when this database was found to be older than what the node had, and how far each peer is since.

Holds no rule. Times are microseconds since 1970, UTC.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from hilf.store.database import allot, execute, execute_many, row, rows


@dataclass(frozen=True, slots=True)
class KeptPair:
    """How far a restored node is with one peer.

    Attributes:
        peer: its name.
        done: when both knew again where they stand; None until then.
        taken_back: acts that the peer gave back.
        sent_again: acts of ours that the peer lacked and got.
        unknown: what nobody holds any more, in words; None where nothing is known to be lost.
    """

    peer: str
    done: int | None
    taken_back: int
    sent_again: int
    unknown: str | None


@dataclass(frozen=True, slots=True)
class KeptRestoration:
    """One restoration.

    Attributes:
        number: its number here.
        at: when it was noticed.
        cause: "restored" by command, "copied" by hand, or noticed by a "partner".
        taken: when the backup was taken, where that is known.
        tombstones: lines of the journal that the database did not know.
        detail: what the database lacks, as JSON text.
        pairs: each peer, in order of name.
    """

    number: int
    at: int
    cause: str
    taken: int | None
    tombstones: int
    detail: str
    pairs: tuple[KeptPair, ...]


def one_at_a_time() -> None:
    """Let only one process at a time notice a restoration, in the caller's transaction."""
    allot("restoration", 1)


def put(at: int, cause: str, taken: int | None, tombstones: int, detail: str, peers: Iterable[str]) -> int:
    """Keep a restoration, open with these peers; its number."""
    found = row(
        "INSERT INTO restoration (at, cause, taken, tombstones, detail) VALUES (%s, %s, %s, %s, %s) RETURNING id",
        (at, cause, taken, tombstones, detail),
    )
    number = int(found[0]) if found else 0
    execute_many(
        "INSERT INTO restoration_peer (restoration_id, peer, taken_back, sent_again) VALUES (%s, %s, 0, 0)",
        [(number, peer) for peer in peers],
    )
    return number


def latest(most: int = 1) -> tuple[KeptRestoration, ...]:
    """The last restorations, newest first."""
    found = rows(
        "SELECT id, at, cause, taken, tombstones, detail FROM restoration ORDER BY id DESC LIMIT %s", (most,)
    )
    return tuple(
        KeptRestoration(number, at, cause, taken, tombstones, detail, _pairs(number))
        for number, at, cause, taken, tombstones, detail in found
    )


def _pairs(number: int) -> tuple[KeptPair, ...]:
    found = rows(
        "SELECT peer, done, taken_back, sent_again, unknown FROM restoration_peer WHERE restoration_id = %s ORDER BY peer",
        (number,),
    )
    return tuple(KeptPair(*each) for each in found)


def is_open(peer: str) -> bool:
    """Whether this node and a peer do not know yet where they stand since a restoration."""
    return row("SELECT 1 FROM restoration_peer WHERE peer = %s AND done IS NULL", (peer,)) is not None


def close(peer: str, at: int, taken_back: int, sent_again: int, unknown: str | None) -> int:
    """Note that both know again where they stand; how many restorations that ends for the pair."""
    return execute(
        "UPDATE restoration_peer SET done = %s, taken_back = %s, sent_again = %s, unknown = %s"
        " WHERE peer = %s AND done IS NULL",
        (at, taken_back, sent_again, unknown, peer),
    )


def positions() -> dict[str, dict[str, tuple[int, int]]]:
    """Where every stream stands: peer → "in" and "out" → (epoch, seq)."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for peer, outgoing, epoch, seq in rows("SELECT peer, outgoing, epoch, seq FROM stream"):
        found.setdefault(peer, {})["out" if outgoing else "in"] = (epoch, seq)
    return found


def objects() -> int:
    """How many rows of objects were ever written; it never goes back."""
    found = row("SELECT value FROM counter WHERE name = 'object'")
    return int(found[0]) if found else 0
