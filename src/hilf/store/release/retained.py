"""Until when partners may keep what acts of ours gave them, and whether we told them that the time is over. Holds no rule.

Times are microseconds since 1970, UTC.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hilf.accord.placing import ObjectState
from hilf.store.database import execute, execute_many, row, rows

_COUNTER = "retention acts"


@dataclass(frozen=True, slots=True)
class Retained:
    """What one act gave to one partner for a time.

    Attributes:
        number: its number here.
        act_id: 32 bytes.
        peer: who has it.
        until: from then on it may be kept no longer.
        done: when the partner was told, or it was seen that it need not be.
        stix_id: the object.
        sha256: its content id, 32 bytes.
        state: of the act: waiting, sent, or what the receipt says.
        hidden: whether we took it back since.
        at: time of the act.
    """

    number: int
    act_id: bytes
    peer: str
    until: int
    done: int | None
    stix_id: str
    sha256: bytes
    state: str
    hidden: bool
    at: int


def note(peer: str, until_of: Mapping[bytes, int]) -> None:
    """Note until when a partner may keep what these acts give it."""
    execute_many(
        "INSERT INTO released_retention (act_id, peer, until) VALUES (%s, %s, %s) ON CONFLICT (act_id) DO NOTHING",
        [(act_id, peer, until) for act_id, until in sorted(until_of.items())],
    )


def unread(after_pos: int, most: int) -> tuple[tuple[int, bytes, str, bytes], ...]:
    """(pos, act id, partner, envelope) of the next object acts of ours behind this one."""
    found = rows(
        "SELECT pos, act_id, peer, envelope FROM act WHERE outgoing = %s AND kind = 'object' AND pos > %s"
        " ORDER BY pos LIMIT %s",
        (True, after_pos, most),
    )
    return tuple((pos, bytes(act_id), peer, bytes(envelope)) for pos, act_id, peer, envelope in found)


def mark(name: str) -> int:
    """A number that was noted under this name; 0 when none was."""
    found = row("SELECT value FROM counter WHERE name = %s", (f"{_COUNTER} {name}",))
    return int(found[0]) if found else 0


def put_mark(name: str, value: int) -> None:
    """Note a number under a name."""
    execute(
        "INSERT INTO counter (name, value) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (f"{_COUNTER} {name}", value),
    )


def due(now_us: int, most: int) -> tuple[Retained, ...]:
    """What partners may keep no longer and were not told of, the longest over first."""
    return _retained("r.until <= %s AND r.done IS NULL ORDER BY r.until, r.id LIMIT %s", (now_us, most))


def since(at_us: int, most: int) -> tuple[Retained, ...]:
    """What partners may keep until after this time, in the order in which the times end."""
    return _retained("r.until >= %s ORDER BY r.until, r.id LIMIT %s", (at_us, most))


def unconfirmed(now_us: int, most: int) -> tuple[Retained, ...]:
    """What partners must have erased by now, and have not confirmed to have, the longest over first."""
    return _retained(
        "r.until <= %s AND a.state NOT IN ('dropped', 'refused', 'retracted') AND NOT EXISTS (SELECT 1 FROM confirmation c"
        " JOIN retraction t ON t.id = c.retraction_id WHERE t.stix_id = o.stix_id AND c.node = r.peer"
        " AND c.state = 'erased' AND t.at >= a.at) ORDER BY r.until, r.id LIMIT %s",
        (now_us, most),
    )


def put_done(act_ids: Iterable[bytes], at_us: int) -> None:
    """Note that partners were told, of what these acts gave them."""
    execute_many(
        "UPDATE released_retention SET done = %s WHERE act_id = %s AND done IS NULL",
        [(at_us, act_id) for act_id in sorted(act_ids)],
    )


def _retained(condition: str, parameters: tuple[object, ...]) -> tuple[Retained, ...]:
    found = rows(
        "SELECT r.id, r.act_id, r.peer, r.until, r.done, o.stix_id, o.sha256, a.state, o.state, a.at"
        " FROM released_retention r JOIN act a ON a.act_id = r.act_id JOIN object o ON o.seq = a.object_seq"
        f" WHERE {condition}",
        parameters,
    )
    return tuple(
        Retained(
            number, bytes(act_id), peer, until, done, stix_id, bytes(sha256), state,
            object_state in (ObjectState.HIDDEN, ObjectState.ERASED), at,
        )
        for number, act_id, peer, until, done, stix_id, sha256, state, object_state, at in found
    )  # fmt: skip
