"""Redaction: what is left of an object when some of its parts may not go.

Decides how a part is taken out (accord.md 2, 3): the member or list entry that a selector names goes with all that stands
in it; what is left empty or invalid by that goes too, up to the member of the object; the selectors of the granular markings that
stay are counted anew, and those of what went go with it. The result is a valid STIX object that says nothing else than
the full one did, or there is none and the object stays whole.

None is where a member that the standard requires would go, where one would go whose absence says something else (that it
is revoked, that its validity ends, who wrote it, how it is marked), and where the id follows from what would go, so that
whoever holds the id could find it again by trying. What repeats a removed part in other words (a name in a description,
a translation in a language-content object) is not seen: whoever marks a part marks all places where it stands.

Which parts may not go is `accord.decide`; only what a node asserts itself is redacted (protocol.md 3).
"""

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, Final

from hilf.accord.decision import Decision, Reason, Says, refusal
from hilf.accord.profile import PERSONAL_PARTS
from hilf.canonical import Json
from hilf.markings.label import of_labels
from hilf.stix import schema
from hilf.stix.deterministic import expected_id
from hilf.stix.judge import judge
from hilf.stix.selector import steps_to

NEVER: Final = frozenset(
    {"type", "spec_version", "id", "created", "modified", "created_by_ref", "revoked", "lang", "object_marking_refs",
     "granular_markings", "valid_until", "stop_time", "summary"}
)  # fmt: skip
"""Members that are not taken out: without them the object says something else, or is more loosely marked."""

_INDEX: Final = re.compile(r"\[(\d{1,9})\]", re.ASCII)
_ANY_TIME: Final = datetime(9000, 1, 1, tzinfo=UTC)

Step = str | int
Path = tuple[Step, ...]


def redact(object_: Mapping[str, Json], selectors: Iterable[str]) -> dict[str, Json] | None:
    """What is left without the parts that the selectors name; None where nothing valid and true is left.

    Args:
        object_: a STIX object as accepted here; it is not changed.
        selectors: STIX 2.1 section 7.2.3.1. One that leads to nothing gives None, since what it was to hide is not
            known; only those of personal data (`PERSONAL_PARTS`) may be absent.

    Source: accord.md 3 ("redaction never reveals more and leaves a valid STIX object or withholds it whole").
    """
    type_ = str(object_.get("type"))
    wanted = {each for each in selectors if each in object_ or each not in PERSONAL_PARTS.get(type_, ())}
    found = {each: steps_to(object_, each) for each in wanted}
    paths = {path for path in found.values() if path is not None}
    if type_ == "marking-definition" or len(paths) < len(wanted) or any(path[0] in NEVER for path in paths):
        return None
    grown = _grown(object_, paths)
    if grown is None:
        return None
    left, removed = _without(object_, grown)
    _count_anew(left, removed)
    return left if _still_true(object_, left) else None


def _grown(object_: Mapping[str, Json], paths: set[Path]) -> set[Path] | None:
    """The places to take out: where what is left of the one around would be invalid, that one; None if all would be."""
    paths = _outermost(paths)
    bare = {name: value for name, value in object_.items() if name != "granular_markings"}
    while schema.faults(_without(bare, paths)[0]):
        wider = set(paths)
        for around in {path[:-1] for path in paths if len(path) > 1}:
            inside = {path for path in paths if path[: len(around)] == around}
            if schema.faults(_without(bare, inside)[0]):
                wider = (wider - inside) | {around}
        wider = _outermost(wider)
        if wider == paths:
            return None
        paths = wider
    return paths


def _without(object_: Mapping[str, Json], paths: set[Path]) -> tuple[dict[str, Json], set[Path]]:
    """What is left without some places, none inside another, and the places that went, those left empty too."""
    left = deepcopy(dict(object_))
    # The last entries of a list first, so that the places of the others stay as they are until all are gone.
    return left, {_remove(left, path) for path in sorted(paths, key=_order, reverse=True)}


