"""The held part of a stream of JSON text, and a walk over one value in it.

Below `split`: where a value begins and ends, by brackets and quotes alone, without recursion and without holding
what nobody will read. A line break inside a string and anything but a comma or bracket behind a closing bracket are
faults (RFC 8259 sections 2 and 7), so that a damaged line does not swallow those that follow it.
"""

import re
from collections.abc import Iterable
from enum import Enum
from typing import Final

_FILL_BYTES: Final = 1 << 16
# What repeats possessively is itself atomic: else Python before 3.11.5, which Debian 12 has, takes "{[1}" for balanced.
_STRING: Final = rb'"(?>[^"\\\n]++|\\[^\n])*+"'

_BLANK = re.compile(rb"[ \t\r\n]*+")
_TO_BRACKET = re.compile(rb'(?>[^"\[\]{}]++|' + _STRING + rb")*+")
_IN_STRING = re.compile(rb'(?>[^"\\\n]++|\\[^\n])*+')
_OPENING = re.compile(rb"[\[{]++")
_SCALAR = re.compile(rb'[^"\[\]{},: \t\r\n]*+')
_NEXT_LINE = re.compile(rb"\n(?=[{\[])")
_CLOSER: Final = {0x5B: 0x5D, 0x7B: 0x7D}
_QUOTE: Final = 0x22
_BEHIND_A_BRACKET: Final = b",]}"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def balanced(levels: int, *, one_line: bool = False) -> bytes:
    """An expression for a value in brackets of at most that many levels; possessive, so it fails in linear time."""
    inner = (rb'[^"\[\]{}\n]++|' if one_line else rb'[^"\[\]{}]++|') + _STRING
    if levels > 1:
        inner += b"|" + balanced(levels - 1, one_line=one_line)
    return rb"(?>\{(?>" + inner + rb")*+\}|\[(?>" + inner + rb")*+\])"


class Break(Exception):  # no error: it is caught in `split` and becomes a finding
    """The stream cannot be cut at this offset."""

    def __init__(self, offset: int, message: str, place: str = "") -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message
        self.place = place


class TooMuch(Enum):
    """The limit that a value exceeds."""

    DEPTH = "depth"
    BYTES = "bytes"


class Window:
    """The part of the stream that is held.

    Attributes:
        held: the bytes.
        at: where in `held` the reader stands.
        mark: where in `held` the value begins whose bytes are wanted; None where none are, or no more because
            they are more than `hold_bytes`: then what stands before `at` may be forgotten.
        before: bytes of the stream that stood before `held`.
        ended: nothing follows `held`.
    """

    def __init__(self, chunks: Iterable[bytes], hold_bytes: int) -> None:
        self._chunks = iter(chunks)
        self._hold_bytes = hold_bytes
        self.held = b""
        self.at = 0
        self.mark: int | None = None
        self.before = 0
        self.ended = False
        self._line = 1
        self._line_at = 0

    @property
    def offset(self) -> int:
        """Where the reader stands, from the start of the stream."""
        return self.before + self.at

    def starts_as_utf_8(self) -> bool:
        """False if the first bytes can be no UTF-8 JSON text; steps over a byte order mark."""
        self.fill()
        if self.held.startswith(_BYTE_ORDER_MARK):
            self.at = len(_BYTE_ORDER_MARK)
        return not (self.held.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in self.held[:4])

    def line_here(self) -> int:
        """The line in which the reader stands, from 1."""
        self._line += self.held.count(b"\n", self._line_at, self.at)
        self._line_at = self.at
        return self._line

    def shown(self) -> str:
        """What stands here, short enough for a message."""
        return repr(self.held[self.at : self.at + 12].decode("utf-8", "replace"))

    def fill(self) -> None:
        """Hold more, and forget what is not wanted."""
        self.line_here()
        if self.mark is not None and self.at - self.mark > self._hold_bytes:
            self.mark = None
        keep_from = self.at if self.mark is None else self.mark
        parts, wanted = [self.held[keep_from:]], _FILL_BYTES
        while wanted > 0 and not self.ended:
            chunk = next(self._chunks, None)
            if chunk is None:
                self.ended = True
            else:
                parts.append(chunk)
                wanted -= len(chunk)
        self.held = b"".join(parts)
        self.before += keep_from
        self.at -= keep_from
        self._line_at = self.at
        if self.mark is not None:
            self.mark = 0

    def skip_blank(self) -> bool:
        """Go to the next byte that is no blank; False where the stream ends first."""
        while True:
            found = _BLANK.match(self.held, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.held):
                return True
            if self.ended:
                return False
            self.fill()

    def go_to_next_line_with_bracket(self) -> None:
        """Go to the next line whose first byte is an opening bracket, counted from the mark where there is one."""
        if self.mark is not None:
            self.line_here()
            self._line -= self.held.count(b"\n", self.mark, self.at)
            self.at = self._line_at = self.mark
            self.mark = None
        while True:
            found = _NEXT_LINE.search(self.held, self.at)
            if found:
                self.at = found.end()
                return
            self.at = len(self.held)
            if self.ended:
                return
            if self.held.endswith(b"\n"):
                self.at -= 1
            self.fill()


