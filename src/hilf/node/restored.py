"""A restored node knows that it was restored: before it serves anything, what was retracted is hidden again (protocol.md 5).

Decides when the database in use is older than the node: `hilf restore` says so, the journal of tombstones or the high-water
mark counts further than the database (somebody copied an old file back), or a partner holds acts that this node signed and
does not know. Then the tombstones are replayed at once, the restoration is kept as an incident, and each pair is open: nothing
new gets a place in its stream until both know again where they stand (`node/sync` and `node/reconcile` call `settled`).
What partners give back, what is sent again and what nobody holds any more stands in the restoration (`node/incident`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, islice
from typing import Final

import orjson

from hilf.accord.placing import ObjectState
from hilf.errors import OperatorFault
from hilf.federation.peer import PeerState
from hilf.node import highwater
from hilf.node.home import Home, index_key
from hilf.store import database
from hilf.store.federation import peer as peers
from hilf.store.federation import restoration
from hilf.store.instant import microseconds
from hilf.store.intelligence import erase, tombstone
from hilf.store.intelligence.tombstone import Tombstone

JOURNAL: Final = "tombstones"
BY_COMMAND, BY_HAND, BY_PARTNER = "restored", "copied", "partner"
_AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the journal did to an older database: its lines, and the versions that they hid or emptied."""

    lines: int
    versions: int


def look(home: Home, now: datetime) -> None:
    """Notice an older database when a home is opened, and bring it up to the journal; own transaction.

    A database that is not migrated yet is left as it is: `hilf serve` migrates it, then looks again.
    """
    tombstone.keep_in(home.path / JOURNAL)
    try:
        further = tombstone.last_in(home.path / JOURNAL) > tombstone.last_in_table()
        behind = further or bool(highwater.lacks(highwater.kept(home), highwater.of_database()))
        if behind:
            recover(home, BY_HAND, None, now)
    except OperatorFault as fault:
        if fault.code != "store.not-migrated":
            raise


def recover(home: Home, cause: str, taken: datetime | None, now: datetime) -> Replayed:
    """Replay the tombstones and keep the restoration, open with every peer, in one transaction.

    Args:
        home: this node; its older database is in use.
        cause: BY_COMMAND or BY_HAND.
        taken: when the backup was taken, where that is known.
        now: aware.
    """
    with database.transaction():
        restoration.one_at_a_time()
        had, has = highwater.kept(home), highwater.of_database()
        after = tombstone.last_in_table()
        lacking = highwater.lacks(had, has)
        if cause == BY_HAND and not lacking and tombstone.last_in(home.path / JOURNAL) <= after:
            return Replayed(0, 0)  # another process was quicker
        replayed = replay(home, after, now)
        detail = orjson.dumps(lacking).decode()
        pairs = [each.node for each in peers.every() if each.state in _EXCHANGING]
        at = microseconds(now)
        restoration.put(at, cause, microseconds(taken) if taken else None, replayed.lines, detail, pairs)
    highwater.put(home, has)
    return replayed


_EXCHANGING: Final = frozenset({PeerState.VERIFIED.value, PeerState.SUSPENDED.value})


def replay(home: Home, after: int, now: datetime) -> Replayed:
    """Hide and erase again what the journal holds beyond a number, in the caller's transaction."""
    lines = versions = 0
    journal = home.path / JOURNAL
    rest = tombstone.read(journal, after) if journal.is_file() else iter(())
    for piece in _pieces(rest):
        tombstone.take_in(piece)
        lines += len(piece)
        for word, run in groupby(piece, lambda each: each.word):
            versions += _again(home, word, tuple(run), now)
    return Replayed(lines, versions)


def _pieces(rest: Iterator[Tombstone]) -> Iterator[list[Tombstone]]:
    while piece := list(islice(rest, _AT_ONCE)):
        yield piece


def _again(home: Home, word: str, run: Iterable[Tombstone], now: datetime) -> int:
    """Do once more what these lines say was done, where the database does not know it."""
    met = tombstone.met(run)
    standing = {seq: each for each, rows in met.items() for seq, state in rows if state < ObjectState.ERASED}
    if word == tombstone.REMOVED:
        return erase.remove((seq for rows in met.values() for seq, _ in rows), index_key(home))
    if word == tombstone.ERASED:
        return erase.erase(standing, index_key(home))
    if word == tombstone.DROPPED:
        waiting = [seq for rows in met.values() for seq, state in rows if state == ObjectState.QUARANTINED]
        for seq in waiting:
            erase.drop(seq, index_key(home))
        return len(waiting)
    due = microseconds(now - timedelta(days=home.grace_days))
    late = [seq for seq, each in standing.items() if each.at <= due and each.asserter != home.node]
    hidden = erase.hide(standing)
    erase.erase(late, index_key(home))  # its retraction may be lost with the database; its grace is over
    return hidden


def is_open(node: str) -> bool:
    """Whether nothing new may get a place in the stream to a peer: since a restoration they have not compared yet."""
    return restoration.is_open(node)


def settled(
    node: str, now: datetime, taken_back: int = 0, sent_again: int = 0, unknown: str | None = None
) -> None:
    """Note that this node and a peer know again where they stand, in the caller's transaction; nothing if they did.

    Args:
        node: the peer.
        now: aware.
        taken_back: acts that it gave back to us.
        sent_again: acts of ours that it lacked.
        unknown: what neither holds any more, in words for the operator.
    """
    restoration.close(node, microseconds(now), taken_back, sent_again, unknown)


def discovered(node: str, what: str, now: datetime) -> None:
    """Keep that a peer showed us to have been restored, in the caller's transaction; nothing if we knew.

    Args:
        node: the peer.
        what: how it showed, in a few words.
        now: aware.
    """
    if not restoration.is_open(node):
        detail = orjson.dumps({"shown": what}).decode()
        restoration.put(microseconds(now), BY_PARTNER, None, 0, detail, [node])
