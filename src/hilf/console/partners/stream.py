"""How the stream with one partner goes: receipts, refusals with their reasons, quotas, and another try at once."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hilf.access.role import Power
from hilf.console.access import needs
from hilf.console.listing import PAGE, after, listing
from hilf.console.partners.words import OUTCOMES
from hilf.node import quota as quotas
from hilf.node import receipts as signed
from hilf.node import sync, traffic
from hilf.node.home import now as present
from hilf.settings import usual_quota
from hilf.store.federation.quota import KeptQuota

LARGEST: Final = 2**53 - 1


@needs(Power.PARTNERS)
@require_POST
def now(request: HttpRequest, node: str) -> HttpResponse:
    """Let the worker try a partner at once, however long it was to wait after failures."""
    sync.try_now(settings.HILF_HOME, node)
    messages.success(request, _("%(node)s is tried in the next seconds.") % {"node": node})
    return redirect("partner", node)


@needs(Power.READ)
@require_GET
def receipts(request: HttpRequest, node: str) -> HttpResponse:
    """What a partner signed for, batch by batch."""
    found = signed.held(settings.HILF_HOME, node, PAGE + 1, _place(request))
    shown = [
        {"receipt": each, "outcomes": _outcomes(each.outcomes), "since": _outcomes(each.since)}
        for each in found
    ]
    page = listing(request, shown, lambda row: row["receipt"].number)
    return render(request, "partners/receipts.html", {"partner": node, "page": page})


@needs(Power.READ)
@require_GET
def refusals(request: HttpRequest, node: str) -> HttpResponse:
    """What a partner refused of ours, or we of its own, and why."""
    ours = request.GET.get("of") != "theirs"
    found = traffic.refusals(settings.HILF_HOME, node, ours=ours, before=_place(request), most=PAGE + 1)
    page = listing(request, found, lambda row: row.place)
    return render(request, "partners/refusals.html", {"partner": node, "page": page, "ours": ours})


class QuotaForm(forms.Form):
    """What a partner may use where it differs from the settings; an empty field leaves it to them."""

    acts_per_hour = forms.IntegerField(
        label=gettext_lazy("Acts in an hour"), min_value=0, max_value=LARGEST, required=False
    )
    bytes_per_hour = forms.IntegerField(
        label=gettext_lazy("Bytes in an hour, unpacked"), min_value=0, max_value=LARGEST, required=False
    )
    processor_s_per_hour = forms.IntegerField(
        label=gettext_lazy("Seconds of processor in an hour"), min_value=0, max_value=LARGEST, required=False
    )
    disk_bytes = forms.IntegerField(
        label=gettext_lazy("Bytes on the disk"), min_value=0, max_value=LARGEST, required=False
    )
    reconciles_per_hour = forms.IntegerField(
        label=gettext_lazy("Reconciliations in an hour"), min_value=0, max_value=LARGEST, required=False
    )


@needs(Power.PARTNERS)
@require_http_methods(["GET", "POST"])
def quota(request: HttpRequest, node: str) -> HttpResponse:
    """What a partner may use of this node, and has used in this hour; set what differs from the settings."""
    home = settings.HILF_HOME
    kept = quotas.kept(home, node)
    form = QuotaForm(request.POST if request.method == "POST" else None, initial=asdict(kept))
    if request.method == "POST" and form.is_valid():
        quotas.forget_own(home, node)
        if any(value is not None for value in form.cleaned_data.values()):
            quotas.put(home, node, KeptQuota(**form.cleaned_data))
        messages.success(request, _("What %(node)s may use is set.") % {"node": node})
        return redirect("partner", node)
    allowed, used = quotas.of(home, node, usual_quota(home.path), present()), quotas.used(node, present())
    return render(
        request,
        "partners/quota.html",
        {"partner": node, "form": form, "allowed": allowed, "used": used},
        status=400 if request.method == "POST" else 200,
    )


def _outcomes(counts: Mapping[str, int]) -> list[tuple[object, int]]:
    return [(OUTCOMES.get(word, word), count) for word, count in sorted(counts.items())]


def _place(request: HttpRequest) -> int | None:
    """The place from which a page goes on, as its address says; what is no number starts at the beginning."""
    given = after(request)
    return int(given) if given.isascii() and given.isdecimal() and len(given) < len(str(LARGEST)) else None
