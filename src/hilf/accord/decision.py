"""A decision to release: allowed or not, why, and what must hold after arrival.

Decides what a decision cannot be: one without a reason, a refusal that nothing refused, a release under no accord or
without terms (accord.md 3). These are values only; `accord.decide` makes them.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from hilf.accord.terms import Terms

VERIFIED: Final = "verified"
"""The one state of a peer in which anything but identity documents goes to it. Source: protocol.md 1."""


class Says(Enum):
    """What a reason does to the decision."""

    PERMITS = "permits"
    REFUSES = "refuses"
    REQUIRES = "requires"
    NOTES = "notes"


@dataclass(frozen=True, slots=True)
class Reason:
    """One clause or rule that spoke.

    Attributes:
        rule: stable slug, listed with its sentence in `accord.explain`.
        says: what it does to the decision.
        text: one sentence for a person of this node; never for a partner.
        accord: (id, version) of the accord that it stands in; None for rules of the node itself.
        clause: id of the clause; None where no clause of its own says it.
    """

    rule: str
    says: Says
    text: str
    accord: tuple[str, int] | None = None
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """The node that would receive.

    Attributes:
        node: its name.
        country: ISO 3166-1 alpha-2, upper case.
        communities: ids of communities it belongs to beside those of the accords in force with us.
        state: its peer state; only "verified" receives.
    """

    node: str
    country: str
    communities: frozenset[str] = frozenset()
    state: str = VERIFIED


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, and every clause and rule that spoke, in order.

    Attributes:
        allowed: whether it may leave, once approved by as many as `needs_approvals`.
        accord: (id, version) of the accord that the act cites; None when refused.
        reasons: never empty.
        terms: what must hold after arrival; None when refused.
        needs_approvals: officers who must approve beside the one who proposes.
        redact: selectors of what is taken out before it leaves, sorted (`accord.redaction`); empty when refused.
    """

    allowed: bool
    accord: tuple[str, int] | None
    reasons: tuple[Reason, ...]
    terms: Terms | None
    needs_approvals: int = 0
    redact: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        refused = permitted = False
        for reason in self.reasons:
            refused = refused or reason.says is Says.REFUSES
            permitted = permitted or reason.says is Says.PERMITS
        if not self.reasons:
            raise ValueError("a decision without a reason")
        if self.allowed and (refused or not permitted or self.accord is None or self.terms is None):
            raise ValueError("a release needs a permit, an accord, terms, and nothing that refuses")
        carries = self.accord is not None or self.terms is not None or bool(self.redact)
        if not self.allowed and (not refused or carries):
            raise ValueError(
                "a refusal needs something that refuses, and has no accord, no terms, no redaction"
            )

    @property
    def main(self) -> Reason:
        """The reason to show where there is room for one: the first that refuses, or the permit that decided."""
        if not self.allowed:
            return next(reason for reason in self.reasons if reason.says is Says.REFUSES)
        return next(
            reason
            for reason in self.reasons
            if reason.says is Says.PERMITS and reason.accord in (self.accord, None)
        )


def refusal(*reasons: Reason) -> Decision:
    """A decision that it stays."""
    return Decision(allowed=False, accord=None, reasons=reasons, terms=None)
