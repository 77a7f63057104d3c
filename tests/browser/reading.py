"""One person before a browser: pages opened, what they weigh, what broke in them, and what hinders people (axe)."""

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Error

AXE = Path(__file__).parent.parent.parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""WCAG 2.2 AA, and what helps beyond it."""

_ID = re.compile(
    r"[0-9a-f]{8,}|[a-z0-9-]+--[0-9a-f-]+|[\w-]+(\.[\w-]+)+|\d+|[A-Z]{2}|urn:.*|T\d{4}.*|%.*", re.IGNORECASE
)


def pattern(url: str) -> str:
    """An address without what differs from object to object, so that each page is looked at once."""
    parts = [
        ("*" if part and (_ID.fullmatch(part) or "--" in part) else part)
        for part in urlsplit(url).path.split("/")
    ]
    return "/".join(parts)


def totp(secret: str, at: float | None = None) -> str:
    """The code that an authenticator app shows (RFC 6238)."""
    counter = int((time.time() if at is None else at) // 30)
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


class Reading:
    """A browser of one person.

    Attributes:
        page: what the person looks at.
        faults: what the browser complained about: the policy broken, scripts that failed, files that are missing.
        weights: bytes that travelled for each answer since the last `open`, by address.
    """

    def __init__(
        self, browser, url: str, session: str, language: str, *, width: int = 1280, dark: bool = False
    ) -> None:
        self.url = url
        self.context = browser.new_context(
            locale={"ar": "ar-SA", "fr": "fr-FR"}.get(language, "en-GB"),
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            timezone_id="Asia/Riyadh",
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(30_000)
        self.context.add_cookies([{"name": "django_language", "value": language, "url": url}])
        if session:
            self.context.add_cookies([{"name": "hilf_session", "value": session, "url": url}])
        self.faults: list[str] = []
        self.weights: dict[str, int] = {}
        self.page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))
        self.page.on("requestfinished", self._weigh)
        self.page.add_init_script(
            "document.addEventListener('securitypolicyviolation', e => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`))"
        )

    def _heard(self, message) -> None:
        is_status = "the server responded with a status of" in message.text
        if message.type == "error" and not is_status:
            self.faults.append(f"{self.page.url}: {message.text}")

    def _weigh(self, request) -> None:
        sizes = request.sizes()
        self.weights[request.url] = sizes["responseBodySize"] + sizes["responseHeadersSize"]

    def open(self, path: str) -> int:
        """Go to a page of this console; its status, or 0 where the address is a file to keep."""
        self.weights.clear()
        try:
            answer = self.page.goto(
                self.url + path if path.startswith("/") else path, wait_until="networkidle"
            )
        except Error as error:
            if "Download is starting" not in error.message:
                raise
            return 0
        self.page.evaluate("document.fonts.ready")
        return answer.status if answer else 0

    def links(self) -> list[str]:
        """Addresses of this console that the page leads to."""
        found = self.page.eval_on_selector_all(
            "a[href]:not([download])", "links => links.map(link => link.href)"
        )
        return [link.split("#")[0] for link in found if link.startswith(self.url + "/")]

    def hindrances(self) -> list[str]:
        """What axe finds on the page."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
        )
        return [
            f"{violation['id']}: {node['html'][:160]} ({node['failureSummary'][:240]})"
            for violation in found["violations"]
            for node in violation["nodes"][:4]
        ]

    def is_wider_than_the_screen(self) -> bool:
        """Whether somebody has to scroll sideways to read the page."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"))

    def passkeys(self) -> None:
        """Give the browser an authenticator inside the machine, which knows its person."""
        session = self.context.new_cdp_session(self.page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def crawl(reading: Reading, start: str = "/", most: int = 150) -> Iterator[tuple[str, int]]:
    """Every kind of page that links lead to, opened once each: its pattern, and its status."""
    seen: set[str] = set()
    waiting = [reading.url + start]
    while waiting and len(seen) < most:
        address = waiting.pop(0)
        kind = pattern(address)
        if kind in seen or kind.startswith(("/static/", "/language/")):
            continue
        seen.add(kind)
        status = reading.open(address)
        if status:
            waiting += reading.links()
            yield kind, status
