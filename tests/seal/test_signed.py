from typing import Any

import pytest

from hilf.errors import PartnerFault
from hilf.seal.key import PrivateKey
from hilf.seal.signed import sign, signed_bytes, verify
from tests.seal.nodes import IDENTITY, INPUTS, KEYS

KEY = PrivateKey.from_seed(b"k" * 32)
SIGNED: Any = sign("hilf/1 batch", {"b": 1, "a": ["é"]}, KEY)
MINE = {KEY.kid: KEY.public}


def test_the_annex_of_the_vectors_is_signed_to_the_byte() -> None:
    annex = INPUTS["annex"]
    unsigned = {name: value for name, value in annex.items() if name not in {"kid", "value"}}
    assert signed_bytes("hilf/1 annex", annex).decode() == IDENTITY["intermediate"]["annex_signed_text"]
    assert sign("hilf/1 annex", unsigned, KEYS["qm online 2"]) == annex


def test_kid_is_inside_what_is_signed_and_value_is_not() -> None:
    assert signed_bytes("hilf/1 batch", SIGNED) == (
        b'hilf/1 batch\x00{"a":["\xc3\xa9"],"b":1,"kid":"' + KEY.kid.encode() + b'"}'
    )


def test_signing_again_replaces_who_signed() -> None:
    other = PrivateKey.from_seed(b"o" * 32)
    again = sign("hilf/1 batch", SIGNED, other)
    verify("hilf/1 batch", again, {other.kid: other.public}, "batch")
    assert (again["kid"], SIGNED["kid"]) == (other.kid, KEY.kid)


@pytest.mark.parametrize(
    ("name", "changes", "rule"),
    [
        ("hilf/1 receipt", {}, "batch: signature"),
        ("hilf/1 batch", {"b": 2}, "batch: signature"),
        ("hilf/1 batch", {"new": None}, "batch: signature"),
        ("hilf/1 batch", {"kid": "0" * 32}, "batch: unknown kid"),
        ("hilf/1 batch", {"kid": ["a"]}, "batch: unknown kid"),
        ("hilf/1 batch", {"value": SIGNED["value"] + "="}, "batch: base64url"),
        ("hilf/1 batch", {"value": None}, "batch: base64url"),
        ("hilf/1 batch", {"value": "AAAA"}, "batch: signature"),
    ],
)
def test_a_structure_that_was_changed_is_refused(name: str, changes: Any, rule: str) -> None:
    verify("hilf/1 batch", SIGNED, MINE, "batch")
    with pytest.raises(PartnerFault) as fault:
        verify(name, {**SIGNED, **changes}, MINE, "batch")
    assert fault.value.rule == rule
