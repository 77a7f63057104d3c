"""Retractions: a node withdraws what it asserted, and every node that it reached confirms.

The body of the act kind `retraction`, and the receiver's rules of protocol.md 5: only the sender's
own assertion may be withdrawn; hidden at once; erased after 7 days, at once when officers of the sender signed for
"source at risk", never while a legal hold stands; more than 100 in an hour without officers are held for a person.

What the design leaves open was decided here:

- The body of a retraction is that of the act vectors, `{object, versions, reason, deadline}`. A version is named by
  its `modified` as the object writes it, or by its content id (observables have no `modified`, and two versions of
  one equivocating author share one). `versions: null` takes back every version that the sender asserted; an empty
  list is refused, so that a slip never takes back everything.
- Officers sign H(canonical(sorted act ids)) of retraction acts, so their records cannot stand inside those acts. They
  travel in a `retraction` act of their own, before or after, with the body `{acts, records}`: an authorisation.
- `deadline` is when the sender wants the confirmation; it moves neither the hiding (at once) nor the grace.
- Each hop withdraws its own assertion, so the officers of each hop speak for that hop: where only the first hop's
  officers signed, the second hides at once and erases after the grace.
- A withdrawn assertion hides the object only where nobody else's assertion of the same version still stands.
- How a node answers is in `confirmation`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from hilf.canonical import Json, parse_timestamp, timestamp
from hilf.errors import PartnerFault
from hilf.federation.authorisation import Authorisation, read_authorisation
from hilf.federation.outcome import Outcome, Reason
from hilf.federation.structure import array, members, object_id

GRACE: Final = timedelta(days=7)
"""How long a hidden body is kept before it is erased. Source: protocol.md 5."""

MOST_PER_HOUR: Final = 100
"""Retractions from one peer in an hour that need no officers. Source: protocol.md 5."""

_RETRACTION: Final = frozenset(("object", "versions", "reason", "deadline"))
_AUTHORISATION: Final = frozenset(("acts", "records"))
_VERSION: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z|[0-9a-f]{64}", re.ASCII
)


class RetractionReason(StrEnum):
    """Why an assertion is withdrawn. Source: protocol.md 5."""

    ERROR = "error"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    LEGAL = "legal"
    EXPIRED = "expired"
    SOURCE_AT_RISK = "source-at-risk"


_REASONS: Final = {each.value: each for each in RetractionReason}


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a node said: this version of this object. `sha256` is the content id. Source: protocol.md 3."""

    node: str
    object: str
    modified: str | None
    sha256: str


@dataclass(frozen=True, slots=True)
class Retraction:
    """The body of a retraction; `versions` is None for every version that the sender asserted."""

    object: str
    versions: tuple[str, ...] | None
    reason: RetractionReason
    deadline: datetime

    def json(self) -> dict[str, Json]:
        """The body as it stands in an act."""
        versions: list[Json] | None = None if self.versions is None else [*self.versions]
        return {
            "object": self.object,
            "versions": versions,
            "reason": self.reason.value,
            "deadline": timestamp(self.deadline),
        }

    @property
    def is_of_one(self) -> bool:
        """Whether one node is told to let go of versions because its time is over, while their author goes on saying them."""
        return self.reason is RetractionReason.EXPIRED and self.versions is not None

    def withdraws(self, sender: str, assertion: Assertion) -> bool:
        """Whether a retraction by `sender` withdraws this assertion: nobody takes back what another node asserted."""
        if assertion.node != sender or assertion.object != self.object:
            return False
        return (
            self.versions is None or assertion.modified in self.versions or assertion.sha256 in self.versions
        )


