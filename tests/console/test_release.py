"""Release in the console: looked at, asked for, approved by somebody else, bound to the bytes; orders; reasons (accord.md 4)."""

import re
import threading
import time
from datetime import timedelta
from urllib.parse import quote

import pytest

from hilf.access.role import Role
from hilf.console.release import background
from hilf.markings.tlp import Tlp
from hilf.node.home import now
from tests.conftest import PASSPHRASE
from tests.nations import indicator


@pytest.fixture(autouse=True)
def _patience(monkeypatch):
    """Work is waited for, however busy the machine is."""
    monkeypatch.setattr(background, "WAIT_S", 60.0)
    background.forget()


@pytest.fixture
def qm(allied):
    """QM with two indicators at GREEN, one at AMBER and one at RED, said now."""
    nation = allied.nations[0]
    nation.says(
        indicator(nation, "green one", Tlp.GREEN),
        indicator(nation, "green two", Tlp.GREEN),
        indicator(nation, "amber one", Tlp.AMBER),
        indicator(nation, "red one", Tlp.RED),
        at=now(),
    )
    return nation


def shown(answer) -> str:
    assert answer.status_code == 200, answer.content.decode()[:3000]
    return answer.content.decode()


def look(person, to="cert.qn.example", select="type:indicator", **more) -> str:
    query = "&".join(f"{name}={quote(value)}" for name, value in {"to": to, "select": select, **more}.items())
    return shown(person.get(f"/release/preview/?{query}"))


def request_of(page: str) -> str:
    """Where a preview leads to ask for what it shows."""
    (found,) = set(re.findall(r'href="(/release/request/\?[^"]+)"', page))
    return found.replace("&amp;", "&")


def test_first_says_what_to_do_without_a_partner(console):
    page = shown(console.person(Role.RELEASER).get("/release/new/"))
    assert "There is no verified partner yet" in page
    assert "Nothing was released yet" in shown(console.person(Role.VIEWER, name="v").get("/release/"))


def test_a_preview_tells_what_leaves_what_stays_and_why(allied, qm):
    releaser = allied.person(Role.RELEASER)
    page = look(releaser)
    assert "green one" in page
    assert "amber one" in page
    assert "red one" not in page
    stays = look(releaser, part="stays")
    assert "red one" in stays
    assert "accord.marking-above" in stays or "accord.forbidden" in stays
    assert "What keeps it here" in stays


def test_what_is_red_is_shown_by_id_only_to_who_may_not_read_it(allied, qm):
    page = look(allied.person(Role.VIEWER), part="stays")
    assert "red one" not in page
    assert "RED: what it says is not shown to you" in page


def test_what_needs_nobody_leaves_at_once(allied, qm):
    releaser = allied.person(Role.RELEASER)
    url = request_of(look(releaser, select="marking:tlp:green type:indicator"))
    assert "Nobody else has to approve" in shown(releaser.get(url))
    answer = releaser.post(url, follow=True)
    assert "are queued; they go with the next round" in shown(answer)
    assert answer.redirect_chain[0][0].startswith("/release/release--")
    assert "/release/release--" in shown(releaser.get("/release/"))
    assert "/release/release--" in look(releaser, select="marking:tlp:green", part="there")


def test_nothing_is_sent_that_was_not_shown(allied, qm):
    releaser = allied.person(Role.RELEASER)
    url = request_of(look(releaser, select="marking:tlp:green type:indicator"))
    qm.says(indicator(qm, "green three", Tlp.GREEN), at=now())
    answer = releaser.post(url)
    assert answer.status_code == 409
    assert "release.preview-changed" in answer.content.decode()
    assert "Nothing was released yet" in shown(releaser.get("/release/"))
    background.forget()
    assert "Something changed since you looked" in shown(releaser.get(url))


