"""Retractions of partners: hidden at once, passed on, erased in time, and confirmed (protocol.md 5).

Decides what this node does when a partner takes its assertion back, and what it tells that partner of the nodes behind.
Whose assertion may be withdrawn, and when it is erased, are rules of `federation/retraction`; our own retractions, and
those that we pass on, are made in `node/withdrawal`.

    partner ─ retraction ─▶ hidden here ─ passed on ─▶ nodes behind ─ confirmations ─▶ here ─ confirmation ─▶ partner
                              └─ after the grace, or at once when its officers signed "source at risk": erased
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import orjson

from hilf.accord.placing import ObjectState
from hilf.accord.signature import officers_needed
from hilf.canonical import dumps
from hilf.errors import PartnerFault
from hilf.federation.act import Act, read_act
from hilf.federation.authorisation import Authorisation
from hilf.federation.confirmation import Confirmation, ConfirmationState, gather, read_confirmation
from hilf.federation.outcome import Outcome, Reason, Result
from hilf.federation.peer import may_exchange_acts
from hilf.federation.retraction import (
    MOST_PER_HOUR,
    Assertion,
    Judgement,
    Retraction,
    RetractionReason,
    erase_at,
    judge,
    read_retraction,
)
from hilf.node import identity, peer, withdrawal
from hilf.node.federation import announce
from hilf.node.home import Home, index_key
from hilf.node.owed import is_owed
from hilf.node.profile import cited_accord
from hilf.seal import role
from hilf.seal.record import verify_records
from hilf.store.database import transaction
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
    return _apply(home, act, body, now, counted=True)


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
        _answer(home, cause, now)
    return Outcome.APPLIED, None


def erase_due(home: Home, now: datetime) -> int:
    """Erase what was hidden long enough, and tell whoever took it back; how many bodies. Own transactions."""
    erased = 0
    for kept in store.due(microseconds(now)):
        with transaction():
            erased += _erase(home, kept, now) or 0
    return erased


def held_back(home: Home, stix_ids: Iterable[str], now: datetime) -> None:
    """A legal hold was set: nothing of these objects is erased, and who took them back is told, in the caller's transaction."""
    for kept in _unerased(stix_ids):
        store.put_due(kept.number, None)
        _answer(home, kept, now)


def freed(home: Home, stix_ids: Iterable[str], now: datetime) -> None:
    """A legal hold was lifted: what had to go goes when it should have, in the caller's transaction; what another keeps, stays."""
    for kept in _unerased(stix_ids):
        if _is_held(kept.stix_id):
            continue
        due = moment(kept.at) if kept.owed else _due(home, kept)
        store.put_due(kept.number, microseconds(max(now, due)))
        if due > now or _erase(home, kept, now) is None:
            _answer(home, kept, now)


def _apply(home: Home, act: Act, body: Retraction, now: datetime, *, counted: bool) -> Result_:
    rows = objects.assertions_of(body.object, index_key(home))
    assertions = {assertion_of(row): row for row in rows}
    owed = is_owed(home, act.sender, (r for a, r in assertions.items() if body.withdraws(act.sender, a)), now)
    judgement = _judged(home, act, body, tuple(assertions), now, counted=counted and not owed)
    if judgement.outcome is Outcome.HELD:
        return judgement.outcome, judgement.reason
    if imports.forget([body.object], act.sender):
        store.clean_after_commit()  # forms of it were refused when they came, and findings kept their bytes
    if judgement.outcome is not Outcome.APPLIED:
        return judgement.outcome, judgement.reason
    withdrawn = [assertions[each] for each in judgement.withdrawn]
    due = _when_erased(judgement, body, withdrawn, now, owed=owed)
    standing = [row for row in withdrawn if row.state < ObjectState.HIDDEN]
    erase.bury(row.seq for row in withdrawn)
    number = _keep(act, body, judgement, due, now, owed=owed)
    to_pass_on = standing or _untold(home, body.object, withdrawn)
    if to_pass_on:
        withdrawal.withdraw(home, to_pass_on, body, number, now)
    elif owed:
        store.adopt(number, home.node, body.object)
    kept = store.get(number)
    if kept is not None and (due is None or due > now or _erase(home, kept, now) is None):
        _answer(home, kept, now)
    return Outcome.APPLIED, None


