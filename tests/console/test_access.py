"""Who is let in: by role, with a second factor, and nobody to a page that asks for no power."""

from hilf.access.role import Role


def test_the_first_page_needs_somebody_who_may_read(console):
    assert console.person(Role.VIEWER).get("/").status_code == 200
    assert console.person().get("/").status_code == 403


def test_without_a_second_factor_the_only_way_is_to_add_one(console):
    answer = console.person(Role.VIEWER, factor=False).get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/2fa/")


def test_who_is_not_signed_in_is_asked_to(console):
    from django.test import Client

    answer = Client(headers={"host": "localhost:8400"}).get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/login/?next=/")


def test_pages_of_a_node_with_partners(allied):
    assert allied.person(Role.VIEWER).get("/").status_code == 200
