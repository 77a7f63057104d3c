"""Acts of officers about a partner: its fingerprint compared, a name of it verified, suspended, revoked; each signed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from hilf.access.role import Power
from hilf.console.access import needs
from hilf.console.sign import SignForm
from hilf.console.step_up import returned, step_up
from hilf.errors import HilfError
from hilf.federation.peer import PeerState
from hilf.node import identity, peer, revocation, stix_identity
from hilf.seal.fingerprint import fingerprint_groups, fingerprint_words
from hilf.seal.key import PrivateKey


@dataclass(frozen=True, slots=True)
class _Act:
    """How an act of an officer stands in a page."""

    title: str | Promise
    button: str | Promise
    field: str = ""
    """Name of what is typed beside the passphrase."""
    signs: str = ""
    """Type of the one record that it signs, for which a passkey can answer; empty where there are several or another."""


@needs(Power.SIGN)
@step_up
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest, node: str) -> HttpResponse:
    """Say, as an officer, that the partner read out this fingerprint; enough officers verify it or take it up again."""
    home = settings.HILF_HOME
    again = peer.state_of(node) is PeerState.SUSPENDED
    title = gettext_lazy("Take up again") if again else gettext_lazy("Compare the fingerprint")

    def act(key: PrivateKey, typed: str, at: datetime) -> None:
        done = peer.verify(home, node, typed, key, at)
        if done.missing:
            messages.success(request, _missing(done.missing))
        else:
            messages.success(
                request, _("%(node)s is verified. An accord says what may be exchanged.") % {"node": node}
            )

    return _signed(
        request,
        node,
        _Act(title, gettext_lazy("I heard this fingerprint, and sign"), "fingerprint", peer.ROLE),
        act,
    )


@needs(Power.SIGN)
@step_up
@require_http_methods(["GET", "POST"])
def speaks(request: HttpRequest, node: str) -> HttpResponse:
    """Say, as an officer, that the partner is whom a STIX identity names."""
    home, stix_id = settings.HILF_HOME, request.GET.get("id", "")

    def act(key: PrivateKey, _typed: str, at: datetime) -> None:
        done = stix_identity.verify(home, node, stix_id, key, at)
        messages.success(
            request, _missing(done.missing) if done.missing else _("This name counts as the partner's now.")
        )

    return _signed(
        request,
        node,
        _Act(gettext_lazy("Verify a name of the partner"), gettext_lazy("I asked the partner, and sign")),
        act,
    )


@needs(Power.SIGN)
@step_up
@require_http_methods(["GET", "POST"])
def suspend(request: HttpRequest, node: str) -> HttpResponse:
    """Stop a partner at once; one officer is enough."""

    def act(key: PrivateKey, typed: str, at: datetime) -> None:
        peer.suspend(settings.HILF_HOME, node, typed, key, at)
        messages.success(
            request,
            _("%(node)s is suspended: nothing is sent, and what it sends is refused.") % {"node": node},
        )

    return _signed(
        request,
        node,
        _Act(gettext_lazy("Suspend the partner"), gettext_lazy("Suspend it now"), "reason", peer.SUSPENSION),
        act,
    )


@needs(Power.SIGN)
@step_up
@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, node: str) -> HttpResponse:
    """Stop a partner for good; the first officer suspends it at once, enough of them revoke it."""

    def act(key: PrivateKey, typed: str, at: datetime) -> None:
        done = revocation.revoke(settings.HILF_HOME, node, typed, key, at)
        if done.missing:
            messages.success(request, _missing(done.missing))
        else:
            messages.success(request, _("%(node)s is revoked, for good.") % {"node": node})

    return _signed(
        request,
        node,
        _Act(gettext_lazy("Revoke the partner"), gettext_lazy("Revoke it for good"), "reason"),
        act,
    )


def _signed(
    request: HttpRequest, node: str, act: _Act, do: Callable[[PrivateKey, str, datetime], None]
) -> HttpResponse:
    """The page of an act, and the act; what the verb refuses is told on the page, with what was typed still there."""
    peer.check_known(node)
    exact = peer.exact(node, act.signs) if act.signs else None
    form = SignForm(request, peer.ROLE, request.POST if request.method == "POST" else None, exact)
    fault: HilfError | None = None
    typed = request.POST.get(act.field, "").strip() or returned(request).get(act.field, "")
    if request.method == "POST" and (typed or not act.field) and form.is_valid():
        try:
            do(form.key, typed, form.at)
            return redirect("partner", node)
        except HilfError as refusal:
            fault = refusal
    own = identity.own(settings.HILF_HOME)
    return render(
        request,
        "partners/sign.html",
        {
            "partner": node,
            "act": act,
            "form": form,
            "fault": fault,
            "typed": typed,
            "empty": request.method == "POST" and bool(act.field) and not typed,
            "needed": own.newest.officers_per_act,
            "stix_id": request.GET.get("id", ""),
            "ours": {
                "groups": fingerprint_groups(own.fingerprint),
                "words": fingerprint_words(own.fingerprint),
            },
        },
        status=409 if fault else 400 if request.method == "POST" else 200,
    )


def _missing(count: int) -> str:
    return ngettext(
        "Signed. %(count)s more officer must do the same.",
        "Signed. %(count)s more officers must do the same.",
        count,
    ) % {"count": count}
