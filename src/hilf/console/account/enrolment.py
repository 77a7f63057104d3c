"""Who has no second factor adds one before anything else (trust.md 7)."""

from collections.abc import Callable
from typing import Final

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

OPEN: Final = ("/account/", "/static/", "/language/")
"""Where a person without a second factor may go: to add one, to sign out, to choose a language."""


class SecondFactor:
    """Sends people who have no second factor to where they add one."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, or the way to the page on which a second factor is added."""
        if request.path.startswith(OPEN) or not request.user.is_authenticated or is_mfa_enabled(request.user):
            return self._answer(request)
        return redirect("mfa_index")
