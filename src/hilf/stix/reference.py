"""What an object points to: ids, and the references that it holds.

STIX 2.1 section 2.9 (identifiers) and 3.2: a property whose name ends in `_ref` or `_refs` holds identifiers of other
objects. `created_by_ref` and the markings are not in the list, for they are columns of their own everywhere.
Whether a reference may point to that type is decided in `judge`.
"""

import re
from collections.abc import Mapping
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
    """Every (property, identifier) that an object points to, each once, top level first.

    Properties inside extensions and lists count under their own name; text that is no identifier (the numbers that
    the deprecated `objects` of observed-data use among themselves) is left out.
    """
    found: list[Reference] = []
    # Walks without recursion: depth is bounded before an object gets here.
    waiting: list[Mapping[str, Json]] = [stix_object]
    while waiting:
        for name, value in waiting.pop().items():
            kind = type(value)
            if kind is str:
                if name[-4:] == "_ref" and name not in _NOT_LISTED and IDENTIFIER.fullmatch(value):  # type: ignore[arg-type]  # it is a str
                    found.append((name, value))  # type: ignore[arg-type]  # it is a str
            elif kind is dict:
                waiting.append(value)  # type: ignore[arg-type]  # it is a dict
            elif kind is list and name not in _NOT_LISTED:
                _in_list(name, value, found, waiting)  # type: ignore[arg-type]  # it is a list
    return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)


def _in_list(
    name: str, members: list[Json], found: list[Reference], waiting: list[Mapping[str, Json]]
) -> None:
    queue = [members]
    for each in queue:
        for member in each:
            if isinstance(member, str):
                if name[-5:] == "_refs" and IDENTIFIER.fullmatch(member):
                    found.append((name, member))
            elif isinstance(member, dict):
                waiting.append(member)
            elif isinstance(member, list):
                queue.append(member)
