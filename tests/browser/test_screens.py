"""Pictures of every page in Arabic and English, light and dark, at three widths: made by `make screenshots`, looked at by people."""

import os
from pathlib import Path

import pytest

from tests.browser.conftest import WIDTHS
from tests.browser.reading import crawl

FOLDER = os.environ.get("HILF_SCREENS")


@pytest.mark.skipif(FOLDER is None, reason="HILF_SCREENS names no folder for pictures; make screenshots does")
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("person", ["everything", "administrator", "auditor", ""])
def test_pictures_of_every_page(node, read, person) -> None:
    guide = read(node, person, "en")
    pages = []
    for kind, _ in crawl(guide, "/" if person else "/account/login/"):
        pages.append((kind.strip("/").replace("/", "-").replace("*", "x") or "first", guide.page.url))
    for language in ("ar", "en"):
        for dark in (False, True):
            for width in WIDTHS:
                reading = read(node, person, language, width=width, dark=dark)
                folder = Path(FOLDER) / f"{language}-{'dark' if dark else 'light'}-{width}"
                folder.mkdir(parents=True, exist_ok=True)
                for name, address in pages:
                    file = folder / f"{person or 'nobody'}-{name}.jpg"
                    if file.exists():
                        continue
                    reading.open(address)
                    reading.page.screenshot(path=str(file), full_page=True, type="jpeg", quality=70)
