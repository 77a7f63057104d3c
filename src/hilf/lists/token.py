"""Tokens: addresses, names of hosts, mail addresses and hashes that stand anywhere in a text.

Decides what a text may mean by them: guards of careful writers ([.], [at]) are taken out, escapes of patterns and of
addresses on the web are undone, and numbers in the place of a host are read as browsers read them. Finding too much does no
harm: a token counts only if it stands on a list.
"""

import re
from collections.abc import Iterator
from enum import Enum
from ipaddress import IPv4Address
from typing import Final, NamedTuple
from urllib.parse import unquote

from hilf.lists.fold import skeleton
from hilf.lists.ranges import Span, carried, span_of
from hilf.stix.value import normal

_GUARDED_DOT = re.compile(r"\s?[\[({]\s?(?:\.|dot)\s?[\])}]\s?", re.IGNORECASE)
_GUARDED_AT = re.compile(r"\s?[\[({]\s?(?:@|at)\s?[\])}]\s?", re.IGNORECASE)
_DOTTED = re.compile(r"[\w+-]+(?:[.@\u3002\uff0e\uff61][\w+-]+)+(?:/\d{1,3}(?![\w.]))?")
_COLONED = re.compile(r"(?<![\w:])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,8}(?:\.\d{1,3}){0,3}(?:/\d{1,3})?")
_NUMBER_HOST = re.compile(r"://(?:[^/@\s']*@)?(0x[0-9a-f]{1,8}|\d{8,10})(?![\w.])", re.IGNORECASE)
_HASH = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{32,128}(?![0-9A-Za-z])")
_ADDRESS_FORM = re.compile(r"[\d.]+(?:/\d+)?", re.ASCII)
_V4_LAST: Final = 2**32 - 1


class Within(Enum):
    """Where the name of a host stands; by itself counts most."""

    NOTHING = "host"
    WEB = "url"
    MAIL = "mail"


class Tokens(NamedTuple):
    """What stands in a text.

    Attributes:
        spans: addresses and blocks as numbers, each with its text; those that an IPv6 address carries as well.
        hosts: names of hosts in normal form, each with where it stands.
        mails: mail addresses in normal form.
        hashes: in lower case.
    """

    spans: tuple[tuple[Span, str], ...]
    hosts: tuple[tuple[str, Within], ...]
    mails: tuple[str, ...]
    hashes: tuple[str, ...]


def tokens_of(text: str) -> Tokens:
    """Everything in a text that may stand on a list; each once."""
    text = _plain(text)
    spans: dict[Span, str] = {}
    hosts: dict[tuple[str, Within], None] = {}
    mails: dict[str, None] = {}
    for found in _DOTTED.finditer(text):
        token = found[0]
        if _ADDRESS_FORM.fullmatch(token):
            _add_span(token, spans)
            continue
        name, at, domain = token.partition("/")[0].rpartition("@")
        host = normal("domain-name", domain)
        if at:
            mails[f"{name.casefold()}@{host}"] = None
        on_the_web = text.endswith("://", 0, found.start())
        hosts[host, Within.MAIL if at else Within.WEB if on_the_web else Within.NOTHING] = None
    for found in _COLONED.finditer(text) if text.count(":") > 1 else ():
        _add_span(found[0], spans)
    for found in _NUMBER_HOST.finditer(text) if "://" in text else ():
        number = int(found[1], 16 if found[1][1:2] in {"x", "X"} else 10)
        if number <= _V4_LAST:
            _add_span(str(IPv4Address(number)), spans)
    hashes = tuple(dict.fromkeys(found.lower() for found in _HASH.findall(text)))
    return Tokens(tuple(spans.items()), tuple(hosts), tuple(mails), hashes)


def readings(host: str) -> Iterator[str]:
    """A name of a host, the names that it lies under, and the same as a reader sees them, the longest first."""
    yield from _upwards(host)
    if not host.isascii() or "xn--" in host:
        looks = skeleton(_unicode(host))
        if looks != host:
            yield from _upwards(looks)


def _upwards(host: str) -> Iterator[str]:
    while host:
        yield host
        host = host.partition(".")[2]


def _unicode(host: str) -> str:
    labels = []
    for label in host.split("."):
        try:
            labels.append(label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label)
        except UnicodeError:
            labels.append(label)
    return ".".join(labels)


def _plain(text: str) -> str:
    if "[" in text or "(" in text or "{" in text:
        text = _GUARDED_AT.sub("@", _GUARDED_DOT.sub(".", text))
    if "\\" in text:
        text = text.replace("\\\\", "\\").replace("\\.", ".").replace("\\", " ")
    if "%" in text:
        text = unquote(text).replace("%", " ")
    return text


def _add_span(token: str, spans: dict[Span, str]) -> None:
    span = span_of(token)
    if span is not None:
        spans.setdefault(span, token)
        inner = carried(span)
        if inner is not None:
            spans.setdefault(inner, token)
