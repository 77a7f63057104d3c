"""Canonical JSON, content ids, and the small texts of hilf/1: hashes, tags, times, base64url.

Decides which bytes are one JSON value and no other: RFC 8785 (JCS) over RFC 8259, made stricter by wire.md 1. Refused
are duplicate names (after unescaping), lone surrogates, NaN and infinities, numbers that overflow, trailing data, and
every number that is, or would be written as, an integer beyond ±(2^53-1).

Writing is done by orjson where its bytes are provably those of RFC 8785, and by the writer at the end of this file
everywhere else, part by part. They are the same when no name holds a character beyond U+FFFF (orjson sorts names by
UTF-8, RFC 8785 by UTF-16; the two orders differ only there) and every float has a fraction and a size at which both
write its shortest digits without an exponent.

Limits on size and depth come before any parser and are the business of `federation.guard` and `stix.split`.
"""

import base64
import hashlib
import json
import math
import re
from datetime import UTC, datetime
from typing import Final, NoReturn, TypeAlias

import orjson
import rfc8785

from hilf.errors import PartnerFault

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None

MAX_INTEGER: Final = 2**53 - 1
"""The greatest integer that every JSON reader keeps exactly. Source: RFC 8785 3.2.2.3, RFC 7493 2.2."""

_SORTED: Final = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_SUBCLASS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
)
_AS_IT_STANDS: Final = _SORTED ^ orjson.OPT_SORT_KEYS
_FIRST_WITH_EXPONENT: Final = 1e21  # ECMA-262 Number::toString
# Floats of other sizes, or without a fraction, may be written differently by orjson and ECMAScript.
_LEAST_PLAIN: Final = 1e-3
_MOST_PLAIN: Final = 1e15
_BEYOND_FFFF: Final = re.compile(rb"[\xf0-\xf4]")
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z", re.ASCII)
# Sign and 16 digits: what is longer is out of range, and is never turned into a number (that would be quadratic).
_LONGEST_INTEGER: Final = 17


def dumps(value: Json) -> bytes:
    """Write a value as its canonical form.

    Raises:
        PartnerFault: the value has no canonical form; rules as for `loads`.
        TypeError: it is no JSON at all (a tuple, a date, a name that is not a text): our own mistake.

    Source: RFC 8785; wire.md 1.
    """
    data = _write_quickly(value)
    return _write_slowly(value) if data is None else data


def loads(data: bytes) -> Json:
    """Read a JSON text that need not be canonical, strictly.

    Raises:
        PartnerFault: "json: duplicate name", "json: lone surrogate", "json: NaN", "json: overflow",
            "json: integer beyond 2^53-1", "json: would be written as an integer beyond 2^53-1", "json: utf-8",
            "json: depth" (deeper than the interpreter's own stack), or "json: " and what the text lacks.

    Source: RFC 8259, RFC 7493; wire.md 1.
    """
    try:
        value: Json = orjson.loads(data)
        # Written again as it stands it is the same text: so no name was dropped, and nothing was rounded.
        if orjson.dumps(value, option=_AS_IT_STANDS) == data and _is_plain(value):
            return value
    except (ValueError, TypeError, RecursionError):
        pass  # the strict reader finds the name of the fault
    return _read_slowly(data)


def loads_canonical(data: bytes) -> Json:
    """Read a text that must be its own canonical form, byte for byte.

    Raises:
        PartnerFault: "json: not canonical", or what `loads` refuses.

    Source: wire.md 1 ("every hilf/1 body is exactly its own canonical form").
    """
    try:
        value: Json = orjson.loads(data)
        if dumps(value) == data:
            return value
    except (ValueError, PartnerFault, RecursionError):
        pass  # the strict reader finds the name of the fault
    value = _read_slowly(data)
    if dumps(value) != data:
        raise PartnerFault("json: not canonical")
    return value


def sha256(data: bytes) -> bytes:
    """H of wire.md 1: 32 raw bytes."""
    return hashlib.sha256(data).digest()


