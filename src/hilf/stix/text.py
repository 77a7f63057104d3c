"""The words of an object, for full text search.

Everything that a person wrote or would search for: names, descriptions, aliases, labels, contents, values, patterns,
and the text of extensions and custom properties; without identifiers, times, references and binary payloads.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from hilf.canonical import Json

# The index keeps no more of one object: a report of 100 pages fits.
MAX_CHARACTERS: Final = 262_144

_SKIPPED: Final = frozenset(
    {"id", "type", "spec_version", "created", "modified", "revoked", "lang", "granular_markings",
     "object_marking_refs", "payload_bin", "pattern_version", "pattern_type", "extension_type", "hashes"}
)  # fmt: skip
_FIRST: Final = ("name", "aliases", "value", "labels", "description")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", re.ASCII)


def text_of(stix_object: Mapping[str, Json]) -> str:
    """All words of an object, one text per line, names first; at most MAX_CHARACTERS."""
    pieces: list[str] = []
    room = MAX_CHARACTERS
    for piece in _pieces(stix_object):
        pieces.append(piece[:room])
        room -= len(piece) + 1
        if room <= 0:
            break
    return "\n".join(pieces)


def _pieces(stix_object: Mapping[str, Json]) -> Iterator[str]:
    names = (
        *(name for name in _FIRST if name in stix_object),
        *(name for name in stix_object if name not in _FIRST),
    )
    waiting: list[tuple[str, Json]] = [(name, stix_object[name]) for name in reversed(names)]
    while waiting:
        name, value = waiting.pop()
        if name in _SKIPPED or name.endswith(("_ref", "_refs", "_bin", "_hex")):
            continue
        if isinstance(value, str):
            if value and not _TIME.fullmatch(value):
                yield value
        elif isinstance(value, list):
            waiting.extend((name, member) for member in reversed(value))
        elif isinstance(value, dict):
            waiting.extend(reversed(value.items()))
