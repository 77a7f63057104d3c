import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)

from hilf.errors import PartnerFault
from hilf.seal.http import (
    Request,
    Response,
    Verified,
    check_sender,
    is_signed,
    sign_request,
    sign_response,
    verify_head,
    verify_request,
    verify_response,
)
from hilf.seal.message import request_lines, signature_base
from tests.seal.messages import (
    ACCEPTED,
    BODIES,
    HTTP,
    KEYS,
    URLS,
    headers_of,
    request_of,
    response_of,
    take_in,
    unseen,
    with_field,
)
from tests.seal.nodes import KEYS as PRIVATE
from tests.seal.nodes import by_name

NEGATIVE = by_name(HTTP["negative"])
ME, NOW = "cert.qn.example", ACCEPTED["post_acts"]["now"]
POST, GET = (request_of(ACCEPTED[name]["message"]) for name in ("post_acts", "get_state"))
ANSWER = response_of(ACCEPTED["answer_acts"]["message"])
QM_KEY, QN_KEY = PRIVATE["qm online 2"], PRIVATE["qn online 1"]
NONCE = "0123456789abcdef" * 2


def refused(request: Request, now: int = NOW) -> str:
    with pytest.raises(PartnerFault) as fault:
        verify_request(request, ME, URLS[ME], KEYS, now, unseen)
    return fault.value.rule


def refused_answer(response: Response, request: Request = POST, now: int = NOW + 1) -> str:
    with pytest.raises(PartnerFault) as fault:
        verify_response(response, request, KEYS, now, unseen)
    return fault.value.rule


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_message_of_the_vectors_is_taken(name: str) -> None:
    asked_by_qm = "request" in ACCEPTED[name]["message"]
    assert take_in(ACCEPTED[name]) == ("cert.qn.example" if asked_by_qm else "cert.qm.example")


@pytest.mark.parametrize("name", NEGATIVE)
def test_a_message_of_the_vectors_is_refused_by_its_rule(name: str) -> None:
    with pytest.raises(PartnerFault) as fault:
        take_in(NEGATIVE[name])
    assert fault.value.rule == NEGATIVE[name]["refused_at"]


BEHIND_THE_HEAD = {"http: digest", "http: keyid is not header.from"}
HEADS = {
    name: case
    for name, case in {**NEGATIVE, **ACCEPTED}.items()
    if "status" not in case["message"] and case["message"]["body"] is not None
}


@pytest.mark.parametrize("name", HEADS)
def test_a_head_is_refused_by_the_rule_that_refuses_the_request_and_says_nothing_of_the_body(
    name: str,
) -> None:
    case = HEADS[name]
    rule = case.get("refused_at", "")
    expected = rule if rule.startswith("http:") and rule not in BEHIND_THE_HEAD else ""
    try:
        verify_head(
            replace(request_of(case["message"]), body=None),
            case["me"],
            URLS[case["me"]],
            KEYS,
            case["now"],
            lambda keyid, nonce: [keyid, nonce] in case["seen"],
        )
        found = ""
    except PartnerFault as fault:
        found = fault.rule
    assert found == expected


def test_a_verified_request_says_who_signed_it() -> None:
    assert verify_request(POST, ME, URLS[ME], KEYS, NOW, unseen) == Verified(
        node="cert.qm.example",
        kid="2f977578326fe37ef31b138279503b37",
        keyid="cert.qm.example#2f977578326fe37ef31b138279503b37",
        nonce="fc4c7f25f51ec1ce37f942ca2559ab3d",
        expires=1767316900,
        content_encoding="identity",
    )


def test_requests_are_signed_as_in_the_vectors() -> None:
    plain = Request("POST", POST.url, (), POST.body)
    created, nonce = 1767316600, "fc4c7f25f51ec1ce37f942ca2559ab3d"
    assert sign_request(plain, "cert.qm.example", QM_KEY, ME, created, nonce) == POST
    asked = Request("GET", GET.url, (), None)
    created, nonce = 1767317600, "731a240c5bb63239eb3904c3212675bf"
    assert sign_request(asked, "cert.qm.example", QM_KEY, ME, created, nonce) == GET
    message = ACCEPTED["zstd, one frame"]["message"]
    packed = Request("POST", message["url"], (("content-encoding", "zstd"),), BODIES[message["body"]])
    created, nonce = 1767316600, "380ee5e5bfa8e79d042a169f38edec54"
    assert sign_request(packed, "cert.qm.example", QM_KEY, ME, created, nonce) == request_of(message)
    message = ACCEPTED["window of 1 s"]["message"]
    short = Request("POST", message["url"], (), BODIES[message["body"]])
    nonce = "8e53328e8e1bb4e74d38d5bfc70d127e"
    assert sign_request(short, "cert.qm.example", QM_KEY, ME, created, nonce, 1) == request_of(message)


