"""Which page asks for which power; a page that asks for none is shown to nobody (trust.md 7).

A view says what it needs with `@needs(Power.READ)`; the middleware refuses every view that says nothing, but those of
sign-in. So a page that somebody forgot to guard is a page that nobody sees.
"""

from collections.abc import Callable
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from hilf.access.role import Power, Role, powers
from hilf.store.people import account

OPEN_MODULES: Final = ("allauth.", "django.views.i18n", "whitenoise.")
"""Views of sign-in and of languages, which ask for no power."""


class Access:
    """Lets a view answer only people who have its powers."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer."""
        return self._answer(request)

    def process_view(self, request: HttpRequest, view: Any, _args: object, _kwargs: object) -> None:  # noqa: ANN401  # whatever Django found
        """Refuse what the person may not do.

        Raises:
            PermissionDenied: the view asks for a power that the person does not have, or for none at all.
        """
        if view.__module__.startswith(OPEN_MODULES):
            return
        wanted: frozenset[Power] | None = getattr(view, "powers", None)
        if wanted is None or not wanted <= powers_of(request):
            raise PermissionDenied


def needs(*wanted: Power) -> Callable[[Any], Any]:
    """Say which powers a view asks for; every one of them is needed."""

    def mark(view: Any) -> Any:  # noqa: ANN401  # a view of any form, and the same
        view.powers = frozenset(wanted)
        return view

    return mark


def powers_of(request: HttpRequest) -> frozenset[Power]:
    """What the person who asks may do; read once for each request."""
    found: frozenset[Power] | None = getattr(request, "_hilf_powers", None)
    if found is None:
        person = request.user.pk if request.user.is_authenticated and request.user.is_active else None
        found = powers(map(Role, account.roles(person) if person is not None else ()))
        request._hilf_powers = found  # type: ignore[attr-defined]  # noqa: SLF001
    return found
