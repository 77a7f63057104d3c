"""Retractions of partners: hidden at once, passed on, erased in time, and confirmed (protocol.md 5).

Decides what this node does when a partner takes its assertion back. Whose assertion may be withdrawn is a rule of
`federation/retraction`; our own retractions, and those that we pass on, are made in `node/withdrawal`; erasing, and what
the partner is told of it and of the nodes behind, is `node/erasure`. Everything here takes many at once: a partner may
take back a hundred thousand objects, and they cost no more statements than a few.

    partner ─ retraction ─▶ hidden here ─ passed on ─▶ nodes behind ─ confirmations ─▶ here ─ confirmation ─▶ partner
                              └─ after the grace, or at once when its officers signed "source at risk": erased
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import orjson

from hilf.accord.placing import ObjectState
from hilf.accord.signature import officers_needed
from hilf.canonical import dumps
from hilf.errors import PartnerFault
from hilf.federation.act import Act, read_act
from hilf.federation.authorisation import Authorisation
from hilf.federation.confirmation import read_confirmation
from hilf.federation.outcome import Outcome, Reason, Result
from hilf.federation.retraction import (
    MOST_PER_HOUR,
    Judgement,
    Retraction,
    RetractionReason,
    erase_at,
    judge,
    read_retraction,
)
from hilf.node import erasure, identity, withdrawal
from hilf.node.erasure import signed_for
from hilf.node.federation import let_all_wait, prepare
from hilf.node.home import Home, index_key
from hilf.node.owed import Owed
from hilf.node.withdrawal import Withdrawing
from hilf.seal import role
from hilf.seal.record import verify_records
from hilf.store.federation import inbox, record
from hilf.store.federation import retraction as store
from hilf.store.federation.retraction import KeptRetraction
from hilf.store.instant import microseconds, moment
from hilf.store.intelligence import erase, hold, imports
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Kept
from hilf.store.release import sent

UNKNOWN: Final = Reason("confirmation.unknown")
_HOUR: Final = timedelta(hours=1)

Result_ = tuple[Outcome, Reason | None]


def receive(home: Home, act: Act, now: datetime) -> Result_:
    """Take a partner's retraction, or its officers' word for one, in the caller's transaction.

    Returns: applied; refused, where the partner asserts no such thing; held, where there are too many in an hour.
    """
    try:
        body = read_retraction(act.body)
        if isinstance(body, Authorisation):
            return _authorise(home, act.sender, body, now)
    except PartnerFault as fault:
        return Outcome.REFUSED, Reason(fault.code[:100])
    return _apply(home, [(act, body)], now, counted=True)[0]


def confirmed(home: Home, act: Act, now: datetime) -> Result_:
    """Take what a node says that a retraction of ours went to, and tell the node before us, in the caller's transaction."""
    try:
        said = read_confirmation(act.body)
    except PartnerFault as fault:
        return Outcome.REFUSED, Reason(fault.code[:100])
    told = store.expected(act.sender, bytes.fromhex(said.retraction))
    if told is None:
        return Outcome.REFUSED, UNKNOWN
    further = orjson.dumps(said.further.json()).decode()
    store.confirm(told.retraction, act.sender, said.state.value, microseconds(said.at), further)
    ours = store.get(told.retraction)
    cause = store.get(ours.cause) if ours is not None and ours.cause is not None else None
    if cause is not None:
        erasure.answer(home, [cause], now)
    return Outcome.APPLIED, None


def apply_held(home: Home, acts: Sequence[Act], now: datetime) -> None:
    """Apply retractions of one partner that were held, however many, and tell it, in the caller's transaction."""
    for some in _each_object_once(acts):
        results = _apply(home, some, now, counted=False)
        settle(home, [(act, *result) for (act, _), result in zip(some, results, strict=True)], now)


