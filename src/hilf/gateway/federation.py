"""hilf/1 over HTTP: a request becomes a value, `node` answers it, the value becomes an answer (wire.md 5).

Decides nothing but which verb is asked. The target is put together from this node's configured address and the path,
never from Host; fields are handed over as they came, also those that came twice.
"""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse

from hilf.canonical import dumps
from hilf.node import door, inbox
from hilf.node import reconcile as reconciling
from hilf.node.door import Problem, signed
from hilf.node.home import Home, now
from hilf.seal.http import Headers, Request, Response

if TYPE_CHECKING:
    from hilf.node.quota import Quota

FIELDS: Final = "hilf.fields"
"""Where the door leaves the fields of a request, as (name, value) pairs."""

_MOST_BYTES: Final = 8 * 2**20 + 1
_PAUSE_S: Final = 60
_log: Final = logging.getLogger("hilf.gateway")


def versions(_request: HttpRequest) -> HttpResponse:
    """`GET /hilf`: which versions of the protocol this node speaks, to anyone."""
    return HttpResponse(dumps({"versions": ["1"]}), content_type="application/json")


def identity(request: HttpRequest) -> HttpResponse:
    """`GET identity`."""
    return _answer(request, "GET", inbox.tell_identity)


def state(request: HttpRequest) -> HttpResponse:
    """`GET state`."""
    return _answer(request, "GET", inbox.tell_state)


def acts(request: HttpRequest) -> HttpResponse:
    """`POST acts`."""
    quota: Quota = settings.HILF_QUOTA
    return _answer(request, "POST", lambda home, value, at: inbox.receive(home, value, at, quota))


def reconcile(request: HttpRequest) -> HttpResponse:
    """`POST reconcile`."""
    quota: Quota = settings.HILF_QUOTA
    return _answer(request, "POST", lambda home, value, at: reconciling.answer(home, value, at, quota))


def refusal(method: str, path: str, query: str, fields: Headers) -> Response | None:
    """The answer to a request with a large body that is refused for its head; None where the body is to be read.

    Asked by the door, outside of a request of Django's: a connection that was lost is let go of first.
    """
    close_old_connections()
    home: Home = settings.HILF_HOME
    try:
        return door.refusal(home, Request(method, _url(home, path, query), fields, b""), now())
    except Exception:  # noqa: BLE001 as in `_answer`
        _log.exception("%s %s failed", method, path)
        return Problem(503, "node.fault", retry_after_s=_PAUSE_S).response()


def unknown(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 Django's signature
    """Any other address; signed where the request was, as every answer."""
    home: Home = settings.HILF_HOME
    return _plain(signed(home, _read(request, home), _not_offered(), now()))


def _not_offered() -> Response:
    return Problem(404, "http.no-such-address").response()


def _answer(request: HttpRequest, method: str, verb: Callable[..., Response]) -> HttpResponse:
    home: Home = settings.HILF_HOME
    value = _read(request, home)
    try:
        if request.method != method:
            return _plain(signed(home, value, Problem(405, "http.method").response(), now()))
        return _plain(verb(home, value, now()))
    except Exception:  # noqa: BLE001 the last line of defence: our fault is not the partner's
        _log.exception("%s %s failed", method, request.path)
        return _plain(Problem(503, "node.fault", retry_after_s=_PAUSE_S).response())


def _read(request: HttpRequest, home: Home) -> Request:
    body = request.read(_MOST_BYTES)
    fields = request.META.get(FIELDS) or tuple(
        (name.lower(), value) for name, value in request.headers.items()
    )
    url = _url(home, request.path, request.META.get("QUERY_STRING", ""))
    return Request(request.method or "", url, fields, body or None)


def _url(home: Home, path: str, query: str) -> str:
    return f"{home.gateway_url}{path}{'?' + query if query else ''}"


def _plain(response: Response) -> HttpResponse:
    answer = HttpResponse(response.body, status=response.status)
    del answer["content-type"]
    for name, value in response.headers:
        answer[name] = value
    return answer
