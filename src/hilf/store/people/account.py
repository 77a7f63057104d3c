"""Accounts of people who sign in at the console, and their roles; passwords are kept as Django hashes them, never as text."""

from collections.abc import Iterable

from hilf.store import database


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


def count() -> int:
    """How many accounts there are."""
    from hilf.store.people.tables import User  # a table has a name once a database is in use

    return User.objects.count()


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


def bind_officer(user: int, kid: str | None) -> None:
    """Say that a person is the officer with this key; None: no officer. In the caller's transaction."""
    database.execute('UPDATE "user" SET officer_kid = %s WHERE id = %s', (kid, user))
