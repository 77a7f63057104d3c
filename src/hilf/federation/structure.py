"""Closed structures: which members, and of which form, before anything is signed for or acted on.

Act, header, receipt, state and authorship are closed (wire.md 1): a member too many or too few is refused, and
`true` is no integer. Each function names the structure in the words of the vectors (`act: members`).
"""

import re
from collections.abc import Set as AbstractSet
from typing import Final

from hilf.canonical import MAX_INTEGER, Json
from hilf.errors import PartnerFault

_HEX: Final = re.compile(r"(?:[0-9a-f]{2})*", re.ASCII)
_OBJECT_ID: Final = re.compile(
    r"[a-z0-9-]{1,250}--[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII
)


def members(value: Json, names: AbstractSet[str], what: str) -> dict[str, Json]:
    """The structure itself, if it has exactly these members; else `<what>: members`."""
    if type(value) is not dict or value.keys() != names:
        raise PartnerFault(f"{what}: members")
    return value


def first_version(value: Json, what: str) -> None:
    """Pass if `v` is the integer 1; another version is another protocol: `<what>: v`."""
    if type(value) is not int or value != 1:
        raise PartnerFault(f"{what}: v", repr(value)[:20])


def hexadecimal(value: Json, size_bytes: int, what: str) -> str:
    """The text, if it is lower-case hex of exactly that many bytes; else `<what>: hex`."""
    if type(value) is not str or len(value) != 2 * size_bytes or not _HEX.fullmatch(value):
        raise PartnerFault(f"{what}: hex")
    return value


def digest(value: Json, what: str) -> bytes:
    """The 32 raw bytes of a hash that stands in JSON as 64 hex digits; else `<what>: hex`."""
    return bytes.fromhex(hexadecimal(value, 32, what))


def whole(value: Json, least: int, what: str) -> int:
    """The integer, if it is one, at least `least` and within what JSON keeps exactly; else `<what>`."""
    if type(value) is not int or not least <= value <= MAX_INTEGER:
        raise PartnerFault(what, repr(value)[:20])
    return value


def words(value: Json, what: str, most: int = 200) -> str:
    """The text, if it has 1 to `most` characters; else `<what>`."""
    if type(value) is not str or not 1 <= len(value) <= most:
        raise PartnerFault(what, repr(value)[:40])
    return value


def object_id(value: Json, what: str) -> str:
    """The text, if it is the id of a STIX object, its UUID in either case; else `<what>`. Source: STIX 2.1 2.9."""
    if type(value) is not str or not _OBJECT_ID.fullmatch(value):
        raise PartnerFault(what, repr(value)[:60])
    return value


def array(value: Json, what: str) -> list[Json]:
    """The array, if it is one; else `<what>`."""
    if type(value) is not list:
        raise PartnerFault(what)
    return value
