"""What partners send: a batch is verified, applied and receipted in one transaction, and answered after it (protocol.md 4).

Decides the order of things: the door (`node/door`) says who asks before anything is parsed, the guard opens the body,
`federation` says what the batch proves and where it belongs in the stream, each act goes to the verb of its kind, and
what became of it stands in the receipt. A wrong act is refused or held alone; the batch goes on. Two versions of the
same place are kept as evidence and the peer is suspended for a person to look at (412).
"""

import time
from collections.abc import Sequence
from datetime import datetime

import orjson

from hilf.canonical import Json, dumps
from hilf.federation.act import Act
from hilf.federation.batch import Batch, read_batch
from hilf.federation.outcome import Outcome, Result, read_result
from hilf.federation.placement import Placement, Verdict, place_batch, to_judge
from hilf.federation.receipt import make_receipt
from hilf.federation.state import Outgoing, make_state
from hilf.federation.stream import Position, beginning, chain_over
from hilf.node import (
    ahead,
    door,
    federation,
    identity,
    intake,
    peer,
    quota,
)
from hilf.node.ahead import Ahead
from hilf.node.door import Problem
from hilf.node.home import Home, online_key
from hilf.node.judging import KINDS, judge
from hilf.node.quota import Quota
from hilf.seal.http import Request, Response, Verified, check_sender
from hilf.store.database import transaction
from hilf.store.federation import inbox, stream
from hilf.store.federation.envelope import object_of, take_out
from hilf.store.instant import microseconds


def receive(home: Home, request: Request, now: datetime, allowed: Quota | None = None) -> Response:
    """The answer to `POST acts`: a receipt, or a problem document. Source: wire.md 4, 5."""
    limits = allowed or Quota()
    return door.answer(home, request, now, lambda who: _acts(home, request, who, now, limits))


def tell_state(home: Home, request: Request, now: datetime) -> Response:
    """The answer to `GET state`: where both streams with the asker stand, signed. Source: wire.md 4, 5."""

    def work(who: Verified) -> bytes:
        with transaction():
            door.use_up(who)
            stream.is_there(who.node)
            return dumps(_state(home, who.node, now))

    return door.answer(home, request, now, work)


def tell_identity(home: Home, request: Request, now: datetime) -> Response:
    """The answer to `GET identity`, to anyone: our card, which proves itself. Source: wire.md 5."""
    card = identity.card(identity.own(home))
    return door.signed(home, request, Response(door.OK, (), card), now)


def _acts(home: Home, request: Request, who: Verified, now: datetime, allowed: Quota) -> bytes | Problem:
    began_s = time.thread_time()
    value = intake.open_body(request.body or b"", who.content_encoding)
    header = value.get("header") if isinstance(value, dict) else None
    sender = header.get("from") if isinstance(header, dict) else None
    if isinstance(sender, str):
        check_sender(who, sender)
    own = identity.own(home).keys_for_old_signatures()
    batch = read_batch(value, who.node, home.node, peer.keys(who.node, now), own)
    limits = quota.of(home, who.node, allowed, now)
    quota.check_processor(who.node, limits, now)
    read = ahead.NOTHING
    if ahead.may_be_new(batch):
        read = ahead.read_ahead(batch.acts, now, intake.READING_BUDGET_S)
    with transaction():
        door.use_up(who)
        # what it costs here, however well it was packed
        unpacked = sum(len(act.canonical) for act in batch.acts)
        quota.count(who.node, "acts", len(batch.acts), now)
        quota.count(who.node, "bytes", max(unpacked, len(request.body or b"")), now)
        quota.check(who.node, limits, now)
        answer = _place(home, batch, read, now)
        if not isinstance(answer, Problem):
            quota.occupy(who.node, unpacked)
        # what it costs to judge is known after it, and counts for the next one
        quota.count(who.node, "processor", round((time.thread_time() - began_s) * 1000), now)
        return answer


def _place(home: Home, batch: Batch, read: Ahead, now: datetime) -> bytes | Problem:
    node, header = batch.header.sender, batch.header
    here = stream.begin(node, outgoing=False, chain=beginning(node, home.node).chain)
    position = Position(here.epoch, here.seq, here.chain)
    kept = stream.batches(node, outgoing=False, epoch=header.epoch, first=header.first, last=header.last)
    same = [each for each in kept if each.first == header.first and each.receipt is not None]
    again = _receipt_for(same, header.digest.hex())
    stored = _stored(kept, header.first, header.last)
    placement = place_batch(
        batch, position, stored, again, lambda seq: _chain_at(node, header.epoch, position, seq)
    )
    if placement.verdict is Verdict.NEW:
        return _apply(home, batch, read, now)
    if placement.verdict is Verdict.AGAIN:
        return dumps(placement.receipt)
    if placement.verdict is Verdict.REBATCHED:
        return _keep(home, batch, placement.results, now)
    if placement.verdict is Verdict.DIFFERS:
        return _differs(batch, kept, placement, now)
    state = _state(home, node, now)
    return Problem(placement.verdict.status, f"stream.{placement.verdict.value[1]}", {"state": state})


