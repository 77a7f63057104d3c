import re

import pytest

from hilf.stix.window import Break, TooMuch, Walk, Window, balanced


def window(data: bytes, hold_bytes: int = 1000) -> Window:
    made = Window(iter([data[i : i + 3] for i in range(0, len(data), 3)]), hold_bytes)
    made.starts_as_utf_8()
    return made


@pytest.mark.parametrize("value", [b"{}", b"[[],{}]", b'"a]\\""', b"12.5", b"true", b'{"a":[1,{"b":"}"}]}'])
def test_walk_ends_right_behind_the_value(value: bytes) -> None:
    reader = window(value + b",x")
    assert Walk(reader, 0, 64, 1000).run() is None
    assert reader.offset == len(value)


def test_walk_is_taken_up_again_behind_a_limit() -> None:
    reader = window(b'[[[["x"]]]],{}')
    walk = Walk(reader, 0, 3, 1000)
    assert (walk.run(), walk.run(), reader.offset) == (TooMuch.DEPTH, None, 11)


def test_open_brackets_around_the_value_count_towards_the_depth() -> None:
    assert Walk(window(b"[[]]"), 1, 3, 1000).run() is None
    assert Walk(window(b"[[]]"), 2, 3, 1000).run() is TooMuch.DEPTH


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        (b"[1}", 2, "'}' closes what another bracket opened"),
        (b'["a\nb"]', 3, "a line ends inside a string"),
        (b"[[] 1]", 4, "a comma or bracket must follow, not '1]'"),
        (b"[1", 2, "the text ends inside a value"),
        (b"[[]", 3, "the text ends inside a value"),
        (b",", 0, "a value must stand here, not ','"),
    ],
)
def test_break_has_the_offset_and_says_why(text: bytes, offset: int, message: str) -> None:
    with pytest.raises(Break) as fault:
        Walk(window(text), 0, 64, 1000).run()
    assert (fault.value.offset, fault.value.message) == (offset, message)


def test_marked_bytes_are_held_until_they_are_too_many() -> None:
    reader = Window(iter([b"[", b"1," * 40_000, b"1," * 40_000, b"1]"]), 100_000)
    reader.fill()
    reader.mark = 0
    assert Walk(reader, 0, 64, 100_000).run() is TooMuch.BYTES


def test_lines_are_counted_once_also_when_going_back() -> None:
    reader = window(b'x\n{"a":\n\n1\n{}')
    assert reader.line_here() == 1
    reader.go_to_next_line_with_bracket()
    assert (reader.offset, reader.line_here()) == (2, 2)
    reader.mark, reader.at = reader.at, reader.at + 8
    assert reader.line_here() == 4
    reader.go_to_next_line_with_bracket()
    assert (reader.offset, reader.line_here()) == (11, 5)


def test_balanced_expression_knows_its_levels() -> None:
    expression = re.compile(balanced(2))
    assert expression.fullmatch(b'{"a":[1,"]"]}')
    assert not expression.fullmatch(b'{"a":[[1]]}')
    assert not expression.fullmatch(b'{"a":[1}')
