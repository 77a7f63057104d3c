"""Asking for a release: what was looked at is queued, or proposed with the officer's signature where somebody must approve."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from hilf.access.role import Power
from hilf.console.access import needs
from hilf.console.release import background, seen, waiting
from hilf.console.release.asked import Asked, read
from hilf.console.release.seen import Seen
from hilf.console.sign import SignForm
from hilf.console.step_up import step_up
from hilf.errors import CallerFault, HilfError
from hilf.node import approval, release, release_list
from hilf.node.home import now
from hilf.seal.key import PrivateKey
from hilf.store.release.proposal import QUEUING

_ASKS: Final = ("GET", "POST")

MOST: Final = 5
"""Releases that are seen while they are queued."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of the release to one partner: done, or the error that stopped it."""

    to: str
    release: str = ""
    state: str = ""
    queued: int = 0
    proposed: int = 0
    fault: dict[str, str] | None = None


@needs(Power.PROPOSE)
@require_http_methods(_ASKS)
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for what nobody has to approve; what needs an approval goes on to `propose`."""
    asked, marks = _looked_at(request)
    if request.method == "POST":
        return _send(request, asked, marks, None)
    looked = _look(request, asked, marks)
    if looked is None:
        return waiting.page(request)
    if any(each.preview.needing_approval for each in looked):
        return redirect(f"{request.path.replace('/request/', '/propose/')}?{request.GET.urlencode()}")
    return _page(request, asked, looked, None)


@needs(Power.PROPOSE)
@step_up
@require_http_methods(_ASKS)
def propose(request: HttpRequest) -> HttpResponse:
    """Ask for a release of which something needs an approval: the officer who proposes signs for its bytes."""
    asked, marks = _looked_at(request)
    form = SignForm(request, approval.ROLE, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _send(request, asked, marks, form.key)
    looked = _look(request, asked, marks)
    return waiting.page(request) if looked is None else _page(request, asked, looked, form)


def _looked_at(request: HttpRequest) -> tuple[Asked, tuple[str, ...]]:
    """What is asked for, and the mark of what was looked at for each recipient; the address holds both."""
    asked, marks = read(request.GET), tuple(request.GET.getlist("mark"))
    if not asked.to or len(marks) != len(asked.to):
        raise CallerFault(
            "release.not-looked-at",
            _("What would leave was not looked at."),
            "",
            _("Look at the preview, and ask from there."),
        )
    return asked, marks


def _look(request: HttpRequest, asked: Asked, marks: Sequence[str]) -> list[Seen] | None:
    """What was looked at, or as it is now; None while it is made."""
    home, at, waited = settings.HILF_HOME, now(), waiting.waited(request)
    looked = [
        seen.look(home, asked, to, mark, at, waited=waited) for to, mark in zip(asked.to, marks, strict=True)
    ]
    found = [each for each in looked if each is not None]
    return found if len(found) == len(looked) else None


def _page(request: HttpRequest, asked: Asked, looked: Sequence[Seen], form: SignForm | None) -> HttpResponse:
    return render(
        request,
        "release/request.html",
        {
            "asked": asked,
            "looked": looked,
            "changed": [each for each in looked if each.changed],
            "form": form,
            "leaving": sum(len(each.preview.allowed) for each in looked),
            "needing": sum(each.preview.needing_approval for each in looked),
            "back": asked.query(),
        },
    )


def _send(request: HttpRequest, asked: Asked, marks: Sequence[str], key: PrivateKey | None) -> HttpResponse:
    """Send what was looked at and nothing else, to one partner after the other."""
    home, pairs = settings.HILF_HOME, list(zip(asked.to, marks, strict=True))

    def send(to: str, mark: str) -> Told:
        made = release.send(
            home, to, now(), asked.select, asked.purpose or None, key, asked.despite, expected=mark
        )
        return Told(to, made.release, made.state, made.queued, made.proposed)

    def each() -> list[Told]:
        if len(pairs) == 1:
            return [send(*pairs[0])]
        told = []
        for to, mark in pairs:
            try:
                told.append(send(to, mark))
            except HilfError as fault:
                said = {"code": fault.code, "what": fault.what, "why": fault.why, "remedy": fault.remedy}
                told.append(Told(to, fault=said))
        return told

    token = background.do(int(request.user.pk or 0), each)
    return ended(request, token) or redirect("release_work", token)


@needs(Power.READ)
@require_GET
def work(request: HttpRequest, token: str) -> HttpResponse:
    """A release or an approval that takes long: how far it is, then what became of it."""
    found = background.outcome(token)
    if found is None or found.person != request.user.pk:
        raise Http404
    if found.ended:
        return ended(request, token) or redirect("releases")
    going = release_list.page(settings.HILF_HOME, state=QUEUING, limit=MOST)
    return waiting.page(request, going=[(each, sum(each.acts.values())) for each in going], since=found.at)


def ended(request: HttpRequest, token: str) -> HttpResponse | None:
    """What became of work; None while it goes on.

    Raises:
        HilfError: what stopped it.
    """
    found = background.outcome(token)
    if found is None or not found.ended:
        return None
    if found.error is not None:
        raise found.error
    told: list[Told] = found.given
    if len(told) != 1 or not told[0].release:
        return render(request, "release/told.html", {"told": told})
    _say(request, told[0])
    return redirect("release", told[0].release)


def _say(request: HttpRequest, told: Told) -> None:
    if told.queued:
        said = ngettext(
            "%(count)s act is queued; it goes with the next round.",
            "%(count)s acts are queued; they go with the next round.",
            told.queued,
        )
        messages.success(request, said % {"count": f"{told.queued:,}"})
    if told.state == "proposed":
        said = ngettext(
            "%(count)s act waits for the approval of somebody else.",
            "%(count)s acts wait for the approval of somebody else.",
            told.proposed,
        )
        messages.info(request, said % {"count": f"{told.proposed:,}"})
    if told.state == "died":
        messages.error(request, _("The proposal died: what was signed for is not what would leave now."))
