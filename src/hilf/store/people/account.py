"""Accounts of people who sign in at the console, and their roles; passwords are kept as Django hashes them, never as text.

An account is never deleted: what it did stays a person's. It is disabled.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from hilf.store import database
from hilf.store.instant import microseconds, moment


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in.

    Attributes:
        id: of the account.
        name: what is typed to sign in.
        roles: their words, sorted.
        enabled: may sign in.
        language: ar, en or fr.
        last_login: None for who never signed in.
        has_password: whether one is set; none until an invitation is taken up.
        kid: of the officer's key with which this person signs now.
    """

    id: int
    name: str
    roles: tuple[str, ...]
    enabled: bool
    language: str
    last_login: datetime | None
    has_password: bool
    kid: str | None


def add_administrator(name: str, password: str, language: str) -> None:
    """Add the account of an administrator.

    Args:
        name: what is typed to sign in; must be new.
        password: as it will be typed.
        language: ar, en or fr.
    """
    from hilf.store.people.tables import User  # a table has a name once a database is in use

    added = User.objects.create_user(username=name, password=password, language=language)
    set_roles(added.pk, ("admin",))


def add(name: str, language: str, roles: Iterable[str]) -> int:
    """Add an account that nobody can sign in to before a password is set, in the caller's transaction; its id."""
    from hilf.store.people.tables import User  # a table has a name once a database is in use

    added = User.objects.create_user(username=name, password=None, language=language)
    set_roles(added.pk, roles)
    return int(added.pk)


def count() -> int:
    """How many accounts there are."""
    from hilf.store.people.tables import User  # a table has a name once a database is in use

    return User.objects.count()


_COLUMNS = (
    'SELECT u.id, u.username, u.is_active, u.language, u.last_login, u.password, o.kid FROM "user" u '
    "LEFT JOIN officer_person o ON o.user_id = u.id AND o.until IS NULL"
)


def every() -> list[Account]:
    """All accounts, by name."""
    held: dict[int, list[str]] = {}
    for user, role in database.rows("SELECT user_id, role FROM user_role ORDER BY role"):
        held.setdefault(user, []).append(role)
    return [_account(row, held.get(row[0], ())) for row in database.rows(f"{_COLUMNS} ORDER BY u.username")]


def by_name(name: str) -> Account | None:
    """The account of this name."""
    row = database.row(f"{_COLUMNS} WHERE u.username = %s", (name,))
    return _account(row, roles(row[0])) if row else None


def by_id(user: int) -> Account | None:
    """The account with this id."""
    row = database.row(f"{_COLUMNS} WHERE u.id = %s", (user,))
    return _account(row, roles(row[0])) if row else None


def _account(row: tuple, held: Iterable[str]) -> Account:
    user, name, enabled, language, last, password, kid = row
    if isinstance(last, str):
        last = datetime.fromisoformat(last)
    return Account(user, name, tuple(held), bool(enabled), language, last, not password.startswith("!"), kid)


def roles(user: int) -> tuple[str, ...]:
    """The roles of a person, sorted."""
    return tuple(
        role for (role,) in database.rows("SELECT role FROM user_role WHERE user_id = %s ORDER BY 1", (user,))
    )


def set_roles(user: int, wanted: Iterable[str]) -> None:
    """Give a person these roles and no others, in the caller's transaction."""
    database.execute("DELETE FROM user_role WHERE user_id = %s", (user,))
    for role in sorted(set(wanted)):
        database.execute("INSERT INTO user_role (user_id, role) VALUES (%s, %s)", (user, role))


def set_enabled(user: int, enabled: bool) -> None:
    """Let a person sign in, or not any more, in the caller's transaction."""
    database.execute('UPDATE "user" SET is_active = %s WHERE id = %s', (enabled, user))


def set_password(user: int, password: str) -> None:
    """Set a password, in the caller's transaction; sessions of the old one end."""
    from hilf.store.people.tables import User  # a table has a name once a database is in use

    person = User.objects.get(pk=user)
    person.set_password(password)
    person.save(update_fields=["password"])


def forget_password(user: int) -> None:
    """Leave an account without a password, in the caller's transaction; its sessions end."""
    from hilf.store.people.tables import User  # a table has a name once a database is in use

    person = User.objects.get(pk=user)
    person.set_unusable_password()
    person.save(update_fields=["password"])


def forget_factors(user: int) -> int:
    """Remove the second factors of a person, in the caller's transaction; how many there were.

    Their table is there once the console has run.
    """
    if not _has_table("mfa_authenticator"):
        return 0
    return database.execute("DELETE FROM mfa_authenticator WHERE user_id = %s", (user,))


def with_factors() -> frozenset[int]:
    """Ids of the accounts that have a second factor."""
    if not _has_table("mfa_authenticator"):
        return frozenset()
    found = database.rows("SELECT DISTINCT user_id FROM mfa_authenticator WHERE type IN ('totp', 'webauthn')")
    return frozenset(user for (user,) in found)


def _has_table(name: str) -> bool:
    from django.db import connection  # the names of tables are Django's to find

    return name in connection.introspection.table_names()


def person_of(kid: str) -> int | None:
    """Whose an officer's key is or ever was; None where no account was ever bound to it."""
    row = database.row("SELECT user_id FROM officer_person WHERE kid = %s", (kid,))
    return row[0] if row else None


def bind_officer(user: int, kid: str | None, at: datetime) -> None:
    """Say that a person signs with this officer's key from now on, or with none, in the caller's transaction.

    The key must be nobody else's.
    """
    database.execute(
        "UPDATE officer_person SET until = %s WHERE user_id = %s AND until IS NULL", (microseconds(at), user)
    )
    if kid is not None:
        database.execute(
            "INSERT INTO officer_person (kid, user_id, since) VALUES (%s, %s, %s) "
            "ON CONFLICT (kid) DO UPDATE SET until = NULL",
            (kid, user, microseconds(at)),
        )


def put_invitation(token_sha256: str, user: int, created: datetime, expires: datetime) -> None:
    """Keep the hash of a link for a person, in the caller's transaction; earlier ones count no longer."""
    database.execute("DELETE FROM invitation WHERE user_id = %s", (user,))
    database.execute(
        "INSERT INTO invitation (token_sha256, user_id, created, expires) VALUES (%s, %s, %s, %s)",
        (token_sha256, user, microseconds(created), microseconds(expires)),
    )


def invitation(token_sha256: str) -> tuple[int, datetime] | None:
    """For whom a link is, and until when it counts."""
    row = database.row("SELECT user_id, expires FROM invitation WHERE token_sha256 = %s", (token_sha256,))
    return (row[0], moment(row[1])) if row else None


def invited() -> dict[int, datetime]:
    """Until when the link of each invited person counts."""
    return {user: moment(at) for user, at in database.rows("SELECT user_id, expires FROM invitation")}


def drop_invitation(token_sha256: str) -> int:
    """Let a link count no longer; 1 if it still did."""
    return database.execute("DELETE FROM invitation WHERE token_sha256 = %s", (token_sha256,))
