"""What was released: the list, and everything of one release."""

from dataclasses import dataclass
from typing import Any, Final

import orjson
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from hilf.access.role import Power
from hilf.console import listing
from hilf.console.access import needs, powers_of
from hilf.console.release import background, waiting
from hilf.console.release import lines as lines_
from hilf.console.release.forms import Narrow
from hilf.console.release.words import DIED
from hilf.node import approval, identity, release_list, why
from hilf.node.approval import Bound
from hilf.node.home import now
from hilf.node.release_list import Listed
from hilf.store.instant import moment
from hilf.store.release import proposal, sent

PAGE: Final = 25
"""Objects of one page of a proposal, each with every reason."""

FEW: Final = 10
"""Of these, how many are shown before and after redaction."""


@needs(Power.READ)
@require_GET
def history(request: HttpRequest) -> HttpResponse:
    """All releases, the newest first."""
    form = Narrow(request.GET or None)
    fetched = release_list.page(
        settings.HILF_HOME,
        after=listing.after(request) or None,
        state=request.GET.get("state", ""),
        peer=request.GET.get("peer", ""),
        order=request.GET.get("order", ""),
        limit=listing.PAGE + 1,
    )
    page = listing.listing(
        request,
        [Entry(each) for each in fetched],
        lambda row: row.id,
        filters=("state", "peer", "order"),
    )
    return render(request, "release/history.html", {"page": page, "form": form})


@dataclass(frozen=True, slots=True)
class Entry:
    """One release, as a line of the list shows it."""

    listed: Listed

    @property
    def id(self) -> str:
        """Of the release."""
        return self.listed.kept.release_id

    @property
    def at(self) -> object:
        """When it was made."""
        return moment(self.listed.kept.proposed)

    @property
    def acts(self) -> int:
        """How many acts it holds."""
        return self.listed.unapproved + sum(self.listed.acts.values())

    @property
    def died(self) -> object:
        """Why it died, in words where there are any; empty while it lives."""
        reason = self.listed.kept.reason
        return DIED.get(reason, reason) if reason else ""


@needs(Power.READ)
@require_GET
def one(request: HttpRequest, release_id: str) -> HttpResponse:
    """One release: what it holds, who stands behind it, what became of each act."""
    home = settings.HILF_HOME
    listed = release_list.one(home, release_id)
    if listed is None:
        raise Http404
    contents = _contents(request, listed)
    if contents is None:
        return waiting.page(request)
    context = {
        "entry": Entry(listed),
        "kept": listed.kept,
        "people": why.people(home, listed.kept),
        **contents,
    }
    return render(request, "release/release.html", context)


def _contents(request: HttpRequest, listed: Listed) -> dict[str, Any] | None:
    kept = listed.kept
    if kept.state == proposal.PROPOSED:
        return bound(request, listed)
    found = sent.page_of(kept.release_id, listing.after_number(request) or 0, listing.PAGE + 1)
    acts = [Carried(place, each) for place, each in found]
    return {"page": listing.listing(request, acts, lambda row: row.place)}


def bound(request: HttpRequest, listed: Listed) -> dict[str, Any] | None:
    """What a proposal binds, by pages, with what would keep it here and what lists say; None while it is weighed."""
    home, at, kept = settings.HILF_HOME, now(), listed.kept
    goes_on = waiting.waited(request) or bool(listing.after(request)) or request.method == "POST"
    holds: Bound | None = background.look(
        ("bound", home.path, kept.release_id), lambda: Bound(home, kept, at), again=lambda _: not goes_on
    )
    if holds is None:
        return None
    items = proposal.page_of(kept.release_id, listing.after_number(request) or 0, PAGE + 1)
    weighed = holds.of(item.object_seq for _, item in items)
    shown = {line.id: line for line in lines_.lines(request, weighed.values(), kept.peer)}
    rows = [
        Proposed(place, item.act_id.hex(), shown.get(weighed[item.object_seq].kept.stix_id))
        if item.object_seq in weighed
        else Proposed(place, item.act_id.hex(), None)
        for place, item in items
    ]
    heard, heard_count = holds.heard(PAGE)
    return {
        "page": listing.listing(request, rows, lambda row: row.place, size=PAGE),
        "standing": approval.standing(home, kept, at),
        "staying": lines_.lines(request, holds.staying(PAGE), kept.peer),
        "heard": lines_.lines(request, heard, kept.peer),
        "heard_count": heard_count,
        "redacted": lines_.redactions(
            request, [each for each in weighed.values() if each.decision.redact][:FEW]
        ),
        "may_approve": Power.APPROVE in powers_of(request),
        "may_take_back": Power.PROPOSE in powers_of(request),
        "officers": identity.own(home).newest.officers_per_act,
        "ends": moment(kept.proposed) + approval.LIFETIME,
    }


@dataclass(frozen=True, slots=True)
class Proposed:
    """One act that a proposal binds; without a line where what it carries was changed since."""

    place: int
    act: str
    line: lines_.Line | None


@dataclass(frozen=True, slots=True)
class Carried:
    """One act of a release that was queued."""

    place: int
    sent: sent.Sent

    @property
    def state(self) -> str:
        """What became of it."""
        return "retracted" if self.sent.hidden and self.sent.state != "dropped" else self.sent.state

    @property
    def at(self) -> object:
        """Time of the act."""
        return moment(self.sent.at)

    @property
    def act(self) -> str:
        """Id of the act."""
        return self.sent.act_id.hex()

    @property
    def why(self) -> str:
        """The code with which it was refused or dropped."""
        return str(orjson.loads(self.sent.reason)["code"]) if self.sent.reason else ""
