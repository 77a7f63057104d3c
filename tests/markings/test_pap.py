import pytest

from hilf.errors import CallerFault
from hilf.markings.extension import schema_text
from hilf.markings.pap import EXTENSION_ID, Pap, extension_definition, marking, of_word, parse, read
from tests.stix.objects import faults


def test_levels_are_ordered_from_loose_to_strict() -> None:
    assert sorted(Pap) == [Pap.CLEAR, Pap.GREEN, Pap.AMBER, Pap.RED]


@pytest.mark.parametrize("level", Pap)
def test_what_is_written_is_valid_and_read(level: Pap) -> None:
    made = marking(level)
    assert (faults(made), read(made), made["name"], made["id"]) == ([], level, level.label, level.marking_id)
    assert parse(level.label) is parse(level.word) is of_word(level.word) is level


def test_ids_are_stable() -> None:
    assert EXTENSION_ID == "extension-definition--89320b41-ed8f-5ff8-9253-b205c986f3c8"
    assert Pap.RED.marking_id == "marking-definition--4280996d-73ab-523d-a1a9-46b49b2bbb36"


@pytest.mark.parametrize("text", ["", "pap:", "purple", "tlp:red", "amber+strict"])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(CallerFault) as fault:
        parse(text)
    assert fault.value.code == "markings.pap"


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"pap": "red"},
        {"extension_type": "property-extension", "pap": "RED"},
        {"extension_type": "property-extension", "pap": "white"},
        {"extension_type": "property-extension", "pap": 3},
        {"extension_type": "property-extension", "pap": "red", "until": "2027-01-01"},
    ],
)
def test_marking_that_cannot_be_read_to_the_letter_is_not_read(body: object) -> None:
    assert read({**marking(Pap.RED), "extensions": {EXTENSION_ID: body}}) is None
    assert read({"extensions": body}) is None


def test_who_writes_another_word_is_told_which_there_are() -> None:
    with pytest.raises(CallerFault) as fault:
        parse("pap:" + "x" * 50)
    assert fault.value.lines() == (
        f"Not a PAP level: 'pap:{'x' * 36}'.",
        "PAP knows clear, green, amber and red.",
        "Write for example pap:amber.",
        "[markings.pap]",
    )


def test_the_extension_is_published_under_its_name() -> None:
    made = extension_definition()
    assert (made["id"], made["name"]) == (EXTENSION_ID, "Permissible actions")
    assert made["description"] == (
        "The level of the Permissible Actions Protocol (PAP) that a marked object is under."
    )
    assert made["schema"] == schema_text("permissible-actions")
