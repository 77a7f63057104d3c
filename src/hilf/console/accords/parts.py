"""The parts of a draft, each as a form; who edits one that somebody else has saved since is told, and loses nothing."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hilf.access.role import Power
from hilf.accord.document import Accord
from hilf.console.access import needs
from hilf.console.accords import clause_form, rows_form, terms_form, words
from hilf.console.accords.views import clauses_in
from hilf.errors import CallerFault, HilfError
from hilf.node import edit, peer_list
from hilf.node.accord import Shown
from hilf.node.home import now

if TYPE_CHECKING:
    from hilf.canonical import Json

CHANGED = "accord.draft-changed"


@needs(Power.PARTNERS)
@require_http_methods(["GET", "POST"])
def clause(request: HttpRequest, accord_id: str, clause_id: str = "") -> HttpResponse:
    """One clause of a draft, or a new one."""
    home = settings.HILF_HOME
    text = edit.draft(home, accord_id, now()).life.accord
    held = edit.clause_of(text, clause_id) if clause_id else None
    if clause_id and held is None and request.method != "POST":
        raise CallerFault(
            "accord.no-such-clause",
            f"The draft has no clause {clause_id[:64]!r}.",
            "",
            "Choose one of its clauses.",
        )
    initial = (
        clause_form.shown(held)
        if held
        else {"id": _free(text), "effect": "permit", "acts": ["object", "sighting"]}
    )
    form = clause_form.ClauseForm(request.POST if request.method == "POST" else None, initial=initial)

    def put(before: str) -> Shown:
        return edit.put_clause(home, accord_id, clause_id, before, form.clause(held), now())

    theirs = [each for each in clauses_in(text, get_language() or "en") if each["id"] == clause_id]
    context = {"form": form, "clause_id": clause_id, "theirs": theirs}
    return _edited(
        request, text, "accords/clause_edit.html", context, form, put, edit.mark(held) if clause_id else ""
    )


def _free(text: Accord) -> str:
    """A short name that no clause has yet."""
    taken = {each.id for each in text.clauses}
    return next(name for name in (f"c-{n}" for n in range(1, len(taken) + 2)) if name not in taken)


@needs(Power.PARTNERS)
@require_POST
def remove(request: HttpRequest, accord_id: str, clause_id: str) -> HttpResponse:
    """Take a clause out of a draft."""
    edit.remove_clause(settings.HILF_HOME, accord_id, clause_id, request.POST.get("before", ""), now())
    messages.success(request, _("Clause %(clause)s is taken out.") % {"clause": clause_id})
    return redirect("accord_draft", accord_id)


@needs(Power.PARTNERS)
@require_http_methods(["GET", "POST"])
def terms(request: HttpRequest, accord_id: str) -> HttpResponse:
    """Title, period, purposes and what else holds for all clauses."""
    home = settings.HILF_HOME
    text = edit.draft(home, accord_id, now()).life.accord
    held = edit.members_of(text, terms_form.MEMBERS)
    form = terms_form.TermsForm(
        request.POST if request.method == "POST" else None, initial=terms_form.shown(held)
    )

    def put(before: str) -> Shown:
        return edit.put_members(home, accord_id, terms_form.MEMBERS, before, form.members(held), now())

    context = {"form": form, "title": gettext_lazy("Terms"), "their_terms": list(words.terms(text))}
    return _edited(request, text, "accords/terms_edit.html", context, form, put, edit.mark(held))


class PartiesForm(forms.Form):
    """Who is a party beside this node."""

    nodes = forms.MultipleChoiceField(
        label=gettext_lazy("The other parties"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, parties: Sequence[str], data: Mapping[str, Any] | None) -> None:
        """Offer the parties and all partners that are known."""
        super().__init__(data, initial={"nodes": [*parties]})
        known = {
            each.node: f"{each.node} · {each.name[:80]}"
            for each in peer_list.listed(settings.HILF_HOME, now())
        }
        offered = {**{node: node for node in parties}, **known}
        self.fields["nodes"].choices = sorted(offered.items())  # type: ignore[attr-defined]


@needs(Power.PARTNERS)
@require_http_methods(["GET", "POST"])
def parties(request: HttpRequest, accord_id: str) -> HttpResponse:
    """Who is a party; this node proposes it."""
    home = settings.HILF_HOME
    text = edit.draft(home, accord_id, now()).life.accord
    others = [node for node in text.nodes if node != home.node]
    form = PartiesForm(others, request.POST if request.method == "POST" else None)

    def put(before: str) -> Shown:
        return edit.put_parties(home, accord_id, before, form.cleaned_data["nodes"], now())

    context = {"form": form, "title": gettext_lazy("Parties"), "their_nodes": text.nodes}
    return _edited(request, text, "accords/terms_edit.html", context, form, put, edit.mark([*text.nodes]))


@needs(Power.PARTNERS)
@require_http_methods(["GET", "POST"])
def promises(request: HttpRequest, accord_id: str) -> HttpResponse:
    """How fast requests are met."""
    return _rows(request, accord_id, "promises", rows_form.PromiseRows)


@needs(Power.PARTNERS)
@require_http_methods(["GET", "POST"])
def contacts(request: HttpRequest, accord_id: str) -> HttpResponse:
    """Whom to call."""
    return _rows(request, accord_id, "contacts", rows_form.ContactRows)


def _rows(
    request: HttpRequest, accord_id: str, member: str, rows: "type[forms.BaseFormSet[rows_form.Row]]"
) -> HttpResponse:
    home = settings.HILF_HOME
    text = edit.draft(home, accord_id, now()).life.accord
    held = edit.members_of(text, (member,))
    before_ = held[member]
    formset = rows(request.POST if request.method == "POST" else None, initial=rows_form.shown(before_))

    def put(before: str) -> Shown:
        entries = [form.entry(before_ if isinstance(before_, list) else []) for form in formset]
        found: list[Json] = [each for each in entries if each is not None]
        return edit.put_members(home, accord_id, (member,), before, {member: found}, now())

    context = {
        "formset": formset,
        "member": member,
        "theirs_n": len(before_) if isinstance(before_, list) else 0,
    }
    return _edited(request, text, "accords/rows_edit.html", context, formset, put, edit.mark(held))


def _edited(
    request: HttpRequest,
    text: Accord,
    template: str,
    context: dict[str, Any],
    form: "forms.Form | forms.BaseFormSet[rows_form.Row]",
    put: Callable[[str], Shown],
    present: str,
) -> HttpResponse:
    """The form of a part, and its saving.

    Has somebody else saved the part since it was read, the page shows theirs beside what was typed, which stays; saved again
    from there, it takes the place of what is shown.
    """
    fault: HilfError | None = None
    before = request.POST.get("before", present)
    if request.method == "POST" and form.is_valid():
        try:
            put(before)
            messages.success(request, _("Saved."))
            return redirect("accord_draft", text.id)
        except HilfError as refusal:
            fault = refusal
    changed = fault is not None and fault.code == CHANGED
    return render(
        request,
        template,
        {
            **context,
            "accord": text,
            "fault": fault,
            "changed": changed,
            "before": present if changed else before,
        },
        status=409 if fault else 400 if request.method == "POST" else 200,
    )
