"""Folding: one spelling for all that a person reads as the same name, in any script.

Compatibility forms (NFKC), upper and lower case, accents, Arabic vowel signs, tatweel and letter variants, invisible
characters, digits of other scripts, and letters of Cyrillic and Greek that look like Latin ones all fold to one. Words are parted
by one blank; what stands between them does not matter. Sources: UAX 15, UTS 39 (the letters that pass in mixed text).
"""

import re
import unicodedata
from importlib.resources import files
from typing import Final

_NOT_WORDS = re.compile(r"[\W_]+")
_PROCLITIC = re.compile(r"[وف]?[بكل]?(?:ال|ل)?")
"""What Arabic writes in front of a name without a blank: and, so, with, like, to, the."""

_LETTERS: Final = [
    line.split("\t")
    for line in files("hilf.lists").joinpath("letters.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
_TABLE: Final = str.maketrans(dict(_LETTERS))
_SPACELESS: Final = (
    (0x0E00, 0x0EFF), (0x0F00, 0x109F), (0x1100, 0x11FF), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF), (0xAC00, 0xD7AF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF),
)  # fmt: skip
"""Scripts whose words are not parted by blanks, or whose endings hang on the name: Thai to Han and Hangul."""


def skeleton(text: str) -> str:
    """The letters of a text as a reader takes them; what parts its words stays."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(map(_plain, text)).translate(_TABLE)


def folded(text: str) -> str:
    """The words of a text as they are compared, one blank between."""
    return _NOT_WORDS.sub(" ", skeleton(text)).strip()


def spellings(name: str) -> tuple[str, ...]:
    """A folded name and how else it stands in a text: with the Arabic article, "to the" swallows its alif."""
    return (name, f"لل{name[2:]}") if name.startswith("ال") and len(name) > len("ال") else (name,)


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether the part of a folded text is words of its own, and not a piece of a longer one."""
    return _begins(text, start) and (
        end == len(text) or text[end] == " " or _is_spaceless(text[end]) or _is_spaceless(text[end - 1])
    )


def _begins(text: str, start: int) -> bool:
    if start == 0 or text[start - 1] == " " or _is_spaceless(text[start - 1]) or _is_spaceless(text[start]):
        return True
    before = text[text.rfind(" ", 0, start) + 1 : start]
    return "\u0621" <= text[start] <= "\u06ff" and _PROCLITIC.fullmatch(before) is not None


def _is_spaceless(character: str) -> bool:
    return character > "\u0dff" and any(first <= ord(character) <= last for first, last in _SPACELESS)


def _plain(character: str) -> str:
    if character.isascii():
        return character
    category = unicodedata.category(character)
    if category in {"Mn", "Me", "Cf"}:
        return ""
    return str(unicodedata.digit(character)) if category == "Nd" else character
