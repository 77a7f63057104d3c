"""REL TO and originator control: who may see an object at all, and who must be asked before it goes on.

STIX has no neutral marking for this, so it is an extension of our own on a marking-definition: countries
(ISO 3166-1 alpha-2), communities (the UUID that an accord and a CSAF sharing group use), and an onward rule. The
ids are name-based UUIDs over the content: two nodes that mean the same limit write the same definition.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from hilf.canonical import Json
from hilf.errors import CallerFault
from hilf.markings import extension

Onward = Literal["none", "ask-originator", "listed"]

EXTENSION_ID: Final = extension.extension_id("releasability 1.0")

_COUNTRY = re.compile(r"[A-Z]{2}")
_COMMUNITY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MEMBERS: Final = frozenset({"extension_type", "rel_to", "onward"})


@dataclass(frozen=True, slots=True)
class Releasability:
    """A limit to named countries and communities (None is no limit) and the rule for passing on."""

    rel_to: frozenset[str] | None
    onward: Onward = "listed"


def extension_definition() -> dict[str, Json]:
    """The extension-definition object that says what the marking means, for tools that want one."""
    return extension.extension_definition(
        EXTENSION_ID,
        "releasability",
        "Releasability",
        "Countries and communities that a marked object may be released to, and originator control.",
    )


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
    name = words if onward == "listed" else f"{words}; onward: {onward}"
    return extension.marking_definition(EXTENSION_ID, body, name)


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