def sha256_hex(data: bytes) -> str:
    """H as it stands in JSON: 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()


def content_id(value: Json) -> str:
    """H over the canonical form, in hex: two values have the same id only if they are the same."""
    return sha256_hex(dumps(value))


def tag(words: str) -> bytes:
    """The ASCII words and one zero byte, which starts everything that is hashed or signed. Source: wire.md 1."""
    return words.encode("ascii") + b"\0"


def integer(n: int) -> bytes:
    """An integer inside a concatenation: 8 bytes, big-endian. Source: wire.md 1."""
    return n.to_bytes(8, "big")


def timestamp(at: datetime) -> str:
    """A time as hilf/1 writes it: UTC, three decimals (the rest is cut), `Z`.

    Raises:
        ValueError: `at` does not say its time zone.
    """
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_timestamp(text: object, what: str) -> datetime:
    """Read a time in the one form that hilf/1 knows, as aware UTC.

    Raises:
        PartnerFault: "<what>: time form" for every other form, and for days and hours that do not exist.
    """
    if type(text) is str and _TIME.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    raise PartnerFault(f"{what}: time form", _shortened(text))


def b64u(data: bytes) -> str:
    """base64url without padding. Source: RFC 4648 5, RFC 7515 2."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64u(text: object, what: str) -> bytes:
    """Read base64url without padding; only the one text that the bytes themselves would give is taken.

    Raises:
        PartnerFault: "<what>: base64url".
    """
    if type(text) is str:
        try:
            data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError:
            data = b""
        if b64u(data) == text:
            return data
    raise PartnerFault(f"{what}: base64url", _shortened(text))


def _shortened(value: object) -> str:
    return repr(value)[:60]


def _write_quickly(value: Json) -> bytes | None:
    """The canonical form if orjson is sure to write it, else None."""
    try:
        data = orjson.dumps(value, option=_SORTED)
    except TypeError:
        return None
    if not _is_plain(value):
        return None
    if data.isascii() or not _BEYOND_FFFF.search(data) or _has_plain_names(value):
        return data
    return None


def _is_plain(value: Json) -> bool:
    """Whether the value holds nothing whose text could differ: no rare float, nothing that is no JSON.

    One loop without calls, because intake runs it for every object: about 2 µs for an indicator of 900 bytes. Whole
    numbers out of range and lone surrogates are refused by orjson itself.
    """
    queue: list[Json] = [[value]]
    for holder in queue:
        for member in holder.values() if type(holder) is dict else holder:  # type: ignore[union-attr]  # only lists and objects are queued
            kind = type(member)
            if kind is str:
                continue
            if kind is dict or kind is list:
                queue.append(member)
            elif kind is float:
                if member.is_integer() or not _LEAST_PLAIN < abs(member) < _MOST_PLAIN:  # type: ignore[union-attr,arg-type]  # kind says that it is a float
                    return False
            elif kind is not int and kind is not bool and member is not None:
                return False
    return True


def _has_plain_names(value: Json) -> bool:
    """Whether no name holds a character beyond U+FFFF; texts may."""
    queue: list[Json] = [[value]]
    for holder in queue:
        if type(holder) is dict and _BEYOND_FFFF.search("".join(holder).encode()):
            return False
        members = holder.values() if type(holder) is dict else holder
        queue += [member for member in members if type(member) is dict or type(member) is list]  # type: ignore[union-attr]  # only lists and objects are queued
    return True


