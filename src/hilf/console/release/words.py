"""Words of release in the reader's language: states, what became of acts, what to do where something stays."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ALL_NODES: Final = _("all verified partners")

STATES: Final[dict[str, Promise]] = {
    "proposed": _("waits for an approval"),
    "queuing": _("being queued"),
    "queued": _("queued"),
    "died": _("died"),
}
"""States of releases as they are kept."""

IS: Final[dict[str, Promise]] = {
    **STATES,
    "going": _("on its way"),
    "settled": _("partly taken, partly not"),
    "waiting": _("waits to be sent"),
    "sent": _("sent, no receipt yet"),
    "applied": _("taken"),
    "duplicate": _("known there before"),
    "refused": _("refused"),
    "held": _("held there for a person"),
    "not-understood": _("kept there, not understood"),
    "dropped": _("not sent"),
    "retracted": _("taken back"),
    "unapproved": _("not approved yet"),
    "theirs": _("theirs"),
    "taken back": _("taken back there"),
}
"""How far a release is, and what became of an act of it."""

GOOD: Final = frozenset({"applied", "duplicate", "queued", "runs", "given"})
BAD: Final = frozenset({"died", "refused", "dropped", "denied", "withdrawn", "late"})
WAITS: Final = frozenset({"proposed", "unapproved", "held", "asked", "signing"})

DIED: Final[dict[str, Promise]] = {
    "release.bytes-changed": _("The bytes are not those that were signed for."),
    "release.object-changed": _("An object was changed after the proposal."),
    "release.object-retracted": _("An object was taken back after the proposal."),
    "release.taken-back": _("The partner was told to let go of an object of it."),
    "release.accord-changed": _("The accord is another version than the one it was proposed under."),
    "release.terms-changed": _("The terms are others than those that were signed for."),
    "release.approvals-changed": _("It needs more approvals by now."),
    "release.parts-changed": _("Other parts may go than those that were signed for."),
    "release.retention-over": _("The time for which it may be kept is over."),
    "release.interrupted": _("It was cut short: what was queued before is queued, the rest is not."),
    "release.not-proposed": _("The signature of the one who proposed it counts no longer."),
    "release.declined": _("Somebody said no to it."),
    "record.expired": _("Nobody approved it within a week."),
}
"""Why a proposal died."""


def look(state: str) -> str:
    """The class of a badge for a state."""
    for states, name in ((GOOD, "hilf-good"), (BAD, "hilf-bad"), (WAITS, "hilf-warning")):
        if state in states:
            return name
    return "hilf-told"


ORDERS: Final[dict[str, Promise]] = {
    "proposed": _("waits for an approval"),
    "runs": _("runs"),
    "stopped": _("stopped"),
    "died": _("died"),
    "over": _("over"),
}
"""How standing orders stand."""


_OTHER_ACCORD: Final = _("Agree on more with this partner: amend the accord.")
_MARKING: Final = _("Look at the marking: whoever wrote it may loosen it.")
_CONSENT: Final = _("Ask its originator for consent.")

TO_DO: Final[dict[str, Promise]] = {
    "accord.recipient-not-verified": _("Let two officers compare the partner's fingerprint."),
    "accord.none-in-force": _("Agree with this partner: draft an accord, or lift what was suspended."),
    "accord.marking-unreadable": _("Ask whoever wrote it what the marking means, or mark it anew."),
    "accord.classified": _("Map the classification in the settings, if the nation lets it go."),
    "accord.rel-to": _MARKING,
    "accord.marked-not-onward": _MARKING,
    "accord.tlp-missing": _MARKING,
    "accord.marking-above": _OTHER_ACCORD,
    "accord.pap-above": _OTHER_ACCORD,
    "accord.kind-not-covered": _OTHER_ACCORD,
    "accord.forbidden": _OTHER_ACCORD,
    "accord.personal-data-forbidden": _("Take the personal data out, and bring it in as a new version."),
    "accord.purpose-not-agreed": _("Choose a purpose that the accord names."),
    "accord.purpose-differs": _("Choose a purpose that the accord names."),
    "accord.duty-purpose": _("Choose a purpose that the accord names."),
    "accord.confidence-below": _("State the confidence, or raise it where you are sure."),
    "accord.labels-differ": _("Label it, if one of the labels fits."),
    "accord.sectors-differ": _("Name the sector, if one of them fits."),
    "accord.exercise-material": _("Release it for the purpose exercise."),
    "accord.end-stays": _("It goes by itself once both of its ends may go."),
    "accord.end-held-narrower": _("It stays: an end of it is held there under stricter terms."),
    "accord.definition-alone": _("Nothing: it goes along with what carries it."),
    "accord.retention-over": _("Nothing: it may be kept no longer."),
    "accord.onward-none": _("Nothing here: ask the originator to send it there."),
    "release.taken-back": _("Bring in a version that was modified later."),
    **dict.fromkeys(
        (
            "accord.onward-ask-originator",
            "accord.onward-listed",
            "accord.originator-control",
            "accord.green-outside-community",
            "accord.amber-not-onward",
            "accord.amber-strict-not-onward",
            "accord.red-named-people",
        ),
        _CONSENT,
    ),
    **{
        f"lists.{name}": _(
            "Look at what the list found; set the list aside for this once if it is wrong here."
        )
        for name in ("own-asset", "victim", "special-use", "warning-list")
    },
}
"""What to do where a rule keeps something here; rules without a line leave nothing to do but to read why."""
