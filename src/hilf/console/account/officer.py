"""One's own officer's key: under which passkey it is sealed, so that the passkey signs (docs/adr/0023)."""

import secrets
from typing import Any, Final

import orjson
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hilf.console import webauthn
from hilf.console.access import needs
from hilf.console.sign import person_id
from hilf.console.step_up import step_up
from hilf.errors import CallerFault, HilfError
from hilf.node import identity, passkey, user
from hilf.node.home import now, officer_key
from hilf.seal.identity import Officer

_ASKED: Final = "hilf_binding"


class BindForm(forms.Form):
    """The passphrase, once more, and the passkey's answer."""

    passphrase = forms.CharField(strip=False, max_length=1000)
    assertion = forms.CharField(max_length=webauthn.LONGEST)


@needs()
@step_up
@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """Seal one's officer's key under one's passkey, or take it back."""
    home, person = settings.HILF_HOME, person_id(request)
    officer = user.officer_of(home, person)
    fault: HilfError | None = None
    if request.method == "POST" and officer is not None:
        if request.POST.get("what") == "unbind":
            passkey.unbind(home, person)
            messages.success(request, _("From now on you sign with the passphrase alone."))
            return redirect("officer_key")
        try:
            _bind(request, person, officer)
        except HilfError as refused:
            fault = refused
        else:
            messages.success(request, _("From now on you sign with your passkey."))
            return redirect("officer_key")
    return render(
        request,
        "people/officer.html",
        {
            "officer": officer,
            "bound": passkey.of_person(home, person),
            "asked": _ask(request) if officer else "",
            "fault": fault,
        },
        status=400 if fault else 200,
    )


def _ask(request: HttpRequest) -> str:
    """A fresh challenge and a fresh salt; both are remembered until the answer comes."""
    salt, challenge = passkey.fresh_salt(), secrets.token_bytes(32)
    request.session[_ASKED] = {"salt": salt.hex(), "challenge": challenge.hex()}
    every = dict.fromkeys(webauthn.credentials(request.user), salt)  # type: ignore[arg-type]
    if not every:
        return ""
    return orjson.dumps(webauthn.asked(request.user, challenge, every)).decode()  # type: ignore[arg-type]


def _bind(request: HttpRequest, person: int, officer: Officer) -> None:
    asked: dict[str, Any] = request.session.pop(_ASKED, None) or {}
    form = BindForm(request.POST)
    if not asked or not form.is_valid():
        raise CallerFault(
            "passkey.answer",
            "The passkey's answer is missing.",
            "",
            "Type the passphrase, then use the passkey.",
        )
    home = settings.HILF_HOME
    identity.own(home)
    key = officer_key(home, officer.name, form.cleaned_data["passphrase"])
    try:
        answer = orjson.loads(form.cleaned_data["assertion"])
    except ValueError as error:
        raise CallerFault(
            "passkey.answer", "The passkey's answer is no JSON.", "", "Open the page again."
        ) from error
    found = webauthn.answered(request.user, bytes.fromhex(asked["challenge"]), answer)  # type: ignore[arg-type]
    passkey.bind(
        home, person, key, found.credential, found.public, bytes.fromhex(asked["salt"]), found.secret, now()
    )
