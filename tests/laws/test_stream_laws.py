"""Laws of the stream: what was cut anywhere and resumed is the same as what was never cut."""

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hilf.canonical import loads_canonical
from hilf.errors import PartnerFault
from hilf.federation.act import Act, make_act, read_act
from hilf.federation.batch import Batch, make_batch, read_batch
from hilf.federation.outcome import Outcome, Result
from hilf.federation.placement import Verdict, overlap, place_batch, to_judge
from hilf.federation.receipt import make_receipt, read_receipt
from hilf.federation.state import Outgoing, Resumption, Standing, make_state, read_state, resume
from hilf.federation.stream import Position, beginning, chain_over, chain_start
from tests.federation.parties import NOW, QM, QM_KEY, QM_KEYS, QN, QN_KEY, QN_KEYS, ping

START = beginning(QM, QN)
texts = st.text(max_size=20).filter(
    lambda text: text.isascii() or text.encode("utf-8", "ignore").decode() == text
)
bodies = st.dictionaries(
    texts,
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts, st.lists, max_leaves=5
    ),
)


def acts(count: int) -> list[Act]:
    return [ping(n) for n in range(1, count + 1)]


def received(batch: Batch) -> Batch:
    """The batch as the other side reads it from the wire."""
    return read_batch(loads_canonical(batch.canonical), QM, QN, QM_KEYS, QN_KEYS)


@dataclass
class Sender:
    """Keeps every batch that it stamped, until it is receipted; changes boundaries only when told to (413)."""

    waiting: list[Act]
    sent: list[Act] = field(default_factory=list)
    batches: dict[int, Batch] = field(default_factory=dict)
    receipted: int = 0

    def chain_at(self, seq: int) -> bytes:
        return chain_over(START.chain, (act.id for act in self.sent[:seq]))

    @property
    def out(self) -> Outgoing:
        return Outgoing(1, len(self.sent) + 1, self.chain_at(len(self.sent)), self.receipted)

    def batch_from(self, where: Resumption, size: int) -> Batch | None:
        """The batch that holds `where.seq`: as it was stamped, else of at most `size` acts, not across `applied`."""
        for batch in self.batches.values():
            first, last = batch.header.first, batch.header.last
            if first <= where.seq <= last and not first <= where.applied < last:
                return batch
        seq, end = where.seq, where.seq - 1 + size
        again = self.sent[seq - 1 : min(end, where.applied) if seq <= where.applied else end]
        if not again:
            again, self.waiting = self.waiting[:size], self.waiting[size:]
            self.sent += again
        if not again:
            return None
        self.batches[seq] = make_batch(again, Position(1, seq - 1, self.chain_at(seq - 1)), NOW, QM_KEY)
        return self.batches[seq]

    def forget_boundaries(self) -> None:
        self.batches.clear()

    def take(self, receipt: Any, batch: Batch) -> None:
        read = read_receipt(receipt, batch.header, batch.ids, QN_KEYS)
        self.receipted = max(self.receipted, read.last)


@dataclass
class Receiver:
    """Applies, moves and stores its receipt in one step, as the transaction of a node does."""

    position: Position = START
    results: list[Result] = field(default_factory=list)
    receipts: dict[int, Any] = field(default_factory=dict)
    applied: list[str] = field(default_factory=list)

    def chain_at(self, seq: int) -> bytes:
        return chain_over(START.chain, (result.id for result in self.results[:seq]))

    def copy(self) -> "Receiver":
        return replace(self, results=[*self.results], receipts={**self.receipts}, applied=[*self.applied])

    def state(self, outgoing: Outgoing) -> Any:
        return make_state(QN, QM, self.position, outgoing, NOW, QN_KEY)

    def put(self, batch: Batch) -> tuple[int, Any]:
        first = batch.header.first
        stored = self.results[first - 1 : first - 1 + overlap(batch, self.position)]
        placed = place_batch(batch, self.position, stored, self.receipts.get(first), self.chain_at)
        if placed.verdict is Verdict.AGAIN:
            return 200, placed.receipt
        if placed.verdict.status != 200:
            return placed.verdict.status, None
        results: list[Result] = list(placed.results)
        if placed.verdict is Verdict.NEW:
            clear = to_judge(batch, set(self.applied))
            for act, known in zip(batch.acts, clear, strict=True):
                results.append(known or Result(act.id, Outcome.APPLIED))
                self.applied += [act.id] if known is None else []
            self.results += results
            self.position = placed.position
        self.receipts[first] = make_receipt(batch.header, results, NOW, QN_KEY)
        return 200, self.receipts[first]


