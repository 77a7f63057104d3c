"""Ranges and lists: two sets of ids find out what only one of them has, in few questions of bounded size."""

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilf.canonical import dumps
from hilf.errors import PartnerFault
from hilf.federation.reconcile import (
    FAN,
    LISTED,
    MOST_LISTED,
    MOST_RANGES,
    Comparison,
    Ids,
    Range,
    bounds,
    compare,
    first_ranges,
    range_of,
    read_compared,
    read_comparison,
)
from tests.federation.parties import QM, QN

EMPTY = sha256(b"").digest()


def ids(*numbers: int) -> list[bytes]:
    return [sha256(str(number).encode()).digest() for number in numbers]


def reconcile(here: list[bytes], there: list[bytes]) -> tuple[set[str], set[str], int, int]:
    """What only the giver has, what only the asker has, the questions it took and the bytes of all of it."""
    ours, theirs = Ids(here), Ids(there)
    only_there: list[str] = []
    only_here: list[str] = []
    following, questions, size = first_ranges(ours), 0, 0
    while following:
        question = Comparison(QM, following[:MOST_RANGES])
        asked = question.json(QM, QN)
        assert read_comparison(asked, QM, QN) == question
        answer = compare(question, QM, QN, theirs.within)
        compared = read_compared(answer, question, QM, QN, ours)
        only_there += compared.only_there
        only_here += compared.only_here
        following = (*compared.open, *following[MOST_RANGES:])
        questions, size = questions + 1, size + len(dumps(asked)) + len(dumps(answer))
    assert len(set(only_there)) == len(only_there), "an id is named twice"
    return set(only_there), set(only_here), questions, size


def test_equal_sets_take_one_short_question() -> None:
    some = ids(*range(10_000))
    there, here, questions, size = reconcile(some, list(some))
    assert (there, here, questions) == (set(), set(), 1)
    assert size < 40_000


@given(
    st.lists(st.integers(0, 3_000), unique=True, max_size=300),
    st.lists(st.integers(0, 3_000), unique=True, max_size=300),
)
def test_what_only_one_side_has_is_found_whatever_the_sets_are(one: list[int], other: list[int]) -> None:
    there, here, _, _ = reconcile(ids(*one), ids(*other))
    assert there == {each.hex() for each in ids(*(set(other) - set(one)))}
    assert here == {each.hex() for each in ids(*(set(one) - set(other)))}


def test_few_differences_between_many_ids_take_few_questions_and_bytes() -> None:
    some = ids(*range(50_000))
    there, here, questions, size = reconcile(some[5:], some[:-7])
    assert there == {each.hex() for each in some[:5]}
    assert here == {each.hex() for each in some[-7:]}
    assert (questions, size < 100_000) == (3, True)


def test_a_node_that_lost_everything_learns_all_ids_in_answers_of_bounded_size() -> None:
    many = ids(*range(120_000))
    there, here, questions, _ = reconcile([], many)
    assert (len(there), here) == (120_000, set())
    assert questions <= 8


def test_ids_that_share_a_long_prefix_are_found_too() -> None:
    close = [bytes(31) + bytes([n]) for n in range(200)] + [
        bytes(30) + n.to_bytes(2) for n in range(256, 2_000)
    ]
    there, here, _, _ = reconcile(close[:-3], close[3:])
    assert there == {each.hex() for each in close[-3:]}
    assert here == {each.hex() for each in close[:3]}


