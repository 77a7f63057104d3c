"""Granular selectors: the paths in an object that a granular marking names.

STIX 2.1 section 7.2.3.1: property names joined by dots, a list member as `[n]`. A selector that resolves to
nothing marks nothing, which is a fault of the object.
"""

import re
from collections.abc import Mapping
from typing import Any

from hilf.canonical import Json

_INDEX = re.compile(r"\[(\d{1,9})\]", re.ASCII)


def resolves(stix_object: Mapping[str, Json], selector: str) -> bool:
    """True if the selector leads to a property or list member that the object has."""
    return steps_to(stix_object, selector) is not None


def steps_to(stix_object: Mapping[str, Json], selector: str) -> tuple[str | int, ...] | None:
    """The names and places in lists by which a selector leads to what the object has; None where it leads to nothing."""
    at: object = stix_object
    steps: list[str | int] = []
    for step in selector.split("."):
        index = _INDEX.fullmatch(step)
        if isinstance(at, list) and index and int(index[1]) < len(at):
            steps.append(int(index[1]))
            at = at[int(index[1])]
        elif isinstance(at, Mapping) and step in at:
            steps.append(step)
            at = at[step]
        else:
            return None
    return tuple(steps)


def value_at(stix_object: Mapping[str, Json], selector: str) -> Json:
    """What a selector leads to; None where it leads to nothing."""
    at: Any = stix_object
    for step in steps_to(stix_object, selector) or ():
        at = at[step]
    found: Json = None if at is stix_object else at
    return found


def covers(selector: str, path: str) -> bool:
    """True if a marking on `selector` applies to `path`: the same place, or one inside it."""
    return path == selector or path.startswith(f"{selector}.")
