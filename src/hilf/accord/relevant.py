"""What of a profile the clauses of some accords can see: the rest may differ, and the decision is the same.

Decides when two profiles must get the same decision: labels and sectors that no clause names are left out, and of a
confidence only counts which of the values that clauses ask for it reaches (accord.md 3, "confidence band"). So objects of
which each has labels of its own are still decided by a handful of profiles.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace

from hilf.accord.document import InForce
from hilf.accord.profile import Profile


@dataclass(frozen=True, slots=True)
class Relevant:
    """Labels and sectors that clauses name, and the confidences that they ask for, in order."""

    labels: frozenset[str]
    sectors: frozenset[str]
    confidences: tuple[int, ...]

    def of(self, profile: Profile) -> Profile:
        """The profile with nothing in it that no clause asks about."""
        labels, sectors = profile.labels & self.labels, profile.sectors & self.sectors
        confidence = self.band(profile.confidence)
        if (labels, sectors, confidence) == (profile.labels, profile.sectors, profile.confidence):
            return profile
        return replace(profile, labels=labels, sectors=sectors, confidence=confidence)

    def band(self, confidence: int | None) -> int | None:
        """The greatest confidence that a clause asks for and this one reaches; 0 for less, None where none is asked for."""
        if confidence is None or not self.confidences:
            return None
        at = bisect_right(self.confidences, confidence)
        return self.confidences[at - 1] if at else 0


def relevant(accords: Iterable[InForce]) -> Relevant:
    """What the clauses of these accords ask about."""
    conditions = [clause.when for held in accords for clause in held.accord.clauses]
    return Relevant(
        frozenset(each for when in conditions for each in when.labels_any or ()),
        frozenset(each for when in conditions for each in when.sectors_any or ()),
        tuple(sorted({when.confidence_min for when in conditions if when.confidence_min is not None})),
    )
