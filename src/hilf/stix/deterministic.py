"""The name-based ids of cyber-observables.

STIX 2.1 section 2.9 and the "ID Contributing Properties" of each type in section 6: the same observable seen by two
nations gets the same id. An object may choose another id, and the ids that the standard prints beside its own
examples do not follow from them either; so a difference is only worth a warning.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID, uuid5

from hilf.canonical import Json, dumps
from hilf.errors import PartnerFault

NAMESPACE: Final = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
CONTRIBUTING: Final[Mapping[str, tuple[str, ...]]] = {
    "artifact": ("hashes", "payload_bin"),
    "autonomous-system": ("number",),
    "directory": ("path",),
    "domain-name": ("value",),
    "email-addr": ("value",),
    "email-message": ("from_ref", "subject", "body"),
    "file": ("hashes", "name", "parent_directory_ref", "extensions"),
    "ipv4-addr": ("value",),
    "ipv6-addr": ("value",),
    "mac-addr": ("value",),
    "mutex": ("name",),
    "network-traffic": (
        "start",
        "end",
        "src_ref",
        "dst_ref",
        "src_port",
        "dst_port",
        "protocols",
        "extensions",
    ),
    "software": ("name", "cpe", "swid", "vendor", "version"),
    "url": ("value",),
    "user-account": ("account_type", "user_id", "account_login"),
    "windows-registry-key": ("key", "values"),
    "x509-certificate": ("hashes", "serial_number"),
}
_HASHES_IN_ORDER: Final = ("MD5", "SHA-1", "SHA-256", "SHA-512")


def expected_id(stix_object: Mapping[str, Json]) -> str | None:
    """The name-based id of a cyber-observable; None for other types, and where nothing contributes."""
    stix_type = stix_object.get("type")
    names = CONTRIBUTING.get(stix_type, ()) if isinstance(stix_type, str) else ()
    contributing = {name: stix_object[name] for name in names if name in stix_object}
    hashes = contributing.get("hashes")
    if isinstance(hashes, dict):
        first = next((name for name in (*_HASHES_IN_ORDER, *sorted(hashes)) if name in hashes), None)
        contributing["hashes"] = {} if first is None else {first: hashes[first]}
    if not contributing:
        return None
    try:
        return f"{stix_type}--{uuid5(NAMESPACE, dumps(contributing).decode())}"
    except PartnerFault:
        return None
