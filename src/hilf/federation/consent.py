"""Consent: an originator is asked whether what it wrote may go on to nations that it named no way to (accord.md 2, 4).

The body of a `consent` act, and what an answer must be to count. wire.md 3 names the kind (asked, given, denied); the form
was decided here (docs/adr/0014), one closed structure for each step:

    asked   {step, objects: [{id, modified, sha256}], to: {nodes: [..]} | {community}, via, purpose, reason, answer_by}
    given   {step, asked: act id, objects, to, until}          objects and to as asked, or fewer
    denied  {step, asked: act id, code}                        also later, to take back what was given
    signed  {step, acts: [act ids], records}                   officers' approvals of `given` acts, sent before these

- Consent is for exact versions, by their content ids, and for the recipients that the question names.
- `answer_by` is the clock: a question that is not answered by then is a no, and an answer made later counts for nothing.
- `via` names the nodes behind the asker, where the accord between the two says that nodes further on are named.
- Each hop asks the next one in its own name and answers in its own name; no act speaks of another accord.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from hilf.accord.document import COMMUNITY
from hilf.canonical import Json, parse_timestamp, timestamp
from hilf.errors import PartnerFault
from hilf.federation.authorisation import Authorisation, read_authorisation
from hilf.federation.outcome import Reason
from hilf.federation.structure import array, hexadecimal, members, object_id, words
from hilf.seal.document import is_node_name

MOST_OBJECTS: Final = 500
"""Versions in one question: what one release may carry in one batch."""
MOST_NODES: Final = 100
MOST_ACTS: Final = 100
MOST_RECORDS: Final = 20
MOST_LANGUAGES: Final = 20
MOST_WORDS: Final = 1000
"""Characters of a reason in one language: a sentence for a person, never a report."""

_ASKED: Final = frozenset({"step", "objects", "to", "via", "purpose", "reason", "answer_by"})
_GIVEN: Final = frozenset({"step", "asked", "objects", "to", "until"})
_DENIED: Final = frozenset({"step", "asked", "code"})
_SIGNED: Final = frozenset({"step", "acts", "records"})
_OBJECT: Final = frozenset({"id", "modified", "sha256"})
_LANGUAGE: Final = re.compile(r"[a-zA-Z]{2,8}(?:-[a-zA-Z0-9]{1,8}){0,4}", re.ASCII)


class Denial(StrEnum):
    """Why not; a word for people and machines, never text from the policy of whoever denies."""

    NOT_AGREED = "not-agreed"
    RECIPIENT = "recipient"
    SOURCE_AT_RISK = "source-at-risk"
    LEGAL = "legal"
    OUTDATED = "outdated"
    EXPIRED = "expired"
    NOBODY_TO_ASK = "nobody-to-ask"
    WITHDRAWN = "withdrawn"


DENIALS: Final = {
    Denial.NOT_AGREED: "The originator does not agree.",
    Denial.RECIPIENT: "Not to these recipients.",
    Denial.SOURCE_AT_RISK: "It would put a source at risk.",
    Denial.LEGAL: "Law or contract stands against it.",
    Denial.OUTDATED: "This version is out of date; ask about the newest one.",
    Denial.EXPIRED: "Whoever had to be asked did not answer in time.",
    Denial.NOBODY_TO_ASK: "The node that was asked is not the originator and can ask nobody.",
    Denial.WITHDRAWN: "It was given, and is taken back.",
}
"""What each code means, one sentence for people."""
_DENIALS: Final = {each.value: each for each in Denial}


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one object; `modified` as the object writes it, `sha256` is its content id."""

    id: str
    modified: str | None
    sha256: str

    def json(self) -> dict[str, Json]:
        """As it stands in an act."""
        return {"id": self.id, "modified": self.modified, "sha256": self.sha256}


