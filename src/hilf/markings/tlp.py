"""The Traffic Light Protocol: its five levels and their order.

TLP 1 is read, TLP 2.0 (FIRST, August 2022) is read and written. TLP 1 white is CLEAR; TLP 1 amber is AMBER, not
AMBER+STRICT. What a level allows between nations is decided in `hilf.accord`.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from hilf.canonical import Json
from hilf.errors import CallerFault
from hilf.stix import marking_definition


class Tlp(IntEnum):
    """The levels, loosest first: a greater level is stricter."""

    CLEAR = 0
    GREEN = 1
    AMBER = 2
    AMBER_STRICT = 3
    RED = 4

    @property
    def word(self) -> str:
        """The name as TLP 2.0 writes it in JSON: "amber+strict"."""
        return _WORDS[self]

    @property
    def label(self) -> str:
        """The name as a person reads it: "TLP:AMBER+STRICT"."""
        return f"TLP:{self.word.upper()}"

    @property
    def marking_id(self) -> str:
        """The id of the TLP 2.0 marking-definition."""
        return marking_definition.TLP_2_IDS[self.word]


_WORDS: Final[Mapping[Tlp, str]] = {
    Tlp.CLEAR: "clear",
    Tlp.GREEN: "green",
    Tlp.AMBER: "amber",
    Tlp.AMBER_STRICT: "amber+strict",
    Tlp.RED: "red",
}
WORDS: Final[Mapping[str, Tlp]] = {**{word: level for level, word in _WORDS.items()}, "white": Tlp.CLEAR}
"""Word in lower case → level, of TLP 1 and 2."""

_BY_ID: Final[Mapping[str, Tlp]] = {
    **{identifier: WORDS[word] for word, identifier in marking_definition.TLP_1_IDS.items()},
    **{identifier: WORDS[word] for word, identifier in marking_definition.TLP_2_IDS.items()},
}

# accord.md section 2: an object without any TLP is treated so, and says so.
WHERE_MISSING: Final = Tlp.AMBER_STRICT


def of_id(identifier: str) -> Tlp | None:
    """The level that a marking-definition of TLP 1 or 2 stands for; None for every other id."""
    return _BY_ID.get(identifier)


def parse(text: str) -> Tlp:
    """The level that a person or a file names: "tlp:green", "AMBER+STRICT", "TLP:WHITE".

    Raises:
        CallerFault: for any other word.
    """
    word = text.strip().lower().removeprefix("tlp:").strip().replace("_", "+").replace(" ", "+")
    if word not in WORDS:
        raise CallerFault(
            "markings.tlp",
            f"Not a TLP level: {text[:40]!r}.",
            "TLP 2.0 knows clear, green, amber, amber+strict and red.",
            "Write for example tlp:green.",
        )
    return WORDS[word]


def definitions() -> tuple[dict[str, Json], ...]:
    """The five TLP 2.0 marking-definition objects, loosest first.

    STIX 2.1 does not predefine them: they travel with what they mark.
    """
    return tuple(marking_definition.tlp_2(level.word) for level in Tlp)