def carry_out(decision: Decision, object_: Mapping[str, Json]) -> tuple[Decision, dict[str, Json] | None]:
    """The decision once it is known whether what it takes out can be taken out, and what is left of the object.

    Returns: the decision itself, with the redacted form where it redacts; or a refusal, where nothing valid is left.
    """
    if not decision.allowed or not decision.redact:
        return decision, None
    left = redact(object_, decision.redact)
    if left is not None:
        return decision, left
    text = f"Without {', '.join(decision.redact)} it would be no valid object, or say something else, so all of it stays."
    notes = (reason for reason in decision.reasons if reason.says is not Says.REFUSES)
    return refusal(Reason("accord.redaction-impossible", Says.REFUSES, text), *notes), None


def _outermost(paths: set[Path]) -> set[Path]:
    """Without the places that stand inside another one."""
    return {path for path in paths if not any(path[:end] in paths for end in range(1, len(path)))}


def _order(path: Path) -> tuple[tuple[int, str], ...]:
    return tuple((step, "") if isinstance(step, int) else (-1, step) for step in path)


def _remove(object_: dict[str, Json], path: Path) -> Path:
    """Take out one place, and each place around it that is empty then; the outermost that went."""
    holders: list[Any] = [object_]
    for step in path[:-1]:
        holders.append(holders[-1][step])
    end = len(path)
    while True:
        del holders[end - 1][path[end - 1]]
        if holders[end - 1] or end == 1:
            return path[:end]
        end -= 1


def _count_anew(object_: dict[str, Json], removed: set[Path]) -> None:
    """Granular markings for what is left: selectors of what went go, those behind it move up."""
    entries = object_.get("granular_markings")
    if not isinstance(entries, list):
        return
    kept: list[Json] = []
    for entry in entries:
        selectors = entry.get("selectors") if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or not isinstance(selectors, list):
            kept.append(entry)
            continue
        moved = [new for each in selectors if (new := _moved(str(each), removed)) is not None]
        if moved:
            kept.append({**entry, "selectors": list[Json](moved)})
    if kept:
        object_["granular_markings"] = kept
    else:
        del object_["granular_markings"]


def _moved(selector: str, removed: set[Path]) -> str | None:
    """Where a selector's place is afterwards; None where it went."""
    words = selector.split(".")
    before: list[Step] = []
    after: list[str] = []
    for word in words:
        index = _INDEX.fullmatch(word)
        if index is None:
            before.append(word)
            after.append(word)
        else:
            place = int(index[1])
            gone = sum(
                len(path) == len(before) + 1
                and path[:-1] == tuple(before)
                and isinstance(path[-1], int)
                and path[-1] < place
                for path in removed
            )
            before.append(place)
            after.append(f"[{place - gone}]")
        if tuple(before) in removed:
            return None
    return ".".join(after)


def _still_true(full: Mapping[str, Json], left: dict[str, Json]) -> bool:
    """Whether what is left is valid, as strictly marked by its labels, and under an id that tells nothing of what went."""
    if schema.faults(left) or of_labels(_labels(full)) != of_labels(_labels(left)):
        return False
    errors = [
        {fault.rule for fault in judge(each, _ANY_TIME) if fault.severity == "error"} for each in (full, left)
    ]
    if errors[1] - errors[0]:
        return False
    if any(
        str(body.get("extension_type")).startswith("new-")
        for name, body in _extensions(full).items()
        if name not in _extensions(left) and isinstance(body, dict)
    ):
        return False
    identifier = str(full.get("id")).lower()
    return expected_id(full) != identifier or expected_id(left) == identifier


def _labels(object_: Mapping[str, Json]) -> list[str]:
    labels = object_.get("labels")
    return [each for each in labels if isinstance(each, str)] if isinstance(labels, list) else []


def _extensions(object_: Mapping[str, Json]) -> Mapping[str, Json]:
    extensions = object_.get("extensions")
    return extensions if isinstance(extensions, dict) else {}
