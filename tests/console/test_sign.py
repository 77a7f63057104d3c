"""An officer signs in the console with the key that is the person's own."""

from types import SimpleNamespace

import pytest

from hilf.access.role import Role
from hilf.console.sign import TRIES, SignForm
from hilf.errors import Refusal
from hilf.node import user
from tests.conftest import NOW, PASSPHRASE


def form(person, passphrase=None, role="approval"):
    request = SimpleNamespace(user=person.user)
    return SignForm(request, role, None if passphrase is None else {"passphrase": passphrase})


def test_the_key_of_the_person_opens(console):
    person = console.person(Role.APPROVER, officer="amal")
    signing = form(person, PASSPHRASE)
    assert signing.officer.name == "amal"
    assert signing.is_valid()
    assert signing.key.kid == console.keys["amal"].kid


def test_who_is_no_officer_signs_nothing_and_reads_why(console):
    signing = form(console.person(Role.APPROVER), PASSPHRASE)
    assert signing.refusal.code == "user.no-officer"
    assert not signing.is_valid()


def test_an_officer_who_was_removed_signs_nothing(console):
    person = console.person(Role.APPROVER, officer="amal")
    user.bind(console.home, person.name, None, NOW)
    with pytest.raises(Refusal):
        user.signing_key(console.home, person.user.pk, PASSPHRASE, "approval")


def test_guessing_ends(console):
    person = console.person(Role.APPROVER, officer="officer")
    for _ in range(TRIES):
        wrong = form(person, "not these words")
        assert not wrong.is_valid()
        assert "not the passphrase" in str(wrong.errors)
    assert "Too many" in str(form(person, PASSPHRASE).errors)


def test_the_page_shows_who_signs(console):
    from django.template.loader import render_to_string

    person = console.person(Role.APPROVER, officer="amal")
    shown = render_to_string("sign/fields.html", {"form": form(person)})
    assert console.keys["amal"].kid in shown
    assert 'type="password"' in shown
    assert "hilf user officer" in render_to_string("sign/fields.html", {"form": form(console.person())})
