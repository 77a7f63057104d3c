"""What a partner takes back in too great numbers without its officers: held, and decided by a person, all of it at once."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from hilf.access.role import Power
from hilf.console import listing
from hilf.console.access import needs, powers_of
from hilf.node import mass, withdrawn
from hilf.node.home import Home, now

AT_MOST_S: Final = 8.0
"""How long one request works; the rest goes on with the next one, so that nobody waits before an empty page."""


class _EnoughForNow(Exception):
    """The request has worked long enough."""


@needs(Power.READ)
@require_GET
def of(request: HttpRequest, node: str) -> HttpResponse:
    """The retractions of a partner that wait for a person."""
    home, start = settings.HILF_HOME, listing.after_number(request) or 0
    fetched = withdrawn.held(home, node, start, listing.PAGE + 1)
    page = listing.listing(request, fetched, lambda row: row.place)
    return render(
        request,
        "retraction/held.html",
        {
            "node": node,
            "page": page,
            "count": withdrawn.held_by_partner(home).get(node, 0),
            "may_decide": Power.INTAKE in powers_of(request),
        },
    )


@needs(Power.INTAKE)
@require_POST
def accept(request: HttpRequest, node: str) -> HttpResponse:
    """Apply them: what the partner said is hidden here, and erased in its time."""
    return _decide(request, node, mass.accept)


@needs(Power.INTAKE)
@require_POST
def refuse(request: HttpRequest, node: str) -> HttpResponse:
    """Refuse them: the partner did not mean them, and what it said stays."""
    return _decide(request, node, mass.refuse)


def _decide(
    request: HttpRequest, node: str, decide: Callable[[Home, str, datetime, mass.Told], int]
) -> HttpResponse:
    until, decided = time.monotonic() + AT_MOST_S, 0

    def told(count: int, _of: int) -> None:
        nonlocal decided
        decided = count
        if time.monotonic() > until:
            raise _EnoughForNow

    try:
        decided = decide(settings.HILF_HOME, node, now(), told)
    except _EnoughForNow:
        messages.warning(
            request,
            ngettext(
                "%(count)s is decided; there are more. Press again to go on.",
                "%(count)s are decided; there are more. Press again to go on.",
                decided,
            )
            % {"count": f"{decided:,}"},
        )
        return redirect("retraction_held", node)
    messages.success(
        request,
        ngettext(
            "%(count)s retraction is decided; the partner is told.",
            "%(count)s retractions are decided; the partner is told.",
            decided,
        )
        % {"count": f"{decided:,}"},
    )
    return redirect("retractions")