FATES = [
    "arrives",
    "is lost",
    "loses its receipt",
    "arrives twice",
    "arrives late",
    "is too large",
    "restore",
]
meetings = st.lists(st.tuples(st.sampled_from(FATES), st.integers(1, 4), st.integers(0, 9)), max_size=14)


def meet(sender: Sender, receiver: Receiver, size: int) -> Batch | None:
    """Both compare state; the batch that the sender then sends."""
    state = read_state(receiver.state(Outgoing(1, 1, chain_start(QN, QM), 0)), QN, QM, QN_KEYS)
    where = resume(state, sender.out, sender.chain_at)
    assert where.standing is not Standing.DIFFERS
    return sender.batch_from(where, size)


def deliver(sender: Sender, receiver: Receiver, batch: Batch, fate: str) -> None:
    status, receipt = receiver.put(received(batch))
    assert status == 200
    if fate == "arrives twice":
        assert receiver.put(received(batch)) == (200, receipt)
    if fate != "loses its receipt":
        sender.take(receipt, batch)


@given(st.integers(0, 12), meetings)
def test_stream_cut_anywhere_and_resumed_gives_each_act_once_in_order(count: int, fates: list[Any]) -> None:
    sender, receiver, late = Sender(acts(count)), Receiver(), []
    backup = receiver.copy()
    for fate, size, pick in fates:
        if fate == "restore":
            receiver, backup = backup, receiver.copy() if pick > 5 else backup.copy()
            continue
        batch = meet(sender, receiver, size)
        if batch is None:
            continue
        if fate == "is too large":
            sender.forget_boundaries()
        elif fate == "arrives late":
            late.append(batch)
        elif fate != "is lost":
            deliver(sender, receiver, batch, fate)
        if late and pick < 3:
            assert receiver.put(received(late.pop(0)))[0] in {200, 409}
    while (batch := meet(sender, receiver, 3)) is not None:
        deliver(sender, receiver, batch, "arrives")
    assert receiver.applied == [act.id for act in acts(count)]
    assert receiver.position == Position(1, count, chain_over(START.chain, receiver.applied))
    assert sender.receipted == count


@given(st.integers(1, 12), st.lists(st.integers(1, 5), min_size=12, max_size=12))
def test_chain_does_not_depend_on_the_boundaries_of_batches(count: int, sizes: list[int]) -> None:
    position, rest = START, acts(count)
    while rest:
        size = sizes[len(rest) - 1]
        position = received(make_batch(rest[:size], position, NOW, QM_KEY)).header.end
        rest = rest[size:]
    assert position == make_batch(acts(count), START, NOW, QM_KEY).header.end


@given(
    bodies, st.datetimes().map(lambda at: at.replace(tzinfo=NOW.tzinfo)), st.binary(min_size=16, max_size=16)
)
def test_act_is_read_as_it_was_made(body: Any, at: Any, nonce: bytes) -> None:
    act = make_act("x-later", QM, QN, at, nonce.hex(), ("accord--1", 1), "defence", body, body)
    assert read_act(loads_canonical(act.canonical), QM, QN) == act


@given(st.integers(1, 12))
def test_batch_is_read_as_it_was_made(count: int) -> None:
    batch = make_batch(acts(count), START, NOW, QM_KEY)
    assert received(batch) == batch


@given(st.integers(1, 4), st.data())
def test_any_changed_byte_of_a_batch_is_refused(count: int, data: st.DataObject) -> None:
    canonical = make_batch(acts(count), START, NOW, QM_KEY).canonical
    place, other = data.draw(st.integers(0, len(canonical) - 1)), data.draw(st.integers(32, 126))
    changed = canonical[:place] + bytes([other]) + canonical[place + 1 :]
    try:
        read_batch(loads_canonical(changed), QM, QN, QM_KEYS, QN_KEYS)
    except PartnerFault:
        assert changed != canonical
    else:
        assert changed == canonical
