"""An administrator invites, gives roles, binds officers and ends sessions; whoever was invited sets a password."""

import re

import pytest

from hilf.access.role import Role
from hilf.node import audit, user
from hilf.node.audit import Query
from tests.console.conftest import PASSWORD

NEW = "a sentence that nobody else would type"


@pytest.fixture
def admin(console):
    return console.person(Role.ADMIN, name="warden", stepped_up=True)


def link(answer):
    return re.search(rb"http://localhost:8400(/invitation/[\w-]+/)", answer.content)[1].decode()


def stranger():
    from django.test import Client

    return Client(headers={"host": "localhost:8400"})


def test_who_is_invited_sets_a_password_and_signs_in(console, admin):
    answer = admin.post(
        "/people/invite/", {"name": "huda", "language": "ar", "roles": ["analyst", "releaser"]}
    )
    url, guest = link(answer), stranger()
    assert b"huda" in guest.get(url).content
    assert guest.post(url, {"password": NEW, "again": NEW}).status_code == 302
    assert guest.get(url).status_code == 409
    signed_in = guest.post("/account/login/", {"login": "huda", "password": NEW})
    assert signed_in.status_code == 302
    assert guest.get("/")["Location"] == "/account/2fa/"
    assert user.named("huda").roles == ("analyst", "releaser")


@pytest.mark.parametrize(
    ("typed", "again", "says"),
    [
        ("short", "short", "too short"),
        (NEW, NEW + "x", "differ"),
        ("password1234", "password1234", "too common"),
    ],
)
def test_a_weak_password_is_not_taken(console, admin, typed, again, says):
    url = link(admin.post("/people/invite/", {"name": "huda", "language": "en", "roles": ["viewer"]}))
    answer = stranger().post(url, {"password": typed, "again": again})
    assert says in answer.content.decode()
    assert not user.named("huda").has_password


def test_a_name_that_there_is_already_is_said_in_the_form(console, admin):
    answer = admin.post("/people/invite/", {"name": "warden", "language": "en", "roles": []})
    assert "There is an account warden already." in answer.content.decode()


def test_changing_a_person_needs_the_second_factor_again(console):
    admin = console.person(Role.ADMIN, name="warden")
    for place in ("invite/", "warden/change/", "warden/link/"):
        assert admin.get(f"/people/{place}")["Location"].startswith("/account/2fa/reauthenticate/")


def test_roles_and_officer_are_given(console, admin):
    console.person(Role.VIEWER, name="huda")
    admin.post("/people/huda/change/", {"what": "roles", "roles": ["approver"]})
    admin.post("/people/huda/change/", {"what": "officer", "officer": "amal"})
    page = admin.get("/people/huda/").content.decode()
    assert "approves what somebody else asked for" in page
    assert console.keys["amal"].kid in page


def test_a_key_of_somebody_else_is_refused_on_the_page(console, admin):
    console.person(Role.APPROVER, name="huda", officer="amal")
    console.person(Role.APPROVER, name="omar")
    answer = admin.post("/people/omar/change/", {"what": "officer", "officer": "amal"})
    assert (answer.status_code, "user.officer-taken" in answer.content.decode()) == (409, True)


def test_the_last_administrator_stays(console, admin):
    user.set_enabled("admin", enabled=False)
    answer = admin.post("/people/warden/change/", {"what": "disable"})
    assert answer.status_code == 409
    assert admin.get("/people/").status_code == 200


def test_who_is_disabled_is_out_at_once(console, admin):
    huda = console.person(Role.VIEWER, name="huda")
    assert huda.get("/").status_code == 200
    admin.post("/people/huda/change/", {"what": "disable"})
    assert huda.get("/")["Location"].startswith("/account/login/")
    assert stranger().post("/account/login/", {"login": "huda", "password": PASSWORD})["Location"] != "/"


def test_sessions_of_a_person_are_ended(console, admin):
    huda = console.person(Role.VIEWER, name="huda")
    huda.get("/")
    assert "End all of them" in admin.get("/people/huda/").content.decode()
    admin.post("/people/huda/end/")
    assert huda.get("/")["Location"].startswith("/account/login/")


def test_a_new_link_takes_password_and_second_factor(console, admin):
    huda = console.person(Role.VIEWER, name="huda")
    huda.get("/")
    assert b"count no longer" in admin.get("/people/huda/link/").content
    url = link(admin.post("/people/huda/link/"))
    assert huda.get("/")["Location"].startswith("/account/login/")
    assert user.listed(console.home)[1].has_factor is False
    assert stranger().get(url).status_code == 200


def test_the_trail_names_who_did_it_and_holds_no_link(console, admin):
    url = link(admin.post("/people/invite/", {"name": "huda", "language": "ar", "roles": ["analyst"]}))
    stranger().post(url, {"password": NEW, "again": NEW})
    entries = audit.entries(Query())
    assert [(each.person, each.kind, each.action, each.subject) for each in entries][:3] == [
        ("huda", "did", "take up invitation", "huda"),
        ("warden", "did", "person invite", "huda"),
        ("warden", "tried", "person invite", ""),
    ]
    assert url.split("/")[2] not in str(entries)
    assert NEW not in str(entries)
