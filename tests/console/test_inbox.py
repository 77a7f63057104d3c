"""The inbox: what partners sent stands there until somebody looked at it; RED of it only for those who may read it."""

import pytest

from hilf.access.role import Role
from hilf.markings.tlp import Tlp
from hilf.node import audit, mark, triage
from tests.nations import carry, indicator


@pytest.fixture
def received(allied):
    """QM holds two indicators of QN."""
    qm, qn, _ = allied.nations
    qn.says(indicator(qn, "one", Tlp.GREEN), indicator(qn, "two", Tlp.GREEN))
    qn.release(qm)
    carry(qn, qm)
    allied.use()
    return allied


def names(console, role=Role.ANALYST, query=""):
    page = console.person(role).get(f"/inbox/{query}")
    assert page.status_code == 200
    return page.content.decode()


def waiting(console):
    console.use()
    return [each.stix_id for each in triage.page(console.home, 50).objects if each.type == "indicator"]


def test_an_empty_inbox_says_what_will_stand_there(console):
    assert "Everything has been looked at" in names(console)


def test_what_a_partner_sent_stands_there_until_it_is_marked_as_seen(received):
    first, second = waiting(received)
    page = names(received)
    assert first in page
    assert second in page
    person = received.person(Role.ANALYST)
    assert person.post("/inbox/look/", {"id": [first], "do": "seen"}).status_code == 302
    assert waiting(received) == [second]
    assert first not in names(received)
    assert person.post("/inbox/look/", {"id": [second], "do": "false-positive"}).status_code == 302
    assert waiting(received) == []


def test_our_own_objects_never_stand_there(received):
    received.nations[0].says(indicator(received.nations[0], "ours", Tlp.GREEN))
    assert len(waiting(received)) == 2


def test_it_is_narrowed_to_a_partner(received):
    assert waiting(received)[0] in names(received, query=f"?peer={received.nations[1].node}")
    received.use()
    assert triage.page(received.home, 50, partner=received.nations[2].node).objects == ()


def test_the_first_page_says_how_many_wait(received):
    page = received.person(Role.ANALYST).get("/").content.decode()
    assert "wait to be looked at" in page
    assert "Nothing waits for you" not in page


def test_nothing_else_can_be_said_of_an_object(received):
    answer = received.person(Role.ANALYST).post("/inbox/look/", {"id": waiting(received), "do": "mine"})
    assert (answer.status_code, b"inbox.word" in answer.content) == (400, True)
    assert len(waiting(received)) == 2


def test_a_viewer_looks_and_says_nothing(received):
    assert received.person(Role.VIEWER).post("/inbox/look/", {"id": "x", "do": "seen"}).status_code == 403


def test_red_that_somebody_may_not_read_is_marked_by_nobody_blind(received):
    red, green = waiting(received)
    mark.mark(received.home, [red], "tlp:red")
    both = received.person(Role.ANALYST, Role.ADMIN)
    assert red not in both.get("/inbox/").content.decode()
    both.post("/inbox/look/", {"id": [red, green], "do": "seen"})
    assert waiting(received) == [red]


def test_what_was_marked_stands_in_the_trail(received):
    stix_id = waiting(received)[0]
    received.person(Role.ANALYST).post("/inbox/look/", {"id": [stix_id], "do": "seen"})
    received.use()
    assert any(stix_id in (each.subject or "") for each in audit.entries(audit.Query(kind="did"), limit=10))


@pytest.mark.parametrize("path", ["/inbox/", "/intelligence/", "/intelligence/intake/imports/"])
def test_a_key_that_no_page_gave_begins_anew(received, path):
    assert received.person(Role.ANALYST).get(f"{path}?after={'9' * 5000}").status_code == 200
