"""The inbox: what partners sent and nobody has looked at, and what of theirs waits for a decision."""

from dataclasses import dataclass
from typing import Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from hilf.access.role import Power
from hilf.console.access import needs, powers_of
from hilf.console.intelligence import sight
from hilf.console.intelligence.search import lines_of
from hilf.console.listing import PAGE, after, listing
from hilf.node import status, triage
from hilf.node.home import now
from hilf.store.federation import peer as partners

MOST: Final = PAGE
"""Objects that are ticked on one page."""


@dataclass(frozen=True, slots=True)
class Door:
    """Another room in which something of partners waits."""

    view: str
    name: Promise
    codes: frozenset[str]
    count: int = 0


DOORS: Final = (
    Door("quarantine", gettext_lazy("In quarantine: accept or drop"), frozenset({"status.quarantine"})),
    Door(
        "consents",
        gettext_lazy("Asked for our consent"),
        frozenset({"status.consent-asked", "status.consent-late"}),
    ),
    Door(
        "accords",
        gettext_lazy("Accords to read and sign"),
        frozenset({"status.accord-waits", "status.accord-rivals"}),
    ),
    Door(
        "retractions", gettext_lazy("Retractions held for a person"), frozenset({"status.retractions-held"})
    ),
)


class Narrow(forms.Form):
    """Of whom."""

    peer = forms.ChoiceField(label=gettext_lazy("From"), required=False)

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        every = [("", _("all")), *((each.node, each.node) for each in partners.every())]
        self.fields["peer"].choices = every  # type: ignore[attr-defined]


@needs(Power.READ)
@require_GET
def list_(request: HttpRequest) -> HttpResponse:
    """What nobody has looked at, the newest first."""
    home, form = settings.HILF_HOME, Narrow(request.GET or None)
    partner = form.cleaned_data["peer"] if form.is_bound and form.is_valid() else ""
    place = after(request)
    found = triage.page(
        home, PAGE + 1, int(place) if place.isdecimal() else None, partner, sight.narrowed(request, ())
    )
    page = listing(request, lines_of(request, found.objects), lambda line: line.seq, filters=("peer",))
    sight.note(request, found.objects[:PAGE])
    return render(
        request,
        "inbox/list.html",
        {
            "page": page,
            "form": form,
            "found": found,
            "doors": _doors(),
            "peer": partner,
            "may_look": Power.INTAKE in powers_of(request),
            "may_propose": Power.PROPOSE in powers_of(request),
        },
    )


def _doors() -> list[Door]:
    """The other rooms, with how many remarks of the node point there."""
    remarks = status.status(settings.HILF_HOME, now()).warnings
    return [
        Door(door.view, door.name, door.codes, sum(each.code in door.codes for each in remarks))
        for door in DOORS
        if any(each.code in door.codes for each in remarks)
    ]


@needs(Power.INTAKE)
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Say of what is ticked that it was looked at, or that it is false."""
    ids = request.POST.getlist("id")[:MOST]
    back = f"{reverse('inbox')}?{urlencode({'peer': request.POST.get('peer', '')})}"
    if not ids:
        messages.info(request, _("Nothing is ticked."))
        return redirect(back)
    word = request.POST.get("do", "")
    count = triage.look(settings.HILF_HOME, ids, word, str(request.user.get_username()), now())
    told = (
        ngettext("%(count)s object is marked as false.", "%(count)s objects are marked as false.", count)
        if word == triage.FALSE
        else ngettext("%(count)s object is marked as seen.", "%(count)s objects are marked as seen.", count)
    )
    messages.success(request, told % {"count": count})
    return redirect(back)
