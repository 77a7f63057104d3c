"""What the reader's browser tells about the reader: the time zone, and whether pages are light or dark.

Both come as cookies that the page's own script sets (static/hilf/start.js); without a script, times are UTC and pages light.
"""

from collections.abc import Callable
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

ZONE: Final = "hilf_zone"
THEME: Final = "hilf_theme"
THEMES: Final = ("light", "dark")


class Reader:
    """Shows times in the reader's zone."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, made while the reader's zone is in force."""
        with timezone.override(zone(request)):
            return self._answer(request)


def zone(request: HttpRequest) -> ZoneInfo:
    """The reader's zone; UTC where none is told or nobody knows it."""
    try:
        return ZoneInfo(request.COOKIES.get(ZONE) or "UTC")  # which refuses names that lead out of its folder
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def theme(request: HttpRequest) -> str:
    """Light or dark, as the reader chose or the reader's system says."""
    chosen = request.COOKIES.get(THEME, "")
    return chosen if chosen in THEMES else "light"
