"""Steps of officers in the life of an accord: signed, suspended, ended, taken back; each with what it would change."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hilf.access.role import Power
from hilf.accord.step import Kind
from hilf.console.access import needs
from hilf.console.accords.compare import told
from hilf.console.accords.views import clauses_in, in_language
from hilf.console.accords.words import terms
from hilf.console.sign import SignForm
from hilf.console.step_up import step_up
from hilf.errors import HilfError
from hilf.node import accord as accords
from hilf.node.accord import Stepped
from hilf.node.effects import settle
from hilf.node.foresight import foresee
from hilf.node.home import now
from hilf.seal.key import PrivateKey


@dataclass(frozen=True, slots=True)
class Step:
    """How a step stands in a page."""

    kind: Kind
    title: Promise
    button: Promise
    done: Promise


SIGN: Final = Step(
    Kind.SIGNATURE,
    gettext_lazy("Sign the accord"),
    gettext_lazy("I have read it, and sign"),
    gettext_lazy("Signed."),
)
SUSPEND: Final = Step(
    Kind.SUSPENSION,
    gettext_lazy("Suspend the accord"),
    gettext_lazy("Suspend it"),
    gettext_lazy("The suspension is signed."),
)
END: Final = Step(
    Kind.END,
    gettext_lazy("End the accord, or leave it"),
    gettext_lazy("End it for good"),
    gettext_lazy("The end is signed."),
)
WITHDRAW: Final = Step(
    Kind.WITHDRAWAL,
    gettext_lazy("Take the proposal back"),
    gettext_lazy("Take it back"),
    gettext_lazy("The withdrawal is signed."),
)


@needs(Power.SIGN)
@step_up
@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, accord_id: str) -> HttpResponse:
    """Sign the text that was read, by its hash; with the last officer the node key signs too."""
    text = (request.POST or request.GET).get("text", "")
    return _step(
        request, accord_id, SIGN, lambda key, at: accords.sign(settings.HILF_HOME, accord_id, key, at, text)
    )


@needs(Power.SIGN)
@step_up
@require_http_methods(["GET", "POST"])
def suspend(request: HttpRequest, accord_id: str) -> HttpResponse:
    """Suspend an accord alone."""
    return _step(
        request, accord_id, SUSPEND, lambda key, at: accords.suspend(settings.HILF_HOME, accord_id, key, at)
    )


@needs(Power.SIGN)
@step_up
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, accord_id: str) -> HttpResponse:
    """End an accord alone, or leave a community."""
    return _step(request, accord_id, END, lambda key, at: accords.end(settings.HILF_HOME, accord_id, key, at))


@needs(Power.SIGN)
@step_up
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, accord_id: str) -> HttpResponse:
    """Take a proposal of ours back."""
    return _step(
        request, accord_id, WITHDRAW, lambda key, at: accords.withdraw(settings.HILF_HOME, accord_id, key, at)
    )


def _step(
    request: HttpRequest, accord_id: str, step: Step, do: Callable[[PrivateKey, datetime], Stepped]
) -> HttpResponse:
    """The page of a step with all that it would change, and the step; what is refused is told on the page."""
    home = settings.HILF_HOME
    text = (request.POST or request.GET).get("text", "")
    exact = accords.exact(home, accord_id, step.kind, now(), text)
    form = SignForm(request, accords.ROLE, request.POST if request.method == "POST" else None, exact)
    fault: HilfError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            stepped = do(form.key, form.at)
            _tell(request, step, stepped)
            return redirect("accord", accord_id)
        except HilfError as refusal:
            fault = refusal
    life, _lives = accords.meant(home, accord_id, step.kind, now(), text)
    effects = {} if step.kind is Kind.WITHDRAWAL else told(foresee(home, accord_id, now(), step.kind, text))
    accord, language = life.accord, get_language() or "en"
    return render(
        request,
        "accords/sign.html",
        {
            "accord": accord,
            "title": in_language(accord.title),
            "step": step,
            "signs": step.kind is Kind.SIGNATURE,
            "form": form,
            "fault": fault,
            "clauses": clauses_in(accord, language),
            "terms": list(terms(accord)),
            **effects,
        },
        status=409 if fault else 400 if request.method == "POST" else 200,
    )


def _tell(request: HttpRequest, step: Step, stepped: Stepped) -> None:
    """Say what a step led to, once all that follows from it is done."""
    settle(settings.HILF_HOME, now())
    messages.success(request, str(step.done))
    if stepped.missing:
        more = ngettext(
            "%(count)s more of our officers must do the same.",
            "%(count)s more of our officers must do the same.",
            stepped.missing,
        )
        messages.warning(request, more % {"count": stepped.missing})
    else:
        messages.success(request, _("It goes out with the next round."))
    if stepped.dropped:
        dropped = ngettext(
            "%(count)s act that waited under it was dropped.",
            "%(count)s acts that waited under it were dropped.",
            stepped.dropped,
        )
        messages.warning(request, dropped % {"count": stepped.dropped})
