"""The link of an invitation: whoever has it sets a password, once, and then signs in and adds a second factor."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hilf.access.trail import Kind
from hilf.console import audited
from hilf.console.access import needs
from hilf.console.account.password import PasswordForm
from hilf.errors import Refusal
from hilf.node import audit, user
from hilf.node.home import now


@needs()
@login_not_required
@require_http_methods(["GET", "POST"])
def take_up(request: HttpRequest, token: str) -> HttpResponse:
    """Set a password; the link then counts no longer."""
    try:
        person = user.waiting(token, now())
        form = PasswordForm(person.name, request.POST or None)
        if request.method == "POST" and form.is_valid():
            user.accept(token, form.cleaned_data["password"], now())
            audit.write(
                Kind.DID, audited.who(request, _Person(person.id)), "take up invitation", person.name, now()
            )
            logout(request)
            messages.success(request, _("The password is set. Sign in with it, then add a second factor."))
            return redirect("account_login")
    except Refusal as fault:
        return render(request, "people/invitation.html", {"fault": fault}, status=409)
    return render(request, "people/invitation.html", {"form": form, "person": person})


class _Person:
    """An account by its id, as the trail asks for it."""

    def __init__(self, pk: int) -> None:
        self.pk = pk
