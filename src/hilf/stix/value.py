"""The one normal form of an observable value, and what a value that a person typed may be.

Two people who write the same address differently (defanged, upper case, a trailing dot, an uncompressed IPv6
address) get the same `(kind, value)`; that pair is what the index holds and what a look-up asks for.
Kinds are the names of the STIX 2.1 observable types and hash algorithms (sections 6 and 10.7), and a few words of
our own where STIX has a property and no type ("file-name", "technique"). A value that does not fit its kind keeps
its text: nothing is refused here, faults are the business of `judge`. Names by RFC 5891 (IDNA, UTS 46 mapping),
IPv6 by RFC 5952, URLs by RFC 3986 section 6.2.2 as far as it changes no meaning.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final

import idna

Key = tuple[str, str]

# Longer values are no use in an index of values that people ask for; full text finds them.
MAX_VALUE_CHARACTERS: Final = 8192

_DOT = re.compile(r"(?<!\s)\s*+[\[({]+\s*+(?:\.|dot)\s*+[\])}]+\s*+", re.IGNORECASE)
_AT = re.compile(r"(?<!\s)\s*+[\[({]+\s*+(?:@|at)\s*+[\])}]+\s*+", re.IGNORECASE)
_COLON = re.compile(r"[\[({]+\s*(:|://)\s*[\])}]+")
_SCHEME = re.compile(r"^(?:hxxp|h\*\*p|hXXp)(s?)(?=:|\[)", re.IGNORECASE)
_URL = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)(.*)\Z", re.DOTALL)
_HOST_PORT = re.compile(r"^(\[[^\]]*\]|[^:]*)(?::(\d*))?\Z")
_PERCENT = re.compile(r"%[0-9a-fA-F]{2}")
IPV4 = re.compile(r"^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})(?:/\d{1,2})?\Z", re.ASCII)
_TLSH_VERSION_1 = re.compile(r"^T1[0-9A-F]{70}\Z")
_PLAIN_IPV4 = re.compile(r"^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!\Z)|\Z)){4}\Z", re.ASCII)
_IPV6 = re.compile(r"^\[?[0-9a-fA-F:.]*:[0-9a-fA-F:.]*\]?(?:/\d{1,3})?\Z")
_MAC = re.compile(
    r"^[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}\Z|^[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}\Z"
)
HEX = re.compile(r"^[0-9a-fA-F]+\Z")
_DOMAIN = re.compile(r"^(?=.{1,253}\Z)[^\s/@:?#\[\]]+(?:\.[^\s/@:?#\[\]]+)+\Z")
CVE = re.compile(r"^CVE-\d{4}-\d{4,}\Z", re.IGNORECASE | re.ASCII)
TECHNIQUE = re.compile(r"^T\d{4}(?:\.\d{3})?\Z", re.IGNORECASE | re.ASCII)
ATTACK_ID = re.compile(r"^(?:T|TA|G|S|M|C|DS|DC|DET|AN|A)\d{4}(?:\.\d{3})?\Z", re.IGNORECASE | re.ASCII)
_AS = re.compile(r"^(?:AS)?\s*(\d{1,10})\Z", re.IGNORECASE | re.ASCII)
_DEFAULT_PORTS: Final = {"http": "80", "https": "443", "ftp": "21", "ssh": "22", "ws": "80", "wss": "443"}

# STIX 2.1 section 10.7, hash-algorithm-ov, and the lengths of their hex forms.
HASH_LENGTHS: Final = {
    "MD5": 32,
    "SHA-1": 40,
    "SHA-256": 64,
    "SHA-512": 128,
    "SHA3-256": 64,
    "SHA3-512": 128,
}
_HASH_NAMES: Final = {
    "MD5": "MD5", "SHA1": "SHA-1", "SHA256": "SHA-256", "SHA512": "SHA-512", "SHA3256": "SHA3-256",
    "SHA3512": "SHA3-512", "SSDEEP": "SSDEEP", "TLSH": "TLSH", "SHA224": "SHA-224", "SHA384": "SHA-384",
}  # fmt: skip

_FREE_TEXT: Final = (
    "file-name", "file-path", "directory", "process-name", "command-line", "mutex", "user-account",
    "windows-registry-key", "app-id", "domain-name", "email-subject", "x509-serial", "external-id",
)  # fmt: skip


def refang(text: str) -> str:
    """Take the guards out of a defanged value: hxxp, [.], (dot), [at], [:]."""
    text = text.strip()
    if "[" not in text and "(" not in text and "{" not in text:
        return _SCHEME.sub(r"http\1", text)
    text = _COLON.sub(r"\1", _AT.sub("@", _DOT.sub(".", text)))
    return _SCHEME.sub(r"http\1", text).strip()


def algorithm(name: str) -> str:
    """The STIX name of a hash algorithm, however it is spelt; an unknown one stays as it is."""
    return _HASH_NAMES.get(name.upper().replace("-", "").replace("_", "").replace(" ", ""), name)


def _domain(text: str) -> str:
    host = refang(text).rstrip(".")
    if host.isascii():
        return host.lower()
    try:
        return idna.encode(host, uts46=True, std3_rules=False).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return _folded(host)


def _folded(text: str) -> str:
    """Lower case that lowering again does not change (some capitals lower to two characters)."""
    return text.casefold().casefold()


def _address(text: str) -> str:
    """An IPv4 or IPv6 address or block; what is neither keeps its text in lower case."""
    value = refang(text)
    if _PLAIN_IPV4.match(value):
        return value
    if not (IPV4.match(value) or _IPV6.match(value)):
        return _folded(value)
    value = value.replace("[", "").replace("]", "")
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        return value.lower()
    return _network(network)


def _network(network: IPv4Network | IPv6Network) -> str:
    address = network.network_address
    text = str(address)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        text = f"::ffff:{address.ipv4_mapped}"  # RFC 5952 section 5
    return text if network.prefixlen == network.max_prefixlen else f"{text}/{network.prefixlen}"


def _url(text: str) -> str:
    value = refang(text)
    found = _URL.match(value)
    if not found:
        return value
    scheme, authority, rest = found[1].lower(), found[2], found[3]
    user, at, host_port = authority.rpartition("@")
    split = _HOST_PORT.match(host_port)
    if not split:
        return f"{scheme}://{authority}{rest}"
    host, port = split[1], split[2] or ""
    host = f"[{_address(host)}]" if host.startswith("[") and host.endswith("]") else _domain(host)
    port = "" if port == _DEFAULT_PORTS.get(scheme) else port
    rest = _PERCENT.sub(lambda escape: escape[0].upper(), rest)
    rest = rest if rest.startswith("/") else f"/{rest}"
    return f"{scheme}://{user}{at}{host}{':' if port else ''}{port}{rest}"


def _email(text: str) -> str:
    value = refang(text)
    local, at, domain = value.rpartition("@")
    return f"{local}{at}{_domain(domain)}" if at else value


def _mac(text: str) -> str:
    value = refang(text).lower()
    if not _MAC.match(value):
        return _folded(value)
    digits = value.replace(":", "").replace("-", "").replace(".", "")
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))


def _digest(text: str) -> str:
    value = text.strip()
    return value.lower() if HEX.match(value) else value


def _tlsh(text: str) -> str:
    value = text.strip().upper()
    return value[2:] if _TLSH_VERSION_1.match(value) else value


def _as_number(text: str) -> str:
    found = _AS.match(text.strip())
    return str(int(found[1])) if found else text.strip()


_NORMAL: Final[Mapping[str, Callable[[str], str]]] = {
    "domain-name": _domain,
    "ipv4-addr": _address,
    "ipv6-addr": _address,
    "url": _url,
    "email-addr": _email,
    "mac-addr": _mac,
    "autonomous-system": _as_number,
    "windows-registry-key": lambda text: _folded(text.strip()),
    "vulnerability": lambda text: text.strip().upper() if CVE.match(text.strip()) else text.strip(),
    "technique": lambda text: text.strip().upper(),
    "mitre-attack": lambda text: text.strip().upper(),
    "x509-serial": lambda text: _folded(text.strip()),
    "TLSH": _tlsh,
    "SSDEEP": lambda text: text.strip(),
    **dict.fromkeys(("SHA-224", "SHA-384", *HASH_LENGTHS), _digest),
}


def normal(kind: str, value: str) -> str:
    """The normal form of a value of that kind; of a kind without a form of its own, the text without outer blanks.

    Never raises, and normalising twice changes nothing.
    """
    form = _NORMAL.get(kind)
    return form(value) if form else value.strip()


def guess(text: str) -> tuple[Key, ...]:
    """The keys under which a value that a person typed may stand in the index, likeliest first.

    A value that looks like nothing in particular is asked for under every kind that holds free text.
    """
    value = refang(text)
    if not value or len(value) > MAX_VALUE_CHARACTERS:
        return ()
    kinds = tuple(kinds_of(value)) or _FREE_TEXT
    return tuple(dict.fromkeys((kind, normal(kind, value)) for kind in kinds))


def kinds_of(value: str) -> Iterator[str]:
    """The kinds that a value without guards looks like, likeliest first; none for text like any other."""
    if IPV4.match(value):
        yield from ("ipv4-addr", "domain-name")
        return
    if _MAC.match(value.lower()):
        yield "mac-addr"
    elif _IPV6.match(value) and value.count(":") > 1:
        yield "ipv6-addr"
    elif HEX.match(value):
        yield from (name for name, length in HASH_LENGTHS.items() if length == len(value))
    yield from _kinds_of_names(value)


def _kinds_of_names(value: str) -> Iterator[str]:
    if CVE.match(value):
        yield "vulnerability"
    if ATTACK_ID.match(value):
        yield "technique" if TECHNIQUE.match(value) else "mitre-attack"
    if _URL.match(value):
        yield "url"
    elif value.count("@") == 1 and _DOMAIN.match(value.partition("@")[2]):
        yield "email-addr"
    elif _AS.match(value):
        yield "autonomous-system"
    elif _DOMAIN.match(value.rstrip(".")) and "\\" not in value:
        yield from ("domain-name", "file-name", "app-id", "process-name")


def is_address(text: str) -> IPv4Address | IPv6Address | None:
    """The address that the text is, in whatever spelling; None for blocks and for what is none."""
    try:
        network = ip_network(_address(text))
    except ValueError:
        return None
    return network.network_address if network.prefixlen == network.max_prefixlen else None