def _judged(
    home: Home, act: Act, body: Retraction, assertions: tuple[Assertion, ...], now: datetime, *, counted: bool
) -> Judgement:
    """What the rules say of it; `counted` is whether it counts against what a partner may take back in an hour."""
    since = microseconds(now - _HOUR)
    return judge(
        body,
        act.sender,
        assertions,
        now,
        in_last_hour=store.count_since(act.sender, since, MOST_PER_HOUR) if counted else 0,
        authorised=bool(record.about(withdrawal.ROLE, _signed_for(act.sender, act.id))),
        legal_hold=_is_held(body.object),
        grace=timedelta(days=home.grace_days),
    )


def _when_erased(
    judgement: Judgement, body: Retraction, withdrawn: list[Kept], now: datetime, *, owed: bool
) -> datetime | None:
    """When the bodies go: at once where they are gone already, or where we owed it; None while a hold stands."""
    due = judgement.erase_at
    gone = all(row.state >= ObjectState.ERASED for row in withdrawn)
    if gone or (owed and due is not None and body.reason is RetractionReason.EXPIRED):
        return now
    return due


def _keep(
    act: Act, body: Retraction, judgement: Judgement, due: datetime | None, now: datetime, *, owed: bool
) -> int:
    """Keep what was taken back, and when it is erased; its number here."""
    # A hidden body tells its `modified` to nobody, so what is kept names the versions by content id.
    versions = tuple(sorted({each.sha256 for each in judgement.withdrawn}))
    hid = Retraction(body.object, versions, body.reason, body.deadline)
    return store.put(
        act_id=bytes.fromhex(act.id),
        by=act.sender,
        stix_id=body.object,
        body=dumps(hid.json()).decode(),
        reason=body.reason.value,
        at=microseconds(now),
        deadline=microseconds(body.deadline),
        erase_after=None if due is None else microseconds(due),
        owed=owed,
    )


def _untold(home: Home, stix_id: str, hidden: list[Kept]) -> list[Kept]:
    """What was passed on and hidden without a word to the nodes behind: tombstones hid it after a restoration."""
    if any(kept.by == home.node for kept in store.about(stix_id)):
        return []
    passed_on = {act.object_seq for act in sent.of_rows(row.seq for row in hidden)}
    return [row for row in hidden if row.seq in passed_on]


def _authorise(home: Home, sender: str, body: Authorisation, now: datetime) -> Result_:
    """Officers of the sender stand behind these retractions: erase at once what is at risk, apply what was held."""
    known = identity.kept(sender)
    if known is None:
        return Outcome.REFUSED, Reason("retraction.unknown-officers")
    came = (store.by_act(sender, bytes.fromhex(act_id)) for act_id in body.acts)
    since = min((moment(kept.at) for kept in came if kept is not None), default=now)
    needed = officers_needed(known.chain, since)
    for signer in verify_records(withdrawal.ROLE, body.subject, body.records, known.newest, now, needed):
        role.check(known.newest, signer, withdrawal.ROLE)
    held = store.held_among(sender, (bytes.fromhex(act_id) for act_id in body.acts))
    for act_id in body.acts:
        for each in body.records:
            kid = each["kid"] if isinstance(each, dict) else ""
            record.put(withdrawal.ROLE, _signed_for(sender, act_id), str(kid), dumps(each).decode())
        kept = store.by_act(sender, bytes.fromhex(act_id))
        if kept is None or kept.erased is not None:
            continue
        if _erases_at_once(RetractionReason(kept.reason), now, authorised=True):
            store.put_due(kept.number, microseconds(now))
            _erase(home, kept, now)
    for canonical in held.values():
        apply_held(home, read_act(orjson.loads(canonical), sender, home.node), now)
    return Outcome.APPLIED, None


def apply_held(home: Home, act: Act, now: datetime) -> None:
    """Apply a retraction that was held, however many there are, and tell its sender, in the caller's transaction."""
    body = read_retraction(act.body)
    assert isinstance(body, Retraction)  # noqa: S101  # only retractions are held
    settle(home, act, *_apply(home, act, body, now, counted=False), now)


