"""Every page that somebody can reach: nothing hinders a person, nothing breaks the policy, nothing weighs too much."""

import pytest

from tests.browser.reading import crawl

FIRST_LOAD = 300 * 1024
LATER = 50 * 1024


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    ("person", "language", "width", "dark"),
    [
        ("everything", "en", 1280, False),
        ("everything", "ar", 360, True),
        ("liaison", "fr", 1280, True),
        pytest.param("auditor", "ar", 1280, False, marks=pytest.mark.nightly),
        pytest.param("administrator", "fr", 360, False, marks=pytest.mark.nightly),
    ],
)
def test_every_page_can_be_read_by_everybody(node, read, person, language, width, dark) -> None:
    reading = read(node, person, language, width=width, dark=dark)
    found: list[str] = []
    for kind, status in crawl(reading):
        faults = reading.hindrances()
        if status >= 400:
            faults.append(f"answers {status}")
        if reading.is_wider_than_the_screen():
            faults.append("is wider than the screen")
        later = {url: size for url, size in reading.weights.items() if "/static/" not in url}
        if sum(later.values()) > LATER:
            faults.append(f"weighs {later}")
        found += [f"{kind} ({reading.page.url}): {fault}" for fault in faults]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", ["ar", "en", "fr"])
def test_the_first_page_is_light_enough_for_a_slow_line(node, read, language) -> None:
    reading = read(node, "everything", language)
    reading.open("/")
    assert reading.page.locator("#network-chart svg").count() == 1
    assert sum(reading.weights.values()) <= FIRST_LOAD, reading.weights


@pytest.mark.parametrize("path", ["/account/login/", "/nowhere/"])
def test_who_is_not_signed_in_is_not_hindered(node, read, path) -> None:
    for language in ("ar", "en", "fr"):
        reading = read(node, "", language)
        reading.open(path)
        assert reading.hindrances() == []


def test_a_page_that_is_not_there_is_not_hindered(node, read) -> None:
    reading = read(node, "viewer", "ar", dark=True)
    assert reading.open("/nowhere/") == 404
    assert reading.hindrances() == []


def test_every_page_is_served_by_the_node_alone(node, read) -> None:
    reading = read(node, "everything")
    for _ in crawl(reading, most=12):
        assert {url for url in reading.weights if not url.startswith((reading.url, "data:"))} == set()
