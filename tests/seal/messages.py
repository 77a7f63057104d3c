"""The HTTP messages of the vectors as values, and the keys and addresses they are checked with."""

from dataclasses import replace
from typing import Any

from hilf.federation.guard import open_body
from hilf.seal.http import Request, Response, check_sender, verify_request, verify_response
from hilf.seal.key import PublicKey
from tests.seal.nodes import vectors

HTTP = vectors("http")
ACCEPTED = HTTP["outputs"]["accepted"]
URLS = HTTP["inputs"]["urls"]
KEYS = {
    node: {entry["kid"]: PublicKey.from_entry(entry, "key") for entry in entries}
    for node, entries in HTTP["inputs"]["keys"].items()
}
BODIES = {
    name: body["text"].encode() if "text" in body else bytes.fromhex(body["hex"])
    for name, body in HTTP["bodies"].items()
}


def headers_of(message: Any) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in message["headers"])


def request_of(message: Any) -> Request:
    body = None if message["body"] is None else BODIES[message["body"]]
    return Request(message["method"], message["url"], headers_of(message), body)


def response_of(message: Any) -> Response:
    return Response(message["status"], headers_of(message), BODIES[message["body"]])


def unseen(_keyid: str, _nonce: str) -> bool:
    return False


def take_in(case: Any) -> str:
    """What a receiver does with a message: the node that sent it, when signature, body and sender agree."""
    message = case["message"]

    def seen(keyid: str, nonce: str) -> bool:
        return [keyid, nonce] in case["seen"]

    if "status" in message:
        asked = request_of(ACCEPTED[message["request"]]["message"])
        response = response_of(message)
        verified = verify_response(response, asked, KEYS, case["now"], seen)
        open_body(response.body, verified.content_encoding)
        return verified.node
    request = request_of(message)
    verified = verify_request(request, case["me"], URLS[case["me"]], KEYS, case["now"], seen)
    if request.body is not None:
        body: Any = open_body(request.body, verified.content_encoding)
        check_sender(verified, body["header"]["from"])
    return verified.node


def with_field(message: Request, name: str, value: str | None) -> Request:
    """The request with a field replaced, or taken away where there is no value."""
    kept = tuple(field for field in message.headers if field[0] != name)
    return replace(message, headers=kept if value is None else (*kept, (name, value)))
