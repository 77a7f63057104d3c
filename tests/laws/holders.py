"""Two nodes in memory for random histories of one stream: the rules are those of `federation`, only keeping is done here.

What `node` keeps in a database stands in two small classes that are copied for a backup. Nothing is decided here that
`federation` decides: placement, resumption, what a comparison shows, what is carried over, what a given-back act proves.
"""

import itertools
from dataclasses import dataclass, field, replace
from datetime import timedelta

from hilf.canonical import loads
from hilf.errors import PartnerFault
from hilf.federation.act import Act, make_act
from hilf.federation.batch import Batch, give_back, make_batch, read_batch, read_given_back
from hilf.federation.outcome import Outcome, Result
from hilf.federation.placement import Verdict, place_batch, to_judge
from hilf.federation.receipt import make_receipt, read_receipt
from hilf.federation.reconcile import Comparison, Ids, compare, first_ranges, read_compared
from hilf.federation.recovery import Missing, carry_over, give_id, goes_on, next_epoch, read_gone
from hilf.federation.state import Outgoing, State, make_state, read_state, resume
from hilf.federation.stream import Position, beginning, chain_over
from tests.federation.parties import NOW, QM, QM_KEY, QM_KEYS, QN, QN_KEY, QN_KEYS

OUT = Outgoing(1, 1, beginning(QN, QM).chain, 0)
"""The other direction, in which nothing passes."""


_moments = itertools.count()
"""No two states are signed in the same moment."""


def say(name: str, number: int) -> Act:
    """An act that carries an object; the same name is the same object."""
    return make_act("ping", QM, QN, NOW, f"{number:032x}", None, "test", {}, {"object": name})


def take_back(name: str, number: int) -> Act:
    """An act that withdraws it."""
    return make_act("confirmation", QM, QN, NOW, f"{number:032x}", None, "test", {}, {"object": name})


def is_retraction(act: Act) -> bool:
    return act.kind == "confirmation"


def object_of(act: Act) -> str:
    return str(act.body["object"])


class Suspended(Exception):
    """Same seq, other content: a person looks at it."""


@dataclass
class Kept:
    """One act of the sender and where it stands; `act` is None where its object is erased, or only its id came back."""

    id: str
    act: Act | None
    name: str = ""
    state: str = "waiting"
    epoch: int = 0
    seq: int = 0