def propose(allied, select="type:indicator marking:tlp:amber"):
    """A proposal by the first officer; its address."""
    releaser = allied.person(Role.RELEASER, officer="officer", stepped_up=True)
    url = request_of(look(releaser, select=select))
    first = releaser.get(url)
    assert first.status_code == 302
    assert first["Location"].startswith("/release/propose/?")
    assert "Passphrase" in shown(releaser.get(first["Location"]))
    wrong = releaser.post(first["Location"], {"passphrase": "not it at all"})
    assert "not the passphrase" in shown(wrong)
    answer = releaser.post(first["Location"], {"passphrase": PASSPHRASE})
    assert answer.status_code == 302, answer.content.decode()
    return releaser, answer["Location"]


def test_what_needs_an_approval_is_approved_by_somebody_else_over_the_same_bytes(allied, qm):
    releaser, place = propose(allied)
    approver = allied.person(Role.APPROVER, officer="amal", stepped_up=True)
    inbox = shown(approver.get("/release/approvals/"))
    assert place in inbox
    page = shown(approver.get(f"{place}approve/"))
    assert "amber one" in page
    subject = re.search(r'name="subject" value="([0-9a-f]{64})"', page)[1]
    other = approver.post(f"{place}approve/", {"passphrase": PASSPHRASE, "subject": "0" * 64})
    assert other.status_code == 409
    answer = approver.post(f"{place}approve/", {"passphrase": PASSPHRASE, "subject": subject}, follow=True)
    assert "the next round" in shown(answer)
    assert "officer" in shown(releaser.get(place))
    assert "amal" in shown(releaser.get(place))
    assert "Nothing waits for an approval" in shown(approver.get("/release/approvals/"))


def test_nobody_approves_what_he_proposed(allied, qm):
    both = allied.person(Role.RELEASER, Role.APPROVER, officer="officer", stepped_up=True)
    url = request_of(look(both, select="type:indicator marking:tlp:amber")).replace("/request/", "/propose/")
    place = both.post(url, {"passphrase": PASSPHRASE})["Location"]
    answer = both.get(f"{place}approve/")
    assert answer.status_code == 409
    assert "release.same-officer" in answer.content.decode()
    assert "you signed it" in shown(both.get("/release/approvals/"))


def test_an_approval_asks_for_the_second_factor_again(allied, qm):
    _, place = propose(allied)
    approver = allied.person(Role.APPROVER, officer="amal")
    assert "/account/2fa/" in approver.get(f"{place}approve/")["Location"]


def test_a_proposal_dies_when_an_object_of_it_changed(allied, qm):
    _, place = propose(allied)
    first = indicator(qm, "amber one", Tlp.AMBER)
    from hilf.federation.retraction import RetractionReason
    from hilf.node import withdrawal

    withdrawal.retract(allied.use(), first["id"], RetractionReason.ERROR, now())
    approver = allied.person(Role.APPROVER, officer="amal", stepped_up=True)
    assert approver.get(f"{place}approve/").status_code == 409
    assert "An object was taken back after the proposal" in shown(approver.get(place))


def test_somebody_says_no(allied, qm):
    releaser, place = propose(allied)
    approver = allied.person(Role.APPROVER)
    assert releaser.post(f"{place}decline/").status_code == 403
    assert "is declined" in shown(approver.post(f"{place}decline/", follow=True))
    assert "Somebody said no to it" in shown(releaser.get("/release/"))
    assert "Look at what may leave now" in shown(releaser.get(place))


def test_many_partners_one_line_each(allied, qm):
    releaser = allied.person(Role.RELEASER)
    page = shown(releaser.get("/release/preview/?to=cert.qn.example&to=all&select=marking:tlp:green"))
    assert "cert.qn.example" in page


def test_why(allied, qm):
    red = indicator(qm, "red one", Tlp.RED)["id"]
    analyst = allied.person(Role.ANALYST)
    page = shown(analyst.get(f"/release/why/?object={red}&to=cert.qn.example"))
    assert "stays" in page
    assert "Nothing of it went there" in page
    past = analyst.get(f"/release/why/?object={red}&to=cert.qn.example&at=2026-01-01T10:00")
    assert "As it was at" in shown(past)
    assert analyst.get("/release/why/?object=nothing&to=cert.qn.example").status_code == 400


