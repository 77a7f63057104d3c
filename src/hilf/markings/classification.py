"""Classifications of states: recognised in labels and in the texts of statements, and refused by default.

A classification binds by law, not by agreement of CERTs, and the systems that may carry it are accredited: what bears
one does not leave (accord.md 2). The schemes are those whose words the community keeps: EU (euci), NATO, France, Germany,
the United States (dni-ism) and the classification of ACS. A tag of such a scheme that its vocabulary does not know counts
as classified, since what it means is not known.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Final

from hilf.markings.vocabulary import Word, words

OPEN: Final[Mapping[str, frozenset[str]]] = {
    "euci": frozenset(),
    "nato": frozenset({"NU"}),
    "fr-classif": frozenset({"NON-PROTEGE"}),
    "de-vs": frozenset(),
    "dni-ism": frozenset({"U"}),
}
"""Scheme → its words that classify nothing."""

_IN_TEXTS: Final = frozenset({"classification", "classification:all", "classification:us", "dissem"})
_KEPT: Final = 10_000  # answers; labels and statements recur
_TAG: Final = re.compile(r'(?P<predicate>[^="]+)(?:="?(?P<value>[^"]*)"?)?')


@lru_cache(maxsize=_KEPT)
def of_tag(tag: str) -> str | None:
    """The classification that a label of the form `scheme:word` or `scheme:predicate="word"` states.

    Returns: the tag as the vocabulary writes it; the label itself where the vocabulary does not know it; None where it
        is a tag of no such scheme, or one that says that nothing is classified.
    """
    scheme, _, rest = tag.strip().partition(":")
    scheme = scheme.lower()
    parts = _TAG.fullmatch(rest) if scheme in OPEN else None
    if parts is None:
        return tag if scheme in OPEN else None
    predicate, value = parts["predicate"].strip().casefold(), (parts["value"] or "").strip().casefold()
    for word in words(scheme):
        if (word.predicate.casefold(), (word.value or "").casefold()) == (predicate, value):
            return None if word.word in OPEN[scheme] else word.tag
    return tag


@lru_cache(maxsize=_KEPT)
def of_text(text: str) -> tuple[str, ...]:
    """Every classification that a text names ("NATO RESTRICTED", "S-UE/EU-S"), as tags, sorted.

    A name of one word ("SECRET") counts only where the text says nothing else, one of several words anywhere. Accents,
    case and punctuation are not looked at.
    """
    folded = _folded(text)
    return tuple(
        sorted(
            {
                tag
                for name, tag in _names()
                if name == folded or (" " in name and f" {name} " in f" {folded} ")
            }
        )
    )


@cache
def _names() -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, word.tag)
        for scheme, opened in OPEN.items()
        for word in words(scheme)
        if word.word not in opened and (scheme != "dni-ism" or word.predicate in _IN_TEXTS)
        for name in _spellings(word)
    )


def _spellings(word: Word) -> Iterator[str]:
    """Its word and its name; of a name in two languages ("RESTREINT UE/EU RESTRICTED") each as well."""
    texts = {word.word, word.expanded, *word.expanded.split("/")}
    yield from sorted({_folded(text) for text in texts} - {""})


def _folded(text: str) -> str:
    """Capitals without accents, words apart by one space."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter)
    )
    return " ".join(re.findall(r"[^\W_]+", plain.upper()))
