"""Explanations: the rules by which a list keeps an object here, with one sentence each (accord.md 4).

Decides nothing beyond which rule a list speaks by. A sentence names the list and never the entry: what an entry says is shown
by `hilf lists check` and in the hits of a preview.
"""

from collections.abc import Iterable
from typing import Final

from hilf.accord.decision import Reason, Says
from hilf.accord.explain import Rule
from hilf.lists.hit import DOCUMENTATION, OWN_ASSETS, SPECIAL_USE, VICTIMS, Hit

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


def reasons(stopping: Iterable[Hit]) -> tuple[Reason, ...]:
    """Why an object stays: one reason for each list that stops it, in the order of the rules."""
    order = [rule.slug for rule in RULES]
    names = sorted({hit.list for hit in stopping}, key=lambda name: (order.index(rule_of(name)), name))
    return tuple(
        Reason(rule_of(name), Says.REFUSES, f"The list {name} stops it: hilf lists check OBJECT shows where.")
        for name in names
    )
