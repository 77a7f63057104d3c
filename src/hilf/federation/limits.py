"""Limits: how large, deep and long a text may be that passes between two nodes, either way (wire.md 1, 5).

Decides before any parser whether a text is small and flat enough to be read, and of an act of ours whether a partner can
read it and give it back. All of it is linear in the bytes. What comes in is checked by `guard` alone.

How the scan works: escapes are cut out, so that every quote left is the edge of a string; every second piece between
quotes is outside of strings; of those only brackets and commas are kept. An innermost pair is then taken away from all
places at once, as many times as the text may be deep. The view agrees with a parser's up to the first byte at which any
parser must stop (a backslash outside of a string), so nothing deeper than the limit ever reaches one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hilf.errors import PartnerFault

_MIB: Final = 2**20
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
