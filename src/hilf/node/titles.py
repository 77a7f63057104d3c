"""What a reader may call an object that a list names: its name, value or pattern; not that of RED for whoever may not read it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from hilf.markings.marking import Markings, effective_tlp, whole
from hilf.markings.tlp import Tlp
from hilf.node.candidate import Weighed
from hilf.node.home import Home, index_key
from hilf.node.profile import Profiles
from hilf.node.search import name_of
from hilf.store.intelligence import read as objects

MOST: Final = 200
"""Characters of a title: a list is no place for a report."""


def is_red(markings: Markings) -> bool:
    """Whether any part of it is RED, so that only those who may read RED see what it says."""
    return effective_tlp(whole(markings)) is Tlp.RED


def titles(weighed: Sequence[Weighed], *, reads_red: bool) -> dict[int, str]:
    """What some weighed assertions are called, by row; without those that the reader may not see."""
    shown = [each.kept.seq for each in weighed if reads_red or not is_red(each.markings)]
    found = objects.by_seq(shown)
    return {seq: name_of(row.object)[:MOST] for seq, row in found.items() if row.body is not None}


def titles_of(home: Home, stix_ids: Iterable[str], now: datetime, *, reads_red: bool) -> dict[str, str]:
    """What some objects are called, by id; for pages that name few. Without those that the reader may not see."""
    key, profiles, found = index_key(home), Profiles(home, now), {}
    for stix_id in stix_ids:
        for kept, _, profile in profiles.read(objects.current(stix_id, key)[:1]):
            if reads_red or not is_red(profile.markings):
                found[stix_id] = name_of(kept.object)[:MOST]
    return found
