"""Ranges: blocks of addresses, and whether an address or block meets one of them.

Blocks either hold one another or have nothing in common, so the outermost ones, sorted, answer with one bisection.
An IPv6 address that carries an IPv4 address (mapped, translated, NAT64, 6to4) stands for that one too.
Python's own `is_global` and `is_private` are not asked: they differ between versions.
"""

from bisect import bisect_right
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final, NamedTuple

Network = IPv4Network | IPv6Network

_V4_BITS: Final = 32
_V4_PARTS: Final = 4
_V4_PART_LAST: Final = 255
_CARRYING: Final = tuple(
    (IPv6Network(text), shift)
    for text, shift in (
        ("::ffff:0:0/96", 0),
        ("::ffff:0:0:0/96", 0),
        ("64:ff9b::/96", 0),
        ("2002::/16", 80),
    )
)
"""Prefixes with the place of the IPv4 address in them. Sources: RFC 4291 2.5.5.2, RFC 7915, RFC 6052, RFC 3056."""


class Span(NamedTuple):
    """From the first to the last address of a block, as numbers; `bits` is 32 or 128."""

    bits: int
    first: int
    last: int

    def __str__(self) -> str:
        """The block as people write it; an address alone without its length."""
        length = self.bits - (self.last - self.first).bit_length()
        address = IPv4Address(self.first) if self.bits == _V4_BITS else IPv6Address(self.first)
        return str(address) if length == self.bits else f"{address}/{length}"


class Ranges:
    """Blocks of one kind of address, asked for by span."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._held: dict[int, tuple[list[int], list[int]]] = {}
        for bits, first, last in sorted(spans, key=lambda span: (span.bits, span.first, -span.last)):
            firsts, lasts = self._held.setdefault(bits, ([], []))
            if not lasts or last > lasts[-1]:
                firsts.append(first)
                lasts.append(last)

    def __bool__(self) -> bool:
        return bool(self._held)

    def meeting(self, span: Span) -> Span | None:
        """A block that has an address in common with `span`."""
        held = self._held.get(span.bits)
        if held is None:
            return None
        firsts, lasts = held
        number = bisect_right(firsts, span.last) - 1
        if number < 0 or lasts[number] < span.first:
            return None
        return Span(span.bits, firsts[number], lasts[number])


def span_of(text: str) -> Span | None:
    """The span of an address or block in whatever spelling; None for what is none."""
    plain = _plain_v4(text)
    if plain is not None:
        return Span(_V4_BITS, plain, plain)
    try:
        network = ip_network(text.strip("[]").partition("%")[0], strict=False)
    except ValueError:
        return None
    return span_of_network(network)


def span_of_network(network: Network) -> Span:
    """The span of a block."""
    return Span(network.max_prefixlen, int(network.network_address), int(network.broadcast_address))


def carried(span: Span) -> Span | None:
    """The IPv4 addresses that a span of IPv6 addresses carries; None where it carries none."""
    if span.bits == _V4_BITS or not span.first:
        return None
    for prefix, shift in _CARRYING:
        start = int(prefix.network_address)
        if start <= span.first and span.last <= int(prefix.broadcast_address):
            return Span(_V4_BITS, (span.first - start) >> shift, (span.last - start) >> shift)
    return None


def _plain_v4(text: str) -> int | None:
    parts = text.split(".")
    number = 0
    if len(parts) != _V4_PARTS:
        return None
    for part in parts:
        if not (part.isascii() and part.isdecimal()) or len(part) > len("255") or int(part) > _V4_PART_LAST:
            return None
        number = number << 8 | int(part)
    return number
