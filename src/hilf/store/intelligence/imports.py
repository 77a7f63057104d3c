"""Imports, their sources, and what was found wrong in them.

An import is one file; its row grows with each chunk in the chunk's own transaction, so that after a crash it says
what was kept. Undoing one is in `undo`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from hilf.store import database
from hilf.store.intelligence.index import insert, storable


@dataclass(frozen=True, slots=True)
class SourceProfile:
    """Where objects come from: `marking` ("tlp:green") is laid over them where the import names none.

    `reliability` is A to F (admiralty scale, F: cannot be judged); `owner` is whom to ask about it.
    """

    name: str
    marking: str | None = None
    reliability: str = "F"
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One import; `state` is running, done, failed or undone; a running one that nobody runs was interrupted."""

    import_id: int
    started: int
    finished: int | None
    source: str
    name: str
    marking: str | None
    state: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Noted:
    """One finding as it is kept. `body` are the received bytes, with the first finding of an object only."""

    import_id: int | None
    peer: str | None
    at: int
    object: str
    place: str
    rule: str
    message: str
    outcome: str
    body: bytes | None = None


_IMPORT = "id, started, finished, source_id, name, marking, state, counts"
_TAKEN_BACK = "taken back with the object"
_DROPPED = "dropped with the object"
# An index holds no more, and what is longer is no id of STIX.
_OBJECT_CHARACTERS = 300
_AT_ONCE = 500
_FINDING = ("import_id", "peer", "at", "object", "place", "rule", "message", "outcome", "body")


def sources() -> tuple[SourceProfile, ...]:
    """Every source, by name."""
    found = database.rows("SELECT name, marking, reliability, owner FROM source ORDER BY name")
    return tuple(SourceProfile(*row) for row in found)


def source(name: str) -> SourceProfile | None:
    """One source, None where nothing came from it yet."""
    row = database.row("SELECT name, marking, reliability, owner FROM source WHERE name = %s", (name,))
    return SourceProfile(*row) if row else None


def set_source(profile: SourceProfile) -> None:
    """Keep a source as described, new or not."""
    database.execute(
        "INSERT INTO source (name, marking, reliability, owner) VALUES (%s, %s, %s, %s) ON CONFLICT (name) DO UPDATE"
        " SET marking = excluded.marking, reliability = excluded.reliability, owner = excluded.owner",
        (profile.name, profile.marking, profile.reliability, profile.owner),
    )


def start(name: str, source_name: str, marking: str | None, at: int) -> int:
    """Open an import; its source comes to be where it was unknown. Returns its id."""
    database.execute(
        "INSERT INTO source (name, reliability) VALUES (%s, 'F') ON CONFLICT (name) DO NOTHING",
        (source_name,),
    )
    row = database.row(
        "INSERT INTO import (started, source_id, name, marking, state, counts)"
        " VALUES (%s, %s, %s, %s, 'running', '{}') RETURNING id",
        (at, source_name, storable(name), marking),
    )
    return int(row[0]) if row else 0


def record(import_id: int, counts: Mapping[str, int], state: str = "running", at: int | None = None) -> None:
    """Write down how far an import is, or with `at` that it ended."""
    database.execute(
        "UPDATE import SET counts = %s, state = %s, finished = %s WHERE id = %s",
        (orjson.dumps(counts).decode(), state, at, import_id),
    )


def get(import_id: int) -> ImportRecord | None:
    """One import."""
    row = database.row(f"SELECT {_IMPORT} FROM import WHERE id = %s", (import_id,))
    return _import(row) if row else None


def of_file(name: str) -> ImportRecord | None:
    """The newest import of a file of this name."""
    row = database.row(
        f"SELECT {_IMPORT} FROM import WHERE name = %s ORDER BY id DESC LIMIT 1", (storable(name),)
    )
    return _import(row) if row else None


def newest(limit: int = 50, before_id: int | None = None) -> tuple[ImportRecord, ...]:
    """Imports, newest first; with `before_id` those that are older than this one."""
    older = "" if before_id is None else f"WHERE id < {int(before_id)} "
    found = database.rows(f"SELECT {_IMPORT} FROM import {older}ORDER BY id DESC LIMIT %s", (limit,))
    return tuple(map(_import, found))


