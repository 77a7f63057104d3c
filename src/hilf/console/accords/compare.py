"""Two versions side by side, and what a step would newly release or withdraw, before it is signed."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_GET

from hilf.access.role import Power
from hilf.accord.difference import changes
from hilf.accord.document import Accord
from hilf.accord.step import Kind
from hilf.console.access import needs
from hilf.console.accords.views import chosen, clauses_in
from hilf.console.accords.words import terms
from hilf.errors import CallerFault
from hilf.node import accord as accords
from hilf.node.accord import Shown
from hilf.node.foresight import Foreseen, Foresight, foresee
from hilf.node.home import now

OPENS: Final[dict[str, Promise]] = {
    "opens": gettext_lazy("of our objects may leave to it then, and may not now"),
    "onward_opens": gettext_lazy("objects of others may be passed on to it then, and may not now"),
    "consent_opens": gettext_lazy(
        "objects of others may go on to it then, by consent of their originators, and may not now"
    ),
}
"""What a step would newly release."""

CLOSES: Final[dict[str, Promise]] = {
    "closes": gettext_lazy("of our objects may leave to it now, and may not then"),
    "dropped": gettext_lazy("of the acts that wait for it will leave no more"),
    "retracted": gettext_lazy("of the objects that it has from us will be taken back"),
    "onward_closes": gettext_lazy("objects of others may be passed on to it now, and may not then"),
    "consent_closes": gettext_lazy(
        "objects of others may go on to it now, by consent of their originators, and may not then"
    ),
    "taken_back": gettext_lazy(
        "of our objects were taken back there before: only a later version goes there again"
    ),
}
"""What a step would withdraw."""

STEPS: Final[dict[str, Promise]] = {
    Kind.SIGNATURE.value: gettext_lazy("If all sign it"),
    Kind.SUSPENSION.value: gettext_lazy("If we suspend it"),
    Kind.END.value: gettext_lazy("If we end it or leave it"),
}


@needs(Power.READ)
@require_GET
def effects(request: HttpRequest, accord_id: str) -> HttpResponse:
    """What would change for each partner if a step were taken."""
    asked = request.GET.get("step", Kind.SIGNATURE.value)
    kind = Kind(asked) if asked in STEPS else Kind.SIGNATURE
    found = foresee(settings.HILF_HOME, accord_id, now(), kind, request.GET.get("text", ""))
    return render(
        request,
        "accords/effects.html",
        {**told(found), "accord": found.accord, "step": kind.value, "steps": STEPS.items()},
    )


def told(found: Foresight) -> dict[str, object]:
    """What a step would change, for a page: a line for each kind of change to each node."""
    return {
        "step_name": STEPS.get(found.kind.value, ""),
        "nodes": [
            {"node": each.node, "opens": _lines(each, OPENS), "closes": _lines(each, CLOSES)}
            for each in found.nodes
        ],
        "orders": found.orders,
    }


def _lines(each: Foreseen, words: Mapping[str, Promise]) -> list[dict[str, object]]:
    counted = [(getattr(each, name), text) for name, text in words.items()]
    return [{"count": c.count, "text": text, "examples": c.examples[:5]} for c, text in counted if c.count]


@needs(Power.READ)
@require_GET
def side_by_side(request: HttpRequest, accord_id: str) -> HttpResponse:
    """Two versions of an accord beside each other; what differs is marked."""
    versions = accords.show(settings.HILF_HOME, accord_id, now())
    new = chosen(versions, request.GET.get("new", ""))
    old = chosen(versions, request.GET["old"]) if request.GET.get("old") else _before(versions, new)
    if old is None:
        raise CallerFault(
            "accord.one-version",
            "There is one version of this accord.",
            "",
            "Compare when a second one was drafted or came.",
        )
    return render(
        request,
        "accords/compare.html",
        {
            "old": old,
            "new": new,
            "versions": versions,
            "accord": new.life.accord,
            **compared(old.life.accord, new.life.accord),
        },
    )


def _before(versions: Sequence[Shown], new: Shown) -> Shown | None:
    """The version that a text follows; else another one of the same accord."""
    others = [each for each in versions if each is not new]
    return next(
        (each for each in others if each.life.accord.hash == new.life.accord.prev),
        others[-1] if others else None,
    )


def compared(old: Accord, new: Accord) -> dict[str, object]:
    """Terms and clauses of two texts, row by row, each row with whether it differs."""
    before, after = dict(terms(old)), dict(terms(new))
    rows = [(name, before.get(name, ""), after.get(name, "")) for name in dict.fromkeys((*before, *after))]
    language = get_language() or "en"
    left, right = ({str(each["id"]): each for each in clauses_in(text, language)} for text in (old, new))
    places = {
        change.place.split(":")[0].split(" ")[-1]
        for change in changes(old, new)
        if change.place.startswith("clause ")
    }
    return {
        "rows": [(*row, str(row[1]) != str(row[2])) for row in rows],
        "parties": (old.nodes, new.nodes, set(old.nodes) != set(new.nodes)),
        "clauses": [
            {"id": name, "old": left.get(name), "new": right.get(name), "differs": name in places}
            for name in dict.fromkeys((*left, *right))
        ],
        "changes": changes(old, new),
    }
