"""Erasure: what a partner's retraction hid goes in time, and whoever took it back is told how far it is (protocol.md 5).

Decides what has to wait: what a legal hold covers, and what another partner must get again byte for byte. When it is due
is a rule of `federation/retraction`; what hides it and passes it on is `node/retract`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import orjson

from hilf.accord.placing import ObjectState
from hilf.federation.confirmation import Confirmation, ConfirmationState, gather
from hilf.federation.peer import may_exchange_acts
from hilf.federation.retraction import Assertion, Retraction, RetractionReason, erase_at, read_retraction
from hilf.node import confirmed, peer, withdrawal
from hilf.node.federation import let_all_wait, prepare
from hilf.node.home import Home, index_key
from hilf.node.profile import cited_accord
from hilf.store.database import transaction
from hilf.store.federation import record
from hilf.store.federation import retraction as store
from hilf.store.federation.retraction import KeptRetraction
from hilf.store.instant import microseconds, moment
from hilf.store.intelligence import erase, hold
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Kept
from hilf.store.release import sent

AT_ONCE: Final = 1_000
"""Retractions whose bodies are erased in one transaction."""


def erase_due(home: Home, now: datetime) -> int:
    """Erase what was hidden long enough, and tell whoever took it back; how many bodies. Own transactions."""
    erased = after = 0
    while due := store.due(microseconds(now), after, AT_ONCE):
        with transaction():
            erased += sum(erase_hidden(home, due, now).values())
        after = due[-1].number
    return erased


def held_back(home: Home, stix_ids: Iterable[str], now: datetime) -> None:
    """A legal hold was set: nothing of these objects is erased, and who took them back is told, in the caller's transaction."""
    covered = _unerased(stix_ids)
    for kept in covered:
        store.put_due(kept.number, None)
    answer(home, covered, now)


def freed(home: Home, stix_ids: Iterable[str], now: datetime) -> None:
    """A legal hold was lifted: what had to go goes when it should have, in the caller's transaction; what another keeps, stays."""
    unerased = _unerased(stix_ids)
    still = hold.held(kept.stix_id for kept in unerased)
    free = {kept: _due(home, kept) for kept in unerased if kept.stix_id not in still}
    for kept, due in free.items():
        store.put_due(kept.number, microseconds(max(now, due)))
    gone = erase_hidden(home, [kept for kept, due in free.items() if due <= now], now)
    answer(home, [kept for kept in free if kept.number not in gone], now)


def erase_hidden(home: Home, each: Sequence[KeptRetraction], now: datetime) -> dict[int, int]:
    """Erase the bodies that retractions hid, and say so, in the caller's transaction; what must wait is missing.

    What was sent to another peer and not receipted must be sent again byte for byte, and our retraction follows it in
    the same stream. So it stays, hidden, until the receipt is there or the peer is no peer any more.

    Returns: how many bodies, by the number of the retraction.
    """
    hidden = {
        number: [row.seq for row in its if row.state == ObjectState.HIDDEN]
        for number, its in _withdrawn_rows(home, each).items()
    }
    covered = hold.held(kept.stix_id for kept in each if hidden[kept.number])
    held = [kept.number for kept in each if hidden[kept.number] and kept.stix_id in covered]
    for number in held:
        store.put_due(number, None)
    waiting = _unreceipted(seq for seqs in hidden.values() for seq in seqs)
    going = [kept for kept in each if kept.number not in held and waiting.isdisjoint(hidden[kept.number])]
    if not going:
        return {}
    erased: dict[int, int] = {}
    taken: set[int] = set()
    for kept in going:
        its = {*hidden[kept.number]} - taken
        erased[kept.number] = len(its)
        taken |= its
    erase.erase(taken, index_key(home))
    store.put_erased(erased, microseconds(now))
    store.clean_after_commit()
    answer(home, [replace(kept, erased=microseconds(now)) for kept in going], now)
    return erased


def answer(home: Home, each: Sequence[KeptRetraction], now: datetime) -> None:
    """Tell whoever retracted how far we and the nodes behind us are, in the caller's transaction."""
    behind = store.confirmations_behind(kept.number for kept in each)
    covered = hold.held(kept.stix_id for kept in each if kept.erased is None)
    passed_on = _withdrawn_rows(home, [kept for kept in each if kept.number in behind])
    acts = []
    for kept in each:
        if kept.act_id is None:
            continue
        state = ConfirmationState.ERASED
        if kept.erased is None:
            state = ConfirmationState.HELD if kept.stix_id in covered else ConfirmationState.HIDDEN
        hops = {told.node: confirmed.said(told) for told in behind.get(kept.number, ())}
        further = gather(hops, by_name=_by_name(passed_on.get(kept.number, ())))
        said = Confirmation(kept.act_id.hex(), state, now, further)
        acts.append(prepare(home, kept.by, "confirmation", said.json(), now))
    let_all_wait(acts)


def _unreceipted(seqs: Iterable[int]) -> set[int]:
    """Those of these rows that were sent to a partner which has not said that it has them, and still may."""
    acts = [act for act in sent.of_rows(seqs) if act.state == "sent"]
    partners = {node for node in {act.peer for act in acts} if may_exchange_acts(peer.state_of(node))}
    return {act.object_seq for act in acts if act.peer in partners}


def _by_name(rows: Iterable[Kept]) -> bool:
    """Whether the accords under which these came say that nodes behind us are named."""
    accords = [cited_accord(each) for each in {row.accord for row in rows if row.accord is not None}]
    return bool(accords) and all(each is not None and each.confirmations == "named" for each in accords)


def _withdrawn_rows(home: Home, each: Sequence[KeptRetraction]) -> Mapping[int, list[Kept]]:
    """The assertions that received retractions hid, by the retraction's number; their bodies are not given."""
    known = objects.assertions_of_each((kept.stix_id for kept in each), index_key(home)) if each else {}
    found: dict[int, list[Kept]] = {}
    for kept in each:
        body = read_retraction(orjson.loads(kept.body))
        found[kept.number] = [
            row
            for row in known.get(kept.stix_id, ())
            if row.state >= ObjectState.HIDDEN
            and isinstance(body, Retraction)
            and body.withdraws(kept.by, assertion_of(row))
        ]
    return found


def _unerased(stix_ids: Iterable[str]) -> list[KeptRetraction]:
    """The retractions of partners about these objects whose bodies are not erased."""
    about = (kept for stix_id in sorted(set(stix_ids)) for kept in store.about(stix_id))
    return [kept for kept in about if kept.act_id is not None and kept.erased is None]


def _due(home: Home, kept: KeptRetraction) -> datetime:
    """When the bodies that a retraction hid are erased, if no hold stands."""
    if kept.owed:
        return moment(kept.at)
    authorised = bool(record.about(withdrawal.ROLE, signed_for(kept.by, (kept.act_id or b"").hex())))
    grace = timedelta(days=home.grace_days)
    reason, at = RetractionReason(kept.reason), moment(kept.at)
    return erase_at(reason, at, authorised=authorised, legal_hold=False, grace=grace) or at


def assertion_of(row: Kept) -> Assertion:
    """What a row says, as far as a retraction may name it."""
    modified = row.object.get("modified")
    return Assertion(
        row.asserter, row.stix_id, modified if isinstance(modified, str) else None, row.sha256.hex()
    )


def signed_for(sender: str, act_id: str) -> str:
    """Under what the records of a partner's officers for one act of that partner are kept."""
    return f"{sender} {act_id}"
