"""Choosing one row of each object for a recipient, once each row was decided by its facts (accord.md 3, 4).

Decides which row of an object is meant: our own, else the first received one that may go; and what need not be sent: what
the recipient says itself, has, had, or is proposed to get. `chosen` is changed in place.
"""

from array import array
from collections.abc import Collection, Iterable

from hilf.node.chosen import Chosen
from hilf.node.there import PROPOSED, SENT, TAKEN, THIS_ROW


def choose(chosen: Chosen, own: str, *, unreleased: bool) -> tuple["array[int]", int]:
    """Take out every row that is not meant or need not be sent.

    Args:
        chosen: every row of a selection, decided.
        own: this node.
        unreleased: only what was not released to the recipient was asked for, so nobody asks what was.

    Returns: the rows of objects that the recipient has, had or will have, in the order in which they came here; and how
        many of these it was told to let go.
    """
    theirs = set(chosen.sheet.said_by(chosen.to))
    there, taken_back = _take_out(chosen, theirs, unreleased=unreleased)
    for rows in chosen.sheet.shared:
        best = _best(chosen, own, rows)
        for row in rows:
            if row != best:
                chosen.decisions[row] = None
        if best is not None:
            chosen.instead[rows[0]] = best
            theirs.difference_update(rows)
    return array("I", sorted({*there, *theirs})) if theirs else there, taken_back


def _take_out(chosen: Chosen, theirs: Collection[int], *, unreleased: bool) -> tuple["array[int]", int]:
    """Take out what the recipient says itself, and what it has, had or is proposed to get; the rows of the latter."""
    there, taken_back, decisions = array("I"), 0, chosen.decisions
    for row in theirs:
        decisions[row] = None
    for row, code in enumerate(chosen.selected.there.rows(chosen.to, len(decisions))):
        if not code & (PROPOSED | SENT | TAKEN) or row in theirs:
            continue
        decisions[row] = None
        if code & PROPOSED or not code & SENT or not (unreleased and code & THIS_ROW):
            there.append(row)
        taken_back += not code & (PROPOSED | SENT)
    return there, taken_back


def _best(chosen: Chosen, own: str, rows: Iterable[int]) -> int | None:
    best: int | None = None
    for row in rows:
        if chosen.decisions[row] is not None and (best is None or _is_better(chosen, own, row, best)):
            best = row
    return best


def _is_better(chosen: Chosen, own: str, row: int, than: int) -> bool:
    """Our own comes first; of received ones the first that may go."""
    if chosen.sheet.speaker(than) == own:
        return False
    return chosen.sheet.speaker(row) == own or (chosen.leaves(row) and not chosen.leaves(than))
