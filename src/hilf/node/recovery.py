"""The asker's side of reconciling: find what differs, take back what is ours, open the next epoch (protocol.md 4; wire.md 6).

    state differs ─▶ compare ranges ─▶ ask back what the partner holds of ours and we lack
                  ─▶ the same state again, signed ─▶ one transaction: what it lacks waits again or is withdrawn,
                     epoch + 1 begins from exactly that state ─▶ the first batch opens it there

Nothing here is trusted for being said: an act is taken back when it carries our own signature (`node/takeback`). Every
step is a transaction of its own and may be cut anywhere; what was taken back is not asked for again. When another
process of ours, or the partner, moves the stream meanwhile, nothing is opened and the comparison begins anew. At most
so many reconciliations with a peer in an hour as the settings say: one that claims loss at each connect is shown.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson

from hilf.canonical import dumps
from hilf.errors import PartnerFault
from hilf.federation.outcome import Reason
from hilf.federation.reconcile import MOST_RANGES, Comparison, Ids, first_ranges, read_compared
from hilf.federation.recovery import (
    MOST_WANTED,
    MOST_WITHDRAWN,
    Missing,
    Want,
    carry_over,
    next_epoch,
    read_given,
)
from hilf.federation.state import State, read_state
from hilf.federation.stream import beginning
from hilf.node import highwater, life, peer, restored, takeback, withdrawal
from hilf.node.federation import announce
from hilf.node.home import Home
from hilf.node.partner import OK, Answer, Partner
from hilf.store.database import transaction
from hilf.store.federation import reconcile as store
from hilf.store.federation import stream
from hilf.store.instant import microseconds, moment

HOUR: Final = timedelta(hours=1)
_MOST_QUESTIONS: Final = 2_000
MOST_FOUND: Final = 2_000_000
"""Ids of acts that a partner may say it holds of ours: they are kept in memory, and it can say what it likes."""
MOST_EPOCHS: Final = 100_000
"""How far a partner's epoch may be ahead of ours: one begins in an hour, and behind 2^53 none can be written."""
_NOT_CARRIED: Final = Reason("reconcile.not-carried-over").text()
_SENT: Final = "sent"


class Later(Exception):
    """It cannot go on now; `code` says why, `seconds` how long to wait."""

    def __init__(self, code: str, seconds: float) -> None:
        super().__init__(code)
        self.code = code
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Recovered:
    """What reconciling did: acts taken back, ids of acts that are gone there, acts sent again, acts withdrawn."""

    taken: int
    gone: int
    again: int
    withdrawn: int
    unknown: int


@dataclass(frozen=True, slots=True)
class _Differences:
    only_there: tuple[str, ...]
    only_here: tuple[str, ...]


def recover(home: Home, partner: Partner, state: State, now: Callable[[], datetime]) -> Recovered | None:
    """Reconcile our stream to a partner whose signed state differs; None when it moved meanwhile: compare again.

    Own transactions.

    Raises:
        Later: the partner asks to wait, or it was reconciled too often in this hour.
        PartnerFault: "reconcile: answer: …", "answer: …", "state: …".
    """
    node = partner.node
    seen = stream.position(node, outgoing=True)
    if state.incoming.epoch > (seen.epoch if seen else 1) + MOST_EPOCHS:
        raise PartnerFault("state: epoch", str(state.incoming.epoch))
    with transaction():
        _check_often(home, node, now())
        begun = store.begin(node, microseconds(now()))
    found = _differences(home, partner)
    lacking = set(found.only_here)
    unsaid = [act_id.hex() for act_id in store.without_receipt(node) if act_id.hex() not in lacking]
    with transaction():
        store.found_lost(begun.number, len(found.only_there))
    _take_back(home, partner, (*found.only_there, *unsaid), begun.number, now)
    newest = read_state(_ask(partner, "GET", "state").document, node, home.node, peer.keys(node, now()))
    if newest.incoming != state.incoming:
        return None
    return _open(home, newest, seen, found.only_here, begun.number, now())


def resume(home: Home, node: str, state: State, lost: int, now: datetime) -> Recovered:
    """Note that a partner lost acts that it had receipted and gets the same batches again, in the caller's transaction.

    Raises:
        Later: "reconcile.too-often".
    """
    _check_often(home, node, now)
    stream.unreceipt(node, state.incoming.seq)
    begun = store.begin(node, microseconds(now))
    store.end(begun.number, microseconds(now), state.incoming.epoch, lost, 0, lost)
    restored.settled(node, now, 0, lost, _unknown(0, lost, restored_here=restored.is_open(node)))
    return Recovered(0, 0, lost, 0, lost)


def _check_often(home: Home, node: str, now: datetime) -> None:
    ended = store.ended_since(node, microseconds(now - HOUR))
    if len(ended) >= home.reconciles:
        wait = moment(ended[0]) + HOUR - now
        raise Later("reconcile.too-often", max(1.0, wait.total_seconds()))


