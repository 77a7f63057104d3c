"""Releases as kept: what was sent or proposed to whom, with the exact acts that an approval binds (accord.md 4).

Holds no rule: who must approve and when a proposal dies is `node/release`. An item keeps the envelope of its act;
the bytes of the object stand once, in `object.body`. Times are microseconds since 1970, UTC.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hilf.store.database import execute, execute_many, rows
from hilf.store.intelligence.index import among

_PIECE = 500

_COLUMNS = (
    "release_id, peer, state, selection, purpose, proposed, proposed_by, needs_approvals, subject, reason,"
    " order_id, despite"
)
QUEUING, PROPOSED, QUEUED, DIED = "queuing", "proposed", "queued", "died"
INTERRUPTED = "release.interrupted"


@dataclass(frozen=True, slots=True)
class KeptRelease:
    """One release as kept.

    Attributes:
        release_id: "release--" and a UUID.
        peer: the node that receives.
        state: "queuing" while its acts are made, "proposed" while officers must approve, "queued" once its acts wait in
            the outbox, "died".
        selection: the select text; empty for what was not released yet.
        purpose: of its acts.
        proposed: when it was made.
        proposed_by: kid of the officer who proposed; None where nobody had to.
        needs_approvals: officers who must approve beside that one.
        subject: H(canonical(sorted act ids)): what an approval binds.
        reason: code of why it died, or was queued in part only; None else.
        order_id: the standing order that sent it; None where a person did.
        despite: names of lists that officers set aside for it, with blanks between.
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
    order_id: str | None = None
    despite: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One act of a proposal: its id, its envelope without the object, and the row of the object."""

    act_id: bytes
    envelope: bytes
    object_seq: int


def put(release: KeptRelease, items: Sequence[Item] = ()) -> None:
    """Keep a release with acts that wait for an approval; acts that go out at once stand in the outbox only."""
    execute(
        f"INSERT INTO release ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            release.release_id, release.peer, release.state, release.selection, release.purpose,
            release.proposed, release.proposed_by, release.needs_approvals, release.subject, release.reason,
            release.order_id, release.despite,
        ),
    )  # fmt: skip
    add(release.release_id, items)


def add(release_id: str, items: Sequence[Item]) -> None:
    """Keep more acts of a release that wait for an approval."""
    execute_many(
        "INSERT INTO release_item (release_id, act_id, envelope, object_seq) VALUES (%s, %s, %s, %s)",
        [(release_id, item.act_id, item.envelope, item.object_seq) for item in items],
    )


def finish(
    release_id: str, state: str, subject: str, proposed_by: str | None = None, needs_approvals: int = 0
) -> None:
    """All acts of a release are made: give it its state and what its approvals bind."""
    execute(
        "UPDATE release SET state = %s, subject = %s, proposed_by = %s, needs_approvals = %s WHERE release_id = %s",
        (state, subject, proposed_by, needs_approvals, release_id),
    )


def is_queuing(release_id: str) -> bool:
    """Whether acts of this release are still made."""
    found = rows("SELECT 1 FROM release WHERE release_id = %s AND state = %s", (release_id, QUEUING))
    return bool(found)


def interrupt(peer: str, selection: str, purpose: str) -> None:
    """End releases of the same that were cut short: what they queued is queued, what they were to propose is not."""
    cut = [
        release_id
        for (release_id,) in rows(
            "SELECT release_id FROM release WHERE state = %s AND peer = %s AND selection = %s AND purpose = %s",
            (QUEUING, peer, selection, purpose),
        )
    ]
    for release_id in cut:
        settle(release_id, QUEUED, INTERRUPTED)


def get(release_id: str) -> KeptRelease | None:
    """One release, or None."""
    found = _releases("WHERE release_id = %s", (release_id,))
    return found[0] if found else None


def every() -> tuple[KeptRelease, ...]:
    """All releases, the newest first."""
    return _releases("ORDER BY proposed DESC, release_id")


def page(
    after: str | None, limit: int, *, state: str = "", peer: str = "", order: str = ""
) -> tuple[KeptRelease, ...]:
    """Some releases, the newest first: those behind `after`; only in a state, to a peer, of an order where these are given."""
    wanted = {"state": state, "peer": peer, "order_id": order}
    conditions = [f"{column} = %s" for column, value in wanted.items() if value]
    parameters: list[object] = [value for value in wanted.values() if value]
    if after is not None:
        conditions.append(
            "(proposed, release_id) < (SELECT proposed, release_id FROM release WHERE release_id = %s)"
        )
        parameters.append(after)
    where = f"WHERE {' AND '.join(conditions)} " if conditions else ""
    return _releases(f"{where}ORDER BY proposed DESC, release_id DESC LIMIT %s", (*parameters, limit))


def items(release_id: str) -> tuple[Item, ...]:
    """The acts of a proposal, in the order in which they will be queued."""
    found = rows(
        "SELECT act_id, envelope, object_seq FROM release_item WHERE release_id = %s ORDER BY id",
        (release_id,),
    )
    return tuple(Item(bytes(act_id), bytes(envelope), seq) for act_id, envelope, seq in found)


def pages(release_id: str) -> Iterator[tuple[Item, ...]]:
    """The acts of a proposal, in order, page by page; memory holds one."""
    after = 0
    while found := rows(
        "SELECT id, act_id, envelope, object_seq FROM release_item WHERE release_id = %s AND id > %s"
        " ORDER BY id LIMIT %s",
        (release_id, after, _PIECE),
    ):
        yield tuple(Item(bytes(act_id), bytes(envelope), seq) for _, act_id, envelope, seq in found)
        after = found[-1][0]


def bound(release_id: str) -> tuple[tuple[bytes, int], ...]:
    """(act id, row of its object) of every act of a proposal, in order."""
    found = rows(
        "SELECT act_id, object_seq FROM release_item WHERE release_id = %s ORDER BY id", (release_id,)
    )
    return tuple((bytes(act_id), seq) for act_id, seq in found)


def counts(of: Sequence[str] | None = None) -> dict[str, int]:
    """How many acts each open proposal holds that wait for an approval, by release; of all, or of some releases."""
    only = "" if of is None else f" AND r.release_id IN ({', '.join(['%s'] * len(of)) or 'NULL'})"
    return dict(
        rows(
            "SELECT r.release_id, count(*) FROM release r JOIN release_item i ON i.release_id = r.release_id"
            f" WHERE r.state = %s{only} GROUP BY r.release_id",
            (PROPOSED, *(of or ())),
        )
    )


def page_of(release_id: str, after: int, limit: int) -> tuple[tuple[int, Item], ...]:
    """Some acts of a proposal, in order, each with its number; those with a number behind `after`."""
    found = rows(
        "SELECT id, act_id, envelope, object_seq FROM release_item WHERE release_id = %s AND id > %s"
        " ORDER BY id LIMIT %s",
        (release_id, after, limit),
    )
    return tuple(
        (number, Item(bytes(act_id), bytes(envelope), seq)) for number, act_id, envelope, seq in found
    )


def settle(release_id: str, state: str, reason: str | None = None) -> None:
    """Give a proposal its last state; its items are no longer needed, since the outbox has them or nobody does."""
    execute("UPDATE release SET state = %s, reason = %s WHERE release_id = %s", (state, reason, release_id))
    clear(release_id)


def clear(release_id: str) -> None:
    """Let go of the acts of a release that wait for an approval."""
    execute("DELETE FROM release_item WHERE release_id = %s", (release_id,))


def any_to(peers: Iterable[str]) -> frozenset[str]:
    """Those of these recipients for whom a proposal is open."""
    wanted = frozenset(peers)
    found = rows("SELECT DISTINCT peer FROM release WHERE state = %s", (PROPOSED,))
    return wanted & {peer for (peer,) in found}


def waiting_for(peer: str, among_seqs: Sequence[int] | None = None) -> dict[int, str]:
    """Rows of objects that stand in an open proposal to that peer, each with its release.

    Args:
        peer: the recipient.
        among_seqs: only these rows; None for all.
    """
    sql = (
        "SELECT i.object_seq, i.release_id FROM release_item i JOIN release r ON r.release_id = i.release_id"
        " WHERE r.peer = %s AND r.state = %s"
    )
    if among_seqs is not None:
        sql += f" AND {among('i.object_seq', among_seqs)}"
    return dict(rows(sql, (peer, PROPOSED)))


def holding(object_seqs: Iterable[int]) -> tuple[str, ...]:
    """Open proposals that hold one of these rows of objects."""
    wanted, found = sorted(set(object_seqs)), set()
    for n in range(0, len(wanted), _PIECE):
        found |= {
            release_id
            for (release_id,) in rows(
                "SELECT DISTINCT i.release_id FROM release_item i JOIN release r ON r.release_id = i.release_id"
                f" WHERE r.state = %s AND {among('i.object_seq', wanted[n : n + _PIECE])}",
                (PROPOSED,),
            )
        }
    return tuple(sorted(found))


def authors(release_id: str) -> frozenset[str]:
    """Who wrote what the acts of a proposal carry, as far as that is proven."""
    found = rows(
        "SELECT DISTINCT o.author FROM release_item i JOIN object o ON o.seq = i.object_seq WHERE i.release_id = %s",
        (release_id,),
    )
    return frozenset(author for (author,) in found if author is not None)


def _releases(where: str, parameters: tuple[object, ...] = ()) -> tuple[KeptRelease, ...]:
    return tuple(KeptRelease(*found) for found in rows(f"SELECT {_COLUMNS} FROM release {where}", parameters))
