from hilf.stix.marking_definition import TLP_1_IDS, TLP_2_IDS, claimed_tlp, fixed, marking_refs, tlp_1, tlp_2


def test_tlp_2_is_what_the_extension_of_oasis_fixes() -> None:
    # oasis-open/cti-stix-common-objects, extension-definition-specifications/tlp-2.0/examples
    assert tlp_2("amber+strict") == {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
        "created": "2022-10-01T00:00:00.000Z",
        "name": "TLP:AMBER+STRICT",
        "extensions": {
            "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d": {
                "extension_type": "property-extension",
                "tlp_2_0": "amber+strict",
            }
        },
    }


def test_fixed_definitions_are_found_by_id() -> None:
    assert [fixed(identifier) for identifier in TLP_1_IDS.values()] == [tlp_1(word) for word in TLP_1_IDS]
    assert [fixed(identifier) for identifier in TLP_2_IDS.values()] == [tlp_2(word) for word in TLP_2_IDS]
    assert fixed("marking-definition--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a02") is None


def test_claimed_level_is_read_from_the_body() -> None:
    assert [claimed_tlp(tlp_1("white")), claimed_tlp(tlp_2("red")), claimed_tlp({"definition_type": "statement"})] == [
        "white", "red", None,
    ]  # fmt: skip
    assert [
        claimed_tlp({"definition_type": "tlp"}),
        claimed_tlp({"extensions": tlp_2("red")["extensions"]}),
    ] == ["", "red"]


def test_marking_refs_are_texts_each_once() -> None:
    assert marking_refs({"object_marking_refs": ["a", "b", "a", 1]}) == ("a", "b")
    assert [marking_refs({}), marking_refs({"object_marking_refs": "a"})] == [(), ()]