def _read_slowly(data: bytes) -> Json:
    try:
        value: Json = _STRICT.decode(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise PartnerFault("json: utf-8", f"byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise PartnerFault(f"json: {_EXPECTED.get(error.msg, error.msg)}", f"at {error.pos}") from error
    except RecursionError as error:
        raise PartnerFault("json: depth") from error
    if b"\\u" in data:
        _refuse_lone_surrogates(value)
    return value


# Newer interpreters say this more exactly; a rule keeps its name.
_EXPECTED: Final = {
    "Illegal trailing comma before end of array": "Expecting value",
    "Illegal trailing comma before end of object": "Expecting property name enclosed in double quotes",
}


def _once_each(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise PartnerFault("json: duplicate name")
    return members


def _read_integer(text: str) -> int:
    if len(text) > _LONGEST_INTEGER or abs(int(text)) > MAX_INTEGER:
        raise PartnerFault("json: integer beyond 2^53-1", _shortened(text))
    return int(text)


def _read_float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise PartnerFault("json: overflow", _shortened(text))
    _refuse_great_integer(number)
    return number


def _refuse_constant(text: str) -> NoReturn:
    raise PartnerFault(f"json: {text}")


_STRICT: Final = json.JSONDecoder(
    object_pairs_hook=_once_each,
    parse_int=_read_integer,
    parse_float=_read_float,
    parse_constant=_refuse_constant,
)


def _refuse_great_integer(number: float) -> None:
    # What is written with an exponent is taken for an integer by no reader.
    if MAX_INTEGER < abs(number) < _FIRST_WITH_EXPONENT:
        raise PartnerFault("json: would be written as an integer beyond 2^53-1", repr(number))


def _refuse_lone_surrogates(value: Json) -> None:
    queue: list[Json] = [value]
    for member in queue:
        if isinstance(member, str):
            _write_text(member)
        elif isinstance(member, list):
            queue.extend(member)
        elif isinstance(member, dict):
            queue.extend(member)
            queue.extend(member.values())


def _write_slowly(value: object) -> bytes:
    parts: list[bytes] = []
    try:
        _write(value, parts)
    except RecursionError as error:
        raise PartnerFault("json: depth") from error
    return b"".join(parts)


def _write(value: object, parts: list[bytes]) -> None:
    match value:
        case str():
            parts.append(_write_text(value))
        case dict() | list():
            _write_holder(value, parts)
        case None:
            parts.append(b"null")
        case bool():
            parts.append(b"true" if value else b"false")
        case int():
            if abs(value) > MAX_INTEGER:
                raise PartnerFault("json: integer beyond 2^53-1", _shortened(value))
            parts.append(b"%d" % value)
        case float():
            _refuse_great_integer(value)
            parts.append(write_double(value))
        case _:
            raise TypeError(f"{type(value).__name__} is no JSON")


def _write_holder(holder: dict[str, Json] | list[Json], parts: list[bytes]) -> None:
    data = _write_quickly(holder)
    if data is not None:
        parts.append(data)
        return
    separator = b""
    if isinstance(holder, list):
        parts.append(b"[")
        for value in holder:
            parts.append(separator)
            _write(value, parts)
            separator = b","
        parts.append(b"]")
        return
    parts.append(b"{")
    for name, value in sorted(holder.items(), key=_utf16):
        parts.append(separator + _write_text(name) + b":")
        _write(value, parts)
        separator = b","
    parts.append(b"}")


def _utf16(item: tuple[object, Json]) -> bytes:
    name = item[0]
    if not isinstance(name, str):
        raise TypeError(f"{name!r} is no name of a member")
    return name.encode("utf-16-be", "surrogatepass")


def _write_text(text: object) -> bytes:
    # The escapes of orjson are those of RFC 8785 3.2.2.2.
    try:
        return orjson.dumps(text)
    except TypeError as error:
        raise PartnerFault("json: lone surrogate") from error


def write_double(number: float) -> bytes:
    """Write a double as ECMAScript does, whatever its size.

    Raises:
        PartnerFault: "json: NaN", "json: Infinity" or "json: -Infinity".

    Source: RFC 8785 3.2.2.3; ECMA-262 Number::toString.
    """
    if math.isnan(number):
        raise PartnerFault("json: NaN")
    if math.isinf(number):
        raise PartnerFault("json: Infinity" if number > 0 else "json: -Infinity")
    return rfc8785.dumps(number)
