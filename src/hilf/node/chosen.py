"""What was chosen of a selection for one recipient: the decision on one row of each object.

Decides nothing: decisions stand in a list beside the rows of a sheet, and a row without one is no part of it. A hundred
thousand rows are gone through for each of many recipients, and to look each up by its id would cost most of the time.
"""

from array import array
from collections.abc import Collection, Iterable

from hilf.accord.decision import Decision
from hilf.node.reader import Selected


class Chosen:
    """One row of each object, with what was decided for one recipient.

    Attributes:
        selected: the rows, and what the recipients have of them.
        to: the recipient.
        decisions: on each row; None for what the recipient has already, and for rows that say less than another one.
        instead: the first row of an object → the row that was chosen, where it is another one.
        heard: rows of which lists speak, in the form in which they would leave.
        form_marks: row → markings of the form that would leave, where it bears others than the row.
        own: id of a refusal because of an end → the refusal, and the decision on the relation alone.
        stopped: id of a refusal because of a list → the refusal, and the decision before, which takes parts out.
    """

    def __init__(self, selected: Selected, to: str, decisions: Iterable[Decision | None]) -> None:
        self.selected, self.sheet, self.to = selected, selected.sheet, to
        self.decisions = list(decisions)
        self.instead: dict[int, int] = {}
        self.heard: set[int] = set()
        self.form_marks: dict[int, frozenset[str]] = {}
        self.own: dict[int, tuple[Decision, Decision]] = {}
        self.stopped: dict[int, tuple[Decision, Decision]] = {}

    def __contains__(self, stix_id: str) -> bool:
        """Whether this object is part of it."""
        row = self.sheet.first(stix_id)
        return row is not None and self.of_object(row) is not None

    def of_end(self, row: int) -> int:
        """The row that was chosen of an object, by its first row; ABSENT stays what it is."""
        return self.instead.get(row, row)

    def of_object(self, row: int) -> Decision | None:
        """The decision on an object, by its first row."""
        return self.decisions[self.of_end(row)] if row >= 0 else None

    def leaves(self, row: int) -> bool:
        """Whether a row leaves, as far as it was decided."""
        decision = self.decisions[row]
        return decision is not None and decision.allowed

    def is_heard(self, row: int) -> bool:
        """Whether lists speak of a row, in the form in which it would leave."""
        return row in self.heard

    def needs_approval(self, row: int) -> bool:
        """Whether a row leaves only once a second officer approved it."""
        decision = self.decisions[row]
        return decision is not None and decision.needs_approvals > 0

    def redact(self, row: int) -> Decision | None:
        """The decision that takes something out of a row; also of one that stays, for a list or an end that speaks of the rest."""
        decision = self.decisions[row]
        _, before = self.own.get(id(decision)) or self.stopped.get(id(decision)) or (None, decision)
        return before if before is not None and before.redact else None

    def marks(self, row: int) -> Collection[str]:
        """Ids of the markings, fixed by no standard, of what would leave."""
        return self.form_marks.get(row, self.sheet.abouts[row].marks)

    def leaving(self) -> "array[int]":
        """The rows that leave, in the order in which they are sent."""
        decisions = self.decisions
        return array(
            "I", (row for row in self.sheet.order if (found := decisions[row]) is not None and found.allowed)
        )

    def staying(self) -> "array[int]":
        """The rows that stay, in the order in which they came here."""
        return array(
            "I", (row for row, found in enumerate(self.decisions) if found is not None and not found.allowed)
        )
