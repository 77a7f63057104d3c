import pytest

from hilf.stix.schema import MAX_FAULTS, faults, pointer
from tests.stix.objects import indicator, sco, sdo


def test_valid_objects_have_no_fault() -> None:
    assert faults(indicator()) == ()
    assert faults(sco("ipv4-addr", value="198.51.100.7")) == ()
    assert faults(sdo("x-own", anything=[1])) == ()
    assert (
        faults({"type": "x-own-observable", "id": "x-own-observable--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a02"})
        == ()
    )


def test_every_fault_has_a_pointer() -> None:
    bad = indicator(labels=[1], external_references=[{"source_name": "a/b"}, {}], confidence="high")
    assert {fault.pointer for fault in faults(bad)} >= {"/labels/0", "/external_references/1", "/confidence"}


@pytest.mark.parametrize("missing", ["id", "created", "modified", "pattern", "valid_from"])
def test_missing_property_is_named(missing: str) -> None:
    bad = {name: value for name, value in indicator().items() if name != missing}
    assert [fault.message for fault in faults(bad)] == [f'"{missing}" is a required property']


def test_custom_type_is_held_against_the_common_properties() -> None:
    assert [fault.pointer for fault in faults(sdo("x-own", confidence=200))] == ["/confidence"]
    assert [fault.message for fault in faults({"type": "x-own"})] == ['"id" is a required property']


def test_language_of_a_part_needs_no_marking() -> None:
    assert faults(indicator(granular_markings=[{"selectors": ["pattern"], "lang": "ar"}])) == ()


def test_names_of_shared_schemas_are_no_types() -> None:
    assert faults(sdo("core")) == ()
    assert [fault.pointer for fault in faults(sdo("core", confidence=200))] == ["/confidence"]


def test_faults_and_their_messages_are_bounded() -> None:
    bad = indicator(labels=[{"x": "y" * 1000}] * 500)
    found = faults(bad)
    assert len(found) == MAX_FAULTS
    assert max(len(fault.message) for fault in found) <= 201


def test_pointer_escapes() -> None:
    assert pointer(["a/b", 0, "~"]) == "/a~1b/0/~0"
