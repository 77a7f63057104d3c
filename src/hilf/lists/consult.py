"""Consulting: what becomes of a decision once the lists have spoken (accord.md 4).

Decides that a list which stops keeps here what the accords would let go, and never the reverse; that a list which officers set
aside asks for a second officer, whatever the marking; and that a warning changes nothing but is said. A reason names the list
and never the entry: that stands in the hit, for the people of this node.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Final

from hilf.accord.decision import Decision, Reason, Says
from hilf.lists.explain import RULES, rule_of
from hilf.lists.hit import Action, Hit, stopping

_ORDER: Final = {rule.slug: number for number, rule in enumerate(RULES)}


def consulted(decision: Decision, hits: Collection[Hit], despite: Collection[str] = ()) -> Decision:
    """A decision after what lists say of the object; one that refuses stays as it is.

    Args:
        decision: what the accords say.
        hits: what of the object stands on lists that stop or warn.
        despite: names of lists that officers set aside for this release.
    """
    if not decision.allowed or not hits:
        return decision
    stop = _names(stopping(hits, despite))
    if stop:
        kept = tuple(
            Reason(
                rule_of(name), Says.REFUSES, f"The list {name} stops it; hilf lists check OBJECT says where."
            )
            for name in stop
        )
        return Decision(False, None, (*decision.reasons, *kept), None)
    aside = _names(hit for hit in hits if hit.action is Action.STOP)
    warned = _names(hit for hit in hits if hit.action is Action.WARN)
    said = (
        *(
            Reason("lists.set-aside", Says.REQUIRES, f"The list {name} was set aside for it.")
            for name in aside
        ),
        *(Reason("lists.warned", Says.NOTES, f"The list {name} warns of it.") for name in warned),
    )
    needed = max(decision.needs_approvals, 1 if aside else 0)
    return replace(decision, reasons=(*decision.reasons, *said), needs_approvals=needed)


def _names(hits: Iterable[Hit]) -> list[str]:
    """The lists of these hits, each once, in the order of their rules."""
    return sorted({hit.list for hit in hits}, key=lambda name: (_ORDER[rule_of(name)], name))
