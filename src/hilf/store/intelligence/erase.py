"""Hide, erase, and take back assertions, in the caller's transaction (protocol.md 5: erased means erased).

Hidden: no query gives a body any more, no search finds it, and findings on it keep neither bytes nor words. Erased: body,
authorship, observable values, keys, references and words of the full text are gone; the row says that there was one.
Each verb leaves a tombstone, also outside of the database, so that no older database brings back what is gone. After the
transaction the caller runs `store.database.clean()`, which empties the write-ahead log into the file; freed pages
are overwritten since `secure_delete` is on.
"""

from collections.abc import Iterable, Sequence

import orjson

from hilf.accord.placing import ObjectState
from hilf.stix.reference import references
from hilf.store import database
from hilf.store.intelligence import facts, fulltext, imports, tombstone
from hilf.store.intelligence.index import among, id_key, value_key

_PIECE = 5_000


def hide(seqs: Iterable[int]) -> int:
    """Show these to nobody any more; what else of them stands becomes current. How many were hidden now."""
    hidden = 0
    for piece in _pieces(seqs):
        fulltext.remove(piece)
        chosen = among("seq", piece)
        tombstone.put(tombstone.HIDDEN, f"{chosen} AND state < {int(ObjectState.HIDDEN)}")
        hidden += database.execute(
            f"UPDATE object SET state = {int(ObjectState.HIDDEN)} WHERE {chosen}"
            f" AND state < {int(ObjectState.HIDDEN)}"
        )
        imports.forget(stix_id for (stix_id,) in database.rows(f"SELECT stix_id FROM object WHERE {chosen}"))
        _promote(database.rows(f"SELECT id_key, stix_id, asserter FROM object WHERE {chosen}"))
    return hidden


def erase(seqs: Iterable[int], index_key: bytes) -> int:
    """Leave nothing of these but that there was one; how many were erased now.

    Args:
        seqs: rows, hidden before or not.
        index_key: `node.home.index_key`.
    """
    wanted = list(seqs)
    hide(wanted)
    erased = 0
    for piece in _pieces(wanted):
        chosen = among("seq", piece)
        _remove_from_indexes(piece, index_key)
        _forget_hits(piece)
        facts.forget(piece)
        tombstone.put(tombstone.ERASED, f"{chosen} AND state < {int(ObjectState.ERASED)}")
        erased += database.execute(
            f"UPDATE object SET state = {int(ObjectState.ERASED)}, body = NULL, original = NULL, authorship = NULL"
            f" WHERE {chosen} AND state < {int(ObjectState.ERASED)}"
        )
    fulltext.optimize()
    return erased


def hold_back(author: str, index_key: bytes) -> int:
    """Quarantine what one node is said to have written, which it has not: no author is named any more. How many."""
    said = database.rows(
        f"SELECT seq FROM object WHERE author = %s AND state < {int(ObjectState.HIDDEN)}", (author,)
    )
    for piece in _pieces(seq for (seq,) in said):
        chosen = among("seq", piece)
        fulltext.remove(piece)
        _remove_from_indexes(piece, index_key)
        touched = database.rows(f"SELECT id_key, stix_id, asserter FROM object WHERE {chosen}")
        database.execute(
            f"UPDATE object SET state = {int(ObjectState.QUARANTINED)}, author = NULL, authorship = NULL"
            f" WHERE {chosen}"
        )
        facts.rewrite(piece)
        _promote(touched)
    return len(said)


def drop(seq: int, index_key: bytes) -> None:
    """Leave nothing of a version in quarantine but that there was one, which is not taken again: a person said no.

    Who is said to have written it is forgotten too: what was dropped gives nobody a claim on the id.
    """
    _remove_from_indexes([seq], index_key)
    _forget_hits([seq])
    tombstone.put(tombstone.DROPPED, f"seq = {int(seq)} AND state = {int(ObjectState.QUARANTINED)}")
    row = database.row(
        "SELECT stix_id, asserter, import_id, received, body, original FROM object WHERE seq = %s", (seq,)
    )
    if row is not None:
        stix_id, asserter, import_id, received, body, original = row
        sent = None if import_id is not None else asserter
        imports.forget_dropped(stix_id, (import_id, sent, received), original or body)
    database.execute(
        f"UPDATE object SET state = {int(ObjectState.DROPPED)}, author = NULL, body = NULL, original = NULL,"
        f" authorship = NULL WHERE seq = %s AND state = {int(ObjectState.QUARANTINED)}",
        (seq,),
    )


