"""The door of the gateway: whole requests go in one by one, slow ones wait outside and hold nobody up.

granian speaks HTTP and TLS in its own threads; this RSGI application gathers a body on the event loop, under limits of
size and time, and only then hands the request to the one thread that runs Django (one blocking thread per worker was
measured fastest). Under granian's WSGI interface a client that sends its body slowly holds that one thread: tried, a
second request waited 3.5 s for a client that slept; so WSGI begins behind this door (docs/developers/gateway.md).

Limits are those of wire.md 5: 8 MiB on the wire, read timeouts that do not hold a worker. Head timeouts are granian's.
A signature covers the digest of the body, so of a body that is more than 64 KiB the head is judged before more of it is
read: only partners make a worker hold megabytes.
"""

import asyncio
import io
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Protocol

from hilf.gateway.application import application
from hilf.gateway.federation import FIELDS, refusal
from hilf.node.process import end_with_parent
from hilf.seal.http import Response

MOST_BODY_BYTES: Final = 8 * 2**20
"""Source: wire.md 5."""

UNJUDGED_BYTES: Final = 64 * 2**10
"""Of a body that is read from anybody; what is longer is read on where its head is a partner's."""

BODY_TIMEOUT_S: Final = 20.0
"""For the whole body: a partner at 4 Mbit/s sends 8 MiB in 17 s, and such a batch can be halved."""

MOST_GATHERED_BYTES: Final = 256 * 2**20
"""Of all bodies that are being read in one worker; what comes beyond is asked to come later."""

PARENT: Final = "HILF_GATEWAY_PID"
"""The variable that names the process which started the workers."""

_Answer = tuple[int, list[tuple[str, str]], bytes]
Refusal = Callable[[str, str, str, tuple[tuple[str, str], ...]], Response | None]
_BUSY_PAUSE_S: Final = "5"


class Fields(Protocol):
    """The fields of an RSGI request."""

    def items(self) -> Iterable[tuple[str, str]]:
        """All of them, in order, those that come twice twice."""


class Scope(Protocol):
    """What RSGI says of a request."""

    proto: str
    method: str
    path: str
    query_string: str
    headers: Fields


class Exchange(Protocol):
    """One request being answered."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces of the body."""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Answer."""


class TooLarge(Exception):
    """The body goes beyond the limit."""


class Busy(Exception):
    """All bodies that are being read together go beyond the limit."""


class Refused(Exception):
    """The head says already that the request is refused; `answer` is what is said."""

    def __init__(self, answer: _Answer) -> None:
        super().__init__()
        self.answer = answer


@dataclass(slots=True)
class _Gathered:
    """Bytes of bodies that are being read in this worker."""

    bytes: int = 0


class Door:
    """The RSGI application."""

    def __init__(
        self,
        wsgi: Callable[..., Iterable[bytes]],
        refusal: Refusal,
        most_body_bytes: int = MOST_BODY_BYTES,
        most_gathered_bytes: int = MOST_GATHERED_BYTES,
        body_timeout_s: float = BODY_TIMEOUT_S,
    ) -> None:
        """Put the door before a WSGI application.

        Args:
            wsgi: called with one whole request at a time.
            refusal: the answer to a request whose head is refused, by method, path, query and fields; None where it is not.
            most_body_bytes: of one body.
            most_gathered_bytes: of all bodies that are being read or answered.
            body_timeout_s: for one whole body.
        """
        self._wsgi = wsgi
        self._refusal = refusal
        self._most_body_bytes = most_body_bytes
        self._most_gathered_bytes = most_gathered_bytes
        self._body_timeout_s = body_timeout_s
        self._thread = ThreadPoolExecutor(1, "django")
        self._gathered = _Gathered()

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        """Gather the body, let Django answer, answer."""
        if scope.proto != "http":
            return
        fields = tuple((name.lower(), value) for name, value in scope.headers.items())
        try:
            body = await self._gather(scope, fields, exchange)
        except Refused as refused:
            exchange.response_bytes(*refused.answer)
            return
        except TimeoutError:
            exchange.response_bytes(408, _problem(), b'{"code":"http.too-slow","status":408}')
            return
        except TooLarge:
            exchange.response_bytes(413, _problem(), b'{"code":"body.too-large","status":413}')
            return
        except Busy:
            pause = [("retry-after", _BUSY_PAUSE_S)]
            exchange.response_bytes(503, _problem() + pause, b'{"code":"node.busy","status":503}')
            return
        try:
            loop = asyncio.get_running_loop()
            status, headers, answer = await loop.run_in_executor(
                self._thread, _run, self._wsgi, _environ(scope, fields, body)
            )
        finally:
            self._gathered.bytes -= len(body)
        exchange.response_bytes(status, headers, answer)

    async def _gather(self, scope: Scope, fields: tuple[tuple[str, str], ...], exchange: Exchange) -> bytes:
        """The whole body; its size stays counted until the request is answered."""
        parts: list[bytes] = []
        size, is_judged = 0, False
        try:
            async with asyncio.timeout(self._body_timeout_s) as limit:
                async for part in exchange:
                    size += len(part)
                    self._gathered.bytes += len(part)
                    self._check(size)
                    if size > UNJUDGED_BYTES and not is_judged:
                        await self._judge(scope, fields, limit)
                        is_judged = True
                    parts.append(bytes(part))
        except BaseException:  # also when the client went away or the time was over
            self._gathered.bytes -= size
            raise
        return b"".join(parts)

    async def _judge(self, scope: Scope, fields: tuple[tuple[str, str], ...], limit: asyncio.Timeout) -> None:
        """Pass if the rest of the body is worth reading; what we need for that is not of the client's time."""
        loop, ends = asyncio.get_running_loop(), limit.when()
        began = loop.time()
        limit.reschedule(None)
        refused = await loop.run_in_executor(
            self._thread, self._refusal, scope.method, scope.path, scope.query_string, fields
        )
        limit.reschedule(None if ends is None else ends + loop.time() - began)
        if refused is not None:
            fields_ = [(name.lower(), value) for name, value in refused.headers]
            raise Refused((refused.status, [*fields_, ("connection", "close")], refused.body))

    def _check(self, size: int) -> None:
        if size > self._most_body_bytes:
            raise TooLarge
        if self._gathered.bytes > self._most_gathered_bytes:
            raise Busy


def _problem() -> list[tuple[str, str]]:
    return [("content-type", "application/problem+json"), ("connection", "close")]


def _environ(scope: Scope, fields: tuple[tuple[str, str], ...], body: bytes) -> dict[str, object]:
    """The request as PEP 3333 describes one, with the fields beside it as they came."""
    environ: dict[str, object] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": "hilf",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        FIELDS: fields,
    }
    for name, value in fields:
        if name == "content-type":
            environ["CONTENT_TYPE"] = value
        elif name != "content-length":
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ


def _run(wsgi: Callable[..., Iterable[bytes]], environ: Mapping[str, object]) -> _Answer:
    answered: list[tuple[int, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
        answered.append((int(status.split(" ", 1)[0]), headers))

    parts = wsgi(environ, start)
    try:
        body = b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close:
            close()  # ends the request for Django, which gives its connections back
    status, headers = answered[-1]
    return status, [(name.lower(), value) for name, value in headers], body


def door() -> Door:
    """The application of one worker process; it ends when the process that started it does.

    Raises:
        HilfError: the home cannot be opened.
    """
    end_with_parent(int(os.environ.get(PARENT, os.getppid())))
    return Door(application(), refusal)
