"""One signed POST to an address of the operator's choosing, such as a gateway for SMS or a pager.

TLS is checked against the certificate authorities of the system (SSL_CERT_FILE names others); plain HTTP only to this
machine. No redirect is followed. The signature lets the receiver know who speaks and when:

    hilf-signature: t=SECONDS,v1=HEX     HEX = HMAC-SHA256(secret, SECONDS "." body)
"""

import hmac
import ssl
from typing import Final

import urllib3

from hilf.errors import OperatorFault

TIMEOUT_S: Final = 20.0
_TAKEN: Final = range(200, 300)


def post(url: str, body: bytes, secret: bytes | None, seconds: int) -> None:
    """Deliver a JSON body; any answer from 200 to 299 is good.

    Args:
        url: https, or http on this machine.
        body: JSON.
        secret: of the signature; None for no signature.
        seconds: since 1970, what the signature is made for.

    Raises:
        OperatorFault: "notify.webhook", which does not repeat the address: it may hold a secret.
    """
    headers = {"content-type": "application/json", "user-agent": "hilf"}
    if secret is not None:
        headers["hilf-signature"] = f"t={seconds},v1={signature(secret, seconds, body)}"
    with urllib3.PoolManager(
        ssl_context=ssl.create_default_context(),
        timeout=urllib3.Timeout(connect=TIMEOUT_S, read=TIMEOUT_S),
        retries=False,
    ) as pool:
        try:
            answer = pool.request("POST", url, body=body, headers=headers, redirect=False)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _fault(f"it cannot be reached ({type(error).__name__})") from error
    if answer.status not in _TAKEN:
        raise _fault(f"it answered {answer.status}")


def signature(secret: bytes, seconds: int, body: bytes) -> str:
    """What stands in the header behind `v1=`."""
    return hmac.digest(secret, f"{seconds}.".encode() + body, "sha256").hex()


def _fault(why: str) -> OperatorFault:
    return OperatorFault(
        "notify.webhook",
        f"The webhook did not take the message: {why}.",
        "",
        "Check notify_webhook_… in hilf.toml, then: hilf notify test",
    )
