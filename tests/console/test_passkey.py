"""An officer's key sealed under a passkey: it signs what it answered for, to the byte, and nothing else."""

import hashlib
import html
import json
import re
from datetime import timedelta

import pytest
from allauth.mfa.webauthn.internal.auth import WebAuthn

from hilf.access.role import Role
from hilf.accord.step import Kind
from hilf.canonical import loads
from hilf.markings.tlp import Tlp
from hilf.node import accord as accords
from hilf.node import approval, peer
from hilf.node.home import now
from hilf.seal.record import make_record
from hilf.seal.signed import signed_bytes
from hilf.store.federation import record
from hilf.store.people import passkey as store
from tests.conftest import PASSPHRASE
from tests.console.authenticator import Authenticator
from tests.console.test_accords import held
from tests.nations import indicator


def asked(page):
    found = re.search(r'data-passkey="([^"]+)"', page.content.decode())
    return json.loads(html.unescape(found[1])) if found else None


def moment(page):
    return re.search(r'name="moment" value="([^"]+)"', page.content.decode())[1]


@pytest.fixture
def officer(console):
    """A person with a passkey who is an officer."""
    person = console.person(Role.APPROVER, Role.LIAISON, officer="amal", stepped_up=True)
    person.passkey = Authenticator()
    WebAuthn.add(person.user, "key", person.passkey.registered())
    return person


def bind(person, **how):
    page = person.get("/officer/")
    answer = person.passkey.answer(asked(page), **how)
    return person.post("/officer/", {"passphrase": PASSPHRASE, "assertion": json.dumps(answer)})


def form(person, exact, data=None):
    from types import SimpleNamespace

    from hilf.console.sign import SignForm

    return SignForm(SimpleNamespace(user=person.user), "approval", data, exact)


def exact(subject="0" * 64):
    from hilf.node.passkey import Exact

    return Exact("approval", subject, timedelta(days=7))


def sent(person, shown, answer=None):
    answer = answer or person.passkey.answer(json.loads(shown.asked))
    return {"assertion": json.dumps(answer), "moment": shown.fields["moment"].initial}


def test_a_key_is_sealed_under_a_passkey_and_opened_with_it(console, officer):
    assert bind(officer).status_code == 302
    assert b"passkey of yours" in officer.get("/officer/").content
    shown = form(officer, exact())
    signed = form(officer, exact(), sent(officer, shown))
    assert signed.is_valid(), signed.errors
    assert signed.key.kid == console.keys["amal"].kid


def test_the_answer_is_for_the_very_bytes_that_are_signed_and_is_kept(console, officer):
    bind(officer)
    shown = form(officer, exact())
    signed = form(officer, exact(), sent(officer, shown))
    assert signed.is_valid()
    made = make_record(
        "approval",
        console.home.node,
        "officer",
        "0" * 64,
        signed.at,
        signed.at + timedelta(days=7),
        signed.key,
    )
    ((kid, challenge, answer),) = store.answers("0" * 64)
    assert kid == console.keys["amal"].kid
    assert challenge == hashed("approval", made)
    assert "secret" not in answer


def test_an_answer_for_other_bytes_opens_nothing(officer):
    bind(officer)
    shown = form(officer, exact("1" * 64))
    assert not form(officer, exact(), sent(officer, shown)).is_valid()


@pytest.mark.parametrize("how", [{"verified": False}, {"prf": False}])
def test_an_answer_without_a_verified_user_or_secret_opens_nothing(officer, how):
    bind(officer)
    shown = form(officer, exact())
    answer = officer.passkey.answer(json.loads(shown.asked), **how)
    assert not form(officer, exact(), sent(officer, shown, answer)).is_valid()


def test_another_passkey_and_another_origin_open_nothing(officer):
    bind(officer)
    for other in (Authenticator(), Authenticator(origin="https://elsewhere.example")):
        other.id = officer.passkey.id
        if other.origin != "http://localhost:8400":
            other.key, other.prf = officer.passkey.key, officer.passkey.prf
        shown = form(officer, exact())
        answer = other.answer(json.loads(shown.asked))
        assert not form(officer, exact(), sent(officer, shown, answer)).is_valid()


