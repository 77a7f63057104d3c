"""What recipients have of the rows of a selection, a byte for each row where a recipient has any (accord.md 3, 4).

Decides nothing: it puts what `node/held` reads page by page beside the rows of a sheet, so that no act and no id stays in
memory. Of the ends of relations it keeps how freely the recipient may pass on what it holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from hilf.accord.terms import Onward
from hilf.node.candidate import JOINING, Candidate
from hilf.node.held import Acts, Held, carrying
from hilf.node.sheet import ENDS
from hilf.store.release import proposal

SENT: Final = 1
"""An act carries this very version to the recipient, or will."""

THIS_ROW: Final = 2
"""An act gives the recipient this row, in whatever form."""

TAKEN: Final = 4
"""The recipient was told to let go of this version, or of a later one."""

PROPOSED: Final = 8
"""It waits for an approval."""

_ONWARD: Final = {onward.width + 1: onward for onward in Onward}


class There:
    """What some nodes have of the rows of one sheet, looked up as these are read."""

    def __init__(self, held: Held, now: datetime, *, ends_only: bool = False) -> None:
        """Look nothing up yet.

        Args:
            held: of the recipients.
            now: aware; what they may no longer keep then they do not hold.
            ends_only: nobody asks what they have of the rows themselves.
        """
        self.held, self.now, self._ends_only = held, now, ends_only
        self._proposed_to = proposal.any_to(held.nodes)
        self._rows: dict[str, bytearray] = {}
        self._ends: dict[str, bytearray] = {}

    def add(self, page: Sequence[Candidate], row: int, relation: int) -> None:
        """Look up the next rows of the sheet.

        Args:
            page: the rows.
            row: how many there were before them.
            relation: how many relations there were before.
        """
        if not self._ends_only:
            self._add_rows(page, row)
        joining = [each for each in page if each.type in JOINING]
        if joining:
            widest = self.held.widest((end for each in joining for end in each.ends), self.now)
            for node, by_end in widest.items():
                found = ((*map(by_end.get, each.ends), None, None)[:ENDS] for each in joining)
                codes = (0 if onward is None else onward.width + 1 for each in found for onward in each)
                _put(self._ends, node, relation * ENDS, codes)

    def code(self, node: str, row: int) -> int:
        """What a node has of a row."""
        column = self._rows.get(node, b"")
        return column[row] if row < len(column) else 0

    def rows(self, node: str, count: int) -> bytes:
        """A code for each of so many rows; empty where the node has none of them, and none was proposed."""
        column = self._rows.get(node)
        return b"" if column is None else bytes(column).ljust(count, b"\0")

    def end(self, node: str, at: int) -> Onward | None:
        """How freely a node may pass on an end of a relation, by the number of the end; None if it does not hold it."""
        column = self._ends.get(node)
        return _ONWARD.get(column[at]) if column is not None and at < len(column) else None

    def _add_rows(self, page: Sequence[Candidate], row: int) -> None:
        known = self.held.known(each.stix_id for each in page)
        for node in self.held.nodes:
            acts, taken = known.acts(node), known.taken(node)
            proposed: Mapping[int, str] = {}
            if node in self._proposed_to:
                proposed = proposal.waiting_for(node, [each.seq for each in page])
            if acts or taken or proposed:
                _put(self._rows, node, row, (_code(each, acts, taken, proposed) for each in page))


def _put(columns: dict[str, bytearray], node: str, start: int, codes: Iterable[int]) -> None:
    column = columns.setdefault(node, bytearray())
    column.extend(bytes(start - len(column)))
    column.extend(codes)


def _code(each: Candidate, acts: Acts, taken: Mapping[int, object], proposed: Mapping[int, object]) -> int:
    given = acts.get(each.stix_id, ())
    return (
        (SENT if carrying(given, each.sha256) else 0)
        | (THIS_ROW if any(act.object_seq == each.seq for act in given) else 0)
        | (TAKEN if each.seq in taken else 0)
        | (PROPOSED if each.seq in proposed else 0)
    )
