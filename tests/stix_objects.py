"""STIX objects and files of them, for tests of the intake."""

from uuid import NAMESPACE_URL, uuid5

import orjson

STAMP = "2026-11-20T10:00:00.000Z"


def stix_id(stix_type: str, number: int | str) -> str:
    return f"{stix_type}--{uuid5(NAMESPACE_URL, str(number))}"


def an_indicator(number: int | str = 1, modified: str = STAMP, **members) -> dict:
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": stix_id("indicator", number),
        "created": STAMP,
        "modified": modified,
        "name": f"Indicator {number}",
        "indicator_types": ["malicious-activity"],
        "pattern": f"[domain-name:value = 'host{number}.example']",
        "pattern_type": "stix",
        "valid_from": STAMP,
        **members,
    }


def bundle(*objects: dict) -> bytes:
    return orjson.dumps({"type": "bundle", "id": stix_id("bundle", 1), "objects": objects})


def json_lines(*objects: dict | bytes) -> bytes:
    return b"\n".join(each if isinstance(each, bytes) else orjson.dumps(each) for each in objects) + b"\n"