def settle(home: Home, act: Act, outcome: Outcome, reason: Reason | None, now: datetime) -> None:
    """Note what became of a retraction that was held, and tell its sender, in the caller's transaction."""
    inbox.settle(bytes.fromhex(act.id), outcome.value, reason.text() if reason else None)
    announce(home, act.sender, "outcome", Result(act.id, outcome, reason).later_body(), now)


def _erase(home: Home, kept: KeptRetraction, now: datetime) -> int | None:
    """Erase the bodies that a retraction hid, and say so, in the caller's transaction; None if that must wait.

    What was sent to another peer and not receipted must be sent again byte for byte, and our retraction follows it in
    the same stream. So it stays, hidden, until the receipt is there or the peer is no peer any more.
    """
    hidden = [row.seq for row in _withdrawn_rows(home, kept) if row.state == ObjectState.HIDDEN]
    if hidden and _is_held(kept.stix_id):
        store.put_due(kept.number, None)
        return None
    if any(
        act.state == "sent" and may_exchange_acts(peer.state_of(act.peer)) for act in sent.of_rows(hidden)
    ):
        return None
    erased = erase.erase(hidden, index_key(home))
    store.put_erased(kept.number, microseconds(now))
    store.clean_after_commit()
    _answer(home, replace(kept, erased=microseconds(now)), now)
    return erased


def _answer(home: Home, kept: KeptRetraction, now: datetime) -> None:
    """Tell whoever retracted how far we and the nodes behind us are."""
    if kept.act_id is None:
        return
    hops = {
        told.node: withdrawal.said(told)
        for ours in store.passing_on(kept.number)
        for told in store.confirmations(ours.number)
    }
    state = ConfirmationState.ERASED
    if kept.erased is None:
        state = ConfirmationState.HELD if _is_held(kept.stix_id) else ConfirmationState.HIDDEN
    further = gather(hops, by_name=_by_name(home, kept))
    said = Confirmation(kept.act_id.hex(), state, now, further)
    announce(home, kept.by, "confirmation", said.json(), now)


def _by_name(home: Home, kept: KeptRetraction) -> bool:
    """Whether the accords under which it came say that nodes behind us are named."""
    cited = {row.accord for row in _withdrawn_rows(home, kept) if row.accord is not None}
    accords = [cited_accord(each) for each in cited]
    return bool(accords) and all(each is not None and each.confirmations == "named" for each in accords)


def _withdrawn_rows(home: Home, kept: KeptRetraction) -> Iterable[Kept]:
    """The assertions that a received retraction hid; their bodies are not given."""
    body = read_retraction(orjson.loads(kept.body))
    rows = objects.assertions_of(kept.stix_id, index_key(home))
    hidden = (row for row in rows if row.state >= ObjectState.HIDDEN)
    return [
        row for row in hidden if isinstance(body, Retraction) and body.withdraws(kept.by, assertion_of(row))
    ]


def _unerased(stix_ids: Iterable[str]) -> list[KeptRetraction]:
    """The retractions of partners about these objects whose bodies are not erased."""
    about = (kept for stix_id in sorted(set(stix_ids)) for kept in store.about(stix_id))
    return [kept for kept in about if kept.act_id is not None and kept.erased is None]


def _is_held(stix_id: str) -> bool:
    """Whether a legal hold covers the object."""
    return bool(hold.held([stix_id]))


def _due(home: Home, kept: KeptRetraction) -> datetime:
    """When the bodies that a retraction hid are erased, if no hold stands."""
    authorised = bool(record.about(withdrawal.ROLE, _signed_for(kept.by, (kept.act_id or b"").hex())))
    grace = timedelta(days=home.grace_days)
    reason, at = RetractionReason(kept.reason), moment(kept.at)
    return erase_at(reason, at, authorised=authorised, legal_hold=False, grace=grace) or at


def _erases_at_once(reason: RetractionReason, now: datetime, *, authorised: bool) -> bool:
    return erase_at(reason, now, authorised=authorised, legal_hold=False) == now


def assertion_of(row: Kept) -> Assertion:
    """What a row says, as far as a retraction may name it."""
    modified = row.object.get("modified")
    return Assertion(
        row.asserter, row.stix_id, modified if isinstance(modified, str) else None, row.sha256.hex()
    )


def _signed_for(sender: str, act_id: str) -> str:
    """Under what the records of a partner's officers for one act of that partner are kept."""
    return f"{sender} {act_id}"
