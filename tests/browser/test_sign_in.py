"""Signing in with a second factor, in a real browser: a code of an app, and a passkey of a virtual authenticator."""

import time

import pytest

from tests.browser.people import PASSWORD, TOTP_SECRET
from tests.browser.reading import totp

ROOMS = "#rooms"


def give_password(reading, name: str) -> None:
    reading.open("/account/login/")
    reading.page.fill("#id_login", name)
    reading.page.fill("#id_password", PASSWORD)
    reading.page.click("main button[type=submit]:not([form])")
    reading.page.wait_for_url("**/account/2fa/authenticate/**")


def give_code(reading) -> None:
    """A code counts once: wait for the next one where this one was used."""
    for _ in range(3):
        reading.page.fill("#id_code", totp(TOTP_SECRET))
        reading.page.click("main button[type=submit]:not([form])")
        reading.page.wait_for_load_state("networkidle")
        if "/authenticate/" not in reading.page.url:
            return
        time.sleep(31)


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("language", "person"), [("ar", "analyst"), ("en", "viewer")])
def test_a_code_of_an_app_is_the_second_factor(node, read, language, person) -> None:
    reading = read(node, "", language)
    give_password(reading, person)
    assert reading.page.locator(ROOMS).count() == 0
    assert reading.hindrances() == []
    reading.page.fill("#id_code", "000000")
    reading.page.click("main button[type=submit]:not([form])")
    reading.page.wait_for_selector("#id_code.is-invalid")
    assert reading.page.locator("[role=alert]").count() == 1
    give_code(reading)
    assert reading.page.url == f"{node.url}/"
    assert reading.page.get_attribute("html", "lang") == language
    assert reading.page.locator(ROOMS).count() == 1


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("language", "person"), [("ar", "releaser"), ("en", "approver")])
def test_a_passkey_signs_in_alone(node, read, language, person) -> None:
    reading = read(node, person, language)
    reading.passkeys()
    reading.open("/account/2fa/webauthn/add/")
    assert reading.hindrances() == []
    reading.page.check("#id_passwordless")
    reading.page.click("#mfa_webauthn_add")
    reading.page.wait_for_url(lambda url: "/webauthn/add" not in url)
    reading.context.clear_cookies(name="hilf_session")
    reading.open("/account/login/")
    reading.page.click("#passkey_login")
    reading.page.wait_for_url(f"{node.url}/")
    assert reading.page.get_attribute("html", "lang") == language
    assert reading.page.locator(".hilf-person").inner_text() == person


def test_a_wrong_password_says_so_and_signs_nobody_in(node, read) -> None:
    reading = read(node, "", "ar")
    reading.open("/account/login/")
    reading.page.fill("#id_login", "viewer")
    reading.page.fill("#id_password", "not this one at all")
    reading.page.click("main button[type=submit]:not([form])")
    reading.page.wait_for_selector("[role=alert]")
    assert reading.hindrances() == []
    assert "/account/login/" in reading.page.url


def test_the_keyboard_alone_reaches_everything(node, read) -> None:
    reading = read(node, "viewer")
    reading.open("/")
    reading.page.keyboard.press("Tab")
    assert reading.page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    reading.page.keyboard.press("Enter")
    assert reading.page.evaluate("document.activeElement.id") == "main"


def test_light_and_dark_and_languages_are_kept(node, read) -> None:
    reading = read(node, "viewer")
    reading.open("/")
    reading.page.click("#theme")
    assert reading.page.get_attribute("html", "data-bs-theme") == "dark"
    reading.open("/")
    assert reading.page.get_attribute("html", "data-bs-theme") == "dark"
    reading.page.click("summary:has(.ti-language)")
    reading.page.click("button[lang=ar]")
    reading.page.wait_for_selector("html[lang=ar][dir=rtl]")
    assert reading.page.url == f"{node.url}/"


def test_on_a_small_screen_the_rooms_open_by_their_button(node, read) -> None:
    reading = read(node, "viewer", "ar", width=360)
    reading.open("/")
    toggle = reading.page.locator("#rooms-toggle")
    assert (toggle.get_attribute("aria-expanded"), reading.page.locator(ROOMS).is_visible()) == (
        "false",
        False,
    )
    toggle.focus()
    reading.page.keyboard.press("Enter")
    assert (toggle.get_attribute("aria-expanded"), reading.page.locator(ROOMS).is_visible()) == ("true", True)
    assert reading.hindrances() == []
    reading.page.locator(ROOMS).get_by_role("link").nth(1).click()
    reading.page.wait_for_url("**/inbox/")
