"""Standing orders: proposed by one officer, approved by another, carried out by the worker until they end (accord.md 4).

Decides when an order runs, and what kills it: an agreement with one of its recipients that is another than the one it was
approved under, or an officer who approved it and is none any more. What an order binds is `accord/order`, what a run of it
sends is `node/order_run`.

    propose (one officer) ─▶ approve (another) ─▶ due ─▶ preview ─┬─ free ──────────▶ outbox
                                                                  └─ needs a person ─▶ waits, shown in the status
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from shlex import quote
from typing import Final
from uuid import uuid4

import orjson

from hilf.accord.order import (
    APPROVAL_LOST,
    BYTES_CHANGED,
    LONGEST_PAUSE,
    MOST,
    MOST_NODES,
    NOT_APPROVED,
    OVER,
    SHORTEST_PAUSE,
    Addressed,
    Order,
    accords_of,
    changed,
    killed_by,
    read_order,
)
from hilf.canonical import Json, dumps
from hilf.errors import CallerFault, PartnerFault, Refusal
from hilf.node import identity, life, user
from hilf.node.approval import ROLE
from hilf.node.awaited import Remark
from hilf.node.home import Home
from hilf.node.passkey import Exact
from hilf.node.preview import recipient_of
from hilf.seal import role
from hilf.seal.key import PrivateKey
from hilf.seal.record import verify_records
from hilf.stix.select import parse, render
from hilf.store.database import transaction
from hilf.store.federation import record
from hilf.store.instant import microseconds, moment
from hilf.store.release import order as store
from hilf.store.release.order import DIED, PROPOSED, RUNS, STOPPED, KeptOrder

OFFICERS: Final = 2
"""People who approve an order, the proposer among them; one where the whole node has one. Source: accord.md 4."""

NAMED: Final = 10
"""Ids of what waits that a run notes."""

WAITS: Final = timedelta(days=7)
"""How long a proposed order waits for its approval."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One order as people see it.

    Attributes:
        kept: as kept.
        order: what was approved.
        state: proposed, runs, stopped, died or over.
        missing: officers who must still approve.
        last: what its last run did.
        died: what killed it, in words; empty while it lives, and for one that was stopped.
        again: the command that proposes the same once more, where it died or is over.
    """

    kept: KeptOrder
    order: Order
    state: str
    missing: int
    last: Mapping[str, Json] | None
    died: str = ""
    again: str = ""


def propose(  # what an order says
    home: Home,
    selection: str,
    nodes: Sequence[str],
    every: timedelta,
    until: datetime,
    officer: PrivateKey,
    now: datetime,
    *,
    purpose: str | None = None,
) -> Shown:
    """Propose an order as one officer; a node of one officer lets it run at once.

    Args:
        home: this node.
        selection: faces.md, Select; empty for what this node asserts itself.
        nodes: the recipients.
        every: the pause between two runs.
        until: its end.
        officer: who proposes.
        now: aware.
        purpose: of the acts; None for the first purpose of the accords in force with each recipient.

    Raises:
        CallerFault: "order.every", "order.until", "order.to", "release.unknown-node", or the selection is not understood.
        Refusal: "order.no-accord".
    """
    with transaction():
        order = drafted(home, selection, nodes, every, until, now, purpose)
        at = microseconds(now)
        kept = KeptOrder(
            order.id, PROPOSED, order.canonical, order.subject, at, officer.kid, microseconds(until)
        )
        store.put(kept)
        return _sign(home, kept, officer, now)


def drafted(  # what an order says
    home: Home,
    selection: str,
    nodes: Sequence[str],
    every: timedelta,
    until: datetime,
    now: datetime,
    purpose: str | None = None,
) -> Order:
    """The order that `propose` would keep; what is wrong with it is found before a passphrase is asked for.

    Raises:
        CallerFault, Refusal: as `propose`.
    """
    written = render(parse(selection))
    _check(nodes, every, until, now)
    to = []
    for node in nodes:
        recipient_of(node)
        held = life.in_force_with(home, node, now)
        if not held:
            raise Refusal(
                "order.no-accord",
                f"No agreement is in force with {node}.",
                "An order is approved under the agreements of that day (accord.md 4).",
                "See which there are: hilf accord list",
            )
        to.append(Addressed(node, purpose or held[0].accord.purposes[0], accords_of(held)))
    return Order(f"order--{uuid4()}", home.node, written, tuple(to), every, now, until)


def approve(home: Home, order_id: str, officer: PrivateKey, now: datetime) -> Shown:
    """Approve an order as one more officer; with the last one it runs.

    Raises:
        CallerFault, Refusal: as `to_approve`.
    """
    with transaction():
        return _sign(home, to_approve(home, order_id, officer.kid, now), officer, now)


def to_approve(home: Home, order_id: str, kid: str, now: datetime) -> KeptOrder:
    """The order, if the officer with this key may approve it now.

    Raises:
        CallerFault: "order.unknown".
        Refusal: "order.not-proposed" or "order.same-officer".
    """
    kept = known(order_id)
    killed = why_dead(home, kept, now)
    if kept.state != PROPOSED or killed is not None:
        raise Refusal(
            "order.not-proposed",
            f"The state of {order_id}: {kept.state}{f' ({killed or kept.reason})' if killed or kept.reason else ''}.",
            "Only a proposal is approved, within a week, under the agreements it was made for.",
            "Propose it anew: hilf release order add --help",
        )
    signed = [str(each["kid"]) for each in _records(kept) if isinstance(each, dict)]
    if kid in signed:
        raise Refusal(
            "order.same-officer",
            "This officer has proposed or approved it already.",
            "It takes two people (accord.md 4).",
            f"Let another officer do it: hilf release order approve {order_id} --as OTHER",
        )
    user.check_other_person(kid, signed)
    return kept


def stop(home: Home, order_id: str, now: datetime) -> Shown:
    """Stop an order for good; what it queued is not called back.

    Raises:
        CallerFault: "order.unknown".
        Refusal: "order.ended-already".
    """
    with transaction():
        kept = known(order_id)
        if kept.state not in (PROPOSED, RUNS, DIED):
            raise Refusal(
                "order.ended-already", f"{order_id} is {kept.state}.", "", "See all: hilf release order list"
            )
        store.settle(order_id, STOPPED)
    return shown(home, known(order_id), now)


def known(order_id: str) -> KeptOrder:
    """One order.

    Raises:
        CallerFault: "order.unknown".
    """
    kept = store.get(order_id)
    if kept is None:
        raise CallerFault(
            "order.unknown",
            f"There is no standing order {order_id[:80]}.",
            "",
            "See which there are: hilf release order list",
        )
    return kept


def every(home: Home, now: datetime) -> tuple[Shown, ...]:
    """All orders, the newest first."""
    return tuple(shown(home, kept, now) for kept in store.every())


def shown(home: Home, kept: KeptOrder, now: datetime) -> Shown:
    """One order as people see it now; what would kill it at its next run has killed it."""
    if kept.state in (PROPOSED, RUNS):
        killed = why_dead(home, kept, now)
        kept = kept if killed is None else replace(kept, state=DIED, reason=killed)
    state = "over" if kept.reason == OVER else kept.state
    missing = max(0, _needed(home) - len(_records(kept))) if state == PROPOSED else 0
    last = orjson.loads(kept.last) if kept.last else None
    order = read_order(kept.document)
    if kept.state != DIED:
        return Shown(kept, order, state, missing, last)
    held = {each.node: life.in_force_with(home, each.node, now) for each in order.to}
    died = killed_by(kept.reason or "", order, held)
    return Shown(kept, order, state, missing, last, died, _again(order, now))


def _again(order: Order, now: datetime) -> str:
    """The command that proposes the same: until the same end where that is to come, else for as long."""
    until = order.until if order.until > now else now + (order.until - order.proposed)
    named = [f"--to {each.node}" for each in order.to]
    selection = [f"--select {quote(order.selection)}"] if order.selection else []
    purposes = {each.purpose for each in order.to}
    purpose = [f"--purpose {next(iter(purposes))}"] if len(purposes) == 1 else []
    every = f"--every {int(order.every.total_seconds())}s"
    words = (*named, *selection, *purpose, every, f"--until {until:%Y-%m-%dT%H:%M:%SZ}", "--as OFFICER")
    return f"hilf release order add {' '.join(words)}"


def remarks(home: Home, now: datetime) -> Iterator[Remark]:
    """Orders that wait for an approval, that died, and what they leave to people."""
    for kept in store.every():
        if kept.state == STOPPED:
            continue
        each = shown(home, kept, now)
        name = kept.order_id
        if each.state == PROPOSED:
            yield Remark(
                "status.order-waits",
                f"The standing order {name} ({each.order.selection or 'our own'}) waits for {each.missing} more officer(s).",
                f"See what it would send: hilf release order preview {name}."
                f" Approve it: hilf release order approve {name} --as OFFICER",
            )
        elif each.state == DIED:
            yield Remark(
                "status.order-died",
                f"The standing order {name} ({each.order.selection or 'our own'}) died: {each.died} ({each.kept.reason}).",
                f"Propose it anew if it is still wanted: {each.again}."
                f" Then it is said no more: hilf release order stop {name}",
            )
        elif each.state == RUNS:
            yield from _left(each)


def _left(each: Shown) -> Iterator[Remark]:
    nodes = (each.last or {}).get("nodes")
    for node, did in nodes.items() if isinstance(nodes, dict) else ():
        waits = [*_ids(did, "approvals"), *_ids(did, "warned")]
        if waits:
            yield Remark(
                "status.order-leaves",
                f"{each.order.id} leaves {len(waits)}{'+' if len(waits) >= NAMED else ''} objects for {node} to a person,"
                f" {waits[0]} for one: they need an approval or are on a list.",
                f"See why: hilf release order preview {each.order.id}."
                f" Send them: hilf release send --to {node} --select 'id:{waits[0]}' --as OFFICER",
            )


def _ids(did: Json, what: str) -> list[str]:
    named = did.get(what) if isinstance(did, dict) else None
    return [each for each in named if isinstance(each, str)] if isinstance(named, list) else []


def exact(order_id: str) -> Exact:
    """What an officer signs to approve an order, but for the time; a passkey answers for it (docs/adr/0023).

    Raises:
        CallerFault: "order.unknown".
    """
    return _exact(known(order_id))


def _exact(kept: KeptOrder) -> Exact:
    return Exact(ROLE, kept.subject, moment(kept.until))


def _sign(home: Home, kept: KeptOrder, officer: PrivateKey, now: datetime) -> Shown:
    signed = _exact(kept).signed(home.node, now, officer)
    record.put(ROLE, kept.subject, officer.kid, dumps(signed).decode())
    if len(_records(kept)) >= _needed(home):
        store.let_run(kept.order_id, microseconds(now))
    return shown(home, known(kept.order_id), now)


def why_dead(home: Home, kept: KeptOrder, now: datetime) -> str | None:
    """What has killed an order that runs or waits, as a code; None while it lives."""
    order = read_order(kept.document)
    if order.subject != kept.subject:
        return BYTES_CHANGED
    held = {each.node: life.in_force_with(home, each.node, now) for each in order.to}
    code = changed(order, held, now)
    if code is not None:
        return code
    if kept.state == PROPOSED and now > order.proposed + WAITS:
        return NOT_APPROVED
    if kept.state == RUNS and not _approved(home, kept, now):
        return APPROVAL_LOST
    return None


def _approved(home: Home, kept: KeptOrder, now: datetime) -> bool:
    """Whether officers of today's identity document still stand behind it, as many as it takes."""
    newest = identity.own(home).newest
    try:
        kids = verify_records(ROLE, kept.subject, _records(kept), newest, now, _needed(home))
        for kid in kids:
            role.check(newest, kid, ROLE)
    except PartnerFault:
        return False
    return kept.proposed_by in kids


def _needed(home: Home) -> int:
    return min(OFFICERS, identity.own(home).newest.officers_per_act)


def _records(kept: KeptOrder) -> list[Json]:
    return [orjson.loads(text) for text in record.about(ROLE, kept.subject)]


def _check(nodes: Sequence[str], every: timedelta, until: datetime, now: datetime) -> None:
    if not SHORTEST_PAUSE <= every <= LONGEST_PAUSE or every.microseconds:
        raise CallerFault(
            "order.every",
            f"An order cannot run every {every}.",
            f"A pause is between a minute and {LONGEST_PAUSE.days} days, in whole seconds.",
            "Write for example --every 5m, --every 2h or --every 1d.",
        )
    if not now < until <= now + MOST:
        raise CallerFault(
            "order.until",
            f"An order cannot last until {until:%Y-%m-%d %H:%M} UTC.",
            f"It ends after now, and within {MOST.days} days.",
            "Give another end with --until; it can be proposed anew then.",
        )
    if not 1 <= len(nodes) <= MOST_NODES or len(set(nodes)) != len(nodes):
        raise CallerFault(
            "order.to",
            "An order has recipients, each once.",
            f"At most {MOST_NODES} of them.",
            "Name them with --to NODE, repeated.",
        )
