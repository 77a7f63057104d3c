"""Candidates: what a selection comes to, whoever is to get it (accord.md 3, 4).

Decides what is read of each assertion for a release: a row of a few words, without its body. One reading serves any
number of recipients, and a hundred thousand rows stand in some tens of megabytes. What each recipient gets of them is
`node/preview`.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import orjson

from hilf.accord.decision import Decision
from hilf.lists.hit import Hit
from hilf.markings.marking import Markings
from hilf.node import identity, lists
from hilf.node.home import Home, index_key
from hilf.node.profile import About, Profiles
from hilf.node.redacted import Form
from hilf.stix.select import parse
from hilf.store.intelligence import read as objects
from hilf.store.intelligence import row as rows
from hilf.store.intelligence.assertion import Kept
from hilf.store.intelligence.row import Row
from hilf.store.intelligence.selection import compile_terms
from hilf.store.release import sent

JOINING: Final[Mapping[str, tuple[str, ...]]] = {
    "relationship": ("source_ref", "target_ref"),
    "sighting": ("sighting_of_ref",),
}
"""The references by which an object joins others. Source: STIX 2.1 5.1, 5.2; accord.md 3."""


_FIRST: Final = {"marking-definition": 0, "identity": 1}


class Candidate(NamedTuple):
    """One assertion that might leave.

    Attributes:
        seq: its row.
        about: what it is to a decision; one value for all that share their facts.
        ends: ids that it joins, for relationships and sightings.
    """

    seq: int
    stix_id: str
    type: str
    asserter: str
    sha256: bytes
    about: About
    ends: tuple[str, ...] = ()

    @property
    def markings(self) -> Markings:
        """What it is marked with, overlay included."""
        return self.about.profile.markings


class Weighed(NamedTuple):
    """One assertion with the decision on it.

    Attributes:
        kept: the assertion, without its body.
        decision: whether it leaves, and every clause, rule and list that spoke.
        hits: what of it stands on lists of this node; for our people only.
        form: what would leave in its place where parts of it may not go.
    """

    kept: Candidate
    decision: Decision
    hits: tuple[Hit, ...] = ()
    form: Form | None = None

    @property
    def marks(self) -> Collection[str]:
        """Ids of the markings, fixed by no standard, of what would leave."""
        return self.kept.about.marks if self.form is None else self.form.marks

    @property
    def sha256(self) -> bytes:
        """Content id of what would leave."""
        return self.kept.sha256 if self.form is None else self.form.sha256

    @property
    def markings(self) -> Markings:
        """What it is marked with, overlay included."""
        return self.kept.markings

    @property
    def ends(self) -> tuple[str, ...]:
        """Ids that it joins, for relationships and sightings."""
        return self.kept.ends


class Layout:
    """Rows of different objects, in the order in which they are sent: definitions, identities, relations last."""

    def __init__(self, rows: Iterable[Candidate]) -> None:
        self.rows: Final = tuple(sorted(rows, key=order))

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each object stands among the rows."""
        return {row.stix_id: n for n, row in enumerate(self.rows)}

    @cached_property
    def abouts(self) -> tuple[About, ...]:
        """What each row is to a decision."""
        return tuple(row.about for row in self.rows)

    @cached_property
    def relations(self) -> tuple[tuple[int, tuple[int | None, ...]], ...]:
        """The places of what joins others, with those of its ends; None for an end that is not here."""
        find = self.places.get
        return tuple((n, tuple(map(find, row.ends))) for n, row in enumerate(self.rows) if row.ends)

    @cached_property
    def marked(self) -> tuple[int, ...]:
        """The places of what bears markings that no standard fixes, in the order in which it came here."""
        rows = self.rows
        return tuple(sorted((n for n, row in enumerate(rows) if row.about.marks), key=lambda n: rows[n].seq))

    @cached_property
    def definitions(self) -> tuple[int, ...]:
        """The places of the definitions of markings."""
        return tuple(n for n, row in enumerate(self.rows) if row.type == "marking-definition")


