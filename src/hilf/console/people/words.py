"""Roles in the reader's words."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hilf.access.role import Role

ROLES: Final[dict[str, str | Promise]] = {
    Role.VIEWER.value: _("viewer"),
    Role.ANALYST.value: _("analyst"),
    Role.RELEASER.value: _("releaser"),
    Role.APPROVER.value: _("approver"),
    Role.LIAISON.value: _("liaison officer"),
    Role.KEY_OFFICER.value: _("key officer"),
    Role.AUDITOR.value: _("auditor"),
    Role.ADMIN.value: _("administrator"),
}

MAY: Final[dict[str, str | Promise]] = {
    Role.VIEWER.value: _("sees objects, partners, accords and releases, but no RED content"),
    Role.ANALYST.value: _("brings objects in, marks and labels them, sees RED content"),
    Role.RELEASER.value: _("asks for releases, retractions and standing orders"),
    Role.APPROVER.value: _("approves what somebody else asked for"),
    Role.LIAISON.value: _("takes in cards, verifies partners, drafts and signs accords"),
    Role.KEY_OFFICER.value: _("changes the identity, adds and removes officers"),
    Role.AUDITOR.value: _("sees everything, also what was denied, and changes nothing"),
    Role.ADMIN.value: _("invites people and gives them roles; can neither read RED content nor approve"),
}
"""What each role lets somebody do, in a few words."""
