"""Control markings of other states that we keep and honour without understanding all they say: ACS 3.0 and CUI.

What carries one is no looser than AMBER+STRICT, unless the nation has mapped it to a level after reading it. The
definition travels with what it marks, byte for byte. ACS states a classification too, which counts as any other does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hilf.canonical import Json
from hilf.markings.tlp import Tlp
from hilf.markings.vocabulary import words

ACS_ID: Final = "extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce"
CUI_ID: Final = "extension-definition--dff17fb3-edcb-4f99-ad1b-4b751c95738a"
UNMAPPED: Final = Tlp.AMBER_STRICT
"""The level of a control marking that the nation has not mapped. Source: accord.md 2."""

_UNCLASSIFIED: Final = "U"


@dataclass(frozen=True, slots=True)
class Control:
    """A control marking: its scheme ("acs", "cui") and the tag of the classification that it states, or None."""

    scheme: str
    classified: str | None = None


def read_acs(definition: Mapping[str, Json]) -> Control | None:
    """The ACS 3.0 marking of a definition; None where it has none, or one with a classification that ACS does not know.

    Source: cti-stix-common-objects, acs-marking-definition-3a6.
    """
    body = _body(definition, ACS_ID)
    if body is None:
        return None
    control_set = body.get("control_set")
    level = control_set.get("classification") if isinstance(control_set, dict) else None
    if level is None or level == _UNCLASSIFIED:
        return Control("acs")
    for word in words("acs-marking"):
        if word.predicate == "classification" and word.value == level:
            return Control("acs", word.tag)
    return None


def read_cui(definition: Mapping[str, Json]) -> Control | None:
    """The CUI marking of a definition; None where it has none. Source: cti-stix-common-objects, cui-marking-definition-dff."""
    return None if _body(definition, CUI_ID) is None else Control("cui")


def _body(definition: Mapping[str, Json], identifier: str) -> dict[str, Json] | None:
    extensions = definition.get("extensions")
    body = extensions.get(identifier) if isinstance(extensions, dict) else None
    return body if isinstance(body, dict) else None
