"""Accounts of people who sign in at the console; passwords are kept as Django hashes them, never as text."""

from django.contrib.auth import get_user_model


def add_administrator(name: str, password: str, language: str) -> None:
    """Add an account that may do everything in the console.

    Args:
        name: what is typed to sign in; must be new.
        password: as it will be typed.
        language: ar, en or fr.
    """
    get_user_model().objects.create_superuser(username=name, password=password, language=language)


def count() -> int:
    """How many accounts there are."""
    return get_user_model().objects.count()
