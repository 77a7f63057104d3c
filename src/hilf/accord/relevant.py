"""What of a profile the clauses of some accords can see: the rest may differ, and the decision is the same.

Decides when two profiles must get the same decision: labels, sectors and a confidence that no clause asks about are left
out. So objects of which each has labels of its own are still decided by a handful of profiles.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from hilf.accord.document import InForce
from hilf.accord.profile import Profile


@dataclass(frozen=True, slots=True)
class Relevant:
    """Labels and sectors that clauses name, and whether one asks for a confidence."""

    labels: frozenset[str]
    sectors: frozenset[str]
    confidence: bool

    def of(self, profile: Profile) -> Profile:
        """The profile with nothing in it that no clause asks about."""
        labels, sectors = profile.labels & self.labels, profile.sectors & self.sectors
        confidence = profile.confidence if self.confidence else None
        if (labels, sectors, confidence) == (profile.labels, profile.sectors, profile.confidence):
            return profile
        return replace(profile, labels=labels, sectors=sectors, confidence=confidence)


def relevant(accords: Iterable[InForce]) -> Relevant:
    """What the clauses of these accords ask about."""
    conditions = [clause.when for held in accords for clause in held.accord.clauses]
    return Relevant(
        frozenset(each for when in conditions for each in when.labels_any or ()),
        frozenset(each for when in conditions for each in when.sectors_any or ()),
        any(when.confidence_min is not None for when in conditions),
    )
