"""Consents as kept: what we asked originators, what partners ask us, and the answers (accord.md 2, 4).

Holds no rule: who is asked and what counts is `node/consent`, `node/answer` and `federation/consent`. Nothing is ever
removed, so that it can be said on what ground something went on. Times are microseconds since 1970, UTC.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import orjson

from hilf.store.database import execute, execute_many, row, rows

_COLUMNS = (
    "c.id, c.outgoing, c.peer, c.act_id, c.accord, c.asked, c.at, c.answer_by, c.answer, c.given, c.until, c.denied,"
    " c.code, c.pending, c.cause_id, a.state"
)
_SELECT = f"SELECT {_COLUMNS} FROM consent c LEFT JOIN act a ON a.act_id = c.act_id "


@dataclass(frozen=True, slots=True)
class KeptConsent:
    """One question as kept.

    Attributes:
        number: its number here.
        outgoing: whether we asked; else the partner did.
        peer: whom we asked, or who asks.
        act_id: of the act that asks, 32 bytes.
        accord: "id version" that it cites.
        asked: the body of that act, as JSON.
        at: when it was asked, or came.
        answer_by: its clock.
        answer: the body that gave it, as JSON.
        given: when it was given; None else.
        until: when what was given ends.
        denied: when it was denied, or taken back.
        code: with which code.
        pending: our answer while officers must still sign it, canonical.
        cause: the partner's question that this one passes on.
        act_state: what became of the act that asks: waiting, sent, dropped, or what the receipt says.
    """

    number: int
    outgoing: bool
    peer: str
    act_id: bytes
    accord: str
    asked: str
    at: int
    answer_by: int
    answer: str | None
    given: int | None
    until: int | None
    denied: int | None
    code: str | None
    pending: bytes | None
    cause: int | None
    act_state: str | None = None


def put(  # noqa: PLR0913  # one argument per column, all named
    *,
    outgoing: bool,
    peer: str,
    act_id: bytes,
    accord: str,
    asked: str,
    at: int,
    answer_by: int,
    objects: Iterable[tuple[int, bytes]],
    cause: int | None = None,
) -> int:
    """Keep a question about these assertions (row, content id); its number."""
    found = row(
        "INSERT INTO consent (outgoing, peer, act_id, accord, asked, at, answer_by, cause_id)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (outgoing, peer, act_id, accord, asked, at, answer_by, cause),
    )
    assert found is not None  # noqa: S101  # it was inserted
    number = int(found[0])
    execute_many(
        "INSERT INTO consent_object (consent_id, object_seq, sha256, given) VALUES (%s, %s, %s, %s)",
        [(number, seq, sha256, False) for seq, sha256 in objects],
    )
    return number


def get(number: int) -> KeptConsent | None:
    """The question with that number."""
    return next(iter(_consents("WHERE c.id = %s", (number,))), None)


def by_act(peer: str, act_id: bytes, *, outgoing: bool) -> KeptConsent | None:
    """The question that this act asked: of ours to that partner, or of that partner's to us."""
    where = "WHERE c.peer = %s AND c.act_id = %s AND c.outgoing = %s"
    return next(iter(_consents(where, (peer, act_id, outgoing))), None)


def every() -> tuple[KeptConsent, ...]:
    """All questions, the newest first."""
    return _consents("ORDER BY c.id DESC")


def page(
    before: int | None, limit: int, *, outgoing: bool | None = None, peer: str = ""
) -> tuple[KeptConsent, ...]:
    """Some questions, the newest first: those with a number before `before`, of one direction or with one node."""
    conditions, parameters = ["c.id < %s"], [2**62 if before is None else before]
    if outgoing is not None:
        conditions.append("c.outgoing = %s")
        parameters.append(outgoing)
    wanted: list[object] = [*parameters, *([peer] if peer else []), limit]
    if peer:
        conditions.append("c.peer = %s")
    return _consents(f"WHERE {' AND '.join(conditions)} ORDER BY c.id DESC LIMIT %s", tuple(wanted))


_OPEN = "c.given IS NULL AND c.denied IS NULL"


def unanswered(since_us: int = 0) -> tuple[KeptConsent, ...]:
    """Questions of both directions without an answer, the oldest first.

    Args:
        since_us: without those whose clock ended before, and for which nothing is left to be done: our officers do not
            sign an answer, and no partner waits for what became of it.
    """
    return _consents(
        f"WHERE {_OPEN} AND (c.answer_by > %s OR c.pending IS NOT NULL OR EXISTS (SELECT 1 FROM consent q"
        " WHERE q.id = c.cause_id AND q.given IS NULL AND q.denied IS NULL)) ORDER BY c.id",
        (since_us,),
    )


def answered(since_us: int) -> tuple[KeptConsent, ...]:
    """Our own questions that were answered since then, or of which an answer was taken back, the oldest first."""
    return _consents(
        "WHERE c.outgoing = %s AND c.cause_id IS NULL AND (c.given >= %s OR c.denied >= %s) ORDER BY c.id",
        (True, since_us, since_us),
    )


