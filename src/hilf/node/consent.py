"""Consent acts of partners: questions that they ask, and what they answer to ours (accord.md 2, 4; docs/adr/0014).

Decides what a partner may ask about: what it has from us, under an agreement in force, and nothing else, so that no
question tells it what is here. Decides what of an answer counts: from the node that was asked, for the versions and
recipients that it was asked for, in time, once, and signed by its officers where that is needed. What ends by the clock,
or is taken back, stops at once: what still waits for the recipients under it is dropped.
Questions of ours are made in `node/question`, answers of ours in `node/answer`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson

from hilf.accord.decision import Recipient, Says
from hilf.accord.marked import level
from hilf.accord.onward import onward_rules
from hilf.accord.profile import Profile
from hilf.canonical import dumps
from hilf.errors import PartnerFault
from hilf.federation.act import Act
from hilf.federation.consent import (
    Asked,
    Denied,
    Given,
    Signed,
    Standing,
    Step,
    judge_denied,
    judge_given,
    read_consent,
)
from hilf.federation.outcome import Outcome, Reason
from hilf.markings.marking import whole
from hilf.node import answer, identity, question
from hilf.node.awaited import Remark
from hilf.node.home import Home, index_key
from hilf.node.preview import Weighing
from hilf.node.profile import Profiles
from hilf.seal import role
from hilf.seal.record import verify_records
from hilf.store.database import transaction
from hilf.store.federation import record, stream
from hilf.store.instant import microseconds, moment
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Kept
from hilf.store.release import consent as store
from hilf.store.release import sent
from hilf.store.release.consent import KeptConsent

MOST_PER_HOUR: Final = 100
"""Questions that one partner may ask in an hour: people have to read them."""

MOST_UNANSWERED: Final = 500
"""Questions of one partner without an answer, those among them whose clock ended in the last week: all are looked at often."""

SLACK: Final = timedelta(days=1)
"""How much longer than we would wait ourselves a question may: clocks differ, and acts travel."""

LATE_SHOWN: Final = timedelta(days=7)
"""How long a question that ran out of time, or an answer that came, is still shown in the status."""

Result = tuple[Outcome, Reason | None]


@dataclass(frozen=True, slots=True)
class Shown:
    """One question as people see it.

    Attributes:
        question: as kept.
        asked: what it asks.
        state: asked, refused (the partner took no such question), late (no answer in time: a no), signing (our officers
            must sign), given, over (its end came), denied, withdrawn (denied after it was given).
        missing: officers of ours who must still give it.
        relayed: whom we asked on, for a partner's question.
    """

    question: KeptConsent
    asked: Asked
    state: str
    missing: int
    relayed: tuple[str, ...]

    @property
    def name(self) -> str:
        """What people call it: the beginning of the id of the act that asks."""
        return self.question.act_id.hex()[:16]


def receive(home: Home, act: Act, now: datetime) -> Result:
    """Take a partner's step of a consent, in the caller's transaction: applied, or refused with the rule that it breaks."""
    try:
        reason = _step(home, act, read_consent(act.body), now)
    except PartnerFault as fault:
        reason = Reason(fault.code[:100])
    return (Outcome.APPLIED, None) if reason is None else (Outcome.REFUSED, reason)


def listed(home: Home, now: datetime) -> tuple[Shown, ...]:
    """All questions in both directions, the newest first."""
    return tuple(shown(home, each, now) for each in store.every())


def page(  # how people narrow a list
    home: Home,
    now: datetime,
    *,
    before: int | None = None,
    outgoing: bool | None = None,
    peer: str = "",
    limit: int = 50,
) -> tuple[Shown, ...]:
    """Some questions, the newest first.

    Args:
        home: this node.
        now: aware.
        before: number of the question behind which the page begins; None for the newest.
        outgoing: only ours, or only those of partners; None for both.
        peer: only those with this node.
        limit: how many at most.
    """
    return tuple(shown(home, each, now) for each in store.page(before, limit, outgoing=outgoing, peer=peer))


def waiting(home: Home, now: datetime) -> tuple[Shown, ...]:
    """Questions of partners that wait for people here, the oldest first."""
    every = (shown(home, each, now) for each in store.unanswered(microseconds(now)) if not each.outgoing)
    return tuple(
        each
        for each in every
        if each.state in ("asked", "signing")
        and all(e.given is not None for e in store.passing_on(each.question.number))
    )


def shown(home: Home, kept: KeptConsent, now: datetime) -> Shown:
    """One question as people see it."""
    relayed = tuple(each.peer for each in store.passing_on(kept.number))
    missing = 0 if kept.outgoing else answer.officers_missing(home, kept, now)
    return Shown(kept, question.asked_of(kept), _state(kept, now), missing, relayed)


def remarks(home: Home, now: datetime) -> Iterator[Remark]:
    """What waits for people here, and what nobody answered in time."""
    for kept in store.unanswered(microseconds(now - LATE_SHOWN)):
        each = shown(home, kept, now)
        what, by = _words(each), f"{each.asked.answer_by:%Y-%m-%d %H:%M} UTC"
        name = kept.act_id.hex()[:16]
        if each.state == "late":
            if microseconds(now - LATE_SHOWN) < kept.answer_by:
                yield _late(kept, what, by)
        elif not kept.outgoing and all(e.given is not None for e in store.passing_on(kept.number)):
            officers = f" ({each.missing} officers must)" if each.missing else ""
            yield Remark(
                "status.consent-asked",
                f"{kept.peer} asks by {by} whether {what}.",
                f"Read it: hilf consent show {name}. Answer it: hilf consent give {name} --as OFFICER{officers},"
                f" or hilf consent deny {name} --code not-agreed",
                _hour(kept.peer, kept.at),
            )
    for kept in store.answered(microseconds(now - LATE_SHOWN)):
        yield from _came(shown(home, kept, now), microseconds(now))


def _came(each: Shown, now_us: int) -> Iterator[Remark]:
    """That an answer to a question of ours came: a yes until it was used, a no for a week."""
    kept, name = each.question, each.question.act_id.hex()[:16]
    read = f"Read it: hilf consent show {name}."
    if each.state == "given" and not store.is_used(kept):
        what = f"{kept.peer} consents that {_words(each)}; nothing was sent under it yet."
        ids = ",".join(each.asked.objects[n].id for n in range(min(3, len(each.asked.objects))))
        to = f"--to {each.asked.to.nodes[0]}" if each.asked.to.nodes else "--to NODE"
        remedy = f"{read} Send it: hilf release send {to} --select id:{ids}"
    elif each.state in ("denied", "withdrawn"):
        said = "does not consent" if each.state == "denied" else "takes its consent back"
        what, remedy = f"{kept.peer} {said} that {_words(each)} ({kept.code}).", f"{read} It stays here."
    else:
        return
    yield Remark(
        "status.consent-answered", what, remedy, _hour(kept.peer, kept.denied or kept.given or now_us)
    )


def drop_what_ended(home: Home, now: datetime) -> int:
    """Drop what still waits under consents that ended, and count questions that nobody answered as a no; how many acts.

    Own transactions; the worker calls it.
    """
    with transaction():
        for kept in store.unanswered(microseconds(now - LATE_SHOWN)):
            over = kept.answer_by < microseconds(now) or answer.unheard(kept)
            if kept.outgoing and kept.cause is not None and over:
                answer.relay(home, kept.cause, now)
        return _drop(home, store.waiting_after_end(microseconds(now)), now)


def _step(home: Home, act: Act, step: Step, now: datetime) -> Reason | None:
    match step:
        case Asked():
            return _asked(home, act, step, now)
        case Given():
            return _given(home, act, step, now)
        case Denied():
            return _denied(home, act, step, now)
        case Signed():
            return _signed(act, step, now)


def _asked(home: Home, act: Act, asked: Asked, now: datetime) -> Reason | None:
    originators = question.Originators(home, now)
    cited = next((h for h in originators.in_force_with(act.sender) if h.accord.key == act.accord), None)
    if cited is None:
        return Reason("accord.not-in-force")
    many = _too_many(act.sender, now)
    if many is not None:
        return many
    if not now < asked.answer_by <= now + question.LONGEST + SLACK:
        return Reason("consent.too-late" if asked.answer_by <= now else "consent.clock-too-long")
    if {act.sender, home.node} & set(asked.to.nodes):
        return Reason("consent.recipients")
    rows = _given_to(home, act.sender, asked)
    if rows is None:
        return Reason("consent.not-given")
    number = store.put(
        outgoing=False,
        peer=act.sender,
        act_id=bytes.fromhex(act.id),
        accord=f"{cited.accord.id} {cited.accord.version}",
        asked=dumps(asked.json()).decode(),
        at=microseconds(now),
        answer_by=microseconds(asked.answer_by),
        objects=[(row.seq, row.sha256) for row in rows],
    )
    _ask_on(home, number, asked, rows, act.sender, originators, now)
    return None


def _too_many(node: str, now: datetime) -> Reason | None:
    if store.count_since(node, microseconds(now - timedelta(hours=1))) >= MOST_PER_HOUR:
        return Reason("consent.too-many-in-an-hour")
    if store.count_unanswered(node, microseconds(now - LATE_SHOWN)) >= MOST_UNANSWERED:
        return Reason("consent.too-many-unanswered")
    return None


def _given_to(home: Home, node: str, asked: Asked) -> tuple[Kept, ...] | None:
    """The assertions by which we gave a partner these versions; None if one of them it does not have from us."""
    wanted = {each.sha256 for each in asked.objects}
    acts = sent.to(node, {each.id for each in asked.objects}, index_key(home))
    found = {act.sha256.hex(): act.object_seq for act in acts if act.counts and act.sha256.hex() in wanted}
    rows = objects.by_seq(found.values())
    held = {question.version_of(row): row for row in rows.values() if row.body is not None}
    return tuple(held[each] for each in asked.objects) if set(asked.objects) <= held.keys() else None


def _ask_on(
    home: Home,
    number: int,
    asked: Asked,
    rows: Sequence[Kept],
    sender: str,
    originators: question.Originators,
    now: datetime,
) -> None:
    """Ask the originators of what is not ours to give, each with a clock of its own that ends before the partner's."""
    groups: dict[str, tuple[question.Whom, list[Kept]]] = {}
    for row, _, profile in Profiles(home, now).read(rows):
        if _ours_to_give(profile, asked, now):
            continue
        whom = originators.of(row, never=sender)
        if whom is None:
            answer.nobody_to_ask(home, number, now)
            return
        groups.setdefault(whom.node, (whom, []))[1].append(row)
    by = now + (asked.answer_by - now) * 3 / 4
    for whom, theirs in groups.values():
        named = whom.under.accord.confirmations == "named"
        via = tuple(dict.fromkeys((*asked.via, sender))) if named else ()
        body = Asked(question.versions(theirs), asked.to, asked.purpose, by, None, via)
        question.put(home, whom, theirs, body, number, now)


