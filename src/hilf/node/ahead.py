"""Objects of a partner's batch are read before its transaction begins: the database has one writer, and reading takes time.

Decides what is worth reading ahead: the objects of a batch that may be new, from a peer that has processor time left in
this hour. What was read is a value and judged later, inside the transaction, by `node/intake`.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from hilf.canonical import dumps
from hilf.federation.act import Act
from hilf.federation.batch import Batch
from hilf.stix.read import Read, read
from hilf.store.federation import stream

Ahead = Mapping[str, Read | None]
"""By act id: what its object is; None where the time was over before it was read."""

NOTHING: Final[Ahead] = {}


def read_ahead(acts: Sequence[Act], now: datetime, budget_s: float) -> Ahead:
    """What the objects of these acts are.

    Args:
        acts: of any kinds.
        now: aware UTC.
        budget_s: processor time for reading them.
    """
    began_s = time.thread_time()
    found: dict[str, Read | None] = {}
    for act in acts:
        if act.kind == "object":
            over = time.thread_time() - began_s > budget_s
            found[act.id] = None if over else read(dumps(act.body["object"]), f"act {act.id}", now)
    return found


def may_be_new(batch: Batch) -> bool:
    """Whether a batch goes beyond what was applied, as far as one look at the position tells; nothing is held for it."""
    here = stream.position(batch.header.sender, outgoing=False)
    return here is None or (batch.header.epoch, batch.header.last) > (here.epoch, here.seq)
