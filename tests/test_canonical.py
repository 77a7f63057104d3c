import json
import struct
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from hilf.canonical import (
    MAX_INTEGER,
    Json,
    b64u,
    content_id,
    dumps,
    integer,
    loads,
    loads_canonical,
    parse_timestamp,
    sha256,
    sha256_hex,
    tag,
    timestamp,
    unb64u,
    write_double,
)
from hilf.errors import PartnerFault
from hilf.federation.guard import open_body

VECTORS: Any = json.loads(
    (Path(__file__).parent / "vectors" / "hilf-1" / "canonical.json").read_text(encoding="utf-8")
)
CASES = VECTORS["inputs"]["cases"]
NEGATIVE = {case["name"]: case for case in VECTORS["negative"]}
NOT_CANONICAL = {case["name"]: case for case in VECTORS["not_canonical"]}


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_a_text_of_the_vectors_is_written_in_its_canonical_form(case: Any) -> None:
    value = loads(case["json"].encode())
    assert dumps(value) == case["canonical_text"].encode()
    assert content_id(value) == case["sha256"]
    assert loads_canonical(case["canonical_text"].encode()) == value


@pytest.mark.parametrize("case", VECTORS["inputs"]["doubles"], ids=lambda case: case["ieee754_hex"])
def test_a_double_of_the_vectors_is_written_as_ecmascript_does(case: Any) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(case["ieee754_hex"]))
    assert write_double(number) == case["canonical"].encode()


@pytest.mark.parametrize("name", NEGATIVE)
def test_a_text_that_must_not_be_read_is_refused_by_its_rule(name: str) -> None:
    text = NEGATIVE[name]["json"].encode()
    with pytest.raises(PartnerFault) as fault:
        open_body(text, "identity")  # depth is refused before any parser
    assert fault.value.rule == NEGATIVE[name]["refused_at"]


@pytest.mark.parametrize("name", [name for name in NEGATIVE if name != "depth 33"])
def test_a_text_that_must_not_be_read_is_refused_even_where_other_forms_are_read(name: str) -> None:
    with pytest.raises(PartnerFault) as fault:
        loads(NEGATIVE[name]["json"].encode())
    assert fault.value.rule == NEGATIVE[name]["refused_at"]


@pytest.mark.parametrize("name", NOT_CANONICAL)
def test_another_form_is_read_but_refused_as_a_body(name: str) -> None:
    case = NOT_CANONICAL[name]
    with pytest.raises(PartnerFault) as fault:
        loads_canonical(case["json"].encode())
    assert fault.value.rule == case["refused_at"]
    assert dumps(loads(case["json"].encode())) == case["canonical_text"].encode()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (b'"\xff"', "json: utf-8"),
        (b"\xef\xbb\xbf[]", "json: Expecting value"),
        (b"", "json: Expecting value"),
        (b"[-Infinity]", "json: -Infinity"),
        (b"-9007199254740992", "json: integer beyond 2^53-1"),
        (b"9" * 5000, "json: integer beyond 2^53-1"),
        (b"18446744073709551616", "json: integer beyond 2^53-1"),
        (b"9007199254740992.0", "json: would be written as an integer beyond 2^53-1"),
        (b'{"a":{"b":1,"b":1}}', "json: duplicate name"),
        (b'{"a":1,}', "json: Expecting property name enclosed in double quotes"),
        (b'[{"\\ud83d":1}]', "json: lone surrogate"),
        (b"[" * 100_000, "json: depth"),
    ],
)
def test_a_text_that_is_no_strict_json_is_refused_by_name(text: bytes, rule: str) -> None:
    for read in (loads, loads_canonical):
        with pytest.raises(PartnerFault) as fault:
            read(text)
        assert fault.value.rule == rule


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (2**53, "json: integer beyond 2^53-1"),
        ({"a": [-(2**53)]}, "json: integer beyond 2^53-1"),
        (float(2**53), "json: would be written as an integer beyond 2^53-1"),
        ([1e20], "json: would be written as an integer beyond 2^53-1"),
        (float("nan"), "json: NaN"),
        ([float("inf")], "json: Infinity"),
        ([-float("inf")], "json: -Infinity"),
        (["\ud800"], "json: lone surrogate"),
        ({"\udfff": 1}, "json: lone surrogate"),
    ],
)
def test_a_value_without_a_canonical_form_is_not_written(value: Json, rule: str) -> None:
    with pytest.raises(PartnerFault) as fault:
        dumps(value)
    assert fault.value.rule == rule


@pytest.mark.parametrize(
    "value", [(1,), {1: 2}, {"a": datetime(2026, 1, 1, tzinfo=UTC)}, b"a", [{1.5: "\U0001f600"}]]
)
def test_what_is_no_json_is_a_mistake_of_ours(value: Any) -> None:
    with pytest.raises(TypeError):
        dumps(value)


