"""Standing orders: what leaves by itself, approved by two people, until it ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hilf.access.role import Power
from hilf.console import listing
from hilf.console.access import needs, powers_of
from hilf.console.release.lines import Line, lines
from hilf.console.release.order_form import Narrow, New
from hilf.console.sign import SignForm
from hilf.console.step_up import returned, step_up
from hilf.errors import HilfError, Refusal
from hilf.node import order, order_run, why
from hilf.node.approval import ROLE
from hilf.node.home import now
from hilf.node.order import Shown
from hilf.node.order_run import Sorted
from hilf.store.instant import moment

FEW: Final = 50


@needs(Power.READ)
@require_GET
def list_(request: HttpRequest) -> HttpResponse:
    """All standing orders, the newest first."""
    every = order.every(settings.HILF_HOME, now())
    state, after = request.GET.get("state", ""), listing.after(request)
    found = [each for each in every if not state or each.state == state]
    start = next((n + 1 for n, each in enumerate(found) if each.order.id == after), 0)
    page = listing.listing(
        request,
        found[start : start + listing.PAGE + 1],
        lambda row: row.order.id,
        filters=("state",),
    )
    return render(
        request,
        "release/orders.html",
        {
            "page": page,
            "form": Narrow(request.GET or None),
            "may_propose": Power.PROPOSE in powers_of(request),
        },
    )


@needs(Power.READ)
@require_GET
def one(request: HttpRequest, order_id: str) -> HttpResponse:
    """One order: what it binds, how it stands, what its last run did."""
    home = settings.HILF_HOME
    shown = order.shown(home, order.known(order_id), now())
    powers = powers_of(request)
    return render(
        request,
        "release/order.html",
        {
            "shown": shown,
            "people": why.people(home, shown.kept),
            "last": _last(shown),
            "next_run": moment(shown.kept.next_run)
            if shown.state == "runs" and shown.kept.next_run
            else None,
            "may_approve": Power.APPROVE in powers,
            "may_stop": Power.PROPOSE in powers,
            "stops": shown.kept.state in ("proposed", "runs", "died"),
        },
    )


@dataclass(frozen=True, slots=True)
class Did:
    """What a run did for one recipient."""

    node: str
    queued: int
    left: tuple[str, ...]
    error: str


def _last(shown: Shown) -> tuple[datetime, list[Did]] | None:
    nodes = (shown.last or {}).get("nodes")
    if not shown.last or not isinstance(nodes, Mapping):
        return None
    did = [_did(node, said) for node, said in nodes.items() if isinstance(said, Mapping)]
    return datetime.fromisoformat(str(shown.last["at"])), did


def _did(node: str, said: Mapping[str, Any]) -> Did:
    left = (*said.get("approvals", ()), *said.get("warned", ()))
    return Did(node, int(said.get("queued", 0)), tuple(map(str, left)), str(said.get("error", "")))


@dataclass(frozen=True, slots=True)
class Run:
    """What a run would do for one recipient; the first objects of each part."""

    found: Sorted
    goes: list[Line]
    approvals: list[Line]
    warned: list[Line]

    @property
    def waiting(self) -> int:
        """How many are left to a person."""
        return len(self.found.approvals) + len(self.found.warned)


@needs(Power.READ)
@require_GET
def preview(request: HttpRequest, order_id: str) -> HttpResponse:
    """What a run would send now, and what it would leave to a person; nothing is sent."""
    home = settings.HILF_HOME
    shown = order.shown(home, order.known(order_id), now())
    runs = [
        Run(
            each,
            *(
                lines(request, part[:FEW], each.preview.to)
                for part in (each.goes, each.approvals, each.warned)
            ),
        )
        for each in order_run.preview(home, order_id, now())
    ]
    return render(request, "release/order_preview.html", {"shown": shown, "runs": runs, "few": FEW})


@needs(Power.PROPOSE)
@step_up
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Propose an order as an officer; it runs once another one has approved it."""
    home, sent = settings.HILF_HOME, request.method == "POST"
    typed = returned(request)
    initial: dict[str, Any] = {**request.GET.dict(), **typed}
    if asked_for := request.GET.getlist("to"):
        initial["to"] = asked_for
    form = New(home, request.POST if sent else None, initial=initial)
    signing = SignForm(request, ROLE, request.POST if sent else None)
    if sent and form.is_valid():
        asked = form.cleaned_data
        what = (asked["select"], asked["to"], asked["every"], asked["until"])
        try:
            order.drafted(home, *what, now(), asked["purpose"] or None)
        except HilfError as fault:
            form.add_error(None, fault.what)
        else:
            if signing.is_valid():
                shown = order.propose(home, *what, signing.key, now(), purpose=asked["purpose"] or None)
                messages.success(
                    request, _("The order is proposed.") if shown.missing else _("The order runs.")
                )
                return redirect("order", shown.order.id)
    return render(
        request,
        "release/order_new.html",
        {"form": form, "signing": signing, "partners": form.partners},
    )


@needs(Power.APPROVE)
@step_up
@require_http_methods(["GET", "POST"])
def approve(request: HttpRequest, order_id: str) -> HttpResponse:
    """Approve an order as somebody else than the one who proposed it; it runs from then on."""
    home, at = settings.HILF_HOME, now()
    form = SignForm(request, ROLE, request.POST if request.method == "POST" else None, order.exact(order_id))
    kept = order.to_approve(home, order_id, form.officer.key.kid if form.officer else "", at)
    shown = order.shown(home, kept, at)
    if request.method == "POST":
        if request.POST.get("subject") != kept.subject:
            raise Refusal(
                "order.other-bytes",
                _("What was sent is not the approval of this order."),
                _("An approval binds the exact bytes that were shown."),
                _("Open the order again, and look at it."),
            )
        if form.is_valid():
            order.approve(home, order_id, form.key, form.at)
            messages.success(request, _("You approved it. The order runs."))
            return redirect("order", order_id)
    return render(
        request,
        "release/order_approve.html",
        {"shown": shown, "people": why.people(home, kept), "form": form},
    )


@needs(Power.PROPOSE)
@require_POST
def stop(request: HttpRequest, order_id: str) -> HttpResponse:
    """Stop an order for good."""
    order.stop(settings.HILF_HOME, order_id, now())
    messages.success(request, _("The order is stopped. What it sent is not called back."))
    return redirect("order", order_id)