def test_no_answer_lists_more_than_it_may() -> None:
    many = Ids(ids(*range(60_000)))
    ranges = tuple(Range(f"{n:03x}", 0, EMPTY) for n in range(4096))
    answer: Any = compare(Comparison(QM, ranges), QM, QN, many.within)
    listed = sum(len(each["ids"]) // 64 for each in answer["ranges"])
    assert MOST_LISTED - LISTED < listed <= MOST_LISTED
    assert answer["answered"] == len(answer["ranges"]) < 4096


def test_the_bounds_of_a_prefix_hold_its_ids_and_no_others() -> None:
    assert bounds("") == (bytes(32), None)
    assert bounds("f") == (b"\xf0" + bytes(31), None)
    assert bounds("0f") == (b"\x0f" + bytes(31), b"\x10" + bytes(31))
    assert bounds("a") == (b"\xa0" + bytes(31), b"\xb0" + bytes(31))


QUESTION = {
    "v": 1,
    "from": QM,
    "to": QN,
    "of": QM,
    "ranges": [{"prefix": "", "count": 0, "hash": EMPTY.hex()}],
}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"more": 1}, "reconcile: members"),
        ({"v": 2}, "reconcile: v"),
        ({"v": True}, "reconcile: v"),
        ({"from": QN}, "reconcile: from/to"),
        ({"to": QM}, "reconcile: from/to"),
        ({"of": "cert.qo.example"}, "reconcile: of"),
        ({"ranges": []}, "reconcile: ranges"),
        ({"ranges": QUESTION["ranges"] * (MOST_RANGES + 1)}, "reconcile: ranges"),
        ({"ranges": [{"prefix": "", "count": 0}]}, "reconcile: range: members"),
        ({"ranges": [{"prefix": "G", "count": 0, "hash": EMPTY.hex()}]}, "reconcile: prefix"),
        ({"ranges": [{"prefix": "0" * 65, "count": 0, "hash": EMPTY.hex()}]}, "reconcile: prefix"),
        ({"ranges": [{"prefix": "", "count": -1, "hash": EMPTY.hex()}]}, "reconcile: count"),
        ({"ranges": [{"prefix": "", "count": True, "hash": EMPTY.hex()}]}, "reconcile: count"),
        ({"ranges": [{"prefix": "", "count": 0, "hash": "00"}]}, "reconcile: hash: hex"),
    ],
)
def test_malformed_questions_are_refused_by_name(change: dict[str, Any], rule: str) -> None:
    read_comparison(QUESTION, QM, QN)
    with pytest.raises(PartnerFault) as caught:
        read_comparison({**QUESTION, **change}, QM, QN)
    assert caught.value.rule == rule


HERE = Ids(ids(1, 2, 3))
ASKED = Comparison(QM, (range_of("", HERE.within("")),))
LISTS = {"prefix": "", "ids": b"".join(sorted(ids(1, 2, 4))).hex()}
PARTS = {"prefix": "", "parts": [{"count": 0, "hash": EMPTY.hex()}] * FAN}
ANSWER = {"v": 1, "by": QN, "for": QM, "ranges": [LISTS], "answered": 1}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"more": 1}, "reconcile: answer: members"),
        ({"v": 2}, "reconcile: answer: v"),
        ({"by": QM}, "reconcile: answer: by/for"),
        ({"for": QN}, "reconcile: answer: by/for"),
        ({"answered": 0}, "reconcile: answer: answered"),
        ({"answered": 2}, "reconcile: answer: answered"),
        ({"ranges": [{**LISTS, "prefix": "a"}]}, "reconcile: answer: ranges"),
        ({"ranges": [LISTS, LISTS]}, "reconcile: answer: ranges"),
        ({"ranges": [{**LISTS, "ids": "00"}]}, "reconcile: answer: ids"),
        ({"ranges": [{**LISTS, "ids": "x" * 64}]}, "reconcile: answer: ids"),
        ({"ranges": [{**PARTS, "parts": []}]}, "reconcile: answer: parts"),
        ({"ranges": [{"prefix": ""}]}, "reconcile: answer: range: members"),
    ],
)
def test_malformed_answers_are_refused_by_name(change: dict[str, Any], rule: str) -> None:
    read_compared(ANSWER, ASKED, QM, QN, HERE)
    with pytest.raises(PartnerFault) as caught:
        read_compared({**ANSWER, **change}, ASKED, QM, QN, HERE)
    assert caught.value.rule == rule
