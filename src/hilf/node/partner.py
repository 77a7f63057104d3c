"""A conversation with one partner: every question signed, every answer verified before it is read (wire.md 5).

Decides whom we ask (the endpoints and pins of the partner's newest identity document) and what of the answer counts:
only what the asked node signed to this very request. The one exception is `GET identity`, whose documents prove
themselves. What the answers mean is decided by the callers.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Protocol, Self

from hilf.canonical import Json
from hilf.errors import PartnerFault
from hilf.node import intake, peer
from hilf.node.home import Home, online_key
from hilf.seal.http import Request, Response, sign_request, verify_response
from hilf.seal.identity import Identity
from hilf.seal.message import read_signature
from hilf.wire.encoding import encode
from hilf.wire.https import Connection, Patience

OK: Final = 200
_UNAUTHORIZED: Final = 401
_LATER: Final = (429, 503)
_LONGEST_PAUSE_S: Final = 3600
_SHORTEST_PAUSE_S: Final = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """A verified answer.

    Attributes:
        status: HTTP status, signed.
        document: the body, read; what it is depends on the status.
        body: the body as it came.
        retry_after_s: how long the partner asks us to wait, with 429 and 503.
    """

    status: int
    document: Json
    body: bytes
    retry_after_s: int | None

    @property
    def code(self) -> str:
        """The code of a problem document, or nothing."""
        code = self.document.get("code") if isinstance(self.document, dict) else None
        return code[:100] if isinstance(code, str) else ""


class Carrier(Protocol):
    """What carries a request to a partner and gives its answer."""

    def exchange(self, request: Request) -> Response:
        """The answer to one request.

        Raises:
            PartnerFault: "wire: …".
        """

    def close(self) -> None:
        """Let go of it."""


class Partner:
    """Questions to one partner over one connection."""

    def __init__(
        self,
        home: Home,
        identity: Identity,
        clock: Callable[[], datetime],
        patience: Patience | None = None,
        connection: Carrier | None = None,
    ) -> None:
        """Name whom to ask; nothing is opened before the first question.

        Args:
            home: of this node.
            identity: of the partner.
            clock: the time now.
            patience: how long to wait for it.
            connection: what carries requests to it; HTTPS to its first endpoint, pinned, when left out.

        Raises:
            PartnerFault: "wire: no endpoint": the identity names no address.
        """
        self._home = home
        self._clock = clock
        self._key = online_key(home)
        self.node = identity.node
        if not identity.newest.endpoints:
            raise PartnerFault("wire: no endpoint", identity.node)
        self._base = identity.newest.endpoints[0].rstrip("/")
        self._connection = connection or Connection(self._base, identity.newest.tls_sha256, patience)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def card(self) -> Json:
        """The partner's card as it answers now; it proves itself and still has to be judged.

        Raises:
            PartnerFault: "wire: …", "answer: …", "json: …".
        """
        response = self._connection.exchange(
            self._signed(Request("GET", f"{self._base}/hilf/1/identity", (), None))
        )
        if response.status != OK:
            raise PartnerFault(f"answer: {response.status}", "GET identity")
        return intake.open_body(response.body, "identity")

    def ask(self, method: str, path: str, body: bytes | None = None) -> Answer:
        """Ask something, signed, and give the verified answer.

        Args:
            method: "GET" or "POST".
            path: behind `/hilf/1/`.
            body: canonical bytes, with POST.

        Raises:
            PartnerFault: "wire: …", "http: …" where the answer is not signed as it must be, "clock: differs",
                "json: …".
        """
        headers: tuple[tuple[str, str], ...] = ()
        if body is not None:
            encoding, body = encode(body)
            headers = (("content-encoding", encoding),)
        request = self._signed(Request(method, f"{self._base}/hilf/1/{path}", headers, body))
        response = self._connection.exchange(request)
        self._verify(response, request)
        document = intake.open_body(response.body, "identity")
        answer = Answer(response.status, document, response.body, _retry_after(response))
        if answer.status == _UNAUTHORIZED:
            self._compare_clocks(answer)
        return answer

    def _signed(self, request: Request) -> Request:
        created, nonce = int(self._clock().timestamp()), secrets.token_hex(16)
        return sign_request(request, self._home.node, self._key, self.node, created, nonce)

    def _verify(self, response: Response, request: Request) -> None:
        now = self._clock()
        keys = {self.node: peer.keys(self.node, now)}
        # The signature covers that of our request, whose nonce is fresh: an answer cannot be shown twice.
        try:
            verify_response(response, request, keys, int(now.timestamp()), lambda _keyid, _nonce: False)
        except PartnerFault as fault:
            if fault.rule == "http: clock":
                created = read_signature(response.headers).created
                verify_response(response, request, keys, created, lambda _keyid, _nonce: False)
                raise _clock_fault(created - int(now.timestamp())) from fault
            raise PartnerFault(fault.rule, f"status {response.status}; {fault.detail}"[:200]) from fault

    def _compare_clocks(self, answer: Answer) -> None:
        told = answer.document.get("time") if isinstance(answer.document, dict) else None
        if answer.code == "http.clock" and isinstance(told, str):
            try:
                there = datetime.fromisoformat(told)
            except ValueError:
                return
            if there.tzinfo is not None:
                raise _clock_fault(int((there.astimezone(UTC) - self._clock()).total_seconds()))


def _clock_fault(ahead_s: int) -> PartnerFault:
    return PartnerFault("clock: differs", f"the partner's clock is {ahead_s:+d} s from ours")


def _retry_after(response: Response) -> int | None:
    if response.status not in _LATER:
        return None
    given = [value for name, value in response.headers if name.lower() == "retry-after"]
    seconds = (
        int(given[0])
        if given and given[0].isdecimal() and len(given[0]) <= len("999999")
        else _SHORTEST_PAUSE_S
    )
    return max(_SHORTEST_PAUSE_S, min(seconds, _LONGEST_PAUSE_S))
