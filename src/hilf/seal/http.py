"""HTTP message signatures: who sent this request or answer, and that it arrived as it was sent.

Decides whether a message is signed in the one strict profile of wire.md 5: label `hilf`, fixed components and
parameters in a fixed order (RFC 9421), a digest of the encoded body (RFC 9530), `@target-uri` byte-equal to an address
of ours, a fresh nonce. A field that is covered must hold exactly what the profile says, so nothing that a partner writes
reaches the signature base unread. What the body says is left to `federation.guard` and those behind it; HTTP status
codes, the nonces that are kept and the clock are left to the caller.
"""

import base64
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from typing import Final

from hilf.errors import PartnerFault
from hilf.seal.key import PrivateKey, PublicKey
from hilf.seal.message import (
    LONGEST_WINDOW_S,
    Headers,
    Request,
    Response,
    SignatureFields,
    answer_lines,
    content_digest,
    content_encoding,
    field_value,
    read_signature,
    refuse_twice,
    request_lines,
    signature_base,
    write_parameters,
)

__all__ = [
    "Headers",
    "Keys",
    "Request",
    "Response",
    "Verified",
    "check_sender",
    "is_signed",
    "sign_request",
    "sign_response",
    "verify_head",
    "verify_request",
    "verify_response",
]

CONTENT_TYPE: Final = "application/hilf+json"
AHEAD_S: Final = 60
"""How far `created` may be after now. Source: wire.md 5."""

ENCODINGS: Final = frozenset({"identity", "zstd"})

REQUEST_WITH_BODY: Final = (
    '("@method" "@target-uri" "content-digest" "content-type" "content-encoding" "hilf-to")'
)
REQUEST: Final = '("@method" "@target-uri" "hilf-to")'
ANSWER: Final = '("@status" "content-digest" "content-type" "signature";req;key="hilf")'

_NOBODY: Final = PublicKey.from_raw(
    bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
)
"""Tried where a key is not known, so that it takes as long as where it is. Source: RFC 8032 7.1, test 1."""

Keys = Mapping[str, Mapping[str, PublicKey]]
"""Node name → kid → key, only keys that may sign anything new."""


@dataclass(frozen=True, slots=True)
class Verified:
    """Who signed a message.

    Attributes:
        keyid: "<node>#<kid>".
        nonce: 32 hex digits, to be kept per keyid until `expires` + 60.
        expires: Unix seconds.
        content_encoding: "identity" or "zstd", for `federation.guard.open_body`.
    """

    node: str
    kid: str
    keyid: str
    nonce: str
    expires: int
    content_encoding: str


def is_signed(headers: Headers) -> bool:
    """Whether the message carries a well-formed signature at all, valid or not.

    The answer to a request without one is unsigned and means nothing. Source: wire.md 5.
    """
    try:
        read_signature(headers)
    except PartnerFault:
        return False
    return True


def sign_request(
    request: Request,
    node: str,
    key: PrivateKey,
    to: str,
    created: int,
    nonce: str,
    lifetime_s: int = LONGEST_WINDOW_S,
) -> Request:
    """The request with the fields that the profile asks for.

    Args:
        request: POST with a body or GET without; a `content-encoding` that it holds says how the body is encoded.
        node: who we are.
        key: an online key of ours.
        to: the node that is asked.
        created: Unix seconds.
        nonce: 32 hex digits, never used before with this key.
        lifetime_s: at most 300.

    Source: wire.md 5.
    """
    fields = {"hilf-to": to}
    if request.body is not None:
        fields |= {
            "content-digest": content_digest(request.body),
            "content-type": CONTENT_TYPE,
            "content-encoding": content_encoding(request.headers),
        }
    signed = Request(request.method, request.url, _with(request.headers, fields), request.body)
    components = REQUEST if request.body is None else REQUEST_WITH_BODY
    parameters = components + write_parameters(created, lifetime_s, nonce, f"{node}#{key.kid}")
    value = key.sign(signature_base(request_lines(signed), parameters))
    return Request(request.method, request.url, _sealed(signed.headers, parameters, value), request.body)


def sign_response(
    response: Response,
    request: Request,
    node: str,
    key: PrivateKey,
    created: int,
    nonce: str,
    lifetime_s: int = LONGEST_WINDOW_S,
) -> Response:
    """The answer with the fields that the profile asks for, bound to the signature of the request.

    Args:
        response: status and body; never encoded.
        request: what is answered; it must be signed.
        node: who we are, the request's `hilf-to`.
        key: an online key of ours.
        created: Unix seconds.
        nonce: 32 hex digits, never used before with this key.
        lifetime_s: at most 300.

    Source: wire.md 5; RFC 9421 2.4.
    """
    fields = {"content-digest": content_digest(response.body), "content-type": CONTENT_TYPE}
    headers = _with(response.headers, fields)
    parameters = ANSWER + write_parameters(created, lifetime_s, nonce, f"{node}#{key.kid}")
    lines = answer_lines(Response(response.status, headers, response.body), request)
    value = key.sign(signature_base(lines, parameters))
    return Response(response.status, _sealed(headers, parameters, value), response.body)


