"""What waits in the outbox under an accord: found by the first bytes of an act, which name it.

In canonical JSON `accord` is the first member of an act (wire.md 3), so that nothing needs to be parsed.
"""

from collections.abc import Iterable

import orjson

from hilf.canonical import Json, dumps
from hilf.store.database import rows


def cites(accord_id: str) -> bytes:
    """The first bytes of an act that cites any version of an accord."""
    cited: Json = {"accord": {"id": accord_id}}
    return dumps(cited)[:-2] + b","  # {"accord":{"id":"accord--…",


def waiting_under(accord_id: str, nodes: Iterable[str]) -> dict[str, list[bytes]]:
    """Ids of unsent acts that cite any version of an accord and wait for one of these nodes, by the node.

    A consent that is denied or taken back is not among them: a no is told whatever became of the accord (docs/adr/0014).
    """
    start = cites(accord_id)
    waiting: dict[str, list[bytes]] = {}
    for node in sorted(nodes):  # one by one, by the index on what waits for each
        found = rows(
            "SELECT act_id, CASE WHEN kind = 'consent' THEN envelope END FROM act WHERE peer = %s AND outgoing = %s"
            " AND state = 'waiting' AND substr(envelope, 1, %s) = %s ORDER BY pos",
            (node, True, len(start), start),
        )
        for act_id, consent in found:
            if consent is None or orjson.loads(bytes(consent))["body"].get("step") != "denied":
                waiting.setdefault(node, []).append(bytes(act_id))
    return waiting
