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
