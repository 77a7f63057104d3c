"""Words of these pages in the reader's language: states of assertions and imports, outcomes, events, tactics."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STATES: Final[dict[str, Promise]] = {
    "current": _("counts"),
    "older": _("older version"),
    "quarantined": _("waits in quarantine"),
    "hidden": _("taken back"),
    "erased": _("taken back and erased"),
    "dropped": _("dropped"),
}
"""What an assertion is here."""

IMPORTS: Final[dict[str, Promise]] = {
    "running": _("running"),
    "done": _("done"),
    "failed": _("failed"),
    "interrupted": _("interrupted"),
    "undone": _("taken back"),
}
"""How an import stands."""

OUTCOMES: Final[dict[str, Promise]] = {
    "accepted": _("accepted, with a remark"),
    "refused": _("refused"),
    "quarantined": _("waits in quarantine"),
    "dropped": _("dropped"),
}
"""What became of an object with a finding."""

BECOMES: Final[dict[str, Promise]] = {
    "current": _("Accepting lets it count."),
    "older": _("Accepting keeps it as an older version; a newer one counts."),
    "evidence": _("It contradicts what counts and stays as evidence: it cannot be accepted, only dropped."),
    "retracted": _("This version was taken back: it cannot be accepted, only dropped."),
    "wrong": _("It is wrong by the rules of today: it cannot be accepted, only dropped."),
}
"""What accepting would make of what waits."""

EVENTS: Final[dict[str, Promise]] = {
    "created": _("written"),
    "modified": _("changed by its author"),
    "received": _("came in"),
    "found": _("found wanting"),
    "sent": _("sent"),
    "retracted": _("taken back"),
    "confirmed": _("taking back confirmed"),
    "sighted": _("seen in the wild"),
    "labelled": _("labelled"),
}
"""What happens to an object."""

ACTS: Final[dict[str, Promise]] = {
    "waiting": _("waits to be sent"),
    "sent": _("sent, no receipt yet"),
    "applied": _("taken"),
    "duplicate": _("known there before"),
    "refused": _("refused there"),
    "held": _("held there for a person"),
    "dropped": _("not sent"),
    "retracted": _("taken back"),
    "open": _("not confirmed yet"),
    "hidden": _("hidden"),
    "erased": _("erased"),
}
"""What became of an act, or of a retraction."""

TACTICS: Final[dict[str, Promise]] = {
    "reconnaissance": _("Reconnaissance"),
    "resource-development": _("Resource development"),
    "initial-access": _("Initial access"),
    "execution": _("Execution"),
    "persistence": _("Persistence"),
    "privilege-escalation": _("Privilege escalation"),
    "stealth": _("Stealth"),
    "defense-evasion": _("Defence evasion"),
    "defense-impairment": _("Defence impairment"),
    "credential-access": _("Credential access"),
    "discovery": _("Discovery"),
    "lateral-movement": _("Lateral movement"),
    "collection": _("Collection"),
    "command-and-control": _("Command and control"),
    "exfiltration": _("Exfiltration"),
    "impact": _("Impact"),
}
"""Tactics of ATT&CK; others stand by their own name."""

MARKINGS: Final = ("tlp:clear", "tlp:green", "tlp:amber", "tlp:amber+strict", "tlp:red")
"""Levels that a person may lay over an object, loosest first."""
