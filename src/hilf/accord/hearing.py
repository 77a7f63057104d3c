"""A hearing: what one accord says about one object, clause by clause.

Decides which clauses of an accord speak (accord.md 1): permits that cover the object, forbids that catch it, duties that
come with it, and, where nothing permits it, what each clause about such things lacks. How the words of several accords
make one decision is left to `accord.decide`.

What is not known counts against release: an object without a confidence does not meet a permit's `confidence_min` and
does meet a forbid's. Exercise material is covered only by a permit that says `exercise: true`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from hilf.accord.clause import Clause, Condition, Duty, Effect
from hilf.accord.decision import Reason, Says
from hilf.accord.document import Accord
from hilf.accord.profile import PERSONAL_PARTS, Profile
from hilf.markings.marking import effective_pap
from hilf.markings.pap import Pap
from hilf.markings.tlp import Tlp


@dataclass(frozen=True, slots=True)
class Question:
    """May this object, at this level, leave for this purpose, now?

    Attributes:
        profile: what is known about the object.
        tlp: the level that counts, where none is stated too.
        purpose: of the act that would carry it.
        now: aware.
    """

    profile: Profile
    tlp: Tlp
    purpose: str
    now: datetime

    @property
    def pap(self) -> Pap:
        """What may be done with it at most."""
        return effective_pap(self.profile.markings)


@dataclass(frozen=True, slots=True)
class Hearing:
    """Everything that one accord said.

    Attributes:
        accord: which.
        permits: clauses that would let it go.
        forbids: clauses that keep it, whatever any other accord permits.
        refusals: rules of this accord that keep it from leaving under this accord.
        duties: what its require clauses ask for, each with its reason.
        unmet: where nothing permits: what each clause about such things lacks, the nearest first.
        redact: selectors that must be taken out for this accord; its permits were asked about what is left.
    """

    accord: Accord
    permits: tuple[Reason, ...]
    forbids: tuple[Reason, ...]
    refusals: tuple[Reason, ...]
    duties: tuple[tuple[Reason, Duty], ...]
    unmet: tuple[Reason, ...]
    redact: tuple[str, ...] = ()

    @property
    def lets_go(self) -> bool:
        """Whether it may leave under this accord, as far as this accord is concerned."""
        return bool(self.permits) and not self.refusals


def hear(accord: Accord, question: Question) -> Hearing:
    """Ask an accord that is in force about an object. Source: accord.md 1, 3."""
    # By id, so that the order in the document means nothing.
    clauses = sorted(accord.clauses, key=lambda clause: clause.id)
    about = [clause for clause in clauses if clause.covers(question.profile.kind, question.profile.type)]
    of = {effect: [clause for clause in about if clause.effect is effect] for effect in Effect}
    redact = _personal_parts(accord, question.profile)
    left = _without_personal_data(question) if redact else question
    permits = sorted((clause for clause in of[Effect.PERMIT] if _covers(clause, left)), key=_width)
    duties = tuple(
        (_spoke(accord, clause, "accord.duty", Says.REQUIRES), clause.duty)
        for clause in of[Effect.REQUIRE]
        if clause.duty is not None and _catches(clause, question)
    )
    return Hearing(
        accord=accord,
        permits=tuple(_spoke(accord, clause, "accord.permitted", Says.PERMITS) for clause in permits),
        forbids=tuple(
            _spoke(accord, clause, "accord.forbidden", Says.REFUSES)
            for clause in of[Effect.FORBID]
            if _catches(clause, question)
        ),
        refusals=(*_rules(accord, left), *_unfulfillable(accord, duties, question)),
        duties=duties,
        unmet=() if permits else _unmet(accord, of[Effect.PERMIT], left),
        redact=redact,
    )


def _personal_parts(accord: Accord, profile: Profile) -> tuple[str, ...]:
    """What holds personal data and may be taken out; nothing where all of it is, or where another wrote it."""
    if not (profile.personal_data and profile.own and accord.personal_data == "redact"):
        return ()
    return PERSONAL_PARTS.get(profile.type, ())


def _without_personal_data(question: Question) -> Question:
    return replace(question, profile=replace(question.profile, personal_data=False))


def _covers(permit: Clause, question: Question) -> bool:
    return not any(_lacks(permit.when, question))


def _catches(clause: Clause, question: Question) -> bool:
    """Whether a forbid or require speaks; what is unknown counts as met."""
    when, profile = clause.when, question.profile
    return (
        (when.marking_min is None or question.tlp >= when.marking_min)
        and (when.pap_min is None or question.pap >= when.pap_min)
        and (
            when.confidence_min is None
            or profile.confidence is None
            or profile.confidence >= when.confidence_min
        )
        and (when.labels_any is None or not profile.labels.isdisjoint(when.labels_any))
        and (when.sectors_any is None or not profile.sectors.isdisjoint(when.sectors_any))
        and (when.purposes_any is None or question.purpose in when.purposes_any)
        and (when.exercise is None or profile.exercise is when.exercise)
        and (when.languages_any is None or _speaks(profile, when.languages_any))
        and (when.personal_data is None or profile.personal_data is when.personal_data)
    )


def _lacks(when: Condition, question: Question) -> Iterator[tuple[str, str]]:
    """What a permit's conditions miss: (rule, words); nothing when all are met."""
    yield from _above(when, question)
    profile = question.profile
    if when.confidence_min is not None and (
        profile.confidence is None or profile.confidence < when.confidence_min
    ):
        stated = "none is stated" if profile.confidence is None else "this has less"
        yield "accord.confidence-below", f"from confidence {when.confidence_min} on, and {stated}"
    if when.labels_any is not None and profile.labels.isdisjoint(when.labels_any):
        yield "accord.labels-differ", f"labelled {_any(when.labels_any)}"
    if when.sectors_any is not None and profile.sectors.isdisjoint(when.sectors_any):
        yield "accord.sectors-differ", f"about the sector {_any(when.sectors_any)}"
    if when.purposes_any is not None and question.purpose not in when.purposes_any:
        yield "accord.purpose-differs", f"for {_any(when.purposes_any)}, not for {question.purpose}"
    if profile.exercise is not bool(when.exercise):
        kind = "exercise material" if when.exercise else "real material"
        yield "accord.exercise-differs", f"that is {kind}"
    if when.languages_any is not None and not _speaks(profile, when.languages_any):
        yield "accord.language-differs", f"in {_any(when.languages_any)}"
    if when.personal_data is not None and profile.personal_data is not when.personal_data:
        yield "accord.personal-data-differs", f"{'with' if when.personal_data else 'without'} personal data"
    for name in when.unknown:
        yield "accord.condition-unknown", f'under the condition "{name}", which this version cannot read'


