"""What waits for a person: why it waits, what accepting would make of it, and the decision with its reason."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from hilf.access.role import Power
from hilf.console import audited
from hilf.console.access import needs, powers_of
from hilf.console.intelligence import sight
from hilf.console.intelligence.forms import Decide
from hilf.console.intelligence.search import level_of
from hilf.console.intelligence.words import BECOMES
from hilf.console.listing import PAGE, after, listing
from hilf.errors import HilfError, Refusal
from hilf.node import quarantine
from hilf.node.home import now
from hilf.node.quarantine import Decided, Waiting, Which
from hilf.node.reading import pretty
from hilf.store.instant import moment
from hilf.store.intelligence import read


@needs(Power.READ)
@require_GET
def list_(request: HttpRequest) -> HttpResponse:
    """What waits, in the order in which it came."""
    place, peer = after(request), request.GET.get("peer", "")
    number = request.GET.get("import", "")
    which = Which(peer or None, int(number) if number.isdecimal() else None)
    found = quarantine.waiting(
        settings.HILF_HOME, now(), which, PAGE + 1, int(place) if place.isdecimal() else 0
    )
    rows = read.by_seq(each.number for each in found)
    lines = [_row(request, each, rows[each.number].tlp) for each in found]
    page = listing(request, lines, lambda line: line["each"].number, filters=("peer", "import"))
    sight.note(request, (rows[each.number] for each in found[:PAGE]) if sight.may_red(request) else ())
    return render(
        request,
        "intelligence/quarantine.html",
        {"page": page, "may_decide": Power.INTAKE in powers_of(request)},
    )


@needs(Power.INTAKE)
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, stix_id: str, sha256: str) -> HttpResponse:
    """One version with its bytes, and the decision on it."""
    home, at = settings.HILF_HOME, now()
    found = [each for each in quarantine.waiting_of(home, stix_id, at) if each.sha256 == sha256]
    if not found:
        messages.info(request, _("It waits no more: somebody decided on it."))
        return redirect("quarantine")
    (each, *_rest) = found
    audited.about(request, stix_id)
    form, fault = Decide(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            done = _decided(request, each, form.cleaned_data["reason"])
        except HilfError as wrong:
            audited.refused(request, wrong)
            fault = wrong
        else:
            messages.success(request, _tell(done))
            return redirect("quarantine")
    row = read.by_seq([each.number])[each.number]
    is_shown = sight.may(request, row.tlp)
    sight.note(request, [row] if is_shown else [])
    return render(
        request,
        "intelligence/decide.html",
        {
            **_row(request, each, row.tlp),
            "form": form,
            "fault": fault,
            "level": level_of(row),
            "body": pretty(row.original or row.body or b"") if is_shown else None,
        },
        status=(409 if isinstance(fault, Refusal) else 400) if request.method == "POST" else 200,
    )


def _decided(request: HttpRequest, each: Waiting, reason: str) -> Decided:
    which = Which(each.peer, each.import_id, each.sha256)
    verb = quarantine.accept if request.POST.get("decision") == "accept" else quarantine.drop
    return verb(settings.HILF_HOME, each.stix_id, which, reason, str(request.user.get_username()), now())


def _tell(done: Decided) -> str:
    words = {
        "current": _("Accepted: it counts now."),
        "older": _("Accepted as an older version."),
        "dropped": _("Dropped: it is erased, and the very same is not taken again."),
    }
    told = _("Told: %(nodes)s.") % {"nodes": ", ".join(dict.fromkeys(done.told))} if done.told else ""
    return f"{words.get(done.became, done.became)} {told}".strip()


def _row(request: HttpRequest, each: Waiting, level: int | None) -> dict[str, Any]:
    return {
        "each": each,
        "at": moment(each.at),
        "name": each.name if sight.may(request, level) else "",
        "becomes": BECOMES.get(each.becomes, each.becomes),
        "may_accept": each.becomes in ("current", "older"),
    }
