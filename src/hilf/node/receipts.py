"""Receipts that we hold: what each partner signed for, batch by batch (wire.md 4).

Decides nothing: each was verified when it came (`node/federation.keep_receipt`).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from hilf.node import peer
from hilf.node.home import Home
from hilf.store.federation import stream

HELD: Final = "held"


@dataclass(frozen=True, slots=True)
class Signed:
    """One receipt of one partner.

    Attributes:
        first, last: places of the acts in our stream to it.
        at: when it signed, as it wrote it.
        outcomes: how many acts became what.
        since: what became of those that it called held, as far as the partner told since.
        batch: H of the header that it stands for, in hex.
        kid: the key that signed.
    """

    peer: str
    epoch: int
    first: int
    last: int
    at: str
    outcomes: Mapping[str, int]
    batch: str
    kid: str
    since: Mapping[str, int]
    number: int = 0


def held(
    home: Home,  # noqa: ARG001  # every verb takes its home
    node: str | None = None,
    most: int = 1000,
    before: int | None = None,
) -> tuple[Signed, ...]:
    """The receipts of one partner or of all, newest first, at most `most`, older than the one with number `before`.

    Raises:
        Refusal: "peer.unknown".
    """
    if node is not None:
        peer.check_known(node)
    return tuple(_signed(kept) for kept in stream.receipts(node, most, before))


def _signed(kept: stream.KeptReceipt) -> Signed:
    receipt = orjson.loads(kept.receipt)
    held_ids = [bytes.fromhex(result["id"]) for result in receipt["results"] if result["outcome"] == HELD]
    states = stream.states(held_ids)
    outcomes = dict(Counter(result["outcome"] for result in receipt["results"]))
    return Signed(
        kept.peer,
        kept.epoch,
        kept.first,
        kept.last,
        receipt["at"],
        outcomes,
        receipt["batch"],
        receipt["kid"],
        dict(Counter(states.get(act_id, HELD) for act_id in held_ids if states.get(act_id, HELD) != HELD)),
        kept.number,
    )
