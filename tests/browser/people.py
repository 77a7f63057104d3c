"""People of a home that browser tests and pictures use: one account for each role, with a second factor, signed in already.

    python -m tests.browser.people HOME

Prints what a browser needs to be each of them, as JSON. It runs beside the node that it is for, in a process of its own, since
Django is set up for one home.
"""

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from hilf.access.role import Role
from hilf.stack import configure_console

PASSWORD = "seven small words that nobody would guess"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

PEOPLE: Mapping[str, tuple[tuple[Role, ...], str | None]] = {
    "viewer": ((Role.VIEWER,), None),
    "analyst": ((Role.ANALYST,), None),
    "releaser": ((Role.ANALYST, Role.RELEASER), "officer"),
    "approver": ((Role.ANALYST, Role.APPROVER), "second"),
    "liaison": ((Role.LIAISON, Role.KEY_OFFICER), "officer-of-keys"),
    "auditor": ((Role.AUDITOR,), None),
    "administrator": ((Role.ADMIN,), None),
    "everything": (
        (Role.ANALYST, Role.RELEASER, Role.APPROVER, Role.LIAISON, Role.KEY_OFFICER),
        None,
    ),
}
"""Accounts by name: their roles, and which officer of the node they are, if any."""


def main() -> None:
    home = configure_console(Path(sys.argv[1]))
    from allauth.account.internal.flows import login
    from allauth.mfa.totp.internal.auth import TOTP
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.hashers import make_password
    from django.contrib.sessions.backends.db import SessionStore

    from hilf.node import identity
    from hilf.node.home import now
    from hilf.store.people import account
    from hilf.store.people.tables import User

    password = make_password(PASSWORD)
    officers = {officer.name: kid for kid, officer in identity.own(home).newest.officers.items()}
    said = {}
    for name, (roles, officer) in PEOPLE.items():
        user = User.objects.create(username=name, password=password)
        account.set_roles(user.pk, [role.value for role in roles])
        if officer in officers:
            account.bind_officer(user.pk, officers[officer], now())
        TOTP.activate(user, TOTP_SECRET)
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)  # noqa: SLF001
        session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [
            {"method": "password", "at": time.time()},
            {"method": "mfa", "at": time.time(), "type": "totp", "reauthenticated": True},
        ]
        session.save()
        said[name] = {"name": name, "session": session.session_key}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
