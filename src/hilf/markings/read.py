"""How the markings of an object are read: its own, those of its parts, and what its labels amount to.

A marking-definition is read part by part (its own definition, and each extension), by the readers of the schemes that we
know. If any part cannot be read to the letter the whole definition counts as unknown as well, which refuses a release;
what could be read still counts. TLP is known by its id alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from hilf.canonical import Json
from hilf.markings import control, iep, pap
from hilf.markings import rel_to as releasability
from hilf.markings import tlp as levels
from hilf.markings.control import Control
from hilf.markings.granular import granular_refs
from hilf.markings.label import classified_in, of_labels, of_policy
from hilf.markings.mapping import UNMAPPED, Mapped
from hilf.markings.marking import NONE, Granular, Markings, join

DefinitionOf = Callable[[str], Mapping[str, Json] | None]


def read(stix_object: Mapping[str, Json], definition_of: DefinitionOf, mapped: Mapped = UNMAPPED) -> Markings:
    """The markings that an object carries.

    Args:
        stix_object: the object; what cannot be read in its markings counts as unknown.
        definition_of: the marking-definition of an id, None where it is not held.
        mapped: control markings and classifications that the nation has mapped to a level.

    Source: STIX 2.1 section 7.2; TLP 2.0; FIRST IEP 2.0; rel_to and pap for our own.
    """
    refs = stix_object.get("object_marking_refs")
    whole = (
        NONE if refs is None else _joined(refs if isinstance(refs, list) else [refs], definition_of, mapped)
    )
    labels = stix_object.get("labels")
    if isinstance(labels, list):
        whole = join(whole, of_labels((each for each in labels if isinstance(each, str)), mapped))
    if "granular_markings" not in stix_object:
        return whole
    parts = tuple(
        Granular(selectors, of_id(ref, definition_of, mapped))
        for selectors, ref in granular_refs(stix_object)
    )
    return replace(whole, granular=parts)


def _joined(refs: list[Json], definition_of: DefinitionOf, mapped: Mapped) -> Markings:
    joined = NONE
    for ref in refs:
        joined = join(joined, of_id(ref if isinstance(ref, str) else "", definition_of, mapped))
    return joined


def of_id(identifier: str, definition_of: DefinitionOf, mapped: Mapped = UNMAPPED) -> Markings:
    """The markings that one marking-definition stands for; unknown where it is not held or cannot be read."""
    level = levels.of_id(identifier)
    if level is not None:
        return Markings(tlp=level)
    actions = pap.of_id(identifier)
    if actions is not None:
        return Markings(pap=actions)
    definition = definition_of(identifier) if identifier else None
    if definition is None or definition.get("type") != "marking-definition":
        return Markings(unknown=(identifier,))
    return of_definition(definition, mapped)


def of_definition(definition: Mapping[str, Json], mapped: Mapped = UNMAPPED) -> Markings:
    """The markings that a marking-definition stands for, each of its parts read; unknown if any part cannot be."""
    identifier = definition.get("id")
    name = identifier if isinstance(identifier, str) else ""
    joined, read_parts = NONE, 0
    for reader in _READERS:
        part = reader(definition, mapped)
        if part is not None:
            joined, read_parts = join(joined, part), read_parts + 1
    return joined if read_parts == _parts(definition) > 0 else join(joined, Markings(unknown=(name,)))


def _parts(definition: Mapping[str, Json]) -> int:
    """How many markings a definition holds: its own definition, and each extension."""
    extensions = definition.get("extensions")
    held = len(extensions) if isinstance(extensions, dict) else 0
    return held + ("definition_type" in definition or "definition" in definition)


def _read_tlp(definition: Mapping[str, Json], mapped: Mapped) -> Markings | None:  # noqa: ARG001  # a reader
    # By id alone: a TLP under an id of its own is not TLP, whatever it claims.
    identifier = definition.get("id")
    level = levels.of_id(identifier) if isinstance(identifier, str) else None
    return None if level is None else Markings(tlp=level)


def _read_statement(definition: Mapping[str, Json], mapped: Mapped) -> Markings | None:
    body = definition.get("definition")
    text = body.get("statement") if isinstance(body, dict) else None
    if definition.get("definition_type") != "statement" or not isinstance(text, str):
        return None
    return join(Markings(statements=(text,)), classified_in(text, mapped))


def _read_rel_to(definition: Mapping[str, Json], mapped: Mapped) -> Markings | None:  # noqa: ARG001  # a reader
    limit = releasability.read(definition)
    if limit is None:
        return None
    onward = limit.onward
    return Markings(
        rel_to=limit.rel_to, originator_control=onward == "ask-originator", no_onward=onward == "none"
    )


def _read_pap(definition: Mapping[str, Json], mapped: Mapped) -> Markings | None:  # noqa: ARG001  # a reader
    level = pap.read(definition)
    return None if level is None else Markings(pap=level)


def _read_iep(definition: Mapping[str, Json], mapped: Mapped) -> Markings | None:  # noqa: ARG001  # a reader
    found = iep.read_extension(definition)
    return None if found is None else of_policy(*found)


def _read_acs(definition: Mapping[str, Json], mapped: Mapped) -> Markings | None:
    return _controlled(control.read_acs(definition), definition, mapped)


def _read_cui(definition: Mapping[str, Json], mapped: Mapped) -> Markings | None:
    return _controlled(control.read_cui(definition), definition, mapped)


def _controlled(found: Control | None, definition: Mapping[str, Json], mapped: Mapped) -> Markings | None:
    """Its level is the one that the nation gave this definition, else its scheme; a classification stays one."""
    if found is None:
        return None
    by_id = mapped.get(str(definition.get("id")).lower())
    level = by_id if by_id is not None else mapped.get(found.scheme, control.UNMAPPED)
    keeps = found.classified is not None and by_id is None and found.classified.lower() not in mapped
    return Markings(
        tlp=level,
        controls=(found.scheme,),
        classified=(found.classified,) if keeps and found.classified else (),
    )


_READERS: Final = (_read_tlp, _read_statement, _read_rel_to, _read_pap, _read_iep, _read_acs, _read_cui)
