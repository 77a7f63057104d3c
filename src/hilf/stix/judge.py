"""What no schema says about one object: the rules of STIX 2.1 between its own properties.

Times exist and stand in order, nothing is from the future, references point to types that the standard allows,
markings are marking-definitions and TLP is TLP, granular selectors resolve, patterns parse. Each object is judged
alone: whether a reference leads anywhere, and who may say what, is decided above.
Everything here takes an object that may already have failed its schema, and says all that is wrong with it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from hilf.canonical import Json
from hilf.stix import pattern as patterns
from hilf.stix.deterministic import expected_id
from hilf.stix.finding import Severity
from hilf.stix.marking_definition import claimed_tlp, fixed
from hilf.stix.observable import has_malformed_hash
from hilf.stix.reference import is_identifier, references, type_of
from hilf.stix.selector import resolves
from hilf.stix.target import allowed, has_rules, may_point
from hilf.stix.upgrade import CYBER_OBSERVABLES

# protocol.md: a clock may be ten minutes off; what is newer than that waits for a person.
FUTURE: Final = timedelta(minutes=10)
# Objects with an error of these rules alone are held for a person, all others are refused.
QUARANTINE: Final = frozenset({"stix.future", "json.integer-beyond-2-53-1",
                               "json.would-be-written-as-an-integer-beyond-2-53-1"})  # fmt: skip

_TIMES: Final = frozenset({
    "created", "modified", "valid_from", "valid_until", "first_seen", "last_seen", "first_observed", "last_observed",
    "start_time", "stop_time", "published", "submitted", "analysis_started", "analysis_ended", "start", "end",
    "ctime", "mtime", "atime", "date", "created_time", "modified_time", "account_created", "account_expires",
    "credential_last_changed", "account_first_login", "account_last_login", "validity_not_before",
    "validity_not_after", "object_modified",
})  # fmt: skip
# (earlier, later, whether they may be equal), with the section of STIX 2.1.
_ORDER: Final = (
    ("created", "modified", True),  # 3.2
    ("valid_from", "valid_until", False),  # 4.7
    ("first_seen", "last_seen", True),  # 4.2, 4.8, 4.9, 4.17, 5.2
    ("first_observed", "last_observed", True),  # 4.14
    ("start_time", "stop_time", False),  # 5.1
    ("start", "end", True),  # 6.12
    ("analysis_started", "analysis_ended", True),  # 4.12
)
_LATER: Final = {later: (earlier, equal) for earlier, later, equal in _ORDER}


class Fault(NamedTuple):
    """One fault of one object: a JSON pointer, the rule, and what is wrong."""

    pointer: str
    rule: str
    message: str
    severity: Severity = "error"


def instant(text: object) -> datetime | None:
    """The instant of a STIX timestamp, to the microsecond; None for what is none.

    A leap second counts as the second before it. Source: STIX 2.1 section 2.15.
    """
    if not isinstance(text, str) or not text.endswith("Z") or "T" not in text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(f"{text[:17]}59{text[19:]}") if text[17:19] == "60" else None
    except ValueError:
        return None


def judge(stix_object: Mapping[str, Json], now: datetime) -> list[Fault]:
    """Every fault of an object that its schema does not see.

    Args:
        stix_object: the object; it may have failed its schema.
        now: the time by which "the future" is meant, aware.
    """
    faults: list[Fault] = []
    stix_type = stix_object.get("type")
    name = stix_type if isinstance(stix_type, str) else ""
    identifier = stix_object.get("id")
    if isinstance(identifier, str) and not identifier.startswith(f"{name}--"):
        faults.append(Fault("/id", "stix.id", f"the id must begin with the type, {name}--"))
    if name == "bundle":
        faults.append(
            Fault("/type", "stix.bundle", "a bundle cannot stand inside another, nor be kept as an object")
        )
    _times(stix_object, now, faults)
    _references(stix_object, name, faults)
    if "object_marking_refs" in stix_object or "granular_markings" in stix_object:
        _markings(stix_object, faults)
    if name == "indicator":
        _pattern(stix_object, faults)
    elif name == "marking-definition":
        faults.extend(_definition(stix_object))
    elif name in CYBER_OBSERVABLES:
        faults.extend(_observable(stix_object))
    return faults


def _times(stix_object: Mapping[str, Json], now: datetime, faults: list[Fault]) -> None:
    found: dict[str, datetime] = {}
    for name in sorted(_TIMES.intersection(stix_object)):
        text = stix_object[name]
        at = instant(text)
        if at is not None:
            found[name] = at
        elif isinstance(text, str):
            faults.append(Fault(f"/{name}", "stix.timestamp", f"there is no such time: {text[:40]!r}"))
    for later, (earlier, may_be_equal) in _LATER.items():
        if later in found and earlier in found:
            first, second = found[earlier], found[later]
            if second < first or (second == first and not may_be_equal):
                faults.append(Fault(f"/{later}", "stix.time-order", f"{later} must be later than {earlier}"))
    limit = now + FUTURE
    faults.extend(
        Fault(f"/{name}", "stix.future", f"{name} is more than 10 minutes in the future")
        for name in ("created", "modified")
        if name in found and found[name] > limit
    )


def _references(stix_object: Mapping[str, Json], name: str, faults: list[Fault]) -> None:
    author = stix_object.get("created_by_ref")
    if isinstance(author, str) and not author.startswith("identity--"):
        faults.append(
            Fault("/created_by_ref", "stix.reference-type", "created_by_ref must point to an identity")
        )
    if has_rules(name):
        for property_name, target in references(stix_object):
            if not may_point(name, property_name, type_of(target)):
                message = (
                    f"{property_name} points to {type_of(target)}; allowed: {allowed(name, property_name)}"
                )
                faults.append(Fault(f"/{property_name}", "stix.reference-type", message))
    faults.extend(
        Fault(f"/{each}", "stix.reference", f"{each} should be an identifier, type--uuid", "warning")
        for each in [each for each in stix_object if each[:2] == "x_" and each[-4:] == "_ref"]
        if not is_identifier(stix_object[each])
    )


def _markings(stix_object: Mapping[str, Json], faults: list[Fault]) -> None:
    refs, granular = stix_object.get("object_marking_refs"), stix_object.get("granular_markings")
    for number, ref in enumerate(refs if isinstance(refs, list) else ()):
        _marking_ref(stix_object, ref, f"/object_marking_refs/{number}", faults)
    for number, entry in enumerate(granular if isinstance(granular, list) else ()):
        if isinstance(entry, dict):
            _granular(stix_object, entry, f"/granular_markings/{number}", faults)


def _granular(
    stix_object: Mapping[str, Json], entry: Mapping[str, Json], place: str, faults: list[Fault]
) -> None:
    if ("marking_ref" in entry) == ("lang" in entry):
        faults.append(Fault(place, "stix.granular", "exactly one of marking_ref and lang must be there"))
    if "marking_ref" in entry:
        _marking_ref(stix_object, entry["marking_ref"], f"{place}/marking_ref", faults)
    selectors = entry.get("selectors")
    for index, selector in enumerate(selectors if isinstance(selectors, list) else ()):
        if isinstance(selector, str) and not resolves(stix_object, selector):
            message = f"the selector leads to nothing in this object: {selector[:80]!r}"
            faults.append(Fault(f"{place}/selectors/{index}", "stix.selector", message))


def _marking_ref(stix_object: Mapping[str, Json], ref: Json, place: str, faults: list[Fault]) -> None:
    if not isinstance(ref, str):
        return
    if not ref.startswith("marking-definition--"):
        faults.append(Fault(place, "stix.marking-type", "a marking must be a marking-definition"))
    elif ref == stix_object.get("id"):
        faults.append(Fault(place, "stix.marking-circular", "a marking-definition cannot mark itself"))


def _definition(definition: Mapping[str, Json]) -> Iterator[Fault]:
    identifier = definition.get("id")
    expected = fixed(identifier) if isinstance(identifier, str) else None
    claimed = claimed_tlp(definition)
    if expected is None:
        if claimed is not None:
            yield Fault("/id", "stix.tlp", "TLP has fixed ids, and this is none of them")
        return
    for name, value in expected.items():
        if definition.get(name) != value:
            yield Fault(f"/{name}", "stix.tlp", f"{name} differs from the definition that the standard fixes")
    for name in definition.keys() - expected.keys():
        message = f"the definition that the standard fixes has no {name}"
        yield Fault(f"/{name}", "stix.tlp-addition", message, "warning")


def _pattern(indicator: Mapping[str, Json], faults: list[Fault]) -> None:
    text = indicator.get("pattern")
    if indicator.get("pattern_type") != "stix" or not isinstance(text, str):
        return
    try:
        comparisons = patterns.comparisons(text)
    except patterns.PatternFault as fault:
        message = f"no STIX pattern: {fault} at character {fault.offset + 1}"
        faults.append(Fault("/pattern", "stix.pattern", message))
        return
    for comparison in comparisons:
        if comparison.operator in ("=", "IN") and has_malformed_hash(comparison):
            message = f"{comparison.path.dotted()} compares with a text that is no such hash"
            faults.append(Fault("/pattern", "stix.pattern-hash", message, "warning"))


def _observable(stix_object: Mapping[str, Json]) -> Iterator[Fault]:
    identifier = stix_object.get("id")
    # Only name-based ids (version 5) claim to follow from the content.
    if not isinstance(identifier, str) or identifier[-22:-21] != "5":
        return
    expected = expected_id(stix_object)
    if expected is not None and expected != identifier.lower():
        message = f"the id does not follow from the content; expected {expected}"
        yield Fault("/id", "stix.deterministic-id", message, "warning")
