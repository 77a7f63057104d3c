"""The page of one object: everything that is known of it, as far as its reader may see it."""

from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hilf.access.role import Power
from hilf.console.access import needs, powers_of
from hilf.console.intelligence import sight
from hilf.console.intelligence.forms import Label
from hilf.console.intelligence.graph import graph
from hilf.console.intelligence.search import level_of
from hilf.console.intelligence.words import ACTS, EVENTS, STATES
from hilf.errors import Refusal
from hilf.markings.tlp import Tlp
from hilf.node import dossier, mark, markings, search, why
from hilf.node.dossier import Dossier
from hilf.node.home import now
from hilf.node.reading import members, pretty, suspicions
from hilf.store.federation import peer as peers
from hilf.store.instant import moment
from hilf.store.intelligence import label as labels
from hilf.store.intelligence.assertion import Kept

TIES_SHOWN: Final = 200


@needs(Power.READ)
@require_GET
def page(request: HttpRequest, stix_id: str) -> HttpResponse:
    """Everything that is known of an object."""
    home = settings.HILF_HOME
    known = dossier.of(home, stix_id, now())
    best = known.shown.best
    is_shown = sight.may(request, known.level)
    if is_shown:
        sight.note(request, known.shown.assertions)
    ties = [tie for tie in known.ties if sight.may(request, tie.level)]
    seen = [tie.other for tie in ties if tie.other and tie.other.tlp == Tlp.RED]
    sight.note(request, seen if sight.may_red(request) else ())
    shown: dict[str, Any] = {
        "stix_id": stix_id,
        "type": stix_id.partition("--")[0],
        "is_shown": is_shown,
        "best": best,
        "level": level_of(best) if best else "",
        "is_stated": best is not None and best.tlp is not None,
        "dossier": known,
        "assertions": [_assertion(request, each, known) for each in known.shown.assertions],
        "labels": known.labels,
        "label_form": Label(),
        "label_words": labels.words(),
        "may_intake": Power.INTAKE in powers_of(request),
        "may_propose": Power.PROPOSE in powers_of(request),
        "peers": [each.node for each in peers.every()],
    }
    if is_shown:
        named = [
            (tie, tie.name if sight.may(request, tie.other.tlp if tie.other else None) else "")
            for tie in ties
        ]
        stix_object = best.object if best else {}
        shown |= {
            "name": search.name_of(stix_object),
            "members": members(stix_object),
            "suspicions": suspicions(stix_object),
            "ties": named[:TIES_SHOWN],
            "more_ties": max(0, len(named) - TIES_SHOWN),
            "graph": graph(stix_id, search.name_of(stix_object), named) if named else None,
            "events": [
                (each, EVENTS[each.kind], ACTS.get(each.what, each.what)) for each in dossier.timeline(known)
            ],
            "sent": [
                (to.peer, [(act, ACTS.get(act.state, act.state)) for act in to.went]) for to in known.sent
            ],
            "withdrawn": [
                (each, [(told, ACTS.get(told.state, told.state)) for told in each.nodes])
                for each in known.withdrawn
            ],
            "marked": _marked(stix_id) if best else (),
            "sightings": [_sighting(each) for each in known.sightings if sight.may(request, each.tlp)],
        }
    return render(request, "intelligence/object.html", shown)


@needs(Power.READ)
@require_GET
def raw(request: HttpRequest, stix_id: str) -> HttpResponse:
    """Exactly the kept bytes, as a file: nothing in it runs."""
    home = settings.HILF_HOME
    known = search.show(home, stix_id, versions=True)
    if any(not sight.may(request, each.tlp) for each in known.assertions):
        raise Refusal(
            "intelligence.red",
            f"{stix_id} is RED.",
            "Your roles do not let you see RED content.",
            "Ask somebody whose role lets them, or your administrator.",
        )
    body = search.raw(home, stix_id)
    sight.note(request, known.assertions)
    answer = HttpResponse(body, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{stix_id.replace(chr(34), "")[:100]}.json"'
    return answer


@needs(Power.READ)
@require_GET
def why_to(request: HttpRequest, stix_id: str) -> HttpResponse:
    """Why it may go to a partner, or may not, with every clause and rule that spoke."""
    node = request.GET.get("to", "")
    known = search.show(settings.HILF_HOME, stix_id, versions=True)
    is_shown = all(sight.may(request, each.tlp) for each in known.assertions)
    found = why.why(settings.HILF_HOME, stix_id, node, now()) if is_shown else None
    decision = found.decision if found else None
    shown = {
        "stix_id": stix_id,
        "node": node,
        "why": found,
        "decision": decision,
        "reasons": why.spoken(decision) if decision else (),
        "is_shown": is_shown,
    }
    part = "intelligence/why_part.html" if request.headers.get("HX-Request") else "intelligence/why.html"
    return render(request, part, shown)


@needs(Power.INTAKE)
@require_POST
def label(request: HttpRequest, stix_id: str) -> HttpResponse:
    """Put a label of ours on it, or take one off."""
    form = Label(request.POST)
    search.show(settings.HILF_HOME, stix_id, versions=True)
    if form.is_valid():
        word = form.cleaned_data["label"]
        if request.POST.get("do") == "take":
            mark.take_label(settings.HILF_HOME, [stix_id], word)
        else:
            mark.put_label(settings.HILF_HOME, [stix_id], word, str(request.user.get_username()), now())
    else:
        messages.error(request, _("Write a label."))
    return redirect("object", stix_id)


def _assertion(request: HttpRequest, each: Kept, known: Dossier) -> dict[str, Any]:
    brought = known.imports.get(each.import_id) if each.import_id is not None else None
    is_shown = sight.may(request, known.level) and each.body is not None
    return {
        "kept": each,
        "state": STATES.get(each.state.name.lower(), each.state.name.lower()),
        "level": level_of(each),
        "is_stated": each.tlp is not None,
        "modified": None if each.modified is None else moment(each.modified),
        "received": moment(each.received),
        "sha256": each.sha256.hex(),
        "brought": brought,
        "body": pretty(each.original or each.body or b"") if is_shown else None,
    }


def _sighting(each: Kept) -> dict[str, Any]:
    body = each.object
    return {
        "kept": each,
        "received": moment(each.received),
        "first": body.get("first_seen"),
        "last": body.get("last_seen"),
        "count": body.get("count"),
    }


def _marked(stix_id: str) -> list[tuple[str, tuple[str, ...], str]]:
    found = markings.marked(settings.HILF_HOME, stix_id, now())
    return [(each.asserter, each.words, each.pap.label) for each in found]
