"""What a preview says: values only, as `node/preview` makes them and every face shows them."""

from dataclasses import dataclass
from typing import Final

from hilf.node.candidate import Weighed

TAKEN_BACK: Final = "taken back"
"""State of what the recipient had and was told to let go: it takes only a version that was modified later."""


@dataclass(frozen=True, slots=True)
class Already:
    """What the recipient has, will have, or had, without this release.

    Attributes:
        state: of the act that carries it; "proposed" while it waits for an approval, "theirs" if the recipient
            asserts it itself, "taken back" (TAKEN_BACK).
        accord: (id, version) that it went under; None where it is theirs.
        release: the release that it belongs to.
    """

    stix_id: str
    sha256: bytes
    state: str
    accord: tuple[str, int] | None = None
    release: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a release of this selection to this recipient would do.

    Attributes:
        allowed: what leaves, in the order in which it is sent.
        withheld: what stays, in the order in which it came here.
        already: what is not sent twice.
    """

    to: str
    purpose: str
    selection: str
    allowed: tuple[Weighed, ...]
    withheld: tuple[Weighed, ...]
    already: tuple[Already, ...]

    @property
    def taken_back(self) -> int:
        """How many the recipient was told to let go, so that only a version modified later can go there."""
        return sum(each.state == TAKEN_BACK for each in self.already)

    @property
    def warned(self) -> int:
        """How many of those that leave stand on a list."""
        return sum(bool(each.hits) for each in self.allowed)

    @property
    def needing_approval(self) -> int:
        """How many of those that leave need a second officer."""
        return sum(each.decision.needs_approvals > 0 for each in self.allowed)
