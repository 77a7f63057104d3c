"""Confirmed: what became of retractions of ours, node by node, as people see it (protocol.md 5).

Decides nothing: who was told and what each node confirmed is kept as it comes; retractions are made in `node/withdrawal`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from hilf.canonical import Json, timestamp
from hilf.errors import CallerFault
from hilf.federation.confirmation import Confirmation, ConfirmationState, read_confirmation
from hilf.node import identity
from hilf.node.home import Home
from hilf.seal import role
from hilf.seal.record import acts_subject
from hilf.store.federation import record
from hilf.store.federation import retraction as store
from hilf.store.federation.retraction import KeptConfirmation, KeptRetraction
from hilf.store.instant import moment


@dataclass(frozen=True, slots=True)
class Told:
    """One node that a retraction went to.

    Attributes:
        state: "open" until it confirms, then hidden, erased or held; "refused" if it says that it has no such thing.
        at: when it said so; when it was told, while open.
        act: what became of the retraction act: waiting, sent, or what the receipt says.
        late: whether the deadline is over and it has not confirmed.
        further: the nodes behind it: `{named, counted}`.
    """

    node: str
    state: str
    at: datetime
    act: str
    late: bool
    further: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A retraction that this node made or passed on.

    Attributes:
        stix_id: the object.
        reason: why.
        at: when.
        deadline: when confirmations are wanted.
        cause: the node whose retraction this passes on; None for our own.
        nodes: whom it went to.
        missing: officers who must still sign for erasure at once; 0 when enough have, None when none has.
    """

    stix_id: str
    reason: str
    at: datetime
    deadline: datetime
    cause: str | None
    nodes: tuple[Told, ...]
    missing: int | None = None


def status(home: Home, stix_id: str, now: datetime) -> tuple[Withdrawn, ...]:
    """Every retraction of an object that this node made or passed on, and what each node says.

    Raises:
        CallerFault: "retract.unknown".
    """
    found = tuple(each for _, each in numbered(home, stix_id, now))
    if not found:
        raise CallerFault(
            "retract.unknown",
            f"This node has retracted nothing of {stix_id[:100]}.",
            "",
            f"Take it back: hilf retract {stix_id[:100]} --reason error",
        )
    return found


def said(kept: KeptConfirmation) -> Confirmation | None:
    """What a node that was told says; None while it has not confirmed."""
    if kept.state == ConfirmationState.OPEN.value:
        return None
    further: Json = orjson.loads(kept.further)
    body: Json = {
        "retraction": kept.act_id.hex(),
        "state": kept.state,
        "at": timestamp(moment(kept.at)),
        "further": further,
    }
    return read_confirmation(body)


def numbered(home: Home, stix_id: str, now: datetime) -> Iterable[tuple[int, Withdrawn]]:
    """Every retraction of an object that this node made or passed on, by its number."""
    needed = identity.own(home).newest.officers_per_act
    for kept in store.about(stix_id):
        if kept.by == home.node:
            told = store.confirmations(kept.number)
            yield (
                kept.number,
                Withdrawn(
                    stix_id,
                    kept.reason,
                    moment(kept.at),
                    moment(kept.deadline or kept.at),
                    _cause(kept),
                    tuple(_told(each, kept, now) for each in told),
                    _missing(told, needed),
                ),
            )


def _cause(kept: KeptRetraction) -> str | None:
    received = store.get(kept.cause) if kept.cause is not None else None
    return received.by if received else None


def _missing(told: Sequence[KeptConfirmation], needed: int) -> int | None:
    signed = [len(record.about(role.RETRACTION, acts_subject([each.act_id.hex()]))) for each in told]
    return max(0, needed - min(signed)) if any(signed) else None


def _told(kept: KeptConfirmation, of: KeptRetraction, now: datetime) -> Told:
    state = "refused" if kept.state == "open" and kept.act_state == "refused" else kept.state
    late = state == "open" and of.deadline is not None and moment(of.deadline) < now
    return Told(kept.node, state, moment(kept.at), kept.act_state, late, orjson.loads(kept.further))
