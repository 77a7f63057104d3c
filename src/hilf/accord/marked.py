"""Marked: what the markings of an object say about a release, whatever any accord does.

Decides which level counts, who is shut out by the markings alone (REL TO, classifications of states, what cannot be read),
what they say about passing on what another sent us, and what must be said to whoever decides (accord.md 2). TLP between
nations for what one received is `accord.onward`; what an agreement permits at a level is `accord.hearing`.

An IEP outside its period keeps all that it forbids, and nobody vouches for what it allows: the object then counts as
AMBER+STRICT at least. Encryption in transit is given: everything leaves over TLS 1.3 to a pinned certificate, or sealed.
"""

from collections.abc import Iterator
from datetime import datetime

from hilf.accord.decision import Reason, Recipient, Says
from hilf.accord.profile import Profile
from hilf.markings.iep import Policy, Say
from hilf.markings.marking import Markings, effective_pap, effective_tlp
from hilf.markings.pap import Pap
from hilf.markings.tlp import WHERE_MISSING, Tlp


def level(markings: Markings, now: datetime) -> Tlp:
    """The level that counts: where an IEP is outside its period, no looser than what states none."""
    tlp = effective_tlp(markings)
    policy = markings.policy
    return tlp if policy is None or policy.in_force(now) else max(tlp, WHERE_MISSING)


def travels(markings: Markings, now: datetime) -> tuple[str, ...]:
    """Ids of the TLP 2.0 marking that goes along, so that a reader who knows TLP alone is as strict as we are.

    Nothing where the TLP of the object says all there is to say.
    """
    says_all = markings.tlp is not None and markings.policy is None and not markings.controls
    return () if says_all and markings.floor <= Tlp.CLEAR else (level(markings, now).marking_id,)


def marking_rules(
    profile: Profile, recipient: Recipient, communities: frozenset[str], now: datetime
) -> Iterator[Reason]:
    """What the markings refuse, and what they say beside that.

    Args:
        profile: of the object, with the markings of the place that is asked about.
        recipient: who would get it.
        communities: that it shares with us or belongs to otherwise.
        now: aware.
    """
    markings = profile.markings
    if markings.unknown:
        yield _refuses(
            "accord.marking-unreadable", f"A marking cannot be read: {', '.join(markings.unknown)}."
        )
    if markings.classified:
        text = f"It is classified: {', '.join(markings.classified)}. No accord of this node lets that go."
        yield _refuses("accord.classified", text)
    if markings.rel_to is not None and markings.rel_to.isdisjoint({recipient.country, *communities}):
        names = ", ".join(sorted(markings.rel_to)) or "nobody"
        text = f"It may go to {names} only, and {recipient.node} ({recipient.country}) is none of these."
        yield _refuses("accord.rel-to", text)
    if not profile.own:
        yield from _on_passing_on(markings)
    yield from _notes(markings, now)


def _on_passing_on(markings: Markings) -> Iterator[Reason]:
    if markings.no_onward:
        yield _refuses(
            "accord.marked-not-onward", "It is marked so that nobody who receives it passes it on."
        )
    if markings.policy is not None and markings.policy.attribution is Say.MUST_NOT:
        text = "Its IEP forbids to name the provider, and what is passed on names its author."
        yield _refuses("accord.provider-not-named", text)


def _notes(markings: Markings, now: datetime) -> Iterator[Reason]:
    if markings.tlp is None:
        text = f"It states no TLP and is treated as {WHERE_MISSING.label}."
        yield Reason("accord.tlp-missing", Says.NOTES, text)
    if markings.controls:
        names = " and ".join(scheme.upper() for scheme in markings.controls)
        text = f"It bears a marking that this node keeps and does not read on ({names})."
        yield Reason("accord.control-marking", Says.NOTES, text)
    if effective_pap(markings) > Pap.CLEAR:
        text = f"What may be done with it is limited: {effective_pap(markings).label}."
        yield Reason("accord.actions-limited", Says.NOTES, text)
    if markings.policy is not None:
        yield from _policy_notes(markings.policy, now)


def _policy_notes(policy: Policy, now: datetime) -> Iterator[Reason]:
    if not policy.in_force(now):
        text = f"Its IEP is outside its period, so it is treated as {WHERE_MISSING.label} at least."
        yield Reason("accord.iep-outside-period", Says.NOTES, text)
    if policy.encrypt_in_transit is Say.MUST:
        text = "Its IEP asks for encryption in transit, which every way out of this node has."
        yield Reason("accord.encrypted-in-transit", Says.NOTES, text)
    if policy.notifications is Say.MUST_NOT:
        text = "Its IEP forbids to notify those who are affected."
        yield Reason("accord.nobody-notified", Says.NOTES, text)


def _refuses(rule: str, text: str) -> Reason:
    return Reason(rule, Says.REFUSES, text)