def test_answers_are_signed_as_in_the_vectors() -> None:
    nonce = "240a14d50e0e37d5ebc8ea5b2ae0f4d1"
    plain = Response(200, (), ANSWER.body)
    assert sign_response(plain, POST, ME, QN_KEY, 1767316601, nonce) == ANSWER


def test_fields_that_were_there_before_are_kept_and_ours_replaced() -> None:
    headers = (("Accept", "application/hilf+json"), ("Content-Type", "text/plain"), ("Signature", "old"))
    signed = sign_request(replace(POST, headers=headers), "cert.qm.example", QM_KEY, ME, NOW, NONCE)
    assert [name for name, _ in signed.headers] == ["Accept", *(name for name, _ in POST.headers)]
    verify_request(signed, ME, URLS[ME], KEYS, NOW, unseen)


class Resolver(HTTPSignatureKeyResolver):
    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        node, _, kid = key_id.partition("#")
        return Ed25519PublicKey.from_public_bytes(KEYS[node][kid].raw)

    def resolve_private_key(self, key_id: str) -> Any:
        raise NotImplementedError


class Patient(HTTPMessageVerifier):
    """The other implementation, which reads the clock, made to bear with the times of the vectors."""

    max_clock_skew = timedelta(days=36500)


class Asked:
    """What the other implementation reads of a request."""

    def __init__(self, request: Request) -> None:
        self.method, self.url, self.headers = request.method, request.url, dict(request.headers)


class Answered:
    """What it reads of an answer."""

    def __init__(self, response: Response, request: Request) -> None:
        self.status_code, self.headers, self.request = response.status, dict(response.headers), Asked(request)


@pytest.mark.parametrize(
    ("message", "body", "node"),
    [
        (Asked(POST), POST.body, "cert.qm.example"),
        (Asked(GET), None, "cert.qm.example"),
        (Answered(ANSWER, POST), ANSWER.body, "cert.qn.example"),
    ],
    ids=["POST", "GET", "answer"],
)
def test_another_implementation_of_rfc_9421_takes_our_messages(
    message: Asked | Answered, body: bytes | None, node: str
) -> None:
    verifier = Patient(signature_algorithm=algorithms.ED25519, key_resolver=Resolver())
    (result,) = verifier.verify(message, max_age=None, expect_tag="hilf-v1", body=body)
    assert result.label == "hilf"
    assert result.parameters["keyid"].partition("#")[0] == node


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("hilf-to", None, "http: hilf-to"),
        ("hilf-to", "cert.qn.example.", "http: hilf-to"),
        ("content-type", None, "http: type"),
        ("content-type", "application/json", "http: type"),
        ("content-digest", None, "http: digest"),
        ("content-digest", "sha-512=:AAAA:", "http: digest"),
        ("content-encoding", "", "http: content-encoding"),
        ("content-encoding", "identity, zstd", "http: content-encoding"),
        ("content-encoding", "zstd", "http: signature"),
        ("signature", None, "http: unsigned"),
    ],
)
def test_a_request_whose_field_was_changed_is_refused(name: str, value: str | None, rule: str) -> None:
    assert refused(with_field(POST, name, value)) == rule


@pytest.mark.parametrize(
    "name", ["content-digest", "content-type", "content-encoding", "hilf-to", "signature"]
)
def test_a_covered_field_that_occurs_twice_is_refused(name: str) -> None:
    again = (name.title(), dict(POST.headers)[name])
    assert refused(replace(POST, headers=(*POST.headers, again))) == f"http: field twice: {name}"


@pytest.mark.parametrize("name", ["content-digest", "content-type", "content-encoding"])
def test_a_covered_field_of_an_answer_that_occurs_twice_is_refused(name: str) -> None:
    twice = ((name, dict(ANSWER.headers).get(name, "identity")),) * 2
    kept = tuple(field for field in ANSWER.headers if field[0] != name)
    assert refused_answer(replace(ANSWER, headers=(*kept, *twice))) == f"http: field twice: {name}"


@pytest.mark.parametrize("method", ["GET", "PUT", "post"])
def test_only_post_has_a_body(method: str) -> None:
    assert refused(replace(POST, method=method)) == "http: method and body"


