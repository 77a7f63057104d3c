"""Cut a stream of bytes into the objects in it, in bounded memory, each with its exact bytes and its place.

Takes a bundle (members in any order), a list, JSON lines, one object, or objects one after the other (RFC 8259);
a UTF-8 byte order mark is tolerated. Only brackets, quotes and what may follow a closing bracket are looked at:
whether an object is JSON, and STIX, is judged in `read`. Depth and size are bounded before any parser sees a byte.
What cannot be cut becomes a `Piece` with a finding; the cutting goes on behind an object that is too large or too
deep, and after a break at the next line that begins with a bracket. Everything good before a break is kept.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import orjson

from hilf.stix.bounds import DEPTH, OBJECT_BYTES
from hilf.stix.finding import Finding
from hilf.stix.window import Break, TooMuch, Walk, Window, balanced


@dataclass(frozen=True, slots=True)
class Limits:
    """What one object may be.

    Attributes:
        depth: levels of brackets; `[]` is 1.
        object_bytes: bytes of one object.
        breaks: places in a row at which nothing could be cut, before the rest is given up.
    """

    depth: int = DEPTH
    object_bytes: int = OBJECT_BYTES
    breaks: int = 100


class Piece(NamedTuple):
    """One object's received bytes, or a break.

    Attributes:
        raw: the bytes as they came; empty for a break.
        place: "objects[17]" in a bundle, "[17]" in a list, "line 12" elsewhere.
        offset: of the first byte, or of the break, from the start of the stream.
        finding: what is wrong with the cut; None for an object that can be read.
    """

    raw: bytes
    place: str
    offset: int
    finding: Finding | None = None


DEFAULT_LIMITS: Final = Limits()

_MEMBER = re.compile(rb"[ \t\r\n]*+(" + balanced(4) + rb")[ \t\r\n]*+(?=([,\]]))", re.DOTALL)
_ON_ONE_LINE = re.compile(rb"(" + balanced(4, one_line=True) + rb")[ \t\r]*+(?=[\n{])")
_FIRST_NAME = re.compile(rb'[ \t\r\n]{0,64}+\{[ \t\r\n]{0,64}+"[a-z_]{1,32}+"')
_KEY = re.compile(rb'"((?>[^"\\\n]++|\\[^\n])*+)"[ \t\r\n]*+:[ \t\r\n]*+(?=[^ \t\r\n])')
_KEY_SO_FAR = re.compile(rb'"(?>[^"\\\n]++|\\[^\n])*+(?:\\|"[ \t\r\n]*+(?::[ \t\r\n]*+)?)?')
_LONGEST_NAME_BYTES: Final = 1 << 20
_LONGEST_JOINT_BYTES: Final = 200
_QUICK_BYTES: Final = 1 << 16
_BUNDLE: Final = b'"bundle"'
_COMMA, _CLOSE_LIST, _OPEN_LIST, _OPEN, _CLOSE = b",][{}"


def split(chunks: Iterable[bytes], limits: Limits = DEFAULT_LIMITS) -> Iterator[Piece]:
    """Every object of a stream, in order, and a piece with a finding wherever one cannot be cut.

    Args:
        chunks: the bytes, in pieces of any size; larger ones are faster (1 MiB is a good size).
        limits: what one object may be; memory stays below about three times `object_bytes` and a chunk.
    """
    window = Window(chunks, limits.object_bytes)
    if not window.starts_as_utf_8():
        yield _break_piece("line 1", 0, "the text is not UTF-8")
        return
    breaks = 0
    is_first = True
    while window.skip_blank():
        good, line = False, window.line_here()
        quick = _quick_line(window, limits, line)
        try:
            for piece in (quick,) if quick else _value(window, limits, is_first):
                good = good or piece.finding is None
                yield piece
        except Break as fault:
            yield _break_piece(fault.place or f"line {line}", fault.offset, fault.message)
            breaks = 0 if good else breaks + 1
            if breaks >= limits.breaks:
                yield _break_piece(f"line {window.line_here()}", window.offset, "the rest is given up")
                return
            window.go_to_next_line_with_bracket()
        else:
            breaks = 0
        is_first = False


def _is_one_value(raw: bytes, limits: Limits) -> bool:
    """True only if the bytes are one JSON value within the limits: then they were cut in the right place.

    No complete object is the beginning of another, so a parser that takes all of the bytes proves the cut. That is
    three times faster than looking for the brackets.
    """
    if raw.count(b"{") + raw.count(b"[") > limits.depth or len(raw) > limits.object_bytes:
        return False
    try:
        orjson.loads(raw)
    except ValueError:
        return False
    return True


def _quick_line(window: Window, limits: Limits, line: int) -> Piece | None:
    """The object that this line is, where it is exactly one and no bundle."""
    start = window.at
    end = window.held.find(b"\n", start, start + _QUICK_BYTES)
    if end < 0 or window.held[start] != _OPEN:
        return None
    raw = window.held[start:end].rstrip()
    if b'"objects"' in raw or _BUNDLE in raw or not _is_one_value(raw, limits):
        return None
    piece = Piece(raw, f"line {line}", window.offset)
    window.at = end
    return piece


def _break_piece(place: str, offset: int, message: str, rule: str = "json.broken") -> Piece:
    return Piece(b"", place, offset, Finding("", place, rule, f"{message} (byte {offset})"))


def _value(window: Window, limits: Limits, is_first: bool) -> Iterator[Piece]:
    """The objects of one value at the top: an object's own, or those in a bundle or list."""
    window.mark = None
    first = window.held[window.at]
    if first == _OPEN_LIST:
        prefix = "" if is_first else f"line {window.line_here()} "
        window.at += 1
        yield from _members(window, limits, prefix)
    elif first != _OPEN:
        raise Break(window.offset, f"an object or a list must begin here, not {window.shown()}")
    elif (
        (one := _ON_ONE_LINE.match(window.held, window.at))
        and b'"objects"' not in one[1]
        and _BUNDLE not in one[1]
    ):
        yield _sized(one[1], f"line {window.line_here()}", window.offset, limits)
        window.at = one.end()
    else:
        yield from _object(window, limits, is_first)


