"""Retention carried out: what may be kept no longer goes, here by our own clock and at partners by a word of ours (protocol.md 5).

Decides what happens at the instant that an object's terms name, or that the days of the accord under which it came bring,
whichever is first (docs/adr/0018): a sender that grants more than was agreed, or names no time, grants nothing. What we
received is hidden from every door and erased, with no grace: everybody knew that instant from the first day. What we gave to a partner is taken back there with the reason
`expired`, so that its confirmation proves that it went. Neither waits for the other: each side acts on its own copy of the
terms. A legal hold keeps what is hidden from being erased (`node/hold`). What we say ourselves stays with us.

    terms, accord ─────────┬─ received: hidden, erased ── told with the next confirmation
                           └─ released: `retraction` with reason expired ──▶ hidden | erased | held
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import orjson

from hilf.accord.placing import ObjectState
from hilf.accord.terms import end_of_retention
from hilf.canonical import parse_timestamp
from hilf.errors import PartnerFault
from hilf.federation.outcome import Reason
from hilf.federation.peer import may_exchange_acts
from hilf.federation.retraction import Retraction, RetractionReason
from hilf.node import peer, recall
from hilf.node.home import Home, index_key
from hilf.node.profile import cited_accord
from hilf.node.recall import ANSWER
from hilf.store.database import transaction
from hilf.store.federation import retraction as retractions
from hilf.store.federation import stream
from hilf.store.instant import microseconds, moment
from hilf.store.intelligence import erase, hold
from hilf.store.intelligence import retention as store
from hilf.store.intelligence.retention import Came, KeptRetention
from hilf.store.release import proposal, retained, sent
from hilf.store.release.retained import Retained

AT_ONCE: Final = 500
"""Objects that one transaction hides, erases or takes back."""

READ_AT_ONCE: Final = 5_000
"""Rows whose terms one transaction looks at."""

LATE: Final = timedelta(hours=1)
"""After how long no transaction that writes acts still runs."""

_NOT_GIVEN: Final = ("dropped", "refused", "retracted")
"""States of acts that gave nothing, or whose object the partner was told to let go before its time was over."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What carrying out retention did: objects hidden and erased here, and objects taken back from partners."""

    hidden: int = 0
    erased: int = 0
    told: int = 0


@dataclass(frozen=True, slots=True)
class Received:
    """Something that we may keep for a time.

    Attributes:
        state: kept, hidden (waits for a receipt of a partner that it was passed on to), held (by a legal hold) or erased.
        since: when its time brought that about; None while it is kept, and where something else did, as a retraction.
    """

    stix_id: str
    node: str
    until: datetime
    state: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Given:
    """Something that a partner may keep for a time.

    Attributes:
        state: kept; dropped (it never left); retracted (before that time); then open until the partner confirms, and
            hidden, held, erased or refused as it says.
        since: when it came to be so; None while it is kept.
    """

    stix_id: str
    node: str
    until: datetime
    state: str
    since: datetime | None


class _Act(NamedTuple):
    """An object act of ours that gave a partner a version of an object, or would."""

    act_id: bytes
    peer: str
    stix_id: str
    sha256: bytes
    state: str


def carry_out(home: Home, now: datetime) -> Carried:
    """Do what is due by now; own transactions. Doing it again, or cutting it anywhere, does no harm."""
    _read_terms(now)
    at = microseconds(now)
    hidden = erased = told = after = 0
    while page := store.due(at, AT_ONCE, after):
        after = page[-1].seq
        with transaction():
            hidden += _hide(home, page, now)
            erased += _erase(home, page, at)
    while given := retained.due(at, AT_ONCE):
        with transaction():
            told += _tell(home, given, now)
    return Carried(hidden, erased, told)


def enforce(home: Home, now: datetime) -> None:
    """Hide what may be kept no longer before anything is shown or released; nothing is written where nothing is due."""
    at = microseconds(now)
    ends = _Ends()
    if store.is_due(at) or any((ends.of(e) or at + 1) <= at for e in store.unread_received(READ_AT_ONCE)):
        carry_out(home, now)


