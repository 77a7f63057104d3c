"""Write assertions: what each node says is kept apart, version by version (protocol.md 3).

What an assertion is beside those that are held is decided by `accord.placing`; here its rows are written. Judging
content and ownership comes before; transactions are the caller's.

Deduplication is by id and then by hash; there is no index on the hash. Rows of the index tables are sorted before
they are written, so that each page of the index is touched once (docs/developers/store.md).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from hilf.accord.facts import DAY_US, Facts
from hilf.accord.placing import ObjectState, Outcome, place
from hilf.store import database
from hilf.store.intelligence import facts, tombstone
from hilf.store.intelligence.assertion import Assertion, Written, redacted_from
from hilf.store.intelligence.index import among, id_key, insert, storable, value_key

# One transaction of the intake: 27 µs an object, against 78 µs in transactions of 100.
CHUNK = 10_000
_COLUMNS = (
    "seq", "id_key", "stix_id", "type", "created", "modified", "created_by", "asserter", "author", "state", "tlp",
    "overlay", "accord", "purpose", "exercise", "terms", "sha256", "received", "import_id", "authorship", "body",
    "original", "facts_id", "confidence",
)  # fmt: skip
# The number of a row that is not written yet; numbers are given when all rows of a chunk are known, without gaps.
_NOT_YET = 0
# STIX 2.1 section 3.1 allows no longer names; custom ones may be longer than an index of PostgreSQL holds.
_PROP_CHARACTERS = 250


@dataclass(slots=True)
class Version:
    """What is known of one version before writing; `lapsed` is noted by `node/lapsed`, None is never wrong."""

    seq: int
    asserter: str
    author: str | None
    modified: int | None
    state: ObjectState
    sha256: bytes
    tlp: int | None
    overlay: tuple[str, ...]
    redacted_from: bytes | None = None
    lapsed: int | None = None


Placed = tuple[Outcome, Version, Version | None]
"""What an assertion is, the version that holds it, and the one in quarantine that it settles."""

Known = Mapping[str, Sequence[Version]]
"""Versions by STIX id, whoever asserts them."""


def find_known(stix_ids: Iterable[str], index_key: bytes) -> dict[str, list[Version]]:
    """Every version that anybody asserts of these ids; an id of which nothing is known is missing."""
    wanted = set(stix_ids)
    found = database.rows(
        "SELECT stix_id, seq, asserter, author, modified, state, sha256, tlp, overlay, terms FROM object WHERE "
        + among("id_key", (id_key(each, index_key) for each in wanted))
        + " ORDER BY seq"
    )
    known: dict[str, list[Version]] = {}
    for stix_id, seq, asserter, author, modified, state, sha256, tlp, overlay, terms in found:
        if stix_id in wanted:  # another id may share the key
            version = Version(
                seq, asserter, author, modified, ObjectState(state), bytes(sha256), tlp,
                tuple(orjson.loads(overlay)) if overlay else (), redacted_from(terms),
            )  # fmt: skip
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
    return tuple(
        Written(outcome, version.seq, settled.seq if settled else None)
        for outcome, version, settled in placed
    )


def put_terms(terms_of: Mapping[int, str]) -> None:
    """Let other terms, as JSON, count for rows, in the caller's transaction."""
    database.execute_many(
        "UPDATE object SET terms = %s WHERE seq = %s", [(terms, seq) for seq, terms in terms_of.items()]
    )
    facts.rewrite(terms_of)


def put_overlay(marked: Mapping[int, tuple[tuple[str, ...], int | None]]) -> None:
    """Let other markings be laid over rows, with the level that counts then, in the caller's transaction."""
    database.execute_many(
        "UPDATE object SET overlay = %s, tlp = %s WHERE seq = %s",
        [(_json(overlay), level, seq) for seq, (overlay, level) in marked.items()],
    )
    facts.rewrite(marked)


def put_authorship(seqs: Iterable[int], authorship: bytes) -> None:
    """Let another proof of the same author count for rows, in the caller's transaction."""
    database.execute_many(
        "UPDATE object SET authorship = %s WHERE seq = %s", [(authorship, seq) for seq in seqs]
    )


