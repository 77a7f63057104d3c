"""A clause: one sentence of an agreement, in a form that the node obeys.

Decides which clauses can be read and what each condition means (accord.md 1). Whether a clause covers an object is asked
in `accord.hearing`, whether an object leaves in `accord.decide`.

Two things are made exact here, because the laws of accord.md 3 need them:

* `marking_max` bounds a `permit`; a `forbid` or `require` begins at `marking_min` and goes upwards. A forbid that ended
  at a marking, or a permit that began at one, would let an object go because a marking was *added* to it, so such a
  clause is refused. "RED never" is `{effect: "forbid", when: {marking_min: "red"}}`. `pap_max` and `pap_min` bound what
  may be done with it (PAP, or what an IEP permits) in the same way; where nothing is stated that is PAP:CLEAR.
* The duties of a `require` stand in its member `require`: `{approvals, sealed, retention_days, onward, purpose}`.
  `approvals` counts officers, the proposer among them: `{"approvals": 2}` is "with two approvals".

What a clause says in `when` or `require` and this version cannot read makes it stricter, never wider: a permit with an
unknown condition permits nothing, a forbid or require with one holds whether or not it is met, an unknown duty cannot be
fulfilled. Other unknown members are kept, signed and shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeVar

from hilf.accord.fault import Faults
from hilf.accord.terms import Onward
from hilf.canonical import Json
from hilf.markings.pap import Pap
from hilf.markings.tlp import Tlp

MAX_WORDS: Final = 200
"""Labels, sectors, purposes or languages in one condition."""

MAX_OFFICERS: Final = 9
"""The most approvals that a clause can ask for."""

MAX_DAYS: Final = 36_500
"""A hundred years: the longest retention that can be agreed."""

MARKINGS: Final[Mapping[str, Tlp]] = {level.word: level for level in Tlp}
"""How an accord writes a TLP 2.0 marking. Source: accord.md 1; FIRST TLP 2.0."""

PAPS: Final[Mapping[str, Pap]] = {level.word: level for level in Pap}
"""How an accord writes a level of PAP."""

ACT_KINDS: Final = (
    "object", "sighting", "aid", "playbook", "advisory", "rule", "trial",
    "review", "roster", "interface", "question", "summit", "exercise",
)  # fmt: skip
"""The acts that carry content. "object" covers every STIX object but sightings. Source: protocol.md 3."""

STIX_TYPES: Final = (
    "attack-pattern", "campaign", "course-of-action", "grouping", "identity", "incident", "indicator",
    "infrastructure", "intrusion-set", "location", "malware", "malware-analysis", "note", "observed-data", "opinion",
    "report", "threat-actor", "tool", "vulnerability", "relationship", "artifact", "autonomous-system", "directory",
    "domain-name", "email-addr", "email-message", "file", "ipv4-addr", "ipv6-addr", "mac-addr", "mutex",
    "network-traffic", "process", "software", "url", "user-account", "windows-registry-key", "x509-certificate",
    "extension-definition", "language-content", "marking-definition",
)  # fmt: skip
"""A clause may also name STIX types, to cover only these. Source: STIX 2.1 4, 5, 6, 7."""

_Level = TypeVar("_Level", Tlp, Pap)

KINDS: Final = ACT_KINDS + STIX_TYPES


class Effect(Enum):
    """What a clause does. Source: accord.md 1."""

    PERMIT = "permit"
    FORBID = "forbid"
    REQUIRE = "require"


@dataclass(frozen=True, slots=True)
class Condition:
    """When a clause speaks; None asks nothing.

    Attributes:
        marking_max: at most this TLP (permit only).
        marking_min: from this TLP on (forbid and require only).
        confidence_min: STIX confidence, 0 to 100.
        labels_any: one of these labels stands in the object.
        sectors_any: one of these sectors does.
        purposes_any: the act is for one of these purposes.
        exercise: exercise material (True) or real (False).
        languages_any: one of the object's languages is one of these, or a variety of it.
        personal_data: it holds personal data (True) or none (False).
        unknown: names of conditions that this version cannot read.
        pap_max: at most this PAP (permit only).
        pap_min: from this PAP on (forbid and require only).
    """

    marking_max: Tlp | None = None
    marking_min: Tlp | None = None
    confidence_min: int | None = None
    labels_any: tuple[str, ...] | None = None
    sectors_any: tuple[str, ...] | None = None
    purposes_any: tuple[str, ...] | None = None
    exercise: bool | None = None
    languages_any: tuple[str, ...] | None = None
    personal_data: bool | None = None
    unknown: tuple[str, ...] = ()
    pap_max: Pap | None = None
    pap_min: Pap | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """What a `require` clause asks for.

    Attributes:
        approvals: officers who must approve before it leaves, the proposer among them.
        sealed: it leaves only in a sealed body.
        retention_days: it is erased after so many days.
        onward: it is passed on only under this rule.
        purpose: it leaves, and is used, for this purpose alone.
        unknown: names of duties that this version cannot read, hence not fulfil.
    """

    approvals: int = 1
    sealed: bool = False
    retention_days: int | None = None
    onward: Onward | None = None
    purpose: str | None = None
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause, as read.

    Attributes:
        id: stable within the accord, e.g. "c-2".
        effect: permit, forbid or require.
        kinds: act kinds and STIX types that it covers, one at least.
        when: its conditions, all of which must hold.
        duty: of a require; None otherwise.
        text: language tag → what people read.
        unknown: names of members that this version does not know.
    """

    id: str
    effect: Effect
    kinds: tuple[str, ...]
    when: Condition
    duty: Duty | None
    text: Mapping[str, str]
    unknown: tuple[str, ...] = ()

    def covers(self, kind: str, stix_type: str) -> bool:
        """Whether it is about such things at all, whatever its conditions."""
        return kind in self.kinds or stix_type in self.kinds


