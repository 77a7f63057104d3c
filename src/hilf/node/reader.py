"""Reading what a selection comes to, whoever is to get it: page by page into a sheet (accord.md 3, 4).

Decides nothing: it reads rows without bodies, what they are to a decision, what stands on lists, and what the recipients
have of them. One reading serves any number of recipients. What each of them gets is `node/preview`.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from hilf.lists.hit import Hit
from hilf.node import identity, lists
from hilf.node.candidate import JOINING, Candidate, candidate, row_of
from hilf.node.home import Home, index_key
from hilf.node.profile import Profiles
from hilf.node.sheet import Sheet
from hilf.node.there import There
from hilf.stix.select import parse
from hilf.store.intelligence import read as objects
from hilf.store.intelligence import row as rows
from hilf.store.intelligence.assertion import Kept
from hilf.store.intelligence.row import Row
from hilf.store.intelligence.selection import compile_terms
from hilf.store.release import sent

Voice = tuple[Hit, ...]
"""Hits that stand for those of all rows of which the same lists speak."""


@dataclass(frozen=True)
class Selected:
    """All rows of a selection, and what the recipients have of them.

    Attributes:
        selection: the select text; empty for what this node asserts itself.
    """

    selection: str
    sheet: Sheet
    there: There


class Reader:
    """Reads candidates; what many share (facts, definitions, our own identities) is read once."""

    def __init__(self, home: Home, profiles: Profiles) -> None:
        self.home, self.profiles, self.index_key = home, profiles, index_key(home)
        self._lists: set[lists.Lists] = set()
        self._heard: dict[int, Voice] = {}
        self._voices: dict[frozenset[tuple[str, object]], Voice] = {}

    @cached_property
    def own_identities(self) -> frozenset[str]:
        """The STIX identities that stand for this node."""
        return frozenset(identity.stix_identities(identity.own(self.home).newest))

    def select(self, selection: str, there: There, unreleased_to: str | None = None) -> Selected:
        """The rows of a selection.

        Args:
            selection: faces.md, Select; empty for what this node itself asserts.
            there: which looks up what the recipients have of them.
            unreleased_to: leave out of an empty selection what was released to that node.

        Raises:
            CallerFault: the selection is not understood.
        """
        terms = parse(selection)
        selected = compile_terms(terms, self.index_key, None if terms else self.home.node)
        condition, parameters = selected.condition, selected.parameters
        if not terms and unreleased_to is not None:
            unreleased, more = sent.not_released(unreleased_to)
            condition, parameters = f"{condition} AND {unreleased}", (*parameters, *more)
        if selected.checks:
            found = self._checked(condition, parameters, selected.holds)
        else:
            found = rows.pages(condition, parameters, JOINING)
        sheet = Sheet(self.index_key)
        for page in found:
            self._add(sheet, page, there)
        return Selected(selection, sheet.ready(), there)

    def few(self, kept: Iterable[Kept], there: There) -> Selected:
        """Some assertions that were read whole, and stay at hand."""
        sheet = Sheet(self.index_key, keeps_rows=True)
        self._add(sheet, sorted(map(row_of, kept), key=lambda row: row.seq), there)
        return Selected("", sheet.ready(), there)

    def current(self, seqs: Iterable[int], there: There) -> Selected:
        """Those of some rows that still count."""
        sheet, wanted = Sheet(self.index_key), array("q", sorted(seqs))
        for n in range(0, len(wanted), rows.PAGE):
            self._add(sheet, list(rows.by_seq(wanted[n : n + rows.PAGE], JOINING)), there)
        return Selected("", sheet.ready(), there)

    def read(self, sheet: Sheet, places: Sequence[int]) -> dict[int, Candidate]:
        """Some rows of a sheet, whole; without those that were taken back or erased since."""
        if sheet.kept is not None:
            return {place: sheet.kept[place] for place in places}
        found = {
            row.seq: row
            for row in rows.by_seq((sheet.seqs[place] for place in places), JOINING, current=False)
        }
        return {
            place: candidate(found[sheet.seqs[place]], sheet.abouts[place])
            for place in places
            if sheet.seqs[place] in found
        }

    def still(self, wanted: Sequence[Candidate], *, in_part: bool) -> bool:
        """Whether these rows still count, are the same to a decision, and the same lists speak of them.

        Args:
            wanted: the rows.
            in_part: whether parts of any are taken out: what lists say of the rest is not known here, so that no list may
                have changed.
        """
        now = {row.seq: row for row in self._candidates(list(rows.by_seq((w.seq for w in wanted), JOINING)))}
        same = self.profiles.still_hold() and all(
            row.seq in now and now[row.seq].about is row.about for row in wanted
        )
        if not same or self._lists == {lists.as_they_are()}:  # bodies do not change: neither do hits
            return same
        if in_part:
            return False
        hits = lists.hits(self.home, wanted)
        return all(_speaking(hits.get(w.seq, ())) == _speaking(self._heard.get(w.seq, ())) for w in wanted)

    def _add(self, sheet: Sheet, page: Sequence[Row], there: There) -> None:
        read = self._candidates(page)
        there.add(read, len(sheet), len(sheet.relations))
        sheet.add(read, self._listen(read))

    def _listen(self, page: Sequence[Candidate]) -> dict[int, Voice]:
        """What lists say of the rows, by `seq`."""
        hits, by = lists.hits_and_lists(self.home, page)
        self._lists.add(by)
        found = {seq: self._voices.setdefault(_speaking(said), said) for seq, said in hits.items()}
        self._heard.update(found)
        return found

    def _candidates(self, page: Sequence[Row]) -> list[Candidate]:
        """Rows with what they are to a decision; a row that was taken out meanwhile is no candidate."""
        abouts = self.profiles.of((row.seq, row.facts_id, row.confidence) for row in page)
        return [candidate(row, abouts[row.seq]) for row in page if row.seq in abouts]

    def _checked(
        self, condition: str, parameters: Sequence[object], holds: Callable[[Kept], bool]
    ) -> Iterator[list[Row]]:
        for page in objects.pages(condition, parameters):
            yield [row_of(kept) for kept in page if holds(kept)]


def _speaking(hits: Iterable[Hit]) -> frozenset[tuple[str, object]]:
    """Which lists speak, and what each does: all that a decision asks of hits."""
    return frozenset((hit.list, hit.action) for hit in hits)
