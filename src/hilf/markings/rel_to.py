"""REL TO and originator control: who may see an object at all, and who must be asked before it goes on.

STIX has no neutral marking for this, so it is an extension of our own on a marking-definition: countries
(ISO 3166-1 alpha-2), communities (the UUID that an accord and a CSAF sharing group use), and an onward rule. The
ids are name-based UUIDs over the content: two nodes that mean the same limit write the same definition.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID, uuid5

from hilf.canonical import Json, dumps
from hilf.errors import CallerFault

Onward = Literal["none", "ask-originator", "listed"]

# A fixed namespace of this project; every id below follows from it.
NAMESPACE: Final = UUID("6f0a4c2e-52d1-5b0e-9d0c-6b1f6d1c8a77")
AUTHOR_ID: Final = f"identity--{uuid5(NAMESPACE, 'identity')}"
EXTENSION_ID: Final = f"extension-definition--{uuid5(NAMESPACE, 'extension-definition: releasability 1.0')}"
CREATED: Final = "2026-01-01T00:00:00.000Z"

_COUNTRY = re.compile(r"[A-Z]{2}")
_COMMUNITY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MEMBERS: Final = frozenset({"extension_type", "rel_to", "onward"})
_SCHEMA: Final = (
    "Object with extension_type (property-extension), rel_to (list of ISO 3166-1 alpha-2 codes in capitals and "
    "community UUIDs in lower case; missing means no limit) and onward (none | ask-originator | "
    "listed; missing means listed). A reader that does not know a member must treat the marking as unreadable."
)


@dataclass(frozen=True, slots=True)
class Releasability:
    """A limit to named countries and communities (None is no limit) and the rule for passing on."""

    rel_to: frozenset[str] | None
    onward: Onward = "listed"


def extension_definition() -> dict[str, Json]:
    """The extension-definition object that says what the marking means, for tools that want one.

    It does not travel with the marking: nodes know the extension by its id, and refuse what they do not know.

    Source: STIX 2.1 section 7.3.
    """
    return {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": EXTENSION_ID,
        "created_by_ref": AUTHOR_ID,
        "created": CREATED,
        "modified": CREATED,
        "name": "Releasability",
        "description": "Countries and communities that a marked object may be released to, and originator control.",
        "schema": _SCHEMA,
        "version": "1.0.0",
        "extension_types": ["property-extension"],
    }


def author() -> dict[str, Json]:
    """The identity that the extension-definition names as its creator."""
    return {
        "type": "identity",
        "spec_version": "2.1",
        "id": AUTHOR_ID,
        "created": CREATED,
        "modified": CREATED,
        "name": "hilf",
        "identity_class": "organization",
    }


def marking(rel_to: Iterable[str] | None, onward: Onward = "listed") -> dict[str, Json]:
    """The marking-definition for a limit; the same limit always gives the same bytes.

    Args:
        rel_to: country codes and community UUIDs, at least one; None is no limit.
        onward: what a recipient may do: pass on to those listed, ask the originator first, or nothing.

    Raises:
        CallerFault: for a code or community that has not the right form, and where there is none.
    """
    entries = None if rel_to is None else sorted(_entry(text) for text in set(rel_to))
    body: dict[str, Json] = {"extension_type": "property-extension", "onward": onward}
    if entries is not None:
        body["rel_to"] = list[Json](entries or [_entry("")])  # STIX 2.1 section 2.10: no list is empty
    words = "Originator control" if entries is None else f"REL TO {', '.join(entries)}"
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": f"marking-definition--{uuid5(NAMESPACE, 'marking-definition: ' + dumps(body).decode())}",
        "created": CREATED,
        "created_by_ref": AUTHOR_ID,
        "name": words if onward == "listed" else f"{words}; onward: {onward}",
        "extensions": {EXTENSION_ID: body},
    }


def _entry(text: str) -> str:
    country, community = text.strip().upper(), text.strip().lower()
    if text.isascii() and _COUNTRY.fullmatch(country):
        return country
    if text.isascii() and _COMMUNITY.fullmatch(community):
        return community
    raise CallerFault(
        "markings.rel-to",
        f"Neither a country nor a community: {text[:40]!r}.",
        "REL TO takes ISO 3166-1 alpha-2 codes and community UUIDs.",
        "Write for example QM or 1f0c3c2a-8d3e-4b52-9a64-1d1f5b6c7d8e.",
    )


def read(definition: Mapping[str, Json]) -> Releasability | None:
    """The limit that a marking-definition carries.

    None where it carries none, or one that cannot be read to the letter: the caller then treats the whole marking
    as unknown, which refuses a release.
    """
    extensions = definition.get("extensions")
    body = extensions.get(EXTENSION_ID) if isinstance(extensions, dict) else None
    if (
        not isinstance(body, dict)
        or not _MEMBERS.issuperset(body)
        or not ("rel_to" in body or "onward" in body)
    ):
        return None
    entries, onward = body.get("rel_to"), _ONWARD.get(str(body.get("onward", "listed")))
    if onward is None:
        return None
    if "rel_to" not in body:
        return Releasability(None, onward)
    if not isinstance(entries, list):
        return None
    texts = [entry for entry in entries if isinstance(entry, str)]
    if len(texts) < len(entries) or not all(
        _COUNTRY.fullmatch(text) or _COMMUNITY.fullmatch(text) for text in texts
    ):
        return None
    return Releasability(frozenset(texts), onward)


_ONWARD: Final[Mapping[str, Onward]] = {
    "none": "none",
    "ask-originator": "ask-originator",
    "listed": "listed",
}
