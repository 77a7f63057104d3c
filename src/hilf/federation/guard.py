"""The guard: what a partner's bytes must be like before any parser sees them.

Decides whether a body is small, flat and honest enough to be read (wire.md 5): 8 MiB on the wire, one zstd frame that
says its size with nothing behind it, 32 MiB and at most 100 times as much unpacked, 32 deep, and a bounded number of
values. All of it is linear in the bytes and allocates nothing that was not checked first. Only then `canonical` reads it.
Whether the bytes were signed is `seal.http`; what they mean is everybody else's.

How the scan works: escapes are cut out, so that every quote left is the edge of a string; every second piece between
quotes is outside of strings; of those only brackets and commas are kept. An innermost pair is then taken away from all
places at once, as many times as the text may be deep. The view agrees with a parser's up to the first byte at which any
parser must stop (a backslash outside of a string), so nothing deeper than the limit ever reaches one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import zstandard

from hilf.canonical import Json, loads_canonical
from hilf.errors import PartnerFault

_MIB: Final = 2**20
_MAGIC: Final = b"\x28\xb5\x2f\xfd"  # RFC 8878 3.1.1
_CHECKSUM_BYTES: Final = 4
_BLOCK_HEADER_BYTES: Final = 3
_RLE: Final = 1
_QUOTES_PER_VALUE: Final = 4  # a value has at most a name and a text
_PIECE: Final = _MIB
_REST_OF_ESCAPE: Final = re.compile(rb"\\*+.?", re.DOTALL)
_OUTSIDE_NOISE: Final = bytes(byte for byte in range(256) if byte not in b"[]{},")
_AS_SQUARE: Final = bytes.maketrans(b"{}", b"[]")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a partner may send at once.

    Attributes:
        wire_bytes: on the wire, encoded. Source: wire.md 5.
        unpacked_bytes: after decoding. Source: wire.md 5.
        ratio: unpacked bytes for each byte on the wire. Source: wire.md 5.
        depth: `[]` is depth 1. Source: wire.md 1, 5.
        acts: acts of a batch. Source: wire.md 5.
        values: brackets and commas outside of strings; bounds the parser's memory. Ours: a full body of 32 MiB has 16
            bytes for each.
        string_bytes: between two quotes, escapes cut out. Ours.
        blocks: of a zstd frame; encoders fill blocks up to 128 KiB. Ours.
    """

    wire_bytes: int = 8 * _MIB
    unpacked_bytes: int = 32 * _MIB
    ratio: int = 100
    depth: int = 32
    acts: int = 10_000
    values: int = 2_000_000
    string_bytes: int = 8 * _MIB
    blocks: int = 65_536


DEFAULT: Final = Limits()

ACT_DEPTH: Final = DEFAULT.depth - 3
"""Of an act that may travel: where it is given back it stands in an answer, a list and beside its proof (wire.md 6)."""

BODY_VALUES: Final = DEFAULT.values - 100_000
"""Of all acts in one body; what else stands in it (headers, paths, receipts) has the rest."""


def most_values(raw: bytes) -> int:
    """As many values as `scan` may count in a text at most; marks inside of strings are counted too."""
    return raw.count(b",") + raw.count(b"[") + raw.count(b"{")


def may_travel(act: bytes) -> bool:
    """Whether a partner can read the canonical act in a batch, and give it back in an answer that we can read."""
    brackets = act.count(b"[") + act.count(b"{")
    if brackets <= ACT_DEPTH and brackets + act.count(b",") <= BODY_VALUES:
        return True  # too few to be nested deeper, which is what most are
    try:
        scan(act, Limits(depth=ACT_DEPTH, values=BODY_VALUES))
    except PartnerFault:
        return False
    return True


def open_body(data: bytes, content_encoding: str, limits: Limits = DEFAULT) -> Json:
    """The value that a body holds.

    Args:
        data: as it came over the wire, its digest and signature verified.
        content_encoding: "identity" or "zstd".
        limits: what is allowed.

    Raises:
        PartnerFault: "body: too large", "body: too many acts", "http: content-encoding", "zstd: …" or "json: …".

    Source: wire.md 1, 5.
    """
    raw = unpack(data, content_encoding, limits)
    scan(raw, limits)
    value = loads_canonical(raw)
    acts = value.get("acts") if isinstance(value, dict) else None
    if isinstance(acts, list) and len(acts) > limits.acts:
        raise PartnerFault("body: too many acts", f"{len(acts)}")
    return value


