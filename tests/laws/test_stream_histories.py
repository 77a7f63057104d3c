"""Random histories of one stream: what is acknowledged is never lost while anybody has it, applied once, and never returns.

Each history is drawn from its number, so that a failure is run again with it: `run(number, trace=print)`. Batches are lost,
answers are lost, both are doubled, delayed and reordered; either node is put back to an older copy, or begins anew with
its keys only. In the end the faults stop, and both hold the same.

The rules are those of `federation`; the nodes are held in memory (`holders`). The same laws over real homes are at the end.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from hilf.canonical import Json
from hilf.federation.batch import Batch
from tests.laws.holders import Receiver, Sender, Suspended, over_the_wire, say

ALWAYS = 3_000
NIGHTLY = 50_000
STEPS = 25
AT_ONCE = 250
"""Histories in one test, so that a failure names few."""


@dataclass
class History:
    """Two nodes, the wire between them, and what was ever acknowledged to a person."""

    chance: random.Random
    trace: Callable[[str], object]
    qm: Sender = field(default_factory=Sender)
    qn: Receiver = field(default_factory=Receiver)
    wire: list[Batch] = field(default_factory=list)
    copies: list[Sender | Receiver] = field(default_factory=list)
    number: int = 0
    weights: list[float] = field(default_factory=list)
    fates: list[float] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    said: set[str] = field(default_factory=set)
    excused: set[str] = field(default_factory=set)
    restored: int = 0
    suspended: int = 0

    def __post_init__(self) -> None:
        """Each history has its own weather."""
        self.weights = [weight * self.chance.choice((0.3, 1, 1, 3)) for weight in STEPS_AND_WEIGHTS.values()]
        self.fates = [self.chance.choice((5, 10)), *(self.chance.choice((0.2, 1, 3)) for _ in FATES[1:])]

    def step(self) -> None:
        verb = self.chance.choices([getattr(self, name) for name in STEPS_AND_WEIGHTS], self.weights)[0]
        self.trace(verb.__name__)
        verb()

    def numbered(self) -> int:
        self.number += 1
        return self.number

    def say(self) -> None:
        for _ in range(self.chance.randint(1, 3)):
            number = self.numbered()
            act = say(f"object {number}", number)
            self.qm.put(act)
            self.said.add(act.id)

    def retract(self) -> None:
        standing = [
            kept.name for kept in self.qm.acts.values() if kept.name and kept.name not in self.qm.retracted
        ]
        if standing:
            act = self.qm.retract(self.chance.choice(standing), self.numbered())
            if act is not None:
                self.said.add(act.id)

    def erase(self) -> None:
        if self.qm.retracted:
            self.qm.erase(self.chance.choice(sorted(self.qm.retracted)))

    def meet(self) -> None:
        """One round, in which anything may be lost, doubled or delayed."""
        try:
            self.converse(lambda: self.chance.choices(FATES, self.fates)[0], self.chance.randint(1, 4))
        except Suspended:
            self.suspended += 1  # a person finds out what happened, and lets it go on

    def converse(self, fate: Callable[[], str], most: int) -> None:
        seq = self.qm.resume(self.qn.state())
        if seq is None:
            if fate() == "lost":  # the link breaks while they compare
                return
            back = self.qm.recover(self.qn, 10**9 + self.numbered())
            assert not set(back) & self.qn.tombstones, "a retracted object was given back"
            seq = self.qm.resume(self.qn.state())
            assert seq is not None, "the epoch that was opened from its state differs"
        for _ in range(4):
            happens = fate()
            batch = self.qm.next_batch(seq, most)
            if batch is None:
                return
            self.trace(f"  {batch.header.epoch}/{batch.header.first}-{batch.header.last} {happens}")
            if happens == "halved":
                self.qm.halve(seq)
                continue
            receipt = self.deliver(batch, happens)
            if receipt is None:
                return
            seq = self.qm.keep_receipt(batch, receipt)

    def deliver(self, batch: Batch, happens: str) -> dict[str, Json] | None:
        """The receipt, if it comes back."""
        if happens == "overtaken":
            self.late()
        if happens == "delayed":
            self.wire.append(batch)
        if happens in ("delayed", "lost"):
            return None
        before, knew = set(self.qn.visible), set(self.qm.retracted)
        receipt = self.qn.receive(over_the_wire(batch))
        assert not (self.qn.visible - before) & self.hidden & knew, "what was retracted is shown again"
        self.hidden |= self.qn.tombstones
        if happens == "doubled":
            assert self.qn.receive(over_the_wire(batch)) == receipt, "sent again, answered otherwise"
        return None if happens == "unanswered" else receipt

    def late(self) -> None:
        """A batch that was delayed arrives, in any order."""
        if self.wire:
            batch = self.wire.pop(self.chance.randrange(len(self.wire)))
            before = self.qn.copy()
            try:
                if self.qn.receive(batch) is None:
                    assert self.qn == before, "409, and something changed"
            except Suspended:
                self.suspended += 1

    def copy(self) -> None:
        self.copies.append(self.chance.choice([self.qm, self.qn]).copy())

    def put_back(self) -> None:
        if self.copies:
            older = self.chance.choice(self.copies).copy()
            if isinstance(older, Receiver):  # the journal of tombstones lies beside the database
                older.tombstones |= self.qn.tombstones
                older.visible -= older.tombstones
            self.replace(older)

    def wipe(self) -> None:
        self.replace(self.chance.choice([Sender(), Receiver()]))

    def replace(self, older: Sender | Receiver) -> None:
        self.restored += 1
        if isinstance(older, Sender):
            older.is_open = True
            self.qm = older
        else:
            self.qn = older
        self.excuse()

    def excuse(self) -> None:
        """What neither node has any more, nor the wire, is gone: the last copies were put out of the way."""
        held = self.qm.acts.keys() | self.qn.applied.keys() | {i for b in self.wire for i in b.ids}
        self.excused |= self.said - held

    def check(self) -> None:
        assert len(self.qn.order) == len(set(self.qn.order)), "an act was applied twice"
        assert not self.qn.visible & self.qn.tombstones, "what was retracted is shown"

    def settle(self) -> None:
        """The faults stop; what was delayed for so long is too old for the door."""
        self.wire.clear()
        self.excuse()
        for _ in range(60):
            try:
                self.converse(lambda: "arrives", 50)
            except Suspended:
                self.suspended += 1
                continue
            waits = any(kept.state in ("waiting", "sent") for kept in self.qm.acts.values())
            if not waits and self.qm.resume(self.qn.state()) is not None:
                return
        raise AssertionError("it does not converge")


FATES = ("arrives", "lost", "unanswered", "doubled", "delayed", "overtaken", "halved")
"""What may happen to a batch; overtaken: one that was delayed arrives just before it."""

STEPS_AND_WEIGHTS = {
    "say": 6.0, "retract": 2.0, "erase": 1.0, "meet": 8.0, "late": 2.0, "copy": 3.0, "put_back": 2.0, "wipe": 0.4,
}  # fmt: skip


def run(number: int, trace: Callable[[str], object] = lambda _: None) -> History:
    """One history, drawn from its number, and the laws at its end."""
    history = History(random.Random(number), trace)
    for _ in range(STEPS):
        history.step()
        history.check()
    history.settle()
    history.check()
    qm, qn = history.qm, history.qn
    held = {act_id for act_id, kept in qm.acts.items() if kept.state != "dropped"}
    assert held == set(qn.applied), "they diverge"
    assert (qm.epoch, qm.seq, qm.chain) == (qn.position.epoch, qn.position.seq, qn.position.chain)
    gone = (kept for kept in qm.acts.values() if kept.state == "dropped")
    dropped = {kept.id for kept in gone if qm.hides(kept) or kept.act is None}
    lost = history.said - held - dropped - history.excused
    assert not lost, "an acknowledged act is lost"
    assert not history.excused or history.restored, "something is lost that nobody was warned of"
    assert not qn.visible & qm.retracted, "what was retracted is shown at the end"
    return history


def run_all(first: int, count: int) -> None:
    for number in range(first, first + count):
        try:
            run(number)
        except AssertionError as error:
            raise AssertionError(f"history {number}: {error}") from error


def test_acts_of_earlier_epochs_survive_a_sender_put_back_again_and_again() -> None:
    """A first design went on in the epoch after a fork: what stood in earlier epochs was lost and it never converged."""
    history = History(random.Random(0), lambda _: None)
    for _ in range(6):
        older = history.qm.copy()
        history.say()
        history.converse(lambda: "arrives", 2)
        history.replace(older)
        history.say()
        history.converse(lambda: "arrives", 2)
    history.settle()
    assert history.excused == set()
    assert history.qm.epoch == 7
    assert {act_id for act_id, kept in history.qm.acts.items() if kept.name} == history.said
    assert history.said <= set(history.qn.applied)


def test_what_both_have_lost_is_gone_and_the_rest_is_not() -> None:
    """The known limit: the sender put back and the receiver wiped at once."""
    history = History(random.Random(0), lambda _: None)
    history.say()
    history.converse(lambda: "arrives", 5)
    older, kept = history.qm.copy(), set(history.said)
    history.say()
    history.converse(lambda: "arrives", 5)
    history.replace(older)
    history.replace(Receiver())
    history.settle()
    assert history.excused == history.said - kept
    assert set(history.qn.applied) == kept


@pytest.mark.parametrize("first", range(0, ALWAYS, AT_ONCE))
def test_no_history_loses_doubles_or_brings_back_anything(first: int) -> None:
    run_all(first, AT_ONCE)


@pytest.mark.nightly
@pytest.mark.parametrize("first", range(ALWAYS, NIGHTLY, 1000))
def test_no_history_of_the_night_loses_doubles_or_brings_back_anything(first: int) -> None:
    run_all(first, 1000)
