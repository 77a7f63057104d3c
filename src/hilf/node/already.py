"""What a recipient has of a selection, will have, or had, without a new release (accord.md 3).

Decides nothing: rows that were found to be there are looked up again when somebody looks at them.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, overload

from hilf.accord.decision import Decision
from hilf.node import redacted
from hilf.node.candidate import Candidate
from hilf.node.held import Known, carrying
from hilf.node.reader import Reader, Selected
from hilf.node.redact import forms_of
from hilf.store.release import proposal

TAKEN_BACK: Final = "taken back"
"""State of what the recipient had and was told to let go: it takes only a version that was modified later, or, where only
the time was over, the same one under the next agreement (docs/adr/0021)."""

_PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Already:
    """What the recipient has, will have, or had, without this release.

    Attributes:
        state: of the act that carries it; "proposed" while it waits for an approval, "theirs" if the recipient
            asserts it itself, "taken back" (TAKEN_BACK).
        accord: (id, version) that it went under; None where it is theirs.
        release: the release that it belongs to.
    """

    stix_id: str
    sha256: bytes
    state: str
    accord: tuple[str, int] | None = None
    release: str | None = None


class AlreadyThere(Sequence[Already]):
    """Rows of a selection that one recipient has, each read when it is looked at."""

    def __init__(
        self,
        reader: Reader,
        selected: Selected,
        to: str,
        rows: Sequence[int],
        taken_back: int = 0,
        parts: Mapping[int, Decision] | None = None,
    ) -> None:
        """Of these rows.

        Args:
            reader: of the rows.
            selected: the rows, and what recipients have of them.
            to: the recipient.
            rows: those that are there as they are, or were.
            taken_back: how many of them were.
            parts: rows of which the recipient has the form that would leave, each with the decision that says which.
        """
        self._reader, self._selected, self._to = reader, selected, to
        self._rows, self._parts, self.taken_back = rows, parts or {}, taken_back

    def __len__(self) -> int:
        """How many there were found to be."""
        return len(self._rows) + len(self._parts)

    def __iter__(self) -> Iterator[Already]:
        """Each that there still is, in the order in which it came here; those in part last."""
        for n in range(0, len(self._rows), _PAGE):
            yield from self._read(self._rows[n : n + _PAGE])
        parts = array("I", sorted(self._parts))
        for n in range(0, len(parts), _PAGE):
            yield from self._read(parts[n : n + _PAGE])

    @overload
    def __getitem__(self, at: int) -> Already: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Already]: ...
    def __getitem__(self, at: int | slice) -> Already | Sequence[Already]:
        """One, or some."""
        return tuple(self)[at]

    def _read(self, rows: Sequence[int]) -> Iterator[Already]:
        sheet = self._selected.sheet
        read = self._reader.read(sheet, rows)
        parts = {row: self._parts[row] for row in rows if row in self._parts}
        forms = {sheet.seqs[row]: form.sha256 for row, _, form in forms_of(sheet, parts) if form is not None}
        known = self._selected.there.held.known(each.stix_id for each in read.values())
        proposed = self._proposed(read, forms)
        for each in read.values():
            sha256 = forms.get(each.seq, each.sha256)
            found = self._of(each, sha256, known, proposed)
            if found is not None:
                yield found

    def _proposed(self, read: Mapping[int, Candidate], forms: Mapping[int, bytes]) -> dict[int, str]:
        """Row → the release in which it, or its form, waits for an approval."""
        kept = redacted.rows(self._reader.home, (each.stix_id for each in read.values() if each.seq in forms))
        of_form = {
            each.seq: kept.get((each.stix_id, forms[each.seq])) for each in read.values() if each.seq in forms
        }
        rows = {each.seq: of_form.get(each.seq, each.seq) for each in read.values()}
        waiting = proposal.waiting_for(self._to, [seq for seq in rows.values() if seq is not None])
        return {seq: waiting[row] for seq, row in rows.items() if row is not None and row in waiting}

    def _of(
        self, each: Candidate, sha256: bytes, known: Known, proposed: Mapping[int, str]
    ) -> Already | None:
        if each.asserter == self._to:
            return Already(each.stix_id, sha256, "theirs")
        if each.seq in proposed:
            return Already(each.stix_id, sha256, "proposed", release=proposed[each.seq])
        act = carrying(known.acts(self._to).get(each.stix_id, ()), sha256)
        if act is not None:
            return Already(each.stix_id, sha256, act.state, act.accord, act.release_id)
        had = known.taken(self._to).get(each.seq)
        return None if had is None else Already(each.stix_id, sha256, TAKEN_BACK, had.accord, had.release_id)
