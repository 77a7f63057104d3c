"""Write assertions: what each node says is kept apart, version by version (protocol.md 3).

Per (asserter, id) the version with the latest `modified` is current, the others are history. Same asserter, id and
`modified` with other bytes is equivocation: the first stays as it is, the later is kept beside it, quarantined. What
its asserter retracted does not come back. Judging content and ownership comes before; transactions are the caller's.

Deduplication is by id and then by hash; there is no index on the hash. Rows of the index tables are sorted before
they are written, so that each page of the index is touched once (docs/developers/store.md).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from hilf.store import database
from hilf.store.intelligence.assertion import Assertion, Outcome, Written
from hilf.store.intelligence.index import among, id_key, insert, storable, value_key
from hilf.store.intelligence.state import ObjectState

# One transaction of the intake: 27 µs an object, against 78 µs in transactions of 100.
CHUNK = 10_000
_COLUMNS = (
    "seq", "id_key", "stix_id", "type", "created", "modified", "created_by", "asserter", "author", "state", "tlp",
    "overlay", "accord", "purpose", "exercise", "terms", "sha256", "received", "import_id", "authorship", "body",
    "original",
)  # fmt: skip
# The number of a row that is not written yet; numbers are given when all rows of a chunk are known, without gaps.
_NOT_YET = 0
# STIX 2.1 section 3.1 allows no longer names; custom ones may be longer than an index of PostgreSQL holds.
_PROP_CHARACTERS = 250
_TOMBSTONES = (ObjectState.HIDDEN, ObjectState.ERASED)


@dataclass(slots=True)
class Version:
    """What is known of one version before writing."""

    seq: int
    asserter: str
    author: str | None
    modified: int | None
    state: ObjectState
    sha256: bytes
    tlp: int | None
    overlay: str | None


Placed = tuple[Outcome, Version]
"""What an assertion is, and the version that holds it."""

Known = Mapping[str, Sequence[Version]]
"""Versions by STIX id, whoever asserts them."""


def find_known(stix_ids: Iterable[str], index_key: bytes) -> dict[str, list[Version]]:
    """Every version that anybody asserts of these ids; an id of which nothing is known is missing."""
    wanted = set(stix_ids)
    found = database.rows(
        "SELECT stix_id, seq, asserter, author, modified, state, sha256, tlp, overlay FROM object WHERE "
        + among("id_key", (id_key(each, index_key) for each in wanted))
        + " ORDER BY seq"
    )
    known: dict[str, list[Version]] = {}
    for stix_id, seq, asserter, author, modified, state, sha256, tlp, overlay in found:
        if stix_id in wanted:  # another id may share the key
            version = Version(
                seq, asserter, author, modified, ObjectState(state), bytes(sha256), tlp, overlay
            )
            known.setdefault(stix_id, []).append(version)
    return known


def write_assertions(
    assertions: Sequence[Assertion], index_key: bytes, known: Known | None = None
) -> tuple[Written, ...]:
    """Keep these assertions, in the caller's transaction; one outcome for each, in their order.

    Args:
        assertions: best up to CHUNK at a time.
        index_key: `node.home.index_key`.
        known: what `find_known` said of all their ids inside this transaction, where the caller has asked already.
    """
    if known is None:
        known = find_known((each.stix_id for each in assertions), index_key)
    plan = _Plan({stix_id: list(versions) for stix_id, versions in known.items()})
    placed = [plan.place(each) for each in assertions]
    plan.execute(index_key)
    return tuple(Written(outcome, version.seq) for outcome, version in placed)


@dataclass(slots=True)
class _Plan:
    """What must be written for a chunk; `versions` is what is known, and grows as the chunk is placed."""

    versions: dict[str, list[Version]]
    rows: list[tuple[Assertion, Version]] = field(default_factory=list)
    superseded: list[Version] = field(default_factory=list)
    mentioned: list[tuple[Version, int]] = field(default_factory=list)
    remarked: dict[int, Version] = field(default_factory=dict)

    def place(self, assertion: Assertion) -> Placed:
        """Decide what one assertion is beside what is known, and note what must be written."""
        versions = self.versions.setdefault(assertion.stix_id, [])
        mine = [v for v in versions if v.asserter == assertion.asserter]
        if not mine:
            return self._add(assertion, assertion.state, Outcome.NEW)
        same = [v for v in mine if v.modified == assertion.modified]
        for version in same:
            if version.sha256 == assertion.sha256 and version.state not in _TOMBSTONES:
                if version.state != ObjectState.QUARANTINED:
                    return self._duplicate(assertion, version)
                if assertion.state == ObjectState.QUARANTINED:
                    return Outcome.QUARANTINED, version
                return self._same_as_evidence(assertion, version, mine)
        return self._other_version(assertion, mine, same)

    def _same_as_evidence(self, assertion: Assertion, evidence: Version, mine: list[Version]) -> Placed:
        """It lies in quarantine already: it stays there if it contradicts a version that counts, else it counts now."""
        counting = [v for v in mine if v.state < ObjectState.QUARANTINED and v.modified == assertion.modified]
        if counting:
            return Outcome.EQUIVOCATION, evidence
        return self._other_version(assertion, mine, [])

    def _other_version(self, assertion: Assertion, mine: list[Version], same: list[Version]) -> Placed:
        for version in mine:  # before all else: what is erased comes back into no quarantine either
            if version.state in _TOMBSTONES and _at(assertion.modified) <= _at(version.modified):
                return Outcome.RETRACTED, version
        if assertion.state == ObjectState.QUARANTINED:
            return self._add(assertion, ObjectState.QUARANTINED, Outcome.QUARANTINED)
        if any(v.state < ObjectState.QUARANTINED for v in same):
            return self._add(assertion, ObjectState.QUARANTINED, Outcome.EQUIVOCATION)
        counting = [v for v in mine if v.state < ObjectState.QUARANTINED]
        if not counting and all(v.state == ObjectState.QUARANTINED for v in mine):
            return self._add(assertion, ObjectState.CURRENT, Outcome.NEW)
        if any(_at(v.modified) > _at(assertion.modified) for v in counting):
            return self._add(assertion, ObjectState.OLDER, Outcome.UPDATED)
        for version in counting:
            if version.state == ObjectState.CURRENT:
                version.state = ObjectState.OLDER
                self.superseded.append(version)
        return self._add(assertion, ObjectState.CURRENT, Outcome.UPDATED)

    def _add(self, assertion: Assertion, state: ObjectState, outcome: Outcome) -> Placed:
        overlay = orjson.dumps(assertion.overlay).decode() if assertion.overlay else None
        version = Version(
            _NOT_YET, assertion.asserter, assertion.author, assertion.modified, state, assertion.sha256,
            assertion.tlp, overlay,
        )  # fmt: skip
        self.versions[assertion.stix_id].append(version)
        self.rows.append((assertion, version))
        return (Outcome.QUARANTINED if assertion.state == ObjectState.QUARANTINED else outcome), version

    def _duplicate(self, assertion: Assertion, version: Version) -> Placed:
        """Nothing new, but markings that come with it are joined: saying it again never loosens it."""
        if assertion.import_id is not None:
            self.mentioned.append((version, assertion.import_id))
        held = tuple(orjson.loads(version.overlay)) if version.overlay else ()
        if set(assertion.overlay) <= set(held):
            return Outcome.DUPLICATE, version
        version.overlay = orjson.dumps(sorted({*held, *assertion.overlay})).decode()
        version.tlp = _stricter(version.tlp, assertion.tlp)
        self.remarked[id(version)] = version
        return Outcome.UPDATED, version

    def execute(self, index_key: bytes) -> None:
        """Write what was planned, indexes sorted.

        A version superseded inside this chunk has no row yet, and is written with the state that it has by now.
        """
        if self.rows:
            first = database.allot("object", len(self.rows))
            for n, (_, version) in enumerate(self.rows):
                version.seq = first + n
        superseded = [each.seq for each in self.superseded]
        for n in range(0, len(superseded), CHUNK):
            chunk = among("seq", superseded[n : n + CHUNK])
            database.execute(f"UPDATE object SET state = {int(ObjectState.OLDER)} WHERE {chunk}")
        insert("object", _COLUMNS, [_row(a, v, index_key) for a, v in self.rows])
        _write_indexes([(a, v.seq) for a, v in self.rows if v.state != ObjectState.QUARANTINED], index_key)
        if self.mentioned:
            database.execute_many(
                "INSERT INTO mention (seq, import_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                sorted({(version.seq, import_id) for version, import_id in self.mentioned}),
            )
        if self.remarked:
            database.execute_many(
                "UPDATE object SET overlay = %s, tlp = %s WHERE seq = %s",
                [(v.overlay, v.tlp, v.seq) for v in self.remarked.values()],
            )


def _row(a: Assertion, v: Version, index_key: bytes) -> tuple[object, ...]:
    return (
        v.seq, id_key(a.stix_id, index_key), a.stix_id, a.type, a.created, a.modified, a.created_by, a.asserter,
        a.author, int(v.state), v.tlp, v.overlay, a.accord, a.purpose and storable(a.purpose),
        a.exercise and storable(a.exercise), a.terms, a.sha256, a.received,
        a.import_id, a.authorship, a.body, a.original,
    )  # fmt: skip


def _write_indexes(rows: Iterable[tuple[Assertion, int]], index_key: bytes) -> None:
    observables: list[tuple[int, int, str, str]] = []
    keys: list[tuple[int, int]] = []
    references: list[tuple[int, str, int]] = []
    for assertion, seq in rows:
        for n, (kind, text) in enumerate(assertion.keys):
            value = storable(text)
            observables.append((seq, n, kind, value))
            keys.append((value_key(kind, value, index_key), seq))
        for prop, target in assertion.references:
            references.append((id_key(target, index_key), storable(prop)[:_PROP_CHARACTERS], seq))
    insert("observable", ("seq", "n", "kind", "value"), observables)
    insert("observable_key", ("h", "seq"), sorted(set(keys)))
    insert("reference", ("target_key", "prop", "seq"), sorted(set(references)))


def _at(modified: int | None) -> int:
    """Objects without `modified` have one version only: all are equally old."""
    return 0 if modified is None else modified


def _stricter(a: int | None, b: int | None) -> int | None:
    if a is None or b is None:
        return b if a is None else a
    return max(a, b)
