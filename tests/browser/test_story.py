"""The whole way of one object through the pages of two nodes: brought in, looked at, proposed, approved, receipted, taken back.

People click what they read, in their language; nothing is done for them behind the pages.
"""

import gettext
import json
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

import hilf.console
from tests.browser.reading import Reading
from tests.browser.test_passkey import authenticator
from tests.browser.test_sign_in import ROOMS, give_code, give_password

LOCALES = Path(hilf.console.__file__).parent / "locale"
OTHER = "cert.qn.example"
ARRIVES_WITHIN_MS = 30_000


@pytest.fixture(scope="module")
def nodes(serve):
    """QM and QN, which reach each other and go their rounds by themselves."""
    return [serve(country, gateway=True, worker=True) for country in ("QM", "QN")]


def words(language: str) -> Callable[[str], str]:
    """What a page in this language says for an English text."""
    if language == "en":
        return lambda text: text
    return gettext.translation("django", LOCALES, [language]).gettext


class Person:
    """Somebody before a page, who reads and clicks."""

    def __init__(self, reading: Reading, language: str) -> None:
        self.reading, self.page, self.say = reading, reading.page, words(language)

    def room(self, name: str) -> None:
        """Go to a room by the navigation."""
        self.page.goto(self.reading.url)
        self.page.locator(ROOMS).get_by_role("link", name=self.say(name), exact=True).click()

    def link(self, name: str) -> None:
        self.page.get_by_role("link", name=self.say(name)).first.click()

    def button(self, name: str) -> None:
        self.page.get_by_role("button", name=self.say(name), exact=True).first.click()

    def reads(self, text: str) -> None:
        """Wait until the page says something."""
        self.page.locator("main").get_by_text(self.say(text)).first.wait_for()

    def looks_until(self, text: str) -> None:
        """Look again and again until the page says something."""
        found = self.page.locator("main").get_by_text(self.say(text), exact=True)
        for _ in range(ARRIVES_WITHIN_MS // 500):
            if found.count():
                return
            self.page.wait_for_timeout(500)
            self.page.reload()
        pytest.fail(f"{self.say(text)!r} never stood on {self.page.url}: {self.main()}")

    def main(self) -> str:
        return self.page.locator("main").inner_text()


def bundle(name: str) -> tuple[str, str]:
    """An indicator of one's own, as a person pastes it: its id and the text."""
    indicator = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid.uuid4()}",
        "created": "2026-11-01T00:00:00.000Z",
        "modified": "2026-11-01T00:00:00.000Z",
        "name": name,
        "pattern": "[domain-name:value = 'story.example']",
        "pattern_type": "stix",
        "valid_from": "2026-11-01T00:00:00Z",
        "indicator_types": ["malicious-activity"],
    }
    made = {"type": "bundle", "id": f"bundle--{uuid.uuid4()}", "objects": [indicator]}
    return str(indicator["id"]), json.dumps(made)


def bring_in(person: Person, name: str, marking: str) -> str:
    """Paste it, wait until it is judged, and go on to what may leave of it."""
    stix_id, text = bundle(name)
    person.room("Intelligence")
    person.link("Bring in")
    person.page.fill("#id_text", text)
    person.page.select_option("#id_marking", marking)
    person.page.fill("#id_source", f"desk {stix_id[-12:]}")
    person.button("Bring in")
    person.reads("Nothing was found wrong")
    assert person.reading.hindrances() == []
    return stix_id


def look(person: Person, name: str) -> None:
    """See what of it may leave to the partner."""
    person.link("See what of it may leave to a partner")
    person.page.get_by_label(OTHER).check()
    person.button("Look")
    person.reads(name)
    assert person.reading.hindrances() == []


def propose(person: Person, passphrase: str) -> str:
    """Sign for it as the officer; the address of what waits now."""
    person.link("Propose this release")
    person.page.locator("#sign_passphrase").fill(passphrase)
    person.button("Sign and propose")
    person.page.wait_for_url("**/release/release*/")
    assert person.reading.hindrances() == []
    return str(person.page.url)


def sign_in(person: Person, name: str) -> None:
    """Password, then the code of an app."""
    give_password(person.reading, name)
    give_code(person.reading)
    person.page.locator(ROOMS).wait_for()


