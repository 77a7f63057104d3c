"""Sheets: the rows of a selection in columns of a few bytes each, in the order in which they came here.

Decides what of a row stays in memory while releases of it are decided, for any number of recipients: its number in the
store, what it is to a decision, who says it, and which rows it joins. All else (its id, its content id, its body) is read
again, page by page, when somebody looks at it (`node/showing`). So a hundred thousand rows take six megabytes.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final

from hilf.lists.hit import Hit
from hilf.node.candidate import JOINING, Candidate
from hilf.node.places import Places
from hilf.node.profile import About
from hilf.store.intelligence.index import id_key

ENDS: Final = 2
"""How many ends a relation has at most. Source: STIX 2.1 5.1."""

ABSENT: Final = -1
"""In place of the row of an end: that object is not selected."""

NO_END: Final = -2
"""In place of the row of an end: there is no such end."""

DEFINITION: Final = "marking-definition"
_FIRST: Final = {DEFINITION: 0, "identity": 1}
_THEN: Final = 2
_LAST: Final = 3


class Sheet:
    """Columns over the rows of a selection.

    Attributes:
        seqs: the number of each row in the store, rising.
        abouts: what each is to a decision.
        order: the rows in the order in which they are sent: definitions, identities, relations last.
        relations: the rows that join others.
        ends: of each relation ENDS rows: the first one of the object that it joins, ABSENT or NO_END.
        marked: the rows that bear markings which no standard fixes.
        definitions: row → id, of the definitions of markings.
        heard: row → hits of the lists that speak of it, which it shares with other rows.
        kept: the rows themselves, where these are a few that are at hand.
    """

    def __init__(self, index_key: bytes, *, keeps_rows: bool = False) -> None:
        self.index_key, self.places = index_key, Places()
        self.seqs, self.order = array("q"), array("I")
        self.abouts: list[About] = []
        self.relations, self.ends, self.marked = array("I"), array("q"), array("I")
        self.definitions: dict[int, str] = {}
        self.heard: dict[int, tuple[Hit, ...]] = {}
        self.kept: list[Candidate] | None = [] if keeps_rows else None
        self._kinds, self._end_counts = bytearray(), bytearray()
        self._says, self._speakers = array("I"), dict[str, int]()

    def __len__(self) -> int:
        """How many rows."""
        return len(self.seqs)

    @cached_property
    def speakers(self) -> tuple[str, ...]:
        """Who says the rows."""
        return tuple(self._speakers)

    def speaker(self, row: int) -> str:
        """Who says a row."""
        return self.speakers[self._says[row]]

    def said_by(self, node: str) -> Iterator[int]:
        """The rows that a node says."""
        number = self._speakers.get(node)
        return iter(()) if number is None else (row for row, says in enumerate(self._says) if says == number)

    @cached_property
    def distinct(self) -> frozenset[About]:
        """What rows are to a decision, each once."""
        return frozenset(self.abouts)

    @cached_property
    def shared(self) -> tuple[tuple[int, ...], ...]:
        """The rows of each object that several nodes say."""
        return tuple(self.places.shared())

    def first(self, stix_id: str) -> int | None:
        """The first row of an object; None where it is not here."""
        return self.places.first(id_key(stix_id, self.index_key))

    def add(self, page: Iterable[Candidate], hits: Mapping[int, tuple[Hit, ...]]) -> None:
        """Take in the next rows, in order of `seq`, with what stands on lists by `seq`."""
        for each in page:
            row = len(self.seqs)
            self.seqs.append(each.seq)
            self.abouts.append(each.about)
            self._says.append(self._speakers.setdefault(each.asserter, len(self._speakers)))
            self.places.put(id_key(each.stix_id, self.index_key), row)
            self._kinds.append(_LAST if each.type in JOINING else _FIRST.get(each.type, _THEN))
            if each.type in JOINING:
                self.relations.append(row)
                self._end_counts.append(len(each.ends))
                keys = [id_key(end, self.index_key) for end in each.ends]
                self.ends.extend((*keys, 0, 0)[:ENDS])
            elif each.type == DEFINITION:
                self.definitions[row] = each.stix_id
            if each.about.marks:
                self.marked.append(row)
            if each.seq in hits:
                self.heard[row] = hits[each.seq]
            if self.kept is not None:
                self.kept.append(each)

    def ready(self) -> "Sheet":
        """Find the order, and the rows that relations join: everything was taken in."""
        self.places.ready()
        for kind in range(_LAST + 1):
            self.order.extend(row for row, is_ in enumerate(self._kinds) if is_ == kind)
        first = self.places.first
        for n, key in enumerate(self.ends):
            row = first(key) if n % ENDS < self._end_counts[n // ENDS] else NO_END
            self.ends[n] = ABSENT if row is None else row
        return self

    def joins(self, row: int) -> bool:
        """Whether a row joins others."""
        return self._kinds[row] == _LAST

    def turn(self, row: int) -> tuple[int, int]:
        """What sorts rows, of this sheet and of others, in the order in which they are sent."""
        return self._kinds[row], self.seqs[row]
