"""Overlays in words: the markings that a person lays over what comes in ("tlp:green", "tlp:amber,pap:red").

Only markings that every node knows by their id can be named: TLP 2.0 and PAP. An overlay stands beside the object and
travels in the terms of the act; the kept bytes are never edited (accord.md 2).
"""

from hilf.errors import CallerFault
from hilf.markings import pap, tlp
from hilf.markings.pap import Pap
from hilf.markings.tlp import Tlp

Level = Tlp | Pap
"""What can be laid over an object."""


def parse(text: str) -> tuple[Level, ...]:
    """The levels that a text names, TLP first, each scheme once at most.

    Raises:
        CallerFault: "markings.tlp" or "markings.pap" for a word that is none; "markings.twice".
    """
    levels: list[Tlp | Pap] = []
    for word in text.split(","):
        is_pap = word.strip().lower().startswith("pap:")
        levels.append(pap.parse(word) if is_pap else tlp.parse(word))
    if len({type(level) for level in levels}) < len(levels):
        raise CallerFault(
            "markings.twice",
            f"One scheme is named twice: {text[:60]!r}.",
            "What is laid over has one level of TLP and one of PAP at most.",
            "Write for example tlp:amber,pap:red.",
        )
    return tuple(sorted(levels, key=lambda level: isinstance(level, Pap)))


def ids(text: str) -> tuple[str, ...]:
    """The ids of the markings that a text names, sorted."""
    return tuple(sorted(level.marking_id for level in parse(text)))


def words(text: str) -> str:
    """The text as it is kept: "tlp:amber,pap:red"."""
    return ",".join(level.label.lower() for level in parse(text))
