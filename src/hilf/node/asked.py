"""One line of a search: terms of the select language and plain words mixed, understood and completed while it is typed.

Decides nothing about objects: what a term means is `stix.select`, what words find is `node/search`, what there is `store/intelligence/stock`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hilf.markings.tlp import Tlp
from hilf.node.home import Home
from hilf.stix import select
from hilf.stix.select import Term
from hilf.store.federation import peer as peers
from hilf.store.intelligence import imports, label, stock

LONGEST: Final = 4_000
"""Characters of a line that are read."""
OFFERED: Final = 12

_TERM: Final = re.compile(r'-?([A-Za-z]+)(?::|[<>]=?)(?:"(?:[^"\\]|\\.)*"|[^\s"])*(?:"[^"]*$)?')
_LAST: Final = re.compile(r"(?:^|\s)(-?)([A-Za-z_-]*)(?:(:|[<>]=?)((?:[^\s\"]|\"[^\"]*\"?)*))?$")
_DAYS: Final = (0, 1, 7, 30, 365)


@dataclass(frozen=True, slots=True)
class Asked:
    """A line, understood: terms, and words that must all be in the text."""

    terms: tuple[Term, ...]
    words: str

    @property
    def select(self) -> str:
        """The same as one selection, in which the words are terms as well."""
        words = tuple(Term("text", ":", (word,)) for word in self.words.split())
        return select.render((*self.terms, *words))


@dataclass(frozen=True, slots=True)
class Offer:
    """A way to go on: the whole line with it, and what it adds."""

    line: str
    adds: str


def understand(line: str) -> Asked:
    """What a line asks for: what begins with a field of the select language is a term, all else are words.

    Raises:
        CallerFault: codes "select.syntax", "select.time".
    """
    terms, words, at = [], [], 0
    line = line[:LONGEST]
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        found = _TERM.match(line, at)
        if found and found[1].lower() in select.FIELDS:
            terms.append(found[0])
            at = found.end()
            continue
        word = re.compile(r"\S+").match(line, at)
        at = word.end() if word else len(line)
        words.append(word[0] if word else "")
    return Asked(select.parse(" ".join(terms)), " ".join(words))


def complete(home: Home, line: str, now: datetime) -> tuple[Offer, ...]:
    """How the last word of a line may go on: fields, or the values that a field has on this node."""
    found = _LAST.search(line[:LONGEST])
    if found is None:
        return ()
    minus, field, op, typed = found[1], found[2].lower(), found[3], found[4] or ""
    before = line[: found.start(1)]
    if op is None:
        fits = (
            [each for each in select.FIELDS if each.startswith(field) and each != field]
            if field or minus
            else list(select.FIELDS)
        )
        return tuple(Offer(f"{before}{minus}{each}:", f"{each}:") for each in fits[:OFFERED])
    if field not in select.FIELDS:
        return ()
    done, _, last = typed.rpartition(",")
    head = f"{before}{minus}{field}{op}{done}{',' if done else ''}"
    start = last.strip('"').lower()
    offers = []
    for value in _values(home, field, now):
        if start in value.lower() and value.lower() != start:
            written = select.render((Term("text", ":", (value,)),)).removeprefix("text:")
            offers.append(Offer(f"{head}{written} ", value))
            if len(offers) == OFFERED:
                break
    return tuple(offers)


def _values(home: Home, field: str, now: datetime) -> Iterable[str]:
    if field in select.TIMES:
        return ((now - timedelta(days=n)).date().isoformat() for n in _DAYS)
    offers = _VALUES.get(field)
    return offers(home) if offers else ()


def _nodes(home: Home) -> Iterable[str]:
    return (home.node, *(each.node for each in peers.every()))


_VALUES: Final[Mapping[str, Callable[[Home], Iterable[str]]]] = {
    "type": lambda _: stock.types(),
    "marking": lambda _: (f"tlp:{level.word}" for level in Tlp),
    "label": lambda _: (*label.words(), *stock.listed("labels")),
    "sector": lambda _: stock.listed("sectors"),
    "lang": lambda _: stock.stated("lang"),
    "owner": _nodes,
    "partner": _nodes,
    "source": lambda _: (each.name for each in imports.sources()),
    "accord": lambda _: stock.accords(),
    "technique": lambda _: stock.techniques(),
    "confidence": lambda _: ("15", "50", "85", "100"),
    "revoked": lambda _: ("true", "false"),
    "exercise": lambda _: ("true", "false"),
}
