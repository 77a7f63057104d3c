"""What is pointed out to a reader of somebody's object, and how its bytes are laid out."""

import pytest

from hilf.node.export import safe
from hilf.node.reading import LONGEST, members, pretty, suspicions


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("<ScRiPt src=x>", "markup"),
        ("a <img src=x>", "markup"),
        ("JavaScript:alert(1)", "markup"),
        ("[here](https://evil.example)", "markdown-link"),
        ("=cmd|' /C calc'!A0", "formula"),
        ("@SUM(1)", "formula"),
        ("a\u202eb", "turns-text"),
        ("a\u200bb", "unseen"),
        ("p\u0430ypal", "look-alike"),
        ("x" * 200_000, "very-long"),
    ],
)
def test_what_looks_like_a_trap_is_named_wherever_it_stands(text, word):
    assert suspicions({"type": "x", "nested": [{"deep": text}]}) == (word,)


@pytest.mark.parametrize(
    "text",
    [
        "a < b and b > c",
        "عنوان شوهد في شبكة",
        "Москва",
        "evil.example/-path",
        "2026-11-01T09:00:00Z",
        "[ipv4-addr:value = '198.51.100.1']",
        "-5 degrees",
        "cafe\u0301",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    ],
)
def test_honest_text_is_not_warned_of(text):
    assert suspicions({"description": text}) == ()


def test_bytes_are_laid_out_and_broken_ones_are_shown_as_such():
    assert pretty(b'{"a":1}') == '{\n  "a": 1\n}'
    assert pretty(b"\xff{") == "\\xff{"
    assert len(pretty(b'"' + b"x" * 100_000 + b'"')) < LONGEST + 10


def test_the_telling_members_come_first():
    told = members({"zebra": [1], "type": "x", "name": "n", "labels": ["a", "b"], "flag": True})
    assert [(each.name, each.text, each.is_json) for each in told] == [
        ("name", "n", False),
        ("labels", "a\nb", False),
        ("flag", "true", False),
        ("zebra", "[\n  1\n]", True),
    ]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", " =1", "\uff1d1", "|x"])
def test_no_cell_begins_as_a_formula(cell):
    assert safe(cell) == f"'{cell}"


def test_other_cells_stay_as_they_are():
    assert safe("a=b") == "a=b"
    assert len(safe("x" * 100_000)) == 32_000
