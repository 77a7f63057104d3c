"""Markings among the labels: MISP tags that came as STIX labels, and classifications written as such.

A label is no marking: anybody writes one, and it does not travel as a rule of its own. So it tightens and never loosens.
A TLP in a label raises the level and never stands for a missing one; PAP and IEP tags are read as their markings are;
tags of control markings count as these, classifications of states as anywhere else. All other labels mark nothing.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from hilf.canonical import Json
from hilf.markings import classification, control, iep
from hilf.markings import tlp as levels
from hilf.markings.mapping import UNMAPPED, Mapped
from hilf.markings.marking import NONE, Markings, join
from hilf.markings.pap import of_word
from hilf.markings.tlp import Tlp
from hilf.markings.vocabulary import words

_IEP_TAG: Final = re.compile(r'([a-z_]+)="([^"]*)"')
_IEP_FREE: Final = frozenset({"id", "name", "description", "external_reference"})


def of_labels(labels: Iterable[str], mapped: Mapped = UNMAPPED) -> Markings:
    """The markings that the labels of an object amount to; `NONE` where they amount to none.

    Args:
        labels: STIX `labels`.
        mapped: what the nation has mapped to a level.
    """
    joined, policy = NONE, dict[str, Json]()
    for label in labels:
        scheme, colon, rest = label.strip().partition(":")
        scheme = scheme.strip().lower()
        if not colon:
            found = classification.of_text(label)
            joined = join(joined, _classified(found, mapped)) if found else joined
        elif scheme == "tlp":
            joined = join(joined, Markings(floor=levels.WORDS.get(rest.strip().lower(), Tlp.CLEAR)))
        elif scheme == "pap":
            level = of_word(rest.strip())
            joined = join(joined, Markings(unknown=(label,)) if level is None else Markings(pap=level))
        elif scheme == "iep2-policy":
            _gather(rest, policy)
        elif scheme == "acs-marking":
            joined = join(joined, _acs(label, mapped))
        elif scheme in classification.OPEN:
            tag = classification.of_tag(label)
            joined = join(joined, _classified((tag,) if tag else (), mapped))
    return join(joined, _policy(policy)) if policy else joined


def classified_in(text: str, mapped: Mapped = UNMAPPED) -> Markings:
    """The classifications that a text names."""
    return _classified(classification.of_text(text), mapped)


def _classified(tags: tuple[str, ...], mapped: Mapped) -> Markings:
    joined = NONE
    for tag in tags:
        level = mapped.get(tag.lower())
        joined = join(joined, Markings(classified=(tag,)) if level is None else Markings(floor=level))
    return joined


def _acs(label: str, mapped: Mapped) -> Markings:
    """A tag of an ACS marking: control, and a classification unless it says U."""
    made = Markings(controls=("acs",), floor=mapped.get("acs", control.UNMAPPED))
    for word in words("acs-marking"):
        if word.tag.lower() == label.strip().lower() and word.predicate == "classification":
            return join(made, _classified(() if word.value == "U" else (word.tag,), mapped))
    return made


def _gather(rest: str, policy: dict[str, Json]) -> None:
    """One statement of a policy; the same statement twice cannot be read, nor can what is no tag."""
    found = _IEP_TAG.fullmatch(rest.strip())
    name, value = (found[1], found[2]) if found else (rest, "")
    policy[name] = (
        value if policy.get(name, value) == value or name in _IEP_FREE else f"{policy[name]}, {value}"
    )


def _policy(statements: dict[str, Json]) -> Markings:
    found = iep.read({name: value for name, value in statements.items() if name not in _IEP_FREE - {"id"}})
    if found is None:
        return Markings(unknown=("iep2-policy",))
    policy, level = found
    return replace(of_policy(policy, None), floor=Tlp.CLEAR if level is None else level)


def of_policy(policy: iep.Policy, level: Tlp | None) -> Markings:
    """The markings that an IEP stands for: `none` is not passed on, `contact-for-instruction` is asked for first."""
    return Markings(
        tlp=level,
        originator_control=policy.actions is iep.Actions.CONTACT_FOR_INSTRUCTION,
        policy=policy,
        no_onward=policy.actions is iep.Actions.NONE,
    )
