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
from hilf.console.choices import partner_choices
from hilf.console.intelligence import bulk, sight
from hilf.console.intelligence.search import lines_of
from hilf.console.listing import PAGE, after_number, listing
from hilf.node import status, triage
from hilf.node.home import now


@dataclass(frozen=True, slots=True)
class Door:
    """Another room in which something of partners waits: what the node says when it does."""

    view: str
    name: Promise
    codes: frozenset[str]


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
        self.fields["peer"].choices = [("", _("all")), *partner_choices()]  # type: ignore[attr-defined]


@needs(Power.READ)
@require_GET
def list_(request: HttpRequest) -> HttpResponse:
    """What nobody has looked at, the newest first."""
    home, form = settings.HILF_HOME, Narrow(request.GET or None)
    partner = form.cleaned_data["peer"] if form.is_bound and form.is_valid() else ""
    found = triage.page(home, PAGE + 1, after_number(request), partner, sight.narrowed(request, ()))
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


def _doors() -> list[tuple[Door, int]]:
    """The other rooms to which remarks of the node point, and how many do."""
    said = [each.code for each in status.status(settings.HILF_HOME, now()).warnings]
    counted = ((door, sum(code in door.codes for code in said)) for door in DOORS)
    return [(door, count) for door, count in counted if count]


@needs(Power.INTAKE)
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Say of what is ticked that it was looked at, or that it is false."""
    selection = bulk.selected(request)
    back = f"{reverse('inbox')}?{urlencode({'peer': request.POST.get('peer', '')})}"
    if not selection:
        messages.info(request, _("Nothing is ticked."))
        return redirect(back)
    word = request.POST.get("do", "")
    ids, by = bulk.ids_of(request, selection), str(request.user.get_username())
    count = triage.look(settings.HILF_HOME, ids, word, by, now())
    told = (
        ngettext("%(count)s object is marked as false.", "%(count)s objects are marked as false.", count)
        if word == triage.FALSE
        else ngettext("%(count)s object is marked as seen.", "%(count)s objects are marked as seen.", count)
    )
    messages.success(request, told % {"count": count})
    return redirect(back)
