"""Consulting lists while a release is weighed, in the form in which an object would leave (accord.md 4).

Decides nothing by itself: what lists do to a decision is `lists.consult`, what stands on them `node/lists`. `chosen` is
changed in place.
"""

from collections.abc import Collection, Iterator

from hilf.accord.decision import Decision
from hilf.lists.consult import consulted
from hilf.lists.hit import Action, Hit
from hilf.node import lists, redacted
from hilf.node.chosen import Chosen
from hilf.node.home import Home


def consult(home: Home, chosen: Chosen, despite: Collection[str]) -> None:
    """Let the lists of this node speak about what would leave: own assets, victims, special use, warning lists.

    Args:
        home: this node.
        chosen: what was weighed.
        despite: names of lists that officers set aside.
    """
    decided: dict[tuple[int, frozenset[tuple[str, Action]]], tuple[Decision, Decision]] = {}
    for row, decision, hits in _spoken_of(home, chosen):
        said = id(decision), frozenset((hit.list, hit.action) for hit in hits)
        if said not in decided:  # many objects share a decision, and it is for the lists that spoke only
            decided[said] = decision, (found := consulted(decision, hits, despite))
            if decision.redact and not found.allowed:
                chosen.stopped[id(found)] = found, decision
        chosen.decisions[row] = decided[said][1]
        if hits:
            chosen.heard.add(row)


def _spoken_of(home: Home, chosen: Chosen) -> Iterator[tuple[int, Decision, tuple[Hit, ...]]]:
    """What would leave and stands on lists: row, decision, and hits of the form that would leave."""
    parts: dict[int, tuple[int, Decision]] = {}
    for row, hits in chosen.sheet.heard.items():
        decision = chosen.decisions[row]
        if decision is not None and decision.allowed:
            if decision.redact:
                parts[chosen.sheet.seqs[row]] = row, decision
            else:
                yield row, decision, hits
    for form in redacted.shown((seq, decision) for seq, (_, decision) in parts.items()):
        yield *parts[form.seq], lists.look(home, form.after)
