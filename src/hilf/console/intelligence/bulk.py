"""A selection: objects that were ticked, or everything that a line finds; marked, labelled, handed over to release, exported."""

from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from hilf.access.role import Power
from hilf.console import audited
from hilf.console.access import needs, powers_of
from hilf.console.intelligence import sight
from hilf.console.intelligence.forms import Label, Mark
from hilf.console.intelligence.search import Line, lines_of
from hilf.errors import CallerFault
from hilf.node import export, mark, search
from hilf.node.home import now
from hilf.stix import select
from hilf.stix.select import Term
from hilf.store.intelligence import label as labels

MOST: Final = 10_000
"""So many objects are marked or labelled at once."""
SHOWN: Final = 10


@needs(Power.READ)
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """What can be done with a selection."""
    selection = selected(request)
    if not selection:
        messages.info(request, _("Nothing is ticked."))
        return redirect(f"{reverse('intelligence')}?{urlencode({'q': request.POST.get('q', '')})}")
    if request.method == "POST":
        audited.did(request)
    return _page(request, selection, Label(), Mark(), None)


@needs(Power.INTAKE)
@require_POST
def put_label(request: HttpRequest) -> HttpResponse:
    """Put a label of ours on every object of a selection, or take it off."""
    selection, form = selected(request), Label(request.POST)
    if not form.is_valid():
        return _page(request, selection, form, Mark(), None)
    try:
        ids, word = ids_of(request, selection), form.cleaned_data["label"]
        if request.POST.get("do") == "take":
            count = mark.take_label(settings.HILF_HOME, ids, word)
            told = ngettext(
                "The label is off %(count)s object.", "The label is off %(count)s objects.", count
            )
        else:
            count = mark.put_label(settings.HILF_HOME, ids, word, str(request.user.get_username()), now())
            told = ngettext(
                "%(count)s object has the label now.", "%(count)s objects have the label now.", count
            )
    except CallerFault as fault:
        audited.refused(request, fault)
        return _page(request, selection, form, Mark(), fault)
    messages.success(request, told % {"count": count})
    return redirect(f"{reverse('selection')}?{urlencode({'select': selection})}")


@needs(Power.INTAKE)
@require_POST
def mark_all(request: HttpRequest) -> HttpResponse:
    """Lay a marking over every object of a selection."""
    selection, form = selected(request), Mark(request.POST)
    if not form.is_valid():
        return _page(request, selection, Label(), form, None)
    try:
        done = mark.mark(settings.HILF_HOME, ids_of(request, selection), form.cleaned_data["marking"])
    except CallerFault as fault:
        audited.refused(request, fault)
        return _page(request, selection, Label(), form, fault)
    told = ngettext(
        "%(count)s version is stricter now.", "%(count)s versions are stricter now.", done.stricter
    )
    messages.success(request, told % {"count": done.stricter})
    if done.left:
        held = ngettext(
            "Partners hold %(count)s of these objects and are not told of the marking. Take it back where it must not stay there.",
            "Partners hold %(count)s of these objects and are not told of the marking. Take them back where they must not stay there.",
            len(done.left),
        )
        messages.warning(request, held % {"count": len(done.left)})
    return redirect(f"{reverse('selection')}?{urlencode({'select': selection})}")


def selected(request: HttpRequest) -> str:
    """The selection as text of the select language; empty where nothing is ticked."""
    data = request.POST if request.method == "POST" else request.GET
    ids = data.getlist("id")
    if data.get("scope") == "all" or not ids:
        return str(data.get("select", "")) if data.get("scope") != "ticked" else ""
    return select.render((Term("id", ":", tuple(dict.fromkeys(ids))),))


def _page(
    request: HttpRequest, selection: str, label: Label, marking: Mark, fault: CallerFault | None
) -> HttpResponse:
    terms = sight.narrowed(request, select.parse(selection))
    found = search.find(settings.HILF_HOME, terms, "", SHOWN, None, MOST)
    sight.note(request, found.objects)
    lines: list[Line] = lines_of(request, found.objects)
    query = urlencode({"select": selection})
    shown: dict[str, Any] = {
        "selection": selection,
        "found": found,
        "lines": lines,
        "more": found.total - len(lines),
        "label_form": label,
        "mark_form": marking,
        "fault": fault,
        "labels": labels.words(),
        "release": f"{reverse('release_new')}?{query}",
        "csv": f"{reverse('intelligence_export')}?as=csv&{query}",
        "stix": f"{reverse('intelligence_export')}?as=stix&{query}",
        "may_intake": Power.INTAKE in powers_of(request),
        "may_propose": Power.PROPOSE in powers_of(request),
    }
    is_wrong = bool(fault or label.errors or marking.errors)
    return render(request, "intelligence/selection.html", shown, status=400 if is_wrong else 200)


def ids_of(request: HttpRequest, selection: str) -> list[str]:
    """The objects of a selection that the reader may see.

    Raises:
        CallerFault: "selection.empty" or "selection.too-many".
    """
    if not selection.strip():
        raise CallerFault(
            "selection.empty", "Nothing is selected.", "", "Tick objects in the list, or search for some."
        )
    audited.about(request, selection)
    ids: dict[str, None] = {}
    for page in export.pages(settings.HILF_HOME, sight.narrowed(request, select.parse(selection))):
        ids.update(dict.fromkeys(each.stix_id for each in page))
        if len(ids) > MOST:
            raise CallerFault(
                "selection.too-many",
                f"The selection holds more than {MOST} objects.",
                "So many are marked or labelled at once, or others would wait for it.",
                "Narrow it down, for example by received>= or by type.",
            )
    return list(ids)
