"""Names of the kinds of thing that a clause covers, in the reader's language."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

ACTS: Final[dict[str, Promise]] = {
    "object": _("every object of intelligence"),
    "sighting": _("sightings"),
    "aid": _("requests for aid, and aid"),
    "playbook": _("playbooks"),
    "advisory": _("advisories"),
    "rule": _("detection rules"),
    "trial": _("trials of rules"),
    "review": _("reviews"),
    "roster": _("rosters of experts"),
    "interface": _("descriptions of interfaces"),
    "question": _("questions"),
    "summit": _("papers of summits"),
    "exercise": _("material of exercises"),
}
"""Acts that carry content. Source: protocol.md 3."""

TYPES: Final[dict[str, Promise]] = {
    "attack-pattern": _("techniques of attack"),
    "campaign": _("campaigns"),
    "course-of-action": _("courses of action"),
    "grouping": _("groupings"),
    "identity": _("identities"),
    "incident": _("incidents"),
    "indicator": _("indicators"),
    "infrastructure": _("infrastructure of attackers"),
    "intrusion-set": _("intrusion sets"),
    "location": _("locations"),
    "malware": _("malware"),
    "malware-analysis": _("analyses of malware"),
    "note": pgettext_lazy("kind of object", "notes"),
    "observed-data": _("observed data"),
    "opinion": _("opinions"),
    "report": _("reports"),
    "threat-actor": _("threat actors"),
    "tool": _("tools"),
    "vulnerability": _("vulnerabilities"),
    "relationship": _("relationships"),
    "artifact": _("artifacts"),
    "autonomous-system": _("autonomous systems"),
    "directory": _("directories"),
    "domain-name": _("domain names"),
    "email-addr": _("e-mail addresses"),
    "email-message": _("e-mail messages"),
    "file": _("files"),
    "ipv4-addr": _("IPv4 addresses"),
    "ipv6-addr": _("IPv6 addresses"),
    "mac-addr": _("MAC addresses"),
    "mutex": _("mutexes"),
    "network-traffic": _("network traffic"),
    "process": _("processes"),
    "software": _("software"),
    "url": _("URLs"),
    "user-account": _("user accounts"),
    "windows-registry-key": _("Windows registry keys"),
    "x509-certificate": _("X.509 certificates"),
    "extension-definition": _("definitions of extensions"),
    "language-content": _("translations of objects"),
    "marking-definition": _("definitions of markings"),
}
"""STIX types. Source: STIX 2.1 4, 5, 6, 7."""


def name(kind: str) -> str:
    """What people call a kind; the kind itself where it has no name here."""
    known = ACTS.get(kind) or TYPES.get(kind)
    return kind if known is None else str(known)
