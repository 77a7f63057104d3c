"""Mail to people of this nation, by a server of the operator's choosing (SMTP, RFC 5321).

TLS is checked against the certificate authorities of the system (SSL_CERT_FILE names others). What goes wrong is said without
addresses, text or password.
"""

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final

from hilf.errors import OperatorFault

TIMEOUT_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server.

    Attributes:
        host: its name.
        port: 587 for STARTTLS, 465 for TLS, as a rule.
        tls: "starttls", "tls" from the first byte, or "none".
        user: to sign in with; empty for none.
        password: of the user.
    """

    host: str
    port: int
    tls: str = "starttls"
    user: str = ""
    password: str = ""


def send(server: Server, message: EmailMessage, to: Sequence[str]) -> None:
    """Hand one message to the server, for all recipients.

    Raises:
        OperatorFault: "notify.mail": it did not take it, from some recipients at least.
    """
    context = ssl.create_default_context()
    try:
        with (
            smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=context)
            if server.tls == "tls"
            else smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
        ) as connection:
            if server.tls == "starttls":
                connection.starttls(context=context)
            if server.user:
                connection.login(server.user, server.password)
            refused = connection.send_message(message, to_addrs=list(to))
    except (OSError, smtplib.SMTPException) as error:
        raise _fault(_words(error)) from error
    if refused:
        raise _fault(f"it refused {len(refused)} of {len(to)} recipients")


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"it answered {error.smtp_code}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "it refused every recipient"
    return getattr(error, "strerror", None) or type(error).__name__


def _fault(why: str) -> OperatorFault:
    return OperatorFault(
        "notify.mail",
        f"The mail server did not take the message: {why}.",
        "",
        "Check notify_smtp_… in hilf.toml, then: hilf notify test",
    )
