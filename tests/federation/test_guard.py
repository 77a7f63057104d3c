import time
from typing import Any

import pytest
import zstandard
from hypothesis import example, given
from hypothesis import strategies as st

from hilf.errors import PartnerFault
from hilf.federation.guard import (
    BODY_VALUES,
    DEFAULT,
    Limits,
    may_travel,
    most_values,
    open_body,
    scan,
    unpack,
)
from tests.seal.messages import BODIES, HTTP

MIB = 2**20
ZSTD = {
    case["name"]: case
    for case in HTTP["negative"]
    if case["refused_at"].startswith(("zstd", "json"))
}  # fmt: skip
SMALL = Limits(wire_bytes=1000, unpacked_bytes=2000, values=10, string_bytes=20, acts=2)


def rule_of(data: bytes, encoding: str = "identity", limits: Limits = DEFAULT) -> str:
    try:
        open_body(data, encoding, limits)
    except PartnerFault as fault:
        return fault.rule
    return "taken"


def scanned(text: bytes, limits: Limits = DEFAULT) -> str:
    try:
        scan(text, limits)
    except PartnerFault as fault:
        return fault.rule
    return "taken"


def unpacked(data: bytes) -> str:
    try:
        unpack(data, "zstd")
    except PartnerFault as fault:
        return fault.rule
    return "taken"


def packed(data: bytes, **options: Any) -> bytes:
    return zstandard.ZstdCompressor(**options).compress(data)


@pytest.mark.parametrize("name", ZSTD)
def test_a_body_of_the_vectors_is_refused_by_its_rule(name: str) -> None:
    message = ZSTD[name]["message"]
    encoding = dict(message["headers"])["content-encoding"]
    assert rule_of(BODIES[message["body"]], encoding) == ZSTD[name]["refused_at"]


def test_a_zstd_body_of_the_vectors_is_the_plain_one() -> None:
    assert unpack(BODIES["body_5"], "zstd") == BODIES["body_1"]
    assert open_body(BODIES["body_5"], "zstd") == open_body(BODIES["body_1"], "identity")


@pytest.mark.parametrize("encoding", ["gzip", "", "ZSTD", "zstd, zstd"])
def test_an_encoding_that_is_not_ours_is_refused(encoding: str) -> None:
    assert rule_of(b"{}", encoding) == "http: content-encoding"


@pytest.mark.parametrize("encoding", ["identity", "zstd", "gzip"])
def test_too_many_bytes_on_the_wire_are_refused_before_anything_else(encoding: str) -> None:
    assert rule_of(b"[" * (8 * MIB + 1), encoding) == "body: too large"
    assert rule_of(b" " * 1000, limits=SMALL) == "json: Expecting value"


def test_a_body_may_be_as_large_as_the_limits() -> None:
    text = b'"' + b"a" * (8 * MIB - 2) + b'"'
    assert rule_of(text) == "taken"


def test_many_frames_sizes_and_levels_are_read() -> None:
    text = b"[" + b",".join(b"%d" % (n * n) for n in range(20_000)) + b"]"
    for level in (1, 3, 19):
        assert unpack(packed(text, level=level), "zstd") == text
    assert unpack(packed(text, write_checksum=True), "zstd") == text
    assert unpack(packed(b""), "zstd") == b""


def frame(size: int, *blocks: bytes, descriptor: int = 0xA0) -> bytes:
    """A frame by hand: one segment, a content size of 4 bytes, and its blocks."""
    return b"\x28\xb5\x2f\xfd" + bytes([descriptor]) + size.to_bytes(4, "little") + b"".join(blocks)


def block(kind: int, size: int, content: bytes, last: bool) -> bytes:
    return (last | kind << 1 | size << 3).to_bytes(3, "little") + content


