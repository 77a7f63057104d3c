"""What leaves together: relations with what they join, definitions with what they mark (accord.md 3).

Decides nothing by itself: it hands to `accord.relation` what each decision there depends on, once all objects of a
release were weighed by themselves. `chosen` is object → what was weighed, and is changed in place.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from hilf.accord.decision import Decision
from hilf.accord.relation import EndState, decide_definition, decide_relation
from hilf.node.candidate import Weighed
from hilf.node.held import Held

Chosen = dict[str, Weighed]


def join(chosen: Chosen, held: Held, to: str, now: datetime) -> None:
    """Let a relationship or sighting leave only with what it joins; what it joins may join others itself."""
    relations = [each for each in chosen.values() if each.kept.ends and each.decision.allowed]
    ids = {each.kept.stix_id for each in relations}
    held.look_up_ends(
        end for each in relations for end in each.kept.ends if end in ids or not _leaves(chosen.get(end))
    )
    joint = _Joint(chosen, held, to, now)
    for relation in relations:
        joint.decide(relation)
    nested = [each for each in relations if not ids.isdisjoint(each.kept.ends)]
    changed = bool(nested)
    while changed:
        changed = sum(joint.decide(relation) for relation in nested) > 0  # each of them, every time


def define(chosen: Chosen) -> None:
    """Let a marking-definition go along with what it marks."""
    definitions = [each for each in chosen.values() if each.kept.type == "marking-definition"]
    if not definitions:
        return
    bearers: dict[str, Decision] = {}
    for each in chosen.values():
        decision = each.decision
        if decision.allowed:
            for mark in each.marks:
                if mark not in bearers or bearers[mark].needs_approvals < decision.needs_approvals:
                    bearers[mark] = decision
    for each in definitions:
        bearer = bearers.get(each.kept.stix_id)
        decision = decide_definition(each.decision, () if bearer is None else (bearer,))
        chosen[each.kept.stix_id] = each._replace(decision=decision)


def missing_marks(leaving: Iterable[Weighed], chosen: Chosen) -> dict[str, str]:
    """Marking → who says the first thing that leaves under it; of markings that are not chosen themselves."""
    seen, found = set(), {}
    for each in leaving:
        about = each.kept.about if each.form is None else each.form
        if about.marks and about not in seen:
            seen.add(about)
            found.update({m: each.kept.asserter for m in about.marks if m not in chosen and m not in found})
    return found


def _leaves(weighed: Weighed | None) -> bool:
    return weighed is not None and weighed.decision.allowed


class _Joint:
    """Decides relations by what becomes of their ends."""

    def __init__(self, chosen: Chosen, held: Held, to: str, now: datetime) -> None:
        self._chosen, self._held, self._to, self._now = chosen, held, to, now
        self._together: dict[tuple[int, int], Decision] = {}

    def decide(self, relation: Weighed) -> bool:
        """Decide one anew from its own decision and its ends; whether that changed anything."""
        decision = self._by_ends(relation.decision, relation.kept.ends)
        stix_id = relation.kept.stix_id
        before = self._chosen[stix_id].decision
        if decision is before or decision == before:
            return False
        self._chosen[stix_id] = relation._replace(decision=decision)
        return True

    def _by_ends(self, own: Decision, ends: Sequence[str]) -> Decision:
        most = 0
        for end in ends:
            found = self._chosen.get(end)
            if found is None or not found.decision.allowed:
                return decide_relation(own, [self._end(each) for each in ends])
            most = max(most, found.decision.needs_approvals)
        if most <= own.needs_approvals:
            return own
        # All ends leave, and most relations share a decision: only the approvals of the ends matter.
        if (id(own), most) not in self._together:
            self._together[id(own), most] = decide_relation(own, [self._end(each) for each in ends])
        return self._together[id(own), most]

    def _end(self, end: str) -> EndState:
        found = self._chosen.get(end)
        return EndState(end, found.decision if found else None, self._held.terms(self._to, end, self._now))
