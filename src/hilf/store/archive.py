r"""The file of a backup: one zstd frame over lines of JSON, the same for both databases.

    {"hilf_backup": 1, "hilf": …, "migration": …, "node": …, "fingerprint": …, "taken": …, …}       the head
    {"table": "object", "columns": ["seq", "id_key", …]}                                             a table begins
    [1, 4711, "indicator--…", …, {"t": "{\"type\": …}"}, null]                                         one row
    {"end": 1, "tables": {"object": {"rows": 1, "sha256": …}, …}, "kid": …, "value": …}              the end, signed

Text, whole numbers and null stand as they are, booleans as 0 and 1; bytes are {"t": TEXT} where they are UTF-8, else
{"b": BASE64}. `sha256` is over the lines of the table's rows. `zstd -dc FILE | head` shows one to a person. A file without
its end was cut. Decides nothing about what the rows mean: that is `store/copy`; who may sign is `node/backup`.
"""

import base64
import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson
import zstandard

from hilf.errors import OperatorFault

VERSION: Final = 1
LEVEL: Final = 3
"""Packs STIX about 6 times smaller at 200 MB/s; higher levels cost more than the disk."""

_MOST_WINDOW: Final = 2**27
MOST_LINE_BYTES: Final = 2**27
"""Longest line of a backup: the largest body of a partner (8 MiB), twice in a row and all of it escaped, is shorter."""

Row = Sequence[Any]
End = Mapping[str, Mapping[str, Any]]
"""Table → {"rows": how many, "sha256": of their lines}."""


@dataclass(slots=True)
class Writer:
    """A backup being written; `tables` is what its end will say."""

    _out: zstandard.ZstdCompressionWriter
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)

    def table(
        self, name: str, columns: Sequence[str], rows: Iterable[Row], told: Callable[[int], None]
    ) -> None:
        """Write one table; `told` hears how many rows were written since."""
        self._out.write(_line({"table": name, "columns": list(columns)}))
        digest, count = hashlib.sha256(), 0
        for row in rows:
            line = orjson.dumps(row, default=_bytes, option=orjson.OPT_APPEND_NEWLINE)
            digest.update(line)
            self._out.write(line)
            count += 1
            if count % 10_000 == 0:
                told(10_000)
        told(count % 10_000)
        self.tables[name] = {"rows": count, "sha256": digest.hexdigest()}


def write(
    path: Path,
    head: Mapping[str, object],
    fill: Callable[[Writer], None],
    sign: Callable[[dict[str, Any], dict[str, Any]], Mapping[str, object]],
) -> None:
    """Write a backup at `path`, complete and on the disk, or not at all; only its owner may read it.

    Args:
        path: a file that does not exist yet.
        head: what the first line says beside "hilf_backup".
        fill: writes the tables.
        sign: gives the end, signed, for the tables and the head.

    Raises:
        OperatorFault: "backup.cannot-write".
    """
    partial = path.with_name(path.name + ".partial")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as raw:
                packer = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
                with packer.stream_writer(raw, closefd=False) as out:
                    first = {"hilf_backup": VERSION, **head}
                    out.write(_line(first))
                    writer = Writer(out)
                    fill(writer)
                    out.write(_line({"end": 1, **sign(writer.tables, first)}))
                raw.flush()
                os.fsync(raw.fileno())
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OperatorFault(
            "backup.cannot-write",
            f"{error.filename or path} cannot be written: {error.strerror}.",
            "No backup was made; nothing is left behind.",
            "Make room or name another place with --out.",
        ) from error


