"""What needs somebody now: the remarks of the node, each with a heading in the reader's language and a way to the page.

Decides for whom a remark is: who has the power to do what it asks. The sentence of the node itself stands below its heading.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hilf.access.role import Power
from hilf.node.awaited import Remark
from hilf.node.status import Status


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of remark stands on the page.

    Attributes:
        heading: what it is, for people.
        view: name of the address where it is dealt with; empty where the console has no page for it.
        power: who can deal with it; None for whoever runs the machine.
        about: what of the remark the address is of: "accord", "release", "node", or nothing.
        icon: `ti-NAME`.
    """

    heading: Promise
    view: str = ""
    power: Power | None = None
    about: str = ""
    icon: str = "ti-alert-triangle"


KINDS: Final[dict[str, Kind]] = {
    "status.release-waits": Kind(
        _("A release waits for approval"), "release", Power.APPROVE, "release", "ti-checkbox"
    ),
    "status.order-waits": Kind(
        _("A standing order waits for approval"), "orders", Power.APPROVE, "", "ti-checkbox"
    ),
    "status.order-died": Kind(_("A standing order sends nothing any more"), "orders", Power.PROPOSE),
    "status.order-leaves": Kind(_("A standing order ends soon"), "orders", Power.PROPOSE, "", "ti-clock"),
    "status.accord-waits": Kind(_("An accord waits for us"), "accord", Power.SIGN, "accord", "ti-signature"),
    "status.accord-rivals": Kind(
        _("Two texts of one accord stand against each other"), "accord", Power.SIGN, "accord"
    ),
    "status.suspension-waits": Kind(
        _("A suspension waits for another officer"), "accord", Power.SIGN, "accord", "ti-signature"
    ),
    "status.end-waits": Kind(
        _("The end of an accord waits for another officer"), "accord", Power.SIGN, "accord", "ti-signature"
    ),
    "status.accord-stopped": Kind(
        _("A partner suspended, ended or left an accord"), "accord", Power.PARTNERS, "accord"
    ),
    "status.accord-ends": Kind(_("An accord is over soon"), "accord", Power.PARTNERS, "accord", "ti-clock"),
    "status.accord-review": Kind(
        _("An accord was to be looked at again"), "accord", Power.PARTNERS, "accord", "ti-clock"
    ),
    "status.peer-waits": Kind(
        _("A partner waits to be verified"), "partner", Power.SIGN, "node", "ti-user-check"
    ),
    "status.peer-suspended": Kind(
        _("A partner is suspended"), "partner", Power.SIGN, "node", "ti-player-pause"
    ),
    "status.peer-fails": Kind(
        _("A partner is not reached"), "partner", Power.PARTNERS, "node", "ti-plug-connected-x"
    ),
    "status.peer-asks-to-wait": Kind(
        _("A partner asks us to send later"), "partner", Power.PARTNERS, "node", "ti-clock"
    ),
    "status.clock": Kind(_("The clocks of two nodes differ"), "partner", None, "node", "ti-clock"),
    "status.identity-changed": Kind(
        _("The identity of a partner changed"), "partner", Power.PARTNERS, "node", "ti-id-badge-2"
    ),
    "status.stix-identity-waits": Kind(
        _("A name of a partner waits to be verified"), "partner", Power.SIGN, "node", "ti-user-check"
    ),
    "status.peer-expires": Kind(
        _("The identity of a partner expires soon"), "partner", Power.PARTNERS, "node", "ti-clock"
    ),
    "status.peer-expired": Kind(
        _("The identity of a partner has expired"), "partner", Power.PARTNERS, "node"
    ),
    "status.retractions-held": Kind(
        _("Retractions of a partner are held"), "retraction_held", Power.PROPOSE, "node", "ti-arrow-back-up"
    ),
    "status.partner-holds": Kind(
        _("A partner holds our retractions"), "partner", Power.PARTNERS, "node", "ti-arrow-back-up"
    ),
    "status.not-understood": Kind(
        _("A partner sends what this version does not understand"), "partner", None, "node"
    ),
    "status.reconciling": Kind(_("Two streams are being compared"), "partner", None, "node", "ti-refresh"),
    "status.reconciled": Kind(
        _("Two streams were compared"), "partner", Power.PARTNERS, "node", "ti-refresh"
    ),
    "status.consent-asked": Kind(
        _("A partner asks for our consent"), "consents", Power.APPROVE, "", "ti-help-circle"
    ),
    "status.consent-late": Kind(
        _("An answer about consent is late"), "consents", Power.APPROVE, "", "ti-clock"
    ),
    "status.consent-answered": Kind(
        _("A question about consent was answered"), "consents", Power.PROPOSE, "", "ti-help-circle"
    ),
    "status.quarantine": Kind(_("Objects wait in quarantine"), "quarantine", Power.INTAKE, "", "ti-inbox"),
    "status.full-text": Kind(_("The full text is being filled"), "", None, "", "ti-clock"),
    "status.notice-fails": Kind(_("Messages to the duty officer do not get through"), "", None),
    "status.identity-expires": Kind(_("Our identity expires soon"), "card", Power.KEYS, "", "ti-clock"),
    "status.identity-expired": Kind(_("Our identity has expired"), "card", Power.KEYS),
    "status.online-key-old": Kind(_("Our online key is old"), "", Power.KEYS, "", "ti-key"),
    "status.online-key": Kind(
        _("Our online key does not stand in our identity"), "", Power.KEYS, "", "ti-key"
    ),
    "status.certificate": Kind(
        _("The certificate of our gateway does not stand in our identity"), "", Power.KEYS, "", "ti-key"
    ),
    "status.endpoint": Kind(_("Partners look for us at another address"), "", Power.KEYS),
    "status.proposal-open": Kind(_("A change of our identity is not finished"), "", Power.KEYS, "", "ti-key"),
    "status.root-keys-here": Kind(_("Root keys lie on this machine"), "", Power.KEYS, "", "ti-key"),
    "status.single-officer": Kind(_("One officer alone can sign"), "", Power.KEYS),
    "status.too-few-officers": Kind(_("There are too few officers"), "", Power.KEYS),
    "status.disk": Kind(_("The disk is nearly full"), "", None),
    "status.restored": Kind(_("This node was restored from a backup"), "", None, "", "ti-history"),
    "status.was-restored": Kind(_("This node was restored from a backup"), "", None, "", "ti-history"),
    "status.last-copies-gone": Kind(_("What was restored lacks objects"), "", None, "", "ti-history"),
}
"""Every code that the node may remark on; what is not here has its own sentence as heading."""

