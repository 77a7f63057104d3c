"""Stricter terms: what comes again is kept to the stricter of what was said of it (protocol.md 3, 5).

Decides when that is no matter of terms any more: an end of retention that comes closer than what was agreed takes away what was
given, as a retraction does, and a stolen online key must not take the past away. So many in an hour as of retractions
are let through; more are refused. What both nations agreed to later is no such thing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

import orjson

from hilf.accord.terms import Terms, end_of_retention, join, read_terms
from hilf.federation.act import Act
from hilf.federation.retraction import MOST_PER_HOUR
from hilf.node.profile import cited_accord
from hilf.store.federation import inbox
from hilf.store.instant import microseconds, moment
from hilf.store.intelligence import read as objects
from hilf.store.intelligence import retention
from hilf.store.intelligence.assertion import Kept
from hilf.store.intelligence.write import put_terms

TOO_OFTEN: Final = "retention.shortened-too-often"


def tighten(again: Sequence[tuple[int, Act]], now: datetime) -> frozenset[str]:
    """Keep what came again to the stricter terms from now on; looser ones change nothing. Ids of acts that count for nothing.

    In the caller's transaction. The days of the accord under which it came again count from now on, whatever its terms say.

    Args:
        again: the row that holds it already, and the act in which it came again.
        now: aware.
    """
    kept = objects.by_seq(seq for seq, _ in again)
    held = {seq: read_terms(dict(row.terms)) for seq, row in kept.items() if row.terms}
    terms, refused = dict(held), set[str]()
    days = lru_cache(maxsize=16)(_agreed_days)
    for seq, act in again:
        if seq in terms:
            said = join(terms[seq], read_terms(act.terms))
            takes_away = _takes_away(terms[seq], said, kept[seq], days(act.accord))
            if takes_away and _count(act.sender, now) > MOST_PER_HOUR:
                refused.add(act.id)
            else:
                terms[seq] = said
                agreed = days(act.accord)
                if agreed is not None:
                    retention.note({seq: microseconds(end_of_retention(now, agreed))})
    _put({seq: each for seq, each in terms.items() if each != held[seq]})
    return frozenset(refused)


def _takes_away(before: Terms, said: Terms, row: Kept, days: int | None) -> bool:
    """Whether it must go sooner than it had to, and sooner than both nations agreed."""
    until = said.retention_until
    if until is None or until == before.retention_until:
        return False
    return days is None or until < end_of_retention(moment(row.received), days)


def _agreed_days(accord: tuple[str, int] | None) -> int | None:
    found = None if accord is None else cited_accord(f"{accord[0]} {accord[1]}")
    return None if found is None else found.retention_days


def _count(sender: str, now: datetime) -> int:
    return inbox.count(f"inbox {now:%Y-%m-%dT%H} shortened {sender}", 1)


def _put(changed: Mapping[int, Terms]) -> None:
    put_terms({seq: orjson.dumps(each.json()).decode() for seq, each in changed.items()})
    ends = {seq: each.retention_until for seq, each in changed.items()}
    retention.note({seq: microseconds(until) for seq, until in ends.items() if until is not None})
