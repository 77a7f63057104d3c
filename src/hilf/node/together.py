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
    nested = [each for each in relations if not ids.isdisjoint(each.kept.ends)]
    for relation in relations:
        _decide(relation, chosen, held, to, now)
    changed = bool(nested)
    while changed:
        changed = (
            sum(_decide(relation, chosen, held, to, now) for relation in nested) > 0
        )  # each of them, every time


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


def _decide(relation: Weighed, chosen: Chosen, held: Held, to: str, now: datetime) -> bool:
    """Decide one relation anew from its own decision and its ends; whether that changed anything."""
    stix_id, own = relation.kept.stix_id, relation.decision
    decision = (
        own if _all_leave(relation.kept.ends, own, chosen) else _by_ends(relation, chosen, held, to, now)
    )
    before = chosen[stix_id].decision
    if decision is before or decision == before:
        return False
    chosen[stix_id] = relation._replace(decision=decision)
    return True


def _all_leave(ends: Sequence[str], own: Decision, chosen: Chosen) -> bool:
    """Whether all ends leave with no more approvals than the relation needs itself, as nearly always."""
    for end in ends:
        found = chosen.get(end)
        if (
            found is None
            or not found.decision.allowed
            or found.decision.needs_approvals > own.needs_approvals
        ):
            return False
    return True


def _by_ends(relation: Weighed, chosen: Chosen, held: Held, to: str, now: datetime) -> Decision:
    ends = []
    for end in relation.kept.ends:
        found = chosen.get(end)
        ends.append(EndState(end, found.decision if found else None, held.terms(to, end, now)))
    return decide_relation(relation.decision, ends)