def note(findings: Iterable[Noted]) -> None:
    """Keep findings."""
    insert(
        "finding",
        _FINDING,
        [
            (f.import_id, f.peer, f.at, storable(f.object)[:_OBJECT_CHARACTERS], storable(f.place), f.rule, storable(f.message),
             f.outcome, f.body)
            for f in findings
        ],
    )  # fmt: skip


def forget(stix_ids: Iterable[str], peer: str | None = None) -> int:
    """Leave of findings on these objects (with `peer` only of what it sent) that there were some; of how many."""
    wanted = sorted(set(stix_ids))
    if not wanted:
        return 0
    of_peer, peers = ("", ()) if peer is None else (" AND peer = %s", (peer,))
    return database.execute(
        f"UPDATE finding SET body = NULL, message = %s WHERE object IN ({', '.join(['%s'] * len(wanted))}){of_peer}"
        " AND message <> %s",
        (_TAKEN_BACK, *(each[:_OBJECT_CHARACTERS] for each in wanted), *peers, _TAKEN_BACK),
    )


def forget_dropped(stix_id: str, came: tuple[int | None, str | None, int], body: bytes) -> None:
    """Leave of findings on one version that there were some.

    Args:
        stix_id: its object.
        came: the import that brought it, the partner that sent it, when.
        body: the received bytes; findings on the same bytes from elsewhere or later keep none either.
    """
    import_id, peer, at = came
    source, value = ("import_id", import_id) if import_id is not None else ("peer", peer)
    database.execute(
        f"UPDATE finding SET body = NULL, message = %s WHERE object = %s AND (body = %s OR (at = %s AND {source} = %s))",
        (_DROPPED, stix_id[:_OBJECT_CHARACTERS], body, at, value),
    )


def why_quarantined(stix_ids: Iterable[str]) -> tuple[Noted, ...]:
    """The findings that put versions of these objects into quarantine, in the order they were made."""
    wanted = sorted({each[:_OBJECT_CHARACTERS] for each in stix_ids})
    rows: list[Sequence] = []
    for n in range(0, len(wanted), _AT_ONCE):
        piece = wanted[n : n + _AT_ONCE]
        rows += database.rows(
            f"SELECT id, {', '.join(_FINDING)} FROM finding WHERE object IN ({', '.join(['%s'] * len(piece))})"
            " AND outcome = 'quarantined' ORDER BY id",
            piece,
        )
    return tuple(_noted(row[1:]) for row in rows)


def findings(
    import_id: int | None = None, peer: str | None = None, limit: int = 1000, after_id: int = 0
) -> tuple[tuple[int, Noted], ...]:
    """(number, finding) in the order they were made, of one import, of one partner, or all; a page of `limit`."""
    conditions = ["id > %s"]
    parameters: list[object] = [after_id]
    values: Sequence[tuple[str, object]] = (("import_id", import_id), ("peer", peer))
    for column, value in values:
        if value is not None:
            conditions.append(f"{column} = %s")
            parameters.append(value)
    rows = database.rows(
        f"SELECT id, {', '.join(_FINDING)} FROM finding WHERE {' AND '.join(conditions)} ORDER BY id LIMIT %s",
        (*parameters, limit),
    )
    return tuple((row[0], _noted(row[1:])) for row in rows)


def findings_of(stix_id: str, limit: int = 100) -> tuple[Noted, ...]:
    """What was found wrong with an object, whoever brought it, the newest first."""
    rows = database.rows(
        f"SELECT {', '.join(_FINDING)} FROM finding WHERE object = %s ORDER BY id DESC LIMIT %s",
        (stix_id[:_OBJECT_CHARACTERS], limit),
    )
    return tuple(map(_noted, rows))


def _noted(row: Sequence) -> Noted:
    import_id, peer, at, object_, place, rule, message, outcome, body = row
    return Noted(
        import_id, peer, at, object_, place, rule, message, outcome, None if body is None else bytes(body)
    )


def _import(row: Sequence) -> ImportRecord:
    import_id, started, finished, source_name, name, marking, state, counts = row
    return ImportRecord(import_id, started, finished, source_name, name, marking, state, orjson.loads(counts))
