"""Facts: everything about one assertion that a profile is made from, raw, as it is kept beside the assertion.

Decides which members of an object a decision may depend on (accord.md 3). Facts hold words and ids as they came, never
what these mean: a marking's definition, who is a known author, which accords are held and whose consent counts may change, the
facts stay.
Objects with the same facts and confidence have the same profile, so that 100,000 objects are decided by some hundred
of these. The confidence stands apart: with it nearly every object would have facts of its own.
What a profile makes of facts is `accord.profile`, where they are kept `store/intelligence/facts`.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import orjson

from hilf.canonical import Json

MEMBERS: Final = (
    "type", "object_marking_refs", "labels", "created_by_ref", "granular_markings", "lang", "revoked", "sectors",
)  # fmt: skip
"""The members of an object that a decision may depend on, kept as they are, in this order."""

_SPECIAL: Final[Mapping[str, Mapping[str, bool]]] = {
    "identity": {"identity_class": True},
    "email-addr": {"display_name": False, "belongs_to_ref": False},
}
"""Members that count for one type only, and whether their value does: else only that they are there."""

_SURE: Final = 100

DAY_US: Final = 86_400_000_000
"""Microseconds of a day: facts know the UTC day on which something came, for retention, and no hour."""


class Facts(NamedTuple):
    """What is known of one assertion.

    Attributes:
        content: JSON of the members of the object that count, as `content` gives it.
        asserter: the node that says it.
        author: the node that wrote it, proven; None where it has no author.
        overlay: ids of markings laid over it by us, sorted.
        accord: "id version" under which a partner sent it; None where no partner did.
        terms: the terms of the act that brought it, as JSON.
        day: the UTC day on which it came, in days since 1970; None where no partner sent it.
        exercise: whether it came as exercise material.
    """

    content: str
    asserter: str
    author: str | None = None
    overlay: tuple[str, ...] = ()
    accord: str | None = None
    terms: str | None = None
    day: int | None = None
    exercise: bool = False

    @property
    def object(self) -> dict[str, Json]:
        """The members of the object that count; what a profile reads of an object it finds in here."""
        values = orjson.loads(self.content)
        found = {name: value for name, value in zip(MEMBERS, values, strict=False) if value is not None}
        return found | (values[-1] if len(values) > len(MEMBERS) else {})

    def text(self) -> str:
        """As they are kept: JSON, the same for the same facts; the members in order, those of the object first."""
        return orjson.dumps((orjson.Fragment(self[0]), *self[1:])).decode()


def content(object_: Mapping[str, Json]) -> str:
    """JSON of the members of an object that count, a list; of what would name a person, only that it is there."""
    get = object_.get
    type_ = get("type")
    # Written out: this runs for every object that comes in, and a loop would take twice the time.
    values = (
        type_, get("object_marking_refs"), get("labels"), get("created_by_ref"), get("granular_markings"),
        get("lang"), get("revoked"), get("sectors"),
    )  # fmt: skip
    if type_ != "identity" and type_ != "email-addr":  # noqa: PLR1714  # quicker than a set
        return orjson.dumps(values).decode()  # a text of its own size: the bytes hold a whole page
    special = _SPECIAL[type_].items()
    kept = {name: object_[name] if counts else True for name, counts in special if name in object_}
    return orjson.dumps((*values, kept)).decode()


def confidence_of(object_: Mapping[str, Json]) -> int | None:
    """The confidence that an object states; None where it states none that is a whole number from 0 to 100."""
    stated = object_.get("confidence")
    return stated if type(stated) is int and 0 <= stated <= _SURE else None


def read_facts(text: str) -> Facts:
    """Facts as `Facts.text` wrote them."""
    members, asserter, author, overlay, accord, terms, day, exercise = orjson.loads(text)
    return Facts(
        orjson.dumps(members).decode(), asserter, author, tuple(overlay), accord, terms, day, exercise
    )
