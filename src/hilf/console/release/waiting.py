"""The page that is shown while long work goes on; it asks again by itself, and can be left and found again."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

WAITED: Final = "waited"
"""Name in an address: somebody waits for what is made already."""

PAUSE_S: Final = 2


def waited(request: HttpRequest) -> bool:
    """Whether the page that waits asks again."""
    return WAITED in request.GET


def page(request: HttpRequest, **context: object) -> HttpResponse:
    """That it goes on, and where to look again; the browser does so by itself."""
    query = request.GET.copy()
    query[WAITED] = "1"
    url = f"{request.path}?{query.urlencode()}"
    answer = render(request, "release/waiting.html", {"url": url, **context})
    answer.headers["Refresh"] = f"{PAUSE_S}; url={url}"
    return answer
