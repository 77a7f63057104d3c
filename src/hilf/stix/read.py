"""Judge one object alone: from received bytes to an object, its content id, and everything that is wrong with it.

First strict JSON (RFC 8259, RFC 7493), then the upgrade from STIX 2.0, then the OASIS schemas, then the rules that no
schema states. An object is accepted, refused, or quarantined: held for a person, where nothing is wrong but that it
is from the future or holds a number that cannot be kept exactly. Custom types, properties and extensions are kept.
The received bytes are never touched; the canonical form of the object (upgraded, where it was of 2.0) gives its id.

JSON is read by the quick parser, which keeps the last of two equal names. The count of quotes finds that out:
a dropped name takes at least two quotes with it, so equal counts in the received and in the canonical bytes prove
that nothing was dropped. Where the proof does not hold (a quote written as an escape) the strict reader decides.
"""

import json
import re
from datetime import datetime
from typing import Final, Literal, NamedTuple

import orjson

from hilf import canonical
from hilf.canonical import Json
from hilf.errors import PartnerFault
from hilf.stix import schema, upgrade
from hilf.stix.bounds import beyond
from hilf.stix.finding import Finding
from hilf.stix.judge import QUARANTINE, Fault, instant, judge

Outcome = Literal["accepted", "refused", "quarantined"]

MOST_FAULTS: Final = 100
"""Findings on one object: an object of 200,000 wrong selectors must not become 200,000 rows."""

_ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
# Longer whole numbers may have been read as floats; RFC 8785 writes these with an exponent.
_GREAT_NUMBER: Final = b"e+"


class Read(NamedTuple):
    """One object, read and judged.

    Attributes:
        raw: the received bytes.
        canonical: RFC 8785 form of `object`; None where there is none.
        object: the object as STIX 2.1; None where the bytes are no JSON object.
        id: the id; empty where it has none that is a text.
        type: the type; empty likewise.
        created: to the microsecond, aware; None where there is none.
        modified: likewise; a marking-definition and an observable have none.
        sha256: content id, 64 hex digits, of `canonical`; empty where there is none.
        findings: errors and warnings, each with its place.
        upgraded: the object was of STIX 2.0.
        outcome: whether it is taken in.
    """

    raw: bytes
    canonical: bytes | None
    object: dict[str, Json] | None
    id: str
    type: str
    created: datetime | None
    modified: datetime | None
    sha256: str
    findings: tuple[Finding, ...]
    upgraded: bool
    outcome: Outcome


def read(raw: bytes, place: str, now: datetime) -> Read:
    """The object in these bytes and what is wrong with it; never raises for anything in the bytes.

    Args:
        raw: one object, as `split` cut it, or as an act carried it; a parser can bear its depth.
        place: where it stood, for the findings.
        now: aware; what is more than 10 minutes later than it is from the future.
    """
    value, data, faults = _parse(raw)
    if not isinstance(value, dict):
        faults = faults or [Fault("", "stix.object", "a STIX object must be a JSON object")]
        return _read(raw, None, None, faults, place, upgraded=False)
    is_old = value.get("spec_version") != "2.1" and upgrade.is_version_2_0(value)
    if is_old:
        new = upgrade.upgraded(value)
        if new is None:
            message = "STIX 2.0 observed-data holds its objects inside; 2.1 wants them beside it, with ids of their own"
            faults.append(Fault("/objects", "stix.version-2.0", message))
            return _read(raw, data, value, faults, place, upgraded=False)
        faults.append(Fault("", "stix.upgraded", "read as STIX 2.0 and brought to 2.1", "warning"))
        value = new
        data = None if data is None else canonical.dumps(value)
    too_much = beyond(data, value) if data is not None else None
    if too_much is not None:
        return _read(raw, data, value, [*faults, Fault("", *too_much)], place, upgraded=is_old)
    for fault in schema.faults(value):
        faults.append(Fault(fault.pointer, "stix.schema", fault.message))
    faults.extend(judge(value, now))
    return _read(raw, data, value, faults, place, upgraded=is_old)


def _parse(raw: bytes) -> tuple[Json, bytes | None, list[Fault]]:
    """The value, its canonical form, and the faults of the JSON text; the value is None where it is no JSON."""
    try:
        value: Json = orjson.loads(raw)
    except ValueError:
        return _parse_strictly(raw, None)
    try:
        data = canonical.dumps(value)
    except PartnerFault:
        return _parse_strictly(raw, value)
    if raw.count(b'"') != data.count(b'"') or b"\\u0022" in raw or _GREAT_NUMBER in data:
        return _parse_strictly(raw, value)
    return value, data, _nul(data)


def _parse_strictly(raw: bytes, quick: Json) -> tuple[Json, bytes | None, list[Fault]]:
    try:
        value = canonical.loads(raw)
        data = canonical.dumps(value)
    except PartnerFault as fault:
        # What is only held for a person is still an object with an id.
        return quick if fault.code in QUARANTINE else None, None, _json_faults(fault, raw)
    return value, data, _nul(data)


def _json_faults(fault: PartnerFault, raw: bytes) -> list[Fault]:
    """The fault, and beside a number that cannot be kept whatever else is wrong: it must not be held for that alone."""
    detail = f" ({fault.detail})" if fault.detail else ""
    faults = [Fault("", fault.code, f"{fault.rule.removeprefix('json: ')}{detail}")]
    if fault.code in QUARANTINE:
        names: list[list[tuple[str, Json]]] = []
        try:
            json.loads(raw, object_pairs_hook=names.append, parse_int=str, parse_float=str)
        except (ValueError, RecursionError):
            faults.append(Fault("", "json.broken", "the rest of the text is no JSON"))
        if any(len(dict(pairs)) < len(pairs) for pairs in names):
            faults.append(Fault("", "json.duplicate-name", "a name stands twice in one object"))
    return faults


def _nul(data: bytes) -> list[Fault]:
    if b"\\u0000" in data and _ESCAPED_NUL.search(data):
        return [Fault("", "json.nul", "a text holds the character NUL, which not every store can keep")]
    return []


def _read(
    raw: bytes,
    data: bytes | None,
    value: dict[str, Json] | None,
    faults: list[Fault],
    place: str,
    *,
    upgraded: bool,
) -> Read:
    held = value or {}
    identifier, stix_type = held.get("id"), held.get("type")
    name = identifier if isinstance(identifier, str) else ""
    outcome: Outcome = "accepted"
    for fault in faults:
        if fault.severity == "error":
            outcome = "quarantined" if fault.rule in QUARANTINE and outcome != "refused" else "refused"
    if len(faults) > MOST_FAULTS:
        faults = _first(faults)
    return Read(
        raw,
        data,
        value,
        name,
        stix_type if isinstance(stix_type, str) else "",
        instant(held.get("created")),
        instant(held.get("modified")),
        canonical.sha256_hex(data) if data is not None else "",
        tuple(_finding(name, place, fault) for fault in faults) if faults else (),
        upgraded,
        outcome,
    )


def _first(faults: list[Fault]) -> list[Fault]:
    """The first faults, errors before warnings; the last one says how many there are."""
    ordered = sorted(faults, key=lambda fault: fault.severity != "error")[:MOST_FAULTS]
    last = ordered[-1]
    return [*ordered[:-1], last._replace(message=f"{last.message}; {len(faults)} faults in all")]


def _finding(name: str, place: str, fault: Fault) -> Finding:
    where = f"{place} {fault.pointer}" if fault.pointer else place
    return Finding(name, where, fault.rule, fault.message, fault.severity)
