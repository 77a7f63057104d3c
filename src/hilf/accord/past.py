"""The past: what the lives of accords were at an earlier instant, and what would have to change for a refusal to end.

Decides which versions and records counted then: what was complete by then, and what had been said by then (accord.md 1).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from hilf.accord.decision import Decision, Reason, Says
from hilf.accord.life import Life

UNMET: Final = frozenset(
    {
        "accord.kind-not-covered", "accord.marking-above", "accord.pap-above", "accord.confidence-below",
        "accord.labels-differ", "accord.sectors-differ", "accord.purpose-differs", "accord.exercise-differs",
        "accord.language-differs", "accord.personal-data-differs", "accord.condition-unknown",
    }
)  # fmt: skip
"""Rules by which a clause that permits says what it lacks; of these one clause needs to be met, of all others every one."""


def as_of(lives: Iterable[Life], at: datetime) -> tuple[Life, ...]:
    """The lives as they were: versions that all had signed by then, with what had been said of them by then.

    A record of which an officer gave a newer one since is not kept as it was then.
    """
    return tuple(
        replace(life, records=tuple(record for record in life.records if record.at <= at))
        for life in lives
        if life.complete_at is not None and life.complete_at <= at
    )


def to_change(decision: Decision) -> tuple[Reason, ...]:
    """What would have to change for it to leave: everything that refuses, and of the clauses that miss something the nearest.

    Empty where it may leave. Clauses come the nearest first (`accord.hearing`).
    """
    refusing = [reason for reason in dict.fromkeys(decision.reasons) if reason.says is Says.REFUSES]
    nearest = next((reason for reason in refusing if reason.rule in UNMET), None)
    return tuple(reason for reason in refusing if reason.rule not in UNMET or reason is nearest)
