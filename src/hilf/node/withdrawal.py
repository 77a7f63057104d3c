"""Withdrawals: what this node says no more, and every node that must hear it (protocol.md 5).

Decides whom a retraction of ours goes to: every node that an act of ours gave the object to. An act that still waits is
dropped instead. Our own copy is hidden from every door and stays in the database, as the proof of what we said; it is
never erased by itself. What we passed on for another node is withdrawn version by version, so that nothing of our own is.
Officers may stand behind a retraction at once or later; with enough of them an authorisation follows it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import orjson

from hilf.accord.placing import ObjectState
from hilf.canonical import Json, dumps
from hilf.errors import CallerFault, Refusal
from hilf.federation.act import Act
from hilf.federation.authorisation import Authorisation
from hilf.federation.outcome import Reason
from hilf.federation.retraction import (
    Assertion,
    Retraction,
    RetractionReason,
    read_retraction,
)
from hilf.node import confirmed, identity, recall, user
from hilf.node.confirmed import Withdrawn
from hilf.node.federation import announce
from hilf.node.home import Home, index_key
from hilf.node.recall import ANSWER
from hilf.seal.key import PrivateKey
from hilf.seal.record import acts_subject, make_record
from hilf.store.database import transaction
from hilf.store.federation import record, stream
from hilf.store.federation import retraction as store
from hilf.store.instant import microseconds, moment
from hilf.store.intelligence import erase
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Kept
from hilf.store.release import proposal, sent
from hilf.store.release.sent import Sent

RECORD: Final = timedelta(days=7)
"""How long an officer's record waits for the second one."""

ROLE: Final = "retraction"
"""What an officer must be trusted with to stand behind a retraction."""

_UNSENT: Final = "waiting"
_NOT_GIVEN: Final = ("waiting", "dropped")


def check_retract(
    home: Home, stix_id: str, now: datetime, deadline: datetime | None, kids: Sequence[str]
) -> None:
    """What `retract` would refuse, found before officers with these keys are asked for a passphrase.

    Raises:
        CallerFault, Refusal: as `retract`.
    """
    _check_deadline(deadline, now)
    if not _said(home, stix_id):
        for number in _to_sign_for(home, stix_id, kids):
            for told in store.confirmations(number):
                subject = acts_subject([told.act_id.hex()])
                for kid in kids:
                    _check_new(_records(subject), kid)


def retract(
    home: Home,
    stix_id: str,
    reason: RetractionReason,
    now: datetime,
    deadline: datetime | None = None,
    officers: Sequence[PrivateKey] = (),
) -> tuple[Withdrawn, ...]:
    """Withdraw what this node asserts of an object, everywhere; a second officer repeats it to stand behind it.

    Args:
        home: this node.
        stix_id: the object.
        reason: why.
        now: aware.
        deadline: when confirmations are wanted; None for three days from now.
        officers: keys of officers who stand behind it. With as many as our identity demands, nodes that got it erase
            at once if the reason is "source-at-risk".

    Raises:
        Refusal: "retract.not-asserted", "retract.already" or "retract.same-officer".
        CallerFault: "retract.deadline".
    """
    _check_deadline(deadline, now)
    with transaction():
        rows = _said(home, stix_id)
        if rows:
            body = Retraction(stix_id, None, reason, deadline or now + ANSWER)
            numbers = [withdraw(home, rows, body, None, now)]
        else:
            numbers = _to_sign_for(home, stix_id, [key.kid for key in officers])
        for key in officers:
            _sign_for(home, numbers, key, now)
    return tuple(each for number, each in confirmed.numbered(home, stix_id, now) if number in numbers)


@dataclass(frozen=True, slots=True)
class Withdrawing:
    """What is withdrawn, and what is said of it.

    Attributes:
        seqs: the rows.
        body: what our own retraction says; what we pass on names the versions that each node got instead.
        cause: the received retraction that is passed on; None for our own.
    """

    seqs: tuple[int, ...]
    body: Retraction
    cause: int | None = None


def withdraw(home: Home, rows: Sequence[Kept], body: Retraction, cause: int | None, now: datetime) -> int:
    """Hide assertions and tell every node that has them from us, as `withdraw_each`; the retraction's number."""
    return withdraw_each(home, [Withdrawing(tuple(row.seq for row in rows), body, cause)], now)[0]


def withdraw_each(home: Home, each: Sequence[Withdrawing], now: datetime) -> list[int]:
    """Hide assertions and tell every node that has them from us, in the caller's transaction; the retractions' numbers."""
    seqs = [seq for withdrawing in each for seq in withdrawing.seqs]
    given = _given(seqs)
    erase.hide(seqs)
    for release_id in proposal.holding(seqs):
        proposal.settle(release_id, proposal.DIED, "release.object-retracted")
    numbers = []
    for withdrawing in each:
        body = withdrawing.body
        number = recall.keep(home, body, now, withdrawing.cause)
        for node, versions in _versions(given, withdrawing.seqs).items():
            told = body if withdrawing.cause is None else replace(body, versions=versions)
            recall.tell(home, number, node, told, now)
        numbers.append(number)
    return numbers


