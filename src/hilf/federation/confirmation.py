"""Confirmations: what a node that got a retraction, and the nodes behind it, did about it.

The body of a `confirmation` act (protocol.md 5). Its form was decided here, the design gives only what it must say:
`{retraction, state, at, further: {named: [{node, state, at}], counted: {open, hidden, erased, held}}}`. It is sent
when the state of the sender or of a node behind it changes, and the latest one counts. Nodes further on stand by
name where the accord between the two says so, else only as numbers; `open` is a node that has not confirmed yet, and
has no `at`. `held` says that a legal hold keeps the hidden body from being erased.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from hilf.canonical import Json, parse_timestamp, timestamp
from hilf.errors import PartnerFault
from hilf.federation.structure import array, hexadecimal, members, whole, words


class ConfirmationState(StrEnum):
    """How far a node is with a retraction."""

    OPEN = "open"
    HIDDEN = "hidden"
    ERASED = "erased"
    HELD = "held"


_STATES: Final = {each.value: each for each in ConfirmationState}
_MEMBERS: Final = frozenset(("retraction", "state", "at", "further"))
_FURTHER: Final = frozenset(("named", "counted"))
_NAMED: Final = frozenset(("node", "state", "at"))


@dataclass(frozen=True, slots=True)
class Hop:
    """One node that the retraction went on to, and how far it is; `at` is None while it is open."""

    node: str
    state: ConfirmationState
    at: datetime | None

    def json(self) -> dict[str, Json]:
        """The hop as it stands in a confirmation."""
        return {"node": self.node, "state": self.state.value, "at": timestamp(self.at) if self.at else None}


@dataclass(frozen=True, slots=True)
class Further:
    """The nodes behind one: some by name, the rest as numbers, one for each state."""

    named: tuple[Hop, ...] = ()
    counted: Mapping[ConfirmationState, int] = field(
        default_factory=lambda: dict.fromkeys(ConfirmationState, 0)
    )

    def json(self) -> dict[str, Json]:
        """The nodes as they stand in a confirmation."""
        counted: dict[str, Json] = {state.value: self.counted[state] for state in ConfirmationState}
        return {"named": [hop.json() for hop in self.named], "counted": counted}


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How far the sender is with the retraction act of that id, and what it knows of the nodes behind it."""

    retraction: str
    state: ConfirmationState
    at: datetime
    further: Further

    def json(self) -> dict[str, Json]:
        """The body as it stands in an act."""
        return {
            "retraction": self.retraction,
            "state": self.state.value,
            "at": timestamp(self.at),
            "further": self.further.json(),
        }


def gather(hops: Mapping[str, Confirmation | None], *, by_name: bool) -> Further:
    """What a node tells the one before it of the nodes that it passed a retraction on to.

    Args:
        hops: the latest confirmation of each node that it was passed on to, None where there is none yet.
        by_name: whether the accord with the node that is told says so (`confirmations: named`). Where it does not,
            what nodes further on told by name is counted too.

    Returns:
        every node once, by name in their order, or counted; nothing of them is lost.

    Source: protocol.md 5.
    """
    named: list[Hop] = []
    counted = dict.fromkeys(ConfirmationState, 0)
    for node, confirmation in sorted(hops.items()):
        if confirmation is None:
            named.append(Hop(node, ConfirmationState.OPEN, None))
            continue
        named += [Hop(node, confirmation.state, confirmation.at), *confirmation.further.named]
        for state, number in confirmation.further.counted.items():
            counted[state] += number
    if not by_name:
        for hop in named:
            counted[hop.state] += 1
        named = []
    return Further(tuple(named), counted)


def read_confirmation(body: Json) -> Confirmation:
    """What the body of a `confirmation` act says.

    Raises:
        PartnerFault: `confirmation: members`, `confirmation: retraction: hex`, `confirmation: state`,
            `confirmation: time form`, `confirmation: further: members`, ….
    """
    fields = members(body, _MEMBERS, "confirmation")
    retraction = hexadecimal(fields["retraction"], 32, "confirmation: retraction")
    state = _read_state(fields["state"], "confirmation")
    if state is ConfirmationState.OPEN:
        raise PartnerFault("confirmation: state", "open")
    at = parse_timestamp(fields["at"], "confirmation")
    further = members(fields["further"], _FURTHER, "confirmation: further")
    named = array(further["named"], "confirmation: further: named")
    return Confirmation(
        retraction,
        state,
        at,
        Further(tuple(_read_hop(each) for each in named), _read_counted(further["counted"])),
    )


def _read_state(value: Json, what: str) -> ConfirmationState:
    if type(value) is not str or value not in _STATES:
        raise PartnerFault(f"{what}: state", repr(value)[:40])
    return _STATES[value]


def _read_hop(value: Json) -> Hop:
    what = "confirmation: further: named"
    fields = members(value, _NAMED, what)
    node, state = words(fields["node"], f"{what}: node", 100), _read_state(fields["state"], what)
    if (fields["at"] is None) != (state is ConfirmationState.OPEN):
        raise PartnerFault(f"{what}: at")
    return Hop(node, state, None if fields["at"] is None else parse_timestamp(fields["at"], what))


def _read_counted(value: Json) -> dict[ConfirmationState, int]:
    what = "confirmation: further: counted"
    fields = members(value, _STATES.keys(), what)
    return {state: whole(fields[state.value], 0, what) for state in ConfirmationState}
