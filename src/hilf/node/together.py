"""What leaves together: relations with what they join, definitions with what they mark (accord.md 3).

Decides nothing by itself: it hands to `accord.relation` what each decision there depends on, once all objects of a
release were weighed by themselves. `chosen` is changed in place. A refusal because of an end names that end only when it
is looked at (`exact`): until then all relations that stay alike share one.
"""

from bisect import bisect_left
from collections.abc import Iterator

from hilf.accord.decision import Decision
from hilf.accord.relation import EndState, decide_definition, decide_relation
from hilf.accord.terms import Onward, Terms
from hilf.node.candidate import Candidate
from hilf.node.chosen import Chosen
from hilf.node.sheet import ENDS, NO_END


def join(chosen: Chosen) -> None:
    """Let a relationship or sighting leave only with what it joins; what it joins may join others itself."""
    sheet, joint = chosen.sheet, _Joint(chosen)
    nested: dict[int, Decision] = {}
    for number, row in enumerate(sheet.relations):
        own = chosen.decisions[row]
        if own is None or not own.allowed:
            continue
        if any(end >= 0 and sheet.joins(end) for _, end in ends(chosen, number)):
            nested[number] = own
        joint.decide(number, own)
    changed = bool(nested)
    while changed:
        changed = sum(joint.decide(number, own) for number, own in nested.items()) > 0  # each, every time


def exact(chosen: Chosen, row: int, candidate: Candidate) -> Decision | None:
    """The decision on a row that is looked at, with the names of the ends because of which it stays."""
    decision = chosen.decisions[row]
    if id(decision) not in chosen.own:
        return decision
    number = bisect_left(chosen.sheet.relations, row)
    named = zip(candidate.ends, ends(chosen, number), strict=False)
    found = decide_relation(chosen.own[id(decision)][1], [_state(chosen, id_, *end) for id_, end in named])
    return decision if found.allowed else found  # what stays stays, whatever became of an end since


def ends(chosen: Chosen, number: int) -> Iterator[tuple[int, int]]:
    """The ends of a relation: the number of each, and its first row or ABSENT."""
    ends = chosen.sheet.ends
    return ((at, ends[at]) for at in range(number * ENDS, number * ENDS + ENDS) if ends[at] != NO_END)


def define(*parts: Chosen) -> None:
    """Let a marking-definition go along with what it marks, in whichever part of a release."""
    if not any(part.sheet.definitions for part in parts):
        return
    bearers: dict[str, Decision] = {}
    for part in parts:
        for row in part.sheet.marked:
            decision = part.decisions[row]
            if decision is not None and decision.allowed:
                for mark in part.marks(row):
                    if mark not in bearers or bearers[mark].needs_approvals < decision.needs_approvals:
                        bearers[mark] = decision
    for part in parts:
        for row, stix_id in part.sheet.definitions.items():
            bearer, own = bearers.get(stix_id), part.decisions[row]
            if own is not None:
                part.decisions[row] = decide_definition(own, () if bearer is None else (bearer,))


def missing_marks(chosen: Chosen) -> dict[str, str]:
    """Marking → who says the first thing that leaves under it; of markings that are not chosen themselves."""
    found: dict[str, str] = {}
    for row in chosen.sheet.marked:
        if chosen.leaves(row):
            asserter = chosen.sheet.speaker(row)
            found |= {m: asserter for m in chosen.marks(row) if m not in found and m not in chosen}
    return found


def _state(chosen: Chosen, stix_id: str, at: int, end: int) -> EndState:
    onward = chosen.selected.there.end(chosen.to, at)
    return EndState(stix_id, chosen.of_object(end), None if onward is None else Terms((), onward))


class _Joint:
    """Decides relations by what becomes of their ends."""

    def __init__(self, chosen: Chosen) -> None:
        self._chosen = chosen
        self._going: dict[tuple[int, int], tuple[Decision, Decision]] = {}
        self._staying: dict[tuple[int, tuple[object, ...]], tuple[Decision, Decision]] = {}

    def decide(self, number: int, own: Decision) -> bool:
        """Decide a relation anew from the decision on itself and its ends; whether that changed anything."""
        decisions, row = self._chosen.decisions, self._chosen.sheet.relations[number]
        decision, before = self._byends(own, number), decisions[row]
        decisions[row] = decision
        return not (decision is before or decision == before)

    def _byends(self, own: Decision, number: int) -> Decision:
        most = 0
        for _, end in ends(self._chosen, number):
            found = self._chosen.of_object(end)
            if found is None or not found.allowed:
                return self._with_an_end_that_stays(own, number)
            most = max(most, found.needs_approvals)
        if most <= own.needs_approvals:
            return own
        # All ends leave, and most relations share a decision: only the approvals of the ends matter.
        if (id(own), most) not in self._going:
            states = [_state(self._chosen, "", *end) for end in ends(self._chosen, number)]
            self._going[id(own), most] = own, decide_relation(own, states)
        return self._going[id(own), most][1]

    def _with_an_end_that_stays(self, own: Decision, number: int) -> Decision:
        states = [_state(self._chosen, "an object", *end) for end in ends(self._chosen, number)]
        key = id(own), tuple(map(_word, states))
        if key not in self._staying:
            decision = decide_relation(own, states)
            self._staying[key] = own, decision
            if not decision.allowed:
                self._chosen.own[id(decision)] = decision, own
        return self._staying[key][1]


def _word(state: EndState) -> int | Onward | None:
    """All that a decision asks of an end: the approvals with which it leaves, or how freely it is held."""
    if state.decision is not None and state.decision.allowed:
        return state.decision.needs_approvals
    return None if state.held is None else state.held.onward
