"""What every page shares: rooms by powers, errors as they are, languages, the policy."""

import pytest
from django.test import override_settings
from django.urls import path

from hilf.access.role import Power, Role
from hilf.console.access import needs
from hilf.console.urls import urlpatterns as real
from hilf.errors import CallerFault, OperatorFault, PartnerFault, Refusal

FAULTS = {
    "refusal": (Refusal("release.refused", "Not <this>.", "A rule.", "Do that."), 409),
    "caller": (CallerFault("release.wrong", "Not <this>.", "A rule.", "Do that."), 400),
    "partner": (PartnerFault("batch: chain"), 409),
    "operator": (OperatorFault("store.locked", "Not <this>.", "A rule.", "Do that."), 503),
}


@needs(Power.READ)
def fails(request, name: str):
    if name == "bug":
        raise RuntimeError("secret of the house")
    raise FAULTS[name][0]


urlpatterns = [*real, path("fails/<str:name>/", fails)]


@pytest.fixture
def failing(console):
    with override_settings(ROOT_URLCONF=__name__):
        yield console


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_an_error_of_a_verb_is_shown_as_it_is(failing, name: str) -> None:
    error, status = FAULTS[name]
    answer = failing.person(Role.VIEWER).get(f"/fails/{name}/")
    assert answer.status_code == status
    text = answer.content.decode()
    assert error.code in text
    assert "<this>" not in text


@pytest.mark.parametrize("language", ["ar", "en", "fr"])
def test_a_page_that_is_not_there_says_so_in_every_language(console, language: str) -> None:
    answer = console.person(Role.VIEWER, language=language).get("/nowhere/")
    assert answer.status_code == 404
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in answer.content.decode()


def test_a_fault_of_ours_tells_nothing_of_the_house(failing) -> None:
    person = failing.person(Role.VIEWER)
    person.raise_request_exception = False
    answer = person.get("/fails/bug/")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.content.decode()
    assert "secret of the house" not in answer.content.decode()


def test_who_has_no_role_sees_no_room_and_is_told(console) -> None:
    answer = console.person().get("/")
    assert answer.status_code == 403
    assert "This is not for you" in answer.content.decode()
    assert 'id="rooms"' not in answer.content.decode()


def test_the_language_is_changed_without_a_script(console) -> None:
    person = console.person(Role.VIEWER)
    answer = person.post("/language/", {"language": "fr", "next": "/"}, follow=True)
    assert '<html lang="fr"' in answer.content.decode()


def test_light_and_dark_come_from_the_reader(console) -> None:
    person = console.person(Role.VIEWER)
    person.cookies["hilf_theme"] = "dark"
    assert 'data-bs-theme="dark"' in person.get("/").content.decode()
    person.cookies["hilf_theme"] = '"><script>'
    assert 'data-bs-theme="light"' in person.get("/").content.decode()


def test_nobody_is_offered_to_sign_up(console) -> None:
    from django.test import Client

    console.use()
    visitor = Client(headers={"host": "localhost:8400"})
    assert "signup" not in visitor.get("/account/login/").content.decode()
    assert visitor.get("/account/signup/").status_code == 200
    assert visitor.post("/account/signup/", {"username": "x", "password1": "y"}).status_code in {200, 403}


def test_a_form_of_a_session_that_is_over_says_that_nothing_was_done(console) -> None:
    from django.test import Client

    console.use()
    visitor = Client(headers={"host": "localhost:8400"}, enforce_csrf_checks=True)
    answer = visitor.post("/account/login/", {"login": "x", "password": "y"})
    assert answer.status_code == 403
    assert "This form is too old" in answer.content.decode()


def test_every_answer_says_the_policy(console) -> None:
    for address in ("/", "/nowhere/", "/account/login/"):
        answer = console.person(Role.VIEWER).get(address)
        assert "script-src 'self'" in answer["Content-Security-Policy"]
        assert answer["Cache-Control"] == "no-store" or "no-cache" in answer["Cache-Control"]
