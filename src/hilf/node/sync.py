"""Rounds with partners: what is new of them is taken, both compare where the stream stands, what waits is sent.

One round per peer (protocol.md 4): newer identity documents, the signed state, then batch by batch, each with its
receipt. What goes wrong is noted on the peer's row with the time of the next try; pauses grow, for ever. Streams that
differ are said to differ; reconciling them (wire.md 6) is not done here.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

import orjson

from hilf.canonical import Json
from hilf.errors import HilfError, PartnerFault, Refusal
from hilf.federation.outcome import Outcome
from hilf.federation.peer import may_exchange_acts
from hilf.federation.state import Outgoing, Standing, read_state, resume
from hilf.federation.stream import Position, beginning, chain_over
from hilf.node import federation, identity, peer
from hilf.node.home import Home
from hilf.node.partner import OK, Answer, Partner
from hilf.store.database import transaction
from hilf.store.federation import peer as peers
from hilf.store.federation import stream
from hilf.store.instant import microseconds
from hilf.wire.https import Patience

_TOO_LARGE, _DIFFERS, _OTHER_CONTENT = 413, 409, 412
_LONGEST_PAUSE_S: Final = 3600.0
FIRST_PAUSE_S: Final = 5.0
_TRIES_AFTER_409: Final = 3

Progress = Callable[[str, int], None]
"""(node, acts sent so far) while a round goes on."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round with a peer did; `error` is a code, None when all went well."""

    node: str
    sent: int
    received: int
    refused: int
    receipts: int
    seconds: float
    error: str | None
    detail: str = ""


def sync(
    home: Home,
    nodes: Sequence[str] | None,
    now: Callable[[], datetime],
    progress: Progress | None = None,
    patience: Patience | None = None,
    first_pause_s: float = FIRST_PAUSE_S,
) -> tuple[Round, ...]:
    """One round with each of these peers, or with all verified ones; own transactions.

    What goes wrong with a peer is noted on its row and in its Round, and the next one follows.

    Args:
        home: of this node.
        nodes: names of peers; None for all that are verified.
        now: the clock.
        progress: told while a round goes on.
        patience: how long to wait for partners.
        first_pause_s: after one failure; doubled with each further one in a row, up to an hour.

    Raises:
        Refusal: "sync.not-verified": a named peer is not verified.
        OperatorFault: our own surroundings fail.
    """
    named = peer.verified(home) if nodes is None else tuple(nodes)
    for node in named:
        if not may_exchange_acts(peer.state_of(node)):
            raise Refusal(
                "sync.not-verified",
                f"{node} is {peer.state_of(node)}, so nothing is sent to it.",
                "Two nodes exchange nothing but identity documents until people have verified each other.",
                "See which peers there are, and who verified them: hilf peer list",
            )
    return tuple(_one_round(home, node, now, progress, patience, first_pause_s) for node in named)


@dataclass(slots=True)
class _Tally:
    sent: int = 0
    refused: int = 0
    receipts: int = 0


def _one_round(
    home: Home,
    node: str,
    now: Callable[[], datetime],
    progress: Progress | None,
    patience: Patience | None,
    first_pause_s: float,
) -> Round:
    started, tally, before = monotonic(), _Tally(), _received(node)
    error: HilfError | None = None
    pause_s: float | None = None
    try:
        pause_s = _converse(home, node, now, tally, progress, patience)
    except (PartnerFault, Refusal) as fault:
        error = fault
    seconds = monotonic() - started
    code = error.code if error else ("answer.later" if pause_s else None)
    with transaction():
        if code is None:
            stream.went_well(node)
        else:
            wait_s = pause_s or _pause_s(node, first_pause_s)
            stream.went_wrong(node, code, microseconds(now() + timedelta(seconds=wait_s)))
    received = _received(node) - before
    detail = error.what if error else (f"it asks us to wait {pause_s:.0f} s" if pause_s else "")
    return Round(node, tally.sent, received, tally.refused, tally.receipts, seconds, code, detail)


