"""The marking definitions that the standards fix, byte for byte, and what an object says of its markings.

TLP 1 as STIX 2.1 section 7.2.1.4 writes it, TLP 2.0 as the OASIS extension `tlp_2_0` does (cti-stix-common-objects).
Which marking is stricter than which, and what a marking means for a release, is decided in `hilf.markings`.
"""

from collections.abc import Mapping
from typing import Final

from hilf.canonical import Json

TLP_2_EXTENSION: Final = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP_2_IDS: Final[Mapping[str, str]] = {
    "clear": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
TLP_1_IDS: Final[Mapping[str, str]] = {
    "white": "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
    "green": "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
    "amber": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
    "red": "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
}


def tlp_2(name: str) -> dict[str, Json]:
    """The TLP 2.0 marking-definition of that name ("amber+strict"); it must travel with what it marks."""
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": TLP_2_IDS[name],
        "created": "2022-10-01T00:00:00.000Z",
        "name": f"TLP:{name.upper()}",
        "extensions": {TLP_2_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": name}},
    }


def tlp_1(name: str) -> dict[str, Json]:
    """The TLP 1 marking-definition of that name ("white"), as STIX 2.1 predefines it."""
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": TLP_1_IDS[name],
        "created": "2017-01-20T00:00:00.000Z",
        "definition_type": "tlp",
        "name": f"TLP:{name.upper()}",
        "definition": {"tlp": name},
    }


def fixed(identifier: str) -> dict[str, Json] | None:
    """The definition that a standard fixes for this id, None for every other id."""
    found = _FIXED.get(identifier)
    return found[0](found[1]) if found else None


_FIXED: Final = {
    **{identifier: (tlp_1, name) for name, identifier in TLP_1_IDS.items()},
    **{identifier: (tlp_2, name) for name, identifier in TLP_2_IDS.items()},
}


def claimed_tlp(definition: Mapping[str, Json]) -> str | None:
    """The TLP name that a definition claims in its body, whatever its id; None where it speaks of no TLP."""
    if definition.get("definition_type") == "tlp":
        body = definition.get("definition")
        name = body.get("tlp") if isinstance(body, dict) else None
        return name if isinstance(name, str) else ""
    extensions = definition.get("extensions")
    body = extensions.get(TLP_2_EXTENSION) if isinstance(extensions, dict) else None
    if not isinstance(body, dict):
        return None
    name = body.get("tlp_2_0")
    return name if isinstance(name, str) else ""


def marking_refs(stix_object: Mapping[str, Json]) -> tuple[str, ...]:
    """The ids in object_marking_refs, each once, in order; anything there that is no text is left out."""
    refs = stix_object.get("object_marking_refs")
    if not isinstance(refs, list):
        return ()
    return tuple(dict.fromkeys(ref for ref in refs if isinstance(ref, str)))
