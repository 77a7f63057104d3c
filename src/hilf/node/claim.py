"""From an object that was read to the assertion that is kept: markings laid over it, whose it is, what is indexed.

Joins what `stix` read with how it came (from a file of ours, or in a partner's act), and asks `accord.ownership`
whether it may count. What must wait for a person is kept as well, quarantined, with a finding that says why.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast

import orjson

from hilf.accord.facts import confidence_of, content
from hilf.accord.ownership import Claim, judge
from hilf.accord.placing import ObjectState
from hilf.canonical import Json
from hilf.markings import tlp
from hilf.markings.granular import granular_refs
from hilf.node.author import KnownAuthors
from hilf.stix.finding import Finding
from hilf.stix.marking_definition import fixed
from hilf.stix.observable import keys_of
from hilf.stix.read import Read
from hilf.stix.reference import references
from hilf.store.instant import microseconds
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Assertion, Kept
from hilf.store.intelligence.write import Known, Version

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
        said_at: when its asserter made the act, microseconds since 1970; None where no new act of it brings the object.
    """

    asserter: str
    overlay: tuple[str, ...] = ()
    import_id: int | None = None
    accord: str | None = None
    purpose: str | None = None
    exercise: str | None = None
    terms: str | None = None
    authorship: Json = None
    said_at: int | None = None


class Prepared(NamedTuple):
    """An object that was not refused, ready to be kept once it is known whose it is.

    Attributes:
        assertion: what is kept of it, as if it had no author.
        place: where it stood.
        findings: what its reader said of it.
        canonical: its canonical form, empty where no proof came with it.
        proof: the author's proof that came with it.
    """

    assertion: Assertion
    place: str
    findings: tuple[Finding, ...]
    canonical: bytes
    proof: Json