RLE, RAW = 1, 0


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "zstd: not a frame"),
        (b"\x28\xb5\x2f", "zstd: not a frame"),
        (b"\x28\xb5\x2f\xfd", "zstd: not a frame"),
        (frame(4, block(RAW, 4, b"1234", True)), "taken"),
        (frame(4, block(RAW, 2, b"12", False), block(RAW, 2, b"34", True)), "taken"),
        (frame(4, block(RLE, 4, b"1", True)), "taken"),
        (frame(4, block(RAW, 4, b"1234", True), b"\0"), "zstd: something behind the frame"),
        (frame(4, block(RAW, 4, b"123", True)), "zstd: cut off"),
        (frame(4, block(RAW, 4, b"1234", False)), "zstd: cut off"),
        (frame(4, block(RAW, 4, b"1234", True), descriptor=0xA4), "zstd: cut off"),
        (frame(4, block(RAW, 4, b"1234", True), b"abcd", descriptor=0xA4), "zstd: damaged"),
        (frame(4, block(3, 4, b"1234", True)), "zstd: damaged"),
        (frame(4, block(2, 4, b"1234", True)), "zstd: damaged"),
        (frame(5, block(RAW, 4, b"1234", True)), "zstd: damaged"),
        (frame(3, block(RAW, 4, b"1234", True)), "zstd: damaged"),
        (frame(2**31, block(RAW, 4, b"1234", True)), "zstd: too large or ratio"),
        (frame(1300, block(RLE, 1300, b"1", True)), "taken"),
        (frame(1301, block(RLE, 1301, b"1", True)), "zstd: too large or ratio"),
        (frame(4, *[block(RLE, 2**17, b"1", False)] * 40_000), "zstd: cut off"),
        (frame(4, *[block(RLE, 2**17, b"1", False)] * 40_000, block(RAW, 0, b"", True)), "zstd: damaged"),
        (frame(0, *[block(RAW, 0, b"", False)] * 65_536), "zstd: too many blocks"),
    ],
)
def test_a_frame_is_walked_before_it_is_decoded(data: bytes, rule: str) -> None:
    assert unpacked(data) == rule


def test_a_frame_that_asks_for_a_dictionary_is_refused() -> None:
    words = zstandard.ZstdCompressionDict(b"indicator--" * 100, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    assert rule_of(packed(b'{"a":1}', dict_data=words), "zstd") == "taken"  # raw content has no id
    data = b"\x28\xb5\x2f\xfd" + bytes([0xA1, 7]) + (4).to_bytes(4, "little") + block(RAW, 4, b"1234", True)
    assert rule_of(data, "zstd") == "zstd: dictionary"


def test_a_frame_may_not_ask_for_a_window_larger_than_a_body() -> None:
    window_of_64_mib = 16 << 3
    data = b"\x28\xb5\x2f\xfd" + bytes([0x80, window_of_64_mib]) + (4).to_bytes(4, "little")
    assert rule_of(data + block(RAW, 4, b"1234", True), "zstd") == "zstd: too large or ratio"


def test_32_mib_unpacked_are_taken_and_no_more() -> None:
    limits = Limits(ratio=10**6)
    text = b'"' + b"ab" * (16 * MIB - 1) + b'"'
    assert len(unpack(packed(text), "zstd", limits)) == 32 * MIB
    with pytest.raises(PartnerFault) as fault:
        unpack(packed(text + b" "), "zstd", limits)
    assert fault.value.rule == "zstd: too large or ratio"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (b"[" * 32 + b"]" * 32, "taken"),
        (b"[" * 33 + b"]" * 33, "json: depth"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "json: depth"),
        (b'[{"a":' * 16 + b"1" + b"}]" * 16, "taken"),
        (b'[{"a":' * 16 + b"[]" + b"}]" * 16, "json: depth"),
        (b"[" * 33, "json: depth"),
        (b"[[]," * 33, "json: depth"),
        (b"[[]," * 33 + b"1" + b"]" * 33, "json: depth"),
        (b"[[]," * 31 + b"1" + b"]" * 31, "taken"),
        (b"[[]" * 20 + b"[" * 20 + b"]" * 20, "json: unbalanced"),
        (b"[]" * 100, "taken"),
        (b"[" * 32, "json: unbalanced"),
        (b"]", "json: unbalanced"),
        (b"][", "json: unbalanced"),
        (b'["' + b"[" * 40 + b'"]', "taken"),
        (b'["\\"' + b"[" * 40 + b'"]', "taken"),
        (b'["\\\\"' + b"[" * 40 + b"]", "json: depth"),
        (b'["\\\\\\"' + b"[" * 40 + b'"]', "taken"),
        (b'["' + b"[" * 40, "json: unbalanced"),
    ],
)
def test_depth_is_counted_outside_of_strings(text: bytes, rule: str) -> None:
    assert scanned(text) == rule


def depth_that_a_parser_reaches(text: str) -> tuple[int, bool]:
    """Read byte by byte: how deep it goes before it must stop, and whether all brackets and strings were closed."""
    depth = deepest = 0
    inside = False
    place = 0
    while place < len(text):
        mark = text[place]
        if inside:
            place += mark == "\\"
            inside = mark != '"'
        elif mark == "\\":
            return deepest, False
        elif mark == '"':
            inside = True
        else:
            depth += (mark in "[{") - (mark in "]}")
            deepest = max(deepest, depth)
            if depth < 0:
                return deepest, False
        place += 1
    return deepest, depth == 0 and not inside