def settle(home: Home, results: Sequence[tuple[Act, Outcome, Reason | None]], now: datetime) -> None:
    """Note what became of retractions that were held, and tell their senders, in the caller's transaction."""
    inbox.settle_each(
        (bytes.fromhex(act.id), outcome.value, reason.text() if reason else None)
        for act, outcome, reason in results
    )
    let_all_wait(
        prepare(home, act.sender, "outcome", Result(act.id, outcome, reason).later_body(), now)
        for act, outcome, reason in results
    )


_Taken = tuple[Act, Retraction]


@dataclass(frozen=True, slots=True)
class _Judged:
    """A retraction, what it takes back here, and what is done about it; `due`: when the bodies go, None while a hold stands."""

    act: Act
    body: Retraction
    owed: bool
    judgement: Judgement
    rows: tuple[Kept, ...]
    due: datetime | None


def _each_object_once(acts: Iterable[Act]) -> Iterator[list[_Taken]]:
    """The same acts in the same order, in runs that name no object twice: what the first did, the second must find."""
    run: dict[str, _Taken] = {}
    for act in acts:
        body = read_retraction(act.body)
        assert isinstance(body, Retraction)  # noqa: S101  # only retractions are held
        if body.object in run:
            yield [*run.values()]
            run = {}
        run[body.object] = (act, body)
    if run:
        yield [*run.values()]


def _apply(home: Home, taken: Sequence[_Taken], now: datetime, *, counted: bool) -> list[Result_]:
    """Apply retractions of one partner that name each object once; `counted` is whether they count against its hour."""
    judged = _judge(home, taken, now, counted=counted)
    sender = taken[0][0].sender
    heard = [each.body.object for each in judged if each.judgement.outcome is not Outcome.HELD]
    if imports.forget(heard, sender):
        store.clean_after_commit()  # forms of it were refused when they came, and findings kept their bytes
    applied = [each for each in judged if each.judgement.outcome is Outcome.APPLIED]
    erase.bury(row.seq for each in applied for row in each.rows)
    numbers = [_keep(each, now) for each in applied]
    _pass_on(home, dict(zip(numbers, applied, strict=True)), now)
    kept = store.get_each(numbers)
    over = [each for each in kept if each.erase_after is not None and each.erase_after <= microseconds(now)]
    gone = erasure.erase_hidden(home, over, now) if over else {}
    erasure.answer(home, [each for each in kept if each.number not in gone], now)
    return [(each.judgement.outcome, each.judgement.reason) for each in judged]


def _judge(home: Home, taken: Sequence[_Taken], now: datetime, *, counted: bool) -> list[_Judged]:
    """What the rules say of each."""
    sender = taken[0][0].sender
    ids = [body.object for _, body in taken]
    known, holds = objects.assertions_of_each(ids, index_key(home)), hold.held(ids)
    signed = record.subjects_among(withdrawal.ROLE, (signed_for(sender, act.id) for act, _ in taken))
    owed, since = Owed(home, sender, now), microseconds(now - _HOUR)
    judged: list[_Judged] = []
    for act, body in taken:
        # What counts comes last, so that it is meant where the same version had gone before.
        assertions = {erasure.assertion_of(row): row for row in reversed(known.get(body.object, ()))}
        is_owed = owed.all(row for said, row in assertions.items() if body.withdraws(sender, said))
        judgement = judge(
            body,
            sender,
            tuple(assertions),
            now,
            in_last_hour=store.count_since(sender, since, MOST_PER_HOUR) if counted and not is_owed else 0,
            authorised=signed_for(sender, act.id) in signed,
            legal_hold=body.object in holds,
            grace=timedelta(days=home.grace_days),
        )
        rows = tuple(assertions[each] for each in judgement.withdrawn)
        judged.append(
            _Judged(act, body, is_owed, judgement, rows, _due(judgement, body, rows, now, owed=is_owed))
        )
    return judged


