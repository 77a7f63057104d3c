"""Which types a reference may point to, as the tables of STIX 2.1 say property by property.

Only what the standard demands (MUST) of an identifier's type stands here; which relationships make sense between
which types is a recommendation and no rule. A custom type is of no known class: it passes where a class is meant
("an SDO"), and not where single types are named.
"""

from collections.abc import Mapping
from typing import Final

from hilf.stix.upgrade import CYBER_OBSERVABLES

_META: Final = frozenset({"marking-definition", "language-content", "extension-definition", "bundle"})
_SROS: Final = frozenset({"relationship", "sighting"})
_SDOS: Final = frozenset({
    "attack-pattern", "campaign", "course-of-action", "grouping", "identity", "incident", "indicator",
    "infrastructure", "intrusion-set", "location", "malware", "malware-analysis", "note", "observed-data", "opinion",
    "report", "threat-actor", "tool", "vulnerability",
})  # fmt: skip
_ADDRESSES: Final = frozenset({"ipv4-addr", "ipv6-addr", "mac-addr", "domain-name"})

_ONLY: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("sighting", "where_sighted_refs"): frozenset({"identity", "location"}),
    ("sighting", "observed_data_refs"): frozenset({"observed-data"}),
    ("malware", "sample_refs"): frozenset({"artifact", "file"}),
    ("malware", "operating_system_refs"): frozenset({"software"}),
    ("malware-analysis", "host_vm_ref"): frozenset({"software"}),
    ("malware-analysis", "operating_system_ref"): frozenset({"software"}),
    ("malware-analysis", "installed_software_refs"): frozenset({"software"}),
    ("malware-analysis", "sample_ref"): frozenset({"artifact", "file", "network-traffic"}),
    ("domain-name", "resolves_to_refs"): _ADDRESSES - {"mac-addr"},
    ("ipv4-addr", "resolves_to_refs"): frozenset({"mac-addr"}),
    ("ipv6-addr", "resolves_to_refs"): frozenset({"mac-addr"}),
    ("ipv4-addr", "belongs_to_refs"): frozenset({"autonomous-system"}),
    ("ipv6-addr", "belongs_to_refs"): frozenset({"autonomous-system"}),
    ("email-addr", "belongs_to_ref"): frozenset({"user-account"}),
    **{("email-message", name): frozenset({"email-addr"})
       for name in ("from_ref", "sender_ref", "to_refs", "cc_refs", "bcc_refs")},
    ("email-message", "raw_email_ref"): frozenset({"artifact"}),
    ("email-message", "body_raw_ref"): frozenset({"artifact", "file"}),
    ("file", "parent_directory_ref"): frozenset({"directory"}),
    ("file", "content_ref"): frozenset({"artifact"}),
    ("directory", "contains_refs"): frozenset({"file", "directory"}),
    ("network-traffic", "src_ref"): _ADDRESSES,
    ("network-traffic", "dst_ref"): _ADDRESSES,
    ("network-traffic", "src_payload_ref"): frozenset({"artifact"}),
    ("network-traffic", "dst_payload_ref"): frozenset({"artifact"}),
    ("network-traffic", "encapsulates_refs"): frozenset({"network-traffic"}),
    ("network-traffic", "encapsulated_by_ref"): frozenset({"network-traffic"}),
    ("process", "opened_connection_refs"): frozenset({"network-traffic"}),
    ("process", "creator_user_ref"): frozenset({"user-account"}),
    ("process", "image_ref"): frozenset({"file"}),
    ("process", "parent_ref"): frozenset({"process"}),
    ("process", "child_refs"): frozenset({"process"}),
    ("process", "service_dll_refs"): frozenset({"file"}),
    ("windows-registry-key", "creator_user_ref"): frozenset({"user-account"}),
}  # fmt: skip
_NEVER: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("relationship", "source_ref"): _SROS | _META,
    ("relationship", "target_ref"): _SROS | _META,
    ("sighting", "sighting_of_ref"): CYBER_OBSERVABLES | _SROS | _META,
    ("observed-data", "object_refs"): _SDOS | _META,
    ("malware-analysis", "analysis_sco_refs"): _SDOS | _SROS | _META,
    ("file", "contains_refs"): _SDOS | _SROS | _META,
    ("language-content", "object_ref"): frozenset({"bundle"}),
}
_WITH_RULES: Final = frozenset(stix_type for stix_type, _ in (*_ONLY, *_NEVER))


def has_rules(stix_type: str) -> bool:
    """True if any reference of this type is bound to a type."""
    return stix_type in _WITH_RULES


def may_point(stix_type: str, name: str, target_type: str) -> bool:
    """True unless STIX 2.1 forbids that the property of an object of this type points to the target type."""
    only = _ONLY.get((stix_type, name))
    if only is not None:
        return target_type in only
    never = _NEVER.get((stix_type, name))
    return never is None or target_type not in never


def allowed(stix_type: str, name: str) -> str:
    """The types that the property may point to, in words."""
    only = _ONLY.get((stix_type, name))
    if only is not None:
        return ", ".join(sorted(only))
    return "anything but " + ", ".join(sorted(_NEVER.get((stix_type, name), ())))
