"""Roles: which of a node's officers may sign which kind of record (wire.md 1: officers add `name` and `roles`).

The design names the member and no words; the words were decided in docs/adr/0016. An officer whose entry lists roles signs
what they grant and nothing else; a word that we do not know grants nothing. An empty list says nothing about roles, so
that officer signs everything: a node that has no use for roles is not kept out of hilf/1. Whether the signature itself
holds is decided in `seal.record`; who takes a partner's record for an act asks both.
"""

from collections.abc import Iterable
from typing import Final

from hilf.errors import PartnerFault
from hilf.seal.document import Document

ACCORD: Final = "accord"
APPROVAL: Final = "approval"
VERIFICATION: Final = "verification"
RETRACTION: Final = "retraction"

ROLES: Final = (ACCORD, APPROVAL, VERIFICATION, RETRACTION)
"""What an officer may be trusted to sign."""

_RELEASE: Final = "release"
"""What other nodes call the two words about releases: approving one and taking it back."""

_GRANTED_BY: Final = {
    "accord": {ACCORD},
    "withdrawal": {ACCORD},
    "approval": {APPROVAL, _RELEASE},
    "verification": {VERIFICATION},
    "retraction": {RETRACTION, _RELEASE},
    # of an accord, or of a peer
    "suspension": {ACCORD, VERIFICATION},
}


def grants(roles: Iterable[str], type_: str) -> bool:
    """Whether an officer with these roles may sign a record of this type.

    Args:
        roles: as the identity document lists them; empty where it says nothing about them.
        type_: the word of the record's tag (`seal.record.TYPES`).
    """
    held = set(roles)
    return not held or not held.isdisjoint(_GRANTED_BY.get(type_, ()))


def check(document: Document, kid: str, type_: str) -> None:
    """Return if the document trusts the officer with this key to sign records of this type; other keys have no roles.

    Raises:
        PartnerFault: "<type>: role".
    """
    officer = document.officers.get(kid)
    if officer is not None and not grants(officer.roles, type_):
        raise PartnerFault(f"{type_}: role", f"{officer.name[:60]}: {', '.join(officer.roles)[:100]}")
