"""Consulting lists while a release is weighed, in the form in which an object would leave (accord.md 4).

Decides nothing by itself: what lists do to a decision is `lists.consult`, what stands on them `node/lists`. `chosen` is
changed in place.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from hilf.lists.consult import consulted
from hilf.node import lists, redacted

if TYPE_CHECKING:
    from hilf.accord.decision import Decision
    from hilf.lists.hit import Action
    from hilf.node.candidate import Reader
    from hilf.node.chosen import Chosen


def consult(reader: "Reader", chosen: "Chosen", despite: Collection[str]) -> None:
    """Let the lists of this node speak about what would leave: own assets, victims, special use, warning lists.

    Args:
        reader: of the candidates; it has asked about each row.
        chosen: what was weighed.
        despite: names of lists that officers set aside.
    """
    hits, rows = reader.hits, chosen.layout.rows
    if not hits:
        return
    spoken = [
        (place, row, decision)
        for place, (row, decision) in enumerate(zip(rows, chosen.decisions, strict=True))
        if row.seq in hits and decision is not None and decision.allowed
    ]
    parts = [(row.seq, decision) for place, row, decision in spoken if place in chosen.forms]
    of_forms = {form.stix_id: lists.look(reader.home, form.after) for form in redacted.shown(parts)}
    decided: dict[tuple[int, frozenset[tuple[str, Action]]], Decision] = {}
    for place, row, decision in spoken:
        found = of_forms.get(row.stix_id, hits[row.seq])
        said = id(decision), frozenset((hit.list, hit.action) for hit in found)
        if said not in decided:  # many objects share a decision, and it is for the lists that spoke only
            decided[said] = consulted(decision, found, despite)
        chosen.decisions[place], chosen.hits[place] = decided[said], found
