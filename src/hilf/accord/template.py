"""Templates: texts of agreements to start from, in Arabic, English and French.

Decides what stands in a draft before people edit it (faces.md 1). The default is "intelligence": between two nations,
at GREEN and below, AMBER with two approvals, RED never. A draft is a plain document; `accord.document` reads it by the
same rules as a partner's.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from hilf.accord.document import VERSION, Accord
from hilf.accord.terms import Onward
from hilf.canonical import Json, timestamp

DEFAULT: Final = "intelligence"
LANGUAGES: Final = ("ar", "en", "fr")
RETENTION_DAYS: Final = 365

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
        "parties": [{"node": node, "roles": ["member"]} for node in parties],
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
    return {
        **framed,
        "title": {
            "ar": "تبادل المعلومات الاستخبارية عن التهديدات السيبرانية",
            "en": "Exchange of intelligence on cyber threats",
            "fr": "Échange de renseignements sur les cybermenaces",
        },
        "clauses": [_green(), _amber(), _two_approvals(), _never_red()],
        "onward": Onward.ASK_ORIGINATOR.value,
        "personal_data": "redact",
    }


TEMPLATES: Final[Mapping[str, Template]] = {DEFAULT: intelligence}
"""Name → template, as `hilf accord draft --template NAME` takes it."""


def completed(fields: Mapping[str, Json], framed: Mapping[str, Json]) -> dict[str, Json]:
    """A draft from a file that may leave members out; clauses that it does not hold are not added.

    Args:
        fields: what the file says.
        framed: as `frame` gives it; its id, version, prev and parties stand, whatever the file says.
    """
    fixed = ("v", "type", "id", "version", "prev", "parties")
    return {**framed, **fields, **{name: framed[name] for name in fixed}}


def amendment(accord: Accord, proposer: str, changes: Mapping[str, Json]) -> dict[str, Json]:
    """The next version of an accord, with some members changed.

    Args:
        accord: the version that it follows.
        proposer: the party that proposes it, and so stands first.
        changes: members and their new values.
    """
    parties: list[Json] = [
        {"node": party.node, "roles": list(party.roles)}
        for party in sorted(accord.parties, key=lambda party: party.node != proposer)
    ]
    following: dict[str, Json] = {"version": accord.version + 1, "prev": accord.hash, "parties": parties}
    return {**accord.json(), **changes, **following}


def _clause(id_: str, effect: str, when: dict[str, Json], texts: tuple[str, str, str]) -> dict[str, Json]:
    return {
        "id": id_,
        "effect": effect,
        "kinds": ["object", "sighting"],
        "when": when,
        "text": dict(zip(LANGUAGES, texts, strict=True)),
    }


def _green() -> dict[str, Json]:
    return _clause(
        "c-1",
        "permit",
        {"marking_max": "green"},
        (
            "يجوز إرسال المعلومات الموسومة بـ TLP:CLEAR أو TLP:GREEN إلى الطرف الآخر.",
            "Intelligence marked TLP:CLEAR or TLP:GREEN may be sent to the other party.",
            "Les renseignements marqués TLP:CLEAR ou TLP:GREEN peuvent être transmis à l'autre partie.",
        ),
    )


def _amber() -> dict[str, Json]:
    return _clause(
        "c-2",
        "permit",
        {"marking_max": "amber"},
        (
            "يجوز إرسال المعلومات الموسومة بـ TLP:AMBER إلى الطرف الآخر وفقًا للبند c-3.",
            "Intelligence marked TLP:AMBER may be sent to the other party as clause c-3 says.",
            "Les renseignements marqués TLP:AMBER peuvent être transmis à l'autre partie selon la clause c-3.",
        ),
    )


def _two_approvals() -> dict[str, Json]:
    clause = _clause(
        "c-3",
        "require",
        {"marking_min": "amber"},
        (
            "لا تُرسل المعلومات الموسومة بـ TLP:AMBER أو بوسم أشد إلا بعد موافقة مسؤولَين مخوَّلَين لدى الطرف المُرسِل.",
            "Intelligence marked TLP:AMBER or stricter needs the approval of two officers of the sender before it leaves.",
            "Les renseignements marqués TLP:AMBER ou plus strictement exigent l'accord préalable de deux responsables de l'émetteur.",
        ),
    )
    return {**clause, "require": {"approvals": 2}}


def _never_red() -> dict[str, Json]:
    return _clause(
        "c-4",
        "forbid",
        {"marking_min": "red"},
        (
            "لا تُرسل المعلومات الموسومة بـ TLP:RED إلى الطرف الآخر بأي حال من الأحوال.",
            "Intelligence marked TLP:RED is never sent to the other party.",
            "Les renseignements marqués TLP:RED ne sont jamais transmis à l'autre partie.",
        ),
    )
