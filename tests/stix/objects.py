"""Objects of our own making for the tests of STIX: documentation addresses, invented names."""

from datetime import UTC, datetime
from typing import Any

import orjson

from hilf.stix.read import Read, read

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
IDENTITY = "identity--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a01"
INDICATOR = "indicator--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a02"
MALWARE = "malware--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a03"
RELATIONSHIP = "relationship--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a04"
TLP_1_GREEN = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"
TIME = "2026-11-01T08:00:00.000Z"


def sdo(stix_type: str, **members: Any) -> dict[str, Any]:
    """An object with the common properties; a member that is None is left out."""
    made = {
        "type": stix_type,
        "spec_version": "2.1",
        "id": f"{stix_type}--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a02",
        "created": TIME,
        "modified": TIME,
        **members,
    }
    return {name: value for name, value in made.items() if value is not None}


def indicator(**members: Any) -> dict[str, Any]:
    return sdo(
        "indicator",
        **{
            "pattern": "[ipv4-addr:value = '198.51.100.7']",
            "pattern_type": "stix",
            "valid_from": TIME,
            "indicator_types": ["malicious-activity"],
            **members,
        },
    )


def relationship(**members: Any) -> dict[str, Any]:
    return sdo(
        "relationship",
        **{"relationship_type": "indicates", "source_ref": INDICATOR, "target_ref": MALWARE, **members},
    )


def sco(stix_type: str, **members: Any) -> dict[str, Any]:
    """A cyber-observable with a random id."""
    return {
        "type": stix_type,
        "spec_version": "2.1",
        "id": f"{stix_type}--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a02",
        **members,
    }


def read_json(value: object) -> Read:
    return read(orjson.dumps(value), "line 1", NOW)


def faults(value: object) -> list[tuple[str, str]]:
    """(place, rule) of everything that is found."""
    return [(finding.place, finding.rule) for finding in read_json(value).findings]
