"""Roles of people and what they may do: denied unless a role says otherwise (trust.md 7).

Decides which powers a set of roles gives. An administrator can neither read RED content nor approve, whatever other roles
the same account has; an auditor sees everything, also what was denied, and changes nothing. That nobody approves alone what
they proposed is no matter of roles: it is asked where an act is signed, by the person.
"""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final


class Role(Enum):
    """What somebody is on this node. Source: trust.md 7."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    RELEASER = "releaser"
    APPROVER = "approver"
    LIAISON = "liaison"
    KEY_OFFICER = "key officer"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Power(Enum):
    """Something that a page or a command lets somebody do."""

    READ = "read"
    """See objects, partners, accords and releases."""
    READ_RED = "read red"
    """See the content of RED objects."""
    INTAKE = "intake"
    """Bring objects in, mark and label them, decide what waits in quarantine."""
    PROPOSE = "propose"
    """Ask for a release, a retraction, a standing order."""
    APPROVE = "approve"
    """Approve what somebody else proposed."""
    PARTNERS = "partners"
    """Take in cards, suspend partners, draft accords and propose them."""
    SIGN = "sign"
    """Sign accords and verify partners, as an officer."""
    KEYS = "keys"
    """Change the identity, add and remove officers."""
    AUDIT = "audit"
    """Read the audit trail."""
    USERS = "users"
    """Invite people, give them roles, end their sessions."""
    SETTINGS = "settings"
    """See and change how the node runs."""


_READER: Final = frozenset({Power.READ, Power.READ_RED})

POWERS: Final[Mapping[Role, frozenset[Power]]] = {
    Role.VIEWER: frozenset({Power.READ}),
    Role.ANALYST: _READER | {Power.INTAKE},
    Role.RELEASER: _READER | {Power.PROPOSE},
    Role.APPROVER: _READER | {Power.APPROVE},
    Role.LIAISON: _READER | {Power.PARTNERS, Power.SIGN},
    Role.KEY_OFFICER: frozenset({Power.READ, Power.KEYS, Power.SIGN}),
    Role.AUDITOR: _READER | {Power.AUDIT},
    Role.ADMIN: frozenset({Power.READ, Power.USERS, Power.SETTINGS}),
}
"""What each role gives."""

NEVER_ADMIN: Final = frozenset({Power.READ_RED, Power.APPROVE})
"""What an account with the role of administrator never has."""

NEVER_AUDITOR: Final = frozenset(Power) - {Power.READ, Power.READ_RED, Power.AUDIT}
"""What an account with the role of auditor never has: it would audit itself."""

SECOND_FACTOR: Final = frozenset({Role.APPROVER, Role.KEY_OFFICER, Role.ADMIN, Role.LIAISON, Role.RELEASER})
"""Roles that nobody uses without a second factor. Source: trust.md 7."""


def powers(roles: Iterable[Role]) -> frozenset[Power]:
    """What these roles together give; nothing without any."""
    held = frozenset(roles)
    given = frozenset(power for role in held for power in POWERS[role])
    if Role.ADMIN in held:
        given -= NEVER_ADMIN
    if Role.AUDITOR in held:
        given -= NEVER_AUDITOR
    return given
