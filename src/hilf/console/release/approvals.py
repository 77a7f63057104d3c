"""What waits for somebody who did not propose it: releases, standing orders, consents; and the approval of a release."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hilf.access.role import Power
from hilf.console.access import needs
from hilf.console.release import background, waiting
from hilf.console.release.history import Entry, bound
from hilf.console.release.request import Told, ended
from hilf.console.sign import SignForm
from hilf.console.step_up import step_up
from hilf.errors import Refusal
from hilf.node import approval, consent_list, order, release, release_list, user, why
from hilf.node.home import Home, now
from hilf.node.release_list import Listed
from hilf.node.why import Signed
from hilf.seal.key import PrivateKey
from hilf.store.instant import moment
from hilf.store.release import proposal

MOST = 200
"""Proposals that are listed at most; each dies within a week."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A release that waits for an approval."""

    entry: Entry
    people: tuple[Signed, ...]
    missing: int
    died: str | None
    ends: datetime
    mine: bool


@needs(Power.READ)
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """Everything that waits for a second person, the oldest first."""
    home, at = settings.HILF_HOME, now()
    officer = user.officer_of(home, int(request.user.pk or 0))
    found = release_list.page(home, state=proposal.PROPOSED, limit=MOST)
    return render(
        request,
        "release/approvals.html",
        {
            "releases": [
                _waiting(home, each, officer.key.kid if officer else "", at) for each in reversed(found)
            ],
            "orders": [each for each in order.every(home, at) if each.state == "proposed"],
            "consents": consent_list.waiting(home, at),
        },
    )


def _waiting(home: Home, listed: Listed, kid: str, at: datetime) -> Waiting:
    kept, standing = listed.kept, approval.standing(home, listed.kept, at)
    people = why.people(home, kept)
    return Waiting(
        Entry(listed),
        people,
        standing.missing,
        standing.died,
        moment(kept.proposed) + approval.LIFETIME,
        any(each.kid == kid for each in people),
    )


@needs(Power.APPROVE)
@step_up
@require_http_methods(["GET", "POST"])
def approve(request: HttpRequest, release_id: str) -> HttpResponse:
    """Approve exactly the bytes that this page shows, as somebody else than the one who proposed them."""
    home = settings.HILF_HOME
    kept = approval.proposed(release_id)
    form = SignForm(
        request, approval.ROLE, request.POST if request.method == "POST" else None, approval.exact(kept)
    )
    if form.officer is not None:
        approval.check_new(kept, form.officer.key.kid)
    if request.method == "POST":
        if request.POST.get("subject") != kept.subject:
            raise _other_bytes()
        if form.is_valid():
            return _approve(request, release_id, form.key, form.at)
    listed = release_list.one(home, release_id)
    assert listed is not None  # noqa: S101  # it is proposed
    contents = bound(request, listed)
    if contents is None:
        return waiting.page(request)
    return render(
        request,
        "release/approve.html",
        {
            "entry": Entry(listed),
            "kept": kept,
            "people": why.people(home, kept),
            "form": form,
            **contents,
        },
    )


def _approve(request: HttpRequest, release_id: str, key: PrivateKey, at: datetime) -> HttpResponse:
    """Approve it, at the time for which a passkey may have answered; what is many is queued while a page waits."""
    home = settings.HILF_HOME

    def approved() -> list[Told]:
        made = release.approve(home, release_id, key, at)
        return [Told(made.to, made.release, made.state, made.queued, made.proposed)]

    token = background.do(int(request.user.pk or 0), approved)
    return ended(request, token) or redirect("release_work", token)


def _other_bytes() -> Refusal:
    return Refusal(
        "release.other-bytes",
        _("What was sent is not the approval of what this proposal binds."),
        _("An approval binds the exact bytes that were shown."),
        _("Open the proposal again, and look at it."),
    )


@needs(Power.APPROVE)
@require_POST
def decline(request: HttpRequest, release_id: str) -> HttpResponse:
    """Say no to a proposal."""
    return _decline(request, release_id)


@needs(Power.PROPOSE)
@require_POST
def take_back(request: HttpRequest, release_id: str) -> HttpResponse:
    """Take a proposal back that nobody has approved yet."""
    return _decline(request, release_id)


def _decline(request: HttpRequest, release_id: str) -> HttpResponse:
    approval.decline(settings.HILF_HOME, release_id)
    messages.success(request, _("The proposal is declined; what waited in it is not sent."))
    return redirect("release", release_id)
