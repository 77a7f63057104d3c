"""Rounds with partners: what is new of them is taken, both compare where the stream stands, what waits is sent.

One round per peer (protocol.md 4): newer identity documents, the signed state, then batch by batch, each with its
receipt. What goes wrong is noted on the peer's row with the time of the next try; pauses grow, for ever. Streams that
differ, because one side was restored, are reconciled first (`node/recovery`).
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

import orjson

from hilf.accord.placing import ObjectState
from hilf.errors import PartnerFault, Refusal
from hilf.federation.outcome import Outcome
from hilf.federation.peer import may_exchange_acts
from hilf.federation.recovery import goes_on
from hilf.federation.state import Outgoing, Resumption, Standing, State, read_state, resume
from hilf.federation.stream import Position, beginning, chain_over, read_position
from hilf.node import federation, identity, introduction, peer, recovery, restored
from hilf.node import fork as fork_file
from hilf.node.home import Home
from hilf.node.partner import OK, Answer, Partner
from hilf.node.recovery import Later, Recovered
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
    """What one round with a peer did; `error` is a code, None when all went well.

    `recovered` is what reconciling did, where the streams differed.
    """

    node: str
    sent: int
    received: int
    refused: int
    receipts: int
    seconds: float
    error: str | None
    detail: str = ""
    recovered: Recovered | None = None


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


def try_now(home: Home, node: str) -> None:  # noqa: ARG001  # every verb takes its home
    """Let the worker try a peer at once, however long it was to wait after failures.

    Raises:
        Refusal: "peer.unknown".
    """
    peer.check_known(node)
    with transaction():
        stream.is_there(node)


@dataclass(slots=True)
class Tally:
    """What was done so far in a conversation."""

    sent: int = 0
    refused: int = 0
    receipts: int = 0
    recovered: Recovered | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    epoch: int
    seq: int


def _one_round(
    home: Home,
    node: str,
    now: Callable[[], datetime],
    progress: Progress | None,
    patience: Patience | None,
    first_pause_s: float,
) -> Round:
    started, tally, before = monotonic(), Tally(), _received(node)
    code: str | None = None
    detail, wait_s = "", 0.0
    try:
        _meet(home, node, now, tally, progress, patience)
    except Later as later:
        code, detail, wait_s = later.code, f"it goes on in {later.seconds:.0f} s", later.seconds
    except (PartnerFault, Refusal) as fault:
        code, detail, wait_s = fault.code, fault.what, _pause_s(node, first_pause_s)
    seconds = monotonic() - started
    with transaction():
        if code is None:
            stream.went_well(node)
        else:
            stream.went_wrong(node, code, microseconds(now() + timedelta(seconds=wait_s)))
    received = max(0, _received(node) - before)
    return Round(
        node, tally.sent, received, tally.refused, tally.receipts, seconds, code, detail, tally.recovered
    )


def _pause_s(node: str, first_s: float) -> float:
    """How long to wait after another failure: growing, with jitter so that nodes do not call in step, for ever."""
    kept = peers.get(node)
    longest = min(_LONGEST_PAUSE_S, first_s * 2.0 ** min(kept.failures if kept else 0, 20))
    return longest * (0.5 + secrets.randbelow(1000) / 1000)


def _received(node: str) -> int:
    kept = stream.position(node, outgoing=False)
    return kept.seq if kept else 0


def _meet(
    home: Home,
    node: str,
    now: Callable[[], datetime],
    tally: Tally,
    progress: Progress | None,
    patience: Patience | None,
) -> None:
    """The round itself."""
    known = identity.kept(node)
    if known is None:
        raise PartnerFault("identity: none", node)
    with Partner(home, known, now, patience) as partner:
        card = partner.card()
        with transaction():
            fork = peer.note_fork(card, now())
            if fork is None and peer.refresh(home, node, card, now()):
                introduction.tell_again(home, node, now())
        if fork is not None:
            raise fork_file.refusal(fork)
    known = identity.kept(node) or known
    with Partner(home, known, now, patience) as partner:
        converse(home, partner, now, tally, progress)


def converse(
    home: Home,
    partner: Partner,
    now: Callable[[], datetime],
    tally: Tally,
    progress: Progress | None = None,
) -> None:
    """Compare where our stream to a partner stands, reconcile if it differs, and send what waits; own transactions.

    Raises:
        Later: the partner asks to wait, or was reconciled too often in this hour.
        PartnerFault: anything else that it answers.
    """
    following, tries = _begin(home, partner, now, tally), 0
    while True:
        try:
            ready = federation.next_batch(home, partner.node, following.seq, now(), following.epoch)
        except federation.Moved:
            following = _begin(home, partner, now, tally)
            continue
        if ready is None:
            return
        answer = partner.ask("POST", "acts", ready.body)
        if answer.retry_after_s:
            raise Later("answer.later", answer.retry_after_s)
        if answer.status == OK:
            receipt = federation.keep_receipt(partner.node, ready, answer.document, answer.body, now())
            tally.sent += len(ready.ids)
            tally.receipts += 1
            tally.refused += sum(result.outcome is Outcome.REFUSED for result in receipt.results)
            following = _Place(ready.kept.epoch, ready.kept.last + 1)
            if progress:
                progress(partner.node, tally.sent)
        elif answer.status == _TOO_LARGE and len(ready.ids) > 1:
            federation.halve(home, partner.node, ready, now())
        elif (
            answer.status == _DIFFERS and tries < _TRIES_AFTER_409
        ):  # another process of ours may have sent meanwhile
            tries += 1
            following = _begin(home, partner, now, tally)
        else:
            raise _refused(answer)


def _begin(home: Home, partner: Partner, now: Callable[[], datetime], tally: Tally) -> _Place:
    """Where to go on, by the state that the partner signs; streams that differ are reconciled first.

    Raises:
        Later: the partner asks to wait, or was reconciled too often.
        PartnerFault: "state: …", "stream: differs" where it moves on and on.
    """
    for _ in range(_TRIES_AFTER_409):
        answer = partner.ask("GET", "state")
        if answer.retry_after_s:
            raise Later("answer.later", answer.retry_after_s)
        if answer.status != OK:
            raise _refused(answer)
        state = read_state(answer.document, partner.node, home.node, peer.keys(partner.node, now()))
        found, epoch = _compare(home, partner.node, state)
        if _goes_on(partner.node, found, epoch):
            with transaction():
                if found.restored:
                    kept = stream.position(partner.node, outgoing=True)
                    lost = kept.receipted - found.applied if kept else 0
                    tally.recovered = recovery.resume(home, partner.node, state, lost, now())
                restored.settled(partner.node, now())
            return _Place(epoch, found.seq)
        recovered = recovery.recover(home, partner, state, now)
        if recovered is not None:
            tally.recovered = recovered
    raise PartnerFault("stream: differs", f"{partner.node} moves while it is compared")


def _refused(answer: Answer) -> PartnerFault:
    meanings = {
        401: "answer: signature refused",
        403: "answer: not verified or suspended there",
        _DIFFERS: "stream: differs",
        _OTHER_CONTENT: "stream: same seq, other content",
        _TOO_LARGE: "answer: act too large",
    }
    return PartnerFault(meanings.get(answer.status, f"answer: {answer.status}"), answer.code)


def _goes_on(node: str, found: Resumption, epoch: int) -> bool:
    kept = stream.position(node, outgoing=True)
    sent = kept is not None and found.seq <= kept.seq
    if not sent or found.standing is not Standing.RESUME:
        return goes_on(found, sent=sent, cut=True, erased=False, retracted=False)
    return goes_on(
        found,
        sent=True,
        cut=stream.batch_from(node, epoch, found.seq) is not None and not _straddles(node, found, epoch),
        erased=stream.unsendable(node, epoch, found.seq, int(ObjectState.ERASED)) > 0,
        retracted=stream.unsendable(node, epoch, found.seq, int(ObjectState.HIDDEN)) > 0,
        restored=restored.is_open(node),
    )


def _straddles(node: str, found: Resumption, epoch: int) -> bool:
    there = stream.batches(node, outgoing=True, epoch=epoch, first=found.applied, last=found.applied)
    return any(found.seq <= batch.first and found.applied < batch.last for batch in there)


def _compare(home: Home, node: str, state: State) -> tuple[Resumption, int]:
    """What the partner's signed state means for our stream, and our epoch."""
    start = beginning(home.node, node)
    kept = stream.position(node, outgoing=True)
    ours = kept or stream.KeptStream(start.epoch, start.seq, start.chain, 0)
    out = Outgoing(ours.epoch, ours.seq + 1, ours.chain, ours.receipted)
    opened_from = None
    if ours.opening is not None:
        opened_from = read_position(orjson.loads(ours.opening)["in"], "state: in")
    return resume(state, out, lambda seq: _chain_at(node, ours, start, seq), opened_from), ours.epoch


def _chain_at(node: str, ours: stream.KeptStream, start: Position, seq: int) -> bytes:
    """Our chain after a seq of the current epoch."""
    if seq == ours.seq:
        return ours.chain
    if seq == 0 and ours.epoch == start.epoch:
        return start.chain
    found = stream.batches(node, outgoing=True, epoch=ours.epoch, first=seq + 1, last=seq + 1)
    if not found:
        return b""  # a place that no batch of ours has any more
    kept = found[-1]
    header = orjson.loads(kept.header)
    ids = stream.sent_ids(node, ours.epoch, kept.first, seq)
    return chain_over(bytes.fromhex(header["prev_chain"]), (act_id.hex() for act_id in ids))
