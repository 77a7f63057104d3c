"""The decision to release: may this leave to that nation, why, and on which terms.

Decides by accord.md 3: the default is no; a forbid in any accord in force between the two nodes beats any permit; the
act cites the accord that permits it on the strictest terms; everything that spoke is in the reasons, in order. A preview
and a release ask the same question here and get the same answer.

Each place with markings of its own is asked about by itself, under its own markings joined with those around it. Where
all of them may go under one accord, all of it leaves, on the strictest terms that any place asks for. Where places may
not go, what we assert ourselves leaves without them (`Decision.redact`, carried out by `accord.redaction`); what another
node wrote stays whole. Markings are read in `hilf.markings` and judged in `accord.marked`, clauses are heard in
`accord.hearing`, passing on is judged in `accord.onward`, one place weighed in `accord.weighing`. Approvals themselves,
warning lists and own assets are the business of the release.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from hilf.accord.decision import Decision, Reason, Recipient, Says, refusal
from hilf.accord.document import InForce
from hilf.accord.profile import Profile
from hilf.accord.terms import earlier, stricter
from hilf.accord.weighing import EXERCISE, TWO_OFFICERS_FROM, Answer, Case, Key
from hilf.markings.marking import NONE, Markings, effective_tlp, join
from hilf.stix.selector import covers

__all__ = ["EXERCISE", "TWO_OFFICERS_FROM", "DecisionCache", "decide"]

_UNNAMED = ""


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
        to send along, the officers who must approve beside the proposer, and what must be taken out before it leaves.

    Source: accord.md 2, 3, 4.
    """
    case = Case(profile, recipient, accords, purpose, now)
    whole = case.ask(replace(profile.markings, granular=()) if profile.granular else profile.markings)
    ways = whole.ways
    if not ways:
        return whole.refusal()
    if not profile.granular:
        return whole.release(ways[0])
    places = {selector: case.ask(markings) for selector, markings in _places(profile.markings)}
    for way in ways:
        if all(place.lets_go(way) for place in places.values()):
            return _together([whole, *places.values()], way)
    return _in_parts(whole, places, ways[0], own=profile.own)


def _places(markings: Markings) -> Iterator[tuple[str, Markings]]:
    """Each place with markings of its own, and what counts there; a part that names no place is one by itself.

    A part cannot loosen the object that it stands in: the object as a whole is asked about beside its places, and where it
    states no TLP, what counts instead counts in each of them too, whatever level a part states for itself.
    """
    around = replace(markings, granular=(), tlp=effective_tlp(replace(markings, granular=())))
    selectors = {selector for part in markings.granular for selector in part.selectors or (_UNNAMED,)}
    for selector in sorted(selectors):
        inside = NONE
        for part in markings.granular:
            if any(covers(each, selector) for each in part.selectors or (_UNNAMED,)):
                inside = join(inside, part.markings)
        yield selector, join(around, inside)


def _together(answers: Sequence[Answer], way: Key) -> Decision:
    """The release of several places under one accord: the words of the strictest, the strictest of all terms.

    Args:
        answers: the one on the whole object first; only its markings travel in the terms.
        way: the accord, under which all of them may go.
    """
    releases = [answer.release(way) for answer in answers]
    first = max(range(len(answers)), key=lambda n: (answers[n].question.tlp, -n))
    decision = releases[first]
    terms, spoken = releases[0].terms, list(decision.reasons)
    for release in releases:
        if terms is None or release.terms is None:
            raise ValueError("a release without terms")
        until = earlier(terms.retention_until, release.terms.retention_until)
        terms = replace(terms, onward=stricter(terms.onward, release.terms.onward), retention_until=until)
        spoken += (reason for reason in release.reasons if reason.says in (Says.REQUIRES, Says.NOTES))
    return replace(
        decision,
        terms=terms,
        reasons=tuple(dict.fromkeys(spoken)),
        needs_approvals=max(release.needs_approvals for release in releases),
        redact=tuple(sorted({each for release in releases for each in release.redact})),
    )


def _in_parts(whole: Answer, places: Mapping[str, Answer], way: Key, *, own: bool) -> Decision:
    """Without the places that may not go, if it is ours to redact; else all of it stays."""
    staying = {selector: place for selector, place in places.items() if not place.lets_go(way)}
    against = {selector: place.against(way) for selector, place in staying.items()}
    if not own or _UNNAMED in staying:
        why = "and only its author takes parts out" if not own else "and which part that is cannot be read"
        text = f"A part of it is marked more strictly and may not go, {why}, so all of it stays."
        reasons = dict.fromkeys(reason for each in against.values() for reason in each)
        return refusal(Reason("accord.granular-withheld", Says.REFUSES, text), *reasons)
    going = [place for selector, place in places.items() if selector not in staying]
    decision = _together([whole, *going], way)
    return replace(
        decision,
        reasons=(*decision.reasons, *(_taken_out(selector, each[0]) for selector, each in against.items())),
        redact=tuple(sorted({*decision.redact, *staying})),
    )


def _taken_out(selector: str, reason: Reason) -> Reason:
    text = f"{selector} is taken out. {reason.text}"
    return Reason("accord.part-redacted", Says.REQUIRES, text, reason.accord, reason.clause)


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
