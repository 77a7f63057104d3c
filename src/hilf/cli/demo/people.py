"""People of a nation of the demo, who sign in at its console: made in a process of their own, since Django serves one home.

    python -m hilf.cli.demo.people ar         make them, in this language; prints who they are, as JSON
    python -m hilf.cli.demo.people --code     the code that their second factor asks for at this moment

Everybody takes up an invitation, as people do; only their authenticator app is that of the demo, one for all of a nation.
"""

import json
import os
import secrets
import sys
from pathlib import Path
from typing import Final

from hilf.access.role import Role
from hilf.stack import configure_console

PEOPLE: Final[tuple[tuple[str, tuple[Role, ...], str | None], ...]] = (
    ("analyst", (Role.ANALYST,), None),
    ("duty", (Role.ANALYST, Role.RELEASER, Role.LIAISON), "officer"),
    ("approver", (Role.ANALYST, Role.APPROVER, Role.LIAISON, Role.KEY_OFFICER), "second"),
    ("auditor", (Role.AUDITOR,), None),
    ("administrator", (Role.ADMIN,), None),
)
"""Name, roles, and which officer of the nation the person is."""

APP: Final = "authenticator.secret"
"""Beside the home, as an app would keep it: what the codes are made from."""


def main() -> None:
    """Make the people of the home that HILF_HOME names, or print a code."""
    home = configure_console(Path(os.environ["HILF_HOME"]))
    from allauth.mfa.totp.internal import auth
    from django.contrib.auth import get_user_model

    from hilf.node import user
    from hilf.node.home import now

    file = home.path.parent / f"{home.path.name}-{APP}"
    (asked,) = sys.argv[1:]
    if asked == "--code":
        counter = list(auth.yield_hotp_counters_from_time())[-1]
        sys.stdout.write(auth.format_hotp_value(auth.hotp_value(file.read_text(encoding="ascii"), counter)))
        return
    secret = auth.generate_totp_secret()
    file.touch(mode=0o600)
    file.write_text(secret, encoding="ascii")
    told = []
    for name, roles, officer in PEOPLE:
        password = secrets.token_hex(8)
        invited = user.add(name, roles, asked, now())
        user.accept(invited.token, password, now())
        if officer is not None:
            user.bind(home, name, officer, now())
        auth.TOTP.activate(get_user_model().objects.get(username=name), secret)
        told.append(
            {"name": name, "password": password, "roles": [role.value for role in roles], "officer": officer}
        )
    sys.stdout.write(json.dumps({"people": told, "totp_secret": secret}))


if __name__ == "__main__":
    main()
