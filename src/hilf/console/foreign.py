"""Words that others wrote, made safe to look at: what would turn text around or hide in it is shown by its number.

Decides which characters a page never passes on as they are (cooperation.md 10; Unicode TR 36): those that set the direction
of what follows, those without width that make two words look alike, control characters, and halves of broken characters.
Joiners between letters stay, since Arabic and Persian are written with them.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final

DIRECTIONS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that set or end a direction."""

WITHOUT_WIDTH: Final = frozenset(
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060\u2061\u2062\u2063\u2064\ufeff\uffa0\U000e0001"
)
"""Characters that nobody sees."""

_KEPT: Final = frozenset("\n\t")
_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})
_TAGS: Final = range(0xE0020, 0xE0080)


def is_hidden(character: str) -> bool:
    """Whether a character does something that a reader cannot see."""
    if character in _KEPT:
        return False
    return (
        character in DIRECTIONS
        or character in WITHOUT_WIDTH
        or ord(character) in _TAGS
        or unicodedata.category(character) in _HIDDEN_CATEGORIES
    )


def parts(text: str) -> Iterator[tuple[bool, str]]:
    """A text in turns: (False, what can be shown as it is) and (True, the number of a hidden character)."""
    plain: list[str] = []
    for character in text:
        if not is_hidden(character):
            plain.append(character)
            continue
        if plain:
            yield False, "".join(plain)
            plain = []
        yield True, f"U+{ord(character):04X}"
    if plain:
        yield False, "".join(plain)


def mixes_scripts(text: str) -> bool:
    """Whether one label of a name mixes Latin letters with Cyrillic or Greek ones, which look like them."""
    for label in text.split("."):
        scripts = {
            unicodedata.name(character, "?").split(" ", 1)[0] for character in label if character.isalpha()
        }
        if "LATIN" in scripts and scripts & {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}:
            return True
    return False


def ascii_name(text: str) -> str:
    """How machines write a name that holds other letters than a to z: its A-labels; empty where there are none."""
    if text.isascii() or " " in text or "." not in text:
        return ""
    try:
        return text.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