@dataclass(frozen=True)
class Selected:
    """All candidates of a selection, in the order in which they came here.

    Attributes:
        selection: the select text; empty for what this node asserts itself.
        rows: the candidates.
    """

    selection: str
    rows: Sequence[Candidate]

    @cached_property
    def layout(self) -> Layout:
        """The rows in the order in which they are sent; for rows of different objects."""
        return Layout(self.rows)

    @cached_property
    def abouts(self) -> frozenset[About]:
        """What the rows are to a decision."""
        return frozenset(row.about for row in self.rows)

    @cached_property
    def asserters(self) -> frozenset[str]:
        """Who says the rows."""
        return frozenset(row.asserter for row in self.rows)

    @cached_property
    def ids(self) -> frozenset[str]:
        """Ids of the objects that are selected."""
        return frozenset(row.stix_id for row in self.rows)


class Reader:
    """Reads candidates; what many share (facts, definitions, our own identities) is read once."""

    def __init__(self, home: Home, profiles: Profiles) -> None:
        self.home, self.profiles, self.index_key = home, profiles, index_key(home)
        self.hits: dict[int, tuple[Hit, ...]] = {}
        """What of the rows that were read stands on lists that stop or warn; by row."""
        self._lists: set[lists.Lists] = set()

    @cached_property
    def own_identities(self) -> frozenset[str]:
        """The STIX identities that stand for this node."""
        return frozenset(identity.stix_identities(identity.own(self.home).newest))

    def select(self, selection: str, unreleased_to: str | None = None) -> Selected:
        """The candidates of a selection.

        Args:
            selection: faces.md, Select; empty for what this node itself asserts.
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
        return Selected(selection, tuple(each for page in found for each in self._read(page)))

    def current(self, seqs: Iterable[int]) -> list[Candidate]:
        """Those of these rows that still count, in order."""
        return self._read(list(rows.by_seq(seqs, JOINING)))

    def of_kept(self, kept: Iterable[Kept]) -> list[Candidate]:
        """Assertions that were read whole, as candidates."""
        return self._read([_row(each) for each in kept])

    def still(self, wanted: Sequence[Candidate]) -> bool:
        """Whether these rows still count, are the same to a decision, and stand on the same lists."""
        now = {row.seq: row for row in self._candidates(list(rows.by_seq((w.seq for w in wanted), JOINING)))}
        same = self.profiles.still_hold() and all(
            row.seq in now and now[row.seq].about is row.about for row in wanted
        )
        if not same or self._lists == {lists.as_they_are()}:  # bodies do not change: neither do hits
            return same
        hits = lists.hits(self.home, wanted)
        return all(hits.get(row.seq) == self.hits.get(row.seq) for row in wanted)

    def _read(self, page: Sequence[Row]) -> list[Candidate]:
        found = self._candidates(page)
        hits, by = lists.hits_and_lists(self.home, found)
        self.hits.update(hits)
        self._lists.add(by)
        return found

    def _candidates(self, page: Sequence[Row]) -> list[Candidate]:
        """Rows with what they are to a decision."""
        abouts = self.profiles.of((row.seq, row.facts_id, row.confidence) for row in page)
        return [
            Candidate(
                row.seq, row.stix_id, row.type, row.asserter, row.sha256, abouts[row.seq],
                () if row.body is None else _ends(row.type, row.body),
            )
            for row in page
            if row.seq in abouts  # a row that was taken out meanwhile is no candidate
        ]  # fmt: skip

    def _checked(
        self, condition: str, parameters: Sequence[object], holds: Callable[[Kept], bool]
    ) -> Iterator[list[Row]]:
        for page in objects.pages(condition, parameters):
            yield [_row(kept) for kept in page if holds(kept)]


def _row(kept: Kept) -> Row:
    body = kept.body if kept.type in JOINING else None
    return Row(
        kept.seq, kept.stix_id, kept.type, kept.asserter, kept.sha256, kept.facts_id, kept.confidence, body
    )


def _ends(type_: str, body: bytes) -> tuple[str, ...]:
    object_ = orjson.loads(body)
    named = (object_.get(name) for name in JOINING[type_])
    return tuple(each for each in named if isinstance(each, str))


def order(row: Candidate) -> tuple[int, int]:
    """What sorts rows in the order in which they are sent."""
    return (3 if row.ends else _FIRST.get(row.type, 2)), row.seq
