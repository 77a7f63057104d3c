"""Releases as kept: what was sent or proposed to whom, with the exact acts that an approval binds (accord.md 4).

Holds no rule: who must approve and when a proposal dies is `node/release`. An item keeps the envelope of its act;
the bytes of the object stand once, in `object.body`. Times are microseconds since 1970, UTC.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hilf.store.database import execute, execute_many, rows

_COLUMNS = (
    "release_id, peer, state, selection, purpose, proposed, proposed_by, needs_approvals, subject, reason"
)
PROPOSED, QUEUED, DIED = "proposed", "queued", "died"


@dataclass(frozen=True, slots=True)
class KeptRelease:
    """One release as kept.

    Attributes:
        release_id: "release--" and a UUID.
        peer: the node that receives.
        state: "proposed" while officers must approve, "queued" once its acts wait in the outbox, "died".
        selection: the select text; empty for what was not released yet.
        purpose: of its acts.
        proposed: when it was made.
        proposed_by: kid of the officer who proposed; None where nobody had to.
        needs_approvals: officers who must approve beside that one.
        subject: H(canonical(sorted act ids)): what an approval binds.
        reason: code of why it died; None else.
    """

    release_id: str
    peer: str
    state: str
    selection: str
    purpose: str
    proposed: int
    proposed_by: str | None
    needs_approvals: int
    subject: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One act of a proposal: its id, its envelope without the object, and the row of the object."""

    act_id: bytes
    envelope: bytes
    object_seq: int


def put(release: KeptRelease, items: Sequence[Item] = ()) -> None:
    """Keep a release with the acts that wait for an approval; acts that went out at once stand in the outbox only."""
    execute(
        f"INSERT INTO release ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            release.release_id, release.peer, release.state, release.selection, release.purpose,
            release.proposed, release.proposed_by, release.needs_approvals, release.subject, release.reason,
        ),
    )  # fmt: skip
    execute_many(
        "INSERT INTO release_item (release_id, act_id, envelope, object_seq) VALUES (%s, %s, %s, %s)",
        [(release.release_id, item.act_id, item.envelope, item.object_seq) for item in items],
    )


def get(release_id: str) -> KeptRelease | None:
    """One release, or None."""
    found = _releases("WHERE release_id = %s", (release_id,))
    return found[0] if found else None


def every() -> tuple[KeptRelease, ...]:
    """All releases, the newest first."""
    return _releases("ORDER BY proposed DESC, release_id")


def items(release_id: str) -> tuple[Item, ...]:
    """The acts of a proposal, in the order in which they will be queued."""
    found = rows(
        "SELECT act_id, envelope, object_seq FROM release_item WHERE release_id = %s ORDER BY id",
        (release_id,),
    )
    return tuple(Item(bytes(act_id), bytes(envelope), seq) for act_id, envelope, seq in found)


def counts() -> dict[str, int]:
    """How many acts each release holds that wait for an approval, by release."""
    return dict(rows("SELECT release_id, count(*) FROM release_item GROUP BY release_id"))


def settle(release_id: str, state: str, reason: str | None = None) -> None:
    """Give a proposal its last state; its items are no longer needed, since the outbox has them or nobody does."""
    execute("UPDATE release SET state = %s, reason = %s WHERE release_id = %s", (state, reason, release_id))
    execute("DELETE FROM release_item WHERE release_id = %s", (release_id,))


def waiting_for(peer: str) -> dict[int, str]:
    """Rows of objects that stand in an open proposal to that peer, each with its release."""
    return dict(
        rows(
            "SELECT i.object_seq, r.release_id FROM release_item i JOIN release r ON r.release_id = i.release_id "
            "WHERE r.peer = %s AND r.state = %s",
            (peer, PROPOSED),
        )
    )


def holding(object_seqs: Iterable[int]) -> tuple[str, ...]:
    """Open proposals that hold one of these rows of objects."""
    wanted = set(object_seqs)
    found = rows(
        "SELECT DISTINCT i.object_seq, i.release_id FROM release_item i JOIN release r "
        "ON r.release_id = i.release_id WHERE r.state = %s",
        (PROPOSED,),
    )
    return tuple(sorted({release_id for seq, release_id in found if seq in wanted}))


def _releases(where: str, parameters: tuple[object, ...] = ()) -> tuple[KeptRelease, ...]:
    return tuple(KeptRelease(*found) for found in rows(f"SELECT {_COLUMNS} FROM release {where}", parameters))