def _ours_to_give(profile: Profile, asked: Asked, now: datetime) -> bool:
    """Whether it is our own, or came on terms under which it may go to all of these without asking."""
    if profile.own:
        return True
    to, tlp = asked.to, level(whole(profile.markings), now)
    communities = frozenset({to.community} if to.community else ())
    return not any(
        reason.says is Says.REFUSES
        for node in to.nodes or ("",)
        for reason in onward_rules(
            profile, tlp, Recipient(node, "", communities), communities, asked.purpose, now
        )
    )


def _given(home: Home, act: Act, given: Given, now: datetime) -> Reason | None:
    kept = store.by_act(act.sender, bytes.fromhex(given.asked), outgoing=True)
    if kept is None:
        return Reason("consent.unknown")
    held = question.Originators(home, now).in_force_with(act.sender)
    if act.accord not in {each.accord.key for each in held}:
        return Reason("accord.not-in-force")
    reason = judge_given(
        given,
        _standing(kept),
        act.at,
        needs_officers=answer.officers_needed(home, kept, now),
        signed=bool(record.about(answer.ROLE, _signed_for(act.sender, act.id))),
    )
    if reason is not None:
        return reason
    until = None if given.until is None else microseconds(given.until)
    content_ids = [bytes.fromhex(each.sha256) for each in given.objects]
    store.give(kept.number, dumps(given.json()).decode(), microseconds(now), until, content_ids)
    if kept.cause is not None:
        answer.relay(home, kept.cause, now)
    return None