def passkey_of(person: Person, passphrase: str) -> None:
    """Add a passkey and seal the officer's key under it."""
    authenticator(person.reading)
    person.reading.open("/account/2fa/webauthn/add/")
    person.page.check("#id_passwordless")
    person.page.click("#mfa_webauthn_add")
    person.page.wait_for_url(lambda url: "/webauthn/add" not in url)
    person.reading.open("/officer/")
    person.page.fill("#bind_passphrase", passphrase)
    person.page.click("[data-passkey]")
    person.page.wait_for_selector("input[name=what][value=unbind]", state="attached")


def sign_in_with_passkey(person: Person, name: str) -> None:
    """Forget the session, then password and, as the second factor, the passkey."""
    person.reading.context.clear_cookies(name="hilf_session")
    give_password(person.reading, name)
    person.page.click("#mfa_webauthn_authenticate")
    person.page.wait_for_url(f"{person.reading.url}/")
    person.page.locator(ROOMS).wait_for()


def approve(person: Person, name: str, proposed: str) -> None:
    """Find it among what waits, and approve exactly these bytes with the passkey."""
    person.room("Release")
    person.link("Approvals")
    person.page.locator(f"a[href='{proposed[len(person.reading.url) :]}']").click()
    person.link("Look at it and approve")
    person.page.click("#mfa_webauthn_reauthenticate")  # signing in is no step-up
    person.reads(name)
    person.page.click("[data-passkey]")
    person.page.wait_for_url(proposed)


def passphrase(node, officer: str) -> str:
    return node.nation.passphrase_file(officer).read_text().strip()


def at_partner(person: Person, stix_id: str) -> int:
    """Status of the object's page at the partner."""
    return person.reading.open(f"/intelligence/{stix_id}/")


@pytest.mark.timeout(600)
def test_an_object_is_shared_receipted_taken_back_and_confirmed_in_arabic(nodes, read) -> None:
    qm, qn = nodes
    name = "نطاق شوهد عند مشغّل للشبكة"
    approver = Person(read(qm, "approver", "ar"), "ar")
    passkey_of(approver, passphrase(qm, "second"))
    sign_in_with_passkey(approver, "approver")

    releaser = Person(read(qm, "releaser", "ar"), "ar")
    stix_id = bring_in(releaser, name, "tlp:amber")
    look(releaser, name)
    proposed = propose(releaser, passphrase(qm, "officer"))
    assert releaser.page.get_by_role("link", name=releaser.say("Look at it and approve")).count() == 0
    assert releaser.reading.open(f"{proposed}approve/"[len(qm.url) :]) == 403

    theirs = Person(read(qn, "analyst", "ar"), "ar")
    assert at_partner(theirs, stix_id) == 404

    approve(approver, name, proposed)
    approver.looks_until("taken")
    assert approver.reading.hindrances() == []
    approver.link("All its receipts")
    assert approver.page.locator("main tbody tr").count() > 0

    assert at_partner(theirs, stix_id) == 200
    assert name in theirs.main()

    releaser.reading.open(f"/intelligence/{stix_id}/")
    releaser.link("Take it back from partners")
    releaser.page.get_by_label(releaser.say("it is wrong")).check()
    releaser.button("Take it back")
    releaser.page.wait_for_url("**/retractions/indicator--*/")
    releaser.looks_until("hidden there")
    assert releaser.reading.hindrances() == []

    assert at_partner(theirs, stix_id) in (200, 404)
    assert name not in theirs.main()


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("language", "person", "name"),
    [
        ("en", "releaser", "A name seen at an operator"),
        ("fr", "everything", "Un nom vu chez un exploitant"),
    ],
)
def test_what_nobody_has_to_approve_goes_at_once(nodes, read, language, person, name) -> None:
    qm, qn = nodes
    releaser = Person(read(qm, "", language), language)
    sign_in(releaser, person)
    stix_id = bring_in(releaser, name, "tlp:green")
    look(releaser, name)
    releaser.link("Release this")
    releaser.button("Release")
    releaser.page.wait_for_url("**/release/release*/")
    releaser.looks_until("taken")
    theirs = Person(read(qn, "analyst", language), language)
    assert at_partner(theirs, stix_id) == 200
    assert name in theirs.main()