def bury(seqs: Iterable[int]) -> None:
    """What was dropped is retracted as well: no version as old as it comes back."""
    for piece in _pieces(seqs):
        dropped = f"{among('seq', piece)} AND state = {int(ObjectState.DROPPED)}"
        tombstone.put(tombstone.ERASED, dropped)
        database.execute(f"UPDATE object SET state = {int(ObjectState.ERASED)} WHERE {dropped}")


def remove(seqs: Iterable[int], index_key: bytes) -> int:
    """Take rows out altogether, as if they had never come; older versions that stay become current. How many."""
    removed = texts = 0
    for piece in _pieces(seqs):
        chosen = among("seq", piece)
        tombstone.put(tombstone.REMOVED, chosen)
        texts += fulltext.remove(piece)
        _remove_from_indexes(piece, index_key)
        _forget_hits(piece)
        touched = database.rows(f"SELECT id_key, stix_id, asserter FROM object WHERE {chosen}")
        database.execute(f"DELETE FROM mention WHERE {chosen}")
        facts.forget(piece)
        removed += database.execute(f"DELETE FROM object WHERE {chosen}")
        _promote(touched)
    if texts:
        fulltext.optimize()
    return removed


def _pieces(seqs: Iterable[int]) -> Iterable[list[int]]:
    wanted = sorted(set(seqs))
    return (wanted[n : n + _PIECE] for n in range(0, len(wanted), _PIECE))


def _remove_from_indexes(piece: Sequence[int], index_key: bytes) -> None:
    chosen = among("seq", piece)
    values = database.rows(f"SELECT kind, value, seq FROM observable WHERE {chosen}")
    keys = [(value_key(kind, value, index_key), seq) for kind, value, seq in values]
    database.execute_many("DELETE FROM observable_key WHERE h = %s AND seq = %s", sorted(keys))
    database.execute(f"DELETE FROM observable WHERE {chosen}")
    bodies = database.rows(f"SELECT seq, body FROM object WHERE {chosen} AND body IS NOT NULL")
    targets = {(id_key(target, index_key), seq) for seq, body in bodies for target in _targets(bytes(body))}
    database.execute_many("DELETE FROM reference WHERE target_key = %s AND seq = %s", sorted(targets))


def _forget_hits(piece: Sequence[int]) -> None:
    """What lists found goes with what it was found in; what only waits or is hidden keeps it."""
    database.execute(f"DELETE FROM list_hit WHERE {among('object_seq', piece)}")


def _targets(body: bytes) -> set[str]:
    return {target for _, target in references(orjson.loads(body))}


def _promote(touched: Sequence[tuple[int, str, str]]) -> None:
    """Where nothing is current any more, the latest version that still stands becomes current."""
    if not touched:
        return
    wanted = {(stix_id, asserter) for _, stix_id, asserter in touched}
    standing: dict[tuple[str, str], list[tuple[int, int, int]]] = {}
    for stix_id, asserter, modified, seq, state in database.rows(
        f"SELECT stix_id, asserter, modified, seq, state FROM object WHERE {among('id_key', (r[0] for r in touched))}"
        f" AND state IN ({int(ObjectState.CURRENT)}, {int(ObjectState.OLDER)})"
    ):
        if (stix_id, asserter) in wanted:
            standing.setdefault((stix_id, asserter), []).append((modified or 0, seq, state))
    latest = [
        max(versions)[1]
        for versions in standing.values()
        if all(v[2] != ObjectState.CURRENT for v in versions)
    ]
    if latest:
        database.execute(f"UPDATE object SET state = {int(ObjectState.CURRENT)} WHERE {among('seq', latest)}")
