"""Explanations: the rules by which lists speak in a release, with one sentence each (accord.md 4).

Decides nothing beyond which rule a list speaks by.
"""

from typing import Final

from hilf.accord.explain import Rule
from hilf.lists.hit import DOCUMENTATION, OWN_ASSETS, SPECIAL_USE, VICTIMS

_SOURCE: Final = "accord.md 4"

RULES: Final = (
    Rule("lists.own-asset", "It names an asset of our own, and that list stops what it finds.", _SOURCE),
    Rule("lists.victim", "It names a victim, and that list stops what it finds.", _SOURCE),
    Rule(
        "lists.special-use",
        "It holds an address or name that means nobody in particular, and that list stops what it finds.",
        _SOURCE,
    ),
    Rule("lists.warning-list", "It holds a value of a warning list that stops what it finds.", _SOURCE),
    Rule(
        "lists.set-aside", "Officers set aside a list that stops it; so it needs a second officer.", _SOURCE
    ),
    Rule("lists.warned", "A list warns of it; it leaves nevertheless, where nothing else keeps it.", _SOURCE),
)

_RULE_OF: Final = {
    OWN_ASSETS: "lists.own-asset",
    VICTIMS: "lists.victim",
    SPECIAL_USE: "lists.special-use",
    DOCUMENTATION: "lists.special-use",
}


def rule_of(name: str) -> str:
    """The rule by which a list keeps something here."""
    return _RULE_OF.get(name, "lists.warning-list")