def read_retraction(body: Json) -> Retraction | Authorisation:
    """What the body of a `retraction` act says.

    Raises:
        PartnerFault: `retraction: members`, `retraction: object`, `retraction: versions`, `retraction: reason`,
            `retraction: deadline: time form`, `retraction: acts`, `retraction: records`.
    """
    if type(body) is dict and "acts" in body:
        return read_authorisation(members(body, _AUTHORISATION, "retraction"), "retraction")
    fields = members(body, _RETRACTION, "retraction")
    stix_id, reason = object_id(fields["object"], "retraction: object"), fields["reason"]
    if type(reason) is not str or reason not in _REASONS:
        raise PartnerFault("retraction: reason", repr(reason)[:40])
    deadline = parse_timestamp(fields["deadline"], "retraction: deadline")
    return Retraction(stix_id, _read_versions(fields["versions"]), _REASONS[reason], deadline)


def _read_versions(value: Json) -> tuple[str, ...] | None:
    if value is None:
        return None
    versions = [
        each
        for each in array(value, "retraction: versions")
        if type(each) is str and _VERSION.fullmatch(each)
    ]
    if not versions or versions != value or len(set(versions)) != len(versions):
        raise PartnerFault("retraction: versions")
    return tuple(versions)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the receiver does with a retraction.

    Attributes:
        outcome: APPLIED, REFUSED or HELD.
        reason: why not, where it is not applied.
        withdrawn: the assertions that are hidden at once.
        erase_at: when their bodies are erased; None while a legal hold stands, or if nothing is withdrawn.
    """

    outcome: Outcome
    reason: Reason | None = None
    withdrawn: tuple[Assertion, ...] = ()
    erase_at: datetime | None = None


NOT_ASSERTED: Final = Reason("retraction.not-asserted")
TOO_MANY: Final = Reason("retraction.too-many-in-an-hour")
NOT_MEANT: Final = Reason("retraction.refused-by-a-person")
"""Why what was held is refused: people asked the sender, and it was no retraction that it meant."""


def judge(
    retraction: Retraction,
    sender: str,
    assertions: Sequence[Assertion],
    now: datetime,
    *,
    in_last_hour: int,
    authorised: bool,
    legal_hold: bool,
    grace: timedelta = GRACE,
) -> Judgement:
    """What the receiver does with a retraction, and with which assertions.

    Args:
        retraction: the body.
        sender: the peer it came from.
        assertions: what is known of the object, by whomever.
        now: the time, aware UTC.
        in_last_hour: retractions received from this peer in the last hour, this one not counted; MOST_PER_HOUR for more.
        authorised: whether enough officers of the sender signed for this act.
        legal_hold: whether the object may not be erased here.
        grace: how long a hidden body is kept here, GRACE at most.

    Source: protocol.md 5.
    """
    withdrawn = tuple(each for each in assertions if retraction.withdraws(sender, each))
    if not withdrawn:  # however many: nobody is asked about what was never the sender's
        return Judgement(Outcome.REFUSED, NOT_ASSERTED)
    if in_last_hour >= MOST_PER_HOUR and not authorised:
        return Judgement(Outcome.HELD, TOO_MANY)
    due = erase_at(retraction.reason, now, authorised=authorised, legal_hold=legal_hold, grace=grace)
    return Judgement(Outcome.APPLIED, None, withdrawn, due)


def erase_at(
    reason: RetractionReason,
    hidden_at: datetime,
    *,
    authorised: bool,
    legal_hold: bool,
    grace: timedelta = GRACE,
) -> datetime | None:
    """When a body that was hidden at `hidden_at` is erased; None while a legal hold stands.

    Asked again when an authorisation comes later, or when a hold is lifted. Source: protocol.md 5.
    """
    if legal_hold:
        return None
    return hidden_at if authorised and reason is RetractionReason.SOURCE_AT_RISK else hidden_at + grace


def lapsed_at(taken_back: Iterable[tuple[RetractionReason, int | None]]) -> int | None:
    """When a version went that was taken back only because its time was over: acts made after that may bring it again.

    None where nothing took it back, where one of them gives any other reason, or where one cannot be placed in time:
    then it stays gone. Source: docs/adr/0021.

    Args:
        taken_back: reason and time of every retraction of a version by its asserter, in microseconds since 1970.
    """
    times: list[int] = []
    for reason, at in taken_back:
        if reason is not RetractionReason.EXPIRED or at is None:
            return None
        times.append(at)
    return max(times, default=None)
