"""An object made ready to be read by a person: its members in a sensible order, its bytes laid out, and what looks like a trap.

Decides what is pointed out to a reader: things in partners' text that would mislead or run elsewhere (house rule: text is text).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from hilf.canonical import Json

LONGEST: Final = 20_000
"""Characters of laid-out bytes that are shown; the file holds all."""

_FIRST: Final = ("name", "value", "pattern", "description", "abstract", "content", "labels", "confidence")
_NOT_SHOWN: Final = frozenset({"type", "id", "spec_version", "object_marking_refs", "created_by_ref"})
_MARKUP: Final = re.compile(
    r"<\s*/?\s*(?:script|svg|img|iframe|object|embed|style|link|meta|form|a|html|body|math|video|audio)\b|\bon[a-z]+\s*=|javascript:|data:text/html",
    re.IGNORECASE,
)
_MARKDOWN: Final = re.compile(r"!?\[[^\]\n]{0,500}\]\(\s*[^)\s]+[^)]*\)")
_FORMULA: Final = re.compile(r"^\s*[=+@][A-Za-z(]|^\s*-[A-Za-z(]+\(|\bDDE\s*\(|\bcmd\s*\|")
_TURNING: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNSEEN: Final = re.compile("[\u00ad\u200b\u2060-\u2064\ufeff\U000e0020-\U000e007f]")
_LONG: Final = 100_000
_LOOK_ALIKE: Final = {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object: its name, and its value as text; nested values are laid out as JSON."""

    name: str
    text: str
    is_json: bool = False


def members(stix_object: Mapping[str, Json]) -> tuple[Member, ...]:
    """The members that say something, the telling ones first."""
    names = [name for name in _FIRST if name in stix_object]
    names += sorted(name for name in stix_object if name not in _FIRST and name not in _NOT_SHOWN)
    return tuple(_member(name, stix_object[name]) for name in names)


def pretty(body: bytes) -> str:
    """Bytes laid out for reading; what is no JSON or no UTF-8 is shown with the broken places marked."""
    try:
        text = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()
    except ValueError:
        text = body.decode(errors="backslashreplace")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n…"


def suspicions(stix_object: Mapping[str, Json]) -> tuple[str, ...]:
    """What in its texts looks like a trap: markup, markdown-link, formula, turns-text, unseen, look-alike, very-long."""
    found: dict[str, None] = {}
    for text in _texts(dict(stix_object)):
        if len(text) > _LONG:
            found["very-long"] = None
            text = text[:_LONG]  # noqa: PLW2901  # what comes after is not looked at
        for word, pattern in (
            ("markup", _MARKUP), ("markdown-link", _MARKDOWN), ("formula", _FORMULA), ("turns-text", _TURNING), ("unseen", _UNSEEN),
        ):  # fmt: skip
            if pattern.search(text):
                found[word] = None
        if not text.isascii() and _mixes(text):
            found["look-alike"] = None
    return tuple(found)


def _texts(value: Json) -> Iterator[str]:
    waiting: list[Json] = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, Mapping):
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


def _mixes(text: str) -> bool:
    """Whether one word mixes Latin letters with those of a script that looks like it."""
    for word in re.findall(r"\w+", text):
        if word.isascii():
            continue
        scripts = {unicodedata.name(each, "?").split(" ", 1)[0] for each in word if each.isalpha()}
        if "LATIN" in scripts and scripts & _LOOK_ALIKE:
            return True
    return False


def _member(name: str, value: Json) -> Member:
    if isinstance(value, str):
        return Member(name, value)
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return Member(name, "\n".join(map(str, value)))
    is_nested = isinstance(value, dict | list)
    return Member(name, orjson.dumps(value, option=orjson.OPT_INDENT_2).decode(), is_json=is_nested)
