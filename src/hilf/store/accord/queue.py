"""What waits in the outbox under an accord: found by the first bytes of an act, which name it.

In canonical JSON `accord` is the first member of an act (wire.md 3), so that nothing needs to be parsed.
"""

from hilf.canonical import Json, dumps
from hilf.store.database import rows


def waiting_under(accord_id: str) -> dict[str, list[tuple[bytes, int]]]:
    """Unsent acts that cite an accord, by the peer that they wait for: their ids, each with the version that it cites."""
    cited: Json = {"accord": {"id": accord_id}}
    start = dumps(cited)[:-2] + b',"version":'  # {"accord":{"id":"accord--…","version":
    found = rows(
        "SELECT peer, act_id, substr(envelope, %s, 12) FROM act WHERE outgoing = %s AND state = 'waiting'"
        " AND substr(envelope, 1, %s) = %s ORDER BY pos",
        (len(start) + 1, True, len(start), start),
    )
    waiting: dict[str, list[tuple[bytes, int]]] = {}
    for peer, act_id, number in found:
        waiting.setdefault(peer, []).append((bytes(act_id), int(bytes(number).partition(b"}")[0])))
    return waiting