def _due(
    judgement: Judgement, body: Retraction, withdrawn: Sequence[Kept], now: datetime, *, owed: bool
) -> datetime | None:
    """When the bodies go: at once where they are gone already, or where we owed it; None while a hold stands."""
    due = judgement.erase_at
    gone = all(row.state >= ObjectState.ERASED for row in withdrawn)
    if gone or (owed and due is not None and body.reason is RetractionReason.EXPIRED):
        return now
    return due


def _keep(judged: _Judged, now: datetime) -> int:
    """Keep what was taken back, and when it is erased; its number here."""
    # A hidden body tells its `modified` to nobody, so what is kept names the versions by content id.
    act, body = judged.act, judged.body
    hid = replace(body, versions=tuple(sorted({row.sha256.hex() for row in judged.rows})))
    return store.put(
        act_id=bytes.fromhex(act.id),
        by=act.sender,
        stix_id=body.object,
        body=dumps(hid.json()).decode(),
        reason=body.reason.value,
        at=microseconds(now),
        deadline=microseconds(body.deadline),
        erase_after=None if judged.due is None else microseconds(judged.due),
        owed=judged.owed,
    )


def _pass_on(home: Home, applied: Mapping[int, _Judged], now: datetime) -> None:
    """Hide what was taken back, and tell the nodes that have it from us."""
    standing = {
        number: tuple(row.seq for row in each.rows if row.state < ObjectState.HIDDEN)
        for number, each in applied.items()
    }
    hidden = {number: each for number, each in applied.items() if not standing[number]}
    untold = _untold(home, hidden) if hidden else {}
    withdrawing = []
    for number, each in applied.items():
        seqs = standing[number] or untold.get(number, ())
        if seqs:
            withdrawing.append(Withdrawing(seqs, each.body, number))
        elif each.owed:
            store.adopt(number, home.node, each.body.object)
    if withdrawing:
        withdrawal.withdraw_each(home, withdrawing, now)


def _untold(home: Home, hidden: Mapping[int, _Judged]) -> dict[int, tuple[int, ...]]:
    """What was passed on and hidden without a word to the nodes behind: tombstones hid it after a restoration."""
    told = store.taken_back_by(home.node, (each.body.object for each in hidden.values()))
    passed_on = {act.object_seq for act in sent.of_rows(row.seq for e in hidden.values() for row in e.rows)}
    return {
        number: tuple(row.seq for row in each.rows if row.seq in passed_on)
        for number, each in hidden.items()
        if each.body.object not in told
    }


def _authorise(home: Home, sender: str, body: Authorisation, now: datetime) -> Result_:
    """Officers of the sender stand behind these retractions: erase at once what is at risk, apply what was held."""
    known = identity.kept(sender)
    if known is None:
        return Outcome.REFUSED, Reason("retraction.unknown-officers")
    found = (store.by_act(sender, bytes.fromhex(act_id)) for act_id in body.acts)
    came = [kept for kept in found if kept is not None]
    needed = officers_needed(known.chain, min((moment(kept.at) for kept in came), default=now))
    for signer in verify_records(withdrawal.ROLE, body.subject, body.records, known.newest, now, needed):
        role.check(known.newest, signer, withdrawal.ROLE)
    for act_id in body.acts:
        for each in body.records:
            kid = each["kid"] if isinstance(each, dict) else ""
            record.put(withdrawal.ROLE, signed_for(sender, act_id), str(kid), dumps(each).decode())
    at_risk = [kept for kept in came if kept.erased is None and _erases_at_once(kept, now)]
    for kept in at_risk:
        store.put_due(kept.number, microseconds(now))
    erasure.erase_hidden(home, at_risk, now)
    held = store.held_among(sender, (bytes.fromhex(act_id) for act_id in body.acts))
    apply_held(home, [read_act(orjson.loads(each), sender, home.node) for each in held.values()], now)
    return Outcome.APPLIED, None


def _erases_at_once(kept: KeptRetraction, now: datetime) -> bool:
    return erase_at(RetractionReason(kept.reason), now, authorised=True, legal_hold=False) == now
