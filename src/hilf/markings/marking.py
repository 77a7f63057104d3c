"""All markings of one object, their order and their join.

Each part of a `Markings` is a lattice, loosest first: TLP (none stated, CLEAR … RED), the set of statements, REL TO
(no limit, then ever fewer names), originator control, the set of markings that cannot be read. The join of two takes
the stricter of every part; so it is commutative, associative, idempotent and never looser than either.
What a marking allows is decided in `hilf.accord`.

PAP, FIRST IEP 2.0, ACS 3.0 and CUI are not read yet: their definitions land in `unknown`, which refuses a
release. Each becomes one more part of `Markings` and one more reader in `_READERS`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from hilf.canonical import Json
from hilf.markings import rel_to as releasability
from hilf.markings import tlp as levels
from hilf.markings.granular import granular_refs
from hilf.markings.tlp import Tlp
from hilf.stix.selector import covers

DefinitionOf = Callable[[str], Mapping[str, Json] | None]


@dataclass(frozen=True, slots=True)
class Markings:
    """What an object is marked with.

    Attributes:
        tlp: the strictest level stated for the whole object; None where none is.
        statements: texts of statement markings, sorted.
        rel_to: country codes and community UUIDs it may go to; None is no limit, empty is nobody.
        originator_control: its originator must be asked before it goes on.
        unknown: ids of markings that cannot be read, sorted; empty text for one without an id.
        granular: markings of parts, sorted; they apply on top of the others.
    """

    tlp: Tlp | None = None
    statements: tuple[str, ...] = ()
    rel_to: frozenset[str] | None = None
    originator_control: bool = False
    unknown: tuple[str, ...] = ()
    granular: tuple["Granular", ...] = ()

    def __post_init__(self) -> None:
        """Equal markings have equal fields: sets are kept sorted, parts with the same selectors as one."""
        if len(self.statements) > 1:
            object.__setattr__(self, "statements", tuple(sorted(set(self.statements))))
        if len(self.unknown) > 1:
            object.__setattr__(self, "unknown", tuple(sorted(set(self.unknown))))
        if self.granular:
            object.__setattr__(self, "granular", _merged(self.granular))


@dataclass(frozen=True, slots=True)
class Granular:
    """The markings of those parts of an object that the selectors name; they hold no granular ones themselves."""

    selectors: tuple[str, ...]
    markings: Markings


NONE: Final = Markings()


def join(a: Markings, b: Markings) -> Markings:
    """The stricter of both in every part: the least marking that keeps all that either asks for."""
    if b in (a, NONE):
        return a
    if a == NONE:
        return b
    return Markings(
        _stricter(a.tlp, b.tlp),
        (*a.statements, *b.statements),
        _both(a.rel_to, b.rel_to),
        a.originator_control or b.originator_control,
        (*a.unknown, *b.unknown),
        (*a.granular, *b.granular),
    )


def _stricter(a: Tlp | None, b: Tlp | None) -> Tlp | None:
    if a is None or b is None:
        return b if a is None else a
    return max(a, b)


def _both(a: frozenset[str] | None, b: frozenset[str] | None) -> frozenset[str] | None:
    """Names in both; whether a country belongs to a community is not known here, so that stays out: stricter."""
    if a is None or b is None:
        return b if a is None else a
    return a & b


def _merged(parts: tuple[Granular, ...]) -> tuple[Granular, ...]:
    """One entry for each set of selectors, its markings joined."""
    by_selectors: dict[tuple[str, ...], Markings] = {}
    for part in parts:
        selectors = tuple(sorted(set(part.selectors)))
        by_selectors[selectors] = join(by_selectors.get(selectors, NONE), part.markings)
    return tuple(Granular(selectors, by_selectors[selectors]) for selectors in sorted(by_selectors))


def effective_tlp(markings: Markings) -> Tlp:
    """The level that counts for the whole object: AMBER+STRICT where none is stated."""
    return levels.WHERE_MISSING if markings.tlp is None else markings.tlp


def whole(markings: Markings) -> Markings:
    """The marking of an object that leaves in one piece: its own joined with that of every part.

    Where only parts have a TLP the rest has none, so the whole is no looser than AMBER+STRICT.
    """
    if not markings.granular:
        return markings
    joined = replace(markings, tlp=effective_tlp(markings), granular=())
    for part in markings.granular:
        joined = join(joined, part.markings)
    return joined


def at(markings: Markings, path: str) -> Markings:
    """The marking that counts for one place in the object ("description", "external_references.[0].url")."""
    joined = replace(markings, granular=())
    for part in markings.granular:
        if any(covers(selector, path) for selector in part.selectors):
            joined = join(joined, part.markings)
    return joined


def is_stricter_or_equal(a: Markings, b: Markings) -> bool:
    """True if `a` asks for all that `b` asks for. A partial order: of two, neither may be the stricter."""
    return join(a, b) == a


def describe(markings: Markings) -> tuple[str, ...]:
    """The markings in words, TLP first; says so where there is none."""
    missing = f"no TLP, treated as {levels.WHERE_MISSING.label}"
    words = [missing] if markings.tlp is None else []
    words.extend(_words(markings))
    for part in markings.granular:
        words.extend(
            f"{', '.join(part.selectors) or 'unnamed part'}: {word}" for word in _words(part.markings)
        )
    return tuple(words)


def _words(markings: Markings) -> Iterator[str]:
    if markings.tlp is not None:
        yield markings.tlp.label
    if markings.rel_to is not None:
        yield f"REL TO {', '.join(sorted(markings.rel_to)) or 'nobody'}"
    if markings.originator_control:
        yield "originator control"
    yield from markings.statements
    for identifier in markings.unknown:
        yield f"marking that cannot be read: {identifier or 'without id'}"


def read(stix_object: Mapping[str, Json], definition_of: DefinitionOf) -> Markings:
    """The markings that an object carries.

    Args:
        stix_object: the object; what cannot be read in its markings counts as unknown.
        definition_of: the marking-definition of an id, None where it is not held.

    Source: STIX 2.1 section 7.2; TLP 2.0; rel_to for our own.
    """
    refs = stix_object.get("object_marking_refs")
    if refs is None:
        whole_object = NONE
    else:
        whole_object = _joined(refs if isinstance(refs, list) else [refs], definition_of)
    if "granular_markings" not in stix_object:
        return whole_object
    parts = tuple(
        Granular(selectors, of_id(ref, definition_of)) for selectors, ref in granular_refs(stix_object)
    )
    return replace(whole_object, granular=parts)


def _joined(refs: list[Json], definition_of: DefinitionOf) -> Markings:
    joined = NONE
    for ref in refs:
        joined = join(joined, of_id(ref if isinstance(ref, str) else "", definition_of))
    return joined


def of_id(identifier: str, definition_of: DefinitionOf) -> Markings:
    """The markings that one marking-definition stands for; unknown where it is not held or cannot be read."""
    level = levels.of_id(identifier)
    if level is not None:
        return Markings(tlp=level)
    definition = definition_of(identifier) if identifier else None
    if definition is None or definition.get("type") != "marking-definition":
        return Markings(unknown=(identifier,))
    return of_definition(definition)


def of_definition(definition: Mapping[str, Json]) -> Markings:
    """The markings that a marking-definition stands for, each of its parts read; unknown if any part cannot be."""
    identifier = definition.get("id")
    name = identifier if isinstance(identifier, str) else ""
    joined, read_parts = NONE, 0
    for reader in _READERS:
        part = reader(definition)
        if part is not None:
            joined, read_parts = join(joined, part), read_parts + 1
    return joined if read_parts == _parts(definition) > 0 else join(joined, Markings(unknown=(name,)))


def _parts(definition: Mapping[str, Json]) -> int:
    """How many markings a definition holds: its own definition, and each extension."""
    extensions = definition.get("extensions")
    held = len(extensions) if isinstance(extensions, dict) else 0
    return held + ("definition_type" in definition or "definition" in definition)


def _read_tlp(definition: Mapping[str, Json]) -> Markings | None:
    # By id alone: a TLP under an id of its own is not TLP, whatever it claims.
    identifier = definition.get("id")
    level = levels.of_id(identifier) if isinstance(identifier, str) else None
    return None if level is None else Markings(tlp=level)


def _read_statement(definition: Mapping[str, Json]) -> Markings | None:
    body = definition.get("definition")
    text = body.get("statement") if isinstance(body, dict) else None
    if definition.get("definition_type") != "statement" or not isinstance(text, str):
        return None
    return Markings(statements=(text,))


def _read_rel_to(definition: Mapping[str, Json]) -> Markings | None:
    limit = releasability.read(definition)
    if limit is None:
        return None
    return Markings(rel_to=limit.rel_to, originator_control=limit.onward != "listed")


_READERS: Final = (_read_tlp, _read_statement, _read_rel_to)
