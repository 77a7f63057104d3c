"""What a node says to its partners: protocol acts put into the outbox, and batches made of what waits there.

`announce` puts the closed list of acts that carry no content (house.md 3); content enters the outbox through
`node/release` only. `next_batch` gives the next batch of a stream, ready to be sent, and `keep_receipt` takes what the
partner signed for it. The conversation itself is `node/sync`.

Decides when a batch is new and when it is the same again: places and chain are given when it is first sent, and from
then on its bytes never change, except after 413, which halves it (wire.md 4).
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from hilf.canonical import Json, dumps, loads
from hilf.errors import PartnerFault
from hilf.federation.act import Act, make_act, read_act
from hilf.federation.batch import Batch, Header, make_batch, read_header
from hilf.federation.limits import BODY_VALUES, may_travel, most_values
from hilf.federation.outcome import Reason
from hilf.federation.peer import may_exchange_acts
from hilf.federation.receipt import Receipt, read_receipt
from hilf.federation.state import State, read_state
from hilf.federation.stream import Position, beginning
from hilf.node import identity, peer, restored
from hilf.node.home import Home, online_key
from hilf.store.database import transaction
from hilf.store.federation import outbox, stream
from hilf.store.instant import microseconds

PROTOCOL_ACTS: Final = frozenset(
    {"identity", "accord", "ping", "outcome", "retraction", "confirmation", "consent"}
)
"""What may be announced without a release. Source: house.md 3; docs/adr/0014 for consent."""

PURPOSE: Final = "federation"
BATCH_ACTS: Final = 500
"""Acts in a batch. Source: wire.md 5."""
BATCH_BYTES: Final = 7 * 2**20
"""Unpacked; so a batch fits into 8 MiB on the wire even where it cannot be packed. Source: wire.md 5."""
LARGEST_ACT_BYTES: Final = BATCH_BYTES


@dataclass(frozen=True, slots=True)
class ReadyBatch:
    """A batch ready to be sent, for the first time or again; `body` is its canonical form."""

    kept: stream.KeptBatch
    header: Header
    ids: tuple[str, ...]
    body: bytes


def announce(
    home: Home,
    peer: str,
    kind: str,
    body: Mapping[str, Json],
    now: datetime,
    accord: tuple[str, int] | None = None,
) -> Act:
    """Let a protocol act wait for `peer`, in the caller's transaction; returns it.

    Raises:
        ValueError: `kind` is none of PROTOCOL_ACTS.
        PartnerFault: the body is one that a partner would refuse.
    """
    act = prepare(home, peer, kind, body, now, accord)
    let_wait(act)
    return act


def prepare(
    home: Home,
    peer: str,
    kind: str,
    body: Mapping[str, Json],
    now: datetime,
    accord: tuple[str, int] | None = None,
) -> Act:
    """A protocol act that officers sign before it may wait for `peer`.

    Raises:
        ValueError: `kind` is none of PROTOCOL_ACTS.
        PartnerFault: the body is one that a partner would refuse.
    """
    _check_protocol(kind)
    return make_act(kind, home.node, peer, now, secrets.token_hex(16), accord, PURPOSE, {}, body)


def let_wait(act: Act) -> None:
    """Let a protocol act wait for whom it is to, in the caller's transaction.

    Raises:
        ValueError: its kind is none of PROTOCOL_ACTS.
    """
    let_all_wait([act])


def let_all_wait(acts: Iterable[Act]) -> None:
    """Let protocol acts wait, each for whom it is to, in this order, in the caller's transaction.

    Raises:
        ValueError: one is of a kind that is none of PROTOCOL_ACTS.
    """
    waiting: dict[str, list[outbox.Waiting]] = {}
    for act in acts:
        _check_protocol(act.kind)
        each = outbox.Waiting(bytes.fromhex(act.id), act.kind, microseconds(act.at), act.canonical, None)
        waiting.setdefault(act.recipient, []).append(each)
    for node, its in waiting.items():
        outbox.put(node, its, None)


def _check_protocol(kind: str) -> None:
    if kind not in PROTOCOL_ACTS:
        raise ValueError(f"{kind} goes through node/release")


class Moved(Exception):
    """The stream is not where the caller saw it: another process of ours moved it on, or an older database was put back."""


def next_batch(home: Home, node: str, seq: int, now: datetime, epoch: int | None = None) -> ReadyBatch | None:
    """The batch that begins at `seq`: the same again where it was sent, else a new one out of what waits.

    After a restoration nothing new gets a place until both have compared where they stand (`node/restored`).

    Raises:
        Moved: `epoch` is not the present one any more, or `seq` lies behind the next place.
    """
    with transaction():
        if not may_exchange_acts(peer.state_of(node)):
            return None
        here = stream.begin(node, outgoing=True, chain=beginning(home.node, node).chain)
        if epoch not in (None, here.epoch) or seq > here.seq + 1:
            raise Moved
        if seq > here.seq:
            return None if restored.is_open(node) else _stamp(home, node, here, now)
        kept = stream.batch_from(node, here.epoch, seq)
        if kept is None:
            raise PartnerFault("stream: differs", f"it stands inside of a batch, at {seq - 1}")
        return _again(home, node, kept, now)


def _again(home: Home, node: str, kept: stream.KeptBatch, now: datetime) -> ReadyBatch:
    acts = outbox.sent(node, kept.epoch, kept.first, kept.last)
    texts = [act.canonical for act in acts if act.canonical is not None]
    if len(texts) != kept.last - kept.first + 1:
        raise PartnerFault("stream: sent and erased", f"{node} {kept.epoch}/{kept.first}")
    known, value = identity.own(home), loads(kept.header)
    ever = {
        kid: key for document in known.chain for kid, key in document.sign.items()
    }  # also revoked: it is our own
    header = read_header(value, home.node, node, ever)
    if header.value["kid"] not in known.keys_now():
        return _sign_again(home, node, kept, header, texts, now)
    return ReadyBatch(kept, header, tuple(act.act_id.hex() for act in acts), _body(texts, kept.header))


def _sign_again(
    home: Home, node: str, kept: stream.KeptBatch, old: Header, texts: Sequence[bytes], now: datetime
) -> ReadyBatch:
    """The same acts at the same places under a new header: the key of the old one may sign nothing any more."""
    acts = [read_act(orjson.loads(text), home.node, node) for text in texts]
    batch = _made(home, acts, Position(old.epoch, old.first - 1, old.prev_chain), _opening(home, old), now)
    stream.forget_batch(kept.number)
    signed = dumps(batch.header.value)
    return ReadyBatch(keep_batch(batch.header, signed, now), batch.header, batch.ids, _body(texts, signed))


_Opening = tuple[State, tuple[str, ...]]


def _opening(home: Home, header: Header) -> _Opening | None:
    """What a header says of the epoch that it opened; None where it opened none."""
    if "opened_by" not in header.value:
        return None
    return _read_opening(home, header.recipient, header.value["opened_by"], header.withdrawn)


def _read_opening(home: Home, node: str, value: Json, withdrawn: Sequence[str]) -> _Opening:
    """The state that an epoch of ours was opened from: judged when it came, whatever became of its key since."""
    known = identity.kept(node)
    keys = {kid: key for document in known.chain for kid, key in document.sign.items()} if known else {}
    return read_state(value, node, home.node, keys), tuple(withdrawn)


def _made(home: Home, acts: Sequence[Act], after: Position, opening: _Opening | None, now: datetime) -> Batch:
    if opening is None or after.seq:
        return make_batch(acts, after, now, online_key(home))
    state, withdrawn = opening
    ids = {act.id for act in acts}
    left = [each for each in withdrawn if each not in ids]
    return make_batch(acts, Position(after.epoch - 1, 0, b""), now, online_key(home), state, left)


def _body(acts: Sequence[bytes], header: bytes) -> bytes:
    """The canonical batch, out of canonical parts."""
    return b'{"acts":[' + b",".join(acts) + b'],"header":' + header + b"}"


def _stamp(home: Home, node: str, here: stream.KeptStream, now: datetime) -> ReadyBatch | None:
    """Give places to the next acts that wait, sign for them and keep the header: they are about to be sent."""
    chosen = _choose(node)
    if not chosen:
        return None
    acts = [read_act(orjson.loads(text), home.node, node) for _, text in chosen]
    opening: _Opening | None = None
    if here.seq == 0 and here.opening is not None:
        opening = _read_opening(home, node, orjson.loads(here.opening), orjson.loads(here.withdrawn or "[]"))
    batch = _made(home, acts, Position(here.epoch, here.seq, here.chain), opening, now)
    header, signed = batch.header, dumps(batch.header.value)
    outbox.stamp(header.epoch, header.first, (waiting.pos for waiting, _ in chosen))
    stream.move(node, outgoing=True, epoch=header.epoch, seq=header.last, chain=header.chain)
    kept = keep_batch(header, signed, now)
    return ReadyBatch(kept, header, batch.ids, _body([text for _, text in chosen], signed))


def keep_batch(
    header: Header, signed: bytes, at: datetime, receipt: bytes | None = None, *, outgoing: bool = True
) -> stream.KeptBatch:
    """Keep a batch's header, and the receipt that we gave for it or will get, in the caller's transaction.

    Args:
        header: of the batch.
        signed: its canonical form.
        at: aware.
        receipt: canonical; None while there is none.
        outgoing: whether we sent the batch.
    """
    return stream.keep_batch(
        header.recipient if outgoing else header.sender,
        outgoing=outgoing,
        epoch=header.epoch,
        first=header.first,
        last=header.last,
        header=signed,
        receipt=receipt,
        at_us=microseconds(at),
    )


def _choose(node: str) -> list[tuple[outbox.Outgoing, bytes]]:
    """The next acts that may leave, as many as one batch holds; what cannot leave any more is dropped on the way."""
    while True:
        chosen: list[tuple[outbox.Outgoing, bytes]] = []
        size = values = 0
        waiting = outbox.unsent(node, BATCH_ACTS)
        for each in waiting:
            if each.canonical is None:
                stream.drop_unsent(node, Reason("object.withdrawn").text(), [each.act_id])
                continue
            fault = _unfit(each.canonical)
            if fault:
                stream.drop_unsent(node, Reason(fault).text(), [each.act_id])
                continue
            size, values = size + len(each.canonical), values + most_values(each.canonical)
            if chosen and (size > BATCH_BYTES or values > BODY_VALUES):
                break
            chosen.append((each, each.canonical))
        if chosen or not waiting:
            return chosen


def _unfit(act: bytes) -> str | None:
    """Why an act fits into no batch that a partner could read, however alone it goes; None where it does."""
    if len(act) > LARGEST_ACT_BYTES:
        return "act.too-large"
    return None if may_travel(act) else "act.too-nested"


def keep_receipt(node: str, ready: ReadyBatch, document: Json, body: bytes, now: datetime) -> Receipt:
    """Verify the receipt and keep it with what it says of each act.

    Raises:
        PartnerFault: "receipt: …"
    """
    receipt = read_receipt(document, ready.header, ready.ids, peer.keys(node, now))
    results = [
        stream.Received(
            bytes.fromhex(result.id),
            result.outcome.value,
            result.reason.text() if result.reason else None,
        )
        for result in receipt.results
    ]
    with transaction():
        stream.keep_receipt(node, ready.kept, body, results, microseconds(now))
    return receipt


def halve(home: Home, node: str, ready: ReadyBatch, now: datetime) -> None:
    """Cut a batch that was too large for the partner in two; the only time that boundaries change (wire.md 4)."""
    with transaction():
        sent = outbox.sent(node, ready.kept.epoch, ready.kept.first, ready.kept.last)
        acts = [read_act(orjson.loads(each.canonical or b""), home.node, node) for each in sent]
        after = Position(ready.header.epoch, ready.header.first - 1, ready.header.prev_chain)
        stream.forget_batch(ready.kept.number)
        opening = _opening(home, ready.header)
        for part in (acts[: len(acts) // 2], acts[len(acts) // 2 :]):
            batch = _made(home, part, after, opening, now)
            keep_batch(batch.header, dumps(batch.header.value), now)
            after = batch.header.end
