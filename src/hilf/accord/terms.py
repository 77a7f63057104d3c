"""Terms: what must hold for an object after it has arrived, and which of two terms is the stricter.

Decides the order of onward rules (accord.md 1), how days of retention become one instant, and how terms stand in an act
(wire.md 3: closed, times in one form). Who may pass an object on under its terms is decided in `accord.onward`; carrying
out expiry is the business of the node.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import Enum
from typing import Final

from hilf.canonical import Json, parse_timestamp, timestamp
from hilf.errors import PartnerFault

MAX_MARKINGS: Final = 100
"""More marking ids than this in one object's terms are refused: a sender adds one or two."""

_MEMBERS: Final = frozenset({"markings", "onward", "retention_until", "redacted_from"})
_MARKING_ID: Final = re.compile(r"marking-definition--[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Onward(Enum):
    """May the recipient pass it on? The words of an accord. Source: accord.md 1."""

    NONE = "none"
    ASK_ORIGINATOR = "ask originator"
    LISTED = "listed"
    FREE = "free"

    @property
    def width(self) -> int:
        """0 is the strictest: none < ask originator < listed < free."""
        return _WIDTHS.index(self)


_WIDTHS: Final = (Onward.NONE, Onward.ASK_ORIGINATOR, Onward.LISTED, Onward.FREE)


def stricter(a: Onward, b: Onward) -> Onward:
    """The one of two onward rules that allows less."""
    return a if a.width <= b.width else b


def end_of_retention(released: datetime, days: int) -> datetime:
    """The instant from which something released at `released` may no longer be kept.

    Whole days are counted in UTC and the day of release is not counted, as periods in treaties are. So all that is
    released on one day under one accord runs out together, and a preview gives the bytes of the release.

    Args:
        released: aware; its UTC day is what counts.
        days: 1 or more.
    """
    day = released.astimezone(UTC).date() + timedelta(days=days + 1)
    return datetime.combine(day, time.min, UTC)


def earlier(a: datetime | None, b: datetime | None) -> datetime | None:
    """The earlier of two ends of retention; None is no end."""
    if a is None or b is None:
        return b if a is None else a
    return min(a, b)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the recipient must keep to.

    Attributes:
        markings: ids of marking definitions that the sender adds to the object's own; joined, so they never loosen.
        onward: whether it may be passed on.
        retention_until: from then on it is to be erased; None where nothing was agreed.
        redacted_from: content id of the full form when this is a redacted one.
    """

    markings: tuple[str, ...]
    onward: Onward
    retention_until: datetime | None = None
    redacted_from: str | None = None

    def json(self) -> dict[str, Json]:
        """As they stand in an act. Source: wire.md 3."""
        return {
            "markings": list(self.markings),
            "onward": self.onward.value,
            "retention_until": None if self.retention_until is None else timestamp(self.retention_until),
            "redacted_from": self.redacted_from,
        }


def join(held: Terms, said: Terms) -> Terms:
    """The terms of something that came twice: of each the stricter; redaction stays as it was held."""
    return Terms(
        tuple(sorted({*held.markings, *said.markings})),
        stricter(held.onward, said.onward),
        earlier(held.retention_until, said.retention_until),
        held.redacted_from,
    )


def as_wide(held: Terms, wanted: Terms) -> bool:
    """Whether what is held may be passed on at least as freely as `wanted`.

    Retention is not compared: what was released earlier runs out earlier, and the caller counts only what is still held.
    """
    return held.onward.width >= wanted.onward.width


def read_terms(value: Json) -> Terms:
    """Read the terms of an object from an act.

    Raises:
        PartnerFault: "terms: members", "terms: markings", "terms: onward", "terms: retention_until: time form" or
            "terms: redacted_from".

    Source: wire.md 3 ("terms for objects").
    """
    if not isinstance(value, dict) or value.keys() != _MEMBERS:
        raise PartnerFault("terms: members")
    redacted_from, until = value["redacted_from"], value["retention_until"]
    if redacted_from is not None and not (isinstance(redacted_from, str) and _HASH.fullmatch(redacted_from)):
        raise PartnerFault("terms: redacted_from", repr(redacted_from)[:80])
    return Terms(
        _read_markings(value["markings"]),
        read_onward(value["onward"], "terms"),
        None if until is None else parse_timestamp(until, "terms: retention_until"),
        redacted_from,
    )


def read_onward(value: Json, what: str) -> Onward:
    """Read an onward rule.

    Raises:
        PartnerFault: "<what>: onward".
    """
    for onward in Onward:
        if onward.value == value:
            return onward
    raise PartnerFault(f"{what}: onward", repr(value)[:80])


def _read_markings(value: Json) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MAX_MARKINGS:
        raise PartnerFault("terms: markings")
    ids = tuple(item for item in value if isinstance(item, str) and _MARKING_ID.fullmatch(item))
    if len(ids) != len(value) or len(set(ids)) != len(ids):
        raise PartnerFault("terms: markings")
    return ids
