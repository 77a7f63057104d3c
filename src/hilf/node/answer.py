"""Answers to partners that ask us whether something may go on (accord.md 4; docs/adr/0014).

Decides who may give consent: our officers for what we wrote, enough of them from AMBER on or where the accord says so;
for what we passed on, the originator, whose answer we give on in our own name and never more widely. What we would refuse
to a recipient directly we do not consent to either. Denying is always possible, and takes back what was given.

    partner ─ asked ─▶ ours: people decide ─ given or denied ─▶ partner
                     └▶ another's: asked on (`node/consent`) ─ its answer ─▶ relayed, signed by our officers where needed
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson

from hilf.accord.onward import needs_officers
from hilf.canonical import Json, dumps
from hilf.errors import CallerFault, PartnerFault, Refusal
from hilf.federation.act import Act, read_act
from hilf.federation.consent import Denial, Denied, Given, Signed, Towards, read_consent
from hilf.node import direct, identity, life, user
from hilf.node.federation import announce, let_wait, prepare
from hilf.node.home import Home
from hilf.node.profile import Profiles
from hilf.node.question import asked_of, kept
from hilf.seal.key import PrivateKey
from hilf.seal.record import acts_subject, make_record, verify_records
from hilf.store.database import transaction
from hilf.store.federation import record
from hilf.store.instant import microseconds, moment
from hilf.store.intelligence import read as objects
from hilf.store.release import consent as store
from hilf.store.release.consent import KeptConsent

LIFETIME: Final = timedelta(days=7)
"""How long the first officer's approval waits for the second's."""

_PASSED_ON: Final = frozenset({Denial.OUTDATED, Denial.EXPIRED, Denial.NOBODY_TO_ASK})

ROLE: Final = "approval"
"""What an officer must be trusted with to give consent."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A question of a partner after a step of ours; `missing` is how many officers must still give it."""

    question: KeptConsent
    missing: int = 0


def find(text: str, *, outgoing: bool | None = None) -> KeptConsent:
    """The question whose id begins with these hex digits.

    Raises:
        CallerFault: "consent.unknown": there is none, or more than one.
    """
    found = [
        each
        for each in store.every()
        if text and each.act_id.hex().startswith(text.lower()) and outgoing in (None, each.outgoing)
    ]
    if len(found) != 1:
        whose = {None: "", False: "of a partner ", True: "of ours "}[outgoing]
        raise CallerFault(
            "consent.unknown",
            f"{len(found) or 'No'} questions {whose}have an id that begins with {text[:64]!r}.",
            "",
            "See which there are: hilf consent list",
        )
    return found[0]


def give(
    home: Home,
    number: int,
    now: datetime,
    officer: PrivateKey | None = None,
    until: datetime | None = None,
    stix_ids: Sequence[str] = (),
    nodes: Sequence[str] = (),
) -> Answered:
    """Consent to what a partner asks, or sign as one more officer what a first one gave.

    Args:
        home: this node.
        number: of the question.
        now: aware.
        officer: who signs; needed from AMBER on, or where the accord asks for two.
        until: when the consent ends; None for no end.
        stix_ids: only these of the objects; empty for all.
        nodes: only these of the recipients; empty for all.

    Raises:
        Refusal: "consent.given-already", "consent.denied-already", "consent.too-late", "consent.needs-officer",
            "consent.same-officer", "consent.other-terms", "consent.waits-for-originator", "consent.object-gone",
            "consent.refused-directly", "consent.accord-not-in-force".
        CallerFault: "consent.narrower", "consent.until".
    """
    with transaction():
        question = to_answer(home, number, now, officer.kid if officer else None)
        if question.pending is None:
            given = _narrowed(question, until, stix_ids, nodes, now)
            act = prepare(home, question.peer, "consent", given.json(), now, _under(home, question, now))
            store.put_pending(number, act.canonical)
        else:
            act = _pending(home, question)
            if until is not None or stix_ids or nodes:
                raise _other_terms()
            given = _given_in(act)  # what a first officer gave may be refused by now
        direct.check(home, question, given, now)
        return _sign(home, question, act, officer, now)


def deny(home: Home, number: int, code: Denial, now: datetime) -> Answered:
    """Say no, or take back what was given: new forwards stop at the partner at once.

    Raises:
        Refusal: "consent.denied-already".
    """
    with transaction():
        question = kept(number)
        if question.denied is not None:
            raise _denied(question)
        _deny(home, question, code, now)
    return Answered(kept(number))