@given(st.text('[]{}"\\,a', max_size=60))
@example('"\\\\"[[[')
@example('\\"[[["')
def test_nothing_deeper_than_the_limit_reaches_a_parser(text: str) -> None:
    deepest, closed = depth_that_a_parser_reaches(text)
    outcome = scanned(text.encode(), Limits(depth=2))
    if deepest > 2:
        assert outcome in {"json: depth", "json: unbalanced"}
    elif closed:
        assert outcome == "taken"


@pytest.mark.parametrize("offset", range(-6, 3))
@pytest.mark.parametrize("escape", [b'\\"', b"\\\\", b'\\\\\\"', b"\\\\\\\\", b'\\\\\\\\\\"', b"\\n"])
def test_an_escape_at_the_edge_of_a_piece_is_one_escape(escape: bytes, offset: int) -> None:
    inside = b'"' + b"a" * (MIB - 1 + offset) + escape + b"[" * 40 + b'"'
    assert scanned(inside) == "taken"
    outside = inside + b"[" * 40
    assert scanned(outside) == "json: depth"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (b"[1,2,3,4,5,6,7,8,9,10]", "taken"),
        (b"[1,2,3,4,5,6,7,8,9,10,11]", "json: too many values"),
        (b"[[],[],[],[],[],[]]", "json: too many values"),
        (b'""' * 21, "taken"),
        (b'""' * 22, "json: too many values"),
        (b'["' + b"," * 20 + b'"]', "taken"),
        (b'["' + b"a" * 20 + b'"]', "taken"),
        (b'["' + b"a" * 21 + b'"]', "json: string too long"),
        (b'["' + b"a" * 21, "json: string too long"),
        (b'{"' + b"a" * 21 + b'":1}', "json: string too long"),
        (b'["a",' + b" " * 30 + b'"b"]', "taken"),
    ],
)
def test_values_and_strings_are_bounded(text: bytes, rule: str) -> None:
    assert scanned(text, SMALL) == rule


@pytest.mark.parametrize(("longest", "rule"), [(3 * MIB, "taken"), (3 * MIB - 1, "json: string too long")])
def test_a_string_that_spans_pieces_is_measured_whole(longest: int, rule: str) -> None:
    assert scanned(b'["x","' + b"a" * (3 * MIB) + b'","y"]', Limits(string_bytes=longest)) == rule


def test_acts_of_a_batch_are_counted() -> None:
    assert rule_of(b'{"acts":[1,2]}', limits=SMALL) == "taken"
    assert rule_of(b'{"acts":[1,2,3]}', limits=SMALL) == "body: too many acts"
    assert rule_of(b'{"other":[1,2,3]}', limits=SMALL) == "taken"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (b"[" * 10**6, "json: depth"),
        (b"[" * 10**6 + b"]" * 10**6, "json: depth"),
        (b'{"a":' * 10**6, "json: depth"),
        (b"[]," * 10**6, "taken"),
        (b'"' * 10**6, "taken"),
        (b"\\" * 10**6, "taken"),
        (b'"' + b'\\"' * 10**6, "taken"),
        ((b"[" * 31 + b"]" * 31 + b",") * 30_000, "taken"),
    ],
)
def test_a_text_made_to_be_slow_is_scanned_in_a_moment(text: bytes, rule: str) -> None:
    started = time.process_time()
    assert scanned(text) == rule
    assert time.process_time() - started < 1


def test_a_body_is_its_own_canonical_form() -> None:
    assert open_body(b'{"a":[1,null]}', "identity") == {"a": [1, None]}
    assert rule_of(b'{"a": 1}') == "json: not canonical"
    assert rule_of(b"") == "json: Expecting value"


def act_of_depth(depth: int, inside: str = "") -> bytes:
    return (b'{"a":' * (depth - 1)) + b'{"b":"' + inside.encode() + b'"}' + b"}" * (depth - 1)


def test_an_act_may_be_so_deep_that_it_can_be_given_back_and_no_deeper() -> None:
    deepest = DEFAULT.depth - len(("answer", "given", "with its proof"))
    assert may_travel(act_of_depth(deepest))
    assert not may_travel(act_of_depth(deepest + 1))
    assert may_travel(act_of_depth(3, "[{" * 40)), "brackets of a text nest nothing"
    assert may_travel(b'{"a":[' + b",".join([b"{}"] * 40) + b"]}"), (
        "beside each other is not inside each other"
    )


def test_an_act_may_hold_as_many_values_as_a_body_beside_its_headers() -> None:
    assert may_travel(b"[" + b"1," * (BODY_VALUES - 2) + b"1]")
    assert not may_travel(b"[" + b"1," * BODY_VALUES + b"1]")


def test_values_are_never_counted_too_low() -> None:
    for text, least in ((b'{"a":[1,2,{"b":"x,[{"}]}', 5), (b"[]", 1), (b'"[,{"', 0)):
        assert most_values(text) >= least
        scan(text, Limits(values=most_values(text)))
