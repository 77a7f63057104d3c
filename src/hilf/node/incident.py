"""What a restored node says of itself: how it was noticed, what was replayed, taken back and sent again, what is gone.

Decides which of it is worth a warning. Nothing is changed here; `node/restored` and the reconciliation keep it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import orjson

from hilf.canonical import timestamp
from hilf.node.awaited import Remark
from hilf.node.restored import BY_COMMAND, BY_HAND
from hilf.store.federation import restoration
from hilf.store.federation.restoration import KeptRestoration
from hilf.store.instant import moment

_SHOWN: Final = timedelta(days=14)
"""How long after the last pair was settled `hilf status` still speaks of a restoration."""


def remarks(now: datetime) -> Iterator[Remark]:
    """What `hilf status` says of the last restoration."""
    for each in restoration.latest():
        waiting = [pair.peer for pair in each.pairs if pair.done is None]
        ended = max((pair.done for pair in each.pairs if pair.done is not None), default=each.at)
        if waiting:
            yield Remark(
                "status.restored",
                f"{_how(each)} Nothing new is sent to {', '.join(waiting)} until both have compared where they stand.",
                "It happens by itself with the next round; now: hilf sync",
            )
        elif moment(ended) + _SHOWN > now:
            yield Remark(
                "status.was-restored",
                f"{_how(each)} {_did(each)}",
                "Import again what people brought in since the backup; what partners sent has come back.",
            )
        for pair in each.pairs:
            if pair.unknown:
                yield Remark(
                    "status.last-copies-gone",
                    f"Since the restoration, with {pair.peer}: {pair.unknown}.",
                    "Ask the partner what it relied on, and bring it in again from its source.",
                )


def _how(each: KeptRestoration) -> str:
    when = f"{moment(each.at):%Y-%m-%d %H:%M} UTC"
    taken = f" of {moment(each.taken):%Y-%m-%d %H:%M} UTC" if each.taken else ""
    return {
        BY_COMMAND: f"This node was restored on {when} from a backup{taken}; {each.tombstones} tombstones were replayed.",
        BY_HAND: f"On {when} an older database was found in this home; {each.tombstones} tombstones were replayed.",
    }.get(each.cause, f"On {when} a partner showed that this node has lost acts that it had signed.")


def _did(each: KeptRestoration) -> str:
    back, again = sum(p.taken_back for p in each.pairs), sum(p.sent_again for p in each.pairs)
    return f"Partners gave {back} acts back, {again} were sent again."


def document() -> dict[str, object] | None:
    """The last restoration as JSON; None where this node never was restored."""
    for each in restoration.latest():
        return {
            "at": timestamp(moment(each.at)),
            "cause": each.cause,
            "taken": timestamp(moment(each.taken)) if each.taken else None,
            "tombstones": each.tombstones,
            "lacks": orjson.loads(each.detail),
            "peers": [
                {
                    "node": pair.peer,
                    "state": "open" if pair.done is None else "done",
                    "at": timestamp(moment(pair.done)) if pair.done else None,
                    "taken_back": pair.taken_back,
                    "sent_again": pair.sent_again,
                    "unknown": pair.unknown,
                }
                for pair in each.pairs
            ],
        }
    return None