def test_a_moment_of_another_person_or_none_counts_not(console, officer):
    bind(officer)
    shown = form(officer, exact())
    data = sent(officer, shown)
    assert not form(officer, exact(), {**data, "moment": "x"}).is_valid()
    assert not form(officer, exact(), {**data, "assertion": "x"}).is_valid()
    other = console.person(Role.APPROVER, officer="officer")
    assert not form(other, exact(), data).is_valid()


def test_a_passkey_without_prf_is_not_bound(officer):
    answer = bind(officer, prf=False)
    assert (answer.status_code, b"passkey.no-secret" in answer.content) == (400, True)
    assert form(officer, exact()).asked == ""


def test_a_wrong_passphrase_seals_nothing(officer):
    answer = officer.passkey.answer(asked(officer.get("/officer/")))
    page = officer.post("/officer/", {"passphrase": "not these words", "assertion": json.dumps(answer)})
    assert page.status_code == 400
    assert form(officer, exact()).asked == ""


def test_what_is_sealed_is_taken_back(officer):
    bind(officer)
    officer.post("/officer/", {"what": "unbind"})
    assert form(officer, exact()).asked == ""


def test_the_passphrase_still_signs(officer):
    bind(officer)
    assert form(officer, exact(), {"passphrase": PASSPHRASE}).is_valid()
    assert "Type the passphrase" in str(form(officer, exact(), {}).errors)


def hashed(kind, body):
    """What a passkey was asked, if it was asked for this record."""
    return hashlib.sha256(signed_bytes(f"hilf/1 {kind}", body)).hexdigest()


def signs_with_passkey(allied, url, data, subject, role=Role.LIAISON):
    """Sign through a page: what the passkey was asked."""
    person = allied.person(role, officer="amal", stepped_up=True)
    person.passkey = Authenticator()
    WebAuthn.add(person.user, "key", person.passkey.registered())
    assert bind(person).status_code == 302
    page = person.get(url)
    answer = person.passkey.answer(asked(page))
    told = person.post(
        url, {**data, "assertion": json.dumps(answer), "moment": moment(page), "passphrase": ""}
    )
    assert told.status_code == 302, told.content.decode()
    allied.use()
    ((kid, challenge, _),) = store.answers(subject)
    assert kid == allied.keys["amal"].kid
    return challenge


def record_of_amal(allied, kind, subject):
    kept = (loads(each.encode()) for each in record.about(kind, subject))
    return next(each for each in kept if each["kid"] == allied.keys["amal"].kid)


def test_a_release_is_approved_with_a_passkey(allied):
    """Through the page: what the passkey answered for is the record that stands beside the release."""
    qm, qn, _ = allied.nations
    qm.says(indicator(qm, "one", Tlp.AMBER))
    released = qm.release(qn, officer="officer")
    assert released.state == "proposed"
    subject = approval.proposed(released.release).subject
    url = f"/release/{released.release}/approve/"
    challenge = signs_with_passkey(allied, url, {"subject": subject}, subject, Role.APPROVER)
    assert challenge == hashed("approval", record_of_amal(allied, "approval", subject))


def test_a_partner_is_suspended_with_a_passkey(allied):
    allied.use()
    node = allied.nations[1].node
    fingerprint = peer.identity_of(node).fingerprint
    challenge = signs_with_passkey(allied, f"/partners/{node}/suspend/", {"reason": "asked to"}, fingerprint)
    assert challenge == hashed("suspension", record_of_amal(allied, "suspension", fingerprint))


def test_an_accord_is_suspended_with_a_passkey(allied):
    accord = held(allied)
    challenge = signs_with_passkey(
        allied, f"/accords/{accord.id}/suspend/", {"text": accord.hash}, accord.hash
    )
    (shown,) = [s for s in accords.every(allied.home, now()) if s.life.accord.hash == accord.hash]
    (mine,) = [each for each in shown.life.of_type("suspension") if each.kid == allied.keys["amal"].kid]
    assert challenge == hashed("suspension", mine.body)


def test_what_is_signed_of_an_accord_is_its_id_its_version_and_its_hash(allied):
    accord = held(allied)
    signed = accords.exact(allied.home, accord.id, Kind.SIGNATURE, now(), accord.hash)
    assert (signed.type, signed.subject, signed.about) == (
        "accord",
        accord.subject,
        f'{{"hash":"{accord.hash}","id":"{accord.id}","version":1}}',
    )
