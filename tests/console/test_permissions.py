"""Every address of the console as every role and as nobody: who is let in is what the table says, and no address is missing."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver

from hilf.access.role import Power, Role, powers
from tests.console.permissions import ANYBODY, OWN_ACCOUNT, PAGES, SIGNED_IN

SAMPLES = {"int": "1", "uuid": "00000000-0000-4000-8000-000000000000"}


def addresses() -> Iterator[tuple[str, str, bool]]:
    """Name, address with sample values, and whether it is a page of django-allauth."""
    from django.urls import get_resolver

    yield from _walk(get_resolver().url_patterns, "/")


def _walk(patterns, before) -> Iterator[tuple[str, str, bool]]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, before + _sample(each.pattern))
        elif isinstance(each, URLPattern):
            of_account = before.startswith("/account/")
            yield each.name or "", before + _sample(each.pattern), of_account


def _sample(pattern) -> str:
    text = str(pattern).removeprefix("^").removesuffix("$").removesuffix("\\Z")
    for name, converter in pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower()
        for shown in (f"<{kind}:{name}>", f"<str:{name}>", f"<slug:{name}>", f"<path:{name}>", f"<{name}>"):
            text = text.replace(shown, SAMPLES.get(kind, "x"))
    return text


def ours() -> list[tuple[str, str]]:
    return [(name, url) for name, url, of_account in addresses() if not of_account]


def test_every_address_has_a_line_and_every_line_an_address(console):
    names = {name for name, _ in ours()}
    assert "" not in names, "an address without a name"
    assert names == {*PAGES, *SIGNED_IN, *ANYBODY}


def test_pages_of_django_allauth_are_about_ones_own_account(console):
    strange = {n for n, _, of_account in addresses() if of_account and n and not n.startswith(OWN_ACCOUNT)}
    assert strange == set()


def test_who_is_not_signed_in_sees_nothing(console):
    from django.test import Client

    somebody = Client(headers={"host": "localhost:8400"}, raise_request_exception=False)
    for name, url in ours():
        if name in ANYBODY or name in SIGNED_IN:
            continue
        answer = somebody.get(url)
        assert answer.status_code == 302, (name, url, answer.status_code)
        assert answer["Location"].startswith("/account/login/"), (name, url)


@pytest.mark.parametrize("role", [None, *Role], ids=lambda role: role.value if role else "no role")
def test_who_is_let_in(console, role):
    """Let in or refused at the door; what the page then says of an id that there is not is another matter."""
    roles = [role] if role else []
    person, has = console.person(*roles), powers(roles)
    person.raise_request_exception = False
    for name, url in ours():
        if name in ANYBODY or name in SIGNED_IN:
            continue
        needed = set(PAGES.get(name, Power))
        for method in (person.get, person.post):
            status = method(url).status_code
            assert (status == 403) is not (needed <= has), (name, url, status)


def test_a_view_that_asks_for_no_power_is_shown_to_nobody():
    from types import SimpleNamespace

    from django.core.exceptions import PermissionDenied

    from hilf.console.access import Access

    def forgotten(request):
        raise AssertionError

    forgotten.__module__ = "hilf.console.somewhere"
    with pytest.raises(PermissionDenied):
        Access(forgotten).process_view(SimpleNamespace(user=None), forgotten, (), {})
