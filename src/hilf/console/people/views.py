"""People who may sign in: the list, one person, an invitation."""

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hilf.access.role import Power
from hilf.console import audited
from hilf.console.access import needs
from hilf.console.account import subject
from hilf.console.listing import PAGE, after, listing
from hilf.console.people.forms import InviteForm, OfficerForm, RolesForm, SubjectForm
from hilf.console.people.words import MAY, ROLES
from hilf.console.step_up import step_up
from hilf.errors import HilfError, Refusal
from hilf.node import identity, user
from hilf.node.home import now
from hilf.node.user import Invited, Listed
from hilf.settings import values_of


@needs(Power.USERS)
@require_GET
def list_(request: HttpRequest) -> HttpResponse:
    """Everybody, by name."""
    every = user.listed(settings.HILF_HOME)
    found = [each for each in every if each.account.name > after(request)][: PAGE + 1]
    page = listing(request, found, lambda each: each.account.name)
    return render(request, "people/list.html", {"page": page, "roles": ROLES})


@needs(Power.USERS)
@step_up
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody; the link is shown once."""
    form = InviteForm(request.POST or None, initial={"language": request.LANGUAGE_CODE})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            invited = user.add(given["name"], form.wanted(), given["language"], now())
        except HilfError as fault:
            audited.refused(request, fault)
            form.add_error("name", fault.what)
        else:
            return _link(request, invited)
    return render(request, "people/invite.html", {"form": form})


def _link(request: HttpRequest, invited: Invited) -> HttpResponse:
    audited.about(request, invited.account.name)
    audited.did(request)
    url = user.link(values_of(settings.HILF_HOME.path)["console_url"].text, invited.token)
    return render(request, "people/link.html", {"invited": invited, "link": url})


@needs(Power.USERS)
@require_GET
def show(request: HttpRequest, name: str) -> HttpResponse:
    """One person: roles, officer, sessions."""
    return render(request, "people/show.html", _about(name))


def _about(name: str) -> dict[str, object]:
    person = _listed(name)
    officers = [each.name for each in identity.own(settings.HILF_HOME).newest.officers.values()]
    return {
        "person": person,
        "may": [(ROLES[role], MAY[role]) for role in person.account.roles],
        "roles_form": RolesForm(initial={"roles": person.account.roles}),
        "officer_form": OfficerForm(officers, initial={"officer": person.officer or ""}),
        "subject_form": SubjectForm(initial={"subject": subject.subject_of(person.account.id)}),
        "has_provider": bool(settings.HILF_PROVIDER),
        "sessions": UserSession.objects.filter(user_id=person.account.id).order_by("-last_seen_at"),
    }


def _listed(name: str) -> Listed:
    known = user.named(name)
    return next(each for each in user.listed(settings.HILF_HOME) if each.account.id == known.id)


@needs(Power.USERS)
@step_up
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, name: str) -> HttpResponse:
    """Change what a person may do, after a look at all of it."""
    about = _about(name)
    if request.method == "GET":
        return render(request, "people/change.html", about)
    try:
        _change(request, name, about)
    except Refusal as fault:
        audited.refused(request, fault)
        return render(request, "people/change.html", {**about, "fault": fault}, status=409)
    messages.success(request, _("Changed."))
    return redirect("person", name=name)


def _change(request: HttpRequest, name: str, about: dict[str, object]) -> None:
    roles, officer = RolesForm(request.POST), about["officer_form"]
    assert isinstance(officer, OfficerForm)  # noqa: S101  # it was made above
    names = [word for word, _shown in officer.fields["officer"].choices if word]  # type: ignore[attr-defined]
    which = OfficerForm(names, request.POST)
    what = request.POST.get("what")
    if what == "roles" and roles.is_valid():
        user.set_roles(name, roles.wanted())
    elif what == "officer" and which.is_valid():
        user.bind(settings.HILF_HOME, name, which.cleaned_data["officer"] or None, now())
    elif what == "subject" and settings.HILF_PROVIDER:
        _bind_subject(request, name)
    elif what in ("enable", "disable"):
        changed = user.set_enabled(name, what == "enable")
        if what == "disable":
            _end_sessions(changed.id)


def _bind_subject(request: HttpRequest, name: str) -> None:
    form = SubjectForm(request.POST)
    if form.is_valid():
        subject.bind(user.named(name).id, form.cleaned_data["subject"])


@needs(Power.USERS)
@step_up
@require_http_methods(["GET", "POST"])
def renew(request: HttpRequest, name: str) -> HttpResponse:
    """A new link for somebody who lost the password or the second factor."""
    if request.method == "GET":
        return render(request, "people/renew.html", {"person": _listed(name)})
    invited = user.invite(name, now())
    _end_sessions(invited.account.id)
    return _link(request, invited)


@needs(Power.USERS)
@require_POST
def end(request: HttpRequest, name: str) -> HttpResponse:
    """End all sessions of a person at once."""
    count = _end_sessions(user.named(name).id)
    messages.success(request, _("Sessions that were ended: %(count)s.") % {"count": count})
    return redirect("person", name=name)


def _end_sessions(person: int) -> int:
    sessions = list(UserSession.objects.filter(user_id=person))
    for session in sessions:
        session.end()
    return len(sessions)