@dataclass(frozen=True, slots=True)
class Towards:
    """Whom it would go to: named nodes, or whoever is in a community; one of the two."""

    nodes: tuple[str, ...] = ()
    community: str | None = None

    def json(self) -> dict[str, Json]:
        """As it stands in an act."""
        return {"nodes": [*self.nodes]} if self.community is None else {"community": self.community}

    def within(self, other: "Towards") -> bool:
        """Whether these are named by the other as well."""
        return self.community == other.community and set(self.nodes) <= set(other.nodes)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: may these versions go to those, for this purpose?"""

    objects: tuple[Version, ...]
    to: Towards
    purpose: str
    answer_by: datetime
    reason: Mapping[str, str] | None = None
    via: tuple[str, ...] = ()

    def json(self) -> dict[str, Json]:
        """The body as it stands in an act."""
        return {
            "step": "asked",
            "objects": [each.json() for each in self.objects],
            "to": self.to.json(),
            "via": [*self.via],
            "purpose": self.purpose,
            "reason": None if self.reason is None else dict(self.reason),
            "answer_by": timestamp(self.answer_by),
        }


@dataclass(frozen=True, slots=True)
class Given:
    """A yes to the question in the act with that id; `until` is None where it has no end."""

    asked: str
    objects: tuple[Version, ...]
    to: Towards
    until: datetime | None = None

    def json(self) -> dict[str, Json]:
        """The body as it stands in an act."""
        return {
            "step": "given",
            "asked": self.asked,
            "objects": [each.json() for each in self.objects],
            "to": self.to.json(),
            "until": None if self.until is None else timestamp(self.until),
        }


@dataclass(frozen=True, slots=True)
class Denied:
    """A no to the question in the act with that id, or the end of a yes."""

    asked: str
    code: Denial

    def json(self) -> dict[str, Json]:
        """The body as it stands in an act."""
        return {"step": "denied", "asked": self.asked, "code": self.code.value}


@dataclass(frozen=True, slots=True)
class Signed(Authorisation):
    """Officers' approvals of the `given` acts with these ids."""

    def json(self) -> dict[str, Json]:
        """The body as it stands in an act."""
        return {"step": "signed", **Authorisation.json(self)}


Step = Asked | Given | Denied | Signed


@dataclass(frozen=True, slots=True)
class Standing:
    """How a question that we asked stands: what was asked, and when it was given or denied, if it was."""

    asked: Asked
    given: datetime | None = None
    denied: datetime | None = None


DENIED_ALREADY: Final = Reason("consent.denied-already")
GIVEN_ALREADY: Final = Reason("consent.given-already")
TOO_LATE: Final = Reason("consent.too-late")
OTHER_OBJECTS: Final = Reason("consent.other-objects")
OTHER_RECIPIENTS: Final = Reason("consent.other-recipients")
OVER: Final = Reason("consent.over")
OFFICERS: Final = Reason("consent.officers")


def judge_given(
    given: Given, standing: Standing, at: datetime, *, needs_officers: bool, signed: bool
) -> Reason | None:
    """Why a yes counts for nothing; None where it counts.

    Args:
        given: the body.
        standing: of the question that it answers; that the answer comes from the node that was asked was checked.
        at: time of the act that carries it.
        needs_officers: whether officers of the node that gives must stand behind it.
        signed: whether enough of them do.

    Source: accord.md 4; docs/adr/0014.
    """
    asked = standing.asked
    if standing.denied is not None or standing.given is not None:
        return GIVEN_ALREADY if standing.denied is None else DENIED_ALREADY
    if at > asked.answer_by:
        return TOO_LATE
    if not set(given.objects) <= set(asked.objects):
        return OTHER_OBJECTS
    if not given.to.within(asked.to):
        return OTHER_RECIPIENTS
    if needs_officers and not signed:
        return OFFICERS
    return OVER if given.until is not None and given.until <= at else None


def judge_denied(standing: Standing) -> Reason | None:
    """Why a no counts for nothing: it was said before; None where it counts, also after a yes."""
    return None if standing.denied is None else DENIED_ALREADY


