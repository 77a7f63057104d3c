"""What a nation has mapped: control markings and classifications that it has read and given a level of TLP.

A name is "acs" or "cui" for the whole scheme, the id of one marking-definition, or the tag of a classification as its
vocabulary writes it (`nato:classification="NR"`). Case means nothing in names.
"""

from collections.abc import Mapping
from typing import Final

from hilf.errors import CallerFault
from hilf.markings import classification, tlp
from hilf.markings.tlp import Tlp
from hilf.markings.vocabulary import words

Mapped = Mapping[str, Tlp]
"""Name, in lower case → level."""

UNMAPPED: Final[Mapped] = {}

SCHEMES: Final = ("acs", "cui")
_DEFINITION: Final = "marking-definition--"


def parse(text: str) -> dict[str, Tlp]:
    """The mapping that a setting writes: `acs=amber, nato:classification="NR"=amber+strict`; empty for no text.

    Raises:
        CallerFault: "markings.mapping": an entry that is none, or a name that stands for nothing; "markings.tlp".
    """
    mapped: dict[str, Tlp] = {}
    for entry in text.split(","):
        if not entry.strip():
            continue
        name, equals, level = entry.rpartition("=")
        name = name.strip().lower()
        if not equals or not _is_name(name):
            raise CallerFault(
                "markings.mapping",
                f"Not a marking that can be mapped: {entry.strip()[:80]!r}.",
                "A mapping names acs, cui, a marking-definition or a classification, and a level.",
                'Write for example acs=amber or nato:classification="NR"=amber+strict.',
            )
        mapped[name] = tlp.parse(level)
    return mapped


def _is_name(name: str) -> bool:
    if name in SCHEMES or name.startswith(_DEFINITION):
        return True
    known = (word for scheme in (*classification.OPEN, "acs-marking") for word in words(scheme))
    return any(word.tag.lower() == name for word in known)
