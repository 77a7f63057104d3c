"""Templates: texts of agreements to start from, in Arabic, English and French.

Decides what stands in a draft before people edit it (faces.md 1). The default is "intelligence": between two nations,
at GREEN and below, AMBER with two approvals, RED never. A draft is a plain document; `accord.document` reads it by the
same rules as a partner's.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from importlib.resources import files
from typing import Final

import orjson

from hilf.accord.document import VERSION, Accord
from hilf.accord.terms import Onward
from hilf.canonical import Json, timestamp

DEFAULT: Final = "intelligence"
LANGUAGES: Final = ("ar", "en", "fr")
RETENTION_DAYS: Final = 365
MEMBER: Final = ("member",)
"""What a party is where nobody says more."""

Template = Callable[[Mapping[str, Json]], dict[str, Json]]


def frame(
    parties: Sequence[str],
    accord_id: str,
    community: str,
    begins: datetime,
    until: datetime,
) -> dict[str, Json]:
    """A first version that permits nothing yet: who, since when, until when.

    Args:
        parties: node names, the proposer first.
        accord_id: "accord--" and a UUID.
        community: UUID of the parties as a community.
        begins: aware; the member `from`.
        until: aware; the review is half-way.
    """
    return {
        "v": VERSION,
        "type": "hilf-accord",
        "id": accord_id,
        "version": 1,
        "prev": None,
        "title": {"ar": "اتفاق", "en": "Agreement", "fr": "Accord"},
        "parties": [{"node": node, "roles": list(MEMBER)} for node in parties],
        "community": community,
        "purposes": ["defence"],
        "from": timestamp(begins),
        "until": timestamp(until),
        "review": timestamp(begins + (until - begins) / 2),
        "clauses": [],
        "onward": Onward.NONE.value,
        "personal_data": "forbid",
        "retention_days": RETENTION_DAYS,
        "languages": list(LANGUAGES),
        "promises": [],
        "contacts": [],
        "reciprocity": [],
        "quotas": {},
        "at_end": "delete",
        "confirmations": "named",
        "references": [],
    }


def intelligence(framed: Mapping[str, Json]) -> dict[str, Json]:
    """Intelligence at GREEN and below, AMBER with two approvals, RED never. Source: faces.md 1 (`accord draft`)."""
    return _filled(DEFAULT, framed)


def _filled(name: str, framed: Mapping[str, Json]) -> dict[str, Json]:
    text = (files("hilf.accord") / "templates" / f"{name}.json").read_text(encoding="utf-8")
    members: dict[str, Json] = orjson.loads(text)
    return {**framed, **members}


TEMPLATES: Final[Mapping[str, Template]] = {
    name: partial(_filled, name) for name in (DEFAULT, "community", "incident", "exercise", "public")
}
"""Name → template, as `hilf accord draft --template NAME` takes it; their words stand in accord/templates.

* intelligence: between two, GREEN and below, AMBER with two approvals, RED never.
* community: the same among many, passed on to its parties; two thirds decide who joins.
* incident: what one incident needs, up to AMBER+STRICT, erased soon, never passed on.
* exercise: exercise material only, nothing real, no personal data.
* public: CLEAR only, free to publish, kept after the end.

Only intelligence holds a forbid: a forbid speaks in every other agreement between the same nations as well.
"""


def completed(fields: Mapping[str, Json], framed: Mapping[str, Json]) -> dict[str, Json]:
    """A draft from a file that may leave members out; clauses that it does not hold are not added.

    Args:
        fields: what the file says.
        framed: as `frame` gives it; its id, version, prev and parties stand, whatever the file says.
    """
    fixed = ("v", "type", "id", "version", "prev", "parties")
    return {**framed, **fields, **{name: framed[name] for name in fixed}}


def amendment(
    accord: Accord, proposer: str, changes: Mapping[str, Json], nodes: Sequence[str] | None = None
) -> dict[str, Json]:
    """The next version of an accord, with some members changed.

    Args:
        accord: the version that it follows.
        proposer: the party that proposes it, and so stands first.
        changes: members and their new values.
        nodes: who is a party of it; None for those of the version before.
    """
    roles = {party.node: party.roles for party in accord.parties}
    wanted = tuple(dict.fromkeys((proposer, *(roles if nodes is None else nodes))))
    parties: list[Json] = [{"node": node, "roles": list(roles.get(node, MEMBER))} for node in wanted]
    following: dict[str, Json] = {"version": accord.version + 1, "prev": accord.hash, "parties": parties}
    return {**accord.json(), **changes, **following}
