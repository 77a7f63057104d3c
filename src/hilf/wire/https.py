"""HTTPS to one partner: a pinned certificate, TLS 1.3, no redirects, no retries, and an end to every wait.

Decides whether the other end is the machine that the partner's identity names (the SHA-256 of its certificate stands
in `tls_sha256`, wire.md 2 and 5; no authority is asked, no name is compared) and whether it answers in time and in
size. Who speaks is decided by signatures (`seal.http`), not here. Addresses come from identity documents only.
"""

import hmac
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError, SSLError

from hilf.canonical import sha256_hex
from hilf.errors import PartnerFault
from hilf.seal.http import Request, Response

_PIECE: Final = 65_536
_HTTPS: Final = 443


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how much we wait for.

    Attributes:
        connect_s: for the connection and each step of the handshake.
        read_s: for the next bytes of an answer.
        whole_s: for the whole exchange, however slowly bytes drip.
        answer_bytes: the longest answer that is read.
    """

    connect_s: float = 10.0
    read_s: float = 60.0
    whole_s: float = 120.0
    answer_bytes: int = 8 * 2**20


class Connection:
    """A connection to one address of a partner, kept open between requests; one request at a time."""

    def __init__(self, url: str, pins: Sequence[str], patience: Patience | None = None) -> None:
        """Name whom to speak to; nothing is opened before the first request.

        Args:
            url: an endpoint of the partner's identity, `https://host[:port][/path]`.
            pins: SHA-256 of every DER certificate that it may show, 64 hex digits each.
            patience: how long to wait.
        """
        parts = urlsplit(url)
        self._patience = patience or Patience()
        self._pins = tuple(pins)
        self._late = False
        self._connection = HTTPSConnection(
            parts.hostname or "",
            parts.port or _HTTPS,
            timeout=self._patience.connect_s,
            ssl_context=_context(),
            cert_reqs="CERT_NONE",  # the pin is compared in `_open`, before anything is sent
            assert_hostname=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def exchange(self, request: Request) -> Response:
        """Send a request and give the answer, whatever its status.

        Raises:
            PartnerFault: "wire: unreachable", "wire: tls", "wire: certificate", "wire: too late", "wire: broken off",
                "wire: no http" or "wire: answer too large".
        """
        with self._deadline(), self._translated():
            if not self._connection.is_connected:
                self._open()
            target = urlsplit(request.url)
            self._connection.request(
                request.method,
                target.path or "/",
                body=request.body,
                headers=dict(request.headers),
                preload_content=False,
                decode_content=False,
            )
            answer = self._read()
            if self._late:  # a connection that was cut may look like an answer that ended
                raise PartnerFault("wire: too late", f"more than {self._patience.whole_s} s")
            return answer

    def close(self) -> None:
        """Close the connection; the next request opens it again."""
        self._connection.close()

    def _open(self) -> None:
        self._connection.close()
        self._connection.timeout = self._patience.connect_s
        self._connection.connect()
        self._connection.timeout = self._patience.read_s
        certificate = self._connection.sock.getpeercert(binary_form=True)  # type: ignore[union-attr]  # TLS always
        shown = sha256_hex(certificate or b"")
        if not any(hmac.compare_digest(shown, pin) for pin in self._pins):
            raise PartnerFault("wire: certificate", f"{shown[:16]}… is not pinned")

    def _read(self) -> Response:
        answer = self._connection.getresponse()
        parts: list[bytes] = []
        size = 0
        for part in answer.stream(_PIECE, decode_content=False):
            parts.append(part)
            size += len(part)
            if size > self._patience.answer_bytes:
                raise PartnerFault("wire: answer too large", f"more than {self._patience.answer_bytes} bytes")
        headers = tuple((name.lower(), value) for name, value in answer.headers.items())
        if answer.headers.get("connection", "").lower() == "close":
            self.close()
        return Response(answer.status, headers, b"".join(parts))

    @contextmanager
    def _deadline(self) -> Iterator[None]:
        """Cut the connection when the whole exchange takes too long."""
        self._late = False
        watch = threading.Timer(self._patience.whole_s, self._cut)
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def _cut(self) -> None:
        self._late = True
        sock = self._connection.sock
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it is closed already

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Name what went wrong, and close: what follows on a broken connection would be read as another's answer."""
        try:
            yield
        except PartnerFault:
            self.close()
            raise
        except (HTTPError, OSError, ValueError) as error:
            self.close()
            raise self._fault_of(error) from error

    def _fault_of(self, error: Exception) -> PartnerFault:
        said = f"{type(error).__name__}: {error}"[:200]
        if self._late or isinstance(error, TimeoutError) or "timed out" in said.lower():
            return PartnerFault("wire: too late", said)
        if isinstance(error, (SSLError, ssl.SSLError)):
            return PartnerFault("wire: tls", said)
        if (
            isinstance(error, (ConnectionRefusedError, socket.gaierror))
            or "NewConnection" in said
            or "NameRes" in said
        ):
            return PartnerFault("wire: unreachable", said)
        if isinstance(error, ValueError):
            return PartnerFault("wire: no http", said)
        return PartnerFault("wire: broken off", said)


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context