def read_consent(body: Json) -> Step:
    """What the body of a `consent` act says.

    Raises:
        PartnerFault: `consent: step`, `consent: members`, `consent: objects`, `consent: to`, `consent: via`,
            `consent: purpose`, `consent: reason`, `consent: answer_by: time form`, `consent: asked: hex`,
            `consent: until: time form`, `consent: code`, `consent: acts`, `consent: records`.
    """
    step = body.get("step") if type(body) is dict else None
    if step == "asked":
        return _read_asked(members(body, _ASKED, "consent"))
    if step == "given":
        return _read_given(members(body, _GIVEN, "consent"))
    if step == "denied":
        return _read_denied(members(body, _DENIED, "consent"))
    if step == "signed":
        return _read_signed(members(body, _SIGNED, "consent"))
    raise PartnerFault("consent: step", repr(step)[:40])


def _read_asked(fields: dict[str, Json]) -> Asked:
    return Asked(
        _read_objects(fields["objects"]),
        _read_to(fields["to"]),
        words(fields["purpose"], "consent: purpose"),
        parse_timestamp(fields["answer_by"], "consent: answer_by"),
        _read_reason(fields["reason"]),
        _read_nodes(fields["via"], "consent: via", least=0),
    )


def _read_given(fields: dict[str, Json]) -> Given:
    until = fields["until"]
    return Given(
        hexadecimal(fields["asked"], 32, "consent: asked"),
        _read_objects(fields["objects"]),
        _read_to(fields["to"]),
        None if until is None else parse_timestamp(until, "consent: until"),
    )


def _read_denied(fields: dict[str, Json]) -> Denied:
    code = fields["code"]
    if type(code) is not str or code not in _DENIALS:
        raise PartnerFault("consent: code", repr(code)[:40])
    return Denied(hexadecimal(fields["asked"], 32, "consent: asked"), _DENIALS[code])


def _read_signed(fields: dict[str, Json]) -> Signed:
    read = read_authorisation(fields, "consent", MOST_ACTS, MOST_RECORDS)
    return Signed(read.acts, read.records)


def _read_objects(value: Json) -> tuple[Version, ...]:
    what = "consent: objects"
    listed = array(value, what)
    found = tuple(_read_version(each, what) for each in listed)
    if not 1 <= len(found) <= MOST_OBJECTS or len(set(found)) != len(found):
        raise PartnerFault(what, "none, too many, or twice")
    return found


def _read_version(value: Json, what: str) -> Version:
    fields = members(value, _OBJECT, what)
    stix_id, modified = object_id(fields["id"], what), fields["modified"]
    if modified is not None:
        modified = words(modified, what, 40)
    return Version(stix_id, modified, hexadecimal(fields["sha256"], 32, what))


def _read_to(value: Json) -> Towards:
    what = "consent: to"
    if type(value) is dict and value.keys() == {"community"}:
        community = value["community"]
        if type(community) is str and COMMUNITY.fullmatch(community):
            return Towards(community=community)
    if type(value) is dict and value.keys() == {"nodes"}:
        return Towards(_read_nodes(value["nodes"], what, least=1))
    raise PartnerFault(what)


def _read_nodes(value: Json, what: str, least: int) -> tuple[str, ...]:
    nodes = tuple(each for each in array(value, what) if isinstance(each, str) and is_node_name(each))
    if nodes != tuple(array(value, what)) or not least <= len(nodes) <= MOST_NODES:
        raise PartnerFault(what)
    if len(set(nodes)) != len(nodes):
        raise PartnerFault(what, "twice")
    return nodes


def _read_reason(value: Json) -> Mapping[str, str] | None:
    what = "consent: reason"
    if value is None:
        return None
    if type(value) is not dict or not 1 <= len(value) <= MOST_LANGUAGES:
        raise PartnerFault(what)
    if not all(_LANGUAGE.fullmatch(each) for each in value):
        raise PartnerFault(what, "language")
    return {language: words(text, what, MOST_WORDS) for language, text in value.items()}
