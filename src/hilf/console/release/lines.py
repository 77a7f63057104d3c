"""Lines of pages about releases: what was weighed, as templates show it, with what to do where something stays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import orjson
from django.http import HttpRequest
from django.urls import reverse

from hilf.access.role import Power
from hilf.accord.decision import Decision, Reason
from hilf.accord.onward import BY_CONSENT
from hilf.canonical import Json
from hilf.console.access import powers_of
from hilf.lists.hit import Hit
from hilf.markings.marking import describe
from hilf.node import redacted, titles
from hilf.node.candidate import Weighed
from hilf.node.redacted import Shown
from hilf.node.why import spoken
from hilf.stix.selector import value_at


@dataclass(frozen=True, slots=True)
class Line:
    """One object that leaves or stays.

    Attributes:
        title: what it is called; empty where the reader may not see it.
        hidden: whether it is RED and the reader may not read that.
        reasons: every clause and rule that spoke, the one that decided first.
        ask: where its originator can be asked for consent; empty where that is not what is missing.
    """

    id: str
    type: str
    title: str
    hidden: bool
    markings: tuple[str, ...]
    decision: Decision
    reasons: tuple[Reason, ...]
    hits: tuple[Hit, ...]
    ask: str = ""

    @property
    def main(self) -> Reason:
        """The reason that decided."""
        return self.decision.main


@dataclass(frozen=True, slots=True)
class Cut:
    """One place that is taken out of an object, and what stands there."""

    selector: str
    before: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """One object before and after; `before` and `after` are empty where the reader may not see it."""

    id: str
    cuts: tuple[Cut, ...]
    reasons: tuple[Reason, ...]
    before: str
    after: str
    hidden: bool


def reads_red(request: HttpRequest) -> bool:
    """Whether the person who asks may read what is RED."""
    return Power.READ_RED in powers_of(request)


def lines(request: HttpRequest, weighed: Iterable[Weighed], to: str) -> list[Line]:
    """Lines of what was weighed."""
    every, red = list(weighed), reads_red(request)
    called = titles.titles(every, reads_red=red)
    return [_line(each, called.get(each.kept.seq, ""), to, red=red) for each in every]


def _line(each: Weighed, title: str, to: str, *, red: bool) -> Line:
    ask = ""
    if not each.decision.allowed and each.decision.main.rule in BY_CONSENT:
        ask = f"{reverse('consent_ask')}?{urlencode({'object': each.kept.stix_id, 'to': to})}"
    hidden = not red and titles.is_red(each.markings)
    return Line(
        each.kept.stix_id,
        each.kept.type,
        title,
        hidden,
        describe(each.markings),
        each.decision,
        spoken(each.decision),
        () if hidden else each.hits,
        ask,
    )


def redactions(request: HttpRequest, weighed: Sequence[Weighed]) -> list[Redacted]:
    """What leaves without parts of it, before and after."""
    red = (
        {each.kept.seq for each in weighed if titles.is_red(each.markings)}
        if not reads_red(request)
        else set()
    )
    return [
        _redacted(each, hidden=each.seq in red)
        for each in redacted.shown((each.kept.seq, each.decision) for each in weighed)
    ]


def _redacted(each: Shown, *, hidden: bool) -> Redacted:
    cuts = tuple(
        Cut(selector, "" if hidden else _text(found))
        for selector in each.selectors
        if (found := value_at(each.before, selector)) is not None
    )
    return Redacted(
        each.stix_id,
        cuts,
        each.reasons,
        "" if hidden else pretty(each.before),
        "" if hidden else pretty(each.after),
        hidden,
    )


def _text(found: Json) -> str:
    return found if isinstance(found, str) else orjson.dumps(found).decode()


def pretty(stix_object: Mapping[str, Json]) -> str:
    """An object as people read JSON."""
    return orjson.dumps(stix_object, option=orjson.OPT_INDENT_2).decode(errors="replace")
