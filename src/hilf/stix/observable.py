"""The one normal form of an observable value, and the values that an object speaks of.

Two people who write the same address differently (defanged, upper case, a trailing dot, an uncompressed IPv6
address) get the same `(kind, value)`; that pair is what the index holds and what a look-up asks for.
Kinds are the names of the STIX 2.1 observable types and hash algorithms (sections 6 and 10.7), and a few words of
our own where STIX has a property and no type ("file-name", "technique"). A value that does not fit its kind keeps
its text: nothing is refused here, faults are the business of `judge`. Names by RFC 5891 (IDNA, UTS 46 mapping),
IPv6 by RFC 5952, URLs by RFC 3986 section 6.2.2 as far as it changes no meaning.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final

import idna

from hilf.canonical import Json
from hilf.stix import pattern as patterns

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
_IPV4 = re.compile(r"^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})(?:/\d{1,2})?\Z", re.ASCII)
_TLSH_VERSION_1 = re.compile(r"^T1[0-9A-F]{70}\Z")
_PLAIN_IPV4 = re.compile(r"^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!\Z)|\Z)){4}\Z", re.ASCII)
_IPV6 = re.compile(r"^\[?[0-9a-fA-F:.]*:[0-9a-fA-F:.]*\]?(?:/\d{1,3})?\Z")
_MAC = re.compile(
    r"^[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}\Z|^[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}\Z"
)
_HEX = re.compile(r"^[0-9a-fA-F]+\Z")
_DOMAIN = re.compile(r"^(?=.{1,253}\Z)[^\s/@:?#\[\]]+(?:\.[^\s/@:?#\[\]]+)+\Z")
_CVE = re.compile(r"^CVE-\d{4}-\d{4,}\Z", re.IGNORECASE | re.ASCII)
_TECHNIQUE = re.compile(r"^T\d{4}(?:\.\d{3})?\Z", re.IGNORECASE | re.ASCII)
_ATTACK_ID = re.compile(r"^(?:T|TA|G|S|M|C|DS|DC|DET|AN|A)\d{4}(?:\.\d{3})?\Z", re.IGNORECASE | re.ASCII)
_AS = re.compile(r"^(?:AS)?\s*(\d{1,10})\Z", re.IGNORECASE | re.ASCII)
_DEFAULT_PORTS: Final = {"http": "80", "https": "443", "ftp": "21", "ssh": "22", "ws": "80", "wss": "443"}

# STIX 2.1 section 10.7, hash-algorithm-ov, and the lengths of their hex forms.
_HASH_LENGTHS: Final = {
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

# "type:property" of a cyber-observable (STIX 2.1 section 6) and of a pattern's path, to the kind of its value.
_PROPERTIES: Final[Mapping[str, str]] = {
    "domain-name:value": "domain-name",
    "ipv4-addr:value": "ipv4-addr",
    "ipv6-addr:value": "ipv6-addr",
    "url:value": "url",
    "email-addr:value": "email-addr",
    "mac-addr:value": "mac-addr",
    "autonomous-system:number": "autonomous-system",
    "artifact:url": "url",
    "file:name": "file-name",
    "file:path": "file-path",  # no property of STIX, yet what spyware indicators are written with
    "app:id": "app-id",
    "process:name": "process-name",
    "directory:path": "directory",
    "mutex:name": "mutex",
    "process:command_line": "command-line",
    "software:cpe": "cpe",
    "user-account:account_login": "user-account",
    "user-account:user_id": "user-account",
    "windows-registry-key:key": "windows-registry-key",
    "x509-certificate:serial_number": "x509-serial",
    "email-message:subject": "email-subject",
}
_BY_TYPE: Final[dict[str, tuple[tuple[str, str], ...]]] = {}
for _path, _kind in _PROPERTIES.items():
    _type, _, _property = _path.partition(":")
    _BY_TYPE[_type] = (*_BY_TYPE.get(_type, ()), (_property, _kind))
_FREE_TEXT: Final = (
    "file-name", "file-path", "directory", "process-name", "command-line", "mutex", "user-account",
    "windows-registry-key", "app-id", "domain-name", "email-subject", "x509-serial", "external-id",
)  # fmt: skip
_OBSERVABLES: Final = frozenset({*_BY_TYPE, "x509-certificate", "observed-data"})
_WITH_HASHES: Final = frozenset({"file", "artifact", "x509-certificate"})


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
    if not (_IPV4.match(value) or _IPV6.match(value)):
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
    return value.lower() if _HEX.match(value) else value


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
    "vulnerability": lambda text: text.strip().upper() if _CVE.match(text.strip()) else text.strip(),
    "technique": lambda text: text.strip().upper(),
    "mitre-attack": lambda text: text.strip().upper(),
    "x509-serial": lambda text: _folded(text.strip()),
    "TLSH": _tlsh,
    "SSDEEP": lambda text: text.strip(),
    **dict.fromkeys(("SHA-224", "SHA-384", *_HASH_LENGTHS), _digest),
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
    kinds = tuple(_kinds(value)) or _FREE_TEXT
    return tuple(dict.fromkeys((kind, normal(kind, value)) for kind in kinds))


def _kinds(value: str) -> Iterator[str]:
    if _IPV4.match(value):
        yield from ("ipv4-addr", "domain-name")
        return
    if _MAC.match(value.lower()):
        yield "mac-addr"
    elif _IPV6.match(value) and value.count(":") > 1:
        yield "ipv6-addr"
    elif _HEX.match(value):
        yield from (name for name, length in _HASH_LENGTHS.items() if length == len(value))
    yield from _kinds_of_names(value)


def _kinds_of_names(value: str) -> Iterator[str]:
    if _CVE.match(value):
        yield "vulnerability"
    if _ATTACK_ID.match(value):
        yield "technique" if _TECHNIQUE.match(value) else "mitre-attack"
    if _URL.match(value):
        yield "url"
    elif value.count("@") == 1 and _DOMAIN.match(value.partition("@")[2]):
        yield "email-addr"
    elif _AS.match(value):
        yield "autonomous-system"
    elif _DOMAIN.match(value.rstrip(".")) and "\\" not in value:
        yield from ("domain-name", "file-name", "app-id", "process-name")


def keys_of(stix_object: Mapping[str, Json]) -> tuple[Key, ...]:
    """Every observable value that an object speaks of, in normal form, each once, in the order of its properties.

    Values of cyber-observables and their hashes (also inside the deprecated `objects` of observed-data), what an
    indicator's STIX pattern compares for equality, CVE and ATT&CK ids among external references, and the name of
    a vulnerability.
    """
    stix_type = stix_object.get("type")
    keys: list[Key] = []
    if stix_type == "indicator":
        _of_indicator(stix_object, keys)
    elif stix_type == "vulnerability":
        name = stix_object.get("name")
        if isinstance(name, str) and _CVE.match(name.strip()):
            keys.append(("vulnerability", normal("vulnerability", name)))
    elif isinstance(stix_type, str) and stix_type in _OBSERVABLES:
        _of_observable(stix_type, stix_object, keys)
    external = stix_object.get("external_references")
    if isinstance(external, list):
        _of_external(external, keys)
    return tuple(dict.fromkeys(keys)) if len(keys) > 1 else tuple(keys)


def _of_observable(stix_type: str, stix_object: Mapping[str, Json], keys: list[Key]) -> None:
    for name, kind in _BY_TYPE.get(stix_type, ()):
        _add(kind, stix_object.get(name), keys)
    if stix_type in _WITH_HASHES:
        hashes = stix_object.get("hashes")
        if isinstance(hashes, dict):
            for name, value in hashes.items():
                _add(algorithm(name), value, keys)
    elif stix_type == "observed-data":
        embedded = stix_object.get("objects")
        for inner in embedded.values() if isinstance(embedded, dict) else ():
            inner_type = inner.get("type") if isinstance(inner, dict) else None
            if isinstance(inner, dict) and isinstance(inner_type, str) and inner_type != "observed-data":
                _of_observable(inner_type, inner, keys)


def _add(kind: str, value: object, keys: list[Key]) -> None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value or len(value) > MAX_VALUE_CHARACTERS:
        return
    text = normal(kind, value)
    if not text:
        return
    keys.append((kind, text))
    if kind == "domain-name" and text[-1].isdigit() and _IPV4.match(text):
        keys.append(
            ("ipv4-addr", normal("ipv4-addr", text))
        )  # many feeds put addresses into domain-name:value


def _of_indicator(indicator: Mapping[str, Json], keys: list[Key]) -> None:
    text = indicator.get("pattern")
    if indicator.get("pattern_type") != "stix" or not isinstance(text, str):
        return
    try:
        comparisons = patterns.comparisons(text)
    except patterns.PatternFault:
        return
    for comparison in comparisons:
        if not comparison.negated and comparison.operator in ("=", "IN"):
            _of_comparison(comparison, keys)


def _hash_name(path: patterns.Path) -> str:
    """The algorithm, where a path leads to a hash; else empty."""
    last = path.steps[-1]
    name = algorithm(last) if isinstance(last, str) and len(path.steps) > 1 else ""
    return name if name and (path.steps[-2] == "hashes" or name in _HASH_LENGTHS) else ""


def has_malformed_hash(comparison: patterns.Comparison) -> bool:
    """True if a path to a hash of known length is compared with a text that is no such hash, so never matches."""
    if len(comparison.path.steps) == 1:
        return False
    length = _HASH_LENGTHS.get(_hash_name(comparison.path))
    return length is not None and any(
        not isinstance(value, str) or len(value) != length or not _HEX.match(value)
        for value in comparison.values
    )


def _of_comparison(comparison: patterns.Comparison, keys: list[Key]) -> None:
    kind = _kind_of(comparison.path)
    for value in comparison.values:
        if not kind and isinstance(value, str):
            for guessed in tuple(_kinds(refang(value)))[:1]:
                _add(guessed, value, keys)
        elif isinstance(value, str) or kind == "autonomous-system":
            _add(kind, value, keys)


@lru_cache(maxsize=1024)
def _kind_of(path: patterns.Path) -> str:
    """The kind of the values that stand at a path; empty where only the value itself can tell.

    Behind a reference (`network-traffic:dst_ref.value`) the type of what it points to is not in the path.
    """
    hash_name = _hash_name(path)
    if hash_name:
        return hash_name
    if path.steps[-1] == "value" and len(path.steps) > 1:
        return ""
    name = f"{path.type}:{path.dotted()}"
    return _PROPERTIES.get(name) or name


def _of_external(external: Iterable[Json], keys: list[Key]) -> None:
    for entry in external:
        if not isinstance(entry, dict):
            continue
        name, source = entry.get("external_id"), entry.get("source_name")
        if not isinstance(name, str) or not isinstance(source, str):
            continue
        if _CVE.match(name):
            _add("vulnerability", name, keys)
        elif source.startswith("mitre-") and _ATTACK_ID.match(name):
            _add("technique" if _TECHNIQUE.match(name) else "mitre-attack", name, keys)
        else:
            _add("external-id", name, keys)


def is_address(text: str) -> IPv4Address | IPv6Address | None:
    """The address that the text is, in whatever spelling; None for blocks and for what is none."""
    try:
        network = ip_network(_address(text))
    except ValueError:
        return None
    return network.network_address if network.prefixlen == network.max_prefixlen else None