@dataclass(slots=True)
class _Plan:
    """What must be written for a chunk; `versions` is what is known, and grows as the chunk is placed."""

    versions: dict[str, list[Version]]
    rows: list[tuple[Assertion, Version]] = field(default_factory=list)
    superseded: list[Version] = field(default_factory=list)
    mentioned: list[tuple[Version, int]] = field(default_factory=list)
    remarked: dict[int, Version] = field(default_factory=dict)
    settled: list[tuple[Version, Version]] = field(default_factory=list)
    lifted: list[Version] = field(default_factory=list)

    def place(self, assertion: Assertion) -> Placed:
        """Have one assertion placed beside what is known, and note what must be written."""
        versions = self.versions.setdefault(assertion.stix_id, [])
        placement = place(assertion, versions)
        for n in placement.superseded:
            versions[n].state = ObjectState.OLDER
            self.superseded.append(versions[n])
        if placement.held is None:
            overlay, tlp = placement.joined or (assertion.overlay, assertion.tlp)
            version = Version(
                _NOT_YET, assertion.asserter, assertion.author, assertion.modified, placement.state,
                assertion.sha256, tlp, overlay, assertion.redacted_from,
            )  # fmt: skip
            versions.append(version)
            self.rows.append((assertion, version))
            if placement.lifts:
                self.lifted.append(version)
            settled = None if placement.settles is None else versions.pop(placement.settles)
            if settled is not None:
                self.settled.append((settled, version))
            return placement.outcome, version, settled
        version = versions[placement.held]
        if placement.is_again and assertion.import_id is not None:
            self.mentioned.append((version, assertion.import_id))
        if placement.joined is not None:
            version.overlay, version.tlp = placement.joined
            self.remarked[id(version)] = version
        return placement.outcome, version, None

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
        ids = _facts_ids(self.rows)
        rows = [_row(a, v, n, index_key) for (a, v), n in zip(self.rows, ids, strict=True)]
        insert("object", _COLUMNS, rows)
        _write_indexes([(a, v.seq) for a, v in self.rows if v.state != ObjectState.QUARANTINED], index_key)
        if self.mentioned:
            database.execute_many(
                "INSERT INTO mention (seq, import_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                sorted({(version.seq, import_id) for version, import_id in self.mentioned}),
            )
        if self.remarked:
            database.execute_many(
                "UPDATE object SET overlay = %s, tlp = %s WHERE seq = %s",
                [(_json(v.overlay), v.tlp, v.seq) for v in self.remarked.values()],
            )
            facts.rewrite(v.seq for v in self.remarked.values())
        if self.lifted:
            tombstone.put(tombstone.LIFTED, among("seq", (version.seq for version in self.lifted)))
        if self.settled:
            _settle([(old.seq, new.seq) for old, new in self.settled])


def _settle(rows: Sequence[tuple[int, int]]) -> None:
    """Let what spoke of rows in quarantine speak of those that count now, and take the old ones out.

    What waited in quarantine is in no index.
    """
    for old, new in rows:
        database.execute("UPDATE act SET object_seq = %s WHERE object_seq = %s", (new, old))
        database.execute("UPDATE release_item SET object_seq = %s WHERE object_seq = %s", (new, old))
        database.execute(
            "INSERT INTO mention (seq, import_id) SELECT %s, import_id FROM mention WHERE seq = %s"
            " ON CONFLICT DO NOTHING",
            (new, old),
        )
    gone = among("seq", (old for old, _ in rows))
    database.execute(f"DELETE FROM mention WHERE {gone}")
    database.execute(f"DELETE FROM object WHERE {gone}")


def _facts_ids(rows: Sequence[tuple[Assertion, Version]]) -> list[int | None]:
    """The id of the facts of each row; most rows share a few."""
    parts = [
        (
            a.content, a.asserter, a.author, v.overlay, a.accord, a.terms,
            None if a.accord is None else a.received // DAY_US, a.exercise is not None,
        )
        for a, v in rows
    ]  # fmt: skip
    different = [each for each in dict.fromkeys(parts) if each[0]]
    ids = facts.intern([Facts(*each) for each in different])
    return list(map(dict(zip(different, ids, strict=True)).get, parts))


def _row(a: Assertion, v: Version, facts_id: int | None, index_key: bytes) -> tuple[object, ...]:
    # Unpacked at once: to ask for each by its name would cost half a microsecond, and this runs for every object.
    (
        stix_id, type_, asserter, sha256, body, received, created, modified, created_by, author, _, _, accord, purpose,
        exercise, terms, authorship, original, import_id, _, _, _, _, confidence, _,
    ) = a  # fmt: skip
    return (
        v.seq, id_key(stix_id, index_key), stix_id, type_, created, modified, created_by, asserter, author,
        int(v.state), v.tlp, _json(v.overlay), accord, purpose and storable(purpose),
        exercise and storable(exercise), terms, sha256, received, import_id, authorship, body, original, facts_id,
        confidence,
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


def _json(overlay: tuple[str, ...]) -> str | None:
    return orjson.dumps(overlay).decode() if overlay else None