def until_of(envelope: bytes) -> int | None:
    """Until when an object act of ours lets its recipient keep what it gives, in microseconds; None for ever."""
    return _until(orjson.loads(envelope)["terms"]) if envelope else None  # only its id was given back


def received(home: Home, since: datetime, most: int) -> tuple[Received, ...]:  # noqa: ARG001  # every verb takes its home
    """What we may keep for a time that ends after `since`, in the order in which the times end; at most `most`."""
    return _all_received(store.since(microseconds(since), most))


def overdue(home: Home, now: datetime, most: int) -> tuple[Received, ...]:  # noqa: ARG001  # every verb takes its home
    """What must have gone from here by now and is not erased: held, or on its way to a partner; at most `most`."""
    return _all_received(store.due(microseconds(now), most))


def given(home: Home, since: datetime, most: int) -> tuple[Given, ...]:
    """What partners may keep for a time that ends after `since`, in the order in which the times end; at most `most`."""
    return tuple(_given(home, each) for each in retained.since(microseconds(since), most))


def unconfirmed(home: Home, now: datetime, most: int) -> tuple[Given, ...]:
    """What partners must have erased by now and have not confirmed to have; at most `most`."""
    listed = (_given(home, each) for each in retained.unconfirmed(microseconds(now), most))
    return tuple(each for each in listed if each.state not in ("erased", "retracted"))


def _all_received(kept: Sequence[KeptRetention]) -> tuple[Received, ...]:
    held = hold.held(each.stix_id for each in kept)
    return tuple(_received(each, each.stix_id in held) for each in kept)


def _read_terms(now: datetime) -> None:
    """Look at the terms of what is new, whoever brought it, or released it."""
    ends = _Ends()
    while rows := store.unread(READ_AT_ONCE):
        with transaction():
            store.note({each.seq: until for each in rows if (until := ends.of(each)) is not None})
            store.read_up_to(rows[-1].seq)
    _read_acts("read")
    # Places in the outbox are given before the commit, so what another process wrote may come late: look once more.
    at = microseconds(now)
    if at - retained.mark("looked") >= LATE // timedelta(microseconds=1):
        upto = retained.mark("late upto")
        _read_acts("late", upto)
        with transaction():
            retained.put_mark("late", max(upto, retained.mark("late")))
            retained.put_mark("late upto", retained.mark("read"))
            retained.put_mark("looked", at)


def _read_acts(mark: str, upto: int | None = None) -> None:
    """Note until when acts behind a mark let partners keep what they give, and move the mark."""
    while acts := retained.unread(retained.mark(mark), READ_AT_ONCE):
        with transaction():
            for pos, act_id, node, envelope in acts:
                until = until_of(envelope) if upto is None or pos <= upto else None
                if until is not None:
                    retained.note(node, {act_id: until})
            retained.put_mark(mark, acts[-1][0] if upto is None else min(acts[-1][0], upto))
        if upto is not None and acts[-1][0] >= upto:
            return


class _Ends:
    """Until when what came may be kept: as its terms say, and as long as the accord has it; what is agreed is read once."""

    def __init__(self) -> None:
        self._days: dict[str, int | None] = {}

    def of(self, came: Came) -> int | None:
        """The earlier of both, in microseconds; None where neither sets an end."""
        ends = [_until(came.terms), self._agreed(came)]
        return min((each for each in ends if each is not None), default=None)

    def _agreed(self, came: Came) -> int | None:
        if came.accord is None:
            return None
        if came.accord not in self._days:
            accord = cited_accord(came.accord)
            self._days[came.accord] = None if accord is None else accord.retention_days
        days = self._days[came.accord]
        return None if days is None else microseconds(end_of_retention(moment(came.received), days))


def _until(terms: Mapping[str, object]) -> int | None:
    said = terms.get("retention_until")
    try:
        return None if said is None else microseconds(parse_timestamp(said, "terms"))
    except PartnerFault:
        return None


