"""Onward: whether something that a partner sent us may go on to a third nation.

Decides what TLP allows between nations for what one received, and what the onward rule in the terms of its arrival adds
(accord.md 2): both must allow it, and an accord with the third nation as well. The explicit consent of the originator
lifts both for exactly the recipients that it names, as TLP 2.0 has it; it never lifts `none`, an end of retention, REL TO
or what any accord with the third nation says (docs/adr/0014). Where consent is missing the reason says whom to ask.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from hilf.accord.decision import Decision, Reason, Recipient, Says
from hilf.accord.document import Accord
from hilf.accord.hearing import Question, hear
from hilf.accord.marked import level
from hilf.accord.profile import Arrival, Profile
from hilf.accord.terms import Onward
from hilf.markings.marking import whole
from hilf.markings.tlp import Tlp

COMMUNITY: Final = "community:"
"""Before the id of a community in `Arrival.consents`; no node can have such a name."""

BY_CONSENT: Final = frozenset(
    {
        "accord.onward-ask-originator",
        "accord.onward-listed",
        "accord.originator-control",
        "accord.green-outside-community",
        "accord.amber-not-onward",
        "accord.amber-strict-not-onward",
        "accord.red-named-people",
    }
)
"""Rules that the originator's consent lifts."""

_NONE_PERMITS: Final = ("accord.none-in-force", "accord.granular-withheld")
"""What is no wish of the originator: nobody agreed on anything, or a part of it is decided by its own reason."""

OFFICERS_FROM: Final = Tlp.AMBER
"""From this level on officers stand behind a consent, as behind a release. Source: accord.md 4."""


def onward_rules(
    profile: Profile,
    tlp: Tlp,
    recipient: Recipient,
    communities: frozenset[str],
    purpose: str,
    now: datetime,
) -> Iterator[Reason]:
    """What speaks about passing on; nothing for what we assert ourselves.

    Args:
        profile: of the object.
        tlp: the level that counts.
        recipient: who would get it.
        communities: that it shares with us or belongs to otherwise.
        purpose: of the act that would carry it.
        now: aware.

    Source: accord.md 2 ("Between nations, for what one received").
    """
    if profile.own:
        return
    if profile.arrival is None:
        yield _refuses("accord.arrival-unknown", "How it came is not known, so it stays.")
        return
    spoken = (
        *_by_terms(profile, profile.arrival, recipient, now),
        *_by_tlp(profile.arrival, tlp, communities),
    )
    if not consented(profile.arrival, recipient.node, communities, purpose):
        yield from spoken
        return
    lifted = [reason for reason in spoken if reason.rule in BY_CONSENT]
    yield from (reason for reason in spoken if reason.rule not in BY_CONSENT)
    if lifted:
        text = f"Its originator consents that it goes on to {recipient.node} for {purpose}."
        yield Reason("accord.onward-consented", Says.NOTES, text, profile.arrival.accord)


def consented(arrival: Arrival, node: str, communities: frozenset[str], purpose: str) -> bool:
    """Whether the originator's consent names this node, or a community that it is in, and this purpose."""
    named = {node, *(f"{COMMUNITY}{each}" for each in communities)}
    return any(whom in named and purpose == for_what for whom, for_what in arrival.consents)


def needs_officers(profile: Profile, accords: Sequence[Accord], purpose: str, now: datetime) -> bool:
    """Whether officers of the node that gives consent must stand behind it.

    Args:
        profile: of the object, on either side.
        accords: in force between the node that asks and the one that is asked.
        purpose: for which it would go on.
        now: aware.

    Source: accord.md 4 ("A release at AMBER or above, or where the accord says so").
    """
    tlp = level(whole(profile.markings), now)
    if tlp >= OFFICERS_FROM:
        return True
    question = Question(profile, tlp, purpose, now)
    return any(duty.approvals > 1 for accord in accords for _, duty in hear(accord, question).duties)


def refused_directly(decision: Decision, *, stopped: bool) -> Reason | None:
    """Why the originator would refuse a recipient himself, agreement or none; None where nothing but one is missing.

    Consent is for nations with which the originator has no agreement, so that none permits is no reason. Its own markings,
    a clause that forbids, and a partner that people stopped are (accord.md 3: refused directly, refused through any path).

    Args:
        decision: on its own object for that recipient.
        stopped: whether the recipient is suspended or revoked here.
    """
    for reason in decision.reasons:
        if reason.says is not Says.REFUSES or reason.rule in _NONE_PERMITS:
            continue
        if reason.rule == "accord.recipient-not-verified" and not stopped:
            continue
        if reason.accord is None or reason.rule == "accord.forbidden":
            return reason
    return None


def _by_terms(profile: Profile, arrival: Arrival, recipient: Recipient, now: datetime) -> Iterator[Reason]:
    if arrival.retention_until is not None and now >= arrival.retention_until:
        yield _refuses("accord.retention-over", "We may no longer keep it, let alone pass it on.", arrival)
    ask = f"Ask {profile.originator} for consent."
    match arrival.onward:
        case Onward.NONE:
            text = "It came on the term that it is not passed on, and consent does not lift that."
            yield _refuses("accord.onward-none", text, arrival)
        case Onward.ASK_ORIGINATOR:
            yield _refuses(
                "accord.onward-ask-originator", f"It may be passed on with consent only. {ask}", arrival
            )
        case Onward.LISTED if recipient.node not in arrival.parties:
            text = f"It may be passed on to parties of its agreement only; {recipient.node} is none. {ask}"
            yield _refuses("accord.onward-listed", text, arrival)
        case Onward.LISTED | Onward.FREE:
            text = f'It came on the term "onward: {arrival.onward.value}".'
            yield Reason("accord.onward-open", Says.NOTES, text, arrival.accord)
    if profile.markings.originator_control:
        yield _refuses("accord.originator-control", f"It is under originator control. {ask}", arrival)


def _by_tlp(arrival: Arrival, tlp: Tlp, communities: frozenset[str]) -> Iterator[Reason]:
    match tlp:
        case Tlp.CLEAR:
            return
        case Tlp.GREEN:
            if arrival.community not in communities:
                text = "Received at TLP:GREEN it stays in the community that it came under."
                yield _refuses("accord.green-outside-community", text, arrival)
        case Tlp.AMBER:
            text = "Received at TLP:AMBER it stays with us and the organisations we serve that need it."
            yield _refuses("accord.amber-not-onward", text, arrival)
        case Tlp.AMBER_STRICT:
            text = "Received at TLP:AMBER+STRICT it stays with the receiving national team."
            yield _refuses("accord.amber-strict-not-onward", text, arrival)
        case Tlp.RED:
            text = "Received at TLP:RED it stays with the people it was named to."
            yield _refuses("accord.red-named-people", text, arrival)


def _refuses(rule: str, text: str, arrival: Arrival | None = None) -> Reason:
    return Reason(rule, Says.REFUSES, text, None if arrival is None else arrival.accord)
