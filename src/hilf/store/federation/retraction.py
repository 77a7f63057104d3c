"""Retractions as kept: those that we made or passed on, those that we received, and who confirmed what (protocol.md 5).

A received retraction carries the partner's act id; one of our own, or one that passes a received one on (`cause`),
carries none: each node that it went to has its own act, which stands in `confirmation`. Holds no rule.
Times are microseconds since 1970, UTC.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db import transaction as django_transaction

from hilf.store.database import clean, execute, row, rows
from hilf.store.intelligence.index import among

_AT_ONCE = 500
_T = TypeVar("_T", int, str)

_COLUMNS = "id, act_id, by, stix_id, body, reason, at, deadline, erase_after, erased, cause_id, owed"


@dataclass(frozen=True, slots=True)
class KeptRetraction:
    """One retraction as kept.

    Attributes:
        number: its number here.
        act_id: the partner's act, 32 bytes; None for one of ours.
        by: whose assertion is withdrawn.
        stix_id: of which object.
        body: the act's body as JSON text.
        reason: a word of `federation.retraction.RetractionReason`.
        at: when it was made, or came.
        deadline: when its maker wants confirmations.
        erase_after: when the hidden bodies are erased; None for ours, and while a legal hold stands.
        erased: when they were.
        cause: the received retraction that this one passes on.
        owed: what it demands was due here anyway.
    """

    number: int
    act_id: bytes | None
    by: str
    stix_id: str
    body: str
    reason: str
    at: int
    deadline: int | None
    erase_after: int | None
    erased: int | None
    cause: int | None
    owed: bool | None = None


@dataclass(frozen=True, slots=True)
class KeptConfirmation:
    """What one node that a retraction went to says of it.

    Attributes:
        retraction: its number.
        node: who was told.
        act_id: the retraction act to that node, 32 bytes.
        state: "open" until it confirms, then a word of `federation.confirmation.ConfirmationState`.
        at: when it said so; when it was told, while open.
        further: the nodes behind it, as JSON text.
        act_state: what became of the retraction act itself: waiting, sent, or what the receipt says.
    """

    retraction: int
    node: str
    act_id: bytes
    state: str
    at: int
    further: str
    act_state: str


def put(  # noqa: PLR0913  # one argument per column, all named
    *,
    act_id: bytes | None,
    by: str,
    stix_id: str,
    body: str,
    reason: str,
    at: int,
    deadline: int,
    erase_after: int | None = None,
    cause: int | None = None,
    owed: bool = False,
) -> int:
    """Keep a retraction; its number.

    `owed`: what it demands was due here anyway (`node/owed`), so that it counts against no limit.
    """
    found = row(
        "INSERT INTO retraction (act_id, by, stix_id, body, reason, at, deadline, erase_after, cause_id, owed)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (act_id, by, stix_id, body, reason, at, deadline, erase_after, cause, owed or None),
    )
    assert found is not None  # noqa: S101  # it was inserted
    return int(found[0])


def get(number: int) -> KeptRetraction | None:
    """The retraction with that number."""
    return next(iter(_retractions("WHERE id = %s", (number,))), None)


def get_each(numbers: Iterable[int]) -> tuple[KeptRetraction, ...]:
    """The retractions with these numbers, in order."""
    return tuple(
        kept
        for piece in _pieces(sorted(set(numbers)))
        for kept in _retractions(f"WHERE {among('id', piece)} ORDER BY id", ())
    )


def by_act(by: str, act_id: bytes) -> KeptRetraction | None:
    """The retraction that a partner's act made."""
    return next(iter(_retractions("WHERE by = %s AND act_id = %s", (by, act_id))), None)


def about(stix_id: str) -> tuple[KeptRetraction, ...]:
    """Every retraction of an object, the oldest first."""
    return _retractions("WHERE stix_id = %s ORDER BY id", (stix_id,))


