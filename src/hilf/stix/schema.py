"""The OASIS JSON schemas of STIX 2.1, as validators.

The schemas are the ones that the stix2-validator package carries; they are found beside it without importing it
(half a second) and compiled with regular expressions that run in linear time. A type without a schema is held
against the common properties of an SDO, or of an SCO where it has neither `created` nor `modified`.
One known fault of the schemas is mended here: they demand `marking_ref` of a granular marking that has `lang`
(STIX 2.1 section 7.2.3 wants exactly one of the two; `judge` says so).
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

import jsonschema_rs
import orjson

from hilf.canonical import Json
from hilf.errors import OperatorFault

# More faults of one object help nobody.
MAX_FAULTS: Final = 50
_MAX_MESSAGE_CHARACTERS: Final = 200
_FOLDERS: Final = ("common", "sdos", "sros", "observables")
_META: Final = frozenset({"marking-definition", "language-content", "extension-definition"})
_COMMON: Final = frozenset({"core", "cyber-observable-core"})
_NO_FORM_FITS: Final = (
    jsonschema_rs.ValidationErrorKind.AnyOf,
    jsonschema_rs.ValidationErrorKind.OneOfNotValid,
    jsonschema_rs.ValidationErrorKind.OneOfMultipleValid,
)


class Fault(NamedTuple):
    """Where an object leaves its schema (a JSON pointer, empty for the object itself), and how."""

    pointer: str
    message: str


@lru_cache(maxsize=1)
def _validators() -> Mapping[str, jsonschema_rs.Validator]:
    """A validator for each type that has a schema, and for the common properties."""
    found = find_spec("stix2validator")
    places = list(found.submodule_search_locations or ()) if found else []
    folder = Path(places[0] if places else "") / "schemas-2.1" / "schemas"
    paths = {
        name: path for part in _FOLDERS for path in (folder / part).glob("*.json") for name in (path.stem,)
    }
    if "core" not in paths:
        raise OperatorFault(
            "stix.schemas-missing",
            "The OASIS schemas of STIX 2.1 are not there.",
            "They are part of the stix2-validator package.",
            "Install it again: pip install --force-reinstall stix2-validator",
        )
    documents: dict[str, dict[str, Json]] = {
        name: orjson.loads(path.read_bytes()) for name, path in paths.items()
    }
    documents["granular-marking"]["required"] = ["selectors"]
    registry = jsonschema_rs.Registry([(str(document["$id"]), document) for document in documents.values()])
    return {
        name: jsonschema_rs.validator_for(
            documents[name], registry=registry, pattern_options=jsonschema_rs.RegexOptions(), offline=True
        )
        for name, path in paths.items()
        if path.parent.name != "common" or name in _META | _COMMON
    }


def _validator_of(stix_object: Mapping[str, Json]) -> jsonschema_rs.Validator:
    validators = _validators()
    stix_type = stix_object.get("type")
    if isinstance(stix_type, str) and stix_type in validators and stix_type not in _COMMON:
        return validators[stix_type]
    timed = "created" in stix_object or "modified" in stix_object or not isinstance(stix_type, str)
    return validators["core" if timed else "cyber-observable-core"]


def faults(stix_object: dict[str, Json]) -> tuple[Fault, ...]:
    """Every place where an object leaves the schema of its type, at most MAX_FAULTS; empty where it does not.

    Source: STIX 2.1, OASIS cti-stix2-json-schemas.
    """
    validator = _validator_of(stix_object)
    if validator.is_valid(stix_object):
        return ()
    return tuple(dict.fromkeys(islice(_faults(validator, stix_object), MAX_FAULTS)))


def _faults(validator: jsonschema_rs.Validator, stix_object: dict[str, Json]) -> Iterator[Fault]:
    for error in validator.iter_errors(stix_object):
        if isinstance(error.kind, _NO_FORM_FITS):
            message = "fits none of the forms that the schema allows"
        elif len(error.message) > _MAX_MESSAGE_CHARACTERS:
            message = f"…{error.message[-_MAX_MESSAGE_CHARACTERS:]}"
        else:
            message = error.message
        yield Fault(pointer(error.instance_path), message)


def pointer(steps: list[str | int]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