_FOUND: Final = {
    "accord": re.compile(r"accord--[0-9a-f-]{36}"),
    "release": re.compile(r"release--[0-9a-f-]{36}"),
}


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that needs somebody.

    Attributes:
        heading: in the reader's language; None where the sentence has to do.
        remark: what the node says.
        url: where it is dealt with; empty where that is the command line.
        subject: the node or id that it is about, if one is known.
        icon: `ti-NAME`.
        is_fault: whether it stops the node.
        is_mine: whether the reader can deal with it.
    """

    heading: Promise | None
    remark: Remark
    url: str
    subject: str
    icon: str
    is_fault: bool
    is_mine: bool


def needs_of(found: Status, powers: frozenset[Power]) -> list[Need]:
    """Everything that needs somebody: what stops the node, then what the reader can deal with, then the rest."""
    nodes = [each.node for each in found.peers]
    every = [
        *(_need(remark, nodes, powers, is_fault=True) for remark in found.faults),
        *(_need(remark, nodes, powers, is_fault=False) for remark in found.warnings),
    ]
    return sorted(every, key=lambda need: (not need.is_fault, not need.is_mine))


def _need(remark: Remark, nodes: Sequence[str], powers: frozenset[Power], *, is_fault: bool) -> Need:
    kind = KINDS.get(remark.code)
    if kind is None:
        return Need(None, remark, "", "", "ti-alert-triangle", is_fault, is_fault)
    subject = _subject(kind.about, remark, nodes)
    is_mine = Power.SETTINGS in powers if kind.power is None else kind.power in powers
    return Need(kind.heading, remark, _url(kind, subject), subject, kind.icon, is_fault, is_mine)


def _subject(about: str, remark: Remark, nodes: Iterable[str]) -> str:
    """What a remark is about: the first id in it, or the longest name of a partner that stands in it."""
    if about in _FOUND:
        found = _FOUND[about].search(remark.what)
        return found.group() if found else ""
    if about == "node":
        return max((node for node in nodes if node in remark.what), key=len, default="")
    return ""


def _url(kind: Kind, subject: str) -> str:
    if not kind.view or (kind.about and not subject):
        return ""
    try:
        return reverse(kind.view, args=[subject] if kind.about else [])
    except NoReverseMatch:
        return ""
