"""Candidates: what one assertion is to a release, and what was decided on it (accord.md 3, 4).

Decides what is read of each assertion for a release: a row of a few words, without its body.
"""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

import orjson

from hilf.accord.decision import Decision
from hilf.lists.hit import Hit
from hilf.markings.marking import Markings
from hilf.node.profile import About
from hilf.node.redacted import Form
from hilf.store.intelligence.assertion import Kept
from hilf.store.intelligence.row import Row

JOINING: Final[Mapping[str, tuple[str, ...]]] = {
    "relationship": ("source_ref", "target_ref"),
    "sighting": ("sighting_of_ref",),
}
"""The references by which an object joins others. Source: STIX 2.1 5.1, 5.2; accord.md 3."""


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


def row_of(kept: Kept) -> Row:
    """An assertion that was read whole, as its row."""
    body = kept.body if kept.type in JOINING else None
    return Row(
        kept.seq, kept.stix_id, kept.type, kept.asserter, kept.sha256, kept.facts_id, kept.confidence, body
    )


def candidate(row: Row, about: About) -> Candidate:
    """A row, with what it is to a decision."""
    return Candidate(
        row.seq, row.stix_id, row.type, row.asserter, row.sha256, about,
        () if row.body is None else _ends(row.type, row.body),
    )  # fmt: skip


def _ends(type_: str, body: bytes) -> tuple[str, ...]:
    object_ = orjson.loads(body)
    named = (object_.get(name) for name in JOINING[type_])
    return tuple(each for each in named if isinstance(each, str))
