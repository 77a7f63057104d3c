"""The ATT&CK matrix of what this node knows: techniques by tactic, with how many objects speak of each.

Names and tactics come from the attack-patterns that this node holds, so they are those of the version that was taken in; a
technique that objects name by its id alone stands apart. Decides nothing.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from hilf.canonical import Json
from hilf.markings.tlp import Tlp
from hilf.node.home import Home, index_key
from hilf.stix.select import Term
from hilf.store.intelligence import search, stock
from hilf.store.intelligence.index import id_key

TACTICS: Final = (
    "reconnaissance", "resource-development", "initial-access", "execution", "persistence", "privilege-escalation",
    "stealth", "defense-evasion", "defense-impairment", "credential-access", "discovery", "lateral-movement", "collection",
    "command-and-control", "exfiltration", "impact",
)  # fmt: skip
"""The order in which an intrusion runs; other tactics (ICS, mobile) follow by name."""
OTHER: Final = ""
MOST: Final = 3_000
"""Attack-patterns that are read; ATT&CK has some 900."""

_TECHNIQUE: Final = re.compile(r"T\d{4}(?:\.\d{3})?")


@dataclass(frozen=True, slots=True)
class Technique:
    """One technique.

    Attributes:
        stix_id: of the attack-pattern; empty where this node holds none.
        count: objects that speak of it or are tied to it.
    """

    number: str
    name: str
    stix_id: str
    count: int
    tactics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A tactic with its techniques, those that most speak of first; the tactic is empty where it is not known."""

    tactic: str
    techniques: tuple[Technique, ...]


def columns(home: Home, *, with_red: bool) -> tuple[Column, ...]:
    """The techniques that objects of this node speak of, by tactic."""
    left_out = None if with_red else int(Tlp.RED)
    counts = stock.techniques(left_out)
    patterns = _patterns(home, with_red=with_red)
    key = index_key(home)
    targets = {id_key(stix_id, key): number for number, entries in patterns.items() for stix_id, _ in entries}
    tied = stock.pointed_at(targets, left_out)
    found = [
        Technique(
            number,
            *_named(patterns.get(number, ())),
            max(0, counts.get(number, 0) - len(patterns.get(number, ()))) + tied.get(number, 0),
            _tactics(patterns.get(number, ())),
        )
        for number in sorted({*counts, *patterns})
    ]
    return tuple(_columns([each for each in found if each.count]))


def _columns(techniques: Iterable[Technique]) -> Iterable[Column]:
    by_tactic: dict[str, list[Technique]] = {}
    for each in techniques:
        for tactic in each.tactics or (OTHER,):
            by_tactic.setdefault(tactic, []).append(each)
    last = len(TACTICS)
    order = {tactic: n for n, tactic in enumerate(TACTICS)}
    for tactic in sorted(by_tactic, key=lambda each: (each == OTHER, order.get(each, last), each)):
        yield Column(tactic, tuple(sorted(by_tactic[tactic], key=lambda each: (-each.count, each.number))))


_Patterns = Mapping[str, list[tuple[str, Mapping[str, Json]]]]


def _patterns(home: Home, *, with_red: bool) -> _Patterns:
    terms = [Term("type", ":", ("attack-pattern",))]
    if not with_red:
        terms.append(Term("marking", ":", ("tlp:red",), negated=True))
    found: dict[str, list[tuple[str, Mapping[str, Json]]]] = {}
    for each in search.find(terms, index_key(home), "", MOST, counted=0).objects:
        number = _number(each.object)
        if number:
            found.setdefault(number, []).append((each.stix_id, each.object))
    return found


def _number(stix_object: Mapping[str, Json]) -> str:
    external = stix_object.get("external_references")
    for entry in external if isinstance(external, list) else ():
        number = entry.get("external_id") if isinstance(entry, dict) else None
        if isinstance(number, str) and _TECHNIQUE.fullmatch(number.upper()):
            return number.upper()
    return ""


def _named(entries: Iterable[tuple[str, Mapping[str, Json]]]) -> tuple[str, str]:
    for stix_id, stix_object in entries:
        return str(stix_object.get("name", "")), stix_id
    return "", ""


def _tactics(entries: Iterable[tuple[str, Mapping[str, Json]]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for _, stix_object in entries:
        phases = stix_object.get("kill_chain_phases")
        for phase in phases if isinstance(phases, list) else ():
            if isinstance(phase, dict) and str(phase.get("kill_chain_name", "")).startswith("mitre-"):
                found[str(phase.get("phase_name", ""))] = None
    return tuple(found)
