"""Words of retraction in the reader's language."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: Final[dict[str, Promise]] = {
    "error": _("it is wrong"),
    "consent-withdrawn": _("consent was withdrawn"),
    "legal": _("law stands against it"),
    "expired": _("its time is over"),
    "source-at-risk": _("a source is at risk"),
}
"""Why an assertion is taken back. Source: protocol.md 5."""

STATES: Final[dict[str, Promise]] = {
    "open": _("not confirmed yet"),
    "hidden": _("hidden there"),
    "erased": _("erased there"),
    "held": _("held there for a person"),
    "refused": _("has no such thing"),
}
"""What a node says that was told."""

ACTS: Final[dict[str, Promise]] = {
    "waiting": _("waits to be sent"),
    "sent": _("sent, no receipt yet"),
    "applied": _("taken"),
    "duplicate": _("known there before"),
    "refused": _("refused"),
    "held": _("held there for a person"),
    "not-understood": _("kept there, not understood"),
    "dropped": _("not sent"),
}
"""What became of the act that told it."""
