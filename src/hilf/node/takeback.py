"""Acts of our own that a partner gives back: what carries our signature is kept as sent, and means again what it meant.

Decides what of an answer is taken (only what we signed for that partner, wire.md 6) and what it changes here. An object of
ours is asserted again, through the one door in (`node/returned`, `node/intake`), with every marking that it left with; what we passed on
for another node waits in quarantine until that node sends it again, and its retraction finds it there. A retraction
wins over everything: what it withdraws is hidden here, and told to whoever gives the object back without it. A step in
the life of an accord is taken again. Everything else is remembered as sent, so that it is neither lost nor sent twice.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

from hilf.canonical import Json, dumps
from hilf.errors import HilfError, OperatorFault, PartnerFault
from hilf.federation.act import Act
from hilf.federation.batch import GivenBack, Header, batch_root, read_given_back
from hilf.federation.outcome import Outcome, Result, read_result
from hilf.federation.receipt import read_receipt
from hilf.federation.recovery import Given, Gone, read_gone
from hilf.node import accord_receive, federation, identity, retold, returned, withdrawal
from hilf.node.home import Home
from hilf.store.federation import inbox, stream
from hilf.store.federation import reconcile as store
from hilf.store.federation.envelope import object_of, take_out
from hilf.store.instant import microseconds

T = TypeVar("T")
_OBJECT: Final = "object"
_SENT: Final = "sent"


def take(home: Home, node: str, answer: Given, wanted: frozenset[str], now: datetime) -> tuple[int, int]:
    """Take back what a partner gave, in the caller's transaction; how many acts, and ids of acts that are gone there.

    What was not asked for, or does not carry a signature of ours that counts, is left.
    """
    keys = identity.own(home).keys_for_old_signatures()
    given = [
        each
        for each in _sound(answer.given, lambda value: read_given_back(value, home.node, node, keys))
        if each.act.id in wanted
    ]
    gone = [
        each
        for each in _sound(answer.gone, lambda value: read_gone(value, home.node, node, keys))
        if each.id in wanted
    ]
    headers = {
        header.digest.hex(): header for header in (*(e.header for e in given), *(e.header for e in gone))
    }
    results = _results(node, answer.receipts, headers)
    had = store.known([bytes.fromhex(each) for each in wanted])
    new = [each for each in given if had.get(bytes.fromhex(each.act.id), ("", None))[1] is None]
    objects = [each.act for each in new if each.act.kind == _OBJECT]
    rows = dict(zip((act.id for act in objects), returned.assert_again(home, objects, now), strict=True))
    kept = [_kept(each, results.get(each.act.id), rows.get(each.act.id)) for each in given]
    kept += [_kept_id(each, results.get(each.id)) for each in gone]
    store.take_back(node, kept)
    retold.say_again(home, (seq for seq in rows.values() if seq is not None), now)
    for each in sorted(
        given, key=lambda each: (each.epoch, each.seq)
    ):  # a step after the one that it follows
        if bytes.fromhex(each.act.id) not in had:
            _mean_again(home, each.act, now)
    lost = {act_id for act_id in wanted if had.get(bytes.fromhex(act_id), ("", None))[0] != _SENT}
    return sum(each.act.id in lost for each in given), sum(each.id in lost for each in gone)


def _sound(values: Sequence[Json], read: Callable[[Json], T]) -> list[T]:
    found = []
    for value in values:
        try:
            found.append(read(value))
        except PartnerFault:
            continue  # it does not carry our signature, or one by a key that we revoked
    return found


def _results(node: str, receipts: Sequence[Json], headers: Mapping[str, Header]) -> dict[str, Result]:
    """What the partner says became of the acts of these batches; receipts that it signed are kept with their headers."""
    known = identity.kept(node)
    keys = known.keys_for_old_signatures() if known else {}
    results: dict[str, Result] = {}
    for value in receipts:
        header = headers.get(str(value.get("batch"))) if isinstance(value, dict) else None
        if header is None or not isinstance(value, dict) or not isinstance(value.get("results"), list):
            continue
        told = [read_result(each, "receipt") for each in value["results"]]  # type: ignore[union-attr]
        ids = [result.id for result in told]
        if batch_root(ids) != header.root:
            continue
        results |= {result.id: result for result in told}
        try:
            read_receipt(value, header, ids, keys)
        except PartnerFault:
            continue  # a key that the partner revoked since: its word counts as said in this answer, and is no proof
        _keep_batch(node, header, dumps(value))
    return results


def _keep_batch(node: str, header: Header, receipt: bytes) -> None:
    signed = dumps(header.value)
    there = stream.batches(node, outgoing=True, epoch=header.epoch, first=header.first, last=header.last)
    for kept in there:
        if kept.header == signed:
            if kept.receipt is None:
                stream.complete_batch(kept.number, receipt)
            return
    federation.keep_batch(header, signed, header.at, receipt)


def _kept(back: GivenBack, result: Result | None, object_seq: int | None) -> store.TakenBack:
    act = back.act
    envelope = act.canonical
    if act.kind == _OBJECT:
        envelope = take_out(act.canonical, object_of(act.canonical, act.body["authorship"]))
    state, reason = _became(result)
    return store.TakenBack(
        bytes.fromhex(act.id),
        act.kind,
        microseconds(act.at),
        state,
        reason,
        back.epoch,
        back.seq,
        envelope,
        object_seq,
    )


def _kept_id(gone: Gone, result: Result | None) -> store.TakenBack:
    state, reason = _became(result)
    at = microseconds(gone.header.at)
    return store.TakenBack(
        bytes.fromhex(gone.id), _OBJECT, at, state, reason, gone.epoch, gone.seq, b"", None
    )


def _became(result: Result | None) -> tuple[str, str | None]:
    if result is None:
        return Outcome.APPLIED.value, None  # it has a place in the partner's stream, so it was applied there
    return result.outcome.value, result.reason.text() if result.reason else None


def _mean_again(home: Home, act: Act, now: datetime) -> None:
    """Let an act of ours that had been lost mean what it meant; what does not fit any more is undone alone."""
    try:
        with inbox.apart():
            if act.kind == "retraction":
                withdrawal.taken_back(home, act, now)
            elif act.kind == "accord":
                accord_receive.receive(home, act, now)
    except OperatorFault:
        raise
    except HilfError:
        return
