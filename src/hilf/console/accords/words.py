"""What a node obeys of an accord, in words of the reader's language; made from the same values that the decision reads.

Decides nothing. Who signs compares these with the words that the parties wrote: where both differ, the node does what
stands here (accord.md 1).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hilf.accord.clause import Clause, Condition, Duty, Effect
from hilf.accord.document import Accord
from hilf.accord.life import State
from hilf.accord.terms import Onward
from hilf.console.accords import kinds
from hilf.console.tags import ltr, when

EFFECTS: Final[dict[str, Promise]] = {
    Effect.PERMIT.value: gettext_lazy("May be exchanged"),
    Effect.FORBID.value: gettext_lazy("Is never exchanged"),
    Effect.REQUIRE.value: gettext_lazy("Is exchanged only if"),
}

EFFECT_NAMES: Final[dict[str, Promise]] = {
    Effect.PERMIT.value: gettext_lazy("permits"),
    Effect.FORBID.value: gettext_lazy("forbids"),
    Effect.REQUIRE.value: gettext_lazy("requires"),
}

STATES: Final[dict[str, Promise]] = {
    State.DRAFT.value: gettext_lazy("draft"),
    State.PROPOSED.value: gettext_lazy("proposed"),
    State.SIGNED_BY_SOME.value: gettext_lazy("signed by some"),
    State.SIGNED_BY_ALL.value: gettext_lazy("signed by all"),
    State.IN_FORCE.value: gettext_lazy("in force"),
    State.AMENDED.value: gettext_lazy("amended"),
    State.SUSPENDED.value: gettext_lazy("suspended"),
    State.ENDED.value: gettext_lazy("ended"),
    State.WITHDRAWN.value: gettext_lazy("withdrawn"),
    State.EXPIRED.value: gettext_lazy("expired"),
}

ONWARD: Final[dict[str, Promise]] = {
    Onward.NONE.value: gettext_lazy("What was received is passed on to nobody."),
    Onward.ASK_ORIGINATOR.value: gettext_lazy(
        "What was received is passed on only with the consent of its originator."
    ),
    Onward.LISTED.value: gettext_lazy("What was received is passed on only to parties of this accord."),
    Onward.FREE.value: gettext_lazy("What was received may be passed on."),
}

PERSONAL: Final[dict[str, Promise]] = {
    "forbid": gettext_lazy("What holds personal data stays."),
    "redact": gettext_lazy("Personal data is taken out before anything leaves."),
    "permit": gettext_lazy("Personal data may leave."),
}

AT_END: Final[dict[str, Promise]] = {
    "delete": gettext_lazy("At its end each party deletes what it has from the others."),
    "keep": gettext_lazy("At its end each party keeps what it has, and passes it on no further."),
}

CONFIRMATIONS: Final[dict[str, Promise]] = {
    "named": gettext_lazy("Who has confirmed a retraction is said by name."),
    "counted": gettext_lazy("How many have confirmed a retraction is said as a number."),
}

MEMBERSHIP: Final[dict[str, Promise]] = {
    "all": gettext_lazy("All parties sign who joins or leaves."),
    "two thirds": gettext_lazy("Two thirds of the parties sign who joins or leaves."),
}

PURPOSES: Final[dict[str, Promise]] = {
    "defence": gettext_lazy("defence"),
    "incident": gettext_lazy("an incident"),
    "exercise": gettext_lazy("an exercise"),
    "research": gettext_lazy("research"),
}

QUOTAS: Final[dict[str, Promise]] = {
    "acts_per_hour": gettext_lazy("Acts in an hour"),
    "bytes_per_hour": gettext_lazy("Bytes in an hour"),
    "disk_bytes": gettext_lazy("Bytes on the disk"),
}


@dataclass(frozen=True, slots=True)
class Obeyed:
    """One clause in words.

    Attributes:
        effect: what it does.
        kinds: what it is about.
        when: its conditions, all of which must hold.
        duties: of a clause that requires.
        unknown: whether it says more than this version reads, so that it is obeyed more strictly.
    """

    effect: str
    kinds: SafeString
    when: tuple[SafeString | str, ...]
    duties: tuple[SafeString | str, ...]
    unknown: tuple[str, ...]


def obeyed(clause: Clause) -> Obeyed:
    """A clause as the node obeys it."""
    unknown = (*clause.unknown, *clause.when.unknown, *(clause.duty.unknown if clause.duty else ()))
    return Obeyed(
        str(EFFECTS[clause.effect.value]),
        listed(kinds.name(kind) for kind in clause.kinds),
        tuple(conditions(clause.when)),
        tuple(duties(clause.duty)) if clause.duty else (),
        unknown,
    )


def conditions(when_: Condition) -> Iterator[SafeString | str]:
    """The conditions of a clause, one after the other."""
    for family, most, least in (
        ("TLP", when_.marking_max, when_.marking_min),
        ("PAP", when_.pap_max, when_.pap_min),
    ):
        if most is not None:
            yield format_html(_("marked {marking} at most"), marking=_marking(family, most.word))
        if least is not None:
            yield format_html(_("marked {marking} or stricter"), marking=_marking(family, least.word))
    if when_.confidence_min is not None:
        yield _("with a confidence of {least} of 100 at least").format(least=when_.confidence_min)
    for values, sentence in (
        (when_.labels_any, _("labelled {values}")),
        (when_.sectors_any, _("about the sector {values}")),
        (when_.languages_any, _("in the language {values}")),
    ):
        if values is not None:
            yield format_html(sentence, values=either(map(ltr, values)))
    if when_.purposes_any is not None:
        yield format_html(_("for {values}"), values=either(map(purpose, when_.purposes_any)))
    for flag, yes, no in (
        (when_.exercise, _("that is material of an exercise"), _("that is real, no material of an exercise")),
        (when_.personal_data, _("that holds personal data"), _("that holds no personal data")),
    ):
        if flag is not None:
            yield yes if flag else no


def _marking(family: str, word: str) -> SafeString:
    return ltr(f"{family}:{word.upper()}")


def duties(duty: Duty) -> Iterator[SafeString | str]:
    """What a clause that requires asks for."""
    if duty.approvals > 1:
        yield ngettext(
            "%(count)s officer of the sender approves it",
            "%(count)s officers of the sender approve it",
            duty.approvals,
        ) % {"count": duty.approvals}
    if duty.sealed:
        yield _("it leaves in a sealed body")
    if duty.retention_days is not None:
        yield ngettext(
            "it is erased after %(count)s day", "it is erased after %(count)s days", duty.retention_days
        ) % {"count": duty.retention_days}
    if duty.onward is not None:
        yield str(ONWARD[duty.onward.value])
    if duty.purpose is not None:
        yield format_html(_("it is used for {purpose} alone"), purpose=purpose(duty.purpose))


def terms(accord: Accord) -> Iterator[tuple[str, SafeString | str]]:
    """What an accord says beside its clauses, and is obeyed: (heading, words)."""
    yield (
        _("Period"),
        format_html(_("from {begins} until {until}"), begins=when(accord.begins), until=when(accord.until)),
    )
    yield _("Looked at again"), when(accord.review)
    yield _("Purposes"), either(map(purpose, accord.purposes))
    yield _("Passing on"), str(ONWARD[accord.onward.value])
    yield _("Personal data"), str(PERSONAL[accord.personal_data])
    yield (
        _("Kept for"),
        ngettext("%(count)s day", "%(count)s days", accord.retention_days) % {"count": accord.retention_days},
    )
    yield _("At its end"), str(AT_END[accord.at_end])
    yield _("Retractions"), str(CONFIRMATIONS[accord.confirmations])
    if len(accord.nodes) > 2:  # noqa: PLR2004  # a community
        yield _("Joining and leaving"), str(MEMBERSHIP[accord.membership])
    for name, limit in accord.quotas.items():
        yield str(QUOTAS.get(name, name)), str(limit)


def purpose(word: str) -> str | SafeString:
    """A purpose, by its name where it has one."""
    known = PURPOSES.get(word)
    return ltr(word) if known is None else str(known)


def listed(names: Iterable[object]) -> SafeString:
    """Names one after the other."""
    return format_html_join(_(", "), "{}", ((each,) for each in names))


def either(names: Iterable[object]) -> SafeString:
    """Names, any of which is meant."""
    return format_html_join(_(" or "), "{}", ((each,) for each in names))
