from typing import Any

import pytest
import zstandard

from hilf.errors import PartnerFault
from hilf.federation.guard import open_body, unpack
from hilf.federation.limits import DEFAULT, Limits
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


def test_acts_of_a_batch_are_counted() -> None:
    assert rule_of(b'{"acts":[1,2]}', limits=SMALL) == "taken"
    assert rule_of(b'{"acts":[1,2,3]}', limits=SMALL) == "body: too many acts"
    assert rule_of(b'{"other":[1,2,3]}', limits=SMALL) == "taken"


def test_a_body_is_its_own_canonical_form() -> None:
    assert open_body(b'{"a":[1,null]}', "identity") == {"a": [1, None]}
    assert rule_of(b'{"a": 1}') == "json: not canonical"
    assert rule_of(b"") == "json: Expecting value"
