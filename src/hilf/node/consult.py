"""Consulting lists while a release is weighed, in the form in which an object would leave (accord.md 4).

Decides nothing by itself: what lists do to a decision is `lists.consult`, what stands on them `node/lists`. `chosen` is
object → what was weighed, and is changed in place.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from hilf.lists.consult import consulted
from hilf.node import lists, redacted

if TYPE_CHECKING:
    from hilf.accord.decision import Decision
    from hilf.lists.hit import Action
    from hilf.node.candidate import Reader, Weighed


def consult(reader: "Reader", chosen: "dict[str, Weighed]", despite: Collection[str]) -> None:
    """Let the lists of this node speak about what would leave: own assets, victims, special use, warning lists.

    Args:
        reader: of the candidates; it has asked about each row.
        chosen: what was weighed, by object.
        despite: names of lists that officers set aside.
    """
    leaving = [each for each in chosen.values() if each.decision.allowed]
    hits = reader.hits
    spoken = [each for each in leaving if each.kept.seq in hits] if hits else []
    parts = [(each.kept.seq, each.decision) for each in spoken if each.form is not None]
    of_forms = {form.stix_id: lists.look(reader.home, form.after) for form in redacted.shown(parts)}
    decided: dict[tuple[int, frozenset[tuple[str, Action]]], Decision] = {}
    for each in spoken:
        found = of_forms.get(each.kept.stix_id, hits[each.kept.seq])
        said = id(each.decision), frozenset((hit.list, hit.action) for hit in found)
        if said not in decided:  # many objects share a decision, and it is for the lists that spoke only
            decided[said] = consulted(each.decision, found, despite)
        chosen[each.kept.stix_id] = each._replace(decision=decided[said], hits=found)
