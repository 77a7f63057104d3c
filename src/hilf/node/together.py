"""What leaves together: relations with what they join, definitions with what they mark (accord.md 3).

Decides nothing by itself: it hands to `accord.relation` what each decision there depends on, once all objects of a
release were weighed by themselves. `chosen` is changed in place.
"""

from collections.abc import Sequence
from datetime import datetime

from hilf.accord.decision import Decision
from hilf.accord.relation import EndState, decide_definition, decide_relation
from hilf.node.chosen import Chosen
from hilf.node.held import Held


def join(chosen: Chosen, held: Held, to: str, now: datetime) -> None:
    """Let a relationship or sighting leave only with what it joins; what it joins may join others itself."""
    relations = [each for each in chosen.layout.relations if chosen.leaves(each[0])]
    places = {place for place, _ in relations}
    rows = chosen.layout.rows
    held.look_up_ends(
        end
        for place, ends in relations
        for end, at in zip(rows[place].ends, ends, strict=True)
        if at in places or not chosen.leaves(at)
    )
    joint = _Joint(chosen, held, to, now)
    nested = [each for each in relations if not places.isdisjoint(each[1])]
    own = {place: chosen.decisions[place] for place, _ in nested}
    for place, ends in relations:
        joint.decide(place, ends, chosen.decisions[place])
    changed = bool(nested)
    while changed:
        changed = sum(joint.decide(place, ends, own[place]) for place, ends in nested) > 0  # each, every time


def define(*parts: Chosen) -> None:
    """Let a marking-definition go along with what it marks, in whichever part of a release."""
    if not any(part.layout.definitions for part in parts):
        return
    bearers: dict[str, Decision] = {}
    for part in parts:
        for place in part.layout.marked:
            decision = part.decisions[place]
            if decision is not None and decision.allowed:
                for mark in part.marks(place):
                    if mark not in bearers or bearers[mark].needs_approvals < decision.needs_approvals:
                        bearers[mark] = decision
    for part in parts:
        for place in part.layout.definitions:
            bearer, own = bearers.get(part.layout.rows[place].stix_id), part.decisions[place]
            if own is not None:
                part.decisions[place] = decide_definition(own, () if bearer is None else (bearer,))


def missing_marks(chosen: Chosen) -> dict[str, str]:
    """Marking → who says the first thing that leaves under it; of markings that are not chosen themselves."""
    found: dict[str, str] = {}
    for place in chosen.layout.marked:
        if chosen.leaves(place):
            asserter = chosen.layout.rows[place].asserter
            found |= {m: asserter for m in chosen.marks(place) if m not in found and m not in chosen}
    return found


class _Joint:
    """Decides relations by what becomes of their ends."""

    def __init__(self, chosen: Chosen, held: Held, to: str, now: datetime) -> None:
        self._chosen, self._held, self._to, self._now = chosen, held, to, now
        self._together: dict[tuple[int, int], tuple[Decision, Decision]] = {}

    def decide(self, place: int, ends: Sequence[int | None], own: Decision | None) -> bool:
        """Decide a relation anew from the decision on itself and its ends; whether that changed anything."""
        if own is None:
            return False
        decision, before = self._by_ends(own, place, ends), self._chosen.decisions[place]
        if decision is before or decision == before:
            return False
        self._chosen.decisions[place] = decision
        return True

    def _by_ends(self, own: Decision, place: int, ends: Sequence[int | None]) -> Decision:
        most = 0
        for end in ends:
            found = None if end is None else self._chosen.decisions[end]
            if found is None or not found.allowed:
                return decide_relation(own, self._ends(place, ends))
            most = max(most, found.needs_approvals)
        if most <= own.needs_approvals:
            return own
        # All ends leave, and most relations share a decision: only the approvals of the ends matter.
        if (id(own), most) not in self._together:
            self._together[id(own), most] = own, decide_relation(own, self._ends(place, ends))
        return self._together[id(own), most][1]

    def _ends(self, place: int, ends: Sequence[int | None]) -> list[EndState]:
        ids, chosen = self._chosen.layout.rows[place].ends, self._chosen
        return [
            EndState(each, chosen.decision(end), self._held.terms(self._to, each, self._now))
            for each, end in zip(ids, ends, strict=True)
        ]
