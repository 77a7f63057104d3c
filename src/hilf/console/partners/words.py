"""Words of the partners' pages in the reader's language: states of peers, what became of acts."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hilf.federation.peer import PeerState

STATES: Final[dict[str, Promise]] = {
    PeerState.INTRODUCED.value: _("introduced"),
    PeerState.VERIFIED.value: _("verified"),
    PeerState.SUSPENDED.value: _("suspended"),
    PeerState.REVOKED.value: _("revoked"),
}
"""How far a peer is trusted."""

COLOURS: Final = {
    PeerState.INTRODUCED.value: "yellow",
    PeerState.VERIFIED.value: "green",
    PeerState.SUSPENDED.value: "orange",
    PeerState.REVOKED.value: "secondary",
}

OUTCOMES: Final[dict[str, Promise]] = {
    "applied": _("taken"),
    "duplicate": _("known before"),
    "refused": _("refused"),
    "held": _("held for a person"),
    "not-understood": _("kept, not understood"),
}
"""What a receiver made of an act. Source: wire.md 4."""
