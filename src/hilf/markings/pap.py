"""The Permissible Actions Protocol: what a recipient may do with something, and the marking that carries it.

There is no STIX id for PAP. It is read from three places: from a MISP tag among the labels ("PAP:RED"), from the
permitted actions of an IEP (`hilf.markings.iep`), and from an extension of our own on a marking-definition, which is
the form that is written: labels can be on the whole object only, a marking can be on its parts and laid over it.
PAP says nothing of who may have something: that is TLP. Where none is stated nothing is limited.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from hilf.canonical import Json
from hilf.errors import CallerFault
from hilf.markings import extension

EXTENSION_ID: Final = extension.extension_id("permissible actions 1.0")
_MEMBERS: Final = frozenset({"extension_type", "pap"})


class Pap(IntEnum):
    """The levels, loosest first. The MISP taxonomy PAP (v3) also has WHITE, the old name of CLEAR."""

    CLEAR = 0
    GREEN = 1
    AMBER = 2
    RED = 3

    @property
    def word(self) -> str:
        """The name as it stands in JSON: "amber"."""
        return self.name.lower()

    @property
    def label(self) -> str:
        """The name as a person reads it and as MISP tags it: "PAP:AMBER"."""
        return f"PAP:{self.name}"

    @property
    def marking_id(self) -> str:
        """The id of the marking-definition that we write for it."""
        return str(marking(self)["id"])


_LEVELS: Final[Mapping[str, Pap]] = {**{level.word: level for level in Pap}, "white": Pap.CLEAR}


def of_word(word: str) -> Pap | None:
    """The level of a word in any case ("red", "WHITE"); None for any other."""
    return _LEVELS.get(word.lower())


def parse(text: str) -> Pap:
    """The level that a person or a file names: "pap:amber", "PAP:RED".

    Raises:
        CallerFault: "markings.pap" for any other word.
    """
    level = of_word(text.strip().lower().removeprefix("pap:").strip())
    if level is None:
        raise CallerFault(
            "markings.pap",
            f"Not a PAP level: {text[:40]!r}.",
            "PAP knows clear, green, amber and red.",
            "Write for example pap:amber.",
        )
    return level


def extension_definition() -> dict[str, Json]:
    """The extension-definition object of the marking that carries PAP."""
    return extension.extension_definition(
        EXTENSION_ID,
        "permissible-actions",
        "Permissible actions",
        "The level of the Permissible Actions Protocol (PAP) that a marked object is under.",
    )


def marking(level: Pap) -> dict[str, Json]:
    """The marking-definition of a level; always the same bytes."""
    body: dict[str, Json] = {"extension_type": "property-extension", "pap": level.word}
    return extension.marking_definition(EXTENSION_ID, body, level.label)


def read(definition: Mapping[str, Json]) -> Pap | None:
    """The level that a marking-definition carries in our extension; None where it carries none to the letter."""
    extensions = definition.get("extensions")
    body = extensions.get(EXTENSION_ID) if isinstance(extensions, dict) else None
    if not isinstance(body, dict) or body.keys() != _MEMBERS:
        return None
    word = body["pap"]
    return _LEVELS.get(word) if isinstance(word, str) and word != "white" else None


_BY_ID: Final[Mapping[str, Pap]] = {level.marking_id: level for level in Pap}


def of_id(identifier: str) -> Pap | None:
    """The level that one of our own markings stands for; None for every other id. Nobody else can define these ids."""
    return _BY_ID.get(identifier)