@pytest.mark.parametrize("method", ["POST", "HEAD"])
def test_only_get_has_none(method: str) -> None:
    assert refused(replace(GET, method=method), NOW + 1000) == "http: method and body"


def test_a_signature_for_one_url_is_none_for_another() -> None:
    assert refused(replace(GET, url=URLS[ME][0]), NOW + 1000) == "http: signature"
    assert refused(replace(GET, url=URLS[ME][0].upper()), NOW + 1000) == "http: target"


def test_a_request_with_the_components_of_an_answer_is_refused() -> None:
    assert refused(replace(POST, headers=ANSWER.headers)) == "http: components"
    assert refused_answer(replace(ANSWER, headers=POST.headers)) == "http: components"


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    given = dict(POST.headers)["signature-input"].replace("expires=1767316900", "expires=1767316599")
    base = signature_base(request_lines(POST), given.removeprefix("hilf="))
    value = f"hilf=:{base64.b64encode(QM_KEY.sign(base)).decode()}:"
    inverted = with_field(with_field(POST, "signature-input", given), "signature", value)
    assert refused(inverted, now=NOW - 30) == "http: clock"


def test_only_the_owner_of_the_key_is_told_that_its_clock_is_off() -> None:
    wrong = with_field(POST, "signature", "hilf=:" + "A" * 86 + "==:")
    assert refused(wrong, NOW + 1000) == "http: signature"
    assert refused(POST, NOW + 1000) == "http: clock"


def test_a_nonce_is_asked_for_once_and_only_when_the_signature_holds() -> None:
    asked: list[tuple[str, str]] = []

    def seen(keyid: str, nonce: str) -> bool:
        asked.append((keyid, nonce))
        return False

    forged = replace(POST, url=URLS[ME][0])
    with pytest.raises(PartnerFault) as fault:
        verify_request(forged, ME, URLS[ME], KEYS, NOW, seen)
    assert (fault.value.rule, asked) == ("http: signature", [])
    verified = verify_request(POST, ME, URLS[ME], KEYS, NOW, seen)
    verify_response(ANSWER, POST, KEYS, NOW + 1, seen)
    answered = ("cert.qn.example#dc40dfd2721df9aec4f982d62148dec1", "240a14d50e0e37d5ebc8ea5b2ae0f4d1")
    assert asked == [(verified.keyid, verified.nonce), answered]


def test_an_answer_with_a_nonce_that_was_used_is_refused() -> None:
    with pytest.raises(PartnerFault) as fault:
        verify_response(ANSWER, POST, KEYS, NOW + 1, lambda _keyid, _nonce: True)
    assert fault.value.rule == "http: nonce seen"


def test_an_answer_whose_body_or_type_was_changed_is_refused() -> None:
    assert refused_answer(replace(ANSWER, body=ANSWER.body + b" ")) == "http: digest"
    headers = tuple(field for field in ANSWER.headers if field[0] != "content-type")
    assert refused_answer(replace(ANSWER, headers=headers)) == "http: type"
    assert refused_answer(replace(ANSWER, headers=())) == "http: unsigned"
    assert refused_answer(ANSWER, now=NOW + 302) == "http: clock"


def test_an_answer_that_says_it_is_not_encoded_is_taken() -> None:
    answer = replace(ANSWER, headers=(*ANSWER.headers, ("content-encoding", "identity")))
    assert verify_response(answer, POST, KEYS, NOW + 1, unseen).node == ME


def test_an_unsigned_request_cannot_be_answered_with_a_signature() -> None:
    with pytest.raises(PartnerFault) as fault:
        sign_response(Response(400, (), b"{}"), replace(GET, headers=()), ME, QN_KEY, NOW, NONCE)
    assert fault.value.rule == "http: unsigned"


def test_a_body_speaks_for_the_node_that_signed_the_message() -> None:
    verified = verify_request(POST, ME, URLS[ME], KEYS, NOW, unseen)
    check_sender(verified, "cert.qm.example")
    with pytest.raises(PartnerFault) as fault:
        check_sender(verified, "cert.qn.example")
    assert fault.value.rule == "http: keyid is not header.from"


def test_a_well_formed_signature_is_one_even_when_it_does_not_hold() -> None:
    assert is_signed(POST.headers)
    assert is_signed(headers_of(NEGATIVE["keyid of another node"]["message"]))
    assert not is_signed(())
    assert not is_signed((("signature", "hilf=:AAAA:"), ("signature-input", "hilf=()")))
    assert not is_signed(headers_of(NEGATIVE["signature with spare bits set"]["message"]))
