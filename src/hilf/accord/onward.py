"""Onward: whether something that a partner sent us may go on to a third nation.

Decides what TLP allows between nations for what one received, and what the onward rule in the terms of its arrival adds
(accord.md 2): both must allow it, and an accord with the third nation as well. Consent of the originator (asked, given,
denied as acts) is not known yet; where it is needed the answer is no, and says whom to ask.
"""

from collections.abc import Iterator
from datetime import datetime

from hilf.accord.decision import Reason, Recipient, Says
from hilf.accord.profile import Arrival, Profile
from hilf.accord.terms import Onward
from hilf.markings.tlp import Tlp


def onward_rules(
    profile: Profile, tlp: Tlp, recipient: Recipient, communities: frozenset[str], now: datetime
) -> Iterator[Reason]:
    """What speaks about passing on; nothing for what we assert ourselves.

    Args:
        profile: of the object.
        tlp: the level that counts.
        recipient: who would get it.
        communities: that it shares with us or belongs to otherwise.
        now: aware.

    Source: accord.md 2 ("Between nations, for what one received").
    """
    if profile.own:
        return
    if profile.arrival is None:
        yield _refuses("accord.arrival-unknown", "How it came is not known, so it stays.")
        return
    yield from _by_terms(profile, profile.arrival, recipient, now)
    yield from _by_tlp(profile.arrival, tlp, communities)


def _by_terms(profile: Profile, arrival: Arrival, recipient: Recipient, now: datetime) -> Iterator[Reason]:
    if arrival.retention_until is not None and now >= arrival.retention_until:
        yield _refuses("accord.retention-over", "We may no longer keep it, let alone pass it on.", arrival)
    ask = f"Ask {profile.originator} for consent."
    match arrival.onward:
        case Onward.NONE:
            yield _refuses(
                "accord.onward-none", f"It came on the term that it is not passed on. {ask}", arrival
            )
        case Onward.ASK_ORIGINATOR:
            yield _refuses(
                "accord.onward-ask-originator", f"It may be passed on with consent only. {ask}", arrival
            )
        case Onward.LISTED if recipient.node not in arrival.parties:
            text = f"It may be passed on to parties of its agreement only; {recipient.node} is none."
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
