"""Errors of verbs, shown to people as they are: what happened, why, what to do and the code; never a 500 (faces.md 3)."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hilf.errors import CallerFault, HilfError, OperatorFault, PartnerFault, Refusal

STATUS: Final[tuple[tuple[type[HilfError], int], ...]] = (
    (CallerFault, 400),
    (Refusal, 409),
    (PartnerFault, 409),
    (OperatorFault, 503),
)
"""Which status an error answers with, by whose fault it is."""


class Faults:
    """Answers with a page where a view raises an error that a person can act on."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer."""
        return self._answer(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page that says what happened; None for errors that only developers can act on."""
        if not isinstance(error, HilfError):
            return None
        return page(request, error)


def page(request: HttpRequest, error: HilfError) -> HttpResponse:
    """The page of an error; what nobody here knows is not found."""
    is_unknown = error.code.endswith(".unknown") and not isinstance(error, OperatorFault)
    status = 404 if is_unknown else next((code for family, code in STATUS if isinstance(error, family)), 409)
    return render(request, "fault.html", {"fault": error}, status=status)


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  # the reason is for developers
    """The page for a form that was sent from elsewhere, or after its session was over."""
    return render(request, "403_csrf.html", status=403)
