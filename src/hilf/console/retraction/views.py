"""Retractions of ours: the list, a new one, the board of who confirmed, and officers who stand behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from hilf.access.role import Power
from hilf.console import listing
from hilf.console.access import needs, powers_of
from hilf.console.release.lines import reads_red
from hilf.console.retraction.forms import Narrow, Retract
from hilf.console.sign import SignForm
from hilf.console.step_up import step_up
from hilf.errors import HilfError
from hilf.federation.retraction import RetractionReason
from hilf.node import confirmed, identity, titles, withdrawal, withdrawn
from hilf.node.confirmed import Told, Withdrawn
from hilf.node.home import now


@needs(Power.READ)
@require_GET
def list_(request: HttpRequest) -> HttpResponse:
    """Retractions that this node made or passed on, the newest first, and what of partners is held."""
    home = settings.HILF_HOME
    fetched = withdrawn.page(
        home,
        now(),
        before=listing.after_number(request),
        reason=request.GET.get("reason", ""),
        limit=listing.PAGE + 1,
    )
    page = listing.listing(request, fetched, lambda row: row.number, filters=("reason",))
    return render(
        request,
        "retraction/list.html",
        {
            "page": page,
            "form": Narrow(request.GET or None),
            "held": withdrawn.held_by_partner(home),
            "may_retract": Power.PROPOSE in powers_of(request),
        },
    )


@needs(Power.PROPOSE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Take an object back: hidden here at once, told to every node that has it from us."""
    home = settings.HILF_HOME
    form = Retract(request.POST if request.method == "POST" else None, initial=request.GET.dict())
    fault: HilfError | None = None
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            made = withdrawal.retract(
                home, asked["object"], RetractionReason(asked["reason"]), now(), asked["deadline"]
            )
        except HilfError as error:
            fault = error
        else:
            count = sum(len(each.nodes) for each in made)
            told = ngettext(
                "It is hidden here. %(count)s node is told with the next round.",
                "It is hidden here. %(count)s nodes are told with the next round.",
                count,
            ) % {"count": count}
            messages.success(
                request, told if count else _("It is hidden here. No other node has it from us.")
            )
            return redirect("retraction", asked["object"])
    title = ""
    if named := str(request.GET.get("object", "")):
        title = titles.titles_of(home, [named], now(), reads_red=reads_red(request)).get(named, "")
    return render(
        request,
        "retraction/new.html",
        {"form": form, "fault": fault, "title": title},
        status=409 if fault else 200,
    )


@dataclass(frozen=True, slots=True)
class Behind:
    """A node behind one that was told, or how many there are in a state."""

    node: str
    state: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One node on the board."""

    told: Told
    behind: tuple[Behind, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A retraction and every node that was told."""

    made: Withdrawn
    rows: tuple[Row, ...]

    @property
    def confirmed(self) -> int:
        """Nodes that hid or erased it."""
        return sum(row.told.state in ("hidden", "erased") for row in self.rows)

    @property
    def late(self) -> int:
        """Nodes whose time is over."""
        return sum(row.told.late for row in self.rows)


@needs(Power.READ)
@require_GET
def board(request: HttpRequest, object_id: str) -> HttpResponse:
    """Which node has hidden and erased it, until when it should, and who is late."""
    home, at = settings.HILF_HOME, now()
    made = confirmed.status(home, object_id, at)
    boards = [
        Board(each, tuple(Row(told, behind(told.further)) for told in each.nodes)) for each in reversed(made)
    ]
    return render(
        request,
        "retraction/board.html",
        {
            "object": object_id,
            "boards": boards,
            "needed": identity.own(home).newest.officers_per_act,
            "sign_url": _sign_url(request, object_id) if any(each.rows for each in boards) else "",
            "waits": any(row.told.state == "open" for each in boards for row in each.rows),
        },
    )


def _sign_url(request: HttpRequest, object_id: str) -> str:
    """Where this person stands behind a retraction; empty for who may not."""
    powers = powers_of(request)
    name = (
        "retraction_sign"
        if Power.PROPOSE in powers
        else "retraction_second"
        if Power.APPROVE in powers
        else ""
    )
    return reverse(name, args=[object_id]) if name else ""


def behind(further: Mapping[str, Any]) -> tuple[Behind, ...]:
    """The nodes behind one: by name where the accord names them, else how many."""
    named, counted = further.get("named"), further.get("counted")
    found = [
        Behind(str(hop["node"]), str(hop["state"]))
        for hop in (named if isinstance(named, list) else ())
        if isinstance(hop, Mapping)
    ]
    if isinstance(counted, Mapping):
        found += [Behind("", str(state), int(count)) for state, count in counted.items() if count]
    return tuple(found)


@needs(Power.PROPOSE)
@step_up
@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, object_id: str) -> HttpResponse:
    """Stand behind a retraction as an officer who may ask for releases."""
    return _sign(request, object_id)


@needs(Power.APPROVE)
@step_up
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest, object_id: str) -> HttpResponse:
    """Stand behind a retraction as an officer who may approve."""
    return _sign(request, object_id)


def _sign(request: HttpRequest, object_id: str) -> HttpResponse:
    """With as many officers as our identity demands, partners erase at once what puts a source at risk."""
    home, at = settings.HILF_HOME, now()
    form = SignForm(request, withdrawal.ROLE, request.POST if request.method == "POST" else None)
    made = confirmed.status(home, object_id, at)
    if form.officer is not None:
        withdrawal.check_retract(home, object_id, at, None, [form.officer.key.kid])
    if request.method == "POST" and form.is_valid():
        signed = withdrawal.retract(
            home, object_id, RetractionReason(made[-1].reason), now(), None, [form.key]
        )
        missing = max((each.missing or 0) for each in signed)
        said = ngettext(
            "You stand behind it. %(count)s more officer must.",
            "You stand behind it. %(count)s more officers must.",
            missing,
        ) % {"count": missing}
        messages.success(
            request, said if missing else _("You stand behind it. Enough officers do; partners are told.")
        )
        return redirect("retraction", object_id)
    return render(request, "retraction/sign.html", {"object": object_id, "made": made, "form": form})
