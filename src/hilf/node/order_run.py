"""Runs of standing orders: what goes by itself, and what waits for a person (accord.md 4).

Decides what a run sends: what a release of the same selection would send at once, and nothing that a person must look at.
What needs an approval or is on a warning list waits, and so does what joins or defines it. A run that was missed is made up
once. Who may give an order and what kills it is `node/order`; `node/release` queues what a run gives.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson

from hilf.accord.order import Addressed, Order, next_run, read_order
from hilf.canonical import Json, timestamp
from hilf.errors import HilfError
from hilf.node import order, release
from hilf.node.home import Home
from hilf.node.preview import Preview, Weighed, Weighing
from hilf.store.database import transaction
from hilf.store.instant import microseconds, moment
from hilf.store.release import order as store
from hilf.store.release.order import DIED, KeptOrder


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a run would do for one recipient.

    Attributes:
        preview: as of any release.
        goes: what an order sends.
        approvals: what waits because it needs an approval, or joins or defines what does.
        warned: what waits because it is on a warning list, or joins or defines what is.
    """

    preview: Preview
    goes: tuple[Weighed, ...]
    approvals: tuple[Weighed, ...]
    warned: tuple[Weighed, ...]


def preview(home: Home, order_id: str, now: datetime) -> tuple[Sorted, ...]:
    """What a run would do now, for each recipient; nothing is written.

    Raises:
        CallerFault: "order.unknown".
    """
    given = read_order(order.known(order_id).document)
    return tuple(_weighed(home, given, each, now) for each in given.to)


def run_due(home: Home, now: datetime) -> int:
    """Carry out the orders that are due, each once however long it waited; acts queued. Own transactions."""
    return sum(_run(home, kept, now) for kept in store.due(microseconds(now)))


def _run(home: Home, kept: KeptOrder, now: datetime) -> int:
    given = read_order(kept.document)
    with transaction():
        due = moment(kept.next_run or microseconds(now))
        if not store.claim(kept, microseconds(next_run(given, due, now))):
            return 0
        killed = order.why_dead(home, kept, now)
        if killed is not None:
            store.settle(kept.order_id, DIED, killed)
            return 0
    nodes: dict[str, Json] = {}
    queued = 0
    for addressed in given.to:
        try:
            count, nodes[addressed.node] = _send(home, given, addressed, now)
            queued += count
        except HilfError as error:
            nodes[addressed.node] = {"error": error.code}
    with transaction():
        store.put_last(kept.order_id, orjson.dumps({"at": timestamp(now), "nodes": nodes}).decode())
    return queued


def _send(home: Home, given: Order, addressed: Addressed, now: datetime) -> tuple[int, Json]:
    """Queue for one recipient what may go without a person; how many acts, and what was done. Own transactions."""
    weighing = Weighing(home, addressed.node, addressed.purpose, now)
    found = sorted_out(weighing.preview(given.selection))
    released = release.send_part(
        home, weighing, found.preview, now, given.id, lambda shown: sorted_out(shown).goes
    )
    return released.queued, {
        "queued": released.queued,
        "release": released.release or None,
        "approvals": [each.kept.stix_id for each in found.approvals[: order.NAMED]],
        "warned": [each.kept.stix_id for each in found.warned[: order.NAMED]],
        "withheld": len(found.preview.withheld),
    }


def _weighed(home: Home, given: Order, addressed: Addressed, now: datetime) -> Sorted:
    return sorted_out(Weighing(home, addressed.node, addressed.purpose, now).preview(given.selection))


def sorted_out(found: Preview) -> Sorted:
    """What of a preview an order sends, and what waits for a person.

    What joins something that waits waits too, and so does the definition of a marking that nothing which goes carries.
    """
    warned = {each.kept.stix_id for each in found.allowed if each.hits}
    approvals = {each.kept.stix_id for each in found.allowed if each.decision.needs_approvals} - warned
    for waiting in (warned, approvals):
        _spread(found.allowed, waiting, warned | approvals)
    goes = [each for each in found.allowed if each.kept.stix_id not in warned | approvals]
    carried = {mark for each in goes for mark in each.marks}
    idle = {
        each.kept.stix_id
        for each in goes
        if each.kept.type == "marking-definition" and each.kept.stix_id not in carried
    }
    return Sorted(
        found,
        tuple(each for each in goes if each.kept.stix_id not in idle),
        tuple(each for each in found.allowed if each.kept.stix_id in approvals | idle),
        tuple(each for each in found.allowed if each.kept.stix_id in warned),
    )


def _spread(allowed: Iterable[Weighed], waiting: set[str], taken: set[str]) -> None:
    """Let everything wait that joins what waits, over any number of joints."""
    relations = [each for each in allowed if each.kept.ends]
    grew = True
    while grew:
        new = {
            each.kept.stix_id
            for each in relations
            if each.kept.stix_id not in taken and not waiting.isdisjoint(each.kept.ends)
        }
        waiting |= new
        taken |= new
        grew = bool(new)