@dataclass(frozen=True, slots=True)
class Claims:
    """Makes assertions; what many share (authors, markings that recur) is looked up once."""

    me: str
    authors: KnownAuthors
    received: int
    _levels: dict[tuple[str, ...], int | None] = field(default_factory=dict)

    def prepare(self, found: Read, place: str, coming: Coming) -> Prepared:
        """What is kept of an object; the parsed object is no longer needed then, and its memory serves the next one.

        Args:
            found: an object that was not refused; a quarantined one is kept quarantined.
            place: where it stood, for findings.
            coming: how it comes.
        """
        stix_object, canonical = found.object or {}, found.canonical or b""
        creator = stix_object.get("created_by_ref")
        overlay = coming.overlay
        if overlay and found.type == "marking-definition" and fixed(found.id):
            overlay = ()
        # By position: names would cost a microsecond, and this runs for every object.
        kept = Assertion(
            found.id,
            found.type,
            coming.asserter,
            bytes.fromhex(found.sha256),
            canonical if found.upgraded else found.raw,
            self.received,
            None if found.created is None else microseconds(found.created),
            None if found.modified is None else microseconds(found.modified),
            creator if isinstance(creator, str) else None,
            None,
            self._tlp(stix_object, overlay),
            overlay,
            coming.accord,
            coming.purpose,
            coming.exercise,
            coming.terms,
            None,
            found.raw if found.upgraded else None,
            coming.import_id,
            keys_of(stix_object),
            references(stix_object),
            ObjectState.CURRENT if found.outcome == "accepted" else ObjectState.QUARANTINED,
            content(stix_object),
            confidence_of(stix_object),
            coming.said_at,
        )
        proof = coming.authorship
        return Prepared(kept, place, found.findings, b"" if proof is None else canonical, proof)

    def settle(self, prepared: Iterable[Prepared], known: Known) -> list[tuple[Assertion, Finding | None]]:
        """Each with its author, and why it waits for a person, None where it does not.

        Args:
            prepared: in the order in which they came.
            known: every version that is held of their ids.
        """
        authored: dict[str, set[str]] = {}
        settled = []
        for each in prepared:
            stix_id = each.assertion.stix_id
            versions = known.get(stix_id, ())
            authors = authored.get(stix_id, set())
            if versions:
                counting = (v for v in versions if v.state != ObjectState.QUARANTINED)
                authors = {*authors, *(v.author for v in counting if v.author in self.authors.trusted)}
            kept, finding = self._owned(each, versions, authors)
            if finding is None and kept.author is not None:
                authored.setdefault(stix_id, set()).add(kept.author)
            settled.append((kept, finding))
        return settled

    def _owned(
        self, prepared: Prepared, known: Sequence[Version], authors: set[str]
    ) -> tuple[Assertion, Finding | None]:
        kept = prepared.assertion
        proven, proof, held = self._proof(prepared, known)
        claim = Claim(kept.stix_id, kept.type, kept.created_by, kept.asserter, proven)
        ownership = judge(claim, self.authors.authors, authors, self.me)
        if ownership.author is not None:
            kept = kept._replace(author=ownership.author, authorship=proof)
        if held is not None:
            kept = _as_it_came(kept, held)
        if ownership.rule is None:
            return kept, None
        finding = Finding(kept.stix_id, prepared.place, ownership.rule, ownership.message)
        return kept._replace(state=ObjectState.QUARANTINED), finding

    def _proof(
        self, prepared: Prepared, known: Sequence[Version]
    ) -> tuple[str | None, bytes | None, Kept | None]:
        """Who is shown to have written it, and the proof: the one that came, or one that we hold of the same bytes.

        What we hold is told too: the author's own word where there is one, else the first that came.
        """
        kept = prepared.assertion
        if prepared.proof is not None:
            node = self.authors.proven(prepared.proof, prepared.canonical, kept.stix_id, kept.created_by)
            if node is not None:
                return node, orjson.dumps(prepared.proof), None
            return *self._held_before(prepared, known), None
        if kept.asserter != self.me or not known:
            return None, None, None
        for version in sorted(
            known, key=lambda each: (each.asserter == self.me, each.asserter != each.author)
        ):
            counts = version.state < ObjectState.QUARANTINED and version.author not in (None, self.me)
            if counts and version.sha256 == kept.sha256:
                held = objects.by_seq([version.seq])[version.seq]
                return version.author, held.authorship, held
        return None, None, None

    def _held_before(self, prepared: Prepared, known: Sequence[Version]) -> tuple[str | None, bytes | None]:
        """Under a revoked key counts what was held before the revocation came: these very bytes, proven then (wire.md 2)."""
        node = self.authors.revoked_signer(prepared.proof)
        for version in known if node is not None else ():
            counts = version.state < ObjectState.QUARANTINED and version.author == node
            if counts and version.sha256 == prepared.assertion.sha256:
                return node, objects.by_seq([version.seq])[version.seq].authorship
        return None, None

    def _tlp(self, stix_object: dict[str, Json], overlay: tuple[str, ...]) -> int | None:
        """The strictest level on the object, its parts and over it; None where there is none."""
        refs = stix_object.get("object_marking_refs")
        # texts, or the schema would have refused the object
        own = cast("list[str]", refs) if isinstance(refs, list) else []
        marks = (*own, *overlay)
        if "granular_markings" in stix_object:
            marks = (*marks, *(ref for _, ref in granular_refs(stix_object)))
        if marks not in self._levels:
            if len(self._levels) > _LEVELS_KEPT:
                self._levels.clear()
            self._levels[marks] = strictest(marks)
        return self._levels[marks]


def _as_it_came(kept: Assertion, held: Kept) -> Assertion:
    """Our word on what another node wrote, under all that it came under: a file does not free it of its terms."""
    overlay = tuple(sorted({*kept.overlay, *held.overlay}))
    levels = [level for level in (kept.tlp, held.tlp) if level is not None]
    return kept._replace(
        overlay=overlay,
        tlp=max(levels, default=None),
        accord=held.accord,
        purpose=held.purpose,
        exercise=held.exercise,
        terms=orjson.dumps(dict(held.terms)).decode() if held.terms else None,
    )


def strictest(markings: Iterable[str]) -> int | None:
    """The strictest TLP among ids of marking-definitions; None where none is TLP."""
    levels = [level for each in markings if (level := tlp.of_id(each)) is not None]
    return int(max(levels)) if levels else None
