"""Evidence as kept: the bytes that prove what a partner did, for a person to look at. Holds no rule."""

from dataclasses import dataclass
from datetime import datetime

from hilf.store.database import rows
from hilf.store.instant import moment


@dataclass(frozen=True, slots=True)
class KeptEvidence:
    """One piece of evidence.

    Attributes:
        number: its number here.
        at: when it came, microseconds since 1970, UTC.
        rule: what was broken.
        body: the bytes that prove it.
    """

    number: int
    at: int
    rule: str
    body: bytes

    @property
    def when(self) -> datetime:
        """When it came, aware UTC."""
        return moment(self.at)


def about(peer: str) -> tuple[KeptEvidence, ...]:
    """Everything that is kept about one partner, the oldest first."""
    found = rows("SELECT id, at, rule, body FROM evidence WHERE peer = %s ORDER BY id", (peer,))
    return tuple(KeptEvidence(number, at, rule, bytes(body)) for number, at, rule, body in found)