def order_of(allied, person):
    until = (now() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M")
    asked = {"to": ["cert.qn.example"], "select": "type:indicator marking:tlp:green", "pause": 5, "unit": "m"}
    return person.post("/release/orders/new/", {**asked, "until": until, "passphrase": PASSPHRASE})


def test_standing_orders_are_proposed_approved_looked_at_and_stopped(allied, qm):
    releaser = allied.person(Role.RELEASER, officer="officer", stepped_up=True)
    assert "There is no standing order" in shown(releaser.get("/release/orders/"))
    assert "5" in shown(releaser.get("/release/orders/new/"))
    answer = order_of(allied, releaser)
    assert answer.status_code == 302, answer.content.decode()
    place = answer["Location"]
    approver = allied.person(Role.APPROVER, officer="amal", stepped_up=True)
    assert place in shown(approver.get("/release/approvals/"))
    page = shown(approver.get(f"{place}approve/"))
    subject = re.search(r'name="subject" value="([0-9a-f]{64})"', page)[1]
    done = approver.post(f"{place}approve/", {"passphrase": PASSPHRASE, "subject": subject}, follow=True)
    assert "The order runs" in shown(done)
    preview = shown(approver.get(f"{place}preview/"))
    assert "green one" in preview
    from hilf.node import order_run

    order_run.run_due(allied.use(), now())
    assert "cert.qn.example" in shown(releaser.get(place))
    assert "by a standing order" in shown(releaser.get("/release/"))
    assert "is stopped" in shown(releaser.post(f"{place}stop/", follow=True))


def test_a_form_of_an_order_keeps_what_was_typed(allied, qm):
    releaser = allied.person(Role.RELEASER, officer="officer", stepped_up=True)
    page = shown(
        releaser.post("/release/orders/new/", {"to": ["cert.qn.example"], "select": "nonsense", "pause": 5})
    )
    assert "nonsense" in page
    assert "Something here needs another look" in page


def test_every_rule_has_its_words():
    from hilf.accord import explain
    from hilf.console.release.rules import RULES
    from hilf.lists import explain as lists

    slugs = {each.slug: each.text for each in (*explain.RULES, *lists.RULES)}
    assert {slug: str(RULES.get(slug)) for slug in slugs} == slugs


def test_long_work_is_left_and_found_again(allied, qm, monkeypatch):
    from hilf.console.release import seen
    from hilf.node import preview

    go, made = threading.Event(), preview.preview
    monkeypatch.setattr(background, "WAIT_S", 0.01)
    monkeypatch.setattr(seen.preview, "preview", lambda *asked: go.wait(30) and made(*asked))
    releaser = allied.person(Role.RELEASER)
    url = "/release/preview/?to=cert.qn.example&select=type:indicator"
    first = releaser.get(url)
    assert "This goes on" in shown(first)
    assert first.headers["Refresh"].endswith("&waited=1")
    go.set()
    monkeypatch.setattr(background, "WAIT_S", 60.0)
    assert "green one" in shown(releaser.get(f"{url}&waited=1"))


def test_what_was_begun_is_seen_by_who_began_it(allied, qm, monkeypatch):
    from hilf.node import release

    go, send = threading.Event(), release.send
    monkeypatch.setattr(release, "send", lambda *asked, **more: go.wait(30) and send(*asked, **more))
    releaser = allied.person(Role.RELEASER)
    url = request_of(look(releaser, select="marking:tlp:green type:indicator"))
    monkeypatch.setattr(background, "WAIT_S", 0.01)
    place = releaser.post(url)["Location"]
    assert place.startswith("/release/work/")
    assert "This goes on" in shown(releaser.get(place))
    assert allied.person(Role.RELEASER).get(place).status_code == 404
    go.set()
    for _ in range(300):
        answer = releaser.get(place)
        if answer.status_code == 302:
            break
        time.sleep(0.1)
    assert answer["Location"].startswith("/release/release--")
