"""The door for partners: who asks, whether they may, and the signed answer, whatever happens (wire.md 5).

Decides, before anything is parsed, who sent a request (its signature), whether that node may ask this (its state as a
peer) and that the message was not used before; and which HTTP status each fault has. An answer to a request that
carries a well-formed signature is signed, problem documents included (RFC 9457); nobody is told more than a code.
What is behind the door (acts, state, identity) is `node/inbox`.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from hilf.canonical import Json, dumps, timestamp
from hilf.errors import HilfError, OperatorFault, PartnerFault
from hilf.federation.peer import may_exchange_acts, may_exchange_identity
from hilf.node import peer
from hilf.node.home import Home, online_key
from hilf.seal.http import (
    CONTENT_TYPE,
    Headers,
    Request,
    Response,
    Verified,
    is_signed,
    sign_response,
    verify_head,
    verify_request,
)
from hilf.seal.message import read_signature
from hilf.store.database import transaction
from hilf.store.federation import nonce

PATHS: Final = ("identity", "state", "acts", "reconcile")
"""Under /hilf/1/. Source: wire.md 5."""

OK: Final = 200
NONCE_GRACE_S: Final = 60
"""A nonce is kept this long after its message expired. Source: wire.md 5."""

_PAUSE_S: Final = 30
_BAD, _WHO, _FORBIDDEN, _TOO_LARGE, _TYPE, _UNABLE = 400, 401, 403, 413, 415, 503
_STATUS: Final = {
    "http: type": _TYPE,
    "http: content-encoding": _TYPE,
    "http: keyid is not header.from": _FORBIDDEN,
    "body: too large": _TOO_LARGE,
    "body: too many acts": _TOO_LARGE,
    "zstd: too large or ratio": _TOO_LARGE,
    "identity: expired": _WHO,
}
_TITLES: Final = {
    400: "malformed",
    401: "signature or clock",
    403: "not a verified peer",
    404: "no such address",
    405: "no such method here",
    409: "stream differs",
    412: "same seq, other content",
    413: "too large",
    415: "type or encoding",
    429: "too much",
    503: "not now",
}


class Problem(Exception):
    """An answer other than 200: raised where what was written must be undone, returned where it must be kept.

    Attributes:
        status: HTTP status.
        code: stable slug; all that a partner is told.
        members: what else stands in the document.
        retry_after_s: how long the partner shall wait, with 429 and 503.
    """

    def __init__(
        self,
        status: int,
        code: str,
        members: Mapping[str, Json] | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.members = members or {}
        self.retry_after_s = retry_after_s

    def response(self) -> Response:
        """The problem document as an answer, unsigned yet. Source: RFC 9457 3."""
        document: dict[str, Json] = {
            "type": "about:blank",
            "title": _TITLES.get(self.status, "refused"),
            "status": self.status,
            "code": self.code,
            **self.members,
        }
        headers: Headers = (
            (("retry-after", str(self.retry_after_s)),) if self.retry_after_s is not None else ()
        )
        return Response(self.status, headers, dumps(document))


Work = Callable[[Verified], bytes | Problem]
"""What answers a request whose sender is known: canonical bytes, or a problem that was committed with its cause."""


def urls(home: Home) -> frozenset[str]:
    """Every address of this node that may be asked; from its settings, never from a request. Source: wire.md 5."""
    return frozenset(f"{home.gateway_url}/hilf/1/{path}" for path in PATHS)


def answer(home: Home, request: Request, now: datetime, work: Work) -> Response:
    """The answer to a request, signed where the request was.

    Args:
        home: of this node.
        request: as it came; its url is put together from our own address and the path that was asked.
        now: the clock.
        work: what to do for a sender that may ask; it keeps the nonce in its own transaction (`use_up`).
    """
    try:
        who = _verified(home, request, now, verify_request)
    except (Problem, HilfError) as error:
        return signed(home, request, _problem_of(error, now).response(), now)
    try:
        done = work(who)
        response = done.response() if isinstance(done, Problem) else Response(OK, (), done)
    except (Problem, HilfError) as error:
        response = _problem_of(_used_up_all_the_same(who, error), now).response()
    return signed(home, request, response, now)


def refusal(home: Home, request: Request, now: datetime) -> Response | None:
    """The answer to a request whose head says already that it will be refused; None where its body is worth reading.

    A stranger, a replay or a peer that may send nothing is told so before this node holds megabytes for it. Whoever is let
    in here is judged again with the body, by `answer`.
    """
    try:
        _verified(home, request, now, verify_head)
    except (Problem, HilfError) as error:
        return signed(home, request, _problem_of(error, now).response(), now)
    return None


def use_up(who: Verified) -> None:
    """Keep the nonce of a message, in the caller's transaction.

    Raises:
        PartnerFault: "http: nonce seen": another worker was given the same message at the same time.
    """
    if not nonce.take(who.keyid, who.nonce, who.expires + NONCE_GRACE_S):
        raise PartnerFault("http: nonce seen", who.nonce)


def signed(home: Home, request: Request, response: Response, now: datetime) -> Response:
    """The answer, signed if the request carried a well-formed signature. Source: wire.md 5."""
    if not is_signed(request.headers):
        kind = CONTENT_TYPE if response.status == OK else "application/problem+json"
        return Response(response.status, (*response.headers, ("content-type", kind)), response.body)
    created, own_nonce = int(now.timestamp()), secrets.token_hex(16)
    return sign_response(response, request, home.node, online_key(home), created, own_nonce)


def _verified(home: Home, request: Request, now: datetime, verify: Callable[..., Verified]) -> Verified:
    """Who asks, if the signature holds and the peer's state allows it."""
    claimed = read_signature(request.headers).node
    state = peer.state_of(claimed)
    known = peer.identity_of(claimed) if may_exchange_identity(state) else None
    keys = {} if known is None else {claimed: known.keys_now()}
    try:
        who = verify(request, home.node, urls(home), keys, int(now.timestamp()), nonce.seen)
    except PartnerFault as fault:
        # Whoever signs with no key of the node that it names must not learn whether that node is known here.
        raise PartnerFault("http: unknown kid") if fault.rule == "http: signature" else fault from None
    peer.keys(
        claimed, now
    )  # only now, for the same reason: that an identity has expired is for its owner to know
    if not may_exchange_acts(state):
        raise _used_up_all_the_same(who, Problem(_FORBIDDEN, f"peer.{state}"))
    return who


def _used_up_all_the_same(who: Verified, error: Exception) -> Exception:
    """Keep the nonce of a message that was refused, since its own transaction was rolled back; gives the refusal."""
    if isinstance(error, OperatorFault):
        return error  # nothing can be written now; the message was not acted on and may come again
    try:
        with transaction():
            nonce.take(who.keyid, who.nonce, who.expires + NONCE_GRACE_S)
    except OperatorFault as fault:
        return fault
    return error


def _problem_of(error: Exception, now: datetime) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, PartnerFault):
        status = _STATUS.get(error.rule, _WHO if error.rule.startswith("http:") else _BAD)
        # the receiver's time, so that a partner whose clock is off sees by how much
        members: dict[str, Json] = {"time": timestamp(now)} if status == _WHO else {}
        return Problem(status, error.code, members)
    if isinstance(error, OperatorFault):
        return Problem(_UNABLE, "node.unable", retry_after_s=_PAUSE_S)
    return Problem(_BAD, error.code if isinstance(error, HilfError) else "node.refused")