def _ask(partner: Partner, method: str, path: str, body: bytes | None = None) -> Answer:
    answer = partner.ask(method, path, body)
    if answer.retry_after_s:
        raise Later(
            answer.code if answer.code.startswith("reconcile.") else "answer.later", answer.retry_after_s
        )
    if answer.status != OK:
        raise PartnerFault(f"answer: {answer.status}", answer.code)
    return answer


def _differences(home: Home, partner: Partner) -> _Differences:
    """Which acts of ours only one side holds: hashes of ranges first, then lists."""
    node, ours = partner.node, Ids(store.ids(partner.node, outgoing=True))
    there: list[str] = []
    here: list[str] = []
    following = first_ranges(ours)
    for _ in range(_MOST_QUESTIONS):
        question = Comparison(home.node, following[:MOST_RANGES])
        answer = _ask(partner, "POST", "reconcile", dumps(question.json(home.node, node)))
        compared = read_compared(answer.document, question, home.node, node, ours)
        there += compared.only_there
        here += compared.only_here
        if len(there) > MOST_FOUND:
            raise PartnerFault("reconcile: answer: too many", node)
        following = (*compared.open, *following[MOST_RANGES:])
        if not following:
            return _Differences(tuple(there), tuple(here))
    raise PartnerFault("reconcile: answer: without end", node)


def _take_back(
    home: Home, partner: Partner, wanted: Sequence[str], number: int, now: Callable[[], datetime]
) -> None:
    while wanted:
        want = Want(tuple(wanted[:MOST_WANTED]))
        answer = _ask(partner, "POST", "reconcile", dumps(want.json(home.node, partner.node)))
        given = read_given(answer.document, len(want.ids), home.node, partner.node)
        if given.answered < len(want.ids) and not (given.given or given.gone):
            raise PartnerFault("reconcile: answer: gives nothing", partner.node)
        with transaction():
            _hold(home, partner.node)
            taken, gone = takeback.take(home, partner.node, given, frozenset(want.ids), now())
            if taken or gone:  # they carry our signature, and we did not know them
                restored.discovered(partner.node, "it holds acts of ours that we lack", now())
            store.took_back(number, taken, gone)
        wanted = wanted[given.answered :]


def _hold(home: Home, node: str) -> stream.KeptStream:
    """Where our stream stands, held until the transaction ends: another process of ours that reconciles waits, and sees it."""
    return stream.begin(node, outgoing=True, chain=beginning(home.node, node).chain)


def _open(
    home: Home,
    state: State,
    seen: stream.KeptStream | None,
    only_here: Sequence[str],
    number: int,
    now: datetime,
) -> Recovered | None:
    """Begin the next epoch from the partner's state: what it lacks waits again, or is withdrawn."""
    node, following = state.node, next_epoch(state)
    with transaction():
        here = _hold(home, node)
        if seen is not None and here != seen:
            return None
        missing = list(store.missing(node, [bytes.fromhex(each) for each in only_here]))
        carried = carry_over(_judged(home, node, missing, now))
        store.send_again([bytes.fromhex(each) for each in carried.again])
        store.withdraw([bytes.fromhex(each) for each in carried.withdrawn], _NOT_CARRIED)
        store.lose_batches(node, state.incoming.epoch, state.incoming.seq)
        listed = orjson.dumps(carried.withdrawn[-MOST_WITHDRAWN:]).decode()
        store.open_epoch(node, following.epoch, following.chain, dumps(state.value), listed)
        withdrawal.tell_untold(home, node, now)
        if not stream.queue(node).waiting:
            announce(home, node, "ping", {}, now)  # an epoch is opened by its first batch
        unknown = sum(each.state != _SENT for each in missing)
        store.end(
            number, microseconds(now), following.epoch, len(carried.again), len(carried.withdrawn), unknown
        )
        done = store.latest(node)
        assert done is not None  # noqa: S101  # it was begun above
        unheld = _unknown(done.taken + done.gone, unknown, restored_here=restored.is_open(node))
        restored.settled(node, now, done.taken, len(carried.again), unheld)
    if (
        following.epoch <= here.epoch
    ):  # the partner stands in an earlier epoch than we did: it lost the later ones
        highwater.put(home, highwater.of_database())
    return Recovered(done.taken, done.gone, len(carried.again), len(carried.withdrawn), unknown)


def _judged(home: Home, node: str, missing: Iterable[store.Ours], now: datetime) -> Iterator[Missing]:
    in_force = {held.accord.key for held in life.in_force_with(home, node, now)}
    for each in missing:
        cited = orjson.loads(each.envelope)["accord"] if each.envelope else None
        covered = each.kind != "object" or (cited is not None and (cited["id"], cited["version"]) in in_force)
        # A retraction was refused for want of its object; an older database there may hold that object again.
        refused = each.state == "refused" and each.kind != "retraction"
        yield Missing(each.act_id.hex(), refused, each.readable and covered)


def _unknown(lost_here: int, lost_there: int, *, restored_here: bool) -> str | None:
    """What neither side may hold any more, in words; None where nothing says so."""
    if not lost_there or not (restored_here or lost_here):
        return None
    return (
        f"both nodes have lost acts ({lost_here} were lost here, {lost_there} there);"
        " what was sent after the older of the two backups may be on neither side"
    )