def ours(by: str, before: int | None, limit: int, reason: str = "") -> tuple[KeptRetraction, ...]:
    """Retractions that this node made or passed on, the newest first; those with a number before `before`."""
    only = " AND reason = %s" if reason else ""
    return _retractions(
        f"WHERE by = %s AND act_id IS NULL AND id < %s{only} ORDER BY id DESC LIMIT %s",
        (by, 2**62 if before is None else before, *([reason] if reason else []), limit),
    )


def taken_back_by(by: str, stix_ids: Iterable[str]) -> frozenset[str]:
    """Those of these objects of which a node ever took anything back, we or a partner."""
    return frozenset(
        stix_id
        for piece in _pieces(sorted(set(stix_ids)))
        for (stix_id,) in rows(
            f"SELECT stix_id FROM retraction WHERE by = %s AND stix_id IN ({', '.join(['%s'] * len(piece))})",
            (by, *piece),
        )
    )


def adopt(number: int, by: str, stix_id: str) -> None:
    """Let what we took back by our own clock, because its time was over, pass on the received retraction that came after."""
    execute(
        "UPDATE retraction SET cause_id = %s WHERE by = %s AND stix_id = %s AND reason = 'expired'"
        " AND act_id IS NULL AND cause_id IS NULL",
        (number, by, stix_id),
    )


def due(now_us: int, after: int, most: int) -> tuple[KeptRetraction, ...]:
    """Received retractions whose bodies are to be erased by now, with a number after this one, at most so many."""
    return _retractions(
        "WHERE id > %s AND erased IS NULL AND erase_after <= %s ORDER BY id LIMIT %s", (after, now_us, most)
    )


def count_since(by: str, at_us: int, most: int) -> int:
    """How many retractions came from a partner since then that were not due here anyway; no more than `most` are counted."""
    found = row(
        "SELECT count(*) FROM (SELECT 1 FROM retraction"
        " WHERE by = %s AND act_id IS NOT NULL AND at >= %s AND owed IS NULL LIMIT %s) AS counted",
        (by, at_us, most),
    )
    return int(found[0]) if found else 0


def put_due(number: int, at_us: int | None) -> None:
    """Let the bodies be erased from then on; None for not while a legal hold stands."""
    execute("UPDATE retraction SET erase_after = %s WHERE id = %s", (at_us, number))


def hasten(by: str, stix_id: str, at_us: int) -> None:
    """Let what a partner took back of an object be over from then on, in whatever time it had: it is erased already."""
    execute(
        "UPDATE retraction SET erase_after = %s WHERE by = %s AND stix_id = %s AND act_id IS NOT NULL"
        " AND erased IS NULL",
        (at_us, by, stix_id),
    )


def put_erased(numbers: Iterable[int], at_us: int) -> None:
    """Note that the bodies are erased."""
    for piece in _pieces(sorted(set(numbers))):
        execute(f"UPDATE retraction SET erased = %s WHERE {among('id', piece)}", (at_us,))


def expect(number: int, node: str, act_id: bytes, at_us: int) -> None:
    """Note that a node was told, by which act."""
    execute(
        "INSERT INTO confirmation (retraction_id, node, act_id, state, at, further)"
        " VALUES (%s, %s, %s, 'open', %s, '{}')",
        (number, node, act_id, at_us),
    )


def confirm(number: int, node: str, state: str, at_us: int, further: str) -> None:
    """Note what a node says; the latest counts."""
    execute(
        "UPDATE confirmation SET state = %s, at = %s, further = %s WHERE retraction_id = %s AND node = %s",
        (state, at_us, further, number, node),
    )


def expected(node: str, act_id: bytes) -> KeptConfirmation | None:
    """What stands of the node that was told by this act."""
    return next(iter(_confirmations("WHERE c.node = %s AND c.act_id = %s", (node, act_id))), None)


def confirmations(number: int) -> tuple[KeptConfirmation, ...]:
    """What each node says that a retraction of ours went to, in order of name."""
    return _confirmations("WHERE c.retraction_id = %s ORDER BY c.node", (number,))


