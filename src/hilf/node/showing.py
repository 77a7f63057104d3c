"""Showing what was decided: rows made whole, page by page, as somebody looks at them.

Decides nothing: of a decided row the id, the content id, the hits, the form that would leave and the names of its ends are
read again, so that a preview of any size takes a few bytes of each. What is shown of a row that was taken out since is
nothing; `node/release` asks in its transaction whether all is still as it was weighed.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, overload

from hilf.accord.decision import Decision
from hilf.lists.hit import Hit
from hilf.node import lists, redacted
from hilf.node.candidate import Candidate, Weighed
from hilf.node.chosen import Chosen
from hilf.node.reader import Reader
from hilf.node.redact import forms_of
from hilf.node.together import exact

PAGE: Final = 1_000
"""Rows made whole at once."""

Run = tuple[Chosen, Sequence[int]]
"""Rows of one choice, in order."""


class Part(Sequence[Weighed]):
    """Some of what was decided, in order; each is read when it is looked at."""

    def __init__(self, reader: Reader, runs: Sequence[Run]) -> None:
        self._reader = reader
        self.runs = tuple((chosen, rows) for chosen, rows in runs if len(rows))

    def __len__(self) -> int:
        """How many were decided."""
        return sum(len(rows) for _, rows in self.runs)

    def __iter__(self) -> Iterator[Weighed]:
        """Each that there still is."""
        for chosen, rows in self.runs:
            for n in range(0, len(rows), PAGE):
                yield from show(self._reader, chosen, rows[n : n + PAGE])

    @overload
    def __getitem__(self, at: int) -> Weighed: ...
    @overload
    def __getitem__(self, at: slice) -> "Part": ...
    def __getitem__(self, at: "int | slice") -> "Weighed | Part":
        """One, or those from one place to another."""
        if isinstance(at, int):
            return next(iter(self[range(len(self))[at] :]))
        start, stop, _ = at.indices(len(self))
        runs, begins = [], 0
        for chosen, rows in self.runs:
            runs.append((chosen, rows[max(0, start - begins) : max(0, stop - begins)]))
            begins += len(rows)
        return Part(self._reader, runs)

    def pages(self, size: int) -> Iterator["Part"]:
        """Pages of so many."""
        return (self[n : n + size] for n in range(0, len(self), size))

    def only(self, keep: Callable[[Chosen, int], bool]) -> "Part":
        """Those of a choice and row for which `keep` says yes."""
        return Part(
            self._reader,
            [(chosen, array("I", (row for row in rows if keep(chosen, row)))) for chosen, rows in self.runs],
        )

    def __add__(self, other: "Part") -> "Part":
        """These and then those."""
        return Part(self._reader, [*self.runs, *other.runs])

    def tally(self) -> list[tuple[Decision, int]]:
        """Each decision with how many rows share it; where one says that an end of a relation stays, it does not name it."""
        counts: Counter[int] = Counter()
        of: dict[int, Decision] = {}
        for chosen, rows in self.runs:
            found = [decision for row in rows if (decision := chosen.decisions[row]) is not None]
            counts.update(map(id, found))
            of.update(zip(map(id, found), found, strict=True))
        return [(of[key], count) for key, count in counts.items()]


class Decided:
    """Rows that were decided together, each read when it is asked for."""

    def __init__(self, reader: Reader, chosen: Chosen) -> None:
        self._reader, self._chosen = reader, chosen

    def of(self, seqs: Iterable[int]) -> dict[int, Weighed]:
        """Some of them, by their number in the store; without what was not decided."""
        there = self._chosen.sheet.seqs
        rows = [
            at
            for seq in dict.fromkeys(seqs)
            if (at := bisect_left(there, seq)) < len(there) and there[at] == seq
        ]
        return {each.kept.seq: each for each in show(self._reader, self._chosen, rows)}

    def heard(self) -> list[int]:
        """Numbers of the rows of which lists speak."""
        return [self._chosen.sheet.seqs[row] for row in sorted(self._chosen.heard)]

    def staying(self) -> list[int]:
        """Numbers of the rows that would not leave."""
        return [self._chosen.sheet.seqs[row] for row in self._chosen.staying()]


def leaving(reader: Reader, chosen: Chosen, along: Chosen) -> Part:
    """What leaves of a choice with the few that go along with it, in the order in which it is sent."""
    rows, runs, start = chosen.leaving(), list[Run](), 0
    for row in along.leaving():
        at = bisect_left(rows, along.sheet.turn(row), key=chosen.sheet.turn)
        runs += [(chosen, rows[start:at]), (along, array("I", [row]))]
        start = at
    return Part(reader, [*runs, (chosen, rows[start:])])


def show(reader: Reader, chosen: Chosen, rows: Sequence[int]) -> Iterator[Weighed]:
    """Decided rows of one choice, whole, in order; without those that were taken out since."""
    read = reader.read(chosen.sheet, rows)
    decided = {row: exact(chosen, row, each) for row, each in read.items()}
    parts = {row: part for row in decided if (part := chosen.redact(row)) is not None}
    forms = {row: form for row, _, form in forms_of(chosen.sheet, parts) if form is not None}
    hits = _hits(reader, chosen, read, parts)
    for row in rows:
        decision = decided.get(row)
        if decision is not None:
            yield Weighed(read[row], decision, hits.get(row, ()), forms.get(row))


def _hits(
    reader: Reader, chosen: Chosen, read: Mapping[int, Candidate], parts: Mapping[int, Decision]
) -> dict[int, tuple[Hit, ...]]:
    heard = {row: each for row, each in read.items() if row in chosen.heard}
    if not heard:
        return {}
    by_seq = lists.hits(reader.home, heard.values())
    found = {row: by_seq.get(each.seq, ()) for row, each in heard.items()}
    rows = {each.seq: row for row, each in heard.items() if row in parts}
    for form in redacted.shown((seq, parts[row]) for seq, row in rows.items()):
        found[rows[form.seq]] = lists.look(reader.home, form.after)
    return found
