"""The console of a real home, and people who are signed in at it.

Django is set up once for a process, so it gets the console's stack here, before the first test runs: a test that needs no
pages does not notice. `console` is a node with two officers that knows nobody; `allied` is QM of the nations, which has
agreed with QN. `console.person(Role.ANALYST)` is a client of Django's, signed in with a second factor:

    def test_lists_nothing_at_first(console):
        answer = console.person(Role.ANALYST).get("/intelligence/")
"""

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings

from hilf import stack
from hilf.access.role import Role
from hilf.node.home import Home, officer_key
from hilf.node.secret import console_secret
from hilf.seal.key import PrivateKey
from hilf.store import database
from tests.conftest import NOW, PASSPHRASE
from tests.homes import made_two_officers, officer_keys, qn, two_officers
from tests.nations import SECOND, Nation, agreed_nations, made_nations, nations, strangers

__all__ = [
    "agreed_nations",
    "made_nations",
    "made_two_officers",
    "nations",
    "officer_keys",
    "qn",
    "strangers",
    "two_officers",
]

URL = "http://localhost:8400"
PASSWORD = "correct horse battery staple"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

if not settings.configured:
    database.use(":memory:", stack=stack.settings_for(secrets.token_bytes(32), URL, "en"))


@dataclass
class Console:
    """One home and the people who sign in at its console.

    Attributes:
        home: of the node.
        keys: of its officers, by name; each opens with PASSPHRASE.
        nations: all nations, ours first, where there are partners.
    """

    home: Home
    keys: Mapping[str, PrivateKey]
    nations: Sequence[Nation] = ()
    known: dict[str, "Person"] = field(default_factory=dict)

    def use(self) -> Home:
        """Put the database of this home in use, if that of another nation is."""
        from django.db import connection

        from hilf.settings import open_home

        if Path(str(connection.settings_dict["NAME"])) != self.home.path / "hilf.sqlite3":
            open_home(self.home.path)
        return self.home

    def person(
        self,
        *roles: Role,
        name: str | None = None,
        language: str = "en",
        factor: bool = True,
        stepped_up: bool = False,
        officer: str | None = None,
    ) -> "Person":
        """Somebody new who is signed in.

        Args:
            roles: what the account may do; none at all is possible.
            name: of the account; one for the roles where there is none.
            language: of the pages.
            factor: has a second factor (TOTP) and has shown it.
            stepped_up: has shown it again just now, as approvals, keys and accords demand.
            officer: name of the officer whose key the account signs with; "officer" and "amal" exist.
        """
        self.use()
        return Person(
            self, roles, name or f"person{len(self.known) + 1}", language, factor, stepped_up, officer
        )


def _client_class():
    from django.test import Client

    return Client


class Person(_client_class()):
    """A client that is signed in; `user` is the account."""

    def __init__(
        self,
        console: Console,
        roles: Sequence[Role],
        name: str,
        language: str,
        factor: bool,
        stepped_up: bool,
        officer: str | None,
    ) -> None:
        super().__init__(headers={"host": "localhost:8400", "accept-language": language})
        from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
        from allauth.mfa.totp.internal.auth import TOTP

        from hilf.store.people import account
        from hilf.store.people.tables import User

        self.console, self.name = console, name
        self.user = User.objects.create_user(username=name, password=PASSWORD, language=language)
        account.set_roles(self.user.pk, [role.value for role in roles])
        if officer:
            account.bind_officer(self.user.pk, console.keys[officer].kid, NOW)
        if factor:
            TOTP.activate(self.user, TOTP_SECRET)
        self.force_login(self.user)
        shown = [{"method": "password", "at": time.time() - 900}]
        if factor:
            shown.append({"method": "mfa", "at": time.time() - 900, "type": "totp"})
        session = self.session
        session[AUTHENTICATION_METHODS_SESSION_KEY] = shown
        session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = str(self.user.pk)
        session.save()
        if stepped_up:
            self.step_up()
        console.known[name] = self

    def step_up(self, seconds_ago: float = 0) -> None:
        """Show the second factor again."""
        from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY as KEY

        self.console.use()
        session = self.session
        at = time.time() - seconds_ago
        session[KEY] = [*session[KEY], {"method": "mfa", "at": at, "type": "totp", "reauthenticated": True}]
        session.save()

    def request(self, **request):
        """Ask; the database of the home is in use."""
        self.console.use()
        return super().request(**request)


@pytest.fixture
def _pages(tmp_path) -> Iterator[None]:
    """Django as the console has it, but for what costs time or has to be built."""
    from django.test import override_settings

    every = stack.settings_for(console_secret(tmp_path), URL, "en")
    changed = {
        **{name: value for name, value in every.items() if name != "INSTALLED_APPS"},
        "MIDDLEWARE": [each for each in stack.MIDDLEWARE if "whitenoise" not in each],
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        "STORAGES": {
            "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
    }
    with override_settings(**changed):
        yield


@pytest.fixture
def console(two_officers, _pages) -> Iterator[Console]:
    """The console of a node with two officers that knows nobody yet."""
    yield from _serve(
        two_officers, {name: officer_key(two_officers, name, PASSPHRASE) for name in ("officer", SECOND)}
    )


@pytest.fixture
def allied(nations, _pages) -> Iterator[Console]:
    """The console of QM, which has agreed with QN (and QN with QO): passing on is free."""
    yield from _serve(nations[0].home(), nations[0].keys, nations)


def _serve(home: Home, keys: Mapping[str, PrivateKey], every: Sequence[Nation] = ()) -> Iterator[Console]:
    from django.core.cache import cache
    from django.test import override_settings
    from django.utils import translation

    with override_settings(HILF_HOME=home):
        yield Console(home, keys, every)
    cache.close()
    translation.deactivate()
    database.use(":memory:")
