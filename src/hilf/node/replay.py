"""What an older database does not know is done again, before it serves anything (protocol.md 5).

Decides when the database in use is older than the node: `hilf restore` says so, or the journal of tombstones or the
high-water mark counts further than the database (somebody copied an old file back). Then the versions that were hidden,
erased, dropped or undone since are so again, nodes that have from us what we took back are told again, and the
restoration is kept as an incident, open with every peer (`node/restored`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, islice
from typing import Final

import orjson

from hilf.accord.placing import ObjectState
from hilf.federation.peer import PeerState
from hilf.node import highwater
from hilf.node.home import Home, index_key
from hilf.node.restored import BY_HAND
from hilf.store import database
from hilf.store.federation import peer as peers
from hilf.store.federation import restoration
from hilf.store.instant import microseconds
from hilf.store.intelligence import erase, hold, read, tombstone
from hilf.store.intelligence.tombstone import Tombstone

JOURNAL: Final = "tombstones"
_AT_ONCE: Final = 5_000
_EXCHANGING: Final = frozenset({PeerState.VERIFIED.value, PeerState.SUSPENDED.value})


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the journal did to an older database: its lines, and the versions that they hid or emptied."""

    lines: int
    versions: int


def look(home: Home, now: datetime) -> None:
    """Notice an older database when a home is opened, and bring it up to the journal; own transaction."""
    tombstone.keep_in(home.path / JOURNAL)
    further = tombstone.last_in(home.path / JOURNAL) > tombstone.last_in_table()
    if further or highwater.lacks(highwater.kept(home), highwater.of_database()):
        recover(home, BY_HAND, None, now)


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


def replay(home: Home, after: int, now: datetime) -> Replayed:
    """Hide and erase again what the journal holds beyond a number, in the caller's transaction."""
    lines = versions = 0
    hidden: set[int] = set()
    journal = home.path / JOURNAL
    rest = tombstone.read(journal, after) if journal.is_file() else iter(())
    for piece in _pieces(rest):
        tombstone.take_in(piece)
        lines += len(piece)
        for word, run in groupby(piece, lambda each: each.word):
            versions += _again(home, word, tuple(run), hidden, now)
    from hilf.node import retold  # late: every command looks here, and next to none finds an older database

    retold.say_again(home, hidden, now)
    return Replayed(lines, versions)


def _pieces(rest: Iterator[Tombstone]) -> Iterator[list[Tombstone]]:
    while piece := list(islice(rest, _AT_ONCE)):
        yield piece


def _again(home: Home, word: str, run: Iterable[Tombstone], hidden: set[int], now: datetime) -> int:
    """Do once more what these lines say was done, where the database does not know it; what is hidden now joins `hidden`."""
    met = tombstone.met(run)
    standing = {seq: each for each, rows in met.items() for seq, state in rows if state < ObjectState.ERASED}
    if word == tombstone.LIFTED:
        return 0  # the act that brought it again comes again from its asserter; older rows stay as the lines before say
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
    late = _not_held(seq for seq, each in standing.items() if each.at <= due and each.asserter != home.node)
    hidden.update(seq for rows in met.values() for seq, state in rows if state < ObjectState.HIDDEN)
    count = erase.hide(standing)
    erase.erase(late, index_key(home))  # its retraction may be lost with the database; its grace is over
    return count


def _not_held(seqs: Iterable[int]) -> list[int]:
    """Those of these rows that no legal hold covers."""
    ids = {seq: row.stix_id for seq, row in read.by_seq(seqs).items()}
    held = hold.held(ids.values())
    return [seq for seq, stix_id in ids.items() if stix_id not in held]