def taken_back(home: Home, act: Act, now: datetime) -> None:
    """A retraction of ours that a partner gave back counts again, in the caller's transaction: this node had lost it.

    What it withdraws is hidden here: what we say, and what came back of what we had passed on. The other nodes that have
    it from us are told by `tell_untold`, each when the stream to it is reconciled or at once.
    """
    body = read_retraction(act.body)
    if not isinstance(body, Retraction):
        return
    text = dumps(body.json()).decode()
    ours = [kept for kept in store.about(body.object) if kept.by == home.node]
    numbers = [kept.number for kept in ours if kept.body == text]
    if not numbers:
        rows = objects.assertions_of(body.object, index_key(home))
        hidden = [row.seq for row in rows if row.state < ObjectState.HIDDEN and _withdraws(home, body, row)]
        number = recall.keep(home, body, act.at)
        for node, versions in _versions(_given(hidden), hidden).items():
            if node != act.recipient:
                recall.tell(home, number, node, replace(body, versions=versions), now)
        erase.hide(hidden)
        numbers = [number]
    if all(told.node != act.recipient for told in store.confirmations(numbers[0])):
        store.expect(numbers[0], act.recipient, bytes.fromhex(act.id), microseconds(act.at))


def _withdraws(home: Home, body: Retraction, row: Kept) -> bool:
    """Whether a retraction of ours speaks of this row: of what we say, or of what we passed on and got back."""
    said = Assertion(home.node, row.stix_id, _modified(row), row.sha256.hex())
    back = row.state == ObjectState.QUARANTINED and body.versions is not None
    return ((row.asserter == home.node and not body.is_of_one) or back) and body.withdraws(home.node, said)


def _modified(row: Kept) -> str | None:
    modified = row.object.get("modified")
    return modified if isinstance(modified, str) else None


def tell_untold(home: Home, node: str, now: datetime) -> int:
    """Tell a node of retractions of ours about what it has from us that it was never told of, in the caller's transaction.

    It happens only after a restoration: the object came back with its act, or the act that told of it is lost. How many.
    """
    untold = [*sent.hidden_at(node)]
    for stix_id, sha256 in untold:
        for kept in store.about(stix_id):
            if kept.by == home.node and all(told.node != node for told in store.confirmations(kept.number)):
                body = read_retraction(orjson.loads(kept.body))
                assert isinstance(body, Retraction)  # noqa: S101  # only retractions are kept
                recall.tell(home, kept.number, node, replace(body, versions=(sha256.hex(),)), now)
                break
    return len(untold)


def _own(home: Home, stix_id: str) -> tuple[Kept, ...]:
    said_here = objects.assertions_of(stix_id, index_key(home))
    return tuple(row for row in said_here if row.asserter == home.node)


def _said(home: Home, stix_id: str) -> list[Kept]:
    """What this node still says of an object."""
    return [row for row in _own(home, stix_id) if row.state < ObjectState.HIDDEN]


def _check_deadline(deadline: datetime | None, now: datetime) -> None:
    if deadline is not None and deadline <= now:
        raise CallerFault(
            "retract.deadline", "The deadline is over already.", "", "Give a time to come, or leave it out."
        )


def _given(seqs: Iterable[int]) -> dict[int, list[Sent]]:
    """The acts by which nodes have these from us, by row; what still waits is dropped on the way."""
    reason = Reason("object.withdrawn").text()
    given: dict[int, list[Sent]] = {}
    for act in sent.of_rows(seqs):
        if act.state == _UNSENT:
            stream.drop_unsent(act.peer, reason, [act.act_id])
        elif act.state not in _NOT_GIVEN:
            given.setdefault(act.object_seq, []).append(act)
    return given


def _versions(given: Mapping[int, Sequence[Sent]], seqs: Iterable[int]) -> dict[str, tuple[str, ...]]:
    """The nodes that have these rows from us, with the versions that each got."""
    versions: dict[str, set[str]] = {}
    for act in (act for seq in seqs for act in given.get(seq, ())):
        versions.setdefault(act.peer, set()).add(act.sha256.hex())
    return {node: tuple(sorted(its)) for node, its in sorted(versions.items())}


def _to_sign_for(home: Home, stix_id: str, kids: Sequence[str]) -> list[int]:
    """The retractions of ours that officers may still stand behind."""
    ours = [kept for kept in store.about(stix_id) if kept.by == home.node]
    if not ours:
        raise Refusal(
            "retract.not-asserted",
            f"This node asserts nothing of {stix_id[:100]}.",
            "A node takes back only what it said itself (protocol.md 5).",
            "Ask whoever says it: hilf show " + stix_id[:100],
        )
    if not kids:
        raise Refusal(
            "retract.already",
            f"{stix_id[:100]} was retracted on {moment(ours[-1].at).date().isoformat()}.",
            "",
            f"See who confirmed: hilf retract status {stix_id[:100]}",
        )
    return [kept.number for kept in ours]


def _sign_for(home: Home, numbers: Iterable[int], officer: PrivateKey, now: datetime) -> None:
    """Keep an officer's record for the act to each node; with the last one needed, an authorisation goes there too."""
    needed = identity.own(home).newest.officers_per_act
    for number in numbers:
        for told in store.confirmations(number):
            act_id = told.act_id.hex()
            subject = acts_subject([act_id])
            held = _records(subject)
            _check_new(held, officer.kid)
            signed = make_record(ROLE, home.node, "officer", subject, now, now + RECORD, officer)
            record.put(ROLE, subject, officer.kid, dumps(signed).decode())
            if len(held) + 1 == needed:
                body = Authorisation((act_id,), (*held, signed))
                announce(home, told.node, "retraction", body.json(), now)


def _records(subject: str) -> list[Json]:
    return [orjson.loads(text) for text in record.about(ROLE, subject)]


def _check_new(held: Sequence[Json], kid: str) -> None:
    if any(isinstance(each, dict) and each["kid"] == kid for each in held):
        raise Refusal(
            "retract.same-officer",
            "This officer stands behind it already.",
            "It takes different officers.",
            "Let another officer repeat it with --as.",
        )
    user.check_other_person(kid, (str(each["kid"]) for each in held if isinstance(each, dict)))
