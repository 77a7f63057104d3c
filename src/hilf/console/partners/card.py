"""Cards: hand over ours, take in a partner's."""

from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from hilf.access.role import Power
from hilf.canonical import loads
from hilf.console.access import needs
from hilf.errors import CallerFault, HilfError, PartnerFault
from hilf.federation.peer import PeerState
from hilf.node import identity, introduction, peer
from hilf.node.home import now
from hilf.seal.fingerprint import fingerprint_groups, fingerprint_words

LARGEST_CARD_BYTES: Final = 8 * 2**20
"""What a body between nodes may have on the wire. Source: wire.md 5."""


@needs(Power.READ)
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """Our card and our fingerprint, to be read to a partner over a channel that both trust."""
    mine = identity.own(settings.HILF_HOME)
    return render(
        request,
        "partners/card.html",
        {
            "groups": fingerprint_groups(mine.fingerprint).split(),
            "words": fingerprint_words(mine.fingerprint).split(),
            "newest": mine.newest,
        },
    )


@needs(Power.READ)
@require_GET
def file(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # Django hands it over
    """Our card as a file."""
    mine = identity.own(settings.HILF_HOME)
    answer = HttpResponse(identity.card(mine), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{mine.node}.json"'
    return answer


@needs(Power.PARTNERS)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Take in a partner's card, from a file or pasted."""
    if request.method != "POST":
        return render(request, "partners/add.html")
    try:
        known = introduction.take(settings.HILF_HOME, loads(_bytes(request)), now())
    except HilfError as fault:
        pasted = request.POST.get("text", "")
        return render(request, "partners/add.html", {"fault": _told(fault), "text": pasted}, status=400)
    state = peer.state_of(known.node)
    if state is PeerState.INTRODUCED:
        messages.success(
            request, _("The card of %(node)s was taken in. Verify it now.") % {"node": known.node}
        )
    else:
        messages.success(request, _("The card of %(node)s was taken in.") % {"node": known.node})
    return redirect("partner", known.node)


def _bytes(request: HttpRequest) -> bytes:
    given = request.FILES.get("file")
    data = (
        given.read(LARGEST_CARD_BYTES + 1)
        if given is not None
        else request.POST.get("text", "").strip().encode()
    )
    if not 0 < len(data) <= LARGEST_CARD_BYTES:
        raise CallerFault(
            "peer.card-file",
            f"{len(data)} bytes are no card.",
            f"A card has 1 to {LARGEST_CARD_BYTES} bytes.",
            "Give the file that the partner downloaded as its card.",
        )
    return data


def _told(fault: HilfError) -> HilfError:
    """A partner's bytes that break a rule, told to the person who brought them."""
    if not isinstance(fault, PartnerFault):
        return fault
    return CallerFault(
        fault.code,
        f"This is no card: {fault.what}.",
        "A card is one JSON document, signed by the node that it is about.",
        "Ask the partner for the file that it downloads as its card.",
    )
