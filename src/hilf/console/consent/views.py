"""Questions to originators: ours, and those of partners to us, with their clocks and answers."""

import hashlib

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hilf.access.role import Power
from hilf.console import listing
from hilf.console.access import needs, powers_of
from hilf.console.consent.forms import Ask, Deny, Give, Narrow
from hilf.console.release.lines import reads_red
from hilf.console.sign import SignForm
from hilf.console.step_up import returned, step_up
from hilf.errors import HilfError, Refusal
from hilf.federation.consent import Denial, Towards
from hilf.node import answer, consent, question, titles
from hilf.node.consent import Shown
from hilf.node.home import now
from hilf.store.instant import moment
from hilf.store.release import consent as store

_WAYS = {"in": False, "out": True}


@needs(Power.READ)
@require_GET
def list_(request: HttpRequest) -> HttpResponse:
    """All questions, the newest first."""
    fetched = consent.page(
        settings.HILF_HOME,
        now(),
        before=listing.after_number(request),
        outgoing=_WAYS.get(request.GET.get("way", "")),
        limit=listing.PAGE + 1,
    )
    page = listing.listing(request, fetched, lambda row: row.question.number, filters=("way",))
    return render(
        request,
        "consent/list.html",
        {"page": page, "form": Narrow(request.GET or None), "may_ask": Power.PROPOSE in powers_of(request)},
    )


@needs(Power.PROPOSE)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask whoever has to be asked; the question goes with the next round, and its clock runs from now."""
    home = settings.HILF_HOME
    initial = {"objects": "\n".join(request.GET.getlist("object")), "to": request.GET.getlist("to")}
    form = Ask(home, request.POST if request.method == "POST" else None, initial=initial)
    fault: HilfError | None = None
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        towards = Towards(tuple(asked["to"]), asked["community"] or None)
        reason = {asked["lang"]: asked["why"]} if asked["why"] else None
        try:
            made = question.ask(
                home, asked["objects"], towards, now(), asked["by"], reason, asked["purpose"] or None
            )
        except HilfError as error:
            fault = error
        else:
            nodes = ", ".join(each.peer for each in made)
            messages.success(request, _("%(nodes)s: asked with the next round.") % {"nodes": nodes})
            return redirect("consent", made[0].number) if len(made) == 1 else redirect("consents")
    return render(request, "consent/ask.html", {"form": form, "fault": fault}, status=409 if fault else 200)


@needs(Power.READ)
@require_GET
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One question: which versions, to whom, for what, why, by when, and how it stands."""
    found = _found(number)
    return render(request, "consent/consent.html", _context(request, found))


def _context(request: HttpRequest, found: Shown) -> dict[str, object]:
    home, kept = settings.HILF_HOME, found.question
    ids = [each.id for each in found.asked.objects]
    accord, _space, version = kept.accord.partition(" ")
    return {
        "shown": found,
        "kept": kept,
        "asked": found.asked,
        "accord": (accord, version),
        "at": moment(kept.at),
        "given": moment(kept.given) if kept.given else None,
        "until": moment(kept.until) if kept.until else None,
        "denied": moment(kept.denied) if kept.denied else None,
        "titles": titles.titles_of(home, ids[:50], now(), reads_red=reads_red(request)),
        "open": not kept.outgoing and found.state in ("asked", "signing"),
        "may_answer": Power.APPROVE in powers_of(request),
        "waits_for": [
            each.peer for each in store.passing_on(kept.number) if each.given is None and each.denied is None
        ],
        "deny": Deny(),
    }


def _found(number: int) -> Shown:
    kept = store.get(number)
    if kept is None:
        raise Http404
    return consent.shown(settings.HILF_HOME, kept, now())


@needs(Power.APPROVE)
@step_up
@require_http_methods(["GET", "POST"])
def give(request: HttpRequest, number: int) -> HttpResponse:
    """Consent to what a partner asks, for these versions and recipients or for fewer; officers sign where they must."""
    home, sent, found = settings.HILF_HOME, request.method == "POST", _found(number)
    pending = found.question.pending
    bytes_ = hashlib.sha256(pending).hexdigest() if pending else ""
    signing = SignForm(request, answer.ROLE, request.POST if sent else None) if found.missing else None
    answer.to_answer(home, number, now(), _kid(signing))
    form = Give(found.asked, request.POST if sent and not pending else None, initial=returned(request))
    if sent:
        if request.POST.get("pending", "") != bytes_:
            raise _other_bytes()
        if (pending or form.is_valid()) and (signing is None or signing.is_valid()):
            ids, nodes = ([], []) if pending else form.narrower
            until = None if pending else form.cleaned_data["until"]
            answered = answer.give(home, number, now(), signing.key if signing else None, until, ids, nodes)
            if answered.missing:
                messages.success(request, _("You gave it. It waits for one more officer."))
            else:
                messages.success(request, _("It is given; the partner hears it with the next round."))
            return redirect("consent", number)
    first = answer.pending_of(home, found.question) if pending else None
    context = {
        **_context(request, found),
        "form": form,
        "signing": signing,
        "pending": bytes_,
        "first": first,
    }
    return render(request, "consent/give.html", context)


def _kid(signing: SignForm | None) -> str | None:
    """The key with which this person would sign; one that nobody has where the account has none."""
    if signing is None:
        return None
    return signing.officer.key.kid if signing.officer is not None else ""


def _other_bytes() -> Refusal:
    return Refusal(
        "consent.other-bytes",
        _("Somebody else has answered meanwhile."),
        _("Officers sign the same bytes, and those that were shown."),
        _("Open the question again, and look at it."),
    )


@needs(Power.APPROVE)
@require_POST
def deny(request: HttpRequest, number: int) -> HttpResponse:
    """Say no, or take back what was given: the partner passes nothing on any more from then on."""
    found = _found(number)
    form = Deny(request.POST)
    code = Denial.WITHDRAWN if found.question.given is not None else Denial.NOT_AGREED
    if found.question.given is None and form.is_valid():
        code = Denial(form.cleaned_data["code"])
    if found.question.outgoing:
        raise Http404
    answer.deny(settings.HILF_HOME, number, code, now())
    messages.success(request, _("Denied; the partner hears it with the next round."))
    return redirect("consent", number)