def _denied(home: Home, act: Act, denied: Denied, now: datetime) -> Reason | None:
    kept = store.by_act(act.sender, bytes.fromhex(denied.asked), outgoing=True)
    if kept is None:
        return Reason("consent.unknown")
    reason = judge_denied(_standing(kept))
    if reason is not None:
        return reason
    store.deny(kept.number, denied.code.value, microseconds(now))
    if kept.given is not None:
        _drop(home, store.objects(kept.number), now)
    if kept.cause is not None:
        answer.relay(home, kept.cause, now)
    return None


def _signed(act: Act, signed: Signed, now: datetime) -> Reason | None:
    """Keep what officers of the partner signed for acts that follow."""
    known = identity.kept(act.sender)
    if known is None:
        return Reason("consent.officers")
    kids = verify_records(answer.ROLE, signed.subject, signed.records, known.newest, now)
    for kid in kids:
        role.check(known.newest, kid, answer.ROLE)
    for act_id in signed.acts:
        for kid, each in zip(kids, signed.records, strict=True):
            record.put(answer.ROLE, _signed_for(act.sender, act_id), kid, dumps(each).decode())
    return None


def _drop(home: Home, seqs: Iterable[int], now: datetime) -> int:
    """Drop acts with these objects that wait unsent and may not leave any more, in the caller's transaction; how many."""
    reason, dropped = Reason("consent.withdrawn").text(), 0
    for act in sent.of_rows(seqs):
        if act.state != "waiting":
            continue
        purpose = orjson.loads(act.envelope)["purpose"]
        decided = Weighing(home, act.peer, purpose, now).weigh_rows([act.object_seq])
        weighed = decided.of([act.object_seq])
        if act.object_seq not in weighed or not weighed[act.object_seq].decision.allowed:
            dropped += stream.drop_unsent(act.peer, reason, [act.act_id])
    return dropped