def _pause_s(node: str, first_s: float) -> float:
    """How long to wait after another failure: growing, with jitter so that nodes do not call in step, for ever."""
    kept = peers.get(node)
    longest = min(_LONGEST_PAUSE_S, first_s * 2.0 ** min(kept.failures if kept else 0, 20))
    return longest * (0.5 + secrets.randbelow(1000) / 1000)


def _received(node: str) -> int:
    kept = stream.position(node, outgoing=False)
    return kept.seq if kept else 0


def _converse(
    home: Home,
    node: str,
    now: Callable[[], datetime],
    tally: _Tally,
    progress: Progress | None,
    patience: Patience | None,
) -> float | None:
    """The round itself; how long the partner asks us to wait, if it does."""
    known = identity.kept(node)
    if known is None:
        raise PartnerFault("identity: none", node)
    with Partner(home, known, now, patience) as partner:
        card = partner.card()
        with transaction():
            peer.refresh(home, node, card, now())
    known = identity.kept(node) or known
    with Partner(home, known, now, patience) as partner:
        return _send_all(home, partner, now, tally, progress)


def _send_all(
    home: Home, partner: Partner, now: Callable[[], datetime], tally: _Tally, progress: Progress | None
) -> float | None:
    answer = partner.ask("GET", "state")
    if answer.retry_after_s:
        return answer.retry_after_s
    if answer.status != OK:
        raise _refused(answer)
    following, tries = _compare(home, partner.node, answer.document, now()), 0
    while (ready := federation.next_batch(home, partner.node, following, now())) is not None:
        answer = partner.ask("POST", "acts", ready.body)
        if answer.retry_after_s:
            return answer.retry_after_s
        if answer.status == OK:
            receipt = federation.keep_receipt(partner.node, ready, answer.document, answer.body, now())
            tally.sent += len(ready.ids)
            tally.receipts += 1
            tally.refused += sum(result.outcome is Outcome.REFUSED for result in receipt.results)
            following = ready.kept.last + 1
            if progress:
                progress(partner.node, tally.sent)
        elif answer.status == _TOO_LARGE and len(ready.ids) > 1:
            federation.halve(home, partner.node, ready, now())
        elif (
            answer.status == _DIFFERS and tries < _TRIES_AFTER_409
        ):  # another process of ours may have sent meanwhile
            tries += 1
            told = answer.document.get("state") if isinstance(answer.document, dict) else None
            following = _compare(home, partner.node, told, now())
        else:
            raise _refused(answer)
    return None


def _refused(answer: Answer) -> PartnerFault:
    meanings = {
        401: "answer: signature refused",
        403: "answer: not verified or suspended there",
        _DIFFERS: "stream: differs",
        _OTHER_CONTENT: "stream: same seq, other content",
        _TOO_LARGE: "answer: act too large",
    }
    return PartnerFault(meanings.get(answer.status, f"answer: {answer.status}"), answer.code)


def _compare(home: Home, node: str, told: Json, now: datetime) -> int:
    """Where to go on, by the state that the partner signed.

    Raises:
        PartnerFault: "state: …" or "stream: differs".
    """
    state = read_state(told, node, home.node, peer.keys(node, now))
    start = beginning(home.node, node)
    kept = stream.position(node, outgoing=True)
    ours = kept or stream.KeptStream(start.epoch, start.seq, start.chain, 0)
    out = Outgoing(ours.epoch, ours.seq + 1, ours.chain, ours.receipted)
    found = resume(state, out, lambda seq: _chain_at(node, ours, start, seq))
    if found.standing is Standing.DIFFERS:
        raise PartnerFault("stream: differs", f"it stands at {state.incoming.epoch}/{state.incoming.seq}")
    return found.seq


def _chain_at(node: str, ours: stream.KeptStream, start: Position, seq: int) -> bytes:
    """Our chain after a seq of the current epoch."""
    if seq == ours.seq:
        return ours.chain
    if seq == 0 and ours.epoch == start.epoch:
        return start.chain
    kept = stream.batches(node, outgoing=True, epoch=ours.epoch, first=seq + 1, last=seq + 1)[-1]
    header = orjson.loads(kept.header)
    ids = stream.sent_ids(node, ours.epoch, kept.first, seq)
    return chain_over(bytes.fromhex(header["prev_chain"]), (act_id.hex() for act_id in ids))
