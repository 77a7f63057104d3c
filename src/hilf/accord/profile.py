"""A profile: everything about an object that a release decision may depend on, and nothing else.

Decides what is read from an object for the decision (accord.md 3). Objects with the same profile get the same decision,
so decisions are kept by profile: a profile is a value and can be hashed. Reading markings from an object is left to
`hilf.markings`; the decision itself to `accord.decide`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hilf.accord.terms import Onward
from hilf.canonical import Json
from hilf.markings.marking import Markings

DEFAULT_LANGUAGE: Final = "en"
"""The language of an object that states none. Source: STIX 2.1 3.2 (`lang`)."""


PERSONAL_PARTS: Final[Mapping[str, tuple[str, ...]]] = {"email-addr": ("belongs_to_ref", "display_name")}
"""STIX type → selectors of what makes it data about a person and can be taken out: without them an e-mail address names a
mailbox. An account and the identity of a person are nothing else than that, so these stay whole."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a received object came: from whom, under which accord, on which terms.

    Attributes:
        accord: (id, version) of the accord that the act cited.
        community: that accord's community.
        parties: that accord's parties, the "listed" of its onward rule.
        onward: the onward rule in the terms of the act.
        retention_until: in the same terms; None where there was no limit.
        consents: (whom, purpose) of the originator's consents as of now: a node, or "community:" with an id.
    """

    accord: tuple[str, int]
    community: str
    parties: frozenset[str]
    onward: Onward
    retention_until: datetime | None = None
    consents: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Profile:
    """What a decision knows about an object.

    Attributes:
        kind: the act that would carry it: "object" or "sighting" for STIX, else the act's kind.
        type: its STIX type; equal to `kind` for what is no STIX object.
        markings: its own and those laid over it, joined.
        overlay: ids of the marking definitions laid over it, which must travel in the terms.
        labels: STIX `labels`.
        sectors: STIX `sectors`.
        confidence: STIX confidence, 0 to 100; None where none is stated.
        asserter: the node that asserts it; ours for our own.
        author: the node (or organisation) that wrote it; None where it has no author.
        arrival: how it came; None for what we assert ourselves.
        languages: language tags of its texts.
        personal_data: whether it holds data about a person.
        exercise: whether it is exercise material.
        revoked: whether it says of itself that it is no longer valid.
    """

    kind: str
    type: str
    markings: Markings
    asserter: str
    overlay: tuple[str, ...] = ()
    labels: frozenset[str] = frozenset()
    sectors: frozenset[str] = frozenset()
    confidence: int | None = None
    author: str | None = None
    arrival: Arrival | None = None
    languages: frozenset[str] = frozenset({DEFAULT_LANGUAGE})
    personal_data: bool = False
    exercise: bool = False
    revoked: bool = False
    own: bool = True

    def __post_init__(self) -> None:
        if self.own and self.arrival is not None:
            raise ValueError("what we assert ourselves did not arrive")

    @property
    def granular(self) -> bool:
        """Whether some of its parts have markings of their own."""
        return bool(self.markings.granular)

    @property
    def originator(self) -> str:
        """Whom to ask for consent: its author, else the node that asserts it."""
        return self.author or self.asserter


def profile_of(
    object_: Mapping[str, Json],
    markings: Markings,
    *,
    asserter: str,
    own: bool,
    overlay: tuple[str, ...] = (),
    author: str | None = None,
    arrival: Arrival | None = None,
    exercise: bool = False,
) -> Profile:
    """The profile of a STIX object.

    Args:
        object_: as accepted by `hilf.stix`; members of a wrong type count as absent.
        markings: what the object and its overlay are marked with, joined.
        asserter: the node whose assertion would be passed on.
        own: whether that is this node.
        overlay: ids of marking definitions kept beside the object.
        author: whom the object's authorship proof names.
        arrival: how a received object came; None for our own.
        exercise: whether it came in as exercise material.
    """
    type_ = _text(object_, "type") or ""
    confidence = object_.get("confidence")
    return Profile(
        kind="sighting" if type_ == "sighting" else "object",
        type=type_,
        markings=markings,
        asserter=asserter,
        overlay=overlay,
        labels=_texts(object_, "labels"),
        sectors=_texts(object_, "sectors"),
        confidence=confidence if type(confidence) is int else None,
        author=author,
        arrival=arrival,
        languages=_languages(object_),
        personal_data=holds_personal_data(object_),
        exercise=exercise,
        revoked=object_.get("revoked") is True,
        own=own,
    )


def holds_personal_data(object_: Mapping[str, Json]) -> bool:
    """Whether the object is about a natural person, as far as its type says.

    An identity of class individual, an account, and an e-mail address with a name or an owner are. An e-mail address
    alone is not: as an indicator it names a mailbox. Lists of names that a nation keeps are looked up before release.
    """
    match _text(object_, "type"):
        case "identity":
            return _text(object_, "identity_class") == "individual"
        case "user-account":
            return True
        case "email-addr":
            return "display_name" in object_ or "belongs_to_ref" in object_
        case _:
            return False


def _languages(object_: Mapping[str, Json]) -> frozenset[str]:
    found = {_text(object_, "lang") or DEFAULT_LANGUAGE}
    granular = object_.get("granular_markings")
    for marking in granular if isinstance(granular, list) else ():
        language = _text(marking, "lang") if isinstance(marking, dict) else None
        if language is not None:
            found.add(language)
    return frozenset(found)


def _text(members: Mapping[str, Json], name: str) -> str | None:
    value = members.get(name)
    return value if isinstance(value, str) else None


def _texts(members: Mapping[str, Json], name: str) -> frozenset[str]:
    value = members.get(name)
    return (
        frozenset(item for item in value if isinstance(item, str)) if isinstance(value, list) else frozenset()
    )