def verify_request(
    request: Request,
    me: str,
    urls: Container[str],
    keys: Keys,
    now: int,
    seen: Callable[[str, str], bool],
) -> Verified:
    """Who sent the request, if it is signed in our profile and for us.

    Args:
        request: as it came.
        me: our node name.
        urls: every address of ours that may be asked, whole.
        keys: the keys of every node that may ask.
        now: Unix seconds.
        seen: (keyid, nonce) → whether it was used before; asked last, when the signature holds.

    Raises:
        PartnerFault: "http: " and the rule that fails first.

    Source: wire.md 5.
    """
    return _verify_request(request, me, urls, keys, now, seen, request.body)


def verify_head(
    request: Request,
    me: str,
    urls: Container[str],
    keys: Keys,
    now: int,
    seen: Callable[[str, str], bool],
) -> Verified:
    """Who sends a request whose body is not there yet: as `verify_request`, but whether the digest is that of the body.

    The signature covers the digest, so nobody else can have sent this head; `request.body` is not looked at.

    Raises:
        PartnerFault: as `verify_request`, "http: digest" excepted.

    Source: wire.md 5.
    """
    return _verify_request(replace(request, body=b""), me, urls, keys, now, seen, None)


def _verify_request(
    request: Request,
    me: str,
    urls: Container[str],
    keys: Keys,
    now: int,
    seen: Callable[[str, str], bool],
    content: bytes | None,
) -> Verified:
    signature = read_signature(request.headers)
    refuse_twice(request.headers, ("content-digest", "content-type", "content-encoding", "hilf-to"))
    if signature.components != (REQUEST if request.body is None else REQUEST_WITH_BODY):
        raise PartnerFault("http: components", signature.components[:200])
    if (request.method, request.body is None) not in {("POST", False), ("GET", True)}:
        raise PartnerFault("http: method and body", request.method[:20])
    if request.url not in urls:
        raise PartnerFault("http: target", request.url[:200])
    if field_value(request.headers, "hilf-to") != me:
        raise PartnerFault("http: hilf-to")
    encoding = content_encoding(request.headers)
    if request.body is not None:
        _check_content(request.headers, content)
        if encoding not in ENCODINGS:
            raise PartnerFault("http: content-encoding", encoding[:40])
    return _verify(signature, request_lines(request), keys, now, seen, encoding)


def verify_response(
    response: Response,
    request: Request,
    keys: Keys,
    now: int,
    seen: Callable[[str, str], bool],
) -> Verified:
    """Who answered, if the answer is signed in our profile by the node that was asked, to this very request.

    Args:
        response: as it came.
        request: the signed request that it answers, as we sent it.
        keys: the keys of the nodes that we ask.
        now: Unix seconds.
        seen: (keyid, nonce) → whether it was used before; asked last, when the signature holds.

    Raises:
        PartnerFault: "http: " and the rule that fails first.

    Source: wire.md 5.
    """
    signature = read_signature(response.headers)
    refuse_twice(response.headers, ("content-digest", "content-type", "content-encoding"))
    if signature.components != ANSWER:
        raise PartnerFault("http: components", signature.components[:200])
    if signature.node != field_value(request.headers, "hilf-to"):
        raise PartnerFault("http: answer of another node", signature.node)
    if content_encoding(response.headers) != "identity":
        raise PartnerFault("http: answer encoded")
    _check_content(response.headers, response.body)
    return _verify(signature, answer_lines(response, request), keys, now, seen, "identity")


def check_sender(verified: Verified, sender: str) -> None:
    """Return if the message's body speaks for the node that signed the message.

    Args:
        verified: what `verify_request` gave.
        sender: `header.from` of the batch.

    Raises:
        PartnerFault: "http: keyid is not header.from".

    Source: wire.md 5.
    """
    if verified.node != sender:
        raise PartnerFault("http: keyid is not header.from", verified.node)


def _verify(
    signature: SignatureFields,
    lines: Mapping[str, str],
    keys: Keys,
    now: int,
    seen: Callable[[str, str], bool],
    encoding: str,
) -> Verified:
    key = keys.get(signature.node, {}).get(signature.kid)
    holds = (key or _NOBODY).verify(signature.value, signature_base(lines, signature.text))
    if key is None:
        raise PartnerFault("http: unknown kid", signature.keyid)
    if not holds:
        raise PartnerFault("http: signature", signature.keyid)
    if (
        signature.created > now + AHEAD_S
        or now > signature.expires
        or not 0 <= signature.expires - signature.created <= LONGEST_WINDOW_S
    ):
        raise PartnerFault(
            "http: clock", f"created {signature.created}, expires {signature.expires}, now {now}"
        )
    if seen(signature.keyid, signature.nonce):
        raise PartnerFault("http: nonce seen", signature.nonce)
    return Verified(
        signature.node, signature.kid, signature.keyid, signature.nonce, signature.expires, encoding
    )


def _check_content(headers: Headers, body: bytes | None) -> None:
    """Pass if the type is ours and the digest that of the body; None for a body that is not there yet."""
    if field_value(headers, "content-type") != CONTENT_TYPE:
        raise PartnerFault("http: type")
    if body is not None and field_value(headers, "content-digest") != content_digest(body):
        raise PartnerFault("http: digest")


def _with(headers: Headers, fields: Mapping[str, str]) -> Headers:
    ours = {*fields, "signature-input", "signature"}
    return tuple(field for field in headers if field[0].lower() not in ours) + tuple(fields.items())


def _sealed(headers: Headers, parameters: str, value: bytes) -> Headers:
    encoded = base64.b64encode(value).decode("ascii")
    return (*headers, ("signature-input", f"hilf={parameters}"), ("signature", f"hilf=:{encoded}:"))