class Walk:
    """A walk over one value, that can be taken up again where a limit stopped it.

    Args:
        window: stands at the first byte of the value; if marked, the bytes from the mark on are held.
        depth: brackets that are open around the value.
        depth_limit: brackets that may be open at once.
        bytes_limit: bytes that may be held from the mark on.
    """

    def __init__(self, window: Window, depth: int, depth_limit: int, bytes_limit: int) -> None:
        self._window = window
        self._outside = self._depth = depth
        self._depth_limit = depth_limit
        self._bytes_limit = bytes_limit
        self._closers = bytearray()
        self._started = self._in_string = False
        self._limited = True
        self._holds = window.mark is not None

    def run(self) -> TooMuch | None:
        """Go behind the value; None when there.

        Where a limit is exceeded it returns that at once; run again, it goes on without limits and without holding
        anything.

        Raises:
            Break: the brackets do not match, a string does not end, or the stream ends first.
        """
        if not self._limited:
            self._window.mark = None
        if not self._started:
            self._start()
        while self._in_string or self._depth > self._outside:
            too_much = self._step_in_string() if self._in_string else self._step()
            if too_much:
                self._limited = False
                return too_much
        too_much = self._too_large()
        self._limited = self._limited and not too_much
        return too_much

    def _start(self) -> None:
        window = self._window
        self._started = True
        first = window.held[window.at]
        if first in _CLOSER:
            self._open(1)
        elif first == _QUOTE:
            window.at += 1
            self._in_string = True
        else:
            self._scalar()

    def _scalar(self) -> None:
        window = self._window
        start = window.offset
        while True:
            found = _SCALAR.match(window.held, window.at)
            window.at = found.end() if found else window.at
            if window.at < len(window.held) or window.ended:
                break
            window.fill()
        if window.offset == start:
            raise Break(start, f"a value must stand here, not {window.shown()}")

    def _too_large(self) -> TooMuch | None:
        mark = self._window.mark
        if self._limited and self._holds and (mark is None or self._window.at - mark > self._bytes_limit):
            return TooMuch.BYTES
        return None

    def _step(self) -> TooMuch | None:
        """To the next bracket or run of brackets, and over it."""
        window = self._window
        found = _TO_BRACKET.match(window.held, window.at)
        window.at = found.end() if found else window.at
        if window.at == len(window.held):
            return self._more()
        here = window.held[window.at]
        if here == _QUOTE:
            window.at += 1
            self._in_string = True
        elif here in _CLOSER:
            run = _OPENING.match(window.held, window.at)
            self._open(len(run[0]) if run else 1)
            return TooMuch.DEPTH if self._limited and self._depth > self._depth_limit else None
        else:
            self._close(here)
        return None

    def _step_in_string(self) -> TooMuch | None:
        window = self._window
        found = _IN_STRING.match(window.held, window.at)
        window.at = found.end() if found else window.at
        rest = window.held[window.at : window.at + 2]
        if rest in (b"", b"\\"):
            return self._more()
        if rest[0] != _QUOTE:
            raise Break(window.offset, "a line ends inside a string")
        window.at += 1
        self._in_string = False
        return None

    def _more(self) -> TooMuch | None:
        if self._window.ended:
            raise Break(self._window.offset, "the text ends inside a value")
        self._window.fill()
        return self._too_large()

    def _open(self, brackets: int) -> None:
        window = self._window
        room = max(0, self._depth_limit - self._depth)
        self._closers.extend(
            _CLOSER[bracket] for bracket in window.held[window.at : window.at + min(brackets, room)]
        )
        window.at += brackets
        self._depth += brackets

    def _close(self, bracket: int) -> None:
        window = self._window
        if self._depth - self._outside == len(self._closers) and self._closers.pop() != bracket:
            raise Break(window.offset, f"{chr(bracket)!r} closes what another bracket opened")
        window.at += 1
        self._depth -= 1
        if self._depth == self._outside:
            return
        if not window.skip_blank():
            raise Break(window.offset, "the text ends inside a value")
        if window.held[window.at] not in _BEHIND_A_BRACKET:
            raise Break(window.offset, f"a comma or bracket must follow, not {window.shown()}")
