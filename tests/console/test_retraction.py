"""Retraction in the console: taken back, the board of who confirmed, officers behind it, and what is held (protocol.md 5)."""

from datetime import timedelta

import pytest

from hilf.access.role import Role
from hilf.markings.tlp import Tlp
from hilf.node.home import now
from tests.conftest import PASSPHRASE
from tests.nations import carry, indicator


def shown(answer) -> str:
    assert answer.status_code == 200, answer.content.decode()[:3000]
    return answer.content.decode()


@pytest.fixture
def there(allied):
    """An indicator of QM that QN has."""
    qm, qn, _ = allied.nations
    made = indicator(qm, "wrong one", Tlp.GREEN)
    qm.says(made, at=now())
    qm.release(qn, f"id:{made['id']}", at=now())
    carry(qm, qn, now())
    allied.use()
    return made["id"]


def take_back(person, stix_id, reason="error", **more):
    return person.post("/retractions/new/", {"object": stix_id, "reason": reason, **more}, follow=True)


def test_first_says_what_retraction_is(console):
    assert "Nothing was taken back yet" in shown(console.person(Role.VIEWER).get("/retractions/"))


def test_the_board_says_who_confirmed(allied, there):
    qm, qn, _ = allied.nations
    releaser = allied.person(Role.RELEASER)
    assert "wrong one" in shown(releaser.get(f"/retractions/new/?object={there}"))
    board = shown(take_back(releaser, there))
    assert "1 node is told with the next round" in board
    assert "0 of 1 node confirmed" in board
    assert "not confirmed yet" in board
    carry(qm, qn, now())
    carry(qn, qm, now())
    board = shown(releaser.get(f"/retractions/{there}/"))
    assert "1 of 1 node confirmed" in board
    assert "hidden there" in board
    assert "1 / 1" in shown(releaser.get("/retractions/"))


def test_who_is_late_is_seen(allied, there):
    from hilf.federation.retraction import RetractionReason
    from hilf.node import withdrawal

    past = now() - timedelta(days=5)
    withdrawal.retract(allied.use(), there, RetractionReason.LEGAL, past, past + timedelta(hours=1))
    viewer = allied.person(Role.VIEWER)
    assert "late" in shown(viewer.get(f"/retractions/{there}/"))
    assert "1 late" in shown(viewer.get("/retractions/"))


def test_what_cannot_be_taken_back_says_why_and_keeps_the_form(allied, there):
    releaser = allied.person(Role.RELEASER)
    answer = take_back(releaser, "indicator--00000000-0000-4000-8000-000000000000")
    assert answer.status_code == 409
    assert "retract.not-asserted" in answer.content.decode()
    assert "indicator--00000000" in answer.content.decode()
    assert take_back(releaser, there, deadline="2020-01-01T10:00").status_code == 409


def test_two_officers_stand_behind_it(allied, there):
    releaser = allied.person(Role.RELEASER, officer="officer", stepped_up=True)
    take_back(releaser, there, "source-at-risk")
    assert "Stand behind it" in shown(releaser.get(f"/retractions/{there}/"))
    shown(releaser.get(f"/retractions/{there}/sign/"))
    first = releaser.post(f"/retractions/{there}/sign/", {"passphrase": PASSPHRASE}, follow=True)
    assert "1 more officer must" in shown(first)
    again = releaser.get(f"/retractions/{there}/sign/")
    assert again.status_code == 409
    approver = allied.person(Role.APPROVER, officer="amal", stepped_up=True)
    second = approver.post(f"/retractions/{there}/second/", {"passphrase": PASSPHRASE}, follow=True)
    assert "Enough officers do" in shown(second)


def test_what_a_partner_takes_back_in_too_great_numbers_is_decided_at_once(allied, monkeypatch):
    from hilf.federation import retraction as rules
    from hilf.federation.retraction import RetractionReason
    from hilf.node import retract, withdrawal

    monkeypatch.setattr(rules, "MOST_PER_HOUR", 1)
    monkeypatch.setattr(retract, "MOST_PER_HOUR", 1)
    qm, qn, _ = allied.nations
    made = [indicator(qn, f"many {n}", Tlp.GREEN) for n in range(4)]
    qn.says(*made, at=now())
    qn.release(qm, "type:indicator", at=now())
    carry(qn, qm, now())
    for each in made:
        withdrawal.retract(qn.home(), each["id"], RetractionReason.ERROR, now())
    carry(qn, qm, now())
    allied.use()
    analyst = allied.person(Role.ANALYST)
    page = shown(analyst.get("/retractions/"))
    assert "held here for a person" in page
    assert made[-1]["id"] in shown(analyst.get("/retractions/held/cert.qn.example/"))
    done = shown(analyst.post("/retractions/held/cert.qn.example/refuse/", follow=True))
    assert "the partner is told" in done
    assert "held here for a person" not in done
    assert analyst.post("/retractions/held/cert.qn.example/accept/").status_code == 400