def unpack(data: bytes, content_encoding: str, limits: Limits = DEFAULT) -> bytes:
    """The bytes of the body, decoded; at most `unpacked_bytes` are ever allocated.

    Raises:
        PartnerFault: "body: too large", "http: content-encoding" or "zstd: …".

    Source: wire.md 5; RFC 8878.
    """
    if len(data) > limits.wire_bytes:
        raise PartnerFault("body: too large", f"{len(data)} bytes")
    if content_encoding == "identity":
        return data
    if content_encoding != "zstd":
        raise PartnerFault("http: content-encoding", content_encoding[:40])
    _check_frame(data, limits)
    try:
        return zstandard.ZstdDecompressor().decompress(data, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise PartnerFault("zstd: damaged") from error


def scan(raw: bytes, limits: Limits = DEFAULT) -> None:
    """Return if a parser may read the text: not too deep, not too many values, no string too long.

    Raises:
        PartnerFault: "json: depth", "json: too many values", "json: string too long" or "json: unbalanced".
    """
    skeleton = bytearray()
    values = quotes = 0
    inside = False  # of a string, at the start of the piece
    unfinished = 0  # bytes since the last quote of the piece before
    for piece in _pieces(raw):
        # As far as quotes go, the escapes are `\\` and `\"`; cut pairwise from the left, as a parser reads them.
        parts = piece.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
        lengths = [*map(len, parts)]
        lengths[0] += unfinished
        if max(lengths[not inside :: 2], default=0) > limits.string_bytes:
            raise PartnerFault("json: string too long")
        marks = b"".join(parts[inside::2]).translate(_AS_SQUARE, _OUTSIDE_NOISE)
        values += marks.count(b",") + marks.count(b"[")
        quotes += len(parts) - 1
        if max(values, quotes // _QUOTES_PER_VALUE) > limits.values:
            raise PartnerFault("json: too many values")
        skeleton += marks.replace(b",", b"")
        inside ^= len(parts) % 2 == 0
        unfinished = lengths[-1]
    _check_depth(bytes(skeleton), limits.depth)


def _pieces(raw: bytes) -> Iterator[bytes]:
    """The text in pieces of about 1 MiB, none of which ends inside an escape."""
    start = 0
    while start < len(raw):
        end = start + _PIECE
        if raw[end - 1 : end] == b"\\":
            end = _REST_OF_ESCAPE.match(raw, end).end()  # type: ignore[union-attr]  # it matches nothing, too
        yield raw[start:end]
        start = end


def _check_depth(skeleton: bytes, depth: int) -> None:
    if b"[" * (depth + 1) in skeleton:  # the usual attack, refused at once
        raise PartnerFault("json: depth")
    for _ in range(depth):
        shorter = skeleton.replace(b"[]", b"")
        if len(shorter) == len(skeleton):
            break
        skeleton = shorter
    if b"[]" in skeleton or skeleton.count(b"[") > depth:
        raise PartnerFault("json: depth")
    if skeleton:
        raise PartnerFault("json: unbalanced")


def _check_frame(data: bytes, limits: Limits) -> None:
    """Return if the bytes are one whole frame that says its size, and may be decoded. Source: RFC 8878 3.1.1."""
    if not data.startswith(_MAGIC):  # a skippable frame is none either
        raise PartnerFault("zstd: not a frame")
    try:
        header_bytes = zstandard.frame_header_size(data)
        parameters = zstandard.get_frame_parameters(data)
    except zstandard.ZstdError as error:
        raise PartnerFault("zstd: not a frame") from error
    size = parameters.content_size
    if size == zstandard.CONTENTSIZE_UNKNOWN:
        raise PartnerFault("zstd: no content size")
    if parameters.dict_id:
        raise PartnerFault("zstd: dictionary")
    if max(size, parameters.window_size) > limits.unpacked_bytes or size > limits.ratio * len(data):
        raise PartnerFault("zstd: too large or ratio", f"{size} bytes out of {len(data)}")
    end = _end_of_blocks(data, header_bytes, limits.blocks) + _CHECKSUM_BYTES * parameters.has_checksum
    if end > len(data):
        raise PartnerFault("zstd: cut off")
    if end < len(data):
        raise PartnerFault("zstd: something behind the frame", f"{len(data) - end} bytes")


def _end_of_blocks(data: bytes, start: int, most: int) -> int:
    """Where the last block ends, which may be behind the data. Source: RFC 8878 3.1.1.2."""
    position = start
    for _ in range(most):
        header = int.from_bytes(data[position : position + _BLOCK_HEADER_BYTES], "little")
        last, kind, size = header & 1, header >> 1 & 3, header >> 3
        position += _BLOCK_HEADER_BYTES + (1 if kind == _RLE else size)
        if last or position > len(data):
            return position
    raise PartnerFault("zstd: too many blocks")
