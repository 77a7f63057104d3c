"""The inbox: acts that partners sent, remembered for ever by id, and the proof where one contradicted itself.

Object acts keep their envelope; the object itself is written by `node/intake`. Holds no rule.
Times are microseconds since 1970, UTC.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction as django_transaction

from hilf.store.database import execute, execute_many, row, rows

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Arrived:
    """One act as it is remembered.

    Attributes:
        act_id: 32 bytes.
        kind: its kind.
        at_us: its own time.
        state: what became of it: a word of `federation.outcome.Outcome`.
        reason: the reason as a JSON text, or None.
        seq: its place in the stream.
        envelope: its canonical form, for kind `object` with `body.object` null.
        object_seq: the row of the object it brought, where it brought one.
    """

    act_id: bytes
    kind: str
    at_us: int
    state: str
    reason: str | None
    seq: int
    envelope: bytes
    object_seq: int | None


@contextmanager
def apart() -> Iterator[None]:
    """Inside a transaction: what is written in here is undone alone when it fails."""
    with django_transaction.atomic():
        yield


def remember(peer: str, epoch: int, acts: Sequence[Arrived]) -> None:
    """Remember acts that were seen for the first time."""
    execute_many(
        "INSERT INTO act (act_id, outgoing, peer, kind, at, state, reason, epoch, seq, envelope, object_seq)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            (
                a.act_id,
                False,
                peer,
                a.kind,
                a.at_us,
                a.state,
                a.reason,
                epoch,
                a.seq,
                a.envelope,
                a.object_seq,
            )
            for a in acts
        ],
    )


def known(act_ids: Sequence[bytes]) -> frozenset[bytes]:
    """Which of these ids have ever been seen."""
    found: set[bytes] = set()
    for start in range(0, len(act_ids), _AT_ONCE):
        chunk = act_ids[start : start + _AT_ONCE]
        marks = ", ".join(["%s"] * len(chunk))
        found.update(
            bytes(act_id) for (act_id,) in rows(f"SELECT act_id FROM act WHERE act_id IN ({marks})", chunk)
        )
    return frozenset(found)


def count_of(peer: str, state: str) -> dict[str, int]:
    """How many acts of a partner are in a state, by kind, in order of kind."""
    return dict(
        rows(
            "SELECT kind, count(*) FROM act WHERE peer = %s AND outgoing = %s AND state = %s GROUP BY kind ORDER BY kind",
            (peer, False, state),
        )
    )


def held_with(object_seq: int) -> tuple[tuple[bytes, str], ...]:
    """(id, partner) of the acts that brought this row and that a receipt called held, in the order they came."""
    found = rows(
        "SELECT act_id, peer FROM act WHERE object_seq = %s AND outgoing = %s AND state = 'held' ORDER BY pos",
        (object_seq, False),
    )
    return tuple((bytes(act_id), peer) for act_id, peer in found)


def settle(act_id: bytes, state: str, reason: str | None) -> None:
    """Note the later result of an act that was held."""
    settle_each([(act_id, state, reason)])


def settle_each(results: Iterable[tuple[bytes, str, str | None]]) -> None:
    """Note the later results of acts that were held: id, state and reason of each."""
    execute_many(
        "UPDATE act SET state = %s, reason = %s WHERE act_id = %s AND outgoing = %s AND state = 'held'",
        [(state, reason, act_id, False) for act_id, state, reason in results],
    )


def keep_evidence(peer: str, rule: str, body: bytes, at_us: int) -> None:
    """Keep the bytes that prove what a partner did."""
    execute("INSERT INTO evidence (peer, at, rule, body) VALUES (%s, %s, %s, %s)", (peer, at_us, rule, body))


def count(name: str, amount: int) -> int:
    """Add to a counter of what a partner sent in one hour; what it has sent in it so far."""
    found = row(
        "INSERT INTO counter (name, value) VALUES (%s, %s)"
        " ON CONFLICT (name) DO UPDATE SET value = counter.value + excluded.value RETURNING value",
        (name, amount),
    )
    return found[0] if found else amount


def counts(names: Sequence[str]) -> list[int]:
    """The counters with these names, 0 where there is none."""
    found = (row("SELECT value FROM counter WHERE name = %s", (name,)) for name in names)
    return [each[0] if each else 0 for each in found]


def beginning_with(prefix: str) -> dict[str, int]:
    """The counters whose names begin so, by what follows the last blank of it."""
    found = rows("SELECT name, value FROM counter WHERE name LIKE %s", (prefix + "%",))
    return {name.rsplit(" ", 1)[-1]: value for name, value in found}


def forget_counts(prefix: str, before: str) -> None:
    """Forget the counters of hours that are over; names sort by hour behind the prefix."""
    execute("DELETE FROM counter WHERE name >= %s AND name < %s", (prefix, before))
