"""What one partner had of ours and was told to let go (protocol.md 3, 5; docs/adr/0021).

A partner refuses what it let go of, and whatever is not modified later, unless only the time was over: then it takes a new
act. So what went because an agreement ended, or because it had gone here for its own time, may go there again. What we
say ourselves and gave for a time stays taken back as long as the agreement stands: else a standing order would give it again
the minute after. A retraction that the partner refused, or that never left, says nothing. Holds no rule.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import orjson

from hilf.accord.placing import ObjectState
from hilf.federation.retraction import RetractionReason
from hilf.store.accord.queue import cites as cites_id
from hilf.store.accord.released import HAS, RETRACTED
from hilf.store.database import rows
from hilf.store.intelligence.index import among, id_key
from hilf.store.release.sent import CITES_BYTES, cites

_AT_ONCE = 500

GOES_AGAIN: Final = -1
"""As `Taken.modified`: before every version, since the partner takes a new act with the same one."""


_GOES_AGAIN = (
    f"r.reason = '{RetractionReason.EXPIRED.value}'"
    f" AND (a.state = '{RETRACTED}' OR o.state >= {int(ObjectState.HIDDEN)})"
)


_HAS = ", ".join(f"'{state}'" for state in HAS)
_TOLD_LATER = "t.state NOT IN ('dropped', 'refused') AND (t.at > a.at OR (t.at = a.at AND t.pos > a.pos))"


@dataclass(frozen=True, slots=True)
class Taken:
    """One act to a partner whose object the partner was told to let go.

    Attributes:
        peer: the partner.
        stix_id: the object.
        pos: the place of the act.
        modified: of the version, microseconds since 1970, UTC; 0 where the object has one version only. No version that is
            as old or older can go there. GOES_AGAIN where a new act may bring it there again.
        accord: (id, version) that the act cites.
        release_id: the release that it belongs to.
    """

    peer: str
    stix_id: str
    pos: int
    modified: int
    accord: tuple[str, int] | None
    release_id: str | None


def any_from(peers: Iterable[str]) -> frozenset[str]:
    """Those of these partners that were ever told to let something go."""
    return frozenset(
        peer for peer in peers if rows("SELECT 1 FROM confirmation WHERE node = %s LIMIT 1", (peer,))
    )


def objects_of(peer: str) -> tuple[str, ...]:
    """Ids of the objects that a partner was told to let go, in order."""
    found = rows(
        "SELECT DISTINCT r.stix_id FROM confirmation c JOIN retraction r ON r.id = c.retraction_id"
        " WHERE c.node = %s AND r.act_id IS NULL ORDER BY 1",
        (peer,),
    )
    return tuple(stix_id for (stix_id,) in found)


def of(peers: Iterable[str], stix_ids: Iterable[str], index_key: bytes) -> Iterator[Taken]:
    """The acts that gave partners one of these objects, where a later act told them to let that version go."""
    wanted, nodes = sorted(set(stix_ids)), tuple(peers)
    places = ", ".join(["%s"] * len(nodes))
    for n in range(0, len(wanted), _AT_ONCE):
        piece = set(wanted[n : n + _AT_ONCE])
        keys = (id_key(each, index_key) for each in piece)
        # By the object first, as in `sent.counting`: an index on the partner would read all that ever went there.
        for peer, stix_id, pos, modified, sha256, release_id, begins, told, again in rows(
            "SELECT a.peer, o.stix_id, a.pos, o.modified, o.sha256, a.release_id, substr(a.envelope, 1, %s), t.envelope,"
            f" {_GOES_AGAIN}"
            " FROM object o JOIN act a ON a.object_seq = o.seq JOIN retraction r ON r.stix_id = o.stix_id"
            " JOIN confirmation c ON c.retraction_id = r.id AND c.node = a.peer JOIN act t ON t.act_id = c.act_id"
            f" WHERE {among('o.id_key', keys)} AND a.outgoing = %s AND a.peer || '' IN ({places})"
            " AND a.state NOT IN ('waiting', 'dropped', 'refused') AND r.act_id IS NULL"
            f" AND {_TOLD_LATER} ORDER BY a.at, a.act_id",
            (CITES_BYTES, True, *nodes),
        ):
            if stix_id in piece and _names(bytes(told), bytes(sha256)):
                upto = GOES_AGAIN if again else modified or 0
                yield Taken(peer, stix_id, pos, upto, cites(bytes(begins)), release_id)


def let_go_under(peer: str, accord_id: str) -> list[bytes]:
    """The acts under an accord whose object a partner was told to let go later because the time was over, not noted in them.

    So it is where a retention was over, or where what was noted when the agreement ended is lost with an older database.
    """
    start = cites_id(accord_id)
    found = rows(
        "SELECT a.act_id, o.sha256, t.envelope FROM act a JOIN object o ON o.seq = a.object_seq"
        " JOIN retraction r ON r.stix_id = o.stix_id JOIN confirmation c ON c.retraction_id = r.id AND c.node = a.peer"
        " JOIN act t ON t.act_id = c.act_id WHERE a.peer = %s AND a.outgoing = %s"
        f" AND a.state IN ({_HAS}) AND substr(a.envelope, 1, %s) = %s AND r.act_id IS NULL"
        f" AND r.reason = '{RetractionReason.EXPIRED.value}' AND {_TOLD_LATER}",
        (peer, True, len(start), start),
    )
    return sorted({bytes(act_id) for act_id, sha256, told in found if _names(bytes(told), bytes(sha256))})


def rows_of(stix_ids: Iterable[str], index_key: bytes) -> Iterator[tuple[int, str, int]]:
    """(seq, id, modified) of every row of these objects that a reader is shown; `modified` as in `Taken`."""
    wanted = sorted(set(stix_ids))
    for n in range(0, len(wanted), _AT_ONCE):
        piece = set(wanted[n : n + _AT_ONCE])
        for seq, stix_id, modified in rows(
            "SELECT seq, stix_id, modified FROM object WHERE"
            f" {among('id_key', (id_key(each, index_key) for each in piece))} AND state < {int(ObjectState.HIDDEN)}"
        ):
            if stix_id in piece:
                yield seq, stix_id, modified or 0


def _names(told: bytes, sha256: bytes) -> bool:
    """Whether a retraction act speaks of this version: ours name versions by their content id, or take back all."""
    versions = orjson.loads(told)["body"]["versions"]
    return versions is None or sha256.hex() in versions
