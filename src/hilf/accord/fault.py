"""Faults: what is wrong with the text of an accord, each with its place; all at once, never only the first.

Decides nothing about accords: it holds the questions that `accord.document` and `accord.clause` ask of a JSON text (is
this a time, a name, one of these words) and remembers each answer that was no, so that somebody who drafts an agreement
sees every fault in one go. A place is written as in `clauses[3].when.marking_max`.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from hilf.canonical import Json, parse_timestamp
from hilf.errors import PartnerFault

MAX_TEXT: Final = 20_000
"""Characters in one text of one clause: about ten printed pages."""

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)
_WORD: Final = re.compile(r"[a-z0-9][a-z0-9._:-]{0,63}", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        place: where, e.g. "clauses[3].when.marking_max"; "" is the document itself.
        rule: stable words, e.g. "accord: marking_max".
        message: one sentence for the person who wrote it.
    """

    place: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


class Faults:
    """Reads members of a text and collects what is wrong with them; after a fault a harmless value is returned."""

    def __init__(self) -> None:
        self._found: list[Fault] = []

    def add(self, place: str, rule: str, message: str) -> None:
        """Remember a fault."""
        self._found.append(Fault(place, f"accord: {rule}", message))

    def found(self) -> tuple[Fault, ...]:
        """Everything that was wrong, in the order of reading."""
        return tuple(self._found)

    def raise_first(self) -> None:
        """Return if nothing was wrong.

        Raises:
            PartnerFault: with the rule of the first fault, and every fault in its detail.
        """
        if self._found:
            raise PartnerFault(self._found[0].rule, "; ".join(map(str, self._found)))

    def members(self, value: Json, place: str, required: Collection[str] = ()) -> Mapping[str, Json]:
        """A JSON object that holds at least the required members."""
        if not isinstance(value, dict):
            self.add(place, "object", "must be a JSON object.")
            return {}
        for name in sorted(set(required) - value.keys()):
            self.add(_inside(place, name), "members", "is missing.")
        return value

    def items(self, value: Json, place: str, most: int, least: int = 0) -> list[Json]:
        """A list of at least `least` and at most `most` items."""
        if not isinstance(value, list):
            self.add(place, "list", "must be a list.")
            return []
        if not least <= len(value) <= most:
            self.add(place, "limit", f"must hold {least} to {most} items, not {len(value)}.")
            return []
        return value

    def text(self, value: Json, place: str, most: int = MAX_TEXT) -> str:
        """A text that is not empty."""
        if isinstance(value, str) and value.strip() and len(value) <= most:
            return value
        self.add(place, "text", f"must be a text of 1 to {most} characters.")
        return ""

    def texts(self, value: Json, place: str) -> Mapping[str, str]:
        """The same text in one language or more: language tag → text."""
        texts = self.members(value, place)
        if isinstance(value, dict) and not texts:
            self.add(place, "text", "must hold the text in one language at least.")
        for language in texts:
            self.language(language, _inside(place, language))
        return {language: self.text(text, _inside(place, language)) for language, text in texts.items()}

    def language(self, value: Json, place: str) -> str:
        """A language tag as RFC 5646 writes it."""
        return self.shaped(value, place, _LANGUAGE, "language", 'must be a language tag such as "fr".')

    def word(self, value: Json, place: str) -> str:
        """A word for machines: lower-case letters, digits, hyphen, dot, colon, underscore; at most 64."""
        return self.shaped(value, place, _WORD, "word", "must be a word of a-z, 0-9, '-', '.', ':' or '_'.")

    def shaped(self, value: Json, place: str, form: re.Pattern[str], rule: str, message: str) -> str:
        """A text that has this form from its first to its last character."""
        if isinstance(value, str) and form.fullmatch(value):
            return value
        self.add(place, rule, message)
        return ""

    def words(self, value: Json, place: str, most: int, least: int = 0) -> tuple[str, ...]:
        """A list of distinct words."""
        items = [
            self.word(item, f"{place}[{i}]") for i, item in enumerate(self.items(value, place, most, least))
        ]
        return self.distinct(items, place)

    def distinct(self, items: list[str], place: str) -> tuple[str, ...]:
        """The items, none of them twice."""
        if len(set(items)) != len(items):
            self.add(place, "twice", "holds the same item twice.")
        return tuple(items)

    def one_of(self, value: Json, place: str, words: Collection[str], rule: str) -> str:
        """One word of a closed vocabulary."""
        if isinstance(value, str) and value in words:
            return value
        self.add(place, rule, f"{str(value)[:40]!r} is none of: {', '.join(words)}.")
        return next(iter(words))

    def whole(self, value: Json, place: str, least: int, most: int) -> int:
        """A whole number in a range; true is none."""
        if type(value) is int and least <= value <= most:
            return value
        self.add(place, "number", f"must be a whole number from {least} to {most}.")
        return least

    def flag(self, value: Json, place: str) -> bool:
        """True or false."""
        if isinstance(value, bool):
            return value
        self.add(place, "flag", "must be true or false.")
        return False

    def time(self, value: Json, place: str) -> datetime:
        """A time with its zone, in the one form of wire.md 1."""
        try:
            return parse_timestamp(value, "accord")
        except PartnerFault:
            self.add(place, "time form", 'must be a UTC time such as "2026-01-31T00:00:00.000Z".')
            return _EPOCH


def _inside(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
