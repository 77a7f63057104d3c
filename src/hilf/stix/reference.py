"""What an object points to: ids, and the references that it holds.

STIX 2.1 section 2.9 (identifiers) and 3.2: a property whose name ends in `_ref` or `_refs` holds identifiers of other
objects. `created_by_ref` and the markings are not in the list, for they are columns of their own everywhere.
Whether a reference may point to that type is decided in `judge`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from hilf.canonical import Json

IDENTIFIER: Final = re.compile(
    r"([a-z][a-z0-9-]+[a-z0-9])--"
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
)
_NOT_LISTED: Final = frozenset({"created_by_ref", "object_marking_refs", "granular_markings"})

Reference = tuple[str, str]


def is_identifier(value: object) -> bool:
    """True for text of the form `type--uuid`."""
    return isinstance(value, str) and IDENTIFIER.fullmatch(value) is not None


def type_of(identifier: str) -> str:
    """The type named in an identifier; empty where it has no such form."""
    return identifier.partition("--")[0] if is_identifier(identifier) else ""


def references(stix_object: Mapping[str, Json]) -> tuple[Reference, ...]:
    """Every (property, identifier) that an object points to, each once, in the order of its properties.

    Properties inside extensions and lists count under their own name; text that is no identifier (the numbers that
    the deprecated `objects` of observed-data use among themselves) is left out.
    """
    found: list[Reference] = []
    for name, value in stix_object.items():
        if name in _NOT_LISTED:
            continue
        if name.endswith(("_ref", "_refs")) or isinstance(value, dict | list):
            found.extend(_under(name, value))
    return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)


def _under(name: str, value: Json) -> Iterator[Reference]:
    """Walks without recursion: depth is bounded by the reader, not here."""
    waiting: list[tuple[str, Json]] = [(name, value)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, str):
            if name.endswith(("_ref", "_refs")) and IDENTIFIER.fullmatch(value):
                yield name, value
        elif isinstance(value, list):
            waiting.extend((name, member) for member in reversed(value) if isinstance(member, str | list | dict))
        elif isinstance(value, dict):
            waiting.extend((key, member) for key, member in reversed(value.items()) if key not in _NOT_LISTED)
