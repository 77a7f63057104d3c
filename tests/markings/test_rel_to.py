import pytest

from hilf.errors import CallerFault
from hilf.markings.extension import AUTHOR_ID, author
from hilf.markings.rel_to import EXTENSION_ID, Releasability, extension_definition, marking, read
from tests.stix.objects import faults

COMMUNITY = "1f0c3c2a-8d3e-4b52-9a64-1d1f5b6c7d8e"


def test_ids_are_stable() -> None:
    assert EXTENSION_ID == "extension-definition--9fbf7152-ee61-5120-9cc4-073d45e436dc"
    assert AUTHOR_ID == "identity--164eb9e7-69cc-5b8c-8e18-63f1fdc32097"
    assert marking(["QM"])["id"] == "marking-definition--3ebf2e69-9334-5956-a8fd-83d442d94544"


def test_what_is_written_is_valid_stix() -> None:
    for made in (
        extension_definition(),
        author(),
        marking(["QM", COMMUNITY]),
        marking(None, "ask-originator"),
    ):
        assert faults(made) == []


def test_same_limit_is_the_same_definition_whatever_the_order_and_case() -> None:
    assert marking(["QN", "qm", COMMUNITY.upper()]) == marking([COMMUNITY, "QM", "QN", "QM"])
    assert marking(["QM"]) != marking(["QM"], "none")


@pytest.mark.parametrize("onward", ["none", "ask-originator", "listed"])
@pytest.mark.parametrize("rel_to", [None, ["QM"], ["QM", "QN", COMMUNITY]])
def test_what_is_written_is_read(rel_to: list[str] | None, onward: str) -> None:
    entries = None if rel_to is None else frozenset(rel_to)
    assert read(marking(rel_to, onward)) == Releasability(entries, onward)


@pytest.mark.parametrize("entry", ["", "Q", "QMX", "Q1", "everybody", "ﬀ"])
def test_malformed_entry_is_refused(entry: str) -> None:
    with pytest.raises(CallerFault) as fault:
        marking(["QM", entry])
    assert fault.value.code == "markings.rel-to"


def test_limit_to_nobody_is_not_written_and_yet_read() -> None:
    with pytest.raises(CallerFault):
        marking([])
    nobody = {
        **marking(["QM"]),
        "extensions": {EXTENSION_ID: {"extension_type": "property-extension", "rel_to": []}},
    }
    assert read(nobody) == Releasability(frozenset())


@pytest.mark.parametrize(
    "body",
    [
        {"extension_type": "property-extension"},
        {"rel_to": "QM"},
        {"rel_to": ["qm"]},
        {"rel_to": ["QM", 1]},
        {"rel_to": ["QM"], "onward": "free"},
        {"rel_to": ["QM"], "not_before": "2027-01-01"},
        [],
    ],
)
def test_limit_that_cannot_be_read_to_the_letter_is_not_read(body: object) -> None:
    assert read({**marking(["QM"]), "extensions": {EXTENSION_ID: body}}) is None


def test_name_is_for_people() -> None:
    assert [marking(["QN", "QM"])["name"], marking(None, "none")["name"]] == [
        "REL TO QM, QN", "Originator control; onward: none",
    ]  # fmt: skip


def test_who_names_neither_a_country_nor_a_community_is_told_what_to_write() -> None:
    with pytest.raises(CallerFault) as fault:
        marking(["x" * 50])
    assert fault.value.lines()[:3] == (
        f"Neither a country nor a community: '{'x' * 40}'.",
        "REL TO takes ISO 3166-1 alpha-2 codes and community UUIDs.",
        "Write for example QM or 1f0c3c2a-8d3e-4b52-9a64-1d1f5b6c7d8e.",
    )


def test_the_extension_is_published_under_its_title() -> None:
    assert extension_definition()["name"] == "Releasability"


@pytest.mark.parametrize("text", ["ÖÄ", "ＱＭ", "ß", "Q1"])
def test_a_country_is_two_letters_of_ascii(text: str) -> None:
    with pytest.raises(CallerFault):
        marking([text])


@pytest.mark.parametrize("entries", [{}, None, "QM", 7])
def test_entries_that_are_no_list_cannot_be_read(entries: object) -> None:
    body = {"extension_type": "property-extension", "rel_to": entries}
    assert read({"extensions": {EXTENSION_ID: body}}) is None
