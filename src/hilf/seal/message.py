"""HTTP messages as values: their fields, what the signature fields say, and the bytes that are signed.

Decides how a message of wire.md 5 is turned into a signature base (RFC 9421 2.5) and whether its two signature fields
have the one form that the profile knows (RFC 9421 4, RFC 8941): label `hilf`, parameters in their order, exact base64.
Whether the signature holds and the message is for us is `seal.http`.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hilf.errors import PartnerFault
from hilf.seal.document import is_node_name

_INPUT: Final = re.compile(r"hilf=(\([^()]*\))(;.*)?", re.ASCII)
_PARAMETERS: Final = re.compile(
    r";created=(0|[1-9][0-9]{0,14});expires=(0|[1-9][0-9]{0,14})"
    r';nonce="([0-9a-f]{32})";keyid="([a-z0-9.-]{1,100})#([0-9a-f]{32})";alg="ed25519";tag="hilf-v1"',
    re.ASCII,
)
_SIGNATURE: Final = re.compile(r"hilf=:([A-Za-z0-9+/]{86}==):", re.ASCII)

LONGEST_WINDOW_S: Final = 300
"""Most seconds from `created` to `expires`. Source: wire.md 5."""

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it is on the wire: the body encoded, `url` the whole target, never taken from Host."""

    method: str
    url: str
    headers: Headers
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Response:
    """An answer as it is on the wire."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class SignatureFields:
    """What stands in `signature-input` and `signature`, each part in the form of the profile.

    Attributes:
        components: the inner list as it stands, with its brackets; whether it is the right one is not checked here.
        parameters: all of them as they stand, from the first semicolon.
        created: Unix seconds.
        expires: Unix seconds.
        nonce: 32 hex digits.
        node: who says that they sign.
        kid: with which key.
        value: the 64 bytes of the signature.
    """

    components: str
    parameters: str
    created: int
    expires: int
    nonce: str
    node: str
    kid: str
    value: bytes

    @property
    def keyid(self) -> str:
        """As the parameter gives it: "<node>#<kid>"."""
        return f"{self.node}#{self.kid}"

    @property
    def text(self) -> str:
        """The value of `@signature-params`."""
        return self.components + self.parameters


def content_digest(body: bytes) -> str:
    """The one value of `content-digest` that the body has. Source: RFC 9530 2."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode('ascii')}:"


def signature_base(lines: Mapping[str, str], parameters: str) -> bytes:
    """The bytes that are signed.

    Args:
        lines: component identifier with its quotes (and parameters) → value, in order.
        parameters: the value of `@signature-params`.

    Source: RFC 9421 2.5.
    """
    return "\n".join(
        [f"{name}: {value}" for name, value in lines.items()] + [f'"@signature-params": {parameters}']
    ).encode()


def read_signature(headers: Headers) -> SignatureFields:
    """Read the two signature fields, in their one form.

    Raises:
        PartnerFault: "http: unsigned", "http: field twice: …", "http: signature-input field", "http: parameters" or
            "http: signature field".

    Source: wire.md 5; RFC 9421 4.
    """
    refuse_twice(headers, ("signature-input", "signature"))
    given, value = field_value(headers, "signature-input"), field_value(headers, "signature")
    if given is None or value is None:
        raise PartnerFault("http: unsigned")
    fields = _INPUT.fullmatch(given)
    if fields is None:
        raise PartnerFault("http: signature-input field")
    parameters = _PARAMETERS.fullmatch(fields[2] or "")
    if parameters is None or not is_node_name(parameters[4]):
        raise PartnerFault("http: parameters", (fields[2] or "")[:300])
    encoded = _SIGNATURE.fullmatch(value)
    if encoded is None or base64.b64encode(base64.b64decode(encoded[1])).decode("ascii") != encoded[1]:
        raise PartnerFault("http: signature field")
    return SignatureFields(
        components=fields[1],
        parameters=parameters[0],
        created=int(parameters[1]),
        expires=int(parameters[2]),
        nonce=parameters[3],
        node=parameters[4],
        kid=parameters[5],
        value=base64.b64decode(encoded[1]),
    )


def request_lines(request: Request) -> dict[str, str]:
    """The covered components of a request and their values, in order. Source: wire.md 5."""
    lines = {'"@method"': request.method, '"@target-uri"': request.url}
    if request.body is not None:
        lines['"content-digest"'] = field_value(request.headers, "content-digest") or ""
        lines['"content-type"'] = field_value(request.headers, "content-type") or ""
        lines['"content-encoding"'] = content_encoding(request.headers)
    lines['"hilf-to"'] = field_value(request.headers, "hilf-to") or ""
    return lines


def answer_lines(response: Response, request: Request) -> dict[str, str]:
    """The covered components of the answer to a signed request, in order. Source: wire.md 5; RFC 9421 2.4."""
    asked = read_signature(request.headers)
    return {
        '"@status"': str(response.status),
        '"content-digest"': field_value(response.headers, "content-digest") or "",
        '"content-type"': field_value(response.headers, "content-type") or "",
        '"signature";req;key="hilf"': f":{base64.b64encode(asked.value).decode('ascii')}:",
    }


def field_value(headers: Headers, name: str) -> str | None:
    """The value of a field that occurs once, without the white space around it; None where it is missing."""
    return next((value.strip(" \t") for field, value in headers if field.lower() == name), None)


def content_encoding(headers: Headers) -> str:
    """How the body is encoded; a missing field is read and signed as `identity`. Source: wire.md 5."""
    value = field_value(headers, "content-encoding")
    return "identity" if value is None else value


def refuse_twice(headers: Headers, names: tuple[str, ...]) -> None:
    """Return if none of the fields occurs twice.

    Raises:
        PartnerFault: "http: field twice: <name>".

    Source: wire.md 5.
    """
    fields = [field.lower() for field, _ in headers]
    for name in names:
        if fields.count(name) > 1:
            raise PartnerFault(f"http: field twice: {name}")


def write_parameters(created: int, lifetime_s: int, nonce: str, keyid: str) -> str:
    """The signature parameters in their order, from the first semicolon.

    Raises:
        ValueError: a partner would refuse them.

    Source: wire.md 5.
    """
    parameters = (
        f";created={created};expires={created + lifetime_s}"
        f';nonce="{nonce}";keyid="{keyid}";alg="ed25519";tag="hilf-v1"'
    )
    if not _PARAMETERS.fullmatch(parameters) or not 0 < lifetime_s <= LONGEST_WINDOW_S:
        raise ValueError(f"no parameters of hilf/1: {parameters}")
    return parameters
