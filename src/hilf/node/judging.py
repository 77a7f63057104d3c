"""What becomes of each act of a batch: it goes to the verb of its kind, in the transaction of the batch (protocol.md 3, 4).

Decides which room takes an act of which kind, and that a wrong act is refused or held alone while the batch goes on. Objects
come under an accord in force or not at all; those that follow each other go in together. Where a batch belongs, and that
everything stands in its receipt, is `node/inbox`.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from hilf.accord.document import InForce
from hilf.errors import HilfError, OperatorFault
from hilf.federation.act import Act
from hilf.federation.outcome import Outcome, Reason, Result, read_later
from hilf.node import (
    accord_receive,
    consent,
    intake,
    introduction,
    life,
    peer,
    quarantine,
    reissue,
    retract,
)
from hilf.node.ahead import Ahead
from hilf.node.author import KnownAuthors, known_authors
from hilf.node.card import claimed_node
from hilf.node.home import Home
from hilf.store.federation import identity as identities
from hilf.store.federation import inbox, stream


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one act; `object_seq` is the row of the object that it brought.

    `settles` is the row in which the same waited in quarantine: acts that brought that one are no longer held.
    """

    outcome: Outcome
    reason: Reason | None = None
    object_seq: int | None = None
    settles: int | None = None

    def result(self, act: Act) -> Result:
        """As it stands in the receipt."""
        return Result(act.id, self.outcome, self.reason)


def judge(home: Home, acts: Sequence[Act], read: Ahead, now: datetime) -> dict[str, Judged]:
    """What became of each act that had to be judged, in order; objects that follow each other go in together.

    Who may be an author and what is in force is read once, and again after an act that may have changed it: else a batch
    of objects and pings in turn would keep this node reading.
    """
    judged: dict[str, Judged] = {}
    until_s = time.thread_time() + intake.READING_BUDGET_S
    in_force: tuple[InForce, ...] | None = None
    authors: tuple[int, KnownAuthors] | None = None
    retracted = {act.id: act.at for act in acts if act.kind == "retraction"}
    for objects, run in groupby(acts, lambda act: act.kind == "object"):
        together = list(run)
        if objects:
            if in_force is None:
                in_force = life.in_force_with(home, together[0].sender, now)
            documents = identities.newest()
            if authors is None or authors[0] != documents:
                authors = documents, known_authors(home)
            left_s = until_s - time.thread_time()
            judged.update(_take(home, together, now, in_force, authors[1], left_s, read, retracted))
        else:
            judged.update((act.id, to_room(home, act, now, _ROOMS)) for act in together)
            if any(act.kind == "accord" and judged[act.id].outcome is Outcome.APPLIED for act in together):
                in_force = None
    return _settled(home, judged, now)


def _take(
    home: Home,
    acts: Sequence[Act],
    now: datetime,
    in_force: Sequence[InForce],
    authors: KnownAuthors,
    budget_s: float,
    read: Ahead,
    retracted: Mapping[str, datetime],
) -> dict[str, Judged]:
    """Let the intake judge the objects that come under an accord in force; the others are refused, each alone."""
    keys = {held.accord.key for held in in_force}
    covered = [act for act in acts if act.accord in keys]
    judged = {act.id: Judged(Outcome.REFUSED, Reason("accord.not-in-force")) for act in acts}
    became = intake.take(home, covered, now, authors, budget_s, read, retracted)
    for act, taken in zip(covered, became, strict=True):
        reason = Reason(taken.code[:100]) if taken.code else None
        judged[act.id] = Judged(Outcome(taken.outcome), reason, taken.seq, taken.settles)
        reissue.pass_on(home, taken.renewed, now)
    return judged


def _settled(home: Home, judged: dict[str, Judged], now: datetime) -> dict[str, Judged]:
    """Let acts count whose object counts now that its proof came: those of this batch at once, earlier ones are told."""
    counts = {each.settles: each.object_seq for each in judged.values() if each.settles is not None}
    quarantine.tell_held(home, (seq for seq in counts.values() if seq), Outcome.APPLIED, None, now)
    return {
        act_id: Judged(Outcome.APPLIED, None, counts[each.object_seq]) if each.object_seq in counts else each
        for act_id, each in judged.items()
    }


def to_room(home: Home, act: Act, now: datetime, rooms: "Rooms") -> Judged:
    """Give an act to the verb of its kind; what it wrote is undone when it refuses, and nothing else is."""
    try:
        with inbox.apart():
            return Judged(*rooms[act.kind](home, act, now))
    except OperatorFault:
        raise
    except HilfError as fault:
        return Judged(Outcome.REFUSED, Reason(fault.code[:100]))


def _ping(_home: Home, _act: Act, _now: datetime) -> tuple[Outcome, Reason | None]:
    return Outcome.APPLIED, None


def _identity(home: Home, act: Act, now: datetime) -> tuple[Outcome, Reason | None]:
    """The sender's newer documents, or those of an author that it introduces (wire.md 3)."""
    card = act.body.get("card")
    if peer.note_fork(card, now) is not None:  # returned, so that the proof stays
        return Outcome.REFUSED, Reason("identity.two-faces")
    peer.introduce(home, card, now, act.sender)
    introduction.tell_again(home, claimed_node(card), now)
    return Outcome.APPLIED, None


def _outcome(_home: Home, act: Act, _now: datetime) -> tuple[Outcome, Reason | None]:
    told = read_later(act.body)
    reason = told.reason.text() if told.reason else None
    if not stream.tell_later(act.sender, stream.Received(bytes.fromhex(told.id), told.outcome.value, reason)):
        return Outcome.REFUSED, Reason("outcome.not-held")
    return Outcome.APPLIED, None


Rooms = Mapping[str, Callable[[Home, Act, datetime], tuple[Outcome, Reason | None]]]
"""Kind of act to the verb that takes it, in the transaction of the batch."""

_ROOMS: Final[Rooms] = {
    "ping": _ping,
    "identity": _identity,
    "outcome": _outcome,
    "accord": accord_receive.receive,
    "retraction": retract.receive,
    "confirmation": retract.confirmed,
    "consent": consent.receive,
}
"""Kind of act to the verb that takes it; a kind without a room is not understood."""

KINDS: Final = frozenset({"object", *_ROOMS})
"""What is understood; an act of another kind is kept and shown."""
