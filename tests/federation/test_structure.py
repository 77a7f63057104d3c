from typing import Any

import pytest

from hilf.canonical import MAX_INTEGER
from hilf.errors import PartnerFault
from hilf.federation import structure


def refusal(check: Any, *arguments: Any) -> str:
    with pytest.raises(PartnerFault) as fault:
        check(*arguments)
    return fault.value.rule


@pytest.mark.parametrize("value", [{"a": 1}, {"a": 1, "b": 2, "c": 3}, {"a": 1, "c": 2}, [], None, "ab"])
def test_members_too_many_or_too_few_are_refused(value: Any) -> None:
    assert refusal(structure.members, value, {"a", "b"}, "thing") == "thing: members"


def test_the_very_members_are_taken() -> None:
    assert structure.members({"b": 1, "a": 2}, {"a", "b"}, "thing") == {"a": 2, "b": 1}


@pytest.mark.parametrize("value", [True, 1.0, 2, 0, "1", None])
def test_first_version_is_the_integer_1(value: Any) -> None:
    structure.first_version(1, "thing")
    assert refusal(structure.first_version, value, "thing") == "thing: v"


@pytest.mark.parametrize("value", ["AB", "a", "abc", "abcd", "g0", "", "ab\n", "٠a", 1, None])
def test_hex_is_lower_case_and_of_its_length(value: Any) -> None:
    assert structure.hexadecimal("ab", 1, "thing") == "ab"
    assert refusal(structure.hexadecimal, value, 1, "thing") == "thing: hex"


def test_digest_is_the_raw_bytes() -> None:
    assert structure.digest("ab" * 32, "thing") == b"\xab" * 32


@pytest.mark.parametrize("value", [True, 0, -1, 1.0, "1", None, MAX_INTEGER + 1])
def test_whole_is_an_integer_in_range(value: Any) -> None:
    assert structure.whole(MAX_INTEGER, 1, "thing") == MAX_INTEGER
    assert refusal(structure.whole, value, 1, "thing: numbers") == "thing: numbers"


@pytest.mark.parametrize("value", ["", "abcd", 1, None, ["abc"]])
def test_words_have_a_length(value: Any) -> None:
    assert structure.words("abc", "thing", 3) == "abc"
    assert refusal(structure.words, value, "thing", 3) == "thing"


@pytest.mark.parametrize("value", [(), {}, "a", None])
def test_array_is_a_list(value: Any) -> None:
    assert structure.array([1], "thing") == [1]
    assert refusal(structure.array, value, "thing") == "thing"