def to_answer(home: Home, number: int, now: datetime, kid: str | None) -> KeptConsent:
    """The question, if it can be given now by the officer with this key; found before a passphrase is asked for.

    Raises:
        Refusal: as `give`.
    """
    question = kept(number)
    if question.denied is not None:
        raise _denied(question)
    if question.given is not None:
        raise Refusal(
            "consent.given-already",
            f"It was given on {moment(question.given):%Y-%m-%d}.",
            "",
            f"Take it back: hilf consent deny {question.act_id.hex()[:16]} --code withdrawn",
        )
    if question.pending is None and microseconds(now) > question.answer_by:
        raise Refusal(
            "consent.too-late",
            f"The answer was wanted by {moment(question.answer_by):%Y-%m-%d %H:%M} UTC; it counts as a no.",
            "A question that waits for ever is none (docs/adr/0014).",
            f"Let {question.peer} ask again.",
        )
    open_ = [each.peer for each in store.passing_on(number) if each.given is None]
    if open_:
        raise Refusal(
            "consent.waits-for-originator",
            f"{', '.join(open_)} was asked and has not answered.",
            "What another node wrote is not ours to give away.",
            "Its answer is passed on by itself. See how it stands: hilf consent list",
        )
    if kid is None and officers_missing(home, question, now):
        raise Refusal(
            "consent.needs-officer",
            "Consent at TLP:AMBER or above, or where the agreement asks for two, is given by officers.",
            "A stolen online key must not open what two people have to (accord.md 4).",
            f"Give it with --as: hilf consent give {question.act_id.hex()[:16]} --as OFFICER",
        )
    if kid is not None and question.pending is not None:
        act = _pending(home, question)
        if any(orjson.loads(text)["kid"] == kid for text in record.about(ROLE, acts_subject([act.id]))):
            raise Refusal(
                "consent.same-officer",
                "This officer has given it already.",
                "It takes different officers.",
                f"Let another officer do it: hilf consent give {question.act_id.hex()[:16]} --as OTHER",
            )
    return question


def officers_missing(home: Home, question: KeptConsent, now: datetime) -> int:
    """How many officers must still give consent; 0 where none has to."""
    if question.given is not None or question.denied is not None:
        return 0
    if not officers_needed(home, question, now):
        return 0
    needed = identity.own(home).newest.officers_per_act
    if question.pending is None:
        return needed
    return max(0, needed - len(record.about(ROLE, acts_subject([_pending(home, question).id]))))


def officers_needed(home: Home, question: KeptConsent, now: datetime) -> bool:
    """Whether officers of the node that gives must stand behind the answer to a question, ours or a partner's."""
    rows = objects.by_seq(store.objects(question.number)).values()
    held = [each.accord for each in life.in_force_with(home, question.peer, now)]
    purpose = asked_of(question).purpose
    profiles = (profile for _, _, profile in Profiles(home, now).read(rows))
    return any(needs_officers(profile, held, purpose, now) for profile in profiles)


def relay(home: Home, number: int, now: datetime) -> None:
    """Pass on what originators answered to our questions for a partner's, in the caller's transaction.

    One no is a no, also after a yes. When all have given and nothing of it is our own, it is given on: as many versions, as
    few recipients and as short as they said; our officers sign it first where they must.
    """
    question, ours = kept(number), store.passing_on(number)
    if question.denied is not None:
        return
    code = next((found for each in ours if (found := _no(each, now)) is not None), None)
    if code is not None:
        _deny(home, question, code, now)
        return
    if question.given is not None or question.pending is not None or any(e.given is None for e in ours):
        return
    if len(store.objects(number)) > len({seq for each in ours for seq in store.objects(each.number)}):
        return  # a part of it is ours: people decide
    given, under = _narrowed(question, None, (), (), now), _still_under(home, question, now)
    if under is None or not given.objects or not (given.to.nodes or given.to.community):
        _deny(home, question, Denial.NOT_AGREED if under else Denial.NOBODY_TO_ASK, now)
        return
    act = prepare(home, question.peer, "consent", given.json(), now, under)
    if officers_needed(home, question, now):
        store.put_pending(number, act.canonical)
    else:
        _send(home, question, act, (), now)


def pending_of(home: Home, question: KeptConsent) -> Given:
    """What a first officer of ours gave, which waits for others to sign it."""
    return _given_in(_pending(home, question))


def unheard(question: KeptConsent) -> bool:
    """Whether whom we asked took no such question, or never will."""
    return question.outgoing and question.act_state in ("refused", "dropped", "not-understood")


def _no(ours: KeptConsent, now: datetime) -> Denial | None:
    """The no that a question of ours came to, by word, by the clock, or because it was not taken; None else.

    What an originator has against it, it told us and nobody behind us: its own reasons are passed on as a plain no.
    """
    if ours.denied is not None:
        return Denial(ours.code) if ours.code in _PASSED_ON else Denial.NOT_AGREED
    if ours.given is not None:
        return None
    if unheard(ours):
        return Denial.NOBODY_TO_ASK
    return Denial.EXPIRED if ours.answer_by < microseconds(now) else None


def nobody_to_ask(home: Home, number: int, now: datetime) -> None:
    """Say no to a question about what is not ours, where its originator cannot be asked."""
    _deny(home, kept(number), Denial.NOBODY_TO_ASK, now)


