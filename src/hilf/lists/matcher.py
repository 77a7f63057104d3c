"""The matcher: every list at once against one object.

Decides what of an object stands on a list. The nation's lists are looked for in every text, as names and as addresses, hosts, mail
addresses and hashes; the others in observable values only: a report may well speak of a public resolver. One pass over the
joined texts says whether anything is there at all, which is rare; only then is it looked for text by text, for its place.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from ahocorasick_rs import AhoCorasick

from hilf.canonical import Json
from hilf.lists.entry import Entry, Kind
from hilf.lists.fold import folded, spellings, stands_alone
from hilf.lists.hit import Found
from hilf.lists.ranges import Ranges, Span, carried, span_of
from hilf.lists.texts import Text, texts_of
from hilf.lists.token import Tokens, Within, readings, tokens_of

EDITION: Final = 2
"""Raised with every change of what this room finds: objects are then looked at anew."""

MOST_OF_A_LIST: Final = 8
"""How many things of one object are told for one list: a person needs to see that there are some, and where."""

Meaning = tuple[str, str]
"""A list and its entry."""


@dataclass(frozen=True, slots=True)
class ValueList:
    """A list of observable values.

    Attributes:
        name: of the list.
        spans: blocks of addresses.
        hosts: names of hosts that stand on it with all below them.
        exact: names of hosts that stand on it alone.
        hashes: in lower case.
        within: where the name of a host must stand to count.
    """

    name: str
    spans: Ranges = field(default_factory=lambda: Ranges(()))
    hosts: frozenset[str] = frozenset()
    exact: frozenset[str] = frozenset()
    hashes: frozenset[str] = frozenset()
    within: frozenset[Within] = frozenset(Within)


class Matcher:
    """Lists made ready to be looked for; made once, used for many objects."""

    def __init__(
        self, national: Mapping[str, Iterable[Entry]], value_lists: Sequence[ValueList] = ()
    ) -> None:
        self._exactly: dict[Kind, dict[str, list[Meaning]]] = {kind: {} for kind in Kind}
        spans: dict[str, list[Span]] = {}
        for name, entries in national.items():
            for entry in entries:
                self._learn(name, entry, spans)
        self._spans = tuple((name, Ranges(held)) for name, held in spans.items())
        self._names = tuple(self._exactly[Kind.NAME])
        self._search = AhoCorasick(self._names) if self._names else None
        self._ranged = tuple(each for each in value_lists if each.spans)
        self._hosts, self._exact, self._hashes = _by_value(tuple(value_lists))
        self._has_values = bool(self._spans) or any(
            held for kind, held in self._exactly.items() if kind is not Kind.NAME
        )

    def look(self, stix_object: Mapping[str, Json]) -> tuple[Found, ...]:
        """What of an object stands on a list; of each entry the first place, of each list MOST_OF_A_LIST at most."""
        texts = list(texts_of(stix_object))
        named = self._search is not None and any(self._named("\n".join(text.words for text in texts)))
        values = "\n".join(text.words for text in texts if text.is_value)
        others = "\n".join(text.words for text in texts if not text.is_value) if self._has_values else ""
        in_values = any(self._among(tokens_of(values), True)) if values else False
        in_others = any(self._among(tokens_of(others), False)) if others else False
        if not (named or in_values or in_others):
            return ()
        found: dict[Meaning, Found] = {}
        many: Counter[str] = Counter()
        for text in texts:
            for meaning, value in self._of_text(text, named, in_values if text.is_value else in_others):
                if meaning not in found and many[meaning[0]] < MOST_OF_A_LIST:
                    found[meaning] = Found(meaning[0], value, meaning[1], text.place)
                    many[meaning[0]] += 1
        return tuple(found.values())

    def _learn(self, name: str, entry: Entry, spans: dict[str, list[Span]]) -> None:
        meaning = (name, entry.text)
        if entry.kind is Kind.NETWORK:
            span = span_of(entry.value)
            if span is not None:
                inner = carried(span)
                spans.setdefault(name, []).extend([span] if inner is None else [span, inner])
            return
        written: tuple[str, ...] = (entry.value,)
        if entry.kind is Kind.NAME:
            written = spellings(entry.value)
        elif entry.kind is Kind.DOMAIN:
            whole = entry.value.count(".") + 1
            written = tuple(each for each in readings(entry.value) if each.count(".") + 1 == whole)
        for each in written:
            self._exactly[entry.kind].setdefault(each, []).append(meaning)

    def _of_text(self, text: Text, named: bool, tokens: bool) -> Iterator[tuple[Meaning, str]]:
        if named:
            yield from self._named(text.words)
        if tokens:
            yield from self._among(tokens_of(text.words), text.is_value)

    def _named(self, words: str) -> Iterator[tuple[Meaning, str]]:
        if self._search is None:
            return
        text = folded(unquote(words) if "%" in words else words)
        for number, start, end in self._search.find_matches_as_indexes(text, overlapping=True):
            if stands_alone(text, start, end):
                for meaning in self._exactly[Kind.NAME][self._names[number]]:
                    yield meaning, text[start:end]

    def _among(self, tokens: Tokens, is_value: bool) -> Iterator[tuple[Meaning, str]]:
        if self._has_values:
            yield from self._of_the_nation(tokens)
        if is_value:
            yield from self._of_value_lists(tokens)

    def _of_the_nation(self, tokens: Tokens) -> Iterator[tuple[Meaning, str]]:
        domains = self._exactly[Kind.DOMAIN]
        for span, text in tokens.spans:
            for name, ranges in self._spans:
                block = ranges.meeting(span)
                if block is not None:
                    yield (name, str(block)), text
        for host, _ in tokens.hosts if domains else ():
            for reading in readings(host):
                for meaning in domains.get(reading, ()):
                    yield meaning, host
        for kind, values in ((Kind.MAIL, tokens.mails), (Kind.HASH, tokens.hashes)):
            for value in values:
                for meaning in self._exactly[kind].get(value, ()):
                    yield meaning, value

    def _of_value_lists(self, tokens: Tokens) -> Iterator[tuple[Meaning, str]]:
        for span, text in tokens.spans:
            for listed in self._ranged:
                block = listed.spans.meeting(span)
                if block is not None:
                    yield (listed.name, str(block)), text
        for host, within in tokens.hosts:
            for reading, listed in self._of_host(host):
                if within in listed.within:
                    yield (listed.name, reading), host
        for value in tokens.hashes:
            for listed in self._hashes.get(value, ()):
                yield (listed.name, value), value

    def _of_host(self, host: str) -> Iterator[tuple[str, ValueList]]:
        """The lists that the name of a host stands on, with the entry; by itself, or below another name."""
        yield from ((host, listed) for listed in self._exact.get(host, ()))
        for reading in readings(host):
            yield from ((reading, listed) for listed in self._hosts.get(reading, ()))


_ByValue = Mapping[str, Sequence[ValueList]]


@lru_cache(maxsize=2)
def _by_value(lists: tuple[ValueList, ...]) -> tuple[_ByValue, _ByValue, _ByValue]:
    """Which lists hold a name with all below it, a name alone, a hash; they change with the package only."""
    hosts: dict[str, list[ValueList]] = {}
    exact: dict[str, list[ValueList]] = {}
    hashes: dict[str, list[ValueList]] = {}
    for listed in lists:
        for found, values in ((hosts, listed.hosts), (exact, listed.exact), (hashes, listed.hashes)):
            for value in values:
                found.setdefault(value, []).append(listed)
    return hosts, exact, hashes