def _receipt_for(kept: Sequence[stream.KeptBatch], digest: str) -> dict[str, Json] | None:
    receipts = [orjson.loads(each.receipt) for each in kept if each.receipt is not None]
    fitting: list[dict[str, Json]] = [each for each in receipts if each["batch"] == digest] or receipts
    return fitting[0] if fitting else None


def _stored(kept: Sequence[stream.KeptBatch], first: int, last: int) -> list[Result]:
    """What became of the acts from `first` on, as far as there is a receipt for them."""
    results: dict[int, Result] = {}
    for each in kept:
        for n, value in enumerate(orjson.loads(each.receipt or b"{}").get("results", ())):
            results[each.first + n] = read_result(value, "receipt")
    stored: list[Result] = []
    while first + len(stored) in results and first + len(stored) <= last:
        stored.append(results[first + len(stored)])
    return stored


def _chain_at(node: str, epoch: int, position: Position, seq: int) -> bytes:
    """Our chain after a seq of the stream of `node` that was applied; no bytes where none was."""
    if (epoch, seq) == (position.epoch, position.seq):
        return position.chain
    kept = stream.batches(node, outgoing=False, epoch=epoch, first=seq + 1, last=seq + 1)
    if not kept or kept[0].receipt is None:
        return b""
    ids = [result["id"] for result in orjson.loads(kept[0].receipt)["results"]]
    return chain_over(
        bytes.fromhex(orjson.loads(kept[0].header)["prev_chain"]), ids[: seq + 1 - kept[0].first]
    )


def _apply(home: Home, batch: Batch, read: Ahead, now: datetime) -> bytes:
    """Apply a new batch, act by act in order, and move the position; the receipt."""
    node, header = batch.header.sender, batch.header
    known = inbox.known([bytes.fromhex(act_id) for act_id in batch.ids])
    clear = to_judge(batch, {act_id.hex() for act_id in known}, KINDS)
    left = [act for act, result in zip(batch.acts, clear, strict=True) if result is None]
    judged = judge(home, left, read, now)
    results = tuple(
        result or judged[act.id].result(act) for act, result in zip(batch.acts, clear, strict=True)
    )
    arrived = [
        _arrived(act, result, header.first + n, judged[act.id].object_seq if act.id in judged else None)
        for n, (act, result) in enumerate(zip(batch.acts, results, strict=True))
        if result.outcome is not Outcome.DUPLICATE or clear[n] is None
    ]
    inbox.remember(node, header.epoch, arrived)
    if batch.opening is not None:
        quota.count(node, "reconcile", 1, now)
    stream.move(node, outgoing=False, epoch=header.epoch, seq=header.last, chain=header.chain)
    return _keep(home, batch, results, now)


def _arrived(act: Act, result: Result, seq: int, object_seq: int | None) -> inbox.Arrived:
    envelope = act.canonical
    if act.kind == "object":
        envelope = take_out(act.canonical, object_of(act.canonical, act.body["authorship"]))
    return inbox.Arrived(
        act_id=bytes.fromhex(act.id),
        kind=act.kind,
        at_us=microseconds(act.at),
        state=result.outcome.value,
        reason=result.reason.text() if result.reason else None,
        seq=seq,
        envelope=envelope,
        object_seq=object_seq,
    )


def _keep(home: Home, batch: Batch, results: Sequence[Result], now: datetime) -> bytes:
    """Sign the receipt and keep it with the header."""
    header = batch.header
    receipt = dumps(make_receipt(header, results, now, online_key(home)))
    federation.keep_batch(header, dumps(header.value), now, receipt, outgoing=False)
    return receipt


def _differs(batch: Batch, kept: Sequence[stream.KeptBatch], placement: Placement, now: datetime) -> Problem:
    """Keep both batches as evidence, by their signed headers and the ids under them, and suspend the peer.

    Ids are enough: each header signs the root over its ids, and objects that are retracted stay erased (protocol.md 5).
    """
    node = batch.header.sender
    ours: list[Json] = [
        {
            "header": orjson.loads(each.header),
            "ids": [result["id"] for result in orjson.loads(each.receipt or b"{}")["results"]],
        }
        for each in kept
        if each.receipt is not None
    ]
    theirs: Json = {"header": batch.header.value, "ids": list(batch.ids)}
    inbox.keep_evidence(node, placement.rule, dumps({"applied": ours, "refused": theirs}), microseconds(now))
    peer.stop(node, placement.rule, now)
    return Problem(placement.verdict.status, "stream.same-seq-other-content")


def _state(home: Home, node: str, now: datetime) -> dict[str, Json]:
    """Where both streams with a peer stand, signed."""
    return make_state(home.node, node, _incoming(home, node), _outgoing(home, node), now, online_key(home))


def _incoming(home: Home, node: str) -> Position:
    kept = stream.position(node, outgoing=False)
    return Position(kept.epoch, kept.seq, kept.chain) if kept else beginning(node, home.node)


def _outgoing(home: Home, node: str) -> Outgoing:
    kept = stream.position(node, outgoing=True)
    if kept is None:
        return Outgoing(1, 1, beginning(home.node, node).chain, 0)
    return Outgoing(kept.epoch, kept.seq + 1, kept.chain, kept.receipted)
