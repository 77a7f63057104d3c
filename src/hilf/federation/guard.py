"""The guard: what a partner's bytes must be like before any parser sees them.

Decides whether a body is small, flat and honest enough to be read (wire.md 5): 8 MiB on the wire, one zstd frame that
says its size with nothing behind it, 32 MiB and at most 100 times as much unpacked, 32 deep, and a bounded number of
values (`limits`). All of it is linear in the bytes and allocates nothing that was not checked first. Only then `canonical`
reads it. Whether the bytes were signed is `seal.http`; what they mean is everybody else's.
"""

from typing import Final

import zstandard

from hilf.canonical import Json, loads_canonical
from hilf.errors import PartnerFault
from hilf.federation.limits import DEFAULT, Limits, scan

_MAGIC: Final = b"\x28\xb5\x2f\xfd"  # RFC 8878 3.1.1
_CHECKSUM_BYTES: Final = 4
_BLOCK_HEADER_BYTES: Final = 3
_RLE: Final = 1


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
