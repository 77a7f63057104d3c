"""The worker: what a node does by itself, beside people and partners, for ever.

Rounds with peers (each peer in its own time: a partner that answers late holds up nobody else), the full text of new
objects, the erasure of what was retracted, and the clearing of what is no longer needed. Any number of workers may run
on one PostgreSQL: every step is one transaction and doing it twice changes nothing.

When the next round with a peer is due: at once when something waits for it, else after `sync_every_s`; after a failure
not before the time that its row says (`node/sync`).
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from hilf.errors import HilfError
from hilf.node import (
    consent,
    effects,
    erasure,
    highwater,
    lists,
    notice,
    order_run,
    peer,
    quota,
    reissue,
    retention,
    sync,
)
from hilf.node.channels import Channels
from hilf.node.home import Home
from hilf.store import database
from hilf.store.federation import nonce, stream
from hilf.store.federation import peer as peers
from hilf.store.instant import microseconds
from hilf.store.intelligence import facts, fulltext, tombstone

_log: Final = logging.getLogger("hilf.worker")

LOOK_S: Final = 0.5
"""How often the worker looks for work."""

CHORES_S: Final = 5.0
"""How often it fills the full text, looks for what stands on lists, and erases what is due."""

CLEANING_S: Final = 300.0
"""How often it forgets old nonces and empties the write-ahead log."""

COUNTING_S: Final = 3600.0
"""How often it counts anew what peers occupy."""

ROUNDS_AT_ONCE: Final = 8

FILL_AT_ONCE: Final = 5_000
"""Objects put into the full text, or given their facts, in one transaction: partners wait, so it takes a moment only."""


@dataclass(slots=True)
class Worker:
    """One worker of one node.

    Attributes:
        home: of this node.
        clock: the time now.
        sync_every_s: seconds between rounds with a peer for which nothing waits.
        channels: ways to the duty officer.
    """

    home: Home
    clock: Callable[[], datetime]
    sync_every_s: float
    channels: Channels = field(default_factory=Channels)
    _rounds: dict[str, Future[None]] = field(default_factory=dict)
    _last: dict[str, datetime] = field(default_factory=dict)
    _counted: datetime | None = None

    def run(self, stopped: threading.Event) -> None:
        """Work until `stopped` is set; a round that goes on then is not waited for: it is safe to cut anywhere."""
        chores = threading.Thread(target=self._chores, args=(stopped,), name="chores", daemon=True)
        chores.start()
        pool = ThreadPoolExecutor(ROUNDS_AT_ONCE, "round")
        while not stopped.wait(LOOK_S):
            _guarded("looking for rounds", lambda: self._begin_rounds(pool))
            _guarded("high-water mark", lambda: highwater.note(self.home))
        pool.shutdown(wait=False, cancel_futures=True)

    def _begin_rounds(self, pool: ThreadPoolExecutor) -> None:
        for node in peer.verified(self.home):
            running = self._rounds.get(node)
            if (running is None or running.done()) and self._is_due(node):
                self._last[node] = self.clock()
                self._rounds[node] = pool.submit(self._round, node)

    def _is_due(self, node: str) -> bool:
        kept, now = peers.get(node), self.clock()
        if kept is None or kept.next_try > microseconds(now):
            return False
        last = self._last.get(node)
        if last is None or (now - last).total_seconds() >= self.sync_every_s:
            return True
        waiting = stream.queue(node)
        return waiting.waiting + waiting.sent > 0

    def _round(self, node: str) -> None:
        def work() -> None:
            first_pause_s = min(sync.FIRST_PAUSE_S, self.sync_every_s)
            for done in sync.sync(self.home, [node], self.clock, first_pause_s=first_pause_s):
                if done.error:
                    _log.warning("%s: %s (%s)", node, done.error, done.detail)

        _guarded(f"round with {node}", work)

    def _chores(self, stopped: threading.Event) -> None:
        cleaned = looked = self.clock()
        while not stopped.wait(CHORES_S):
            self._do_what_is_due(stopped)
            if (self.clock() - looked).total_seconds() >= notice.LOOK_S:
                looked = self.clock()
                _guarded("notices", lambda: notice.look(self.home, self.channels, self.clock()))
            _guarded("telling", lambda: notice.deliver(self.channels, self.clock()))
            if (self.clock() - cleaned).total_seconds() >= CLEANING_S:
                cleaned = self.clock()
                _guarded("cleaning", self.clean)

    def once(self) -> None:
        """Do all that is due, one round with each peer in between, and end: what a timer calls on a small machine."""
        stopped = threading.Event()
        self._do_what_is_due(stopped)
        for node in peer.verified(self.home):
            self._round(node)
        self._do_what_is_due(stopped)
        _guarded("high-water mark", lambda: highwater.note(self.home))
        _guarded("notices", lambda: notice.look(self.home, self.channels, self.clock()))
        _guarded("telling", lambda: notice.deliver(self.channels, self.clock()))
        _guarded("cleaning", self.clean)

    def _do_what_is_due(self, stopped: threading.Event) -> None:
        _guarded("full text", lambda: _fill(stopped, fulltext.fill))
        _guarded("facts", lambda: _fill(stopped, facts.fill))
        _guarded("lists", lambda: _look(self.home, stopped))
        _guarded("agreements", lambda: effects.settle(self.home, self.clock()))
        _guarded("erasing", lambda: erasure.erase_due(self.home, self.clock()))
        _guarded("retention", lambda: retention.carry_out(self.home, self.clock()))
        _guarded("proofs", lambda: reissue.own_due(self.home, self.clock()))
        _guarded("standing orders", lambda: order_run.run_due(self.home, self.clock()))
        _guarded("consents", lambda: consent.drop_what_ended(self.home, self.clock()))
        _guarded("tombstones", tombstone.complete)

    def clean(self) -> None:
        """Forget nonces that expired and hours that are over, and empty the write-ahead log."""
        now = self.clock()
        with database.transaction():
            nonce.forget(int(now.timestamp()))
            quota.forget(now)
            if self._counted is None or (now - self._counted).total_seconds() >= COUNTING_S:
                self._counted = now
                quota.recount()
        database.clean()


def _fill(stopped: threading.Event, fill: Callable[[int], int]) -> None:
    """Let `fill` write what objects lack, a piece in each transaction, until nothing is left to write."""
    filled = FILL_AT_ONCE
    while filled and not stopped.is_set():
        with database.transaction():
            filled = fill(FILL_AT_ONCE)


def _look(home: Home, stopped: threading.Event) -> None:
    looked_at = lists.waiting()
    while looked_at and not stopped.is_set():
        with database.transaction():
            looked_at = lists.fill(home)


def _guarded(what: str, work: Callable[[], object]) -> None:
    """Do a piece of work; what fails is logged with its remedy, and tried again in the next turn."""
    try:
        work()
    except HilfError as error:
        _log.warning("%s: %s", what, " ".join(error.lines()))
    except Exception:  # noqa: BLE001 one piece of work must not end the others
        _log.exception("%s failed", what)
