"""Lapsed: what went here only because its time was over, so that its asserter may say it again (docs/adr/0021).

Decides from when on an act of its asserter brings such a version back: later than every retraction of it, each with the
reason "expired", and later than the instant until which we could keep it. Nothing does where a retraction gives another
reason or is not known any more, where a person dropped it from quarantine, or while a legal hold covers the object. What is
hidden and not erased yet is erased first, as the retraction demands; where that must wait, it stays gone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import orjson

from hilf.accord.placing import ObjectState
from hilf.federation.peer import may_exchange_acts
from hilf.federation.retraction import RetractionReason, lapsed_at
from hilf.node import peer
from hilf.node.home import Home, index_key
from hilf.store.federation import lapse, retraction
from hilf.store.federation.lapse import TakenBack
from hilf.store.instant import microseconds
from hilf.store.intelligence import erase, hold, tombstone
from hilf.store.intelligence.assertion import Assertion
from hilf.store.intelligence.index import id_key
from hilf.store.intelligence.write import Known, Version
from hilf.store.release import sent

_GONE = (ObjectState.HIDDEN, ObjectState.ERASED)


class _Gone(NamedTuple):
    """A version that went, with what says why."""

    stix_id: str
    version: Version
    taken_back: tuple[TakenBack, ...]


def note(
    home: Home,
    said: Sequence[Assertion],
    known: Known,
    retracted: Mapping[str, datetime],
    now: datetime,
) -> None:
    """Note in what is known of objects which versions lapsed, before acts of one partner are placed beside it.

    In the caller's transaction, since what is hidden and comes again is erased first.

    Args:
        home: this node.
        said: what comes, all from one asserter.
        known: every version that is held of these objects; `lapsed` is noted there.
        retracted: when retraction acts were made that are of the same batch and not remembered yet, by id.
        now: aware.
    """
    gone = [
        (stix_id, version)
        for stix_id in dict.fromkeys(each.stix_id for each in said if each.said_at is not None)
        for version in known.get(stix_id, ())
        if version.asserter == said[0].asserter and version.state in _GONE
    ]
    if not gone:
        return
    lapsed = _lapsed(home, gone, retracted)
    comes_again = {(each.stix_id, each.sha256): each.said_at for each in said if each.said_at is not None}
    standing = [
        each
        for each in lapsed
        if each.version.state == ObjectState.HIDDEN
        and (each.version.lapsed or 0) < comes_again.get((each.stix_id, each.version.sha256), 0)
    ]
    if standing:
        _erase(home, standing, now)


def _lapsed(
    home: Home, gone: Sequence[tuple[str, Version]], retracted: Mapping[str, datetime]
) -> list[_Gone]:
    """Those of these versions that lapsed, from when on noted in them."""
    ids, key = {stix_id for stix_id, _ in gone}, index_key(home)
    about = _about(gone[0][1].asserter, ids)
    held = hold.held(ids)
    keys = {stix_id: id_key(stix_id, key) for stix_id in ids}
    dropped = tombstone.dropped(keys.values())
    over = lapse.over(version.seq for _, version in gone)
    found: list[_Gone] = []
    for stix_id, version in gone:
        if stix_id in held or (keys[stix_id], version.sha256, version.asserter) in dropped:
            continue
        naming = [each for each in about[stix_id] if _names(each, version.sha256)]
        reasons = [(RetractionReason(each.reason), _said_at(each, retracted)) for each in naming]
        if version.seq in over:  # our own clock says what such a retraction would
            reasons.append((RetractionReason.EXPIRED, over[version.seq]))
        version.lapsed = lapsed_at(reasons)
        if version.lapsed is not None:
            found.append(_Gone(stix_id, version, tuple(naming)))
    return found


def _about(asserter: str, stix_ids: Iterable[str]) -> Mapping[str, list[TakenBack]]:
    """The asserter's retractions of each object."""
    about: defaultdict[str, list[TakenBack]] = defaultdict(list)
    for each in lapse.taken_back(asserter, stix_ids):
        about[each.stix_id].append(each)
    return about


def _names(each: TakenBack, sha256: bytes) -> bool:
    """Whether a retraction as it is kept takes back this version."""
    versions = orjson.loads(each.body)["versions"]
    return versions is None or sha256.hex() in versions


def _said_at(each: TakenBack, retracted: Mapping[str, datetime]) -> int | None:
    at = retracted.get(each.act_id.hex())
    return each.said_at if at is None else microseconds(at)


def _erase(home: Home, standing: Sequence[_Gone], now: datetime) -> None:
    """Erase what is hidden and comes again; what another partner must get again byte for byte first stays gone."""
    acts = sent.of_rows(each.version.seq for each in standing)
    waiting = {
        act.object_seq for act in acts if act.state == "sent" and may_exchange_acts(peer.state_of(act.peer))
    }
    for each in standing:
        if each.version.seq in waiting:
            each.version.lapsed = None
    going = [each for each in standing if each.version.seq not in waiting]
    erase.erase((each.version.seq for each in going), index_key(home))
    retraction.clean_after_commit()
    for number in {kept.number for each in going for kept in each.taken_back if not kept.erased}:
        retraction.put_due(number, microseconds(now))  # the worker says that it is erased
    for each in going:
        each.version.state = ObjectState.ERASED
