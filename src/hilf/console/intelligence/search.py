"""The list: words, values and terms in one line, newest first, page by page; what was found can be taken on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from hilf.access.role import Power
from hilf.console import foreign
from hilf.console.access import needs, powers_of
from hilf.console.intelligence import sight
from hilf.console.intelligence.forms import Search
from hilf.console.listing import PAGE, after_number, listing, sort
from hilf.errors import CallerFault
from hilf.markings.tlp import WHERE_MISSING, Tlp
from hilf.node import asked, mark, search
from hilf.node.asked import Asked
from hilf.node.home import now
from hilf.stix.select import Term
from hilf.store.instant import moment
from hilf.store.intelligence.assertion import Kept
from hilf.store.intelligence.search import Found

COUNTED: Final = 1_000
"""So many are counted; nobody pages through more."""
FILLED: Final = 500
"""A page fills the full text itself where no more than this waits; else the worker does."""
SORTS: Final = frozenset({"received"})


@dataclass(frozen=True, slots=True)
class Line:
    """One object as a list shows it; of a relationship what it joins: (from, how, to), by their names."""

    seq: int
    stix_id: str
    type: str
    name: str
    marking: str
    is_stated: bool
    owner: str
    asserter: str
    modified: datetime | None
    received: datetime
    labels: Sequence[str]
    revoked: bool
    redacted: bool
    joins: tuple[str, str, str] | None = None


@needs(Power.READ)
@require_GET
def list_(request: HttpRequest) -> HttpResponse:
    """What is found, or why the line was not understood."""
    home, form = settings.HILF_HOME, Search(request.GET)
    sorted_by = sort(request, SORTS, "-received")
    fault, found, meant = None, Found(0, ()), Asked((), "")
    try:
        meant = line_of(form)
        found = search.find(
            home,
            sight.narrowed(request, meant.terms),
            meant.words,
            PAGE + 1,
            after_number(request),
            COUNTED,
            FILLED,
            oldest_first=sorted_by == "received",
        )
    except CallerFault as wrong:
        fault = wrong
    lines = lines_of(request, found.objects)
    page = listing(request, lines, lambda line: line.seq, filters=("q", "marking"), sorted_by=sorted_by)
    sight.note(request, found.objects[:PAGE])
    return render(
        request,
        "intelligence/list.html",
        {
            "page": page,
            "form": form,
            "found": found,
            "fault": fault,
            "select": meant.select,
            "hints": search.hints(meant.words) if meant.words else (),
            "may_intake": Power.INTAKE in powers_of(request),
            "may_red": sight.may_red(request),
        },
        status=400 if fault else 200,
    )


@needs(Power.READ)
@require_GET
def complete(request: HttpRequest) -> HttpResponse:
    """How the line may go on, while somebody types."""
    offers = asked.complete(settings.HILF_HOME, request.GET.get("q", ""), now())
    # A word of a partner that would turn the line around is not put into it.
    honest = [each for each in offers if not any(map(foreign.is_hidden, each.adds))]
    return render(request, "intelligence/offers.html", {"offers": honest})


def line_of(form: Search) -> Asked:
    """What a form asks for.

    Raises:
        CallerFault: "select.syntax", "select.time", "markings.tlp".
    """
    if not form.is_valid():
        return Asked((), "")
    meant = asked.understand(form.cleaned_data["q"])
    level = form.cleaned_data["marking"]
    return Asked((*meant.terms, Term("marking", ":", (level,))), meant.words) if level else meant


def lines_of(request: HttpRequest, objects: Sequence[Kept]) -> list[Line]:
    """Objects as a list shows them to its reader."""
    home = settings.HILF_HOME
    labels = mark.labels_of(home, (each.stix_id for each in objects))
    joined = search.joined(home, objects, with_red=sight.may_red(request))
    sight.note(request, joined.red)
    return [_line(each, labels.get(each.stix_id, ()), joined.names.get(each.seq)) for each in objects]


def level_of(each: Kept) -> str:
    """The level that counts, in the words of the standard."""
    return (WHERE_MISSING if each.tlp is None else Tlp(each.tlp)).label


def _line(each: Kept, labels: Sequence[str], joins: tuple[str, str, str] | None) -> Line:
    stix_object = each.object
    return Line(
        each.seq,
        each.stix_id,
        each.type,
        search.name_of(stix_object),
        level_of(each),
        each.tlp is not None,
        each.owner,
        each.asserter,
        None if each.modified is None else moment(each.modified),
        moment(each.received),
        labels,
        stix_object.get("revoked") is True,
        each.is_redacted,
        joins,
    )
