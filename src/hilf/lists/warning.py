"""Warning lists: what the community keeps of values that are indicators by mistake, and our lists of special use.

Decides which of the lists that ship with pymispwarninglists can be used here, and which of them warn unless the nation says
otherwise: public resolvers, networks for delivery, the most visited names, hashes of nothing. Ranges of clouds, of scanners and
of VPNs are off: much real harm comes from there, and a warning that is always on is read by nobody.
"""

import importlib.util
import os
import re
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

import orjson

from hilf.lists import special
from hilf.lists.hit import BUILT_IN, DOCUMENTATION, SPECIAL_USE
from hilf.lists.matcher import ValueList
from hilf.lists.ranges import Ranges, Span, span_of
from hilf.lists.token import Within
from hilf.stix.value import normal

ON: Final = frozenset(
    {
        "public-dns-v4", "public-dns-v6", "public-dns-hostname",  # public resolvers
        "akamai", "cloudflare", "fastly", "stackpath",  # networks for delivery
        "cisco_top1000", "moz-top500", "google", "microsoft", "microsoft-office365", "wikimedia", "apple",  # most visited
        "captive-portals", "whats-my-ip", "second-level-tlds", "tlds",  # names that mean nobody
        "empty-hashes", "common-ioc-false-positive", "eicar.com",  # files that are nothing
    }
)  # fmt: skip
"""Those that warn by default."""

_FOLDER: Final = ("data", "misp-warninglists", "lists")
_TYPE = re.compile(rb'"type"\s*:\s*"(\w+)"')
_TAIL_BYTES: Final = 4096
_SUFFIX_TYPES: Final = frozenset({"hostname", "substring"})
_TYPES: Final = frozenset({"cidr", "string", *_SUFFIX_TYPES})
_REPLACED: Final = frozenset(
    {"rfc1918", "rfc3849", "rfc5735", "rfc6598", "rfc6761", "ipv6-linklocal", "multicast"}
)
"""What our own lists of special use say better."""


@cache
def names() -> tuple[str, ...]:
    """The warning lists that can be used, in order of name."""
    return tuple(
        sorted(
            each.name
            for each in _folder().iterdir()
            if each.name not in _REPLACED and (each / "list.json").is_file() and _type(each) in _TYPES
        )
    )


@cache
def edition() -> str:
    """The version of the package that carries them."""
    return version("pymispwarninglists")


def read(name: str) -> ValueList:
    """One warning list, or one of special use, ready to be looked for.

    Args:
        name: one of `names()` or of `hit.BUILT_IN`.
    """
    if name in BUILT_IN:
        return _special(name)
    held = orjson.loads((_folder() / name / "list.json").read_bytes())
    kind, values = held["type"], [str(value).strip() for value in held["list"]]
    within = _within(held["matching_attributes"])
    if kind == "cidr":
        return ValueList(name, Ranges(filter(None, map(_span, values))))
    hosts = frozenset(normal("domain-name", value.lstrip(".")) for value in values)
    if kind in _SUFFIX_TYPES:
        return ValueList(name, hosts=hosts, within=within)
    return ValueList(name, exact=hosts, hashes=frozenset(map(str.lower, values)), within=within)


def size(name: str) -> int:
    """How many entries a list has."""
    if name in BUILT_IN:
        blocks, domains = _SPECIAL[name]
        return len(blocks) + len(domains)
    return len(orjson.loads((_folder() / name / "list.json").read_bytes())["list"])


_SPECIAL: Final = {
    DOCUMENTATION: (special.DOCUMENTATION_BLOCKS, special.DOCUMENTATION_DOMAINS),
    SPECIAL_USE: (special.BLOCKS, special.DOMAINS),
}


def _special(name: str) -> ValueList:
    blocks, domains = _SPECIAL[name]
    return ValueList(name, Ranges(filter(None, map(span_of, blocks))), frozenset(domains))


def _within(attributes: list[str]) -> frozenset[Within]:
    """Where the name of a host counts for a list, from the kinds of attribute that it says it is for."""
    places = {
        Within.NOTHING: bool({"hostname", "domain", "domain|ip"} & set(attributes)),
        Within.WEB: "url" in attributes,
        Within.MAIL: bool({"email-src", "email-dst"} & set(attributes)),
    }
    return frozenset(place for place, counts in places.items() if counts)


def _span(text: str) -> Span | None:
    """A block of a list; /32 behind most addresses is not worth a network object."""
    return span_of(text.removesuffix("/32") if ":" not in text else text)


def _type(folder: Path) -> str:
    """The type of a list, read from the end of its file: the values stand before it, megabytes of them."""
    with (folder / "list.json").open("rb") as file:
        size_bytes = file.seek(0, os.SEEK_END)
        file.seek(max(0, size_bytes - _TAIL_BYTES))
        found = _TYPE.findall(file.read())
    return found[-1].decode() if found else ""


def _folder() -> Path:
    found = importlib.util.find_spec("pymispwarninglists")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("pymispwarninglists is not installed")
    return Path(found.submodule_search_locations[0]).joinpath(*_FOLDER)
