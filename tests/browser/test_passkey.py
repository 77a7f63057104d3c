"""An officer seals the key under a passkey and approves a release with it, in a real browser."""

import json
import uuid

import pytest

OBJECT = f"indicator--{uuid.uuid4()}"
BUNDLE = {
    "type": "bundle",
    "id": f"bundle--{uuid.uuid4()}",
    "objects": [
        {
            "type": "indicator",
            "spec_version": "2.1",
            "id": OBJECT,
            "created": "2026-01-01T00:00:00.000Z",
            "modified": "2026-01-01T00:00:00.000Z",
            "name": "Signed for with a passkey",
            "pattern": "[domain-name:value = 'passkey.example']",
            "pattern_type": "stix",
            "valid_from": "2026-01-01T00:00:00Z",
            "indicator_types": ["malicious-activity"],
        }
    ],
}


@pytest.fixture
def proposed(node, tmp_path) -> str:
    """A release that waits for the approval of another officer than the first."""
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps(BUNDLE), encoding="utf-8")
    node.nation.hilf("import", str(file), "--marking", "tlp:amber")
    (partner, *_) = (each["node"] for each in node.nation.hilf("peer", "list").document["peers"])
    words = ("release", "send", "--to", partner, "--select", f"id:{OBJECT}", "--as", "officer")
    return str(node.nation.hilf(*words, officer="officer").document["release"])


def authenticator(reading) -> None:
    """A passkey whose authenticator has a PRF, as those of phones and computers do."""
    devtools = reading.context.new_cdp_session(reading.page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "ctap2Version": "ctap2_1",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "hasPrf": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.mark.timeout(400)
@pytest.mark.parametrize("language", ["ar"])
def test_an_officer_approves_with_a_passkey(node, read, proposed, language) -> None:
    reading = read(node, "approver", language)
    authenticator(reading)
    reading.open("/account/2fa/webauthn/add/")
    reading.page.check("#id_passwordless")
    reading.page.click("#mfa_webauthn_add")
    reading.page.wait_for_url(lambda url: "/webauthn/add" not in url)

    reading.open("/officer/")
    assert reading.hindrances() == []
    officer = node.nation.passphrase_file("second").read_text().strip()
    reading.page.fill("#bind_passphrase", officer)
    reading.page.click("[data-passkey]")
    reading.page.wait_for_selector("input[name=what][value=unbind]", state="attached")
    assert reading.page.locator("main [role=alert]:visible").all_inner_texts() == []
    assert reading.hindrances() == []

    reading.open(f"/release/{proposed}/approve/")
    assert reading.hindrances() == []
    reading.page.click("[data-passkey]")
    reading.page.wait_for_url(f"{node.url}/release/{proposed}/")
    waiting = node.nation.hilf("release", "list").document["releases"]
    assert next(each for each in waiting if each["release"] == proposed)["state"] != "proposed"