def _above(when: Condition, question: Question) -> Iterator[tuple[str, str]]:
    if when.marking_max is not None and question.tlp > when.marking_max:
        yield "accord.marking-above", f"up to {when.marking_max.label}, and this is {question.tlp.label}"
    if when.pap_max is not None and question.pap > when.pap_max:
        yield "accord.pap-above", f"up to {when.pap_max.label}, and this is {question.pap.label}"


def _speaks(profile: Profile, languages: tuple[str, ...]) -> bool:
    """Whether a text is in one of the languages or in a variety of it: ar-SA is ar."""
    return any(
        tag.lower() == language.lower() or tag.lower().startswith(f"{language.lower()}-")
        for tag in profile.languages
        for language in languages
    )


def _unmet(accord: Accord, permits: list[Clause], question: Question) -> tuple[Reason, ...]:
    if not permits:
        what = question.profile.type or question.profile.kind
        return (
            Reason("accord.kind-not-covered", Says.REFUSES, f"No clause permits any {what}.", accord.key),
        )
    lacking = sorted(
        ((list(_lacks(clause.when, question)), clause) for clause in permits),
        key=lambda pair: (len(pair[0]), -_width(pair[1])[0], pair[1].id),
    )
    return tuple(
        Reason(
            lacks[0][0],
            Says.REFUSES,
            f"Clause {clause.id} permits only what is {'; '.join(words for _, words in lacks)}.",
            accord.key,
            clause.id,
        )
        for lacks, clause in lacking
    )


def _rules(accord: Accord, question: Question) -> Iterator[Reason]:
    if question.purpose not in accord.purposes:
        text = f"The agreement is for {_any(accord.purposes)}, not for {question.purpose}."
        yield Reason("accord.purpose-not-agreed", Says.REFUSES, text, accord.key)
    if question.profile.personal_data and accord.personal_data == "forbid":
        text = "It holds personal data, and the agreement forbids these."
        yield Reason("accord.personal-data-forbidden", Says.REFUSES, text, accord.key)
    if question.profile.personal_data and accord.personal_data == "redact":
        text = "It holds personal data, which the agreement wants redacted; here that cannot be, so all of it stays."
        yield Reason("accord.personal-data-withheld", Says.REFUSES, text, accord.key)


def _unfulfillable(
    accord: Accord, duties: tuple[tuple[Reason, Duty], ...], question: Question
) -> Iterator[Reason]:
    for reason, duty in duties:
        if duty.sealed:
            text = f"Clause {reason.clause} asks for a sealed body, which this version cannot make."
            yield Reason("accord.duty-sealed", Says.REFUSES, text, accord.key, reason.clause)
        if duty.purpose is not None and duty.purpose != question.purpose:
            text = f"Clause {reason.clause} lets it go for {duty.purpose} alone, not for {question.purpose}."
            yield Reason("accord.duty-purpose", Says.REFUSES, text, accord.key, reason.clause)
        for name in duty.unknown:
            text = f'Clause {reason.clause} asks for "{name}", which this version cannot fulfil.'
            yield Reason("accord.duty-unknown", Says.REFUSES, text, accord.key, reason.clause)


def _spoke(accord: Accord, clause: Clause, rule: str, says: Says) -> Reason:
    words = clause.text.get("en") or next(iter(clause.text.values()))
    return Reason(rule, says, f"Clause {clause.id} {_VERB[says]} it: {words}", accord.key, clause.id)


_VERB = {Says.PERMITS: "permits", Says.REFUSES: "forbids", Says.REQUIRES: "adds a duty to"}


def _width(clause: Clause) -> tuple[int, str]:
    """The narrowest permit first, so that the one that decided is the same in any order of clauses."""
    marking_max = clause.when.marking_max
    return (len(Tlp) if marking_max is None else int(marking_max)), clause.id


def _any(words: tuple[str, ...]) -> str:
    return " or ".join(words)