_MEMBERS: Final = ("id", "effect", "kinds", "when", "text")
_CONDITIONS: Final = (
    "marking_max", "marking_min", "confidence_min", "labels_any", "sectors_any",
    "purposes_any", "exercise", "languages_any", "personal_data", "pap_max", "pap_min",
)  # fmt: skip
_DUTIES: Final = ("approvals", "sealed", "retention_days", "onward", "purpose")


def read_clause(value: Json, place: str, faults: Faults) -> Clause:
    """Read one clause; what is wrong with it goes into `faults`.

    Source: accord.md 1 ("Fields").
    """
    members = faults.members(value, place, _MEMBERS)
    effect = Effect(faults.one_of(members.get("effect", "permit"), f"{place}.effect", _EFFECTS, "effect"))
    when = _read_condition(members.get("when", {}), f"{place}.when", faults)
    _refuse_markings_that_widen(effect, when, f"{place}.when", faults)
    return Clause(
        id=faults.word(members.get("id", "c"), f"{place}.id"),
        effect=effect,
        kinds=_read_kinds(members.get("kinds", ["object"]), f"{place}.kinds", faults),
        when=when,
        duty=_read_duty_of(effect, members, place, faults),
        text=faults.texts(members.get("text", {"en": "-"}), f"{place}.text"),
        unknown=tuple(sorted(members.keys() - set(_MEMBERS) - {"require"})),
    )


_EFFECTS: Final = tuple(effect.value for effect in Effect)


def _read_kinds(value: Json, place: str, faults: Faults) -> tuple[str, ...]:
    kinds = faults.items(value, place, len(KINDS), 1)
    read = [faults.one_of(kind, f"{place}[{i}]", KINDS, "kind") for i, kind in enumerate(kinds)]
    return faults.distinct(read, place) if len(set(map(str, kinds))) != len(kinds) else tuple(read)


def _read_condition(value: Json, place: str, faults: Faults) -> Condition:
    when = faults.members(value, place)
    return Condition(
        marking_max=_read_level(when, "marking_max", MARKINGS, place, faults),
        marking_min=_read_level(when, "marking_min", MARKINGS, place, faults),
        confidence_min=faults.whole(when["confidence_min"], f"{place}.confidence_min", 0, 100)
        if "confidence_min" in when
        else None,
        labels_any=_read_texts(when, "labels_any", place, faults),
        sectors_any=_read_texts(when, "sectors_any", place, faults),
        purposes_any=_read_texts(when, "purposes_any", place, faults),
        exercise=_read_flag(when, "exercise", place, faults),
        languages_any=_read_texts(when, "languages_any", place, faults),
        personal_data=_read_flag(when, "personal_data", place, faults),
        unknown=tuple(sorted(when.keys() - set(_CONDITIONS))),
        pap_max=_read_level(when, "pap_max", PAPS, place, faults),
        pap_min=_read_level(when, "pap_min", PAPS, place, faults),
    )


def _refuse_markings_that_widen(effect: Effect, when: Condition, place: str, faults: Faults) -> None:
    is_permit = effect is Effect.PERMIT
    for name in ("marking", "pap"):
        wrong, right = ("min", "max") if is_permit else ("max", "min")
        if getattr(when, f"{name}_{wrong}") is not None:
            text = f"{name}_{wrong} in a {effect.value}"
            faults.add(f"{place}.{name}_{wrong}", text, f"a {effect.value} says {name}_{right}.")


def _read_duty_of(effect: Effect, clause: Mapping[str, Json], place: str, faults: Faults) -> Duty | None:
    if effect is not Effect.REQUIRE:
        if "require" in clause:
            faults.add(f"{place}.require", "require", "stands only in a clause whose effect is require.")
        return None
    place = f"{place}.require"
    duties = faults.members(clause.get("require"), place)
    if not duties and isinstance(clause.get("require"), dict):
        faults.add(place, "require", f"must name a duty: {', '.join(_DUTIES)}.")
    onward = duties.get("onward", Onward.FREE.value)
    return Duty(
        approvals=faults.whole(duties.get("approvals", 1), f"{place}.approvals", 1, MAX_OFFICERS),
        sealed=faults.flag(duties.get("sealed", False), f"{place}.sealed"),
        retention_days=faults.whole(duties["retention_days"], f"{place}.retention_days", 1, MAX_DAYS)
        if "retention_days" in duties
        else None,
        onward=read_onward_word(onward, f"{place}.onward", faults) if "onward" in duties else None,
        purpose=faults.word(duties["purpose"], f"{place}.purpose") if "purpose" in duties else None,
        unknown=tuple(sorted(duties.keys() - set(_DUTIES))),
    )


def read_onward_word(value: Json, place: str, faults: Faults) -> Onward:
    """Read an onward rule inside an accord."""
    return Onward(faults.one_of(value, place, tuple(onward.value for onward in Onward), "onward"))


def _read_level(
    when: Mapping[str, Json], name: str, levels: Mapping[str, _Level], place: str, faults: Faults
) -> _Level | None:
    if name not in when:
        return None
    return levels[faults.one_of(when[name], f"{place}.{name}", tuple(levels), name)]


def _read_flag(when: Mapping[str, Json], name: str, place: str, faults: Faults) -> bool | None:
    return faults.flag(when[name], f"{place}.{name}") if name in when else None


def _read_texts(when: Mapping[str, Json], name: str, place: str, faults: Faults) -> tuple[str, ...] | None:
    if name not in when:
        return None
    place = f"{place}.{name}"
    items = faults.items(when[name], place, MAX_WORDS, 1)
    return faults.distinct([faults.text(item, f"{place}[{i}]", 200) for i, item in enumerate(items)], place)
