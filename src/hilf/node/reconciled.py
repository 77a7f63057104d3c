"""What `hilf status` says of streams that were reconciled, and of what a partner still holds of ours (protocol.md 4).

Decides which of it is worth a warning. Nothing is changed here; `node/recovery` keeps it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from hilf.node.awaited import Remark
from hilf.store.federation import reconcile as store
from hilf.store.federation.reconcile import KeptReconciliation
from hilf.store.instant import moment

SHOWN: Final = timedelta(days=7)
"""How long a reconciliation is spoken of."""


def remarks(node: str, now: datetime) -> Iterator[Remark]:
    """What is to be said of the last reconciliation of our stream to a peer."""
    last = store.latest(node)
    if last is None:
        return
    if last.ended is None:
        yield Remark(
            "status.reconciling",
            f"Our stream to {node} differs from what it holds; nothing new is sent to it until they are reconciled.",
            f"It happens by itself with the next round; now: hilf sync {node}",
        )
        if last.still_there:
            yield Remark(
                "status.partner-holds",
                f"{node} holds {last.still_there} acts that this node signed and has lost.",
                f"Ask {node} not to wipe or restore its node before they are back: hilf sync {node}",
            )
    elif moment(last.ended) + SHOWN > now:
        yield Remark("status.reconciled", _did(last), f"See what waits for it: hilf peer show {node}")


def _did(last: KeptReconciliation) -> str:
    """What happened, in one sentence or two."""
    when = f"{moment(last.ended or last.begun):%Y-%m-%d %H:%M} UTC"
    said = f"Reconciled with {last.peer} on {when}: {last.taken} acts taken back, {last.again} sent again"
    if last.gone:
        said += f", {last.gone} taken back as ids only, since what they carried was retracted or erased there"
    if last.withdrawn:
        said += f", {last.withdrawn} not sent again, since they may not leave any more"
    if last.unknown:
        said += f". {last.peer} had lost {last.unknown} acts that it had signed for"
    return said + "."
