"""Entries of the nation's lists: what a person wrote, as what it is looked for.

Decides of which kind an entry is: an address or block, a domain with all below it, a mail address, a hash, or a name, which is
any other text. An address on the web stands for its host. What is wrong with an entry is said without repeating it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from hilf.errors import CallerFault
from hilf.lists.fold import folded
from hilf.lists.ranges import span_of
from hilf.stix.value import normal, refang

_WEB = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?(\[[^\]]+\]|[^/?#:]+)", re.IGNORECASE)
_DOMAIN = re.compile(r"(?=.{1,253}\Z)[^\s/@:?#\[\]*]+(?:\.[^\s/@:?#\[\]*]+)+")
_HASH = re.compile(
    r"[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{56}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{128}"
)
_LIKE_AN_ADDRESS = re.compile(
    r"[0-9]+(?:\.[0-9]*){3,}|[0-9]+\.[0-9.]*/[0-9]*|(?=.*(?:::|/))[0-9A-Fa-f]*(?::[0-9A-Fa-f]*){2,}(?:/[0-9]*)?"
)
_LEAST_LETTERS: Final = 2
_MOST_CHARACTERS: Final = 500


class Kind(Enum):
    """How an entry is looked for."""

    NETWORK = "network"
    DOMAIN = "domain"
    MAIL = "mail"
    HASH = "hash"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list.

    Attributes:
        kind: how it is looked for.
        value: in normal form; for a name its folded words.
        text: as a person wrote it.
    """

    kind: Kind
    value: str
    text: str


def read_entry(text: str, kind: Kind | None = None) -> Entry:
    """What a person wrote, as an entry.

    Args:
        text: an address, block, domain (`*.` in front changes nothing), mail address, hash, address on the web or name.
        kind: where the text alone would be taken for something else.

    Raises:
        CallerFault: "lists.entry" or "lists.no-address", which do not repeat the text: lists are not for logs.
    """
    text = text.strip()
    if kind is None and _LIKE_AN_ADDRESS.fullmatch(text) and span_of(text) is None:
        raise CallerFault(
            "lists.no-address",
            f"An entry of {len(text)} characters looks like an address or block, and is none.",
            "As a name it would be looked for in words only, and the address that was meant would leave.",
            "Mend it; if it is a name nevertheless, give it with --kind name.",
        )
    for made, value in _meanings(text):
        if value and kind in (None, made):
            return Entry(made, value, text)
    raise CallerFault(
        "lists.entry",
        f"An entry of {len(text)} characters is {'no ' + kind.value if kind else 'nothing that can be looked for'}.",
        f"An entry has at least {_LEAST_LETTERS} letters or digits and at most {_MOST_CHARACTERS} characters.",
        "Give an address, block, domain, mail address, hash or name, one on each line.",
    )


def read_entries(lines: Iterable[str]) -> tuple[Entry, ...]:
    """The entries of a text or CSV file, one on each line: the first column, comments and empty lines left out.

    Raises:
        CallerFault: "lists.entries": which lines cannot be used, without repeating them.
    """
    entries: list[Entry] = []
    wrong: list[int] = []
    for number, line in enumerate(lines, 1):
        cell = _first_cell(line.strip().lstrip("\ufeff"))
        if not cell or cell.startswith("#"):
            continue
        try:
            entries.append(read_entry(cell))
        except CallerFault:
            wrong.append(number)
    if wrong:
        raise CallerFault(
            "lists.entries",
            f"{len(wrong)} lines are nothing that can be looked for: {', '.join(map(str, wrong[:10]))}.",
            "Nothing was added.",
            "Give an address, block, domain, mail address, hash or name in the first column of each line.",
        )
    return tuple(entries)


def _first_cell(line: str) -> str:
    if line.startswith('"'):
        quoted = re.match(r'"((?:[^"]|"")*)"', line)
        return quoted[1].replace('""', '"').strip() if quoted else ""
    return re.split(r"[;,\t]", line, maxsplit=1)[0].strip()


def _meanings(text: str) -> Iterable[tuple[Kind, str]]:
    """The kinds that a text may be of, likeliest first, with its normal form in each."""
    if len(text) > _MOST_CHARACTERS:
        return
    plain = refang(text)
    web = _WEB.match(plain)
    plain = web[1] if web else plain
    span = span_of(plain)
    if span is not None:
        yield Kind.NETWORK, str(span)
    if _HASH.fullmatch(plain):
        yield Kind.HASH, plain.lower()
    name, at, domain = plain.rpartition("@")
    domain = domain.removeprefix("*").strip(".")
    if _DOMAIN.fullmatch(domain) and not re.fullmatch(r"[\d.]+", domain):
        host = normal("domain-name", domain)
        yield (Kind.MAIL, f"{name.casefold()}@{host}") if at and name else (Kind.DOMAIN, host)
    words = folded(text)
    if len(words.replace(" ", "")) >= _LEAST_LETTERS:
        yield Kind.NAME, words
