"""Communities: who must sign a text that follows another, and who stands together when some have left.

Decides by accord.md 1 ("Joining and leaving a community is an amendment signed by what the accord's own rule says") and
docs/adr/0010:

* A first version, and an amendment that changes anything but who is a party, is signed by each of its parties.
* An amendment that only lets parties join or leave is signed by what the version before says in `membership`: by each of
  its own parties (all), or by two thirds of those who stood in the version before. Who joins always signs, and so does
  who proposes it. Who is only taken out signs nothing: the others are free to go on without it.
"""

from collections.abc import Collection
from dataclasses import dataclass

from hilf.accord.document import TWO_THIRDS, Accord
from hilf.canonical import dumps

_OF_EACH_VERSION = ("version", "prev", "parties")


@dataclass(frozen=True, slots=True)
class Quorum:
    """Whose signatures make a text complete.

    Attributes:
        each: parties all of which must sign.
        among: parties of which some must sign besides.
        least: how many of `among` and `each` together that stood in the version before.
    """

    each: frozenset[str]
    among: frozenset[str] = frozenset()
    least: int = 0

    def met_by(self, signed: Collection[str]) -> bool:
        """Whether the signatures of these parties are enough."""
        return self.each.issubset(signed) and len(self.among.intersection(signed)) >= self.least

    def missing(self, signed: Collection[str]) -> frozenset[str]:
        """The parties that can bring what is missing; empty when nothing is."""
        short = len(self.among.intersection(signed)) < self.least
        return (self.each | (self.among if short else frozenset())) - set(signed)


def everybody(accord: Accord) -> Quorum:
    """Each of the parties signs."""
    return Quorum(frozenset(accord.nodes))


def quorum(accord: Accord, before: Accord | None, standing: Collection[str]) -> Quorum | None:
    """Who must sign a text; None where it is each of its parties.

    Args:
        accord: the text.
        before: the version that it follows; None for a first one.
        standing: the parties of that version that have not left it.
    """
    if before is None or before.membership != TWO_THIRDS or not only_members_change(before, accord):
        return None
    parties, stood = frozenset(accord.nodes), frozenset(standing)
    return Quorum((parties - stood) | {accord.proposer}, parties & stood, -(-2 * len(stood) // 3))


def only_members_change(before: Accord, accord: Accord) -> bool:
    """Whether an amendment lets parties join or leave and changes nothing for those who stay."""
    old, new = (
        {name: value for name, value in each.json().items() if name not in _OF_EACH_VERSION}
        for each in (before, accord)
    )
    roles = {party.node: party.roles for party in before.parties}
    stay = all(roles.get(party.node, party.roles) == party.roles for party in accord.parties)
    return stay and dumps(old) == dumps(new)