def _line(value: Mapping[str, object]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def _bytes(value: object) -> object:
    if not isinstance(value, bytes | memoryview):
        raise TypeError(type(value).__name__)
    data = bytes(value)
    try:
        return {"t": data.decode()}
    except UnicodeDecodeError:
        return {"b": base64.b64encode(data).decode()}


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a backup; its rows must be read before the next one comes."""

    name: str
    columns: tuple[str, ...]
    rows: Iterator[list[Any]]


class Reader:
    """A backup being read: `head` first, then `tables()`, then `end`.

    Attributes:
        head: what the first line says.
        end: what the last line says, once all tables are read.
    """

    def __init__(self, lines: Iterator[bytes], path: Path) -> None:
        self._lines = lines
        self._path = path
        self._ahead: Any = None
        self.end: dict[str, Any] = {}
        self._begun = False
        head = self._next()
        if head.get("hilf_backup") != VERSION:
            raise OperatorFault(
                "backup.version",
                f"{path} is written in edition {str(head.get('hilf_backup'))[:20]} of the backup format.",
                f"This hilf reads edition {VERSION}.",
                "Restore it with the version of hilf that wrote it, or a newer one.",
            )
        self.head: dict[str, Any] = head

    def tables(self) -> Iterator[Table]:
        """Each table in turn; checks the count and the hash of its rows when they are read, and that the end is there.

        Raises:
            OperatorFault: "backup.damaged": cut, altered, or no longer readable.
        """
        read: dict[str, dict[str, Any]] = {}
        while "end" not in (begin := self._next()):
            name, columns = str(begin["table"]), tuple(map(str, begin["columns"]))
            read[name] = {}
            yield Table(name, columns, self._rows(read[name]))
        self.end = begin
        if begin.get("tables") != read:
            raise damaged(self._path, "rows are missing or altered")

    def _rows(self, read: dict[str, Any]) -> Iterator[list[Any]]:
        digest, count = hashlib.sha256(), 0
        while True:
            line = next(self._lines, b"")
            if not line.startswith(b"["):
                self._ahead = line
                break
            digest.update(line)
            count += 1
            row = self._parsed(line)
            assert isinstance(row, list)  # noqa: S101  # it begins with a bracket
            yield [_value(each) if isinstance(each, dict) else each for each in row]
        read.update(rows=count, sha256=digest.hexdigest())

    def _next(self) -> dict[str, Any]:
        line, self._ahead = (self._ahead or next(self._lines, b"")), None
        if not line:
            raise damaged(self._path, "its end is missing") if self._begun else _no_backup(self._path)
        value: object = self._parsed(line)
        if not isinstance(value, dict) or not {"hilf_backup", "table", "end"} & value.keys():
            raise damaged(self._path, "a line is none of a backup") if self._begun else _no_backup(self._path)
        self._begun = True
        return value

    def _parsed(self, line: bytes) -> object:
        try:
            value: object = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise (
                damaged(self._path, "a line is no JSON") if self._begun else _no_backup(self._path)
            ) from error
        return value


def _value(value: dict[str, str]) -> bytes:
    return value["t"].encode() if "t" in value else base64.b64decode(value["b"], validate=True)


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """A backup to read.

    Raises:
        OperatorFault: "backup.unreadable", "backup.none", "backup.version" or "backup.damaged".
    """
    try:
        raw = path.open("rb")
    except OSError as error:
        raise OperatorFault(
            "backup.unreadable", f"{path} cannot be read: {error.strerror}.", "", "Name another file."
        ) from error
    with raw:
        unpacked = zstandard.ZstdDecompressor(max_window_size=_MOST_WINDOW).stream_reader(raw)
        yield Reader(_lines(io.BufferedReader(unpacked, 2**20), path), path)


def _lines(unpacked: io.BufferedReader, path: Path) -> Iterator[bytes]:
    begun = False
    try:
        while line := unpacked.readline(MOST_LINE_BYTES):
            if len(line) == MOST_LINE_BYTES:
                raise damaged(path, "a line has no end") if begun else _no_backup(path)
            yield line
            begun = True
    except zstandard.ZstdError as error:
        raise damaged(path, str(error)) if begun else _no_backup(path) from error


def damaged(path: Path, how: str) -> OperatorFault:
    """The fault of a backup that cannot be trusted."""
    return OperatorFault(
        "backup.damaged",
        f"{path} is damaged: {how}.",
        "Nothing was restored from it.",
        "Take an older backup, or another copy of this one.",
    )


def _no_backup(path: Path) -> OperatorFault:
    return OperatorFault(
        "backup.none", f"{path} is no backup of hilf.", "", "Name a file that hilf backup --out has written."
    )