def _sized(raw: bytes, place: str, offset: int, limits: Limits) -> Piece:
    if len(raw) > limits.object_bytes:
        return _break_piece(place, offset, *_too_much(TooMuch.BYTES, limits))
    return Piece(raw, place, offset)


def _too_much(what: TooMuch, limits: Limits) -> tuple[str, str]:
    if what is TooMuch.DEPTH:
        return f"the object is deeper than {limits.depth} brackets", "json.depth"
    return f"the object is larger than {limits.object_bytes} bytes", "json.size"


def _object(window: Window, limits: Limits, is_first: bool) -> Iterator[Piece]:
    """One object at the top, member by member, for it may be a bundle larger than memory."""
    place = f"line {window.line_here()}"
    start, window.mark = window.offset, window.at
    window.at += 1
    type_, is_bundle = b"", False
    while _is_at_member(window):
        key = _key(window)
        if key == b"objects" and type_ in (b"", _BUNDLE) and window.held[window.at] == _OPEN_LIST:
            is_bundle, window.mark = True, None
            window.at += 1
            yield from _members(window, limits, "objects" if is_first else f"{place} objects")
            continue
        at = window.offset
        too_much = _skip_member(window, limits, is_bundle)
        if too_much:
            yield _break_piece(place, start, *_too_much(too_much, limits))
            window.go_to_next_line_with_bracket()
            return
        if key == b"type" and window.mark is not None:
            type_ = window.held[window.at - (window.offset - at) : window.at]
    window.at += 1
    if is_bundle or type_ == _BUNDLE:
        return
    if window.mark is None:
        yield _break_piece(place, start, *_too_much(TooMuch.BYTES, limits))
    else:
        yield _sized(window.held[window.mark : window.at], place, start, limits)


def _is_at_member(window: Window) -> bool:
    """Go over blanks and commas; False at the bracket that closes the object."""
    while True:
        if not window.skip_blank():
            raise Break(window.offset, "the text ends inside an object")
        if window.held[window.at] != _COMMA:
            return window.held[window.at] != _CLOSE
        window.at += 1


