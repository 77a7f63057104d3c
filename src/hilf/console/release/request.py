"""Asking for a release: what was looked at is queued, or proposed with the officer's signature where somebody must approve."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from hilf.access.role import Power
from hilf.console.access import needs
from hilf.console.release import seen
from hilf.console.release.asked import Asked, read
from hilf.console.release.seen import Seen
from hilf.console.sign import SignForm
from hilf.console.step_up import step_up
from hilf.errors import CallerFault, HilfError
from hilf.node import approval, release
from hilf.node.home import now
from hilf.node.release import Released
from hilf.seal.key import PrivateKey

_ASKS: Final = ("GET", "POST")


@dataclass(frozen=True, slots=True)
class Told:
    """What became of the release to one partner: done, or the error that stopped it."""

    to: str
    released: Released | None
    fault: HilfError | None = None


@needs(Power.PROPOSE)
@require_http_methods(_ASKS)
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for what nobody has to approve; what needs an approval goes on to `propose`."""
    asked, marks = _looked_at(request)
    if request.method == "POST":
        return _send(request, asked, marks, None)
    looked = _look(asked, marks)
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
    return _page(request, asked, _look(asked, marks), form)


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


def _look(asked: Asked, marks: Sequence[str]) -> list[Seen]:
    home, at = settings.HILF_HOME, now()
    return [seen.look(home, asked, to, mark, at) for to, mark in zip(asked.to, marks, strict=True)]


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
    home, told = settings.HILF_HOME, []
    for to, mark in zip(asked.to, marks, strict=True):
        try:
            released = release.send(
                home, to, now(), asked.select, asked.purpose or None, key, asked.despite, expected=mark
            )
        except HilfError as fault:
            if len(marks) == 1:
                raise
            told.append(Told(to, None, fault))
        else:
            told.append(Told(to, released))
    (one,) = told if len(told) == 1 else (None,)
    if one is None or one.released is None or not one.released.release:
        return render(request, "release/told.html", {"told": told, "back": asked.query()})
    _say(request, one.released)
    return redirect("release", one.released.release)


def _say(request: HttpRequest, released: Released) -> None:
    if released.queued:
        messages.success(
            request,
            ngettext(
                "%(count)s act is queued; it goes with the next round.",
                "%(count)s acts are queued; they go with the next round.",
                released.queued,
            )
            % {"count": f"{released.queued:,}"},
        )
    if released.state == "proposed":
        messages.info(
            request,
            ngettext(
                "%(count)s act waits for the approval of somebody else.",
                "%(count)s acts wait for the approval of somebody else.",
                released.proposed,
            )
            % {"count": f"{released.proposed:,}"},
        )
    if released.state == "died":
        messages.error(request, _("The proposal died; nothing of it was sent."))
