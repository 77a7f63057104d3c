import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hilf.errors import PartnerFault
from hilf.federation.limits import BODY_VALUES, DEFAULT, Limits, may_travel, most_values, scan

MIB = 2**20
SMALL = Limits(values=10, string_bytes=20)


def scanned(text: bytes, limits: Limits = DEFAULT) -> str:
    try:
        scan(text, limits)
    except PartnerFault as fault:
        return fault.rule
    return "taken"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (b"[" * 32 + b"]" * 32, "taken"),
        (b"[" * 33 + b"]" * 33, "json: depth"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "json: depth"),
        (b'[{"a":' * 16 + b"1" + b"}]" * 16, "taken"),
        (b'[{"a":' * 16 + b"[]" + b"}]" * 16, "json: depth"),
        (b"[" * 33, "json: depth"),
        (b"[[]," * 33, "json: depth"),
        (b"[[]," * 33 + b"1" + b"]" * 33, "json: depth"),
        (b"[[]," * 31 + b"1" + b"]" * 31, "taken"),
        (b"[[]" * 20 + b"[" * 20 + b"]" * 20, "json: unbalanced"),
        (b"[]" * 100, "taken"),
        (b"[" * 32, "json: unbalanced"),
        (b"]", "json: unbalanced"),
        (b"][", "json: unbalanced"),
        (b'["' + b"[" * 40 + b'"]', "taken"),
        (b'["\\"' + b"[" * 40 + b'"]', "taken"),
        (b'["\\\\"' + b"[" * 40 + b"]", "json: depth"),
        (b'["\\\\\\"' + b"[" * 40 + b'"]', "taken"),
        (b'["' + b"[" * 40, "json: unbalanced"),
    ],
)
def test_depth_is_counted_outside_of_strings(text: bytes, rule: str) -> None:
    assert scanned(text) == rule


def depth_that_a_parser_reaches(text: str) -> tuple[int, bool]:
    """Read byte by byte: how deep it goes before it must stop, and whether all brackets and strings were closed."""
    depth = deepest = 0
    inside = False
    place = 0
    while place < len(text):
        mark = text[place]
        if inside:
            place += mark == "\\"
            inside = mark != '"'
        elif mark == "\\":
            return deepest, False
        elif mark == '"':
            inside = True
        else:
            depth += (mark in "[{") - (mark in "]}")
            deepest = max(deepest, depth)
            if depth < 0:
                return deepest, False
        place += 1
    return deepest, depth == 0 and not inside


@given(st.text('[]{}"\\,a', max_size=60))
@example('"\\\\"[[[')
@example('\\"[[["')
def test_nothing_deeper_than_the_limit_reaches_a_parser(text: str) -> None:
    deepest, closed = depth_that_a_parser_reaches(text)
    outcome = scanned(text.encode(), Limits(depth=2))
    if deepest > 2:
        assert outcome in {"json: depth", "json: unbalanced"}
    elif closed:
        assert outcome == "taken"


@pytest.mark.parametrize("offset", range(-6, 3))
@pytest.mark.parametrize("escape", [b'\\"', b"\\\\", b'\\\\\\"', b"\\\\\\\\", b'\\\\\\\\\\"', b"\\n"])
def test_an_escape_at_the_edge_of_a_piece_is_one_escape(escape: bytes, offset: int) -> None:
    inside = b'"' + b"a" * (MIB - 1 + offset) + escape + b"[" * 40 + b'"'
    assert scanned(inside) == "taken"
    outside = inside + b"[" * 40
    assert scanned(outside) == "json: depth"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (b"[1,2,3,4,5,6,7,8,9,10]", "taken"),
        (b"[1,2,3,4,5,6,7,8,9,10,11]", "json: too many values"),
        (b"[[],[],[],[],[],[]]", "json: too many values"),
        (b'""' * 21, "taken"),
        (b'""' * 22, "json: too many values"),
        (b'["' + b"," * 20 + b'"]', "taken"),
        (b'["' + b"a" * 20 + b'"]', "taken"),
        (b'["' + b"a" * 21 + b'"]', "json: string too long"),
        (b'["' + b"a" * 21, "json: string too long"),
        (b'{"' + b"a" * 21 + b'":1}', "json: string too long"),
        (b'["a",' + b" " * 30 + b'"b"]', "taken"),
    ],
)
def test_values_and_strings_are_bounded(text: bytes, rule: str) -> None:
    assert scanned(text, SMALL) == rule


@pytest.mark.parametrize(("longest", "rule"), [(3 * MIB, "taken"), (3 * MIB - 1, "json: string too long")])
def test_a_string_that_spans_pieces_is_measured_whole(longest: int, rule: str) -> None:
    assert scanned(b'["x","' + b"a" * (3 * MIB) + b'","y"]', Limits(string_bytes=longest)) == rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (b"[" * 10**6, "json: depth"),
        (b"[" * 10**6 + b"]" * 10**6, "json: depth"),
        (b'{"a":' * 10**6, "json: depth"),
        (b"[]," * 10**6, "taken"),
        (b'"' * 10**6, "taken"),
        (b"\\" * 10**6, "taken"),
        (b'"' + b'\\"' * 10**6, "taken"),
        ((b"[" * 31 + b"]" * 31 + b",") * 30_000, "taken"),
    ],
)
def test_a_text_made_to_be_slow_is_scanned_in_a_moment(text: bytes, rule: str) -> None:
    started = time.process_time()
    assert scanned(text) == rule
    assert time.process_time() - started < 1


def act_of_depth(depth: int, inside: str = "") -> bytes:
    return (b'{"a":' * (depth - 1)) + b'{"b":"' + inside.encode() + b'"}' + b"}" * (depth - 1)


def test_an_act_may_be_so_deep_that_it_can_be_given_back_and_no_deeper() -> None:
    deepest = DEFAULT.depth - len(("answer", "given", "with its proof"))
    assert may_travel(act_of_depth(deepest))
    assert not may_travel(act_of_depth(deepest + 1))
    assert may_travel(act_of_depth(3, "[{" * 40)), "brackets of a text nest nothing"
    assert may_travel(b'{"a":[' + b",".join([b"{}"] * 40) + b"]}"), (
        "beside each other is not inside each other"
    )


def test_an_act_may_hold_as_many_values_as_a_body_beside_its_headers() -> None:
    assert may_travel(b"[" + b"1," * (BODY_VALUES - 2) + b"1]")
    assert not may_travel(b"[" + b"1," * BODY_VALUES + b"1]")


def test_values_are_never_counted_too_low() -> None:
    for text, least in ((b'{"a":[1,2,{"b":"x,[{"}]}', 5), (b"[]", 1), (b'"[,{"', 0)):
        assert most_values(text) >= least
        scan(text, Limits(values=most_values(text)))
