"""Sign-in: what locks out, who can be signed in by an identity provider, how one's own sessions end."""

import pytest
from django.test import Client, override_settings

from hilf.access.role import Role
from hilf.console.account import subject
from hilf.console.policy import policy
from hilf.errors import OperatorFault, Refusal
from hilf.stack import Provider, provider_of, settings_for
from tests.console.conftest import PASSWORD, URL

NATIONAL = Provider("https://id.qm.example/realm", "National sign-in", "hilf", "a secret of the client")


def somebody():
    return Client(headers={"host": "localhost:8400"})


def sign_in(client, password, name="huda"):
    return client.post("/account/login/", {"login": name, "password": password})


def test_five_wrong_passwords_lock_an_account_for_a_while(console):
    console.person(Role.VIEWER, name="huda", factor=False)
    for _ in range(5):
        assert b"not correct" in sign_in(somebody(), "wrong").content
    answer = sign_in(somebody(), PASSWORD)
    assert answer.status_code == 200
    assert b"Too many failed" in answer.content


def test_a_second_factor_is_asked_for_at_sign_in(console):
    console.person(Role.VIEWER, name="huda")
    client = somebody()
    assert sign_in(client, PASSWORD)["Location"] == "/account/2fa/authenticate/"
    assert client.get("/")["Location"].startswith("/account/login/")


def test_nobody_signs_up(console):
    assert b"invited by an administrator" in somebody().get("/account/signup/").content
    answer = somebody().post("/account/signup/", {"username": "x", "password1": PASSWORD})
    assert answer.status_code == 200
    from hilf.store.people import account

    assert account.by_name("x") is None


def test_a_code_counts_once(console):
    import time

    from allauth.mfa.totp.internal import auth

    from tests.console.conftest import TOTP_SECRET

    console.person(Role.VIEWER, name="huda")
    code = auth.format_hotp_value(auth.hotp_value(TOTP_SECRET, int(time.time()) // 30))
    for expected in (302, 200):
        client = somebody()
        sign_in(client, PASSWORD)
        assert client.post("/account/2fa/authenticate/", {"code": code}).status_code == expected


def test_other_sessions_are_ended_and_this_one_goes_on(console):
    huda = console.person(Role.VIEWER, name="huda")
    huda.get("/")
    other = somebody()
    other.force_login(huda.user)
    other.get("/account/sessions/")
    assert b"End all others" in huda.get("/account/sessions/").content
    huda.post("/account/sessions/")
    assert huda.get("/").status_code == 200
    assert other.get("/account/sessions/")["Location"].startswith("/account/login/")


@pytest.fixture
def provided(console):
    named = settings_for(b"x" * 32, URL, "en", NATIONAL)
    with override_settings(**{name: named[name] for name in named if "PROVIDER" in name}):
        yield console


def test_an_identity_provider_is_offered_and_its_origin_alone_is_let_through(provided):
    assert b"National sign-in" in somebody().get("/account/login/").content
    assert "form-action 'self' https://id.qm.example;" in policy()


def test_a_provider_has_its_secret_in_a_file(tmp_path):
    values = {
        "oidc_url": "https://id.qm.example/",
        "oidc_name": "x",
        "oidc_client_id": "hilf",
        "oidc_secret_file": "s",
    }
    with pytest.raises(OperatorFault) as fault:
        provider_of(tmp_path, values)
    assert fault.value.code == "settings.oidc-secret"
    (tmp_path / "s").write_text("secret\n")
    made = provider_of(tmp_path, values)
    assert (made.secret, made.url) == ("secret", "https://id.qm.example")
    assert "secret" not in repr(made).replace("oidc_secret_file", "")
    assert provider_of(tmp_path, {"oidc_url": ""}) is None


def test_a_subject_is_one_persons(provided):
    huda, omar = (provided.person(Role.VIEWER, name=name) for name in ("huda", "omar"))
    subject.bind(huda.user.pk, "0815")
    with pytest.raises(Refusal, match="another account"):
        subject.bind(omar.user.pk, "0815")
    subject.bind(huda.user.pk, "")
    subject.bind(omar.user.pk, "0815")
    assert (subject.subject_of(huda.user.pk), subject.subject_of(omar.user.pk)) == ("", "0815")


def test_an_administrator_binds_it(provided):
    admin = provided.person(Role.ADMIN, name="root", stepped_up=True)
    huda = provided.person(Role.VIEWER, name="huda")
    assert b"Subject at the identity provider" in admin.get("/people/huda/change/").content
    admin.post("/people/huda/change/", {"what": "subject", "subject": "0815"})
    assert subject.subject_of(huda.user.pk) == "0815"


def test_an_unknown_subject_gets_no_account(provided):
    """As the provider's answer is worked on: no account is bound to the subject, so nobody is signed in."""
    from allauth.socialaccount.adapter import get_adapter

    assert not get_adapter().is_open_for_signup(None, None)
