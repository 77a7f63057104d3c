"""The observable values that an object speaks of, as the keys of the index.

Values of cyber-observables and their hashes, what the STIX pattern of an indicator compares for equality, CVE and
ATT&CK ids among external references, and the names of vulnerabilities; each in the normal form of `value`, whose
functions are offered here too.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from hilf.canonical import Json
from hilf.stix import pattern as patterns
from hilf.stix.value import (
    ATTACK_ID,
    CVE,
    HASH_LENGTHS,
    HEX,
    IPV4,
    MAX_VALUE_CHARACTERS,
    TECHNIQUE,
    Key,
    algorithm,
    guess,
    is_address,
    kinds_of,
    normal,
    refang,
)

__all__ = ["Key", "algorithm", "guess", "has_malformed_hash", "is_address", "keys_of", "normal", "refang"]

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
_OBSERVABLES: Final = frozenset({*_BY_TYPE, "x509-certificate", "observed-data"})
_WITH_HASHES: Final = frozenset({"file", "artifact", "x509-certificate"})


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
        if isinstance(name, str) and CVE.match(name.strip()):
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
    if kind == "domain-name" and text[-1].isdigit() and IPV4.match(text):
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
    return name if name and (path.steps[-2] == "hashes" or name in HASH_LENGTHS) else ""


def has_malformed_hash(comparison: patterns.Comparison) -> bool:
    """True if a path to a hash of known length is compared with a text that is no such hash, so never matches."""
    if len(comparison.path.steps) == 1:
        return False
    length = HASH_LENGTHS.get(_hash_name(comparison.path))
    return length is not None and any(
        not isinstance(value, str) or len(value) != length or not HEX.match(value)
        for value in comparison.values
    )


def _of_comparison(comparison: patterns.Comparison, keys: list[Key]) -> None:
    kind = _kind_of(comparison.path)
    for value in comparison.values:
        if not kind and isinstance(value, str):
            for guessed in tuple(kinds_of(refang(value)))[:1]:
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
        if CVE.match(name):
            _add("vulnerability", name, keys)
        elif source.startswith("mitre-") and ATTACK_ID.match(name):
            _add("technique" if TECHNIQUE.match(name) else "mitre-attack", name, keys)
        else:
            _add("external-id", name, keys)
