"""All markings of one object, their order and their join.

Each part of a `Markings` is a lattice, loosest first: TLP (none stated, CLEAR … RED), the set of statements, REL TO
(no limit, then ever fewer names), originator control, PAP, the statements of an IEP, the sets of control markings, of
classifications and of markings that cannot be read. The join of two takes the stricter of every part; so it is
commutative, associative, idempotent and never looser than either, and every combination has one answer.
How markings are read from an object is `hilf.markings.read`; what they allow is decided in `hilf.accord`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from hilf.markings import iep
from hilf.markings import tlp as levels
from hilf.markings.iep import Policy
from hilf.markings.pap import Pap
from hilf.markings.tlp import Tlp
from hilf.stix.selector import covers


@dataclass(frozen=True, slots=True)
class Markings:
    """What an object is marked with.

    Attributes:
        tlp: the strictest level stated for the whole object, by TLP, by an IEP or by a control marking; None where
            none is.
        statements: texts of statement markings, sorted.
        rel_to: country codes and community UUIDs it may go to; None is no limit, empty is nobody.
        originator_control: its originator must be asked before it goes on.
        unknown: ids of markings that cannot be read, sorted; empty text for one without an id.
        granular: markings of parts, sorted; they apply on top of the others.
        pap: the strictest level of PAP that is stated; None where none is.
        policy: the statements of its IEPs, joined; None where it has none.
        controls: schemes of control markings that we keep and do not read on ("acs", "cui"), sorted.
        classified: classifications of states that keep it here, as tags, sorted.
        floor: the level that labels claim; it tightens a TLP and stands for none.
        no_onward: nobody who receives it passes it on.
    """

    tlp: Tlp | None = None
    statements: tuple[str, ...] = ()
    rel_to: frozenset[str] | None = None
    originator_control: bool = False
    unknown: tuple[str, ...] = ()
    granular: tuple["Granular", ...] = ()
    pap: Pap | None = None
    policy: Policy | None = None
    controls: tuple[str, ...] = ()
    classified: tuple[str, ...] = ()
    floor: Tlp = Tlp.CLEAR
    no_onward: bool = False

    def __post_init__(self) -> None:
        """Equal markings have equal fields: sets are kept sorted, parts with the same selectors as one."""
        if len(self.statements) + len(self.unknown) + len(self.controls) + len(self.classified) > 1:
            for name in ("statements", "unknown", "controls", "classified"):
                object.__setattr__(self, name, tuple(sorted(set(getattr(self, name)))))
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
        b.pap if a.pap is None else a.pap if b.pap is None else max(a.pap, b.pap),
        iep.join(a.policy, b.policy),
        (*a.controls, *b.controls),
        (*a.classified, *b.classified),
        max(a.floor, b.floor),
        a.no_onward or b.no_onward,
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
    """The level that counts for the whole object: AMBER+STRICT where none is stated; labels only tighten it."""
    return max(levels.WHERE_MISSING if markings.tlp is None else markings.tlp, markings.floor)


def effective_pap(markings: Markings) -> Pap:
    """What may be done with it at most: the stricter of PAP and of what an IEP permits; CLEAR where nothing is said."""
    stated = Pap.CLEAR if markings.pap is None else markings.pap
    return stated if markings.policy is None else max(stated, markings.policy.actions.pap)


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
    if markings.floor > Tlp.CLEAR:
        yield f"label {markings.floor.label}"
    if markings.rel_to is not None:
        yield f"REL TO {', '.join(sorted(markings.rel_to)) or 'nobody'}"
    if markings.originator_control:
        yield "originator control"
    if markings.no_onward:
        yield "not to be passed on"
    if markings.pap is not None:
        yield markings.pap.label
    if markings.policy is not None:
        yield from markings.policy.words()
    yield from (f"control marking {scheme.upper()}" for scheme in markings.controls)
    yield from (f"classified {tag}" for tag in markings.classified)
    yield from markings.statements
    for identifier in markings.unknown:
        yield f"marking that cannot be read: {identifier or 'without id'}"
