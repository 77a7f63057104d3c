"""The file of a backup: what was written is read, and anything else is noticed."""

import orjson
import pytest
import zstandard

from hilf.errors import OperatorFault
from hilf.store import archive

ROWS = [
    [1, "text ünd\nlines", None, b'{"json": "ok"}', b"\xff\x00"],
    [-(2**63), "[", 2**63 - 1, b"", b"\x80"],
]


def write(path, head=None, rows=ROWS):
    archive.write(
        path,
        {"node": "cert.qm.example", **(head or {})},
        lambda out: (
            out.table("one", ("a", "b", "c", "d", "e"), rows, lambda _: None),
            out.table("two", ("a",), [], lambda _: None),
        ),
        lambda tables, first: {"tables": tables, "signed": first["node"]},
    )
    return path


def read(path):
    with archive.reading(path) as backup:
        tables = {table.name: (table.columns, list(table.rows)) for table in backup.tables()}
        return backup.head, tables, backup.end


def lines_of(path):
    data = zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read()
    return data.splitlines(keepends=True)


def code(path):
    with pytest.raises(OperatorFault) as error:
        read(path)
    return error.value.code


def test_what_was_written_is_read(tmp_path):
    head, tables, end = read(write(tmp_path / "a.hilf"))
    assert head == {"hilf_backup": 1, "node": "cert.qm.example"}
    assert tables == {"one": (("a", "b", "c", "d", "e"), ROWS), "two": (("a",), [])}
    assert (end["signed"], end["tables"]["one"]["rows"], end["tables"]["two"]["rows"]) == (
        "cert.qm.example",
        2,
        0,
    )


def test_it_is_lines_of_json_for_its_owner_only(tmp_path):
    path = write(tmp_path / "a.hilf")
    assert path.stat().st_mode & 0o777 == 0o600
    first, table, row, *_ = map(orjson.loads, lines_of(path))
    assert first["hilf_backup"] == 1
    assert table == {"table": "one", "columns": ["a", "b", "c", "d", "e"]}
    assert row == [1, "text ünd\nlines", None, {"t": '{"json": "ok"}'}, {"b": "/wA="}]


def test_a_row_that_cannot_be_written_leaves_no_file(tmp_path):
    with pytest.raises(TypeError):
        write(tmp_path / "a.hilf", rows=[[object()]])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(OperatorFault) as error:
        write(tmp_path / "none" / "a.hilf")
    assert error.value.code == "backup.cannot-write"


def repacked(path, lines):
    path.write_bytes(zstandard.ZstdCompressor().compress(b"".join(lines)))
    return path


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[:-1],
        lambda lines: [*lines[:2], *lines[3:]],
        lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]],
        lambda lines: [lines[0], lines[1].replace(b'"one"', b'"own"'), *lines[2:]],
        lambda lines: [*lines[:2], lines[2].replace(b"text", b"test"), *lines[3:]],
        lambda lines: [*lines[:3], b"[1,\n", *lines[3:]],
        lambda lines: [*lines[:4], b'{"x": 1}\n', *lines[4:]],
        lambda lines: [*lines[:4], b"\n", *lines[4:]],
    ],
)
def test_what_was_cut_or_altered_is_noticed(tmp_path, change):
    path = write(tmp_path / "a.hilf")
    assert code(repacked(path, change(lines_of(path)))) == "backup.damaged"


@pytest.mark.parametrize("keep", [0.3, 0.9, 0.99])
def test_a_file_that_ends_too_early_is_noticed(tmp_path, keep):
    path = write(tmp_path / "a.hilf", rows=[[n, str(n), None, b"", b""] for n in range(100_000)])
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    assert code(path) == "backup.damaged"


def test_a_flipped_byte_is_noticed(tmp_path):
    path = write(tmp_path / "a.hilf", rows=[[n, str(n), None, b"", b""] for n in range(100_000)])
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert code(path) == "backup.damaged"


@pytest.mark.parametrize(
    "data",
    [b"", b"no backup", b'{"hilf_backup": 1}\n', zstandard.compress(b"{}\n"), zstandard.compress(b"x\n")],
)
def test_what_is_no_backup_is_said_to_be_none(tmp_path, data):
    path = tmp_path / "a.hilf"
    path.write_bytes(data)
    assert code(path) == "backup.none"


def test_another_edition_is_refused(tmp_path):
    path = write(tmp_path / "a.hilf")
    lines = lines_of(path)
    assert (
        code(repacked(path, [lines[0].replace(b'"hilf_backup":1', b'"hilf_backup":2'), *lines[1:]]))
        == "backup.version"
    )


def test_a_file_that_is_not_there_is_said(tmp_path):
    assert code(tmp_path / "none.hilf") == "backup.unreadable"
