"""Weighing: what every accord and rule say about one place of an object, under the markings that count there.

Decides for one place (or for an object without such places) under which accords it may go, and how strict each of them
is; a forbid of any accord closes all of them. How several places make one decision is `accord.decide`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Final

from hilf.accord.decision import VERIFIED, Decision, Reason, Recipient, Says, refusal
from hilf.accord.document import InForce
from hilf.accord.hearing import Hearing, Question, hear
from hilf.accord.marked import level, marking_rules, travels
from hilf.accord.onward import onward_rules
from hilf.accord.profile import Profile
from hilf.accord.terms import Onward, Terms, earlier, end_of_retention, stricter
from hilf.markings.marking import Markings
from hilf.markings.tlp import Tlp

EXERCISE: Final = "exercise"
"""The purpose of an exercise act: the only one for which exercise material leaves."""

TWO_OFFICERS_FROM: Final = Tlp.AMBER
"""From this level on a release needs a second officer, whatever an accord says. Source: accord.md 4."""

Key = tuple[str, int, str]
"""Id, version and hash of an accord: the way by which something would go."""


class Case:
    """One object and one recipient: asked about each place of the object in turn."""

    def __init__(
        self,
        profile: Profile,
        recipient: Recipient,
        accords: Sequence[InForce],
        purpose: str,
        now: datetime,
    ) -> None:
        self._profile, self._recipient, self._purpose, self._now = profile, recipient, purpose, now
        between = (
            held.accord
            for held in accords
            if held.binds(recipient.node) and held.accord.begins <= now < held.accord.until
        )
        self._between = sorted(between, key=lambda accord: (*accord.key, accord.hash))
        self._communities = recipient.communities.union(accord.community for accord in self._between)
        self._answers: dict[Markings, Answer] = {}

    def ask(self, markings: Markings) -> "Answer":
        """What is said about a place with these markings; they hold no granular ones."""
        if markings not in self._answers:
            own = self._profile.markings
            profile = self._profile if markings is own else replace(self._profile, markings=markings)
            tlp = level(markings, self._now)
            question = Question(profile, tlp, self._purpose, self._now)
            general = (
                *self._rules_of_the_node(profile),
                *onward_rules(profile, tlp, self._recipient, self._communities, self._purpose, self._now),
            )
            hearings = tuple(hear(accord, question) for accord in self._between)
            self._answers[markings] = Answer(general, hearings, question, self._recipient)
        return self._answers[markings]

    def _rules_of_the_node(self, profile: Profile) -> Iterator[Reason]:
        recipient = self._recipient
        if recipient.state != VERIFIED:
            text = f"{recipient.node} is {recipient.state}; only a verified node receives anything."
            yield Reason("accord.recipient-not-verified", Says.REFUSES, text)
        yield from marking_rules(profile, recipient, self._communities, self._now)
        if profile.exercise and self._purpose != EXERCISE:
            text = f"It is exercise material and does not leave for {self._purpose}."
            yield Reason("accord.exercise-material", Says.REFUSES, text)
        if profile.revoked:
            text = "It is revoked, and says so to whoever holds it."
            yield Reason("accord.revoked", Says.NOTES, text)


@dataclass(frozen=True)
class Answer:
    """What was said about one place.

    Attributes:
        general: rules of the node itself and of the markings.
        hearings: what each accord in force between the two nodes says.
        question: that was asked.
        recipient: who would get it.
    """

    general: tuple[Reason, ...]
    hearings: tuple[Hearing, ...]
    question: Question
    recipient: Recipient

    @cached_property
    def _open(self) -> Mapping[Key, Hearing]:
        closed = any(hearing.forbids for hearing in self.hearings)
        if closed or any(reason.says is Says.REFUSES for reason in self.general):
            return {}
        return {_key(hearing): hearing for hearing in self.hearings if hearing.lets_go}

    @cached_property
    def ways(self) -> tuple[Key, ...]:
        """The accords under which it may go, the one on the strictest terms first; none where it may not."""
        found = self._open
        return tuple(found) if len(found) < 2 else tuple(sorted(found, key=self._strictness))  # noqa: PLR2004

    def lets_go(self, way: Key) -> bool:
        """Whether it may go under this accord."""
        return way in self._open

    def release(self, way: Key) -> Decision:
        """The decision that it goes under this accord, which lets it."""
        hearing = self._open[way]
        others = (
            replace(reason, says=Says.NOTES)
            for key in self._open
            if key != way
            for reason in _said(self._open[key])
        )
        spoken = [*self.general, *_said(hearing), *others]
        if self.question.tlp >= TWO_OFFICERS_FROM:
            text = f"From {TWO_OFFICERS_FROM.label} on a second officer approves."
            spoken.append(Reason("accord.second-officer", Says.REQUIRES, text))
        return Decision(
            allowed=True,
            accord=hearing.accord.key,
            reasons=tuple(spoken),
            terms=self._terms(hearing),
            needs_approvals=self._approvals(hearing),
            redact=hearing.redact,
        )

    def refusal(self) -> Decision:
        """The decision that it stays, where no accord lets it go."""
        forbids = tuple(reason for hearing in self.hearings for reason in hearing.forbids)
        spoken = [reason for hearing in self.hearings for reason in (*hearing.refusals, *_said(hearing))]
        if not any(hearing.lets_go for hearing in self.hearings):
            spoken += [reason for hearing in self.hearings for reason in hearing.unmet]
        if not self.hearings:
            text = f"No agreement is in force with {self.recipient.node}."
            spoken.append(Reason("accord.none-in-force", Says.REFUSES, text))
        return refusal(*self.general, *forbids, *spoken)

    def against(self, way: Key) -> tuple[Reason, ...]:
        """What keeps it from going under this accord, what decides first."""
        if not self._open:
            refused = self.refusal()
            return tuple(dict.fromkeys((refused.main, *refused.reasons)))
        return tuple(
            reason
            for hearing in self.hearings
            if _key(hearing) == way
            for reason in (*hearing.refusals, *hearing.unmet)
        )

    def _terms(self, hearing: Hearing) -> Terms:
        profile, now = self.question.profile, self.question.now
        onward, days, until = hearing.accord.onward, hearing.accord.retention_days, None
        for _, duty in hearing.duties:
            onward = stricter(onward, duty.onward or onward)
            days = min(days, duty.retention_days or days)
        if profile.markings.originator_control:
            onward = stricter(onward, Onward.ASK_ORIGINATOR)
        if profile.markings.no_onward:
            onward = Onward.NONE
        if profile.arrival is not None:
            onward = stricter(onward, profile.arrival.onward)
            until = profile.arrival.retention_until
        along = (each for each in travels(profile.markings, now) if each not in profile.overlay)
        return Terms((*profile.overlay, *along), onward, earlier(until, end_of_retention(now, days)))

    def _approvals(self, hearing: Hearing) -> int:
        """Officers beside the proposer; a clause counts the proposer too."""
        by_rule = 1 if self.question.tlp >= TWO_OFFICERS_FROM else 0
        return max((by_rule, *(duty.approvals - 1 for _, duty in hearing.duties)))

    def _strictness(self, way: Key) -> tuple[int, float, int, int, Key]:
        hearing = self._open[way]
        terms = self._terms(hearing)
        until = float("inf") if terms.retention_until is None else terms.retention_until.timestamp()
        return terms.onward.width, until, -self._approvals(hearing), -len(hearing.redact), way


def _key(hearing: Hearing) -> Key:
    return (*hearing.accord.key, hearing.accord.hash)


def _said(hearing: Hearing) -> tuple[Reason, ...]:
    redacts: tuple[Reason, ...] = ()
    if hearing.redact:
        text = f"The agreement wants personal data redacted: {', '.join(hearing.redact)} is taken out."
        redacts = (Reason("accord.personal-data-redacted", Says.REQUIRES, text, hearing.accord.key),)
    return (*hearing.permits, *(reason for reason, _ in hearing.duties), *redacts)
