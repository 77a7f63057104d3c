"""Relations: a relationship or sighting leaves only together with what it joins.

Decides whether an object that joins others may leave (accord.md 3), once each of the ends has been decided, and whether
a marking-definition goes along with what it marks. Other references may dangle: ids are opaque. Which references join
(source_ref, target_ref, sighting_of_ref) is read in `hilf.stix.reference`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hilf.accord.decision import Decision, Reason, Says, refusal
from hilf.accord.terms import Terms, as_wide


@dataclass(frozen=True, slots=True)
class EndState:
    """What becomes of one end of a relation.

    Attributes:
        id: of the object it points at.
        decision: whether it leaves in the same release; None if it is not part of it.
        held: the terms under which the recipient holds it and still may; None if it does not.
    """

    id: str
    decision: Decision | None = None
    held: Terms | None = None


def decide_relation(decision: Decision, ends: Sequence[EndState]) -> Decision:
    """The decision on a relation, given the one on its own profile and what becomes of its ends.

    Returns: the decision itself when every end leaves or is held under the same or wider terms (with the approvals that
        the ends need as well); otherwise a refusal that names the end.

    Source: accord.md 3 ("A relationship or sighting leaves only if ...").
    """
    if not decision.allowed or decision.terms is None:
        return decision
    stays = tuple(reason for end in ends for reason in _stays(end, decision.terms))
    if stays:
        return refusal(*stays, *decision.reasons)
    needed = max(
        (end.decision.needs_approvals for end in ends if end.decision and end.decision.allowed), default=0
    )
    return replace(decision, needs_approvals=max(decision.needs_approvals, needed))


def _stays(end: EndState, terms: Terms) -> tuple[Reason, ...]:
    if end.decision is not None and end.decision.allowed:
        return ()
    if end.held is None:
        text = f"It joins {end.id}, which stays and is not held by the recipient."
        return (Reason("accord.end-stays", Says.REFUSES, text),)
    if not as_wide(end.held, terms):
        text = f'It joins {end.id}, which the recipient holds under "onward: {end.held.onward.value}".'
        return (Reason("accord.end-held-narrower", Says.REFUSES, text),)
    return ()


def decide_definition(decision: Decision, bearers: Sequence[Decision]) -> Decision:
    """The decision on a marking-definition: it goes along with what it marks.

    A definition names a rule; it says nothing to anybody who does not get what it marks, but it may name nations, so
    alone it stays. A definition that is marked itself is decided as any object is.

    Args:
        decision: on its own profile.
        bearers: on the objects of the same release that carry the marking.

    Returns: `decision` if it allows, or if something besides the missing TLP keeps the definition; else the strictest
        of the bearers that leave, or a refusal where none does.
    """
    if decision.allowed or not any(reason.rule == "accord.tlp-missing" for reason in decision.reasons):
        return decision
    leaving = [bearer for bearer in bearers if bearer.allowed]
    if any(
        reason.says is Says.REFUSES and reason.rule != "accord.marking-above" for reason in decision.reasons
    ):
        return decision
    if not leaving:
        text = "It defines a marking that nothing in this release carries."
        return refusal(Reason("accord.definition-alone", Says.REFUSES, text), *decision.reasons)
    bearer = max(leaving, key=lambda each: each.needs_approvals)
    text = "It defines a marking of something that leaves."
    return replace(
        bearer,
        reasons=(*bearer.reasons, Reason("accord.definition-along", Says.NOTES, text)),
        terms=bearer.terms and replace(bearer.terms, markings=()),
        redact=(),
    )