@dataclass
class Sender:
    """The node whose stream it is."""

    epoch: int = 1
    chain: bytes = beginning(QM, QN).chain
    seq: int = 0
    receipted: int = 0
    opening: State | None = None
    withdrawn: tuple[str, ...] = ()
    acts: dict[str, Kept] = field(default_factory=dict)
    batches: list[Batch] = field(default_factory=list)
    retracted: set[str] = field(default_factory=set)
    is_open: bool = False
    taken: int = 0

    def copy(self) -> "Sender":
        return replace(
            self,
            acts={each.id: replace(each) for each in self.acts.values()},
            batches=list(self.batches),
            retracted=set(self.retracted),
        )

    def put(self, act: Act) -> None:
        self.acts[act.id] = Kept(act.id, act, "" if is_retraction(act) else object_of(act))

    def retract(self, name: str, number: int) -> Act | None:
        """Withdraw an object: what waits is dropped, and who may have it is told."""
        self.retracted.add(name)
        given = False
        for kept in self.acts.values():
            if kept.name == name:
                given = given or kept.state in ("sent", "applied")
                kept.state = "dropped" if kept.state == "waiting" else kept.state
        if not given:
            return None
        act = take_back(name, number)
        self.put(act)
        return act

    @property
    def placed(self) -> list[Kept]:
        return [each for each in self.acts.values() if each.seq]

    def hides(self, kept: Kept) -> bool:
        return kept.name in self.retracted

    def erase(self, name: str) -> None:
        """Let go of the bytes of an object that was retracted, unless they must be sent again."""
        mine = [each for each in self.acts.values() if each.name == name]
        if all(each.state != "sent" for each in mine):
            for each in mine:
                each.act = None

    def halve(self, seq: int) -> None:
        """Cut the batch that begins there in two: it was too large (413)."""
        for n, batch in enumerate(self.batches):
            header = batch.header
            if (
                (header.epoch, header.first) == (self.epoch, seq)
                and header.count > 1
                and self.receipted < seq
            ):
                half = header.count // 2
                after = Position(header.epoch, seq - 1, header.prev_chain)
                if batch.opening is not None:
                    after = Position(header.epoch - 1, 0, b"")
                one = make_batch(batch.acts[:half], after, NOW, QM_KEY, batch.opening, header.withdrawn)
                self.batches[n : n + 1] = [one, make_batch(batch.acts[half:], one.header.end, NOW, QM_KEY)]
                return

    def chain_at(self, seq: int) -> bytes:
        if seq == self.seq:
            return self.chain
        for batch in self.batches:
            header = batch.header
            if header.epoch == self.epoch and header.first - 1 <= seq < header.last:
                return chain_over(header.prev_chain, batch.ids[: seq + 1 - header.first])
        return beginning(QM, QN).chain if self.epoch == 1 and seq == 0 else b""

    def resume(self, state: State) -> int | None:
        """Where to go on; None where the streams differ."""
        out = Outgoing(self.epoch, self.seq + 1, self.chain, self.receipted)
        opened_from = self.opening.incoming if self.opening else None
        found = resume(state, out, self.chain_at, opened_from)
        following = [each for each in self.placed if each.epoch == self.epoch and each.seq >= found.seq]
        sent = [
            b.header for b in self.batches if b.header.epoch == self.epoch and b.header.first >= found.seq
        ]
        straddles = any(each.first <= found.applied < each.last for each in sent)
        cut = any(each.first == found.seq for each in sent) and not straddles
        retracted = any(self.hides(each) for each in following)
        erased = any(each.act is None for each in following)
        if not goes_on(
            found,
            sent=found.seq <= self.seq,
            cut=cut,
            erased=erased,
            retracted=retracted,
            restored=self.is_open,
        ):
            return None
        self.is_open = False
        if found.restored:
            self.receipted = found.applied
            for each in self.placed:
                if each.epoch == self.epoch and each.seq > found.applied:
                    each.state = "sent"
        return found.seq

    def next_batch(self, seq: int, most: int) -> Batch | None:
        """The batch at that place: as it was sent, else a new one."""
        if seq <= self.seq:
            again = [b for b in self.batches if (b.header.epoch, b.header.first) == (self.epoch, seq)][-1]
            assert all(self.acts[each].act for each in again.ids), "what was erased is sent again"
            return again
        if self.is_open:
            return None
        chosen = [each for each in self.acts.values() if each.state == "waiting"][:most]
        if not chosen:
            return None
        acts = [each.act for each in chosen if each.act]
        if self.seq == 0 and self.opening is not None:
            withdrawn = [each for each in self.withdrawn if each not in {act.id for act in acts}]
            batch = make_batch(acts, Position(self.epoch - 1, 0, b""), NOW, QM_KEY, self.opening, withdrawn)
        else:
            batch = make_batch(acts, Position(self.epoch, self.seq, self.chain), NOW, QM_KEY)
        for n, each in enumerate(chosen):
            each.state, each.epoch, each.seq = "sent", self.epoch, batch.header.first + n
        self.seq, self.chain = batch.header.last, batch.header.chain
        self.batches.append(batch)
        return batch

    def keep_receipt(self, batch: Batch, value: object) -> int:
        receipt = read_receipt(value, batch.header, batch.ids, QN_KEYS)
        for result in receipt.results:
            kept = self.acts[result.id]
            kept.state = "applied" if kept.state == "sent" else kept.state
        if batch.header.epoch == self.epoch:
            self.receipted = max(self.receipted, batch.header.last)
        return batch.header.last + 1

    def recover(self, receiver: "Receiver", number: int) -> list[str]:
        """Reconcile and open the next epoch; names of the objects whose bodies came back."""
        ours = Ids([bytes.fromhex(each.id) for each in self.placed])
        there: list[str] = []
        here: list[str] = []
        following = first_ranges(ours)
        while following:
            question = Comparison(QM, following)
            compared = read_compared(receiver.compare(question), question, QM, QN, ours)
            there, here, following = (
                [*there, *compared.only_there],
                [*here, *compared.only_here],
                compared.open,
            )
        unsaid = [each.id for each in self.acts.values() if each.state == "sent" and each.id not in set(here)]
        back = self._take(receiver, [*there, *unsaid])
        state = receiver.state()
        missing = [self.acts[each] for each in here]
        judged = [Missing(each.id, False, bool(each.act) and not self.hides(each)) for each in missing]
        carried = carry_over(judged)
        for act_id in carried.again:
            self.acts[act_id] = self.acts.pop(act_id)  # it waits again
            self.acts[act_id].state, self.acts[act_id].epoch, self.acts[act_id].seq = "waiting", 0, 0
        for act_id in carried.withdrawn:
            self.acts[act_id].state, self.acts[act_id].epoch, self.acts[act_id].seq = "dropped", 0, 0
        position = next_epoch(state)
        for each in self.placed:
            each.epoch = each.epoch if each.epoch < position.epoch else 0
        self.batches = [b for b in self.batches if b.header.end.epoch <= state.incoming.epoch]
        self.epoch, self.seq, self.chain, self.receipted = position.epoch, 0, position.chain, 0
        self.opening, self.withdrawn, self.is_open = state, carried.withdrawn, False
        self._tell(number)
        if all(each.state != "waiting" for each in self.acts.values()):
            self.put(make_act("ping", QM, QN, NOW, f"{number:032x}", None, "test", {}, {"object": ""}))
        return back

    def _take(self, receiver: "Receiver", wanted: list[str]) -> list[str]:
        back = []
        given, gone = receiver.give(wanted)
        for value in given:
            taken = read_given_back(value, QM, QN, QM_KEYS)
            name = "" if is_retraction(taken.act) else object_of(taken.act)
            kept = self.acts.setdefault(taken.act.id, Kept(taken.act.id, taken.act, name))
            kept.state, kept.epoch, kept.seq = "applied", taken.epoch, taken.seq
            if is_retraction(taken.act):
                self.retracted.add(object_of(taken.act))
            else:
                back.append(object_of(taken.act))
        for value in gone:
            told = read_gone(value, QM, QN, QM_KEYS)
            kept = self.acts.setdefault(told.id, Kept(told.id, None))
            kept.state, kept.epoch, kept.seq = "applied", told.epoch, told.seq
        self.taken += len(given) + len(gone)
        for kept in self.acts.values():  # what waited was retracted before it left, as we know again
            if kept.state == "waiting" and self.hides(kept):
                kept.state = "dropped"
        return back

    def _tell(self, number: int) -> None:
        """Tell of retractions of what the receiver has and of which no act tells."""
        told = {object_of(each.act) for each in self.acts.values() if each.act and is_retraction(each.act)}
        has = {each.name for each in self.placed if self.hides(each)}
        for n, name in enumerate(sorted(has - told)):
            self.put(take_back(name, number * 1000 + n))


