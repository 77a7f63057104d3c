import json
import time
import tracemalloc
from collections.abc import Iterator

import pytest

from hilf.stix.bounds import DEPTH
from hilf.stix.split import Limits, Piece, split
from tests.stix.objects import indicator

ONE = json.dumps({"type": "a", "n": 1}, separators=(",", ":")).encode()
TWO = b'{"type":"b","text":"} ] \\" \\\\ [ {","list":[1,[2]]}'
THREE = b'{"type": "c",\n "nested": {"deep": [{"x": [[]]}]}}'
OBJECTS = [ONE, TWO, THREE]
SIZES = [1, 2, 7, 64, 1 << 20]


def chunks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[i : i + size] for i in range(0, len(data), size))


def pieces(data: bytes, size: int = 1 << 20, limits: Limits | None = None) -> list[Piece]:
    return list(split(chunks(data, size), limits or Limits()))


def cut(data: bytes, size: int = 1 << 20) -> list[tuple[bytes, str]]:
    return [(piece.raw, piece.place) for piece in pieces(data, size)]


def rules(found: list[Piece]) -> list[tuple[str, str]]:
    return [(piece.place, piece.finding.rule) for piece in found if piece.finding]


def good(found: list[Piece]) -> list[bytes]:
    return [piece.raw for piece in found if piece.finding is None]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "bundle",
    [
        b'{"type":"bundle","id":"bundle--1","objects":[%s]}',
        b'{"objects":[%s],"id":"bundle--1","type":"bundle"}',
        b'\xef\xbb\xbf{ "x_own" : [{"objects": [1]}, "]"] , "type" : "bundle" ,\n"objects"\t: [ %s ] }\r\n',
    ],
)
def test_members_of_a_bundle_are_cut_to_the_byte_whatever_the_order(bundle: bytes, size: int) -> None:
    data = bundle % b" , \n".join(OBJECTS)
    assert cut(data, size) == [(raw, f"objects[{n}]") for n, raw in enumerate(OBJECTS)]
    assert [data[piece.offset :][: len(piece.raw)] for piece in pieces(data, size)] == OBJECTS


@pytest.mark.parametrize("size", SIZES)
def test_list_lines_concatenation_and_single_object_are_cut_to_the_byte(size: int) -> None:
    assert cut(b"[" + b",".join(OBJECTS) + b"]", size) == [(raw, f"[{n}]") for n, raw in enumerate(OBJECTS)]
    assert cut(b"\n\n".join(OBJECTS), size) == [(ONE, "line 1"), (TWO, "line 3"), (THREE, "line 5")]
    assert cut(b"".join(OBJECTS), size) == [(ONE, "line 1"), (TWO, "line 1"), (THREE, "line 1")]
    assert cut(b"\r\n".join(OBJECTS) + b"\r\n", size) == [(ONE, "line 1"), (TWO, "line 2"), (THREE, "line 3")]
    assert cut(THREE, size) == [(THREE, "line 1")]


@pytest.mark.parametrize("size", SIZES)
def test_equal_writers_joint_does_not_cut_inside_an_object(size: int) -> None:
    inner = b'{"type":"x","list":[{"type":"y"},{"type":"z"},{"type":"}"}],"text":"},{\\"type\\""}'
    data = b'{"type":"bundle","objects":[' + b",".join([ONE, ONE, inner, ONE, inner]) + b"]}"
    assert [raw for raw, _ in cut(data, size)] == [ONE, ONE, inner, ONE, inner]


@pytest.mark.parametrize("size", SIZES)
def test_second_bundle_and_second_list_name_their_line(size: int) -> None:
    data = b'{"type":"bundle","objects":[{"a":1}]}\n{"type":"bundle","objects":[{"b":1},{"c":1}]}\n[{"d":1}]'
    assert cut(data, size) == [
        (b'{"a":1}', "objects[0]"),
        (b'{"b":1}', "line 2 objects[0]"),
        (b'{"c":1}', "line 2 objects[1]"),
        (b'{"d":1}', "line 3 [0]"),
    ]


def test_object_with_objects_that_is_no_bundle_stays_whole() -> None:
    observed = b'{"type":"observed-data","objects":{"0":{"type":"file"}}}'
    custom = b'{"type":"x-own","objects":[{"a":1}]}'
    assert cut(observed + b"\n" + custom) == [(observed, "line 1"), (custom, "line 2")]


@pytest.mark.parametrize("nothing", [b"", b" \n", b"\xef\xbb\xbf", b"[]", b'{"type":"bundle","id":"bundle--1"}',
                                     b'{"type":"bundle","objects":[ ]}'])  # fmt: skip
def test_where_nothing_is_there_is_no_piece(nothing: bytes) -> None:
    assert pieces(nothing) == []


def test_scalar_members_are_left_to_the_reader() -> None:
    assert cut(b'[1, "a,]", null, [], {"a":1}]') == [
        (b"1", "[0]"), (b'"a,]"', "[1]"), (b"null", "[2]"), (b"[]", "[3]"), (b'{"a":1}', "[4]")
    ]  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
def test_million_brackets_are_refused_at_once(size: int) -> None:
    data = b"[" * (1_000_000 if size > 1000 else 1000)
    began = time.process_time()
    found = pieces(data, size)
    assert time.process_time() - began < 0.5
    assert rules(found) == [("[0]", "json.depth"), ("[0]", "json.broken")]


