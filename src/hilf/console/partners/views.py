"""The list of partners, and the page of one: who it is, how it goes with it, what a person should look at."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from hilf.access.role import Power
from hilf.console.access import needs
from hilf.console.listing import PAGE, after, listing, sort
from hilf.console.partners.words import STATES
from hilf.federation.peer import PeerState
from hilf.node import accord as accords
from hilf.node import history, identity, peer_list, quota, traffic
from hilf.node.home import now
from hilf.node.peer_list import Listed
from hilf.seal.fingerprint import fingerprint_groups
from hilf.settings import usual_quota

_NEVER: Final = datetime(1, 1, 1, tzinfo=UTC)
_Key = Callable[[Listed], tuple[Any, ...]]
SORTS: Final[dict[str, _Key]] = {
    "node": lambda each: (each.node,),
    "state": lambda each: (str(each.state), each.node),
    "waiting": lambda each: (each.waiting, each.node),
    "lag": lambda each: (each.lag_s if each.waiting else -1, each.node),
    "receipt": lambda each: (each.last_receipt or _NEVER, each.node),
    "expires": lambda each: (each.expires, each.node),
}


class Filter(forms.Form):
    """What narrows the list of partners down."""

    q = forms.CharField(label=gettext_lazy("Name or country"), required=False)
    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False, choices=[("", gettext_lazy("all")), *STATES.items()]
    )
    trouble = forms.BooleanField(label=gettext_lazy("Only those in trouble"), required=False)

    def lets(self, each: Listed) -> bool:
        """Whether a partner is among those that are asked for."""
        asked = self.cleaned_data if self.is_valid() else {}
        state, text = asked.get("state", ""), asked.get("q", "").strip().lower()
        in_trouble = bool(each.failures or each.reason or each.unseen or each.stix_identities_waiting)
        return (
            (not state or each.state == state)
            and text in f"{each.node} {each.name} {each.country}".lower()
            and (in_trouble or not asked.get("trouble"))
        )


@needs(Power.READ)
@require_GET
def list_(request: HttpRequest) -> HttpResponse:
    """Every partner with its state and how the stream goes; there are as many as nations, so all are read."""
    form = Filter(request.GET)
    sorted_by = sort(request, SORTS, "node")
    found = [each for each in peer_list.listed(settings.HILF_HOME, now()) if form.lets(each)]
    found.sort(key=SORTS[sorted_by.removeprefix("-")], reverse=sorted_by.startswith("-"))
    start = next((n + 1 for n, each in enumerate(found) if each.node == after(request)), 0)
    page = listing(
        request,
        found[start : start + PAGE + 1],
        lambda each: each.node,
        filters=("q", "state", "trouble"),
        sorted_by=sorted_by,
    )
    return render(request, "partners/list.html", {"page": page, "form": form})


@needs(Power.READ)
@require_GET
def show(request: HttpRequest, node: str) -> HttpResponse:
    """One partner."""
    home, at = settings.HILF_HOME, now()
    known = history.of(home, node)
    each = peer_list.one(home, node, at)
    ours = identity.own(home).newest
    # A fingerprint that this page showed before people had compared it would be typed from the page, not from a call.
    compared = known.state in (PeerState.VERIFIED, PeerState.REVOKED)
    shown = [s for s in accords.every(home, at) if node in s.life.accord.nodes]
    return render(
        request,
        "partners/show.html",
        {
            "peer": each,
            "known": known,
            "newest": known.identity.newest,
            "steps": known.steps[::-1],
            "fingerprint": fingerprint_groups(each.fingerprint) if compared else "",
            "needed": ours.officers_per_act,
            "missing": max(0, ours.officers_per_act - len(each.verified_by)),
            "allowed": quota.of(home, node, usual_quota(home.path), at),
            "used": quota.used(node, at),
            "accords": shown[::-1][:10],
            "volume": traffic.volume_of(home, node),
            "place": traffic.place(home, node),
        },
    )


@needs(Power.PARTNERS)
@require_POST
def seen(request: HttpRequest, node: str) -> HttpResponse:
    """Note that a person has read what the newer documents of a partner changed."""
    count = history.mark_seen(settings.HILF_HOME, node)
    messages.success(
        request,
        ngettext("%(count)s document is noted as read.", "%(count)s documents are noted as read.", count)
        % {"count": count}
        if count
        else _("Nothing was new."),
    )
    return redirect("partner", node)
