"""What may leave: chosen, and looked at for one partner or for many before anything is asked for."""

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from hilf.access.role import Power
from hilf.console import listing
from hilf.console.access import needs, powers_of
from hilf.console.release import seen, waiting
from hilf.console.release.asked import Asked, read
from hilf.console.release.forms import Choose
from hilf.console.release.lines import lines, redactions
from hilf.node import idle, recipients
from hilf.node.home import Home, now
from hilf.node.previewed import Preview

PAGE: Final = 25
"""Objects of one page, each with every reason: a page is light enough for a slow line."""
FEW: Final = 10
"""Objects of a page that shows each of them before and after."""

LEAVES, CUT, STAYS, THERE = "leaves", "cut", "stays", "there"


@needs(Power.READ)
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Whom, what, for what."""
    form = Choose(settings.HILF_HOME, now(), initial=_initial(read(request.GET)))
    return render(request, "release/choose.html", {"form": form, "partners": form.fields["to"].choices})  # type: ignore[attr-defined]


def _initial(asked: Asked) -> dict[str, Any]:
    return {
        "to": list(asked.to),
        "accord": asked.accord,
        "select": asked.select,
        "purpose": asked.purpose,
        "despite": list(asked.despite),
    }


@needs(Power.READ)
@require_GET
def look(request: HttpRequest) -> HttpResponse:
    """What leaves, what stays, what is there already; nothing is sent."""
    home, at = settings.HILF_HOME, now()
    form = Choose(home, at, request.GET)
    if not form.is_valid():
        return render(
            request,
            "release/choose.html",
            {"form": form, "partners": form.fields["to"].choices},  # type: ignore[attr-defined]
            status=400,
        )
    asked = read(request.GET)
    nodes = recipients.named(home, asked.to, asked.accord or None, at)
    if len(nodes) > 1:
        return _each(request, home, asked, nodes)
    return _one(request, home, asked, nodes[0])


def _each(request: HttpRequest, home: Home, asked: Asked, nodes: Sequence[str]) -> HttpResponse:
    rows = seen.each(home, asked, nodes, now(), waited=waiting.waited(request))
    if rows is None:
        return waiting.page(request)
    leaving = [row for row in rows if row.leaves]
    return render(
        request,
        "release/each.html",
        {
            "asked": asked,
            "rows": [(row, asked.query(row.to)) for row in rows],
            "leaving": leaving,
            "needing": any(row.needing for row in rows),
            "may_ask": Power.PROPOSE in powers_of(request),
            "change": asked.query(),
            "request_query": asked.request([(row.to, row.mark) for row in leaving]),
        },
    )


def _one(request: HttpRequest, home: Home, asked: Asked, to: str) -> HttpResponse:
    looked = seen.look(home, asked, to, request.GET.get("seen", ""), now(), waited=waiting.waited(request))
    if looked is None:
        return waiting.page(request)
    shown = looked.preview
    part = _part(request, shown)
    start = _start(request)
    query = asked.query(to, seen=looked.mark)
    context: dict[str, Any] = {
        "asked": asked,
        "to": to,
        "shown": shown,
        "looked": looked,
        "part": part,
        "query": query,
        "change": asked.query(to),
        "request_query": asked.request([(to, looked.mark)]),
        "accords": [each for each in shown.accords if each],
        "consents": len(shown.for_consent),
        "may_ask": Power.PROPOSE in powers_of(request),
        **_rows(request, shown, part, start),
        **_idle(home, shown),
    }
    return render(request, "release/preview.html", context)


def _part(request: HttpRequest, shown: Preview) -> str:
    asked = request.GET.get("part", "")
    if asked in (LEAVES, CUT, STAYS, THERE):
        return asked
    return LEAVES if shown.allowed or not shown.withheld else STAYS


def _start(request: HttpRequest) -> int:
    text = request.GET.get("from", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= listing.DIGITS else 0


def _rows(request: HttpRequest, shown: Preview, part: str, start: int) -> dict[str, Any]:
    """One page of a part: places in what is at hand are looked up, so no page costs more than another."""
    if part == CUT:
        of, size = shown.redacted, FEW
        rows: list[Any] = redactions(request, list(of[start : start + size]))
    elif part == THERE:
        there, size = shown.already, PAGE
        rows = list(there[start : start + size])
        return _pager(rows, start, size, len(there))
    else:
        of, size = (shown.allowed if part == LEAVES else shown.withheld), PAGE
        rule = request.GET.get("rule", "")
        if rule and part == STAYS:
            of = of.only(lambda chosen, row: (d := chosen.decisions[row]) is not None and d.main.rule == rule)
        rows = [*lines(request, of[start : start + size], shown.to)]
    return _pager(rows, start, size, len(of))


def _pager(rows: list[Any], start: int, size: int, total: int) -> dict[str, Any]:
    end = min(start + size, total)
    return {
        "rows": rows,
        "first": min(start + 1, total),
        "last": end,
        "total": total,
        "next": end if end < total else None,
        "back": max(0, start - size) if start else None,
    }


def _idle(home: Home, shown: Preview) -> dict[str, Any]:
    """Which agreements with the partner carry nothing now, where that is what keeps something."""
    if not any(reason.rule == "accord.none-in-force" for each in shown.refusals for reason in each.reasons):
        return {"idle": (), "no_accord": False}
    found = idle.idle(home, shown.to, now())
    return {"idle": found, "no_accord": not found}
