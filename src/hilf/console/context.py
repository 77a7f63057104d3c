"""What every page shows beside its own content: the node, the rooms that the person may enter, light or dark."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext_lazy as _

from hilf.access.role import Power
from hilf.console import reader
from hilf.console.access import powers_of


@dataclass(frozen=True, slots=True)
class Room:
    """A room, as the navigation shows it.

    Attributes:
        view: name of the address of its first page.
        icon: name of its icon (`ti-NAME`).
        name: as people call it.
        powers: any of these lets somebody enter.
    """

    view: str
    icon: str
    name: str | Promise
    powers: frozenset[Power]


@dataclass(frozen=True, slots=True)
class Link:
    """A line of the navigation."""

    url: str
    icon: str
    name: str
    is_here: bool


ROOMS: Final = (
    Room("first", "ti-home", _("Now"), frozenset({Power.READ})),
    Room("inbox", "ti-inbox", _("Inbox"), frozenset({Power.READ})),
    Room("intelligence", "ti-radar", _("Intelligence"), frozenset({Power.READ})),
    Room("partners", "ti-affiliate", _("Partners"), frozenset({Power.READ})),
    Room("accords", "ti-file-text", _("Accords"), frozenset({Power.READ})),
    Room("releases", "ti-send", _("Release"), frozenset({Power.READ})),
    Room("retractions", "ti-arrow-back-up", _("Retraction"), frozenset({Power.READ})),
    Room("consents", "ti-messages", _("Consent"), frozenset({Power.READ})),
    Room("people", "ti-users", _("People"), frozenset({Power.USERS})),
    Room("audit", "ti-clipboard-list", _("Audit"), frozenset({Power.AUDIT})),
)
"""The rooms in the order of the navigation; each room adds its own line, icons are named as `ti-NAME`."""

ACCOUNT_PAGES: Final = (
    ("mfa_index", _("Second factors")),
    ("account_change_password", _("Password")),
    ("usersessions_list", _("Sessions")),
    ("officer_key", _("Your officer's key")),
)
"""Pages about the person's own account, by the names that django-allauth gives them."""


def page(request: HttpRequest) -> dict[str, object]:
    """The node, the rooms, the reader's direction and light."""
    return {
        "node": settings.HILF_HOME.node,
        "is_rtl": get_language_bidi(),
        "theme": reader.theme(request),
        "rooms": rooms(request) if hasattr(request, "user") else (),
        "may": frozenset(power.value for power in powers_of(request)) if hasattr(request, "user") else (),
        "account_pages": account_pages(request),
    }


def account_pages(request: HttpRequest) -> tuple[Link, ...]:
    """The pages about the person's own account."""
    return tuple(
        Link(url := reverse(view), "", str(name), request.path.startswith(url))
        for view, name in ACCOUNT_PAGES
    )


def rooms(request: HttpRequest) -> tuple[Link, ...]:
    """The rooms that the person may enter."""
    powers = powers_of(request)
    return tuple(
        Link(url := reverse(room.view), room.icon, str(room.name), _is_here(request.path, url))
        for room in ROOMS
        if room.powers & powers
    )


def _is_here(path: str, url: str) -> bool:
    return path == url if url == reverse("first") else path.startswith(url)
