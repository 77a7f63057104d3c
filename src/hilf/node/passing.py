"""Passing on, foreseen: what others said and this node could pass on before a step in the life of an accord, and after it.

Decides nothing: it asks the same rules (`accord/onward`) with and without the step. What its originators consented to is
asked about version by version, for consents name versions; all else in the groups that share facts. What came under an
accord from a node that would be bound by it no more is passed on no more then, whoever agrees to it (`node/profile`).
What several partners say of one object counts for each of them.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from hilf.accord.profile import Profile
from hilf.accord.relevant import Relevant
from hilf.accord.terms import Onward
from hilf.node.home import Home
from hilf.node.profile import Profiles
from hilf.store.accord import grouped
from hilf.store.federation import peer
from hilf.store.instant import microseconds
from hilf.store.intelligence import read as objects
from hilf.store.release import consent

Place = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Passed:
    """Assertions of one partner that all accords decide alike.

    Attributes:
        asserter: the partner, to which nothing of it goes.
        before: what is known of them.
        after: the same once the step is taken.
        group: which they are.
        without: rows of the group that are decided by themselves.
        named: the id of the one version that its originator consented to; empty for a whole group.
    """

    asserter: str
    before: Profile
    after: Profile
    group: grouped.Group
    without: frozenset[int] = frozenset()
    named: str = ""

    def still(self, back: Mapping[int, Place]) -> tuple[int, frozenset[int]]:
        """How many these are, and which rows of the group are none of them: taken back at a node, or decided alone."""
        if self.named:
            return int(self.group.seq not in back), frozenset()
        taken = {seq for seq, place in back.items() if _is_in(self.group, seq, place)}
        return self.group.size - len(self.without | taken), self.without | taken

    def examples(self, home: Home, most: int, without: Collection[int]) -> list[str]:
        """Ids of some of them."""
        if self.named:
            return [self.named]
        return grouped.examples(self.asserter, self.group, most, without, home.node) if most > 0 else []


def passed(
    home: Home, asked: Relevant, at: datetime, parted: Mapping[str, Collection[str]]
) -> tuple[Passed, ...]:
    """What others said, as a decision about passing it on sees it before a step and after.

    Args:
        home: this node.
        asked: what the accords before and after ask about.
        at: aware; as of when consents count.
        parted: node → ids of accords that would bind us and it no more.
    """
    profiles, consents = Profiles(home, at), consent.live(microseconds(at))
    asserters = [each.node for each in peer.every() if each.node != home.node]
    found = []
    for asserter in asserters:
        alone = dict(grouped.places(asserter, consents, home.node))
        for each in _of(home, asserter, profiles, alone):
            before = asked.of(each.before)
            found.append(replace(each, before=before, after=_after(before, asserter, parted)))
    return tuple(found)


def _of(home: Home, asserter: str, profiles: Profiles, alone: Mapping[int, Place]) -> Iterator[Passed]:
    """What one partner said: groups, and each version that is decided by itself."""
    groups = list(grouped.of(asserter, home.node))
    abouts = profiles.of([(each.seq, each.facts_id, each.confidence) for each in groups])
    for group in groups:
        without = frozenset(seq for seq, place in alone.items() if _is_in(group, seq, place))
        if group.seq in abouts and group.size > len(without):
            profile = abouts[group.seq].profile
            if profile.arrival is not None:  # the first of a group may be one that has a consent
                profile = replace(profile, arrival=replace(profile.arrival, consents=frozenset()))
            yield Passed(asserter, profile, profile, group, without)
    rows = objects.by_seq(alone)
    consented = profiles.of([(seq, *place) for seq, place in alone.items()])
    for seq, about in consented.items():
        group = grouped.Group(seq, *alone[seq], 1)
        yield Passed(asserter, about.profile, about.profile, group, named=rows[seq].stix_id)


def _is_in(group: grouped.Group, seq: int, place: Place) -> bool:
    return (group.facts_id, group.confidence) == place if group.facts_id is not None else group.seq == seq


def _after(profile: Profile, asserter: str, parted: Mapping[str, Collection[str]]) -> Profile:
    """The profile once some nodes are bound by accords no more."""
    arrival = profile.arrival
    if arrival is None:
        return profile
    gone = {node for node, ids in parted.items() if arrival.accord[0] in ids} & {*arrival.parties, asserter}
    onward = Onward.NONE if asserter in gone else arrival.onward
    return replace(profile, arrival=replace(arrival, parties=arrival.parties - gone, onward=onward))
