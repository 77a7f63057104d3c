"""Drafts: begun from a template or from the version in force, looked over, dropped or proposed."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hilf.access.role import Power
from hilf.accord.template import DEFAULT, TEMPLATES
from hilf.console.access import needs
from hilf.console.accords.views import beside, clauses_in
from hilf.console.accords.words import terms
from hilf.errors import HilfError, Refusal
from hilf.federation.peer import PeerState
from hilf.node import accord as accords
from hilf.node import draft as drafts
from hilf.node import edit, peer_list
from hilf.node.home import now

NAMES: Final[dict[str, Promise]] = {
    "intelligence": gettext_lazy(
        "Intelligence between two nations: GREEN and below, AMBER with two officers, RED never"
    ),
    "community": gettext_lazy(
        "A community of many nations: GREEN to all, AMBER to whom one chooses with two officers"
    ),
    "incident": gettext_lazy(
        "One incident: what it needs, up to AMBER+STRICT, erased soon, passed on to nobody"
    ),
    "exercise": gettext_lazy("An exercise: material of exercises only, nothing real"),
    "public": gettext_lazy("Publishing: CLEAR only, free to pass on, kept after its end"),
}


class NewForm(forms.Form):
    """With whom, and from which template."""

    partners = forms.MultipleChoiceField(label=gettext_lazy("With"), widget=forms.CheckboxSelectMultiple)
    template = forms.ChoiceField(
        label=gettext_lazy("Beginning from"),
        choices=[(name, NAMES.get(name, name)) for name in TEMPLATES],
        initial=DEFAULT,
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Mapping[str, Any] | None, partners: list[str]) -> None:
        """Offer the partners that are known, those that are verified first."""
        super().__init__(data, initial={"partners": partners})
        every = peer_list.listed(settings.HILF_HOME, now())
        known = [each for each in every if each.state is not PeerState.REVOKED]
        known.sort(key=lambda each: (each.state is not PeerState.VERIFIED, each.node))
        self.fields["partners"].choices = [(each.node, f"{each.node} · {each.name[:80]}") for each in known]  # type: ignore[attr-defined]


@needs(Power.PARTNERS)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin a draft, which nobody else sees."""
    form = NewForm(request.POST if request.method == "POST" else None, request.GET.getlist("with"))
    fault = None
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            shown = drafts.from_template(settings.HILF_HOME, asked["partners"], now(), asked["template"])
            return redirect("accord_draft", shown.life.accord.id)
        except HilfError as refusal:
            fault = refusal
    status = 400 if request.method == "POST" else 200
    known = bool(form.fields["partners"].choices)  # type: ignore[attr-defined]
    return render(request, "accords/new.html", {"form": form, "fault": fault, "known": known}, status=status)


@needs(Power.PARTNERS)
@require_POST
def amend(request: HttpRequest, accord_id: str) -> HttpResponse:
    """Draft the next version of an accord that all have signed; a draft of it that is there already is taken up."""
    home = settings.HILF_HOME
    try:
        edit.draft(home, accord_id, now())
    except Refusal:
        drafts.amendment(home, accord_id, {}, now())
        messages.success(request, _("The next version is drafted. It says the same until you change it."))
    return redirect("accord_draft", accord_id)


@needs(Power.PARTNERS)
@require_GET
def overview(request: HttpRequest, accord_id: str) -> HttpResponse:
    """All parts of a draft, each with the way to its form."""
    home = settings.HILF_HOME
    shown = edit.draft(home, accord_id, now())
    accord = shown.life.accord
    return render(
        request,
        "accords/draft.html",
        {
            "shown": shown,
            "accord": accord,
            "clauses": clauses_in(accord, get_language() or "en"),
            "marks": {clause.id: edit.mark(edit.clause_of(accord, clause.id)) for clause in accord.clauses},
            "terms": list(terms(accord)),
            "others": beside(accord),
            "sealed": [clause.id for clause in accord.clauses if clause.duty and clause.duty.sealed],
            "is_ours": accord.proposer == home.node,
        },
    )


@needs(Power.PARTNERS)
@require_POST
def drop(request: HttpRequest, accord_id: str) -> HttpResponse:
    """Drop the drafts of an accord, which nobody else has seen."""
    drafts.drop(settings.HILF_HOME, accord_id, now())
    messages.success(request, _("The draft is dropped."))
    left = any(each.life.accord.id == accord_id for each in accords.every(settings.HILF_HOME, now()))
    return redirect("accord", accord_id) if left else redirect("accords")


@needs(Power.PARTNERS)
@require_POST
def propose(request: HttpRequest, accord_id: str) -> HttpResponse:
    """Send the draft that was read to the other parties; their officers sign first.

    Raises:
        Refusal: "accord.draft-changed": somebody saved another text since it was read.
    """
    home = settings.HILF_HOME
    if edit.draft(home, accord_id, now()).life.accord.hash != request.POST.get("text"):
        raise Refusal(
            "accord.draft-changed",
            "The draft is another one now than the one that you have read.",
            "What is proposed cannot be changed any more.",
            "Read it again, then propose it.",
        )
    accords.propose(home, accord_id, now())
    messages.success(request, _("Proposed. The officers of the other parties sign first, then ours."))
    return redirect("accord", accord_id)
