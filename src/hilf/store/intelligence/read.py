"""Read assertions: by id, by row, in pages by `seq`.

No body of what is hidden or erased leaves here. Pages are keyset pages: `seq` only grows and is held to commit, so
a reader that remembers the last one misses nothing. Search by content is in `search`.
"""

from collections.abc import Iterable, Iterator, Sequence

from hilf.accord.placing import ObjectState
from hilf.store import database
from hilf.store.intelligence.assertion import BODIES, COLUMNS, Kept, kept
from hilf.store.intelligence.index import among, id_key

PAGE = 500


def assertions_of(stix_id: str, index_key: bytes) -> tuple[Kept, ...]:
    """Everything that anybody asserts of an id, with bodies: what counts first, newest version first.

    Hidden, erased and quarantined assertions are in it (with their `state`), hidden and erased ones without body.
    """
    return assertions_of_each([stix_id], index_key).get(stix_id, ())


def assertions_of_each(stix_ids: Iterable[str], index_key: bytes) -> dict[str, tuple[Kept, ...]]:
    """What `assertions_of` gives for many ids at once, by id; what nobody asserts is missing."""
    wanted = set(stix_ids)
    keys = [id_key(each, index_key) for each in wanted]
    found: dict[str, list[Kept]] = {}
    for n in range(0, len(keys), PAGE):
        for row in database.rows(
            f"SELECT {COLUMNS}{BODIES} FROM object o WHERE {among('o.id_key', keys[n : n + PAGE])}"
            " ORDER BY abs(o.state), o.modified DESC, o.seq DESC"
        ):
            each = kept(row)
            if each.stix_id in wanted:
                found.setdefault(each.stix_id, []).append(each)
    return {stix_id: tuple(each) for stix_id, each in found.items()}


def current(stix_id: str, index_key: bytes) -> tuple[Kept, ...]:
    """The current version by each asserter, with bodies, first said first."""
    found = (each for each in assertions_of(stix_id, index_key) if each.state == ObjectState.CURRENT)
    return tuple(sorted(found, key=lambda each: each.seq))


def by_seq(seqs: Iterable[int]) -> dict[int, Kept]:
    """Rows with bodies, by their `seq`; what does not exist is missing."""
    wanted, found = sorted(set(seqs)), {}
    for n in range(0, len(wanted), PAGE):
        for row in database.rows(
            f"SELECT {COLUMNS}{BODIES} FROM object o WHERE {among('o.seq', wanted[n : n + PAGE])}"
        ):
            found[row[0]] = kept(row)
    return found


def definitions(stix_ids: Iterable[str], index_key: bytes) -> dict[str, tuple[Kept, ...]]:
    """The current versions of many ids at once, by id, with bodies (marking-definitions, identities, names)."""
    wanted = set(stix_ids)
    found: dict[str, tuple[Kept, ...]] = {}
    keys = [id_key(each, index_key) for each in wanted]
    for n in range(0, len(keys), PAGE):
        for row in database.rows(
            f"SELECT {COLUMNS}{BODIES} FROM object o WHERE {among('o.id_key', keys[n : n + PAGE])}"
            f" AND o.state = {int(ObjectState.CURRENT)} ORDER BY o.seq"
        ):
            each = kept(row)
            if each.stix_id in wanted:
                found[each.stix_id] = (*found.get(each.stix_id, ()), each)
    return found


def pages(
    condition: str,
    parameters: Sequence[object],
    after_seq: int = 0,
    page: int = PAGE,
    with_bodies: bool = True,
) -> Iterator[tuple[Kept, ...]]:
    """Rows that meet an SQL condition on `o`, in order of `seq`, page by page; memory holds one page.

    Args:
        condition: SQL over `object o`, as `selection.where` makes it.
        parameters: its parameters.
        after_seq: only rows behind this one.
        page: rows in a page.
        with_bodies: False where the columns are enough.
    """
    columns = COLUMNS + (BODIES if with_bodies else "")
    while True:
        rows = database.rows(
            f"SELECT {columns} FROM object o WHERE o.seq > %s AND ({condition}) ORDER BY o.seq LIMIT %s",
            (after_seq, *parameters, page),
        )
        if rows:
            yield tuple(map(kept, rows))
            after_seq = rows[-1][0]
        if len(rows) < page:
            return


def quarantined(
    limit: int,
    after_seq: int = 0,
    peer: str | None = None,
    import_id: int | None = None,
    stix_id: tuple[str, bytes] | None = None,
) -> tuple[Kept, ...]:
    """What waits for a person, with bodies, in the order in which it came: a page of `limit`.

    Args:
        limit: rows in the page.
        after_seq: only rows behind this one.
        peer: only what this partner sent.
        import_id: only what this import brought.
        stix_id: only versions of this object, with `node.home.index_key`.
    """
    conditions: list[tuple[str, object]] = []
    if peer is not None:
        conditions.append(("o.import_id IS NULL AND o.asserter = %s", peer))
    if import_id is not None:
        conditions.append(("o.import_id = %s", import_id))
    if stix_id is not None:
        conditions += [("o.id_key = %s", id_key(*stix_id)), ("o.stix_id = %s", stix_id[0])]
    found = database.rows(
        f"SELECT {COLUMNS}{BODIES} FROM object o WHERE o.state = {int(ObjectState.QUARANTINED)} AND o.seq > %s"
        + "".join(f" AND {sql}" for sql, _ in conditions)
        + " ORDER BY o.seq LIMIT %s",
        (after_seq, *(value for _, value in conditions), limit),
    )
    return tuple(map(kept, found))


def count() -> dict[ObjectState, int]:
    """How many assertions there are in each state."""
    found = database.rows("SELECT state, count(*) FROM object GROUP BY state")
    return {ObjectState(state): number for state, number in found}


def count_quarantined() -> int:
    """How many assertions wait for a person, counted in an index that holds only these."""
    found = database.row(f"SELECT count(*) FROM object WHERE state = {int(ObjectState.QUARANTINED)}")
    return int(found[0]) if found else 0
