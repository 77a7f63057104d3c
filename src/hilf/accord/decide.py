"""The decision to release: may this leave to that nation, why, and on which terms.

Decides by accord.md 3: the default is no; a forbid in any accord in force between the two nodes beats any permit; the
act cites the accord that permits it on the strictest terms; everything that spoke is in the reasons, in order. A preview
and a release ask the same question here and get the same answer.

An object of which a part has a stricter marking is withheld whole unless all of it may go; redaction of parts comes
later (`Decision.redact`). Markings are read in `hilf.markings`, clauses heard in `accord.hearing`, passing on judged in
`accord.onward`. Approvals themselves, warning lists and own assets are the business of the release.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from hilf.accord.decision import VERIFIED, Decision, Reason, Recipient, Says, refusal
from hilf.accord.document import InForce
from hilf.accord.hearing import Hearing, Question, hear
from hilf.accord.onward import onward_rules
from hilf.accord.profile import Profile
from hilf.accord.terms import Onward, Terms, earlier, end_of_retention, stricter
from hilf.markings.marking import effective_tlp, whole
from hilf.markings.tlp import WHERE_MISSING, Tlp

EXERCISE: Final = "exercise"
"""The purpose of an exercise act: the only one for which exercise material leaves."""

TWO_OFFICERS_FROM: Final = Tlp.AMBER
"""From this level on a release needs a second officer, whatever an accord says. Source: accord.md 4."""


def decide(
    profile: Profile, recipient: Recipient, accords: Sequence[InForce], purpose: str, now: datetime
) -> Decision:
    """Decide whether something may leave to a node.

    Args:
        profile: what is known about it.
        recipient: who would get it.
        accords: every accord of ours in force (`accord.life.in_force`), in any order.
        purpose: of the act that would carry it.
        now: aware; the instant of preview and release.

    Returns: refused, with what refuses first among the refusing reasons; or allowed, with the accord to cite, the terms
        to send along and the number of officers who must approve beside the proposer.

    Source: accord.md 2, 3, 4.
    """
    tlp = effective_tlp(profile.markings)
    decision = _decide_whole(profile, tlp, recipient, accords, purpose, now)
    if not decision.allowed or not profile.granular:
        return decision
    # The strictest part rules the whole. Where the object itself states no TLP its parts cannot loosen that.
    joined = whole(profile.markings)
    of_parts = _decide_whole(
        replace(profile, markings=joined), max(tlp, effective_tlp(joined)), recipient, accords, purpose, now
    )
    if of_parts.allowed:
        return of_parts
    text = "A part of it is marked more strictly and may not go, so all of it stays."
    return refusal(Reason("accord.granular-withheld", Says.REFUSES, text), *of_parts.reasons)


def _decide_whole(
    profile: Profile, tlp: Tlp, recipient: Recipient, accords: Sequence[InForce], purpose: str, now: datetime
) -> Decision:
    between = sorted(
        (
            held.accord
            for held in accords
            if held.binds(recipient.node) and held.accord.begins <= now < held.accord.until
        ),
        key=lambda accord: (*accord.key, accord.hash),
    )
    communities = recipient.communities.union(accord.community for accord in between)
    general = (
        *_rules_of_the_node(profile, recipient, communities, purpose),
        *onward_rules(profile, tlp, recipient, communities, now),
    )
    question = Question(profile, tlp, purpose, now)
    return _combine(general, [hear(accord, question) for accord in between], question, recipient)


def _rules_of_the_node(
    profile: Profile, recipient: Recipient, communities: frozenset[str], purpose: str
) -> Iterator[Reason]:
    markings = profile.markings
    if recipient.state != VERIFIED:
        text = f"{recipient.node} is {recipient.state}; only a verified node receives anything."
        yield Reason("accord.recipient-not-verified", Says.REFUSES, text)
    if markings.unknown:
        text = f"A marking cannot be read: {', '.join(markings.unknown)}."
        yield Reason("accord.marking-unreadable", Says.REFUSES, text)
    if markings.rel_to is not None and markings.rel_to.isdisjoint({recipient.country, *communities}):
        names = ", ".join(sorted(markings.rel_to)) or "nobody"
        text = f"It may go to {names} only, and {recipient.node} ({recipient.country}) is none of these."
        yield Reason("accord.rel-to", Says.REFUSES, text)
    if profile.exercise and purpose != EXERCISE:
        text = f"It is exercise material and does not leave for {purpose}."
        yield Reason("accord.exercise-material", Says.REFUSES, text)
    if markings.tlp is None:
        text = f"It states no TLP and is treated as {WHERE_MISSING.label}."
        yield Reason("accord.tlp-missing", Says.NOTES, text)
    if profile.revoked:
        yield Reason("accord.revoked", Says.NOTES, "It is revoked, and says so to whoever holds it.")


def _combine(
    general: tuple[Reason, ...], hearings: list[Hearing], question: Question, recipient: Recipient
) -> Decision:
    forbids = tuple(reason for hearing in hearings for reason in hearing.forbids)
    ways = [hearing for hearing in hearings if hearing.lets_go]
    if ways and not forbids and not any(reason.says is Says.REFUSES for reason in general):
        return _release(general, ways, question)
    spoken = [reason for hearing in hearings for reason in (*hearing.refusals, *_said(hearing))]
    if not ways:
        spoken += [reason for hearing in hearings for reason in hearing.unmet]
    if not hearings:
        text = f"No agreement is in force with {recipient.node}."
        spoken.append(Reason("accord.none-in-force", Says.REFUSES, text))
    return refusal(*general, *forbids, *spoken)


def _said(hearing: Hearing) -> tuple[Reason, ...]:
    return (*hearing.permits, *(reason for reason, _ in hearing.duties))


def _release(general: tuple[Reason, ...], ways: list[Hearing], question: Question) -> Decision:
    offers = [(_terms(way, question), _approvals(way, question), way) for way in ways]
    terms, approvals, way = min(offers, key=lambda offer: _strictness(*offer))
    others = tuple(
        replace(reason, says=Says.NOTES) for other in ways if other is not way for reason in _said(other)
    )
    spoken = [*general, *_said(way), *others]
    if question.tlp >= TWO_OFFICERS_FROM:
        text = f"From {TWO_OFFICERS_FROM.label} on a second officer approves."
        spoken.append(Reason("accord.second-officer", Says.REQUIRES, text))
    return Decision(
        allowed=True, accord=way.accord.key, reasons=tuple(spoken), terms=terms, needs_approvals=approvals
    )


def _terms(way: Hearing, question: Question) -> Terms:
    profile = question.profile
    onward, days, until = way.accord.onward, way.accord.retention_days, None
    for _, duty in way.duties:
        onward = stricter(onward, duty.onward or onward)
        days = min(days, duty.retention_days or days)
    if profile.markings.originator_control:
        onward = stricter(onward, Onward.ASK_ORIGINATOR)
    if profile.arrival is not None:
        onward = stricter(onward, profile.arrival.onward)
        until = profile.arrival.retention_until
    added = profile.overlay
    if profile.markings.tlp is None and WHERE_MISSING.marking_id not in added:
        added = (*added, WHERE_MISSING.marking_id)
    return Terms(added, onward, earlier(until, end_of_retention(question.now, days)))


def _approvals(way: Hearing, question: Question) -> int:
    """Officers beside the proposer; a clause counts the proposer too."""
    by_rule = 1 if question.tlp >= TWO_OFFICERS_FROM else 0
    return max((by_rule, *(duty.approvals - 1 for _, duty in way.duties)))


def _strictness(terms: Terms, approvals: int, way: Hearing) -> tuple[int, float, int, tuple[str, int], str]:
    until = float("inf") if terms.retention_until is None else terms.retention_until.timestamp()
    return terms.onward.width, until, -approvals, way.accord.key, way.accord.hash


class DecisionCache:
    """Decisions for one recipient, purpose and instant, each profile decided once."""

    def __init__(self, recipient: Recipient, accords: Sequence[InForce], purpose: str, now: datetime) -> None:
        self.recipient = recipient
        self.accords = tuple(accords)
        self.purpose = purpose
        self.now = now
        self._decided: dict[Profile, Decision] = {}

    def decide(self, profile: Profile) -> Decision:
        """As `decide`; the second object with a profile costs one look-up."""
        decision = self._decided.get(profile)
        if decision is None:
            decision = decide(profile, self.recipient, self.accords, self.purpose, self.now)
            self._decided[profile] = decision
        return decision