def test_too_deep_object_is_a_finding_and_the_next_one_is_cut() -> None:
    deep = b'{"a":' * (DEPTH + 1) + b"1" + b"}" * (DEPTH + 1)
    fits = b'{"a":' * DEPTH + b"1" + b"}" * DEPTH
    for data in (b"[" + deep + b"," + fits + b"]", deep + b"\n" + fits):
        found = pieces(data)
        assert ([rule for _, rule in rules(found)], good(found)) == (["json.depth"], [fits])


@pytest.mark.parametrize("size", [7, 64, 1 << 20])
def test_too_large_object_is_a_finding_and_the_next_one_is_cut(size: int) -> None:
    limits = Limits(object_bytes=1000)
    large = b'{"a":"' + b"x" * 1000 + b'"}'
    many = b'{"a":[' + b'{"b":1},' * 200 + b"1]}"
    fits = b'{"a":"' + b"x" * 992 + b'"}'
    for each in (large, many, b'{"a":1' + b" " * 1000 + b"}"):
        for data in (b"[" + each + b"," + fits + b"]", each + b"\n" + fits + b"\n"):
            found = pieces(data, size, limits)
            assert ([rule for _, rule in rules(found)], good(found)) == (["json.size"], [fits])


@pytest.mark.parametrize("size", [1, 1 << 20])
def test_everything_before_a_break_is_kept_and_the_break_has_a_place(size: int) -> None:
    found = pieces(b'{"type":"bundle","objects":[{"a":1},{"b":[1}},{"c":1}]}', size)
    assert good(found) == [b'{"a":1}']
    assert [piece.finding and piece.finding.message for piece in found if piece.finding] == [
        "'}' closes what another bracket opened (byte 43)"
    ]
    assert rules(found) == [("objects[1]", "json.broken")]


@pytest.mark.parametrize("size", [1, 1 << 20])
@pytest.mark.parametrize(
    "bad",
    [b'{"a":{"b":1}', b'{"a":[1,2', b'{"a":"x', b'{"a":', b'{"a', b"hello", b'{"a":1]', b"}", b'{"a":"\\', b'"text"', b'{"a":[1}]}'],
)  # fmt: skip
def test_damaged_line_does_not_swallow_its_neighbours(bad: bytes, size: int) -> None:
    found = pieces(ONE + b"\n" + bad + b"\n" + TWO + b"\n" + ONE, size)
    assert good(found) == [ONE, TWO, ONE]
    assert rules(found) == [("line 2", "json.broken")]
    assert [piece.place for piece in found if piece.finding is None] == ["line 1", "line 3", "line 4"]


def test_truncated_bundle_keeps_its_whole_objects() -> None:
    data = b'{"type":"bundle","objects":[' + ONE + b"," + TWO[:-5]
    found = pieces(data)
    assert (good(found), rules(found)) == ([ONE], [("objects[1]", "json.broken")])


def test_commas_with_nothing_between_are_findings_and_the_rest_is_cut() -> None:
    found = pieces(b"[{},,{},]")
    assert good(found) == [b"{}", b"{}"]
    assert rules(found) == [("[1]", "json.broken"), ("[3]", "json.broken")]


def test_after_many_breaks_in_a_row_the_rest_is_given_up() -> None:
    found = pieces(b"[}\n" * 1000, limits=Limits(breaks=10))
    assert len(found) == 11
    assert found[-1].finding is not None
    assert found[-1].finding.message.startswith("the rest is given up")


@pytest.mark.parametrize("text", ['{"a":1}'.encode("utf-16"), '{"a":1}'.encode("utf-16-le"), b"\0\0\0\0"])
def test_other_encodings_are_refused_by_name(text: bytes) -> None:
    found = pieces(text)
    assert [piece.finding and piece.finding.message for piece in found] == ["the text is not UTF-8 (byte 0)"]


def test_memory_does_not_grow_with_the_stream() -> None:
    one = json.dumps(indicator()).encode()

    def stream(objects: int) -> Iterator[bytes]:
        yield b'{"type":"bundle","objects":[' + one
        for _ in range(objects):
            yield b"," + one
        yield b"]}"

    tracemalloc.start()
    count = sum(1 for _ in split(stream(20_000)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_001
    assert peak < 2_000_000


def test_unread_member_of_a_bundle_is_not_held() -> None:
    def stream() -> Iterator[bytes]:
        yield b'{"type":"bundle","objects":[{"a":1}],"x_own":"'
        for _ in range(400):
            yield b"x" * 65536
        yield b'","more":[{"a":1}]}'

    tracemalloc.start()
    found = list(split(stream()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert good(found) == [b'{"a":1}']
    assert peak < 2_000_000


def test_blanks_without_end_inside_an_object_are_not_held() -> None:
    def stream() -> Iterator[bytes]:
        yield b'{"a":1'
        for _ in range(400):
            yield b" " * 65536
        yield b'}\n{"b":1}'

    tracemalloc.start()
    found = list(split(stream(), Limits(object_bytes=100_000)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (good(found), rules(found)) == ([b'{"b":1}'], [("line 1", "json.size")])
    assert peak < 2_000_000
