"""Hits: what of an object stands on a list, and what this node does about it (accord.md 4).

Decides which action a list has unless the nation says otherwise, and which rule speaks where a list stops something.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

OWN_ASSETS: Final = "own-assets"
VICTIMS: Final = "victims"
DOCUMENTATION: Final = "documentation"
SPECIAL_USE: Final = "special-use"

NATIONAL: Final = (OWN_ASSETS, VICTIMS)
"""The lists that the nation itself keeps; they are looked for in every text, the others in observable values only."""

BUILT_IN: Final = (DOCUMENTATION, SPECIAL_USE)


class Action(Enum):
    """What happens to an object that a list speaks of."""

    STOP = "stop"
    WARN = "warn"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing of an object that stands on a list.

    Attributes:
        list: name of the list.
        value: what stands in the object, in normal form.
        entry: the entry of the list that it meets.
        place: where in the object, as a STIX selector.
    """

    list: str
    value: str
    entry: str
    place: str


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found, with what this node does about it; never told to a partner.

    Attributes:
        list: name of the list.
        action: STOP or WARN.
        value: what stands in the object.
        place: where in the object, as a STIX selector.
        entry: the entry of the list that it meets.
    """

    list: str
    action: Action
    value: str
    place: str
    entry: str


def default_action(name: str, warning_lists_on: Iterable[str]) -> Action:
    """What a list does unless the nation set it: its own lists stop, the others warn or are off."""
    if name in NATIONAL:
        return Action.STOP
    return Action.WARN if name in BUILT_IN or name in warning_lists_on else Action.OFF


def stopping(hits: Iterable[Hit], despite: Iterable[str] = ()) -> tuple[Hit, ...]:
    """Those hits that keep an object here, but for the lists that officers set aside for it."""
    aside = frozenset(despite)
    return tuple(hit for hit in hits if hit.action is Action.STOP and hit.list not in aside)
