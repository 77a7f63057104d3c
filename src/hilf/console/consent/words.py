"""Words of consent in the reader's language."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STATES: Final[dict[str, Promise]] = {
    "asked": _("waits for an answer"),
    "refused": _("the partner took no such question"),
    "late": _("no answer in time: a no"),
    "signing": _("our officers must sign"),
    "given": _("given"),
    "over": _("given, and over"),
    "denied": _("denied"),
    "withdrawn": _("given, and taken back"),
}

DENIALS: Final[dict[str, Promise]] = {
    "not-agreed": _("The originator does not agree."),
    "recipient": _("Not to these recipients."),
    "source-at-risk": _("It would put a source at risk."),
    "legal": _("Law or contract stands against it."),
    "outdated": _("This version is out of date; ask about the newest one."),
    "expired": _("Whoever had to be asked did not answer in time."),
    "nobody-to-ask": _("The node that was asked is not the originator and can ask nobody."),
    "withdrawn": _("It was given, and is taken back."),
}
"""Why not; the partner sees the word and nothing else. Source: federation/consent."""

OURS_TO_SAY: Final = ("not-agreed", "recipient", "source-at-risk", "legal", "outdated")
"""Codes with which a person says no to a question; one that was given is taken back with `withdrawn`."""
