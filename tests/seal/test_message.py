from typing import Any

import pytest

from hilf.canonical import b64u
from hilf.errors import PartnerFault
from hilf.seal.key import PrivateKey
from hilf.seal.message import (
    Request,
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
from tests.seal.messages import ACCEPTED, HTTP, headers_of, request_of, response_of

BASES = HTTP["intermediate"]
POST = ACCEPTED["post_acts"]["message"]
GIVEN = dict(POST["headers"])
INPUT, SIGNATURE = GIVEN["signature-input"], GIVEN["signature"]


def test_rfc_9421_b_2_6_is_signed_to_the_byte() -> None:
    seed = bytes.fromhex("9f8362f87a484a954e6e740c5b4c0e84229139a20aa8ab56ff66586f6a7d29c5")
    lines = {
        '"date"': "Tue, 20 Apr 2021 02:07:55 GMT",
        '"@method"': "POST",
        '"@path"': "/foo",
        '"@authority"': "example.com",
        '"content-type"': "application/json",
        '"content-length"': "18",
    }
    parameters = (
        '("date" "@method" "@path" "@authority" "content-type" "content-length")'
        ';created=1618884473;keyid="test-key-ed25519"'
    )
    signature = PrivateKey.from_seed(seed).sign(signature_base(lines, parameters))
    assert signature == PrivateKey.from_seed(seed).sign(
        b'"date": Tue, 20 Apr 2021 02:07:55 GMT\n"@method": POST\n"@path": /foo\n"@authority": example.com\n'
        b'"content-type": application/json\n"content-length": 18\n"@signature-params": ' + parameters.encode()
    )
    published = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw"
    assert b64u(signature) == published.replace("+", "-").replace("/", "_")


def test_the_digest_is_that_of_rfc_9530() -> None:
    assert content_digest(b'{"hello": "world"}\n') == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"


@pytest.mark.parametrize("name", ["post_acts", "get_state"])
def test_the_base_of_a_request_is_that_of_the_vectors(name: str) -> None:
    request = request_of(ACCEPTED[name]["message"])
    base = signature_base(request_lines(request), read_signature(request.headers).text)
    assert base.decode() == BASES[f"{name}_base"]


def test_a_field_that_is_missing_is_covered_as_nothing() -> None:
    lines = request_lines(Request("POST", "https://gw.example/", (), b"{}"))
    assert list(lines.values()) == ["POST", "https://gw.example/", "", "", "identity", ""]


@pytest.mark.parametrize("name", ["answer_acts", "answer_state"])
def test_the_base_of_an_answer_is_that_of_the_vectors(name: str) -> None:
    message = ACCEPTED[name]["message"]
    response, request = response_of(message), request_of(ACCEPTED[message["request"]]["message"])
    base = signature_base(answer_lines(response, request), read_signature(response.headers).text)
    assert base.decode() == BASES[f"{name}_base"]


def test_the_signature_fields_are_read_part_by_part() -> None:
    fields = read_signature(headers_of(POST))
    assert (fields.created, fields.expires) == (1767316600, 1767316900)
    assert fields.nonce == "fc4c7f25f51ec1ce37f942ca2559ab3d"
    assert fields.keyid == "cert.qm.example#2f977578326fe37ef31b138279503b37" == f"{fields.node}#{fields.kid}"
    assert f"hilf={fields.text}" == INPUT
    assert len(fields.value) == 64


@pytest.mark.parametrize(
    ("given", "signature", "rule"),
    [
        (None, SIGNATURE, "unsigned"),
        (INPUT, None, "unsigned"),
        ("", SIGNATURE, "signature-input field"),
        (INPUT.replace("hilf=", "sig1="), SIGNATURE, "signature-input field"),
        (INPUT.replace("hilf=(", "hilf=(("), SIGNATURE, "signature-input field"),
        (INPUT.split(";")[0], SIGNATURE, "parameters"),
        (f"{INPUT}, other={INPUT.removeprefix('hilf=')}", SIGNATURE, "parameters"),
        (f"{INPUT};extra", SIGNATURE, "parameters"),
        (INPUT.replace("created=1", "created=01"), SIGNATURE, "parameters"),
        (INPUT.replace("created=1767316600", "created=-1"), SIGNATURE, "parameters"),
        (INPUT.replace("created=1767316600", "created=1767316600.0"), SIGNATURE, "parameters"),
        (INPUT.replace("created=1767316600", "created=1000000000000000"), SIGNATURE, "parameters"),
        (INPUT.replace("fc4c7f", "FC4C7F"), SIGNATURE, "parameters"),
        (INPUT.replace("fc4c7f", ""), SIGNATURE, "parameters"),
        (INPUT.replace("cert.qm.example", "cert..example"), SIGNATURE, "parameters"),
        (INPUT.replace("cert.qm.example", "a" * 101), SIGNATURE, "parameters"),
        (INPUT.replace('alg="ed25519"', 'alg="rsa-v1_5-sha256"'), SIGNATURE, "parameters"),
        (INPUT.replace("hilf-v1", "hilf-v2"), SIGNATURE, "parameters"),
        (INPUT, SIGNATURE.replace("hilf=", "sig1="), "signature field"),
        (INPUT, SIGNATURE.replace("==:", "=:"), "signature field"),
        (INPUT, SIGNATURE[:-1], "signature field"),
        (INPUT, SIGNATURE.replace("Q==:", "R==:"), "signature field"),
        (INPUT, f"{SIGNATURE}, {SIGNATURE}", "signature field"),
        (INPUT, SIGNATURE.replace("hilf=:", "hilf=:AAAA"), "signature field"),
    ],
)  # fmt: skip
def test_signature_fields_in_another_form_are_refused(
    given: str | None, signature: str | None, rule: str
) -> None:
    headers = [
        (name, value)
        for name, value in (("signature-input", given), ("signature", signature))
        if value is not None
    ]
    with pytest.raises(PartnerFault) as fault:
        read_signature(tuple(headers))
    assert fault.value.rule == f"http: {rule}"


@pytest.mark.parametrize("name", ["signature-input", "Signature"])
def test_a_signature_field_that_occurs_twice_is_refused(name: str) -> None:
    headers = headers_of(POST)
    with pytest.raises(PartnerFault) as fault:
        read_signature((*headers, (name, GIVEN[name.lower()])))
    assert fault.value.rule == f"http: field twice: {name.lower()}"


def test_field_names_have_no_case_and_values_no_white_space_around_them() -> None:
    headers = (("Content-Encoding", " zstd\t"), ("x", "a"))
    assert field_value(headers, "content-encoding") == "zstd" == content_encoding(headers)
    assert field_value(headers, "hilf-to") is None
    assert content_encoding(()) == "identity"
    assert content_encoding((("content-encoding", ""),)) == ""
    refuse_twice(headers, ("content-encoding", "hilf-to"))


WRITABLE: dict[str, Any] = {
    "created": 1767316600,
    "lifetime_s": 300,
    "nonce": "fc4c7f25f51ec1ce37f942ca2559ab3d",
    "keyid": "cert.qm.example#2f977578326fe37ef31b138279503b37",
}


@pytest.mark.parametrize(
    "changes",
    [{"lifetime_s": 301}, {"lifetime_s": 0}, {"nonce": "AB" * 16}, {"created": -1}, {"keyid": "qm"}],
)
def test_parameters_that_partners_would_refuse_are_not_written(changes: Any) -> None:
    assert INPUT.endswith(write_parameters(**WRITABLE))
    with pytest.raises(ValueError, match="no parameters"):
        write_parameters(**{**WRITABLE, **changes})
