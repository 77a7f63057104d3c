"""Consent in the console: asked of an originator, answered here, given by two officers, taken back (docs/adr/0014)."""

import re

import pytest

from hilf.access.role import Role
from hilf.markings.tlp import Tlp
from hilf.node.home import now
from tests.conftest import PASSPHRASE
from tests.console.conftest import _serve
from tests.nations import carry, indicator
from tests.node.test_consent import ask, chain, chained, passed

__all__ = ["chain", "chained"]


def shown(answer) -> str:
    assert answer.status_code == 200, answer.content.decode()[:3000]
    return answer.content.decode()


@pytest.fixture
def author(chain, _pages):
    """The console of QM, which wrote what QN asks to give on to QO."""
    yield from _serve(chain[0].home(), chain[0].keys, chain)


@pytest.fixture
def asker(chain, _pages):
    """The console of QN, which has something of QM."""
    yield from _serve(chain[1].home(), chain[1].keys, chain)


def asked_about(console, tlp=Tlp.GREEN):
    """QN asks QM whether it may go on to QO; the object."""
    qm, qn, qo, _ = console.nations
    made = indicator(qm, "pump", tlp)
    qm.says(made, at=now())
    passed(qm, qn, made, now())
    ask(qn, made, qo, at=now())
    carry(qn, qm, now())
    console.use()
    return made["id"]


def test_first_says_where_consent_is_asked(console):
    assert "Nobody was asked yet" in shown(console.person(Role.VIEWER).get("/consents/"))


def test_an_originator_is_asked_from_the_preview(asker):
    qm, qn, _, _ = asker.nations
    made = indicator(qm, "pump", Tlp.GREEN)
    qm.says(made, at=now())
    passed(qm, qn, made, now())
    asker.use()
    releaser = asker.person(Role.RELEASER)
    page = shown(releaser.get(f"/release/preview/?to=cert.qo.example&select=id:{made['id']}&part=stays"))
    (url,) = set(re.findall(r'href="(/consents/ask/\?[^"]+)"', page))
    form = shown(releaser.get(url.replace("&amp;", "&")))
    assert made["id"] in form
    answer = releaser.post(
        "/consents/ask/",
        {"objects": made["id"], "to": ["cert.qo.example"], "why": "They run the same pumps.", "lang": "en"},
        follow=True,
    )
    assert "asked with the next round" in shown(answer)
    assert "They run the same pumps." in shown(answer)
    again = releaser.post("/consents/ask/", {"objects": made["id"], "to": ["cert.qo.example"], "lang": "en"})
    assert again.status_code == 409
    assert "consent.asked-already" in again.content.decode()
    assert "we ask" in shown(releaser.get("/consents/?way=out"))


def test_a_question_is_answered_with_yes_and_taken_back(author):
    stix_id = asked_about(author)
    approver = author.person(Role.APPROVER, officer="officer", stepped_up=True)
    assert "asks us" in shown(approver.get("/consents/"))
    assert "Consents that partners ask for" in shown(approver.get("/release/approvals/"))
    shown(approver.get("/consents/1/"))
    page = shown(approver.get("/consents/1/give/"))
    assert "pump" in page
    asked = {"objects": [stix_id], "nodes": ["cert.qo.example"], "pending": "", "passphrase": PASSPHRASE}
    answer = approver.post("/consents/1/give/", asked, follow=True)
    assert "the partner hears it" in shown(answer)
    back = approver.post("/consents/1/deny/", follow=True)
    assert "given, and taken back" in shown(back)


def test_at_amber_two_officers_give_the_same_bytes(author):
    stix_id = asked_about(author, Tlp.AMBER)
    first = author.person(Role.APPROVER, officer="officer", stepped_up=True)
    asked = {"objects": [stix_id], "nodes": ["cert.qo.example"], "pending": "", "passphrase": PASSPHRASE}
    assert "waits for one more officer" in shown(first.post("/consents/1/give/", asked, follow=True))
    assert first.get("/consents/1/give/").status_code == 409
    second = author.person(Role.APPROVER, officer="amal", stepped_up=True)
    page = shown(second.get("/consents/1/give/"))
    assert "What a first officer gave, and you sign" in page
    pending = re.search(r'name="pending" value="([0-9a-f]{64})"', page)[1]
    assert (
        second.post("/consents/1/give/", {"passphrase": PASSPHRASE, "pending": "0" * 64}).status_code == 409
    )
    done = second.post("/consents/1/give/", {"passphrase": PASSPHRASE, "pending": pending}, follow=True)
    assert "the partner hears it" in shown(done)


def test_no_is_said_with_a_word(author):
    asked_about(author)
    approver = author.person(Role.APPROVER)
    page = shown(approver.post("/consents/1/deny/", {"code": "legal"}, follow=True))
    assert "Law or contract stands against it." in page
    assert approver.get("/consents/99/").status_code == 404
