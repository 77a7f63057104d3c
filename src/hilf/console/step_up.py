"""Approvals, keys and accords ask for the second factor again, not more than five minutes ago (trust.md 7).

`@step_up` stands on a view beside `@needs`; it asks before the form is shown and again when it is sent. What somebody typed
when the five minutes ran out comes back, but for secrets: `returned` gives it to the form. django-allauth would keep the whole
request in the session, with the passphrase in it, and asks for a password only.
"""

import functools
import time
from collections.abc import Callable
from typing import Final

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from hilf.stack import STEP_UP_S

_KEPT: Final = "hilf_form"
_SECRET: Final = ("pass", "csrf", "token", "code", "assertion")
"""Beginnings and parts of the names of fields that are never kept."""


def step_up(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let the view answer only who showed the second factor in the last five minutes."""

    @functools.wraps(view)
    def asking(request: HttpRequest, *args: object, **values: object) -> HttpResponse:
        if shown_recently(request):
            return view(request, *args, **values)
        request.hilf_outcome = "step-up"  # type: ignore[attr-defined]
        return _ask(request)

    asking.steps_up = True  # type: ignore[attr-defined]
    return asking


def shown_recently(request: HttpRequest) -> bool:
    """Whether the second factor was shown again in the last five minutes; signing in does not count."""
    records = get_authentication_records(request, request.user)
    return any(
        each.get("method") == "mfa"
        and bool(each.get("reauthenticated"))
        and 0 <= time.time() - float(each["at"]) <= STEP_UP_S
        for each in records
    )


def returned(request: HttpRequest) -> dict[str, str]:
    """What this person had typed into this page when the second factor was asked for; given back once."""
    kept = request.session.get(_KEPT)
    if not kept or kept["path"] != request.path or request.method != "GET":
        return {}
    del request.session[_KEPT]
    return dict(kept["fields"])


def _ask(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        fields = {
            name: text
            for name, text in request.POST.items()
            if isinstance(text, str) and not any(part in name.lower() for part in _SECRET)
        }
        request.session[_KEPT] = {"path": request.path, "fields": fields}
    url = f"{reverse(_page(request))}?{urlencode({'next': request.get_full_path()})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


def _page(request: HttpRequest) -> str:
    """Where this person shows the factor: with a passkey, if there is one."""
    of_person = Authenticator.objects.filter(user_id=request.user.pk)
    has_passkey = of_person.filter(type=Authenticator.Type.WEBAUTHN).exists()
    return "mfa_reauthenticate_webauthn" if has_passkey else "mfa_reauthenticate"