def _hide(home: Home, page: Sequence[KeptRetention], now: datetime) -> int:
    """Show these to nobody any more, and take them back from whom they were passed on to."""
    seqs = [each.seq for each in page if each.done is None]
    standing = {each.seq for each in page if each.done is None and each.state < ObjectState.HIDDEN}
    if not seqs:
        return 0
    acts = [_Act(act.act_id, act.peer, act.stix_id, act.sha256, act.state) for act in sent.of_rows(standing)]
    retained.put_done([act.act_id for act in acts], microseconds(now))
    for release_id in proposal.holding(seqs):
        proposal.settle(release_id, proposal.DIED, "release.retention-over")
    hidden = erase.hide(seqs)
    store.put_done(seqs, microseconds(now))
    _take_all_back(home, acts, now)
    return hidden


def _erase(home: Home, page: Sequence[KeptRetention], at: int) -> int:
    """Erase what no legal hold keeps, and what need not be sent again byte for byte to a partner that has not receipted it."""
    held = hold.held(each.stix_id for each in page)
    free = [each for each in page if each.stix_id not in held]
    on_the_way = {
        act.object_seq
        for act in sent.of_rows(each.seq for each in free)
        if act.state == "sent" and may_exchange_acts(peer.state_of(act.peer))
    }
    going = [each for each in free if each.seq not in on_the_way]
    if not going:
        return 0
    erased = erase.erase([each.seq for each in going], index_key(home))
    store.put_erased([each.seq for each in going], at)
    for each in going:
        retractions.hasten(each.asserter, each.stix_id, at)
    retractions.clean_after_commit()
    return erased


def _tell(home: Home, over: Sequence[Retained], now: datetime) -> int:
    """Take back from partners what they may keep no longer of what we say ourselves; how many objects."""
    retained.put_done([each.act_id for each in over], microseconds(now))
    acts = [
        _Act(each.act_id, each.peer, each.stix_id, each.sha256, each.state)
        for each in over
        if not each.hidden
    ]
    return _take_all_back(home, acts, now)


def _take_all_back(home: Home, acts: Iterable[_Act], now: datetime) -> int:
    """Take back what these acts gave; what never left is dropped. How many objects."""
    versions: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for act in acts:
        if act.state == "waiting":
            stream.drop_unsent(act.peer, Reason("release.retention-over").text(), [act.act_id])
        elif act.state not in _NOT_GIVEN:
            versions[act.stix_id][act.peer].add(act.sha256.hex())
    for stix_id, by_node in sorted(versions.items()):
        _take_back(home, stix_id, by_node, now)
    return len(versions)


def _take_back(home: Home, stix_id: str, versions: Mapping[str, Iterable[str]], now: datetime) -> None:
    deadline = now + ANSWER
    everything = tuple(sorted({each for named in versions.values() for each in named}))
    body = Retraction(stix_id, everything, RetractionReason.EXPIRED, deadline)
    number = recall.keep(home, body, now)
    for node, named in sorted(versions.items()):
        told = Retraction(stix_id, tuple(sorted(named)), body.reason, deadline)
        recall.tell(home, number, node, told, now)


def _received(kept: KeptRetention, held: bool) -> Received:
    state, then = "kept", kept.erased or kept.done
    if kept.done is not None or kept.state == ObjectState.HIDDEN:
        state = "held" if held else "hidden"
    if kept.state >= ObjectState.ERASED:
        state = "erased"
    since = None if then is None else moment(then)
    return Received(kept.stix_id, kept.asserter, moment(kept.until), state, since)


def _given(home: Home, each: Retained) -> Given:
    until = moment(each.until)
    if each.state in _NOT_GIVEN:
        state = "retracted" if each.state == "retracted" else "dropped"
        return Given(each.stix_id, each.peer, until, state, None)
    for kept in retractions.about(each.stix_id):
        if (
            kept.by != home.node
            or kept.at < each.at
            or (each.done is not None and kept.at < each.done and not each.hidden)
        ):
            continue
        for told in retractions.confirmations(kept.number):
            if told.node == each.peer:
                refused = told.state == "open" and told.act_state == "refused"
                state = "refused" if refused else told.state
                return Given(each.stix_id, each.peer, until, state, moment(told.at))
    return Given(each.stix_id, each.peer, until, "retracted" if each.hidden else "kept", None)
