"""The list of accords, and the page of one: what it says in words, who signed, what it waits for."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_GET

from hilf.access.role import Power
from hilf.accord.document import Accord
from hilf.accord.life import State
from hilf.accord.step import Kind
from hilf.console.access import needs, powers_of
from hilf.console.accords.words import EFFECT_NAMES, STATES, obeyed, terms
from hilf.console.listing import PAGE, after, listing, sort
from hilf.errors import CallerFault
from hilf.node import accord as accords
from hilf.node import possible
from hilf.node.accord import Shown
from hilf.node.home import now

LANGUAGES: Final = {"ar": "العربية", "en": "English", "fr": "Français"}
"""Languages in which the words of an accord may be read, by their own names."""

RIGHT_TO_LEFT: Final = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "ur", "yi"})
"""Languages that are written from right to left."""

OVER: Final = frozenset({State.ENDED, State.WITHDRAWN, State.EXPIRED, State.AMENDED})


class Filter(forms.Form):
    """What narrows the list of accords down."""

    q = forms.CharField(label=gettext_lazy("Title or party"), required=False)
    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False, choices=[("", gettext_lazy("all")), *STATES.items()]
    )

    def lets(self, shown: Shown) -> bool:
        """Whether a version is among those that are asked for."""
        asked = self.cleaned_data if self.is_valid() else {}
        state, text = asked.get("state", ""), asked.get("q", "").strip().lower()
        accord = shown.life.accord
        words = " ".join((accord.id, *accord.title.values(), *accord.nodes)).lower()
        return (not state or shown.standing.state.value == state) and text in words


@needs(Power.READ)
@require_GET
def list_(request: HttpRequest) -> HttpResponse:
    """Every accord by the version that counts, or that waits; there are few, so all are read."""
    form = Filter(request.GET)
    by = {
        "title": lambda each: (in_language(each.life.accord.title).lower(), each.life.accord.hash),
        "state": lambda each: (each.standing.state.value, each.life.accord.hash),
        "until": lambda each: (each.life.accord.until, each.life.accord.hash),
    }
    sorted_by = sort(request, by, "title")
    found = [shown for shown in worth_listing(accords.every(settings.HILF_HOME, now())) if form.lets(shown)]
    found.sort(key=by[sorted_by.removeprefix("-")], reverse=sorted_by.startswith("-"))
    start = next((n + 1 for n, each in enumerate(found) if each.life.accord.hash == after(request)), 0)
    page = listing(
        request,
        found[start : start + PAGE + 1],
        lambda each: each.life.accord.hash,
        filters=("q", "state"),
        sorted_by=sorted_by,
    )
    return render(request, "accords/list.html", {"page": page, "form": form})


def worth_listing(every: Sequence[Shown]) -> list[Shown]:
    """Of each accord the versions that are not over; the newest one where all are."""
    by_id: dict[str, list[Shown]] = {}
    for shown in every:
        by_id.setdefault(shown.life.accord.id, []).append(shown)
    found: list[Shown] = []
    for versions in by_id.values():
        found += [each for each in versions if each.standing.state not in OVER] or versions[-1:]
    return found


@needs(Power.READ)
@require_GET
def show(request: HttpRequest, accord_id: str) -> HttpResponse:
    """One version of an accord."""
    home, at = settings.HILF_HOME, now()
    versions = accords.show(home, accord_id, at)
    shown = chosen(versions, request.GET.get("text", ""))
    accord = shown.life.accord
    language = request.GET.get("lang", "")
    language = language if language in accord.title else _nearest(accord.title)
    return render(
        request,
        "accords/show.html",
        {
            "shown": shown,
            "accord": accord,
            "versions": versions[::-1],
            "clauses": clauses_in(accord, language),
            "terms": list(terms(accord)),
            "language": language,
            "languages": [(code, LANGUAGES.get(code, code)) for code in accord.title],
            "others": beside(accord),
            "is_newest": shown is versions[-1],
            "is_over": shown.standing.state in OVER,
            "can": _can(request, shown, at),
        },
    )


def chosen(versions: Sequence[Shown], text: str) -> Shown:
    """The version with this hash; else the one that counts or waits, the newest of them.

    Raises:
        CallerFault: "accord.no-such-text".
    """
    if text:
        named = [each for each in versions if each.life.accord.hash.startswith(text.lower())]
        if len(named) != 1:
            raise CallerFault(
                "accord.no-such-text",
                f"No text of this accord begins with {text[:64]!r}.",
                "",
                "Choose one of its versions.",
            )
        return named[0]
    return next((each for each in versions[::-1] if each.standing.state not in OVER), versions[-1])


def clauses_in(accord: Accord, language: str) -> list[dict[str, object]]:
    """Every clause: as its words say it in a language, and as the node obeys it."""
    return [
        {
            "id": clause.id,
            "effect": clause.effect.value,
            "effect_name": EFFECT_NAMES[clause.effect.value],
            "text": in_language(clause.text, language),
            "language": (shown := language if language in clause.text else _nearest(clause.text)),
            "direction": "rtl" if shown.split("-")[0] in RIGHT_TO_LEFT else "ltr",
            "obeyed": obeyed(clause),
        }
        for clause in accord.clauses
    ]


def in_language(texts: Mapping[str, str], language: str = "") -> str:
    """A text in a language (of the page, if none is named), else in English, else in any that there is."""
    return texts.get(language or get_language() or "en") or texts.get("en") or next(iter(texts.values()))


def _nearest(texts: Mapping[str, str]) -> str:
    here = get_language() or "en"
    return here if here in texts else "en" if "en" in texts else next(iter(texts))


_SHOWN: Final = ("promises", "contacts", "reciprocity", "references")


def beside(accord: Accord) -> dict[str, list[list[tuple[str, str]]]]:
    """What is agreed, signed and shown, and obeyed by people: promises, contacts, references, and unknown members."""
    document = accord.json()
    found: dict[str, list[list[tuple[str, str]]]] = {}
    for name in (*_SHOWN, *accord.unknown):
        value = document.get(name)
        entries = value if isinstance(value, list) else [value] if value else []
        rows = [list(_pairs(entry)) for entry in entries]
        if rows:
            found[name] = rows
    return found


def _pairs(entry: object) -> Iterator[tuple[str, str]]:
    if isinstance(entry, dict):
        yield from ((str(name), _plain(value)) for name, value in entry.items())
    else:
        yield "", _plain(entry)


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_plain(each)}" for name, each in value.items())
    return ", ".join(map(_plain, value)) if isinstance(value, list) else str(value)


def _can(request: HttpRequest, shown: Shown, at: datetime) -> dict[str, bool]:
    """Which steps the page offers: those that the person may take, and that the node would not refuse."""
    powers, accord = powers_of(request), shown.life.accord
    home = settings.HILF_HOME
    may_sign, may_draft = Power.SIGN in powers, Power.PARTNERS in powers
    steps = possible.steps(home, accord.id, at)
    return {
        "edit": may_draft and shown.standing.state is State.DRAFT,
        "propose": may_draft and shown.standing.state is State.DRAFT and accord.proposer == home.node,
        "amend": may_draft and shown.standing.state is State.IN_FORCE,
        "sign": may_sign and (Kind.SIGNATURE, accord.hash) in steps,
        "suspend": may_sign and (Kind.SUSPENSION, accord.hash) in steps,
        "end": may_sign and (Kind.END, accord.hash) in steps,
        "withdraw": may_sign and (Kind.WITHDRAWAL, accord.hash) in steps,
    }
