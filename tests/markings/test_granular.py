from hilf.markings.granular import granular_refs
from tests.stix.objects import TLP_1_GREEN


def test_each_entry_gives_its_selectors_and_marking() -> None:
    made = {
        "granular_markings": [
            {"selectors": ["a", "b"], "marking_ref": TLP_1_GREEN},
            {"selectors": ["a"], "lang": "ar"},
        ]
    }
    assert list(granular_refs(made)) == [(("a", "b"), TLP_1_GREEN)]
    assert list(granular_refs({})) == []


def test_entry_that_cannot_be_read_still_counts() -> None:
    made = {
        "granular_markings": [
            1,
            {"selectors": "a", "marking_ref": 2},
            {},
            {"selectors": ["a", 3], "marking_ref": "x"},
        ]
    }
    assert list(granular_refs(made)) == [((), ""), ((), ""), ((), ""), (("a",), "x")]
    assert list(granular_refs({"granular_markings": "x"})) == [((), "")]


def test_what_follows_an_entry_of_a_language_counts_and_a_single_entry_is_none_that_can_be_read() -> None:
    language, marked = {"selectors": ["a"], "lang": "ar"}, {"selectors": ["a"], "marking_ref": TLP_1_GREEN}
    assert list(granular_refs({"granular_markings": [language, marked]})) == [(("a",), TLP_1_GREEN)]
    assert list(granular_refs({"granular_markings": marked})) == [(("a",), TLP_1_GREEN)]


def test_an_entry_that_names_a_language_and_a_marking_counts_as_a_marking() -> None:
    both = {"selectors": ["a"], "lang": "ar", "marking_ref": TLP_1_GREEN}
    assert list(granular_refs({"granular_markings": [both]})) == [(("a",), TLP_1_GREEN)]
