"""The giver's side of reconciling: what this node holds of the acts of a pair, and a partner's own acts given back (wire.md 6).

Answers `POST reconcile`: comparisons of ranges, and acts of its own that a partner lost. Nothing that was retracted or
erased leaves: of such an act only the id is given. What a partner may ask in an hour is bounded: so many
reconciliations, and all bytes and processor time under its quota; beyond it the answer is 429. The asker's side is
`node/recovery`.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from hilf.canonical import Json, dumps
from hilf.federation.act import read_act
from hilf.federation.batch import Header, give_back, read_header
from hilf.federation.limits import BODY_VALUES, may_travel, most_values
from hilf.federation.reconcile import FAN, Comparison, Ids, bounds, compare, read_comparison
from hilf.federation.recovery import give, give_id, read_want
from hilf.node import door, identity, intake, quota
from hilf.node.home import Home
from hilf.node.quota import Quota
from hilf.seal.http import Request, Response, Verified, check_sender
from hilf.seal.key import PublicKey
from hilf.store.database import transaction
from hilf.store.federation import reconcile as store
from hilf.store.federation import stream
from hilf.store.federation.reconcile import Back

MOST_BYTES: Final = 6 * 2**20
"""Of acts in one answer; at least one act. Answers are never packed, and 8 MiB is the most that is read."""

_FEW: Final = 64
"""So many narrow ranges are looked up by id instead of reading all."""
_NARROW_DIGITS: Final = 3


def answer(home: Home, request: Request, now: datetime, allowed: Quota | None = None) -> Response:
    """The answer to `POST reconcile`. Source: wire.md 6."""
    limits = allowed or Quota()
    return door.answer(home, request, now, lambda who: _answer(home, request, who, now, limits))


def _answer(home: Home, request: Request, who: Verified, now: datetime, allowed: Quota) -> bytes:
    began_s = time.thread_time()
    value = intake.open_body(request.body or b"", who.content_encoding)
    sender = value.get("from") if isinstance(value, dict) else None
    if isinstance(sender, str):
        check_sender(who, sender)
    wants = isinstance(value, dict) and "want" in value
    with transaction():
        door.use_up(who)
        stream.is_there(who.node)
        limits = quota.of(home, who.node, allowed, now)
        if wants:
            quota.check(who.node, limits, now)
            want = read_want(value, who.node, home.node)
            told = given_back(home, who.node, want.ids)
        else:
            question = read_comparison(value, who.node, home.node)
            quota.check(who.node, limits, now)
            if _begins(question):
                quota.check_reconcile(who.node, limits, now)
            told = _compared(home, who.node, question)
        answered = dumps(told)
        quota.count(who.node, "bytes", len(request.body or b"") + len(answered), now)
        quota.count(who.node, "processor", round((time.thread_time() - began_s) * 1000), now)
    return answered


def _begins(question: Comparison) -> bool:
    """Whether the ranges are all ids there are: a reconciliation begins."""
    first = question.ranges[0].prefix
    return len(question.ranges) == FAN ** len(first) and not int(first or "0", 16)


def _compared(home: Home, asker: str, question: Comparison) -> dict[str, Json]:
    outgoing = question.of == home.node
    narrow = all(len(each.prefix) >= _NARROW_DIGITS for each in question.ranges)
    if narrow and len(question.ranges) <= _FEW:
        return compare(question, asker, home.node, lambda prefix: _some(asker, prefix, outgoing=outgoing))
    return compare(question, asker, home.node, Ids(store.ids(asker, outgoing=outgoing)).within)


def _some(asker: str, prefix: str, *, outgoing: bool) -> Sequence[bytes]:
    low, high = bounds(prefix)
    return store.ids_between(asker, low, high, outgoing=outgoing)


@dataclass(slots=True)
class _Proofs:
    """Batches of the asker with their ids, each read once for one answer."""

    asker: str
    me: str
    keys: dict[str, PublicKey]
    headers: dict[int, tuple[Header, tuple[str, ...], Json]]

    def of(self, back: Back) -> tuple[Header, tuple[str, ...], Json] | None:
        """Header, ids and receipt of the batch that brought it; None where there is none any more."""
        kept = stream.batch_with(self.asker, back.epoch, back.seq)
        if kept is None or kept.receipt is None:
            return None
        if kept.number not in self.headers:
            receipt = orjson.loads(kept.receipt)
            ids = tuple(result["id"] for result in receipt["results"])
            header = read_header(orjson.loads(kept.header), self.asker, self.me, self.keys)
            self.headers[kept.number] = header, ids, receipt
        return self.headers[kept.number]


def given_back(home: Home, asker: str, wanted: Sequence[str]) -> dict[str, Json]:
    """The answer to `Want`: acts of the asker as they came, each with its proof; ids where the object may not be given."""
    known = identity.kept(asker)
    ever = {kid: key for document in known.chain for kid, key in document.sign.items()} if known else {}
    proofs = _Proofs(asker, home.node, ever, {})
    held = store.to_give_back(asker, [bytes.fromhex(each) for each in wanted])
    given: list[Json] = []
    gone: list[Json] = []
    size = values = answered = 0
    for act_id in wanted:
        back = held.get(bytes.fromhex(act_id))
        proof = proofs.of(back) if back else None
        if back is not None and proof is not None:
            header, ids, _ = proof
            index = ids.index(act_id)
            # One that a partner nested as deep as a batch may be is too deep for an answer: its id must do.
            canonical = back.canonical if back.canonical and may_travel(back.canonical) else None
            signed = dumps(header.value)
            size += len(canonical or b"") + len(signed) + 2_000
            values += most_values(canonical or b"") + most_values(signed)
            if answered and (size > MOST_BYTES or values > BODY_VALUES):
                break
            if canonical is None:
                gone.append(give_id(header, ids, index))
            else:
                act = read_act(orjson.loads(canonical), asker, home.node)
                given.append(give_back(header, ids, index, act))
        answered += 1
    receipts = [receipt for _, _, receipt in proofs.headers.values()]
    return give(asker, home.node, given, gone, receipts, answered)
