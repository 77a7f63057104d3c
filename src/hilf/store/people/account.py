"""Accounts of people who sign in at the console; passwords are kept as Django hashes them, never as text."""


def add_administrator(name: str, password: str, language: str) -> None:
    """Add an account that may do everything in the console.

    Args:
        name: what is typed to sign in; must be new.
        password: as it will be typed.
        language: ar, en or fr.
    """
    from hilf.store.people.tables import User  # a table has a name once a database is in use

    User.objects.create_superuser(username=name, password=password, language=language)


def count() -> int:
    """How many accounts there are."""
    from hilf.store.people.tables import User  # a table has a name once a database is in use

    return User.objects.count()
