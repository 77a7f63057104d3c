"""A feed on the web, read as a stream: what `hilf import https://…` names.

The operator names the address; nothing that a partner sent is ever fetched. HTTPS only, with the certificate authorities
of the system (SSL_CERT_FILE names others), no redirects to elsewhere, and nothing packed, so that what arrives is what
is counted.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final, cast
from urllib.parse import urlsplit

import urllib3

from hilf.errors import CallerFault, OperatorFault

CONNECT_S: Final = 10.0
READ_S: Final = 60.0
_OK: Final = 200


@contextmanager
def opened(url: str) -> Iterator[BinaryIO]:
    """The body of one GET, to be read in pieces; reading may raise `OSError`, as a file does.

    Raises:
        CallerFault: "import.url": no https address.
        OperatorFault: "import.feed": not reachable, not trusted, or another answer than 200.
    """
    if urlsplit(url).scheme != "https" or not urlsplit(url).hostname:
        raise CallerFault(
            "import.url",
            f"{url} is no https address.",
            "Without TLS nobody knows who wrote what arrives.",
            f"Give an https address, or fetch it by other means: curl -fsS {url} | hilf import -",
        )
    timeout = urllib3.Timeout(connect=CONNECT_S, read=READ_S)
    with urllib3.PoolManager(
        ssl_context=ssl.create_default_context(), timeout=timeout, retries=False
    ) as pool:
        try:
            answer = pool.request(
                "GET", url, headers={"accept-encoding": "identity"}, preload_content=False, redirect=False
            )
        except urllib3.exceptions.HTTPError as error:
            raise _fault(url, str(error)) from error
        try:
            if answer.status != _OK:
                raise _fault(url, f"it answers {answer.status} {answer.headers.get('location', '')}".strip())
            yield cast("BinaryIO", _Body(answer))
        finally:
            answer.close()


class _Body:
    """An answer's body; what urllib3 raises becomes the `OSError` that readers of files expect."""

    def __init__(self, answer: urllib3.BaseHTTPResponse) -> None:
        self._answer = answer

    def read(self, size: int) -> bytes:
        try:
            return self._answer.read(size, decode_content=False)
        except urllib3.exceptions.HTTPError as error:
            raise OSError(0, str(error)) from error


def _fault(url: str, why: str) -> OperatorFault:
    return OperatorFault(
        "import.feed",
        f"{url} cannot be read: {why}.",
        "Nothing was taken in.",
        "Check the address; SSL_CERT_FILE names authorities that the system does not know.",
    )
