"""Bringing objects in by file or paste; how far it is; what was found wrong, one by one; taking a whole import back."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hilf.access.role import Power
from hilf.console import audited
from hilf.console.access import needs, powers_of
from hilf.console.intelligence import sight
from hilf.console.intelligence.forms import Bring
from hilf.console.intelligence.words import IMPORTS, OUTCOMES
from hilf.console.listing import PAGE, after, after_number, listing
from hilf.errors import CallerFault, Refusal
from hilf.node import sources
from hilf.node import upload as uploads
from hilf.node.home import now
from hilf.settings import values_of
from hilf.store.instant import moment
from hilf.store.intelligence.imports import ImportRecord

COUNTS: Final = ("read", "new", "updated", "duplicate", "refused", "quarantined", "warnings")


@needs(Power.INTAKE)
@require_http_methods(["GET", "POST"])
def bring(request: HttpRequest) -> HttpResponse:
    """A file or a text, taken in beside; the next page says how far it is."""
    hosts = values_of(settings.HILF_HOME.path)["intake_hosts"].text.replace(",", " ").split()
    form, fault = Bring(request.POST or None, request.FILES or None, hosts=hosts), None
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("upload", _begin(request, form.cleaned_data, hosts))
        except (CallerFault, Refusal) as wrong:
            audited.refused(request, wrong)
            fault = wrong
    known = [each.name for each in sources.listed()]
    return render(
        request,
        "intelligence/intake.html",
        {
            "form": form,
            "fault": fault,
            "sources": known,
            "imports": _rows(sources.newest_imports(settings.HILF_HOME, 5)),
        },
        status=400 if request.method == "POST" else 200,
    )


def _begin(request: HttpRequest, asked: Mapping[str, Any], hosts: Collection[str]) -> str:
    """Start taking in what was handed over; the upload's id."""
    home, by = settings.HILF_HOME, str(request.user.get_username())
    how = (asked["marking"], asked["source"], by, now())
    if asked.get("url"):
        return uploads.fetch(home, asked["url"], hosts, *how)
    given = asked["file"]
    if given:
        return uploads.begin(home, given.name, given.chunks(), *how)
    return uploads.begin(home, "pasted.json", [asked["text"].encode(errors="surrogatepass")], *how)


@needs(Power.INTAKE)
@require_GET
def upload(request: HttpRequest, upload_id: str) -> HttpResponse:
    """How far an upload is; when it has ended, its import."""
    found = uploads.look(settings.HILF_HOME, upload_id)
    is_over = found.answer is not None
    if is_over and found.record is not None and found.fault is None:
        there = reverse("import", args=[found.record.import_id])
        return (
            HttpResponse(headers={"HX-Redirect": there})
            if request.headers.get("HX-Request")
            else redirect(there)
        )
    part = "intelligence/progress.html" if request.headers.get("HX-Request") else "intelligence/upload.html"
    return render(request, part, {"upload": found, "counts": _counts(found.record), "is_over": is_over})


@needs(Power.READ)
@require_GET
def imports(request: HttpRequest) -> HttpResponse:
    """Every import, newest first."""
    records = sources.newest_imports(settings.HILF_HOME, PAGE + 1, after_number(request))
    page = listing(request, _rows(records), lambda row: row["record"].import_id)
    return render(
        request, "intelligence/imports.html", {"page": page, "may_intake": Power.INTAKE in powers_of(request)}
    )


@needs(Power.READ)
@require_GET
def one(request: HttpRequest, import_id: int) -> HttpResponse:
    """One import with its findings, one by one."""
    record = sources.one(settings.HILF_HOME, import_id)
    place = after(request)
    numbered = sources.findings(import_id, None, PAGE + 1, int(place) if place.isdecimal() else 0)
    rows = [
        {"number": number, "finding": each, "outcome": OUTCOMES.get(each.outcome, each.outcome)}
        for number, each in numbered
    ]
    page = listing(request, rows, lambda row: row["number"])
    return render(
        request,
        "intelligence/import.html",
        {
            "page": page,
            **_row(record),
            "may_undo": Power.INTAKE in powers_of(request) and record.state != "undone",
            "may_red": sight.may_red(request),
        },
    )


@needs(Power.INTAKE)
@require_POST
def undo(request: HttpRequest, import_id: int) -> HttpResponse:
    """Take one whole import back."""
    try:
        undone = sources.take_back(settings.HILF_HOME, import_id)
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.lines()))
        return redirect("import", import_id)
    words = ngettext(
        "%(count)s version is gone; what other imports brought too stays.",
        "%(count)s versions are gone; what other imports brought too stays.",
        undone.removed,
    )
    messages.success(request, words % {"count": undone.removed})
    return redirect("import", import_id)


def _rows(records: Iterable[ImportRecord]) -> list[dict[str, Any]]:
    return [_row(each) for each in records]


def _row(record: ImportRecord) -> dict[str, Any]:
    return {
        "record": record,
        "name": Path(record.name).name,
        "started": moment(record.started),
        "state": IMPORTS.get(record.state, record.state),
        "counts": _counts(record),
    }


def _counts(record: ImportRecord | None) -> dict[str, int]:
    found = record.counts if record else {}
    return {name: found.get(name, 0) for name in COUNTS}
