import pytest

from hilf.errors import CallerFault
from hilf.markings.tlp import Tlp, definitions, of_id, parse
from hilf.stix.marking_definition import TLP_1_IDS, TLP_2_IDS


def test_levels_are_ordered_from_loose_to_strict() -> None:
    assert sorted(Tlp) == [Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER, Tlp.AMBER_STRICT, Tlp.RED]


def test_ids_of_both_versions_are_read() -> None:
    assert {word: of_id(identifier) for word, identifier in TLP_1_IDS.items()} == {
        "white": Tlp.CLEAR, "green": Tlp.GREEN, "amber": Tlp.AMBER, "red": Tlp.RED,
    }  # fmt: skip
    assert {word: of_id(identifier) for word, identifier in TLP_2_IDS.items()} == {
        level.word: level for level in Tlp
    }
    assert of_id("marking-definition--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a02") is None


def test_only_version_2_is_written() -> None:
    assert [made["id"] for made in definitions()] == [level.marking_id for level in Tlp]
    assert [made["name"] for made in definitions()] == [level.label for level in Tlp]


@pytest.mark.parametrize(
    ("text", "level"),
    [("tlp:green", Tlp.GREEN), ("AMBER+STRICT", Tlp.AMBER_STRICT), ("TLP:AMBER STRICT", Tlp.AMBER_STRICT), (" tlp: red ", Tlp.RED),
     ("white", Tlp.CLEAR), ("TLP:CLEAR", Tlp.CLEAR), ("amber", Tlp.AMBER)],
)  # fmt: skip
def test_level_is_read_as_people_write_it(text: str, level: Tlp) -> None:
    assert parse(text) is level
    assert parse(level.label) is level


@pytest.mark.parametrize("text", ["", "tlp:unclear", "tlp:", "purple", "ex:chr"])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(CallerFault) as fault:
        parse(text)
    assert fault.value.code == "markings.tlp"


def test_who_writes_another_word_is_told_which_there_are() -> None:
    with pytest.raises(CallerFault) as fault:
        parse("tlp:" + "x" * 50)
    assert fault.value.lines() == (
        f"Not a TLP level: 'tlp:{'x' * 36}'.",
        "TLP 2.0 knows clear, green, amber, amber+strict and red.",
        "Write for example tlp:green.",
        "[markings.tlp]",
    )


@pytest.mark.parametrize("text", ["amber strict", "TLP:AMBER_STRICT", " tlp: amber+strict "])
def test_amber_strict_is_read_with_a_blank_a_line_or_a_plus(text: str) -> None:
    assert parse(text) is Tlp.AMBER_STRICT
