"""Facts as kept: what decisions read instead of bodies, once for all assertions that share it (`accord/facts.py`).

An assertion names its facts by `object.facts_id`. Whoever changes a column that facts are
made of (overlay, terms, author) calls `rewrite` in the same transaction. An assertion whose facts are not
kept loses nothing: they are made from its body where they are needed (`of`), and `fill` writes them later.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final

import orjson

from hilf.accord.facts import DAY_US, Facts, confidence_of, content, read_facts
from hilf.accord.placing import ObjectState
from hilf.store import database
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Kept
from hilf.store.intelligence.index import among

_PIECE: Final = 500


def of(kept: Kept) -> Facts:
    """The facts of an assertion, made from its columns and its body."""
    return Facts(
        content(kept.object),
        kept.asserter,
        kept.author,
        kept.overlay,
        kept.accord,
        orjson.dumps(dict(kept.terms)).decode() if kept.terms else None,
        None if kept.accord is None else kept.received // DAY_US,
        kept.exercise is not None,
    )


def read(ids: Iterable[int]) -> dict[int, Facts]:
    """Facts by their id; what is not kept is missing."""
    wanted, found = sorted(set(ids)), {}
    for n in range(0, len(wanted), _PIECE):
        for facts_id, text in database.rows(
            f"SELECT id, json FROM facts WHERE {among('id', wanted[n : n + _PIECE])}"
        ):
            found[facts_id] = read_facts(text)
    return found


def intern(wanted: Iterable[Facts]) -> list[int]:
    """Keep these facts, in the caller's transaction; the id of each, in order."""
    texts = [each.text() for each in wanted]
    digests = [sha256(text.encode()).digest() for text in texts]
    ids = _ids(digests)
    new = [(digest, text) for digest, text in zip(digests, texts, strict=True) if digest not in ids]
    if new:
        database.execute_many(
            "INSERT INTO facts (digest, json) VALUES (%s, %s) ON CONFLICT (digest) DO NOTHING", new
        )
        ids |= _ids([digest for digest, _ in new])
    return [ids[digest] for digest in digests]


def _ids(digests: Sequence[bytes]) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for n in range(0, len(digests), _PIECE):
        piece = digests[n : n + _PIECE]
        places = ", ".join(["%s"] * len(piece))
        for digest, facts_id in database.rows(
            f"SELECT digest, id FROM facts WHERE digest IN ({places})", piece
        ):
            found[bytes(digest)] = facts_id
    return found


def rewrite(seqs: Iterable[int]) -> None:
    """Make the facts of these rows anew from what stands in them, in the caller's transaction.

    Args:
        seqs: rows of which a column was changed that facts are made of; those without a body keep what they have.
    """
    wanted = sorted(set(seqs))
    for n in range(0, len(wanted), _PIECE):
        rows = objects.by_seq(wanted[n : n + _PIECE])
        _put({seq: of(row) for seq, row in rows.items() if row.body is not None}, rows)


def fill(limit: int) -> int:
    """Write facts for rows that have none yet (homes of an older hilf), in the caller's transaction; for how many."""
    found = database.rows(
        f"SELECT seq FROM object WHERE facts_id IS NULL AND state < {int(ObjectState.HIDDEN)}"
        " AND body IS NOT NULL ORDER BY seq LIMIT %s",
        (limit,),
    )
    rewrite(seq for (seq,) in found)
    return len(found)


def forget(seqs: Sequence[int]) -> None:
    """Let these rows have no facts any more, in the caller's transaction; what nobody else needs is gone."""
    chosen = among("seq", seqs)
    ids = [
        n for (n,) in database.rows(f"SELECT DISTINCT facts_id FROM object WHERE {chosen}") if n is not None
    ]
    database.execute(f"UPDATE object SET facts_id = NULL, confidence = NULL WHERE {chosen}")
    database.execute(
        f"DELETE FROM facts WHERE {among('id', ids)}"
        " AND NOT EXISTS (SELECT 1 FROM object o WHERE o.facts_id = facts.id)"
    )


def _put(made: Mapping[int, Facts], rows: Mapping[int, Kept]) -> None:
    different = list(dict.fromkeys(made.values()))
    ids = dict(zip(different, intern(different), strict=True))
    database.execute_many(
        "UPDATE object SET facts_id = %s, confidence = %s WHERE seq = %s",
        [(ids[facts], confidence_of(rows[seq].object), seq) for seq, facts in made.items()],
    )
