"""What a preview says, as `node/preview` makes it and every face shows it."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from hilf.accord.decision import Decision
from hilf.accord.onward import BY_CONSENT
from hilf.node.already import Already, AlreadyThere
from hilf.node.chosen import Chosen
from hilf.node.showing import Part

__all__ = ["Already", "Preview"]


@dataclass(frozen=True)
class Preview:
    """What a release of this selection to this recipient would do.

    What is counted costs little; the objects themselves are read again, page by page, each time when they are gone through.

    Attributes:
        allowed: what leaves, in the order in which it is sent.
        withheld: what stays, in the order in which it came here.
        already: what is not sent twice.
    """

    to: str
    purpose: str
    selection: str
    allowed: Part
    withheld: Part
    already: AlreadyThere

    @cached_property
    def mark(self) -> str:
        """A hash over what would leave, under which clauses and terms: another one as soon as any of it is another."""
        kinds: dict[int, bytes] = {}
        whole = sha256(f"{self.to} {self.purpose} {self.selection}\n".encode())
        for chosen, rows in self.allowed.runs:
            for row in rows:
                decision = chosen.decisions[row]
                kind = kinds.get(id(decision))
                if kind is None and decision is not None:
                    kind = kinds[id(decision)] = _kind(decision)
                whole.update(chosen.sheet.seqs[row].to_bytes(8, "big") + (kind or b""))
        return whole.hexdigest()

    @property
    def taken_back(self) -> int:
        """How many the recipient was told to let go, so that they cannot go there as they are."""
        return self.already.taken_back

    @cached_property
    def heard(self) -> Part:
        """Those that leave or stay of which lists speak."""
        return self.allowed.only(Chosen.is_heard) + self.withheld.only(Chosen.is_heard)

    @cached_property
    def warned(self) -> int:
        """How many of those that leave stand on a list."""
        return len(self.allowed.only(Chosen.is_heard))

    @cached_property
    def needing_approval(self) -> int:
        """How many of those that leave need a second officer."""
        return sum(count for decision, count in self.allowed.tally() if decision.needs_approvals)

    @cached_property
    def redacted(self) -> Part:
        """What leaves without parts of it."""
        return self.allowed.only(_is_redacted)

    @cached_property
    def accords(self) -> frozenset[tuple[str, int] | None]:
        """The accords under which it leaves."""
        return frozenset(decision.accord for decision, _ in self.allowed.tally())

    @cached_property
    def refusals(self) -> tuple[Decision, ...]:
        """Why something stays, each decision once; those on relations without the names of their ends."""
        return tuple(decision for decision, _ in self.withheld.tally())

    @cached_property
    def for_consent(self) -> Part:
        """What stays because its originator did not consent; definitions of markings go along with what they mark."""
        return self.withheld.only(
            lambda chosen, row: (
                row not in chosen.sheet.definitions
                and (decision := chosen.decisions[row]) is not None
                and decision.main.rule in BY_CONSENT
            )
        )

    @cached_property
    def rules(self) -> dict[str, int]:
        """How many stay by which rule, the most first."""
        counted: Counter[str] = Counter()
        for decision, count in self.withheld.tally():
            counted[decision.main.rule] += count
        return dict(counted.most_common())


def _kind(decision: Decision) -> bytes:
    """What of a decision is seen by whoever looks at it, in 32 bytes."""
    terms = decision.terms.json() if decision.terms else None
    said = (decision.accord, decision.main.clause, decision.redact, decision.needs_approvals, terms)
    return sha256(repr(said).encode()).digest()


def _is_redacted(chosen: Chosen, row: int) -> bool:
    decision = chosen.decisions[row]
    return decision is not None and bool(decision.redact)
