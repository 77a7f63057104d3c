"""Files and feeds to take in: opened, looked at, read piece by piece.

Says at once, before anything is written, when something is no file, cannot be read, is empty or is no JSON at all
(the first character must be a bracket). What stands behind the bracket is judged object by object.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from hilf.errors import CallerFault, OperatorFault
from hilf.wire import feed

PIECE_BYTES = 1 << 20
STDIN = "-"
_BRACKETS = (b"{", b"[")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Material:
    """One file, open; `size_bytes` is None where it cannot be known before the end."""

    name: str
    size_bytes: int | None
    pieces: Iterator[bytes]


def look_at(names: tuple[str, ...]) -> int | None:
    """Check all files before the first is read; their bytes in all, None where one is a pipe, which is looked at later.

    Raises:
        CallerFault: for the first that cannot be taken in.
    """
    size_bytes: int | None = 0
    for name in names:
        if _is_pipe(name):
            size_bytes = None
            continue
        with _open(name) as stream:
            _first_piece(name, stream)
        if size_bytes is not None:
            size_bytes += Path(name).stat().st_size
    return size_bytes


@contextmanager
def opened(name: str) -> Iterator[Material]:
    """One file (`-` for standard input) or https address, its first bytes looked at.

    Raises:
        CallerFault: codes "import.url", "import.no-file", "import.empty", "import.not-json".
        OperatorFault: codes "import.unreadable": the disk or the line fails while it is read, "import.feed".
    """
    with _open(name) as stream:
        first = _first_piece(name, stream)
        size = None if _is_pipe(name) else Path(name).stat().st_size
        yield Material(name, size, _pieces(name, first, stream))


def _is_pipe(name: str) -> bool:
    return name == STDIN or _is_address(name) or Path(name).is_fifo()


def _is_address(name: str) -> bool:
    return name.startswith(("http://", "https://"))


@contextmanager
def _open(name: str) -> Iterator[BinaryIO]:
    if name == STDIN:
        yield sys.stdin.buffer
        return
    if _is_address(name):
        with feed.opened(name) as stream:
            yield stream
        return
    try:
        stream = Path(name).open("rb")  # noqa: SIM115 closed below, where it could be opened
    except OSError as error:
        raise CallerFault(
            "import.no-file",
            f"{name} cannot be opened: {error.strerror}.",
            "",
            "Check the name and the rights; - reads standard input.",
        ) from error
    with stream:
        yield stream


def _first_piece(name: str, stream: BinaryIO) -> bytes:
    """Bytes up to the first that is no blank, and what came with it."""
    held = b""
    while not held.removeprefix(_BYTE_ORDER_MARK).strip():
        piece = _read(name, stream)
        if not piece:
            raise CallerFault(
                "import.empty", f"{name} is empty.", "There is nothing to take in.", "Check the file."
            )
        held += piece
        if len(held) > PIECE_BYTES and not held.strip():
            held = b""
    start = held.removeprefix(_BYTE_ORDER_MARK).lstrip()
    if not start.startswith(_BRACKETS):
        raise CallerFault(
            "import.not-json",
            f"{name} is no JSON: it begins with {start[:16].decode(errors='backslashreplace')}",
            "What can be taken in is STIX 2.1 as a bundle, a list or JSON lines, in UTF-8.",
            "Name a STIX file, or convert this one first.",
        )
    return held


def _pieces(name: str, first: bytes, stream: BinaryIO) -> Iterator[bytes]:
    piece = first
    while piece:
        yield piece
        piece = _read(name, stream)


def _read(name: str, stream: BinaryIO) -> bytes:
    try:
        return stream.read(PIECE_BYTES)
    except OSError as error:
        raise OperatorFault(
            "import.unreadable",
            f"{name} cannot be read to its end: {error.strerror}.",
            "What came before is kept.",
            "Check the disk, then run the same command again: what is known already is only counted.",
        ) from error


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep the garbage collector from walking over everything again and again: it costs a third of the speed.

    What a chunk leaves behind in circles is collected when the chunk is kept.
    """
    was_enabled = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()
