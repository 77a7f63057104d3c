"""The audit trail: searched, checked, exported."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import orjson
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from hilf.access.role import Power
from hilf.access.trail import Kind
from hilf.console import audited
from hilf.console.access import needs
from hilf.console.audit.words import KINDS
from hilf.console.listing import PAGE, after, listing
from hilf.node import audit
from hilf.node.audit import Query


class Search(forms.Form):
    """Which entries."""

    person = forms.CharField(label=_("Person"), required=False, max_length=150)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("all")), *KINDS.items()])
    action = forms.CharField(label=_("What"), required=False, max_length=100)
    subject = forms.CharField(
        label=_("About"), required=False, max_length=200, widget=forms.TextInput(attrs={"dir": "ltr"})
    )
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def query(self) -> Query:
        """What is asked for; days are UTC."""
        asked = self.cleaned_data if self.is_valid() else {}
        since, until = asked.get("since"), asked.get("until")
        return Query(
            kind=asked.get("kind", ""),
            person=asked.get("person", "").strip(),
            action=asked.get("action", "").strip(),
            subject=asked.get("subject", "").strip(),
            since=datetime.combine(since, time(), UTC) if since else None,
            until=datetime.combine(until + timedelta(days=1), time(), UTC) if until else None,
        )


@needs(Power.AUDIT)
@require_GET
def list_(request: HttpRequest) -> HttpResponse:
    """The newest entries first, as far as they are asked for."""
    form = Search(request.GET)
    key = after(request)
    before = int(key) if key.isdecimal() and len(key) <= len(str(2**62)) else None
    found = audit.entries(form.query(), before, PAGE + 1)
    page = listing(request, found, lambda each: each.seq, filters=tuple(form.fields))
    return render(request, "audit/list.html", {"page": page, "form": form, "query": request.GET.urlencode()})


@needs(Power.AUDIT)
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Check every entry, and show the head to be noted elsewhere."""
    verified = audit.verify()
    audited.did(request)
    return render(request, "audit/verified.html", {"verified": verified})


@needs(Power.AUDIT)
@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The entries that are asked for, one JSON document a line, with the bytes that are hashed."""
    query = Search(request.GET).query()
    audited.write(request, Kind.SAW, subject="audit trail")

    def lines() -> Iterator[bytes]:
        for each in audit.exported(query):
            yield orjson.dumps(each) + b"\n"

    name = f"audit-{settings.HILF_HOME.node}.jsonl"
    return StreamingHttpResponse(
        lines(),
        content_type="application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
