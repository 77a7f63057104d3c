"""Channels to the duty officer, from the settings: mail, a command, a webhook.

Decides which channels are set and what is wrong with what is set. Secrets stand in files of their own, which are read when a
message is sent; here only their names are.
"""

import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import orjson

DEFAULTS: Final[Mapping[str, str]] = {
    "notify_mail_to": "",
    "notify_mail_from": "",
    "notify_smtp_host": "",
    "notify_smtp_port": "587",
    "notify_smtp_tls": "starttls",
    "notify_smtp_user": "",
    "notify_smtp_password_file": "",
    "notify_command": "",
    "notify_webhook_url": "",
    "notify_webhook_key_file": "",
    "notify_link": "",
    "notify_repeat_hours": "24",
}
WHOLE_NUMBERS: Final = ("notify_smtp_port", "notify_repeat_hours")
_TLS: Final = ("starttls", "tls", "none")
_HERE: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Mail:
    """Where mail goes, and by which server."""

    to: tuple[str, ...]
    sender: str
    host: str
    port: int
    tls: str
    user: str
    password_file: Path | None


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a signed POST goes."""

    url: str
    secret_file: Path | None


@dataclass(frozen=True, slots=True)
class Channels:
    """The ways to the duty officer that are set.

    Attributes:
        mail: None where no recipient is set.
        command: a program and its arguments; empty where none is set.
        webhook: None where no address is set.
        link: where people look, such as the console's address; may be empty.
        repeat_hours: after how many hours what lasts is told again.
    """

    mail: Mail | None = None
    command: tuple[str, ...] = ()
    webhook: Webhook | None = None
    link: str = ""
    repeat_hours: int = 24

    @property
    def names(self) -> tuple[str, ...]:
        """The channels that are set."""
        are_set = {"mail": self.mail, "command": self.command, "webhook": self.webhook}
        return tuple(name for name, value in are_set.items() if value)


def channels_of(texts: Mapping[str, str]) -> Channels:
    """The channels that the settings name; `faults` must have found nothing wrong with these."""
    to = _listed(texts["notify_mail_to"])
    mail = Mail(
        to,
        texts["notify_mail_from"],
        texts["notify_smtp_host"],
        int(texts["notify_smtp_port"]),
        texts["notify_smtp_tls"],
        texts["notify_smtp_user"],
        _path(texts["notify_smtp_password_file"]),
    )
    url = texts["notify_webhook_url"]
    return Channels(
        mail=mail if to else None,
        command=_command(texts["notify_command"]),
        webhook=Webhook(url, _path(texts["notify_webhook_key_file"])) if url else None,
        link=texts["notify_link"],
        repeat_hours=int(texts["notify_repeat_hours"]),
    )


def faults(texts: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the settings of channels, in sentences."""
    for name in ("notify_mail_from", "notify_smtp_host"):
        if texts["notify_mail_to"] and not texts[name]:
            yield f"{name} must be set where notify_mail_to is."
    if texts["notify_smtp_tls"] not in _TLS:
        yield f"notify_smtp_tls must be one of {', '.join(_TLS)}, not {texts['notify_smtp_tls']!r}."
    if texts["notify_smtp_user"] and texts["notify_smtp_tls"] == "none":
        yield "notify_smtp_tls must not be none where notify_smtp_user is set: the password would go in the open."
    if texts["notify_smtp_user"] and not texts["notify_smtp_password_file"]:
        yield "notify_smtp_password_file must be set where notify_smtp_user is."
    if not _is(_are_addresses, texts["notify_mail_to"]):
        yield "notify_mail_to must be mail addresses, with commas between."
    if texts["notify_webhook_url"] and not _is(_may_be_called, texts["notify_webhook_url"]):
        yield "notify_webhook_url must begin with https://, or lead to this machine."
    if not _is(lambda text: _command(text) is not None, texts["notify_command"]):
        yield "notify_command must be a program with its arguments."


def _is(what: Callable[[str], bool], text: str) -> bool:
    """Whether a text is something; what cannot even be read is not."""
    try:
        return what(text)
    except ValueError:
        return False


def _are_addresses(text: str) -> bool:
    return all("@" in each and each.isprintable() for each in _listed(text))


def _may_be_called(text: str) -> bool:
    url = urlsplit(text)
    return bool(url.hostname) and (url.scheme == "https" or (url.scheme == "http" and url.hostname in _HERE))


def _listed(text: str) -> tuple[str, ...]:
    parts = orjson.loads(text) if text.startswith("[") else text.split(",")
    return tuple(each.strip() for each in map(str, parts) if each.strip())


def _command(text: str) -> tuple[str, ...]:
    return tuple(map(str, orjson.loads(text))) if text.startswith("[") else tuple(shlex.split(text))


def _path(text: str) -> Path | None:
    return Path(text) if text else None
