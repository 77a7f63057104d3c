"""Take one import back as a whole, in the caller's transaction: what it alone brought goes, older versions return.

What another import also brought stays, and belongs to that one from then on. What was retracted stays as the
tombstone that it is. Markings that the import joined to what was known before stay: undoing never loosens.
"""

from hilf.accord.placing import ObjectState
from hilf.store import database
from hilf.store.intelligence import erase

_STANDING = f"o.state < {int(ObjectState.HIDDEN)}"
_ELSEWHERE = (
    "SELECT min(m.import_id) FROM mention m JOIN import i ON i.id = m.import_id"
    " WHERE m.seq = o.seq AND m.import_id <> o.import_id AND i.state <> 'undone'"
)


def released(import_id: int, limit: int = 5) -> tuple[tuple[str, str], ...]:
    """(object, partner) of what this import alone brought and what was released, or proposed for it; at most `limit`."""
    found = database.rows(
        f"SELECT o.stix_id, a.peer FROM object o JOIN act a ON a.object_seq = o.seq AND a.outgoing AND a.state <> 'dropped'"
        f" WHERE o.import_id = %s AND {_STANDING} AND ({_ELSEWHERE}) IS NULL"
        f" UNION SELECT o.stix_id, r.peer FROM release_item i JOIN object o ON o.seq = i.object_seq"
        f" JOIN release r ON r.release_id = i.release_id"
        f" WHERE o.import_id = %s AND {_STANDING} AND r.state = 'proposed' AND ({_ELSEWHERE}) IS NULL"
        f" ORDER BY 1, 2 LIMIT %s",
        (import_id, import_id, limit),
    )
    return tuple(found)


def undo(import_id: int, index_key: bytes) -> tuple[int, int]:
    """Take it back; (rows removed, rows that stay because another import brought them too)."""
    shared = database.rows(
        f"SELECT o.seq, ({_ELSEWHERE}) FROM object o WHERE o.import_id = %s AND {_STANDING}"
        f" AND ({_ELSEWHERE}) IS NOT NULL",
        (import_id,),
    )
    database.execute_many(
        "UPDATE object SET import_id = %s WHERE seq = %s", [(other, seq) for seq, other in shared]
    )
    alone = database.rows(f"SELECT o.seq FROM object o WHERE o.import_id = %s AND {_STANDING}", (import_id,))
    return erase.remove((seq for (seq,) in alone), index_key), len(shared)
