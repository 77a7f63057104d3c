"""Why versions of one asserter went here, and when it said so: its retractions, and our own clock. Holds no rule.

Times are microseconds since 1970, UTC.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from hilf.store.database import rows
from hilf.store.intelligence.index import among

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class TakenBack:
    """One retraction that a partner made and that was applied here.

    Attributes:
        number: its number here.
        act_id: its act, 32 bytes.
        stix_id: the object.
        body: the act's body, as JSON text; it names versions by their content id.
        reason: a word of `federation.retraction.RetractionReason`.
        said_at: the time of the act; None where that act is not remembered yet.
        erased: whether what it hid is erased.
    """

    number: int
    act_id: bytes
    stix_id: str
    body: str
    reason: str
    said_at: int | None
    erased: bool


def taken_back(by: str, stix_ids: Iterable[str]) -> tuple[TakenBack, ...]:
    """Every retraction of these objects by a partner, the oldest first."""
    wanted = sorted(set(stix_ids))
    found: list[TakenBack] = []
    for n in range(0, len(wanted), _AT_ONCE):
        piece = wanted[n : n + _AT_ONCE]
        places = ", ".join(["%s"] * len(piece))
        found += [
            TakenBack(number, bytes(act_id), stix_id, body, reason, at, erased is not None)
            for number, act_id, stix_id, body, reason, at, erased in rows(
                "SELECT r.id, r.act_id, r.stix_id, r.body, r.reason, a.at, r.erased FROM retraction r"
                " LEFT JOIN act a ON a.act_id = r.act_id"
                f" WHERE r.stix_id IN ({places}) AND r.by = %s AND r.act_id IS NOT NULL ORDER BY r.id",
                (*piece, by),
            )
        ]
    return tuple(found)


def over(seqs: Iterable[int]) -> dict[int, int]:
    """Those of these rows that were hidden here because their time was over, and when it was over."""
    return dict(rows(f"SELECT seq, until FROM retention WHERE {among('seq', seqs)} AND done IS NOT NULL"))