def is_used(kept: KeptConsent) -> bool:
    """Whether something that a consent was given for was released since to one of whom it names."""
    to = orjson.loads(kept.asked)["to"]
    acts = rows(
        "SELECT a.peer FROM consent_object o JOIN act a ON a.object_seq = o.object_seq WHERE o.consent_id = %s"
        " AND o.given = %s AND a.outgoing = %s AND a.at >= %s AND a.state NOT IN ('dropped', 'refused')",
        (kept.number, True, True, kept.given or 0),
    )
    return any("community" in to or peer in to["nodes"] for (peer,) in acts)


def waiting_after_end(at_us: int) -> tuple[int, ...]:
    """Rows of assertions in acts that wait unsent, for which a consent has ended by then."""
    found = rows(
        "SELECT DISTINCT o.object_seq FROM consent c JOIN consent_object o ON o.consent_id = c.id"
        " JOIN act a ON a.object_seq = o.object_seq"
        " WHERE c.outgoing = %s AND c.until <= %s AND a.outgoing = %s AND a.state = 'waiting'",
        (True, at_us, True),
    )
    return tuple(seq for (seq,) in found)


def passing_on(number: int) -> tuple[KeptConsent, ...]:
    """The questions of ours that pass a partner's on."""
    return _consents("WHERE c.cause_id = %s ORDER BY c.id", (number,))


def objects(number: int) -> dict[int, bytes]:
    """The assertions that a question is about: row → content id."""
    found = rows("SELECT object_seq, sha256 FROM consent_object WHERE consent_id = %s ORDER BY id", (number,))
    return {seq: bytes(sha256) for seq, sha256 in found}


def give(number: int, answer: str, at_us: int, until_us: int | None, content_ids: Iterable[bytes]) -> None:
    """Note a yes, for the versions with these content ids."""
    execute(
        "UPDATE consent SET answer = %s, given = %s, until = %s, pending = NULL WHERE id = %s",
        (answer, at_us, until_us, number),
    )
    for content_id in content_ids:
        execute(
            "UPDATE consent_object SET given = %s WHERE consent_id = %s AND sha256 = %s",
            (True, number, content_id),
        )


def deny(number: int, code: str, at_us: int) -> None:
    """Note a no, or the end of a yes."""
    execute("UPDATE consent SET denied = %s, code = %s, pending = NULL WHERE id = %s", (at_us, code, number))


def put_pending(number: int, act: bytes) -> None:
    """Keep our answer until enough officers have signed it."""
    execute("UPDATE consent SET pending = %s WHERE id = %s", (act, number))


def live(at_us: int) -> Mapping[int, frozenset[tuple[str, str]]]:
    """Row of an assertion → (whom, purpose) of the consents that count then; whom: a node, or "community:" with an id."""
    found: dict[int, frozenset[tuple[str, str]]] = {}
    for seq, asked, answer in rows(
        "SELECT o.object_seq, c.asked, c.answer FROM consent_object o JOIN consent c ON c.id = o.consent_id"
        " WHERE c.outgoing = %s AND o.given = %s AND c.given <= %s AND (c.until IS NULL OR c.until > %s)"
        " AND (c.denied IS NULL OR c.denied > %s)",
        (True, True, at_us, at_us, at_us),
    ):
        to = orjson.loads(answer)["to"]
        whom = [f"community:{to['community']}"] if "community" in to else to["nodes"]
        purpose = orjson.loads(asked)["purpose"]
        found[seq] = found.get(seq, frozenset()) | {(each, purpose) for each in whom}
    return found


def count_since(peer: str, at_us: int) -> int:
    """How many questions a partner has asked since then."""
    found = row(
        "SELECT count(*) FROM consent WHERE peer = %s AND outgoing = %s AND at >= %s", (peer, False, at_us)
    )
    return int(found[0]) if found else 0


def count_unanswered(peer: str, since_us: int) -> int:
    """How many questions of a partner have no answer and a clock that ends after that."""
    found = row(
        f"SELECT count(*) FROM consent c WHERE {_OPEN} AND c.peer = %s AND c.outgoing = %s AND c.answer_by > %s",
        (peer, False, since_us),
    )
    return int(found[0]) if found else 0


def _consents(where: str, parameters: tuple[object, ...] = ()) -> tuple[KeptConsent, ...]:
    return tuple(_kept(each) for each in rows(_SELECT + where, parameters))


def _kept(found: tuple) -> KeptConsent:
    number, outgoing, peer, act_id, accord, asked, at, answer_by, answer, *rest = found
    given, until, denied, code, pending, cause, act_state = rest
    return KeptConsent(
        number,
        bool(outgoing),
        peer,
        bytes(act_id),
        accord,
        asked,
        at,
        answer_by,
        answer,
        given,
        until,
        denied,
        code,
        None if pending is None else bytes(pending),
        cause,
        act_state,
    )
