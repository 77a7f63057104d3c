"""Runs of standing orders: what goes by itself, and what waits for a person (accord.md 4).

Decides what a run sends: what a release of the same selection would send at once, and nothing that a person must look at.
What needs an approval or is on a warning list waits, and so does what joins or defines it. A run that was missed is made up
once. Who may give an order and what kills it is `node/order`; `node/release` queues what a run gives.
"""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

import orjson

from hilf.accord.order import Addressed, Order, next_run, read_order
from hilf.canonical import Json, timestamp
from hilf.errors import HilfError
from hilf.node import order, release
from hilf.node.chosen import Chosen
from hilf.node.home import Home
from hilf.node.preview import Preview, Weighing
from hilf.node.showing import Part
from hilf.node.together import ends
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
    goes: Part
    approvals: Part
    warned: Part


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
    warned = _rows(found.allowed, Chosen.is_heard)
    approvals = _rows(
        found.allowed, lambda chosen, row: chosen.needs_approval(row) and row not in warned[chosen]
    )
    for waiting, other in ((warned, approvals), (approvals, warned)):
        for chosen in waiting:
            _spread(chosen, waiting[chosen], other[chosen])
    idle = _idle(
        found.allowed.only(lambda chosen, row: row not in warned[chosen] and row not in approvals[chosen])
    )
    return Sorted(
        found,
        found.allowed.only(
            lambda chosen, row: not any(row in each[chosen] for each in (warned, approvals, idle))
        ),
        found.allowed.only(lambda chosen, row: any(row in each[chosen] for each in (approvals, idle))),
        found.allowed.only(lambda chosen, row: row in warned[chosen]),
    )


def _rows(part: Part, test: Callable[[Chosen, int], bool]) -> "defaultdict[Chosen, set[int]]":
    """The rows of a part that pass a test, by choice."""
    found: defaultdict[Chosen, set[int]] = defaultdict(set)
    for chosen, rows in part.runs:
        found[chosen].update(row for row in rows if test(chosen, row))
    return found


def _spread(chosen: Chosen, waiting: set[int], other: Collection[int]) -> None:
    """Let everything wait that joins what waits, over any number of joints."""
    if not waiting:
        return
    grew = True
    while grew:
        new = {
            row
            for number, row in enumerate(chosen.sheet.relations)
            if row not in waiting
            and row not in other
            and chosen.leaves(row)
            and any(chosen.of_end(end) in waiting for _, end in ends(chosen, number))
        }
        waiting |= new
        grew = bool(new)


def _idle(going: Part) -> "defaultdict[Chosen, set[int]]":
    """The definitions among what goes that define nothing which goes."""
    marked = going.only(lambda chosen, row: bool(chosen.sheet.abouts[row].marks))
    carried = {mark for chosen, rows in marked.runs for row in rows for mark in chosen.marks(row)}
    return _rows(
        going,
        lambda chosen, row: row in chosen.sheet.definitions and chosen.sheet.definitions[row] not in carried,
    )