@dataclass
class Receiver:
    """The node that it goes to."""

    position: Position = field(default_factory=lambda: beginning(QM, QN))
    batches: list[tuple[Batch, dict]] = field(default_factory=list)
    applied: dict[str, tuple[Act, int, int]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    visible: set[str] = field(default_factory=set)
    tombstones: set[str] = field(default_factory=set)

    def copy(self) -> "Receiver":
        return replace(
            self,
            batches=list(self.batches),
            applied=dict(self.applied),
            order=list(self.order),
            visible=set(self.visible),
            tombstones=set(self.tombstones),
        )

    def state(self) -> State:
        at = NOW + timedelta(milliseconds=next(_moments))
        value = make_state(QN, QM, self.position, OUT, at, QN_KEY)
        return read_state(value, QN, QM, QN_KEYS)

    def receive(self, batch: Batch) -> dict | None:
        """The receipt; None for 409.

        Raises:
            Suspended: 412.
        """
        header = batch.header
        stored: list[Result] = []
        receipts = {}
        for kept, receipt in self.batches:
            if kept.header.epoch == header.epoch:
                for n, act_id in enumerate(kept.ids):
                    if header.first <= kept.header.first + n <= header.last:
                        stored.append(Result(act_id, Outcome.APPLIED))
                if kept.header.first == header.first:
                    receipts[kept.header.digest] = receipt
        placed = place_batch(
            batch,
            self.position,
            stored,
            receipts.get(header.digest),
            lambda seq: self._chain_at(header.epoch, seq),
        )
        if placed.verdict is Verdict.DIFFERS:
            raise Suspended
        if placed.verdict is Verdict.AGAIN:
            return placed.receipt
        if placed.verdict is Verdict.REBATCHED:
            return make_receipt(header, placed.results, NOW, QN_KEY)
        return self._apply(batch) if placed.verdict is Verdict.NEW else None

    def _chain_at(self, epoch: int, seq: int) -> bytes:
        for batch, _ in self.batches:
            header = batch.header
            if header.epoch == epoch and header.first - 1 <= seq <= header.last:
                return chain_over(header.prev_chain, batch.ids[: seq + 1 - header.first])
        return self.position.chain

    def _apply(self, batch: Batch) -> dict:
        results = []
        for act, clear in zip(batch.acts, to_judge(batch, self.applied), strict=True):
            results.append(clear or Result(act.id, Outcome.APPLIED))
            if clear is None:
                self.order.append(act.id)
                self.applied[act.id] = (act, batch.header.epoch, batch.header.first + len(results) - 1)
                name = object_of(act)
                if is_retraction(act):
                    self.tombstones.add(name)
                    self.visible.discard(name)
                elif name and name not in self.tombstones:
                    self.visible.add(name)
        receipt = make_receipt(batch.header, results, NOW, QN_KEY)
        self.batches.append((batch, receipt))
        self.position = batch.header.end
        return receipt

    def compare(self, question: Comparison) -> dict:
        return compare(question, QM, QN, Ids([bytes.fromhex(each) for each in self.applied]).within)

    def give(self, wanted: list[str]) -> tuple[list[dict], list[dict]]:
        given, gone = [], []
        for act_id in wanted:
            act, epoch, seq = self.applied[act_id]
            batch = next(
                b
                for b, _ in self.batches
                if b.header.epoch == epoch and b.header.first <= seq <= b.header.last
            )
            index = seq - batch.header.first
            if not is_retraction(act) and object_of(act) in self.tombstones:
                gone.append(give_id(batch.header, batch.ids, index))
            else:
                given.append(give_back(batch.header, batch.ids, index, act))
        return given, gone


def over_the_wire(batch: Batch) -> Batch:
    """The batch as the receiver reads it; None of it is taken for granted."""
    try:
        return read_batch(loads(batch.canonical), QM, QN, QM_KEYS, QN_KEYS)
    except PartnerFault as fault:  # an honest sender makes none that is refused
        raise AssertionError(fault.rule) from fault
