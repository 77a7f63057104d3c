"""Why an object may leave to a partner, or may not, and on what ground it went there before."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from hilf.access.role import Power
from hilf.accord.past import to_change
from hilf.console.access import needs
from hilf.console.choices import partner_choices
from hilf.console.release.lines import lines, reads_red
from hilf.errors import HilfError
from hilf.node import titles, why
from hilf.node.home import Home, now


class Which(forms.Form):
    """Which object, to whom, at which time."""

    object = forms.CharField(
        label=_("Object"),
        max_length=300,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
    )
    to = forms.ChoiceField(label=_("Partner"))
    at = forms.DateTimeField(
        label=_("As it was at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Empty: now."),
    )

    def __init__(self, data: QueryDict | None = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["to"].choices = partner_choices()  # type: ignore[attr-defined]


@needs(Power.READ)
@require_GET
def of(request: HttpRequest) -> HttpResponse:
    """Every clause and rule that speaks about an object and a partner."""
    home = settings.HILF_HOME
    form = Which(
        request.GET if request.GET.get("object") and request.GET.get("to") else None,
        initial=request.GET.dict(),
    )
    context: dict[str, Any] = {"form": form}
    status = 200
    if form.is_bound and form.is_valid():
        try:
            context |= _found(request, home, form.cleaned_data)
        except HilfError as fault:
            context["fault"], status = fault, 400
    return render(request, "release/why.html", context, status=status)


def _found(request: HttpRequest, home: Home, asked: dict[str, Any]) -> dict[str, Any]:
    at, today = asked["at"], now()
    at = min(at + timedelta(seconds=59), today) if at is not None and at <= today else at
    found = why.why(home, asked["object"].strip(), asked["to"], today, None, at)
    called = titles.titles_of(home, [found.stix_id], today, reads_red=reads_red(request))
    shown = lines(request, found.weighed, found.to)
    return {
        "found": found,
        "title": called.get(found.stix_id, ""),
        "lines": shown,
        "past": found.past,
        "to_change": to_change(found.decision) if found.decision else (),
        "at": at,
    }
