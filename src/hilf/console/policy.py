"""The Content-Security-Policy of every page: nothing is fetched from elsewhere, and no script stands in a page (stack.md 4)."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def policy() -> str:
    """The policy; the origin of the identity provider is added where there is one."""
    origin = getattr(settings, "HILF_PROVIDER_ORIGIN", "")
    return POLICY.replace("form-action 'self'", f"form-action 'self' {origin}") if origin else POLICY


class ContentSecurityPolicy:
    """Says the policy with every answer, also with errors."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, with the policy and without a place in shared caches."""
        answer = self._answer(request)
        answer.headers.setdefault("Content-Security-Policy", policy())
        if not request.path.startswith("/static/"):
            answer.headers.setdefault("Cache-Control", "no-store")
        return answer
