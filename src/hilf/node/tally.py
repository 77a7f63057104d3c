"""The books of an intake: how many objects became what, and what was found wrong with which (faces.md 1)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hilf.accord.placing import Outcome
from hilf.stix.finding import Finding
from hilf.store.intelligence.imports import Noted

FINDINGS_SHOWN: Final = 10_000
"""So many findings an import hands back; all of them are kept (`hilf findings`)."""

NOT_ACCEPTED: Final[Mapping[Outcome, str]] = {
    Outcome.EQUIVOCATION: "quarantined",
    Outcome.QUARANTINED: "quarantined",
    Outcome.RETRACTED: "refused",
    Outcome.DROPPED: "refused",
}
"""How outcomes of writing are counted that are no acceptance."""
_NUMBERS: Final = ("new", "updated", "duplicate", "refused", "quarantined", "warnings")


def bytes_kept(raw: bytes, outcome: Outcome) -> bytes | None:
    """The bytes that a finding keeps: none of what was taken back or dropped: erased however often it comes."""
    return None if outcome in (Outcome.RETRACTED, Outcome.DROPPED) else raw


class Shown(NamedTuple):
    """A finding as an import reports it, with what became of its object."""

    object: str
    place: str
    rule: str
    message: str
    outcome: str


@dataclass(slots=True)
class ImportResult:
    """What became of the objects of an import.

    read = accepted + refused + quarantined, accepted = new + updated + duplicate.

    Attributes:
        imports: an id for each file, for `hilf undo`.
        warnings: findings on objects that were accepted all the same.
        findings: why objects were refused or quarantined, the first FINDINGS_SHOWN of them.
    """

    imports: list[int] = field(default_factory=list)
    new: int = 0
    updated: int = 0
    duplicate: int = 0
    refused: int = 0
    quarantined: int = 0
    warnings: int = 0
    findings: list[Shown] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """Objects that count now, or counted before."""
        return self.new + self.updated + self.duplicate

    @property
    def read(self) -> int:
        """Every object in the files, and every place where none could be read."""
        return self.accepted + self.refused + self.quarantined

    def counts(self) -> dict[str, int]:
        """The numbers, in the words of the command line."""
        return {
            "read": self.read,
            "accepted": self.accepted,
            **{name: getattr(self, name) for name in _NUMBERS},
        }

    def count(self, name: str) -> None:
        """One object more became this ("new", "refused", …)."""
        setattr(self, name, getattr(self, name) + 1)

    def plus(self, other: "ImportResult") -> "ImportResult":
        """Both together."""
        both = ImportResult(
            imports=[*self.imports, *other.imports],
            findings=[*self.findings, *other.findings[: FINDINGS_SHOWN - len(self.findings)]],
        )
        for name in _NUMBERS:
            setattr(both, name, getattr(self, name) + getattr(other, name))
        return both


@dataclass(slots=True)
class Notes:
    """Findings of one transaction, of an import or of a partner, the bytes with the first of each object."""

    import_id: int | None
    peer: str | None
    at: int
    kept: list[Noted] = field(default_factory=list)

    def add(self, findings: Iterable[Finding | None], outcome: str, body: bytes | None) -> None:
        """Note what was found on one object; a warning is not why it was refused, and says so by its outcome."""
        wanted = body
        for each in findings:
            if each is None:
                continue
            is_why = each.severity == "error"
            self.kept.append(
                Noted(
                    self.import_id,
                    self.peer,
                    self.at,
                    each.object,
                    each.place,
                    each.rule,
                    each.message,
                    outcome if is_why else "accepted",
                    wanted if is_why else None,
                )
            )
            wanted = None if is_why else wanted

    def tell(self, result: ImportResult) -> None:
        """Put into the result what a person should see of them."""
        result.warnings = sum(note.outcome == "accepted" for note in self.kept)
        result.findings = [
            Shown(note.object, note.place, note.rule, note.message, note.outcome)
            for note in self.kept
            if note.outcome != "accepted"
        ]
