import re
from datetime import UTC, datetime
from typing import Any

import pytest

from hilf.accord.fault import MAX_TEXT, Fault, Faults
from hilf.errors import PartnerFault


def asked(method: str, *arguments: Any) -> tuple[Any, tuple[str, ...]]:
    faults = Faults()
    answer = getattr(faults, method)(*arguments)
    return answer, tuple(f"{fault.place} {fault.rule}" for fault in faults.found())


@pytest.mark.parametrize(
    ("method", "arguments", "answer"),
    [
        ("members", ({"a": 1}, "p", ["a"]), {"a": 1}),
        ("items", ([1], "p", 1, 1), [1]),
        ("text", ("t" * MAX_TEXT, "p"), "t" * MAX_TEXT),
        ("texts", ({"ar-SA": "t"}, "p"), {"ar-SA": "t"}),
        ("language", ("pt-BR", "p"), "pt-BR"),
        ("word", ("a" * 64, "p"), "a" * 64),
        ("words", (["a", "b"], "p", 2), ("a", "b")),
        ("one_of", ("a", "p", ("a",), "r"), "a"),
        ("whole", (3, "p", 3, 3), 3),
        ("flag", (False, "p"), False),
        ("time", ("2026-01-01T00:00:00.000Z", "p"), datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_what_fits_is_given_back(method: str, arguments: tuple[Any, ...], answer: Any) -> None:
    assert asked(method, *arguments) == (answer, ())


@pytest.mark.parametrize(
    ("method", "arguments", "found"),
    [
        ("members", ([], "p"), "p accord: object"),
        ("members", ({}, "p", ["a"]), "p.a accord: members"),
        ("members", ({}, "", ["a"]), "a accord: members"),
        ("items", ((), "p", 1), "p accord: list"),
        ("items", ([1, 2], "p", 1), "p accord: limit"),
        ("items", ([], "p", 1, 1), "p accord: limit"),
        ("text", ("t" * (MAX_TEXT + 1), "p"), "p accord: text"),
        ("text", ("", "p"), "p accord: text"),
        ("texts", ({}, "p"), "p accord: text"),
        ("texts", ([], "p"), "p accord: object"),
        ("texts", ({"EN": "t"}, "p"), "p.EN accord: language"),
        ("word", ("a" * 65, "p"), "p accord: word"),
        ("word", ("a\n", "p"), "p accord: word"),
        ("words", (["a", "a"], "p", 2), "p accord: twice"),
        ("shaped", (7, "p", re.compile("7"), "r", "m"), "p accord: r"),
        ("one_of", (["a"], "p", ("a",), "r"), "p accord: r"),
        ("whole", (True, "p", 0, 9), "p accord: number"),
        ("whole", (4, "p", 5, 9), "p accord: number"),
        ("whole", (10, "p", 5, 9), "p accord: number"),
        ("flag", (1, "p"), "p accord: flag"),
        ("time", ("2026-01-01", "p"), "p accord: time form"),
    ],
)
def test_what_does_not_fit_is_remembered_with_its_place(
    method: str, arguments: tuple[Any, ...], found: str
) -> None:
    assert asked(method, *arguments)[1] == (found,)


def test_nothing_wrong_raises_nothing_and_a_fault_tells_all() -> None:
    faults = Faults()
    faults.raise_first()
    faults.add("a.b", "one", "is wrong.")
    faults.add("", "two", "is wrong too.")
    with pytest.raises(PartnerFault) as raised:
        faults.raise_first()
    assert (raised.value.rule, raised.value.detail) == ("accord: one", "a.b: is wrong.; is wrong too.")
    assert faults.found()[0] == Fault("a.b", "accord: one", "is wrong.")


@pytest.mark.parametrize(
    ("method", "arguments", "answer"),
    [
        ("members", ([], "p"), {}),
        ("items", ((), "p", 1), []),
        ("items", ([1, 2], "p", 1), []),
        ("text", ("", "p"), ""),
        ("word", ("A", "p"), ""),
        ("one_of", ("c", "p", ("a", "b"), "r"), "a"),
        ("whole", (10, "p", 5, 9), 5),
        ("flag", (1, "p"), False),
        ("time", ("2026-01-01", "p"), datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_after_a_fault_reading_goes_on_with_a_value_that_harms_nothing(
    method: str, arguments: tuple[Any, ...], answer: Any
) -> None:
    assert asked(method, *arguments)[0] == answer


@pytest.mark.parametrize(
    ("method", "arguments", "message"),
    [
        ("members", ([], "p"), "p: must be a JSON object."),
        ("members", ({}, "p", ["a"]), "p.a: is missing."),
        ("items", ((), "p", 1), "p: must be a list."),
        ("items", ([1, 2], "p", 1), "p: must hold 0 to 1 items, not 2."),
        ("text", ("", "p", 9), "p: must be a text of 1 to 9 characters."),
        ("texts", ({}, "p"), "p: must hold the text in one language at least."),
        ("language", ("EN", "p"), 'p: must be a language tag such as "fr".'),
        ("word", ("A", "p"), "p: must be a word of a-z, 0-9, '-', '.', ':' or '_'."),
        ("words", (["a", "a"], "p", 2), "p: holds the same item twice."),
        ("one_of", ("c" * 50, "p", ("a", "b"), "r"), f"p: '{'c' * 40}' is none of: a, b."),
        ("whole", (10, "p", 5, 9), "p: must be a whole number from 5 to 9."),
        ("flag", (1, "p"), "p: must be true or false."),
        ("time", ("2026-01-01", "p"), 'p: must be a UTC time such as "2026-01-31T00:00:00.000Z".'),
        ("flag", (1, ""), "must be true or false."),
    ],
)
def test_a_fault_is_one_sentence_with_its_place(
    method: str, arguments: tuple[Any, ...], message: str
) -> None:
    faults = Faults()
    getattr(faults, method)(*arguments)
    assert [str(fault) for fault in faults.found()] == [message]


def test_places_in_a_list_are_counted_from_0() -> None:
    assert asked("words", ["a", "B"], "p", 3)[1] == ("p[1] accord: word",)
    assert asked("words", [], "p", 3, 1)[1] == ("p accord: limit",)
    assert asked("words", [], "p", 3)[1] == ()