def test_a_value_that_holds_itself_is_refused() -> None:
    value: list[Json] = []
    value.append(value)
    with pytest.raises(PartnerFault) as fault:
        dumps(value)
    assert fault.value.rule == "json: depth"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (MAX_INTEGER, "9007199254740991"),
        (-MAX_INTEGER, "-9007199254740991"),
        (float(MAX_INTEGER), "9007199254740991"),
        (1.0, "1"),
        (-0.0, "0"),
        (1e21, "1e+21"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (True, "true"),
        ([{"\ufb33": 1, "\U0001f512": 2}], '[{"\U0001f512":2,"\ufb33":1}]'),
        ({"a": [[{"\ufb33": 1, "\U0001f512": 2}]]}, '{"a":[[{"\U0001f512":2,"\ufb33":1}]]}'),
        ({"é": 1, "z": 0.5}, '{"z":0.5,"é":1}'),
        ({"\ufb33": "\U0001f512", "a": 1}, '{"a":1,"\ufb33":"\U0001f512"}'),
        ({"\ufb33": 1, "\U0001f512": 1e-9, "b": {"\ufb33": [], "\U0001f512": {}}},
         '{"b":{"\U0001f512":{},"\ufb33":[]},"\U0001f512":1e-9,"\ufb33":1}'),
        ([[1e-9, {"b": 1, "a": None}], {}, [False, True, 7]], '[[1e-9,{"a":null,"b":1}],{},[false,true,7]]'),
    ],
)  # fmt: skip
def test_a_value_is_written_as_rfc_8785_asks(value: Json, text: str) -> None:
    assert dumps(value) == text.encode()


def test_a_canonical_text_that_orjson_alone_would_write_otherwise_is_read() -> None:
    text = '{"\U0001f512":1e-9,"\ufb33":0.000001}'.encode()
    assert loads_canonical(text) == {"\U0001f512": 1e-9, "\ufb33": 1e-6}


def test_a_text_with_escapes_but_whole_surrogates_is_read() -> None:
    assert loads(b' {"\\u0061": ["\\ud83d\\udd12", {"b": "\\u00e9"}]} ') == {"a": ["\U0001f512", {"b": "é"}]}


def test_hashes_tags_and_integers_are_those_of_the_wire() -> None:
    assert sha256(b"abc").hex() == sha256_hex(b"abc")
    assert sha256_hex(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert tag("hilf/1 act") == b"hilf/1 act\x00"
    assert integer(258) == b"\x00\x00\x00\x00\x00\x00\x01\x02"
    with pytest.raises(UnicodeEncodeError):
        tag("ḥilf")
    with pytest.raises(OverflowError):
        integer(-1)


def test_a_time_is_written_in_utc_with_three_decimals_and_the_rest_cut() -> None:
    east = timezone(timedelta(hours=3))
    assert timestamp(datetime(2026, 1, 2, 5, 23, 20, 999_999, tzinfo=east)) == "2026-01-02T02:23:20.999Z"
    assert timestamp(datetime(33, 1, 2, tzinfo=UTC)) == "0033-01-02T00:00:00.000Z"
    with pytest.raises(ValueError, match="zone"):
        timestamp(datetime(2026, 1, 2))  # noqa: DTZ001


def test_a_time_is_read_as_aware_utc() -> None:
    read = parse_timestamp("2026-01-02T02:23:20.125Z", "batch")
    assert read == datetime(2026, 1, 2, 2, 23, 20, 125_000, tzinfo=UTC)
    assert read.tzinfo is not None


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-02T02:23:20Z",
        "2026-01-02T02:23:20.1Z",
        "2026-01-02T02:23:20.1234Z",
        "2026-01-02T02:23:20.123+00:00",
        "2026-01-02 02:23:20.123Z",
        "2026-01-02t02:23:20.123z",
        "2026-02-30T02:23:20.123Z",
        "2026-01-02T24:00:00.000Z",
        "2026-12-31T23:59:60.000Z",
        "0000-01-02T02:23:20.123Z",
        "2026-01-02T02:23:20.123Z\n",
        "٢٠٢٦-01-02T02:23:20.123Z",
        20260102,
        None,
    ],
)
def test_a_time_in_another_form_is_refused(text: object) -> None:
    with pytest.raises(PartnerFault) as fault:
        parse_timestamp(text, "batch")
    assert fault.value.rule == "batch: time form"


def test_base64url_is_read_in_its_one_text() -> None:
    assert unb64u(b64u(b"\xfb\xff\xfe\x00"), "key") == b"\xfb\xff\xfe\x00"
    assert (b64u(b"\xfb\xff\xfe\x00"), b64u(b"")) == ("-__-AA", "")


@pytest.mark.parametrize(
    "text", ["AB", "A", "AA==", "+/8A", "AA A", "AA\n", "é", b"AA", None, 1, "AAAA=", "=AAA"]
)
def test_another_text_of_the_same_bytes_is_refused(text: object) -> None:
    with pytest.raises(PartnerFault) as fault:
        unb64u(text, "batch")
    assert fault.value.rule == "batch: base64url"
