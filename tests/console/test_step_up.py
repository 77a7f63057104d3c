"""What asks for the second factor again, when, and with what it comes back."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from hilf.access.role import Role
from hilf.console.step_up import returned, shown_recently, step_up


def asked(person, method="get", **fields):
    """A request of this person to a page that steps up, as the middlewares hand it over."""
    request = getattr(RequestFactory(headers={"host": "localhost:8400"}), method)(
        "/release/1/approve/", fields
    )
    request.user, request.session = person.user, person.session
    return request


@step_up
def page(request):
    return HttpResponse("signed")


def test_signing_in_is_no_step_up(console):
    person = console.person(Role.APPROVER)
    answer = page(asked(person))
    assert (answer.status_code, answer["Location"]) == (
        302,
        "/account/2fa/reauthenticate/?next=%2Frelease%2F1%2Fapprove%2F",
    )


@pytest.mark.parametrize(("ago", "counts"), [(0, True), (299, True), (301, False), (-5, False)])
def test_it_counts_for_five_minutes(console, ago, counts):
    person = console.person(Role.APPROVER)
    person.step_up(ago)
    assert shown_recently(asked(person)) is counts
    assert page(asked(person)).status_code == (200 if counts else 302)


def test_a_password_shown_again_does_not_count(console):
    import time

    from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY

    person = console.person(Role.APPROVER)
    session = person.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] += [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session.save()
    assert not shown_recently(asked(person))


def test_what_was_typed_comes_back_once_and_no_secret_is_kept(console):
    person = console.person(Role.APPROVER)
    request = asked(person, "post", reason="a mistake", passphrase="secret words", csrfmiddlewaretoken="x")
    page(request)
    request.session.save()
    assert "secret words" not in str(dict(request.session))
    again = asked(person)
    again.session = request.session
    assert returned(again) == {"reason": "a mistake"}
    assert returned(again) == {}


def test_a_part_of_a_page_is_told_to_go_as_a_whole(console):
    request = asked(console.person(Role.APPROVER))
    request.META["HTTP_HX_REQUEST"] = "true"
    answer = page(request)
    assert (answer.status_code, answer["HX-Redirect"][:28]) == (204, "/account/2fa/reauthenticate/")
