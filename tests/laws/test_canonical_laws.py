"""Canonical JSON: reading undoes writing, writing is idempotent, and an independent implementation agrees."""

import json

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from hilf.canonical import MAX_INTEGER, Json, b64u, dumps, loads, loads_canonical, unb64u, write_double
from hilf.errors import PartnerFault
from hilf.seal.key import PrivateKey
from hilf.seal.signed import sign, verify

WRITABLE = st.floats(allow_nan=False, allow_infinity=False).filter(
    lambda number: not MAX_INTEGER < abs(number) < 1e21
)
NAMES = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("\ue000\ufb33\uffff\U00010000\U0001f512"),
    max_size=4,
)
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | WRITABLE | NAMES,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=25,
)
KEY = PrivateKey.from_seed(b"k" * 32)


def rule_or_same(data: bytes) -> str:
    try:
        return "same" if dumps(loads_canonical(data)) == data else "other"
    except PartnerFault as fault:
        return fault.rule


def read_and_verify(data: bytes) -> None:
    changed = loads_canonical(data)
    assert isinstance(changed, dict)
    verify("hilf/1 batch", changed, {KEY.kid: KEY.public}, "batch")


@given(VALUES)
def test_writing_agrees_with_rfc8785(value: Json) -> None:
    assert dumps(value) == rfc8785.dumps(value)


@given(VALUES)
def test_reading_undoes_writing(value: Json) -> None:
    data = dumps(value)
    assert loads(data) == loads_canonical(data) == value


@given(VALUES)
def test_writing_is_idempotent(value: Json) -> None:
    assert dumps(loads(dumps(value))) == dumps(value)


@given(VALUES, st.sampled_from([None, 0, 2]), st.booleans())
def test_every_layout_of_a_value_is_read_as_that_value(
    value: Json, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    assert dumps(loads(text)) == dumps(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_reads_back_as_itself(number: float) -> None:
    assert float(write_double(number)) == number


@given(
    st.floats(min_value=1e-3, max_value=1e15, exclude_min=True, exclude_max=True), st.sampled_from([1, -1])
)
def test_orjson_writes_plain_floats_as_ecmascript_does(number: float, sign_of: int) -> None:
    if not number.is_integer():
        assert orjson.dumps(sign_of * number) == write_double(sign_of * number)


@given(st.binary(max_size=40) | VALUES.map(json.dumps).map(str.encode))
def test_any_bytes_are_refused_by_name_or_read_as_one_value(data: bytes) -> None:
    outcome = rule_or_same(data)
    assert outcome == "same" or outcome.startswith("json: ")


@given(st.binary(max_size=80))
def test_base64url_reads_back(data: bytes) -> None:
    assert unb64u(b64u(data), "test") == data


@given(st.dictionaries(NAMES.filter(lambda name: name not in {"kid", "value"}), VALUES, max_size=4))
def test_what_is_signed_verifies(structure: dict[str, Json]) -> None:
    verify("hilf/1 batch", sign("hilf/1 batch", structure, KEY), {KEY.kid: KEY.public}, "batch")


@given(st.dictionaries(NAMES, VALUES, max_size=4), st.data())
def test_a_flipped_bit_anywhere_is_refused(structure: dict[str, Json], data: st.DataObject) -> None:
    signed = dumps(sign("hilf/1 batch", structure, KEY))
    place = data.draw(st.integers(0, len(signed) - 1))
    flipped = bytearray(signed)
    flipped[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(PartnerFault):
        read_and_verify(bytes(flipped))
