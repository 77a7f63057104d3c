from hilf.stix.reference import is_identifier, references, type_of
from tests.stix.objects import IDENTITY, INDICATOR, MALWARE, TLP_1_GREEN, relationship, sdo


def test_references_are_what_an_object_points_to_without_author_and_markings() -> None:
    made = relationship(created_by_ref=IDENTITY, object_marking_refs=[TLP_1_GREEN],
                        granular_markings=[{"marking_ref": TLP_1_GREEN, "selectors": ["id"]}])  # fmt: skip
    assert references(made) == (("source_ref", INDICATOR), ("target_ref", MALWARE))


def test_references_in_lists_and_extensions_count_once() -> None:
    made = sdo("report", object_refs=[INDICATOR, MALWARE, INDICATOR], x_own_refs=[[IDENTITY]],
               x_contents=[{"object_ref": MALWARE}, {"object_ref": MALWARE}], extensions={"x": {"deep": {"own_ref": IDENTITY}}})  # fmt: skip
    assert set(references(made)) == {
        ("object_refs", INDICATOR), ("object_refs", MALWARE), ("x_own_refs", IDENTITY), ("object_ref", MALWARE), ("own_ref", IDENTITY),
    }  # fmt: skip
    assert len(references(made)) == 5


def test_text_that_is_no_identifier_is_no_reference() -> None:
    assert (
        references({"a_ref": "0", "b_refs": ["1", 2, None], "c": INDICATOR, "d_ref": {"e": INDICATOR}}) == ()
    )


def test_identifier_names_its_type() -> None:
    assert [type_of(INDICATOR), type_of("0"), is_identifier(INDICATOR), is_identifier(INDICATOR + "\n")] == [
        "indicator", "", True, False,
    ]  # fmt: skip
