"""From STIX 2.0 to 2.1, where the way is mechanical.

An SDO, SRO or marking-definition that says "2.0", or says no version and is no cyber-observable, is of 2.0 (STIX
2.1 section 3.2: spec_version is required). What 2.1 only added or renamed is brought over; what needs knowledge is
refused by name: observed-data with its own `objects` becomes several objects with ids of their own. The kept bytes
stay what they were.

Source: STIX 2.1 appendix "Changes from version 2.0".
"""

from collections.abc import Mapping
from typing import Final

from hilf.canonical import Json
from hilf.stix.marking_definition import TLP_1_IDS

CYBER_OBSERVABLES: Final = frozenset({
    "artifact", "autonomous-system", "directory", "domain-name", "email-addr", "email-message", "file", "ipv4-addr",
    "ipv6-addr", "mac-addr", "mutex", "network-traffic", "process", "software", "url", "user-account",
    "windows-registry-key", "x509-certificate",
})  # fmt: skip

# 2.0 kept the kind of a thing in its labels, 2.1 in a property of its own.
_TYPES_IN_LABELS: Final[Mapping[str, str]] = {
    "indicator": "indicator_types",
    "malware": "malware_types",
    "report": "report_types",
    "threat-actor": "threat_actor_types",
    "tool": "tool_types",
    "identity": "roles",
}


def is_version_2_0(stix_object: Mapping[str, Json]) -> bool:
    """True for an object of STIX 2.0."""
    version = stix_object.get("spec_version")
    if version is not None:
        return version == "2.0"
    stix_type = stix_object.get("type")
    return "created" in stix_object and not (isinstance(stix_type, str) and stix_type in CYBER_OBSERVABLES)


def upgraded(stix_object: Mapping[str, Json]) -> dict[str, Json] | None:
    """The object as STIX 2.1 writes it; None where that is not mechanical."""
    stix_type = stix_object.get("type")
    if stix_type == "observed-data":
        return None
    new = {**stix_object, "spec_version": "2.1"}
    if stix_type == "indicator":
        new.setdefault("pattern_type", "stix")
    elif stix_type == "malware":
        new.setdefault(
            "is_family", True
        )  # 2.0 describes families; 2.1 demands a name of a family, and 2.0 has one
    elif stix_type == "marking-definition":
        for word, identifier in TLP_1_IDS.items():
            if new.get("id") == identifier:
                new.setdefault("name", f"TLP:{word.upper()}")
    kinds = _TYPES_IN_LABELS.get(stix_type) if isinstance(stix_type, str) else None
    if kinds and kinds not in new and isinstance(new.get("labels"), list):
        new[kinds] = new.pop("labels")
    return new
