"""One assertion on its way in, and one as it is kept (protocol.md 3).

Times are microseconds since 1970, UTC; None where the object has none (observables have neither `created` nor
`modified`, markings have no `modified`). Who may say what was judged before (`accord.ownership`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from hilf.accord.placing import ObjectState, Outcome
from hilf.canonical import Json

_FULL = '"redacted_from":"'
"""How terms, as canonical JSON, begin to name a full form; most name none, and are not parsed."""


class Assertion(NamedTuple):
    """A version of an object that `asserter` says, judged and ready to be kept.

    Attributes:
        stix_id: id of the object.
        asserter: the node that says it; our own name for what we import.
        author: the node that wrote it, proven; None where it has no author.
        tlp: strictest level of the object's own markings and the overlay (0 CLEAR … 4 RED), None where none is.
        overlay: ids of marking-definitions added beside the object, sorted.
        accord: "id version" of the accord under which a partner sent it.
        terms: the act's terms, as JSON.
        authorship: the author's proof, as JSON.
        sha256: content id, 32 bytes.
        body: the object as received, or as read where `original` holds what was received.
        import_id: the import that brings it; None for what partners send.
        keys: (kind, normal value) of every observable it speaks of.
        references: (property, id) of everything it points to.
        state: CURRENT, or QUARANTINED where it waits for a person.
        content: what decisions may depend on (`accord.facts.content`); empty where facts are to be made later.
        confidence: what the object states.
        said_at: when its asserter made the act that brings it now; None where no act of it does.
    """

    stix_id: str
    type: str
    asserter: str
    sha256: bytes
    body: bytes
    received: int
    created: int | None = None
    modified: int | None = None
    created_by: str | None = None
    author: str | None = None
    tlp: int | None = None
    overlay: tuple[str, ...] = ()
    accord: str | None = None
    purpose: str | None = None
    exercise: str | None = None
    terms: str | None = None
    authorship: bytes | None = None
    original: bytes | None = None
    import_id: int | None = None
    keys: Sequence[tuple[str, str]] = ()
    references: Sequence[tuple[str, str]] = ()
    state: ObjectState = ObjectState.CURRENT
    content: str = ""
    confidence: int | None = None
    said_at: int | None = None

    @property
    def redacted_from(self) -> bytes | None:
        """Content id of the full form that its terms name; None where they name none."""
        return redacted_from(self.terms)


def redacted_from(terms: str | None) -> bytes | None:
    """The content id of a full form in the terms of an act, as JSON; None where they name none."""
    if terms is None or _FULL not in terms:
        return None
    named = orjson.loads(terms).get("redacted_from")
    return bytes.fromhex(named) if isinstance(named, str) else None


class Written(NamedTuple):
    """What became of one assertion: `seq` is its row (the row of what was known already for a duplicate).

    `settles` is the row in which the same waited in quarantine until now; what spoke of that row speaks of `seq`.
    """

    outcome: Outcome
    seq: int
    settles: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """One assertion as it stands in the store; `body` is None where it was not asked for, hidden or erased."""

    seq: int
    stix_id: str
    type: str
    created: int | None
    modified: int | None
    created_by: str | None
    asserter: str
    author: str | None
    state: ObjectState
    tlp: int | None
    overlay: tuple[str, ...]
    accord: str | None
    purpose: str | None
    exercise: str | None
    terms: Mapping[str, Json]
    sha256: bytes
    received: int
    import_id: int | None
    facts_id: int | None = None
    confidence: int | None = None
    authorship: bytes | None = None
    body: bytes | None = None
    original: bytes | None = None

    @property
    def owner(self) -> str:
        """Whose it is for a reader: the author where there is one, else who says it."""
        return self.author or self.asserter

    @property
    def is_redacted(self) -> bool:
        """Whether its terms name a full form, of which parts were left out before it was sent."""
        return self.terms.get("redacted_from") is not None

    @property
    def object(self) -> dict[str, Json]:
        """The object, parsed; empty where there is no body."""
        found: dict[str, Json] = orjson.loads(self.body) if self.body else {}
        return found


COLUMNS = (
    "o.seq, o.stix_id, o.type, o.created, o.modified, o.created_by, o.asserter, o.author, o.state, o.tlp, o.overlay,"
    " o.accord, o.purpose, o.exercise, o.terms, o.sha256, o.received, o.import_id,"
    " o.facts_id, o.confidence"
)
# What is hidden or erased has no body for any reader, whichever query asks.
_READABLE = f"o.state < {int(ObjectState.HIDDEN)}"
BODIES = f", o.authorship, CASE WHEN {_READABLE} THEN o.body END, CASE WHEN {_READABLE} THEN o.original END"


def kept(row: Sequence) -> Kept:
    """A row of COLUMNS (and BODIES) as a value."""
    return Kept(
        seq=row[0],
        stix_id=row[1],
        type=row[2],
        created=row[3],
        modified=row[4],
        created_by=row[5],
        asserter=row[6],
        author=row[7],
        state=ObjectState(row[8]),
        tlp=row[9],
        overlay=tuple(orjson.loads(row[10])) if row[10] else (),
        accord=row[11],
        purpose=row[12],
        exercise=row[13],
        terms=orjson.loads(row[14]) if row[14] else {},
        sha256=bytes(row[15]),
        received=row[16],
        import_id=row[17],
        facts_id=row[18],
        confidence=row[19],
        authorship=_bytes(row, 20),
        body=_bytes(row, 21),
        original=_bytes(row, 22),
    )


def _bytes(row: Sequence, place: int) -> bytes | None:
    return bytes(row[place]) if len(row) > place and row[place] is not None else None