def confirmations_each(numbers: Iterable[int]) -> dict[int, tuple[KeptConfirmation, ...]]:
    """What the nodes say to which some retractions of ours went, by the number of the retraction."""
    found: dict[int, list[KeptConfirmation]] = {}
    for piece in _pieces(sorted(set(numbers))):
        for said in _confirmations(f"WHERE {among('c.retraction_id', piece)} ORDER BY c.node", ()):
            found.setdefault(said.retraction, []).append(said)
    return {number: tuple(said) for number, said in found.items()}


def confirmations_behind(numbers: Iterable[int]) -> dict[int, tuple[KeptConfirmation, ...]]:
    """What the nodes say to which received retractions were passed on, by the number of the received one."""
    found: dict[int, list[KeptConfirmation]] = {}
    for piece in _pieces(sorted(set(numbers))):
        ours = dict(rows(f"SELECT id, cause_id FROM retraction WHERE {among('cause_id', piece)}"))
        for said in _confirmations(f"WHERE {among('c.retraction_id', ours)} ORDER BY c.id", ()):
            found.setdefault(ours[said.retraction], []).append(said)
    return {number: tuple(said) for number, said in found.items()}


_HELD = (
    "SELECT pos, act_id, envelope FROM act WHERE peer = %s AND outgoing = %s AND state = 'held'"
    " AND kind = 'retraction'"
)


def count_held(peer: str) -> int:
    """How many retraction acts of a partner are held for a person."""
    found = row(
        "SELECT count(*) FROM act WHERE peer = %s AND outgoing = %s AND state = 'held' AND kind = 'retraction'",
        (peer, False),
    )
    return int(found[0]) if found else 0


def held_by_partner() -> dict[str, int]:
    """How many retraction acts of each partner are held for a person; of those of whom any are."""
    return dict(
        rows(
            "SELECT peer, count(*) FROM act WHERE state = 'held' AND kind = 'retraction' AND outgoing = %s"
            " GROUP BY peer ORDER BY peer",
            (False,),
        )
    )


def held_among(peer: str, act_ids: Iterable[bytes]) -> dict[bytes, bytes]:
    """Which of these retraction acts of a partner are held for a person: id and canonical form, in order."""
    found = [
        each for act_id in act_ids for each in rows(_HELD + " AND act_id = %s", (peer, False, act_id))
    ]  # one by one, for there may be a million others
    return {bytes(act_id): bytes(envelope) for _, act_id, envelope in sorted(found)}


def held_after(peer: str, pos: int, most: int) -> list[tuple[int, bytes]]:
    """The next retraction acts of a partner that are held for a person: where each stands, to go on from, and its canonical form."""
    found = rows(_HELD + " AND pos > %s ORDER BY pos LIMIT %s", (peer, False, pos, most))
    return [(pos, bytes(envelope)) for pos, _, envelope in found]


def clean_after_commit() -> None:
    """When the transaction is through, let nothing of what it erased stay in the file."""
    django_transaction.on_commit(clean)


def _pieces(wanted: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (wanted[n : n + _AT_ONCE] for n in range(0, len(wanted), _AT_ONCE))


def _retractions(where: str, parameters: tuple[object, ...]) -> tuple[KeptRetraction, ...]:
    found = rows(f"SELECT {_COLUMNS} FROM retraction {where}", parameters)
    return tuple(
        KeptRetraction(number, None if act_id is None else bytes(act_id), *rest)
        for number, act_id, *rest in found
    )


def _confirmations(where: str, parameters: tuple[object, ...]) -> tuple[KeptConfirmation, ...]:
    found = rows(
        "SELECT c.retraction_id, c.node, c.act_id, c.state, c.at, c.further, a.state"
        f" FROM confirmation c JOIN act a ON a.act_id = c.act_id {where}",
        parameters,
    )
    return tuple(
        KeptConfirmation(number, node, bytes(act_id), *rest) for number, node, act_id, *rest in found
    )
