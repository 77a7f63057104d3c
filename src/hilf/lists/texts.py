"""Texts: everything in an object that a person or a machine reads, with its place.

Decides what is an observable value (all strings of a cyber-observable, and the pattern of an indicator) and what is text.
Nested objects, extensions and custom properties count, with the names of their members where no standard gives these.
Ids, times and the words that tell a reader how to read (type, language, pattern language) say nothing where they are ordinary,
and binary payloads are not opened.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from hilf.canonical import Json
from hilf.stix.upgrade import CYBER_OBSERVABLES

_UNREAD: Final = frozenset({"id", "type", "spec_version", "object_marking_refs"})
_HOW_TO_READ: Final = frozenset({"lang", "pattern_type", "pattern_version"})
_ORDINARY: Final = re.compile(
    r"stix|pcre|sigma|snort|suricata|yara|[0-9.]{1,8}|[a-z]{2,3}(?:-[A-Z]{2})?", re.ASCII
)
_OPEN: Final = frozenset({"extensions", "additional_header_fields", "environment_variables", "hashes"})
"""Properties below which no standard gives all names of members."""
_VALUES: Final = {"indicator": ("pattern",), "observed-data": ("objects",)}
"""Properties of other objects that hold observable values."""
_PAYLOAD: Final = "payload_bin"
_NOTHING_SAID: Final = re.compile(
    r"(?!x-)[a-z0-9][a-z0-9-]*--[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z",
    re.ASCII | re.IGNORECASE,
)
"""Ids and times."""

Steps = tuple[str, ...]


class Text(NamedTuple):
    """One string of an object.

    Attributes:
        words: the string.
        steps: the way to it, property by property.
        is_value: whether it is or holds an observable value.
    """

    words: str
    steps: Steps
    is_value: bool

    @property
    def place(self) -> str:
        """The way to it as a STIX selector (STIX 2.1 7.2.3.1)."""
        return ".".join(self.steps)


def texts_of(stix_object: Mapping[str, Json]) -> Iterator[Text]:
    """Every string of an object that may say something, in no promised order."""
    is_observable = stix_object.get("type") in CYBER_OBSERVABLES
    waiting: list[tuple[Json, Steps, bool, bool]] = []
    for name, value in stix_object.items():
        if name in _HOW_TO_READ and isinstance(value, str) and _ORDINARY.fullmatch(value):
            continue
        if name not in _UNREAD or (isinstance(value, str) and value.startswith("x-")):
            is_value = is_observable or name in _VALUES.get(str(stix_object.get("type")), ())
            is_custom = name.startswith("x_")
            waiting.append((value, (name,), is_value, is_custom or name in _OPEN))
            if is_custom:
                yield Text(name, (name,), False)
    yield from _below(waiting)


def _below(waiting: list[tuple[Json, Steps, bool, bool]]) -> Iterator[Text]:
    """The strings below these values; below custom ones (the last member) names of members are texts as well."""
    while waiting:
        value, steps, is_value, is_custom = waiting.pop()
        if isinstance(value, str):
            if value and not _NOTHING_SAID.fullmatch(value):
                yield Text(value, steps, is_value)
        elif isinstance(value, dict):
            for name, member in value.items():
                if name == _PAYLOAD and value.get("type") == "artifact":
                    continue
                custom = is_custom or name.startswith("x_")
                waiting.append((member, (*steps, name), is_value, custom or name in _OPEN))
                if custom:
                    yield Text(name, (*steps, name), False)
        elif isinstance(value, list):
            waiting.extend((item, (*steps, f"[{n}]"), is_value, is_custom) for n, item in enumerate(value))
        elif isinstance(value, int) and steps[-1:] == ("number",) and is_value:
            yield Text(f"AS{value}", steps, True)
