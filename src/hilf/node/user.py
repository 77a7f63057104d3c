"""People who sign in at the console: who may, as what, and whose officer's key is whose (trust.md 7).

Decides that there is always an administrator who can sign in, that a link counts once and for a time, and that one officer's
key belongs to one person for ever: so nobody approves with a second key what they proposed with the first.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hilf.access.role import Role
from hilf.errors import CallerFault, Refusal
from hilf.node import identity
from hilf.node.home import Home
from hilf.seal.identity import Officer
from hilf.seal.key import PrivateKey
from hilf.store.database import transaction
from hilf.store.people import account
from hilf.store.people.account import Account

LIFETIME: Final = timedelta(days=3)
"""How long the link of an invitation counts."""

_NAME: Final = re.compile(r"[\w.@+-]{1,150}")
_LANGUAGES: Final = ("ar", "en", "fr")


@dataclass(frozen=True, slots=True)
class Invited:
    """An account with a link that is shown once.

    Attributes:
        token: the end of the link; only its hash is kept.
        expires: until when it counts.
    """

    account: Account
    token: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """An account with all that is shown of it.

    Attributes:
        officer: name of the officer whose key this person signs with; None for nobody or a key that is gone.
        has_factor: a second factor stands.
        invited_until: a link waits to be taken up.
    """

    account: Account
    officer: str | None
    has_factor: bool
    invited_until: datetime | None


def role_named(word: str) -> Role:
    """The role that a word names; hyphens do for spaces.

    Raises:
        CallerFault: "user.role".
    """
    try:
        return Role(word.strip().lower().replace("-", " "))
    except ValueError as error:
        raise CallerFault(
            "user.role",
            f"{word[:40]!r} is no role.",
            f"Roles: {', '.join(role.value for role in Role)}.",
            "Write one of them, several with commas between.",
        ) from error


def add(name: str, roles: Iterable[Role], language: str, now: datetime) -> Invited:
    """Add an account, and make the link with which its person sets a password.

    Raises:
        CallerFault: "user.name", "user.language" or "user.exists".
    """
    if not _NAME.fullmatch(name):
        raise CallerFault(
            "user.name",
            f"{name[:60]!r} cannot be the name of an account.",
            "Letters, digits and . @ + - _, at most 150.",
            "Write for example amal.haddad.",
        )
    if language not in _LANGUAGES:
        raise CallerFault(
            "user.language", f"{language[:20]!r} is no language of the console.", "", "Write ar, en or fr."
        )
    with transaction():
        if account.by_name(name) is not None:
            raise CallerFault(
                "user.exists",
                f"There is an account {name} already.",
                "Accounts are never deleted: what they did stays theirs.",
                f"Invite the person anew: hilf user invite {name}",
            )
        return _invited(account.add(name, language, (role.value for role in roles)), now)


def invite(name: str, now: datetime) -> Invited:
    """A new link for a person who lost it, the password or the second factor: all of them count no longer.

    Raises:
        CallerFault: "user.unknown".
        Refusal: "user.disabled".
    """
    with transaction():
        known = named(name)
        if not known.enabled:
            raise Refusal(
                "user.disabled",
                f"{name} may not sign in.",
                "The account was disabled.",
                f"Enable it first: hilf user enable {name}",
            )
        account.forget_password(known.id)
        account.forget_factors(known.id)
        return _invited(known.id, now)


def _invited(user: int, now: datetime) -> Invited:
    token, expires = secrets.token_urlsafe(32), now + LIFETIME
    account.put_invitation(_hash(token), user, now, expires)
    found = account.by_id(user)
    assert found is not None  # noqa: S101  # it was just added or found
    return Invited(found, token, expires)


def link(console_url: str, token: str) -> str:
    """The link of an invitation, as a person opens it."""
    return f"{console_url.rstrip('/')}/invitation/{token}/"


def waiting(token: str, now: datetime) -> Account:
    """For whom a link is.

    Raises:
        Refusal: "user.invitation": it was used, has expired, or never was.
    """
    found = account.invitation(_hash(token))
    known = account.by_id(found[0]) if found and now <= found[1] else None
    if known is None or not known.enabled:
        raise Refusal(
            "user.invitation",
            "This link counts no longer.",
            "A link counts once, and for three days.",
            "Ask an administrator of this node for a new one.",
        )
    return known


def accept(token: str, password: str, now: datetime) -> Account:
    """Take a link up: set the password; the link counts no longer.

    Raises:
        Refusal: as `waiting`.
    """
    with transaction():
        known = waiting(token, now)
        account.drop_invitation(_hash(token))
        account.set_password(known.id, password)
        return known


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def named(name: str) -> Account:
    """The account of this name.

    Raises:
        CallerFault: "user.unknown".
    """
    found = account.by_name(name)
    if found is None:
        raise CallerFault(
            "user.unknown",
            f"There is no account {name[:60]!r}.",
            "",
            "See who there is: hilf user list",
        )
    return found


def set_roles(name: str, roles: Sequence[Role]) -> Account:
    """Give a person these roles and no others.

    Raises:
        CallerFault: "user.unknown".
        Refusal: "user.last-admin".
    """
    with transaction():
        known = named(name)
        if Role.ADMIN not in roles:
            _check_not_last(known)
        account.set_roles(known.id, (role.value for role in roles))
        return named(name)


def set_enabled(name: str, enabled: bool) -> Account:
    """Let a person sign in, or not any more; the sessions of who may not end at once.

    Raises:
        CallerFault: "user.unknown".
        Refusal: "user.last-admin".
    """
    with transaction():
        known = named(name)
        if not enabled:
            _check_not_last(known)
        account.set_enabled(known.id, enabled)
        return named(name)


def _check_not_last(known: Account) -> None:
    admins = [each.name for each in account.every() if each.enabled and Role.ADMIN.value in each.roles]
    if admins == [known.name]:
        raise Refusal(
            "user.last-admin",
            f"{known.name} is the last administrator.",
            "Without one nobody could invite people or give roles in the console.",
            "Make somebody else an administrator first: hilf user roles NAME admin",
        )


def bind(home: Home, name: str, officer: str | None, now: datetime) -> Account:
    """Say that a person is one of our officers and signs with that key, or none of them.

    Raises:
        CallerFault: "user.unknown".
        Refusal: "identity.no-officer", or "user.officer-taken": the key is or was another person's.
    """
    with transaction():
        known = named(name)
        kid = None if officer is None else _kid(home, officer)
        owner = None if kid is None else account.person_of(kid)
        if owner is not None and owner != known.id:
            holder = account.by_id(owner)
            raise Refusal(
                "user.officer-taken",
                f"The key of officer {officer} is that of {holder.name if holder else 'somebody else'}.",
                "A key belongs to one person for ever, also when that person signs with another one now.",
                f"Make a key for {name}: hilf officer add",
            )
        account.bind_officer(known.id, kid, now)
        return named(name)


def _kid(home: Home, officer: str) -> str:
    for each in identity.own(home).newest.officers.values():
        if each.name == officer:
            return each.key.kid
    raise Refusal(
        "identity.no-officer",
        f"{officer[:60]} is no officer of {home.node}.",
        "Our newest identity document names nobody of that name.",
        "See who there is: hilf officer list",
    )


def listed(home: Home) -> list[Listed]:
    """Every account with its officer, its second factor and its open invitation, by name."""
    names = {kid: each.name for kid, each in identity.own(home).newest.officers.items()}
    factors, open_links = account.with_factors(), account.invited()
    return [
        Listed(each, names.get(each.kid or ""), each.id in factors, open_links.get(each.id))
        for each in account.every()
    ]


def check_other_person(kid: str, signed: Iterable[str]) -> None:
    """Refuse an officer's key whose person has signed for the same with another key.

    Raises:
        Refusal: "officer.same-person".
    """
    person = account.person_of(kid)
    if person is not None and any(other != kid and account.person_of(other) == person for other in signed):
        raise Refusal(
            "officer.same-person",
            "This person has proposed or approved it already, with another key.",
            "It takes different people, not different keys.",
            "Let another officer do it.",
        )


def officer_of(home: Home, user: int) -> Officer | None:
    """The officer who this person is, if our newest document names that key."""
    known = account.by_id(user)
    return identity.own(home).newest.officers.get(known.kid or "") if known else None


def check_officer(home: Home, user: int, role: str) -> Officer:
    """The officer who this person is, found before a passphrase is asked for.

    Raises:
        Refusal: "user.no-officer", or as `identity.check_officer`.
    """
    officer = officer_of(home, user)
    if officer is None:
        raise Refusal(
            "user.no-officer",
            "Your account is bound to no officer of this node.",
            "What is signed here is signed with an officer's own key.",
            "Ask an administrator to bind it: People, or hilf user officer NAME --is OFFICER",
        )
    identity.check_officer(home, officer.name, role)
    return officer


def signing_key(home: Home, user: int, passphrase: str, role: str) -> PrivateKey:
    """The key of the officer who this person is, and of nobody else.

    Raises:
        Refusal: as `check_officer`.
        CallerFault: another passphrase.
    """
    officer = check_officer(home, user, role)
    return identity.signing_officer(home, officer.name, passphrase, role)