def _standing(kept: KeptConsent) -> Standing:
    given, denied = kept.given, kept.denied
    return Standing(
        question.asked_of(kept),
        None if given is None else moment(given),
        None if denied is None else moment(denied),
    )


def _state(kept: KeptConsent, now: datetime) -> str:
    at = microseconds(now)
    if kept.denied is not None:
        return "denied" if kept.given is None else "withdrawn"
    if kept.given is not None:
        return "over" if kept.until is not None and kept.until <= at else "given"
    if answer.unheard(kept):
        return "refused"
    if kept.answer_by < at and kept.pending is None:
        return "late"
    return "asked" if kept.pending is None else "signing"


def _late(kept: KeptConsent, what: str, by: str) -> Remark:
    if kept.outgoing:
        return Remark(
            "status.consent-late",
            f"{kept.peer} did not answer by {by} whether {what}: that is a no.",
            f"Ask again, or ask by telephone: hilf consent ask OBJECT --to NODE. Question {kept.act_id.hex()[:16]}",
            _hour(kept.peer, kept.answer_by),
        )
    return Remark(
        "status.consent-late",
        f"{kept.peer} had no answer by {by} whether {what}: that was a no.",
        f"If it was not meant so, let {kept.peer} ask again. Question {kept.act_id.hex()[:16]}",
        _hour(kept.peer, kept.answer_by),
    )


def _hour(peer: str, at_us: int) -> str:
    """A partner and an hour: what it asks within one is told outside as one thing, however many questions they are."""
    return f"{peer} {moment(at_us):%Y-%m-%d %H}"


def _words(each: Shown) -> str:
    count, to = len(each.asked.objects), each.asked.to
    what = each.asked.objects[0].id if count == 1 else f"{count} objects"
    whom = ", ".join(to.nodes) if to.community is None else f"the community {to.community}"
    return f"{what} may go on to {whom}"


def _signed_for(sender: str, act_id: str) -> str:
    """Under what the records of a partner's officers for one act of that partner are kept."""
    return f"{sender} {act_id}"
