"""Standing orders: a release that two people approve once, to be made again and again until it ends (accord.md 4).

Decides what an order binds, and so what kills it: the selection, the recipients, the purpose, the pause, the end, and for
each recipient the very versions of the agreements in force when it was proposed. Approvals are over its canonical bytes.
Decides when the next run is due: runs that were missed are made up by one. What may leave is decided at each run anew, as
for any release (`accord.decide`); what needs a person is never sent by an order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hilf.accord.document import InForce
from hilf.canonical import Json, content_id, dumps, loads_canonical, parse_timestamp, timestamp

MOST: Final = timedelta(days=400)
"""No order lives longer, as no identity document does: who approves it should still know what it was for."""

SHORTEST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(days=31)
MOST_NODES: Final = 100

ACCORD_CHANGED: Final = "order.accord-changed"
OVER: Final = "order.over"
BYTES_CHANGED: Final = "order.bytes-changed"
NOT_APPROVED: Final = "order.not-approved-in-time"
APPROVAL_LOST: Final = "order.approval-lost"

_WORDS: Final[Mapping[str, str]] = {
    OVER: "its end has come",
    BYTES_CHANGED: "what is kept of it is not what its officers approved; find out who changed the database",
    NOT_APPROVED: "no other officer approved it in time",
    APPROVAL_LOST: "an officer who stood behind it is no officer of ours any more, or may not release any more",
    ACCORD_CHANGED: "the agreements that it was approved under were not those in force",
}
"""What kills an order, in words."""


@dataclass(frozen=True, slots=True)
class Addressed:
    """One recipient of an order.

    Attributes:
        node: its name.
        purpose: of the acts to it.
        accords: (id, version) of every agreement in force with it when the order was proposed, in order.
    """

    node: str
    purpose: str
    accords: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Order:
    """One order, as approved.

    Attributes:
        id: "order--" and a UUID.
        node: the node that gives it to itself.
        selection: what leaves, in the select language.
        to: its recipients.
        every: the pause between two runs.
        proposed: when.
        until: its end.
    """

    id: str
    node: str
    selection: str
    to: tuple[Addressed, ...]
    every: timedelta
    proposed: datetime
    until: datetime

    def json(self) -> dict[str, Json]:
        """The order as its approvals bind it."""
        return {
            "v": 1,
            "type": "hilf-standing-order",
            "id": self.id,
            "node": self.node,
            "selection": self.selection,
            "to": [
                {
                    "node": each.node,
                    "purpose": each.purpose,
                    "accords": [{"id": id_, "version": version} for id_, version in each.accords],
                }
                for each in self.to
            ],
            "every_s": int(self.every.total_seconds()),
            "proposed": timestamp(self.proposed),
            "until": timestamp(self.until),
        }

    @property
    def canonical(self) -> str:
        """Its canonical bytes, as text."""
        return dumps(self.json()).decode()

    @property
    def subject(self) -> str:
        """What an approval binds: H of its canonical bytes."""
        return content_id(self.json())


def read_order(text: str) -> Order:
    """The order that a kept text is; the node wrote it itself, so that its form is not judged again."""
    value = loads_canonical(text.encode())
    assert isinstance(value, dict)  # noqa: S101  # our own
    to, every_s = value["to"], value["every_s"]
    assert isinstance(to, list) and isinstance(every_s, int)  # noqa: PT018, S101  # our own
    return Order(
        str(value["id"]),
        str(value["node"]),
        str(value["selection"]),
        tuple(_addressed(each) for each in to),
        timedelta(seconds=every_s),
        parse_timestamp(value["proposed"], "order"),
        parse_timestamp(value["until"], "order"),
    )


def _addressed(value: Json) -> Addressed:
    assert isinstance(value, dict) and isinstance(value["accords"], list)  # noqa: PT018, S101  # our own
    named = [(each["id"], each["version"]) for each in value["accords"] if isinstance(each, dict)]
    return Addressed(
        str(value["node"]),
        str(value["purpose"]),
        tuple((str(id_), version) for id_, version in named if isinstance(version, int)),
    )


def accords_of(held: Sequence[InForce]) -> tuple[tuple[str, int], ...]:
    """Which agreements are in force, in an order that means nothing."""
    return tuple(sorted(each.accord.key for each in held))


def changed(order: Order, in_force: Mapping[str, Sequence[InForce]], now: datetime) -> str | None:
    """What has killed an order, as a code; None while it lives.

    Args:
        order: as approved.
        in_force: for each recipient, the agreements in force with it now.
        now: aware.
    """
    if now >= order.until:
        return OVER
    for each in order.to:
        if accords_of(in_force.get(each.node, ())) != each.accords:
            return ACCORD_CHANGED
    return None


def killed_by(code: str, order: Order, in_force: Mapping[str, Sequence[InForce]]) -> str:
    """What has killed an order, in words, with the agreements that came or went as far as that is seen now.

    Args:
        code: what killed it.
        order: as approved.
        in_force: for each recipient, the agreements in force with it now.
    """
    if code != ACCORD_CHANGED:
        return _WORDS.get(code, code)
    told = []
    for each in order.to:
        now = accords_of(in_force.get(each.node, ()))
        gone = [f"{_title(key)} is not in force any more" for key in each.accords if key not in now]
        came = [f"{_title(key)} came into force" for key in now if key not in each.accords]
        if gone or came:
            told.append(f"with {each.node} {', '.join((*gone, *came))}")
    return "; ".join(told) or _WORDS[code]


def _title(key: tuple[str, int]) -> str:
    return f"{key[0]} version {key[1]}"


def next_run(order: Order, due: datetime, now: datetime) -> datetime:
    """When the order is due after a run that was due at `due` and is made now: however many were missed, one makes up."""
    missed = max(0, (now - due) // order.every)
    return due + (missed + 1) * order.every
