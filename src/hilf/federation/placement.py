"""Placement: what a receiver does with a proven batch, by where it stands and what it has stored.

    | the batch                                                       | verdict   | answer                         |
    |-----------------------------------------------------------------|-----------|--------------------------------|
    | begins where the position ends, on the same chain               | NEW       | applied, with a new receipt    |
    | lies before the position, same header                           | AGAIN     | the stored receipt             |
    | lies before the position, same ids, other header or boundaries  | REBATCHED | new receipt, stored outcomes   |
    | holds another id at a seq that was applied                      | DIFFERS   | 412, evidence, suspension      |
    | begins before the position and ends behind it                   | STRADDLES | 409 with the signed state      |
    | leaves a gap before it                                          | GAP       | 409                            |
    | follows the position by number but on another chain or epoch    | DIVERGES  | 409                            |

DIFFERS goes before everything else: it is the one verdict that a person must look at (protocol.md 4). A batch of an
epoch that is closed is compared in the same way; what was never applied in it comes too late and DIVERGES, because
the new epoch carries what was still wanted. An epoch that was opened from another state of ours than the one that stands
under its number is another epoch (the sender opened it anew when we, or it, had been restored): it DIVERGES too.

Source: wire.md 4 and 5. The receiver looks up what it stored and keeps the evidence; both are not done here.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from hilf.canonical import Json
from hilf.errors import PartnerFault
from hilf.federation.act import KINDS
from hilf.federation.batch import Batch
from hilf.federation.outcome import Outcome, Result
from hilf.federation.stream import Position


class Verdict(Enum):
    """What to do with a batch; the value is the HTTP status of the answer, and a word."""

    NEW = (200, "new")
    AGAIN = (200, "again")
    REBATCHED = (200, "rebatched")
    STRADDLES = (409, "straddles")
    GAP = (409, "gap")
    DIVERGES = (409, "diverges")
    DIFFERS = (412, "differs")

    @property
    def status(self) -> int:
        """The HTTP status of the answer. Source: wire.md 5."""
        return self.value[0]


@dataclass(frozen=True, slots=True)
class Placement:
    """The verdict, with what it needs.

    Attributes:
        verdict: what to do.
        position: where the receiver stands afterwards (unchanged unless NEW).
        results: the stored outcomes that the new receipt repeats (REBATCHED only).
        receipt: the stored receipt to answer with (AGAIN only).
        rule: the rule that was broken, in the words of the vectors; empty for 200.
    """

    verdict: Verdict
    position: Position
    results: tuple[Result, ...] = ()
    receipt: dict[str, Json] | None = None
    rule: str = ""


_GAP_OR_SEEN: Final = "batch: gap or seen"
_EPOCH: Final = "batch: epoch"
_MOVED: Final = "state: position has moved"
_CHAIN: Final = "batch: chain"


def follow(batch: Batch, position: Position) -> Position:
    """Where the receiver stands after the batch, if the batch is the very next one.

    Raises:
        PartnerFault: `batch: epoch`, `state: position has moved`, `batch: gap or seen`, `batch: chain`.
    """
    rule = _obstacle(batch, position)
    if rule:
        raise PartnerFault(rule)
    return batch.header.end


def _obstacle(batch: Batch, position: Position) -> str:
    header = batch.header
    if batch.opening is not None and header.epoch == position.epoch + 1:
        return "" if batch.opening.incoming == position else _MOVED
    if header.epoch != position.epoch:
        return _EPOCH
    if header.first != position.seq + 1:
        return _GAP_OR_SEEN
    return "" if header.prev_chain == position.chain else _CHAIN


def overlap(batch: Batch, position: Position) -> int:
    """How many of the batch's acts, from the first, lie at or below the position, if the epoch is still open."""
    header = batch.header
    return max(0, min(header.last, position.seq) - header.first + 1) if header.epoch == position.epoch else 0


def place_batch(
    batch: Batch,
    position: Position,
    stored: Sequence[Result],
    receipt: dict[str, Json] | None,
    chain_at: Callable[[int], bytes],
) -> Placement:
    """What the receiver does with a proven batch.

    Args:
        batch: as `read_batch` gave it.
        position: where the receiver stands in the stream of this sender.
        stored: what was stored for the batch's own range of seqs in the batch's own epoch, from `first` on, as far
            as acts were applied: `overlap` results in the open epoch, what there is in a closed one.
        receipt: a receipt stored for the same epoch and first seq, if there is one.
        chain_at: the receiver's own chain after a seq of the batch's epoch; asked for `first - 1` of a batch that was
            applied under other headers, since the new receipt will repeat the chain that the header claims.

    Raises:
        ValueError: `stored` is not as long as the position says.

    Source: wire.md 4.
    """
    header, ids = batch.header, batch.ids
    if stored and batch.opening is not None and header.prev_chain != chain_at(0):
        return Placement(Verdict.DIVERGES, position, rule=_MOVED)
    if header.epoch == position.epoch and len(stored) != overlap(batch, position):
        raise ValueError(f"{len(stored)} stored results where {overlap(batch, position)} acts were applied")
    if any(result.id != act_id for result, act_id in zip(stored, ids, strict=False)):
        return Placement(Verdict.DIFFERS, position, rule="batch: same seq, other content")
    if len(stored) == header.count:
        return _place_seen(batch, position, tuple(stored), receipt, chain_at)
    rule = _obstacle(batch, position)
    if not rule:
        return Placement(Verdict.NEW, header.end)
    if rule != _GAP_OR_SEEN:
        return Placement(Verdict.DIVERGES, position, rule=rule)
    return Placement(Verdict.STRADDLES if stored else Verdict.GAP, position, rule=rule)


def _place_seen(
    batch: Batch,
    position: Position,
    stored: tuple[Result, ...],
    receipt: dict[str, Json] | None,
    chain_at: Callable[[int], bytes],
) -> Placement:
    header = batch.header
    if receipt is not None and receipt["batch"] == header.digest.hex():
        return Placement(Verdict.AGAIN, position, receipt=receipt)
    if header.prev_chain != chain_at(header.first - 1):
        return Placement(Verdict.DIVERGES, position, rule=_CHAIN)
    return Placement(Verdict.REBATCHED, position, results=stored)


def to_judge(
    batch: Batch, received: Container[str], kinds: Container[str] = KINDS
) -> tuple[Result | None, ...]:
    """One entry per act of a NEW batch, in order: None where it must be judged, else the result that is clear already.

    An id is remembered for ever: an act that was received before, or stands earlier in the batch, is a duplicate; a
    kind that this node does not act on is not understood.

    Args:
        batch: the batch.
        received: every act id that was ever received from this sender.
        kinds: the kinds that this node acts on.

    Source: wire.md 3 and 4; protocol.md 3.
    """
    seen: set[str] = set()
    clear: list[Result | None] = []
    for act in batch.acts:
        if act.id in seen or act.id in received:
            clear.append(Result(act.id, Outcome.DUPLICATE))
        else:
            clear.append(None if act.kind in kinds else Result(act.id, Outcome.NOT_UNDERSTOOD))
        seen.add(act.id)
    return tuple(clear)