def _skip_member(window: Window, limits: Limits, is_bundle: bool) -> TooMuch | None:
    """Go behind a member's value; a bundle's own members may be as large as they like, for nobody reads them."""
    walk = Walk(window, 1, limits.depth, limits.object_bytes)
    too_much = walk.run()
    while too_much and is_bundle:
        too_much = walk.run()
    return too_much


def _key(window: Window) -> bytes:
    """The name of the next member; the window stands at its value then."""
    while True:
        found = _KEY.match(window.held, window.at)
        if found:
            window.at = found.end()
            return found[1]
        so_far = _KEY_SO_FAR.match(window.held, window.at)
        unfinished = so_far is not None and so_far.end() == len(window.held)
        if window.ended or not unfinished or len(window.held) - window.at > _LONGEST_NAME_BYTES:
            raise Break(window.offset, f"the name of a member must stand here, not {window.shown()}")
        window.fill()


def _members(window: Window, limits: Limits, prefix: str) -> Iterator[Piece]:
    """The members of a list; the window stands behind its bracket at first, behind the closing one at last."""
    number, empty, joint = 0, True, b""
    while True:
        if joint and (raw := _quick_member(window, limits, joint)):
            yield Piece(raw, f"{prefix}[{number}]", window.offset)
            window.at += len(raw) + joint.index(b"{") - 1
            number += 1
            continue
        member = _MEMBER.match(window.held, window.at)
        if member:
            yield _sized(member[1], f"{prefix}[{number}]", window.before + member.start(1), limits)
            window.at = member.end()
        elif not window.skip_blank():
            raise Break(window.offset, "the text ends inside a list", f"{prefix}[{number}]")
        elif window.held[window.at] == _CLOSE_LIST:
            if not empty:
                yield _break_piece(f"{prefix}[{number}]", window.offset, "a comma with nothing behind it")
            window.at += 1
            return
        elif window.held[window.at] == _COMMA:
            yield _break_piece(f"{prefix}[{number}]", window.offset, "a comma with nothing before it")
        else:
            yield from _member(window, limits, f"{prefix}[{number}]")
        number, empty = number + 1, False
        if not window.skip_blank() or window.held[window.at] not in (_COMMA, _CLOSE_LIST):
            raise Break(
                window.offset, f"a comma or bracket must follow, not {window.shown()}", f"{prefix}[{number}]"
            )
        window.at += 1
        if window.held[window.at - 1] == _CLOSE_LIST:
            return
        joint = _joint(window)


def _joint(window: Window) -> bytes:
    """What stands between two members: a closing bracket, a comma, and the first name of the next one.

    Most writers put the same there again and again, so it tells where to look for the end of the next member.
    The window is moved to the beginning of the next member.
    """
    window.skip_blank()
    last = window.held.rfind(b"}", 0, window.at)
    name = _FIRST_NAME.match(window.held, window.at)
    between = window.held[last : name.end()] if name and last >= 0 else b""
    return between if between.count(b",") == 1 and len(between) < _LONGEST_JOINT_BYTES else b""


def _quick_member(window: Window, limits: Limits, joint: bytes) -> bytes | None:
    """The bytes of the next member, where the joint is found behind it and it is one value; else None."""
    end = window.held.find(joint, window.at, window.at + _QUICK_BYTES) + 1
    raw = window.held[window.at : end] if end else b""
    return raw if raw and _is_one_value(raw, limits) else None


def _member(window: Window, limits: Limits, place: str) -> Iterator[Piece]:
    """One member that the quick expression does not take: cut by a chunk, deep, large, or no object."""
    start, window.mark = window.offset, window.at
    walk = Walk(window, 0, limits.depth, limits.object_bytes)
    try:
        too_much = walk.run()
        if too_much:
            yield _break_piece(place, start, *_too_much(too_much, limits))
            while walk.run():
                pass
        elif window.mark is not None:
            yield Piece(window.held[window.mark : window.at], place, start)
    except Break as fault:
        raise Break(fault.offset, fault.message, place) from None
    finally:
        window.mark = None
