"""From an object that was read to the assertion that is kept: markings laid over it, whose it is, what is indexed.

Joins what `stix` read with how it came (from a file of ours, or in a partner's act), and asks `accord.ownership`
whether it may count. What must wait for a person is kept as well, quarantined, with a finding that says why.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import orjson

from hilf.accord.ownership import Claim, judge
from hilf.canonical import Json
from hilf.markings import tlp
from hilf.markings.granular import granular_refs
from hilf.node.author import KnownAuthors
from hilf.stix.finding import Finding
from hilf.stix.marking_definition import fixed
from hilf.stix.observable import keys_of
from hilf.stix.read import Read
from hilf.stix.reference import references
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Assertion
from hilf.store.intelligence.state import ObjectState
from hilf.store.intelligence.write import Known, Version

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LEVELS_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Coming:
    """How an object comes.

    Attributes:
        asserter: who says it; our own node for a file.
        overlay: ids of marking-definitions laid over it, sorted.
        import_id: of a file.
        accord: "id version" of the accord of an act; `purpose`, `exercise` and `terms` are the act's.
        authorship: the author's proof, None where there is none.
    """

    asserter: str
    overlay: tuple[str, ...] = ()
    import_id: int | None = None
    accord: str | None = None
    purpose: str | None = None
    exercise: str | None = None
    terms: str | None = None
    authorship: Json = None


@dataclass(frozen=True, slots=True)
class Claims:
    """Makes assertions; what many share (authors, markings that recur) is looked up once."""

    me: str
    authors: KnownAuthors
    received: int
    _levels: dict[tuple[str, ...], int | None] = field(default_factory=dict)

    def assertions(
        self, coming: Iterable[tuple[Read, str, Coming]], known: Known
    ) -> list[tuple[Assertion, Finding | None]]:
        """What is kept of objects that were not refused, and why each waits for a person, None where it does not.

        Args:
            coming: (object, where it stood, how it comes), in order; a quarantined one is kept quarantined.
            known: every version that is held of their ids.
        """
        authored: dict[str, set[str]] = {}
        made = []
        for found, place, how in coming:
            versions = known.get(found.id, ())
            authors = authored.get(found.id, set())
            if versions:
                counting = (v for v in versions if v.state != ObjectState.QUARANTINED)
                authors = {*authors, *(v.author for v in counting if v.author)}
            kept, finding = self._assertion(found, place, how, versions, authors)
            if finding is None and kept.author is not None:
                authored.setdefault(found.id, set()).add(kept.author)
            made.append((kept, finding))
        return made

    def _assertion(
        self, found: Read, place: str, coming: Coming, known: Sequence[Version], authors: set[str]
    ) -> tuple[Assertion, Finding | None]:
        stix_object, canonical = found.object or {}, found.canonical or b""
        created_by = stix_object.get("created_by_ref")
        creator = created_by if isinstance(created_by, str) else None
        proven, proof = self._proof(found, canonical, creator, coming, known)
        ownership = judge(
            Claim(found.id, found.type, creator, coming.asserter, proven),
            self.authors.authors,
            authors,
            self.me,
        )
        overlay = () if fixed(found.id) else coming.overlay
        waits = ownership.rule is not None or found.outcome == "quarantined"
        kept = Assertion(
            stix_id=found.id,
            type=found.type,
            asserter=coming.asserter,
            sha256=bytes.fromhex(found.sha256),
            body=canonical if found.upgraded else found.raw,
            received=self.received,
            created=microseconds(found.created),
            modified=microseconds(found.modified),
            created_by=creator,
            author=ownership.author,
            tlp=self._tlp(stix_object, overlay),
            overlay=overlay,
            accord=coming.accord,
            purpose=coming.purpose,
            exercise=coming.exercise,
            terms=coming.terms,
            authorship=proof,
            original=found.raw if found.upgraded else None,
            import_id=coming.import_id,
            keys=keys_of(stix_object),
            references=references(stix_object),
            state=ObjectState.QUARANTINED if waits else ObjectState.CURRENT,
        )
        if ownership.rule is None:
            return kept, None
        return kept, Finding(found.id, place, ownership.rule, ownership.message)

    def _proof(
        self, found: Read, canonical: bytes, creator: str | None, coming: Coming, known: Sequence[Version]
    ) -> tuple[str | None, bytes | None]:
        """Who is shown to have written it, and the proof: the one that came, or one that we hold of the same bytes."""
        if coming.authorship is not None:
            node = self.authors.proven(coming.authorship, canonical, found.id, creator)
            return node, orjson.dumps(coming.authorship) if node else None
        if coming.asserter != self.me or not known:
            return None, None
        for version in known:
            counts = version.state < ObjectState.QUARANTINED and version.author not in (None, self.me)
            if counts and version.sha256.hex() == found.sha256:
                return version.author, objects.by_seq([version.seq])[version.seq].authorship
        return None, None

    def _tlp(self, stix_object: dict[str, Json], overlay: tuple[str, ...]) -> int | None:
        """The strictest level on the object, its parts and over it; None where there is none."""
        refs = stix_object.get("object_marking_refs")
        marks = (
            (*(ref for ref in refs if isinstance(ref, str)), *overlay) if isinstance(refs, list) else overlay
        )
        if "granular_markings" in stix_object:
            marks = (*marks, *(ref for _, ref in granular_refs(stix_object)))
        if marks not in self._levels:
            if len(self._levels) > _LEVELS_KEPT:
                self._levels.clear()
            self._levels[marks] = strictest(marks)
        return self._levels[marks]


def strictest(markings: Iterable[str]) -> int | None:
    """The strictest TLP among ids of marking-definitions; None where none is TLP."""
    levels = [level for each in markings if (level := tlp.of_id(each)) is not None]
    return int(max(levels)) if levels else None


def microseconds(at: datetime | None) -> int | None:
    """A time as the tables hold it: whole microseconds since 1970."""
    return None if at is None else (at - _EPOCH) // _MICROSECOND
