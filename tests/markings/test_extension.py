import jsonschema_rs
import pytest

from hilf.canonical import dumps
from hilf.markings import pap, rel_to
from hilf.markings.extension import author, extension_id, schema
from hilf.markings.pap import Pap
from tests.stix.objects import faults

OURS = (("releasability", rel_to.extension_definition()), ("permissible-actions", pap.extension_definition()))


@pytest.mark.parametrize(("name", "definition"), OURS)
def test_definition_is_valid_stix_and_carries_its_schema(name: str, definition: dict[str, object]) -> None:
    assert faults(definition) == []
    assert definition["schema"] == dumps(schema(name)).decode()
    assert definition["created_by_ref"] == author()["id"]
    jsonschema_rs.meta.validate(schema(name))


@pytest.mark.parametrize(
    "made",
    [
        rel_to.marking(["QM", "1f0c3c2a-8d3e-4b52-9a64-1d1f5b6c7d8e"]),
        rel_to.marking(None, "ask-originator"),
        *(pap.marking(level) for level in Pap),
    ],
)
def test_what_we_write_is_as_its_schema_says(made: dict[str, object]) -> None:
    ((identifier, body),) = made["extensions"].items()
    name = "releasability" if identifier == rel_to.EXTENSION_ID else "permissible-actions"
    assert jsonschema_rs.validator_for(schema(name)).is_valid(body)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("releasability", {}),
        ("releasability", {"extension_type": "property-extension"}),
        ("releasability", {"extension_type": "property-extension", "rel_to": []}),
        ("releasability", {"extension_type": "property-extension", "rel_to": ["qm"]}),
        ("releasability", {"extension_type": "property-extension", "onward": "free"}),
        ("releasability", {"extension_type": "property-extension", "onward": "none", "until": "2027"}),
        ("releasability", {"extension_type": "new-sdo", "onward": "none"}),
        ("permissible-actions", {"extension_type": "property-extension"}),
        ("permissible-actions", {"extension_type": "property-extension", "pap": "white"}),
        ("permissible-actions", {"extension_type": "property-extension", "pap": "red", "x": 1}),
    ],
)
def test_the_schema_refuses_what_we_would_not_read(name: str, body: dict[str, object]) -> None:
    assert not jsonschema_rs.validator_for(schema(name)).is_valid(body)


def test_who_publishes_the_extensions_and_their_ids_stay_what_they_are() -> None:
    assert author() == {
        "type": "identity",
        "spec_version": "2.1",
        "id": "identity--164eb9e7-69cc-5b8c-8e18-63f1fdc32097",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "name": "hilf",
        "identity_class": "organization",
    }
    assert extension_id("releasability 1.0") == "extension-definition--9fbf7152-ee61-5120-9cc4-073d45e436dc"
    assert rel_to.extension_definition()["version"] == "1.0.0"
    assert rel_to.marking(["QN"])["created_by_ref"] == author()["id"]