def _sign(home: Home, question: KeptConsent, act: Act, officer: PrivateKey | None, now: datetime) -> Answered:
    """Keep an officer's record for the answer; with the last one needed, or where none is, it goes out."""
    subject = acts_subject([act.id])
    if officer is not None:
        user.check_other_person(
            officer.kid, [str(orjson.loads(text)["kid"]) for text in record.about(ROLE, subject)]
        )
        signed = make_record(ROLE, home.node, "officer", subject, now, now + LIFETIME, officer)
        record.put(ROLE, subject, officer.kid, dumps(signed).decode())
    if not officers_needed(home, question, now):
        _send(home, question, act, (), now)
        return Answered(kept(question.number))
    records: list[Json] = [orjson.loads(text) for text in record.about(ROLE, subject)]
    try:
        verify_records(ROLE, subject, records, identity.own(home).newest, now)
    except PartnerFault as fault:
        if fault.rule != "record: too few officers":
            raise
        return Answered(kept(question.number), identity.own(home).newest.officers_per_act - len(records))
    _send(home, question, act, records, now)
    return Answered(kept(question.number))


def _send(home: Home, question: KeptConsent, act: Act, records: Sequence[Json], now: datetime) -> None:
    """Let our yes wait for the partner, its officers' records before it."""
    given = _given_in(act)
    if records:
        signed = Signed((act.id,), tuple(records))
        announce(home, question.peer, "consent", signed.json(), now, act.accord)
    let_wait(act)
    until = None if given.until is None else microseconds(given.until)
    content_ids = [bytes.fromhex(each.sha256) for each in given.objects]
    store.give(question.number, orjson.dumps(given.json()).decode(), microseconds(now), until, content_ids)


def _given_in(act: Act) -> Given:
    given = read_consent(act.body)
    assert isinstance(given, Given)  # noqa: S101  # it is ours
    return given


def _deny(home: Home, question: KeptConsent, code: Denial, now: datetime) -> None:
    said = Denial.WITHDRAWN if question.given is not None and code is Denial.NOT_AGREED else code
    body = Denied(question.act_id.hex(), said)
    accord_id, _, version = question.accord.partition(" ")
    announce(home, question.peer, "consent", body.json(), now, (accord_id, int(version)))
    store.deny(question.number, said.value, microseconds(now))


def _narrowed(
    question: KeptConsent,
    until: datetime | None,
    stix_ids: Sequence[str],
    nodes: Sequence[str],
    now: datetime,
) -> Given:
    """What is given: no more than was asked, and no more than the originators gave us where it is theirs."""
    asked = asked_of(question)
    objects_, to, ends = asked.objects, asked.to, [until] if until else []
    if until is not None and until <= now:
        raise CallerFault(
            "consent.until", "That end is over already.", "", "Give a time to come, or leave it out."
        )
    rest = [each for each in (*stix_ids, *nodes) if each not in {o.id for o in objects_} | set(to.nodes)]
    if rest:
        raise CallerFault(
            "consent.narrower",
            f"That was not asked: {', '.join(rest)[:200]}.",
            "Consent may be narrower than the question, never wider.",
            "See what is asked: hilf consent list",
        )
    objects_ = tuple(each for each in objects_ if not stix_ids or each.id in stix_ids)
    to = Towards(tuple(n for n in to.nodes if not nodes or n in nodes), to.community)
    for ours in store.passing_on(question.number):
        theirs = read_consent(orjson.loads(ours.answer or "{}"))
        assert isinstance(theirs, Given)  # noqa: S101  # only what was given is answered
        about = {each.hex() for each in store.objects(ours.number).values()}
        objects_ = tuple(o for o in objects_ if o.sha256 not in about or o in theirs.objects)
        to = Towards(tuple(n for n in to.nodes if n in theirs.to.nodes), to.community)
        ends += [theirs.until] if theirs.until else []
    return Given(question.act_id.hex(), objects_, to, min(ends, default=None))


def _under(home: Home, question: KeptConsent, now: datetime) -> tuple[str, int]:
    """The accord under which we answer: the newest version of the one that the question cites."""
    under = _still_under(home, question, now)
    if under is None:
        raise Refusal(
            "consent.accord-not-in-force",
            f"{question.accord.partition(' ')[0]} is not in force with {question.peer} any more.",
            "Consent is given under the agreement under which it was asked.",
            f"Deny it: hilf consent deny {question.act_id.hex()[:16]}",
        )
    return under


def _still_under(home: Home, question: KeptConsent, now: datetime) -> tuple[str, int] | None:
    cited = question.accord.partition(" ")[0]
    held = life.in_force_with(home, question.peer, now)
    return next((each.accord.key for each in held if each.accord.id == cited), None)


def _pending(home: Home, question: KeptConsent) -> Act:
    return read_act(orjson.loads(question.pending or b""), home.node, question.peer)


def _denied(question: KeptConsent) -> Refusal:
    at = moment(question.denied or 0)
    return Refusal(
        "consent.denied-already",
        f"It was denied on {at:%Y-%m-%d} ({question.code}).",
        "A no stands.",
        f"If that was wrong, let {question.peer} ask again.",
    )


def _other_terms() -> Refusal:
    return Refusal(
        "consent.other-terms",
        "A first officer has given it on terms of its own, and waits for this signature.",
        "Officers sign the same bytes.",
        "Sign them without --until, --object or --to; or deny it, and let the partner ask again.",
    )
