"""Placing: what one assertion is beside those that its asserter made of the same object before (protocol.md 3).

Per (asserter, id) the version with the latest `modified` is current, the others are history. Same asserter, id and
`modified` with other bytes is equivocation: the first stays as it is, the later is kept beside it, quarantined. A
redacted form is none, if it names the hash of the full one: the fuller form counts, in whichever order they come, and
of two redacted forms of the same one the later. What its asserter retracted does not come back, nor does the very
version that a person dropped; what went only because its time was over comes back with a new act of its asserter
(docs/adr/0021). Said again with further markings, it is under the stricter of both.

Whose an object is was judged before (`accord.ownership`); the rows are written by `store.intelligence.write`.
"""

from collections.abc import Sequence
from enum import Enum, IntEnum
from typing import Final, NamedTuple, Protocol


class ObjectState(IntEnum):
    """States below HIDDEN have a body for readers; only CURRENT is found by searches.

    REDACTED is a form of our own that went out in place of the full one: no version beside the others, kept as long as
    these are, so that what was sent can be sent again and is taken back with the rest.
    """

    CURRENT = 0
    OLDER = 1
    QUARANTINED = 2
    HIDDEN = 3  # retracted: no door shows the body
    ERASED = 4  # retracted: there is no body any more
    DROPPED = 5  # waited in quarantine, and a person said no: there is no body any more
    REDACTED = -1  # sent instead of a full form that stands in a row of its own


class Outcome(Enum):
    """What became of an assertion."""

    NEW = "new"
    UPDATED = "updated"
    DUPLICATE = "duplicate"
    EQUIVOCATION = "equivocation"
    QUARANTINED = "quarantined"
    RETRACTED = "retracted"
    DROPPED = "dropped"


class Stated(Protocol):
    """A version of one object, as it comes or as it is held."""

    @property
    def asserter(self) -> str:
        """The node that says it."""

    @property
    def modified(self) -> int | None:
        """Microseconds since 1970; None where the object has one version only."""

    @property
    def state(self) -> ObjectState:
        """CURRENT or QUARANTINED for what comes: whether it may count, as far as content and ownership decide."""

    @property
    def sha256(self) -> bytes:
        """Its content id."""

    @property
    def redacted_from(self) -> bytes | None:
        """Content id of the full form, where its asserter says that this is a redacted one."""

    @property
    def tlp(self) -> int | None:
        """Strictest level of all its markings, None where none is."""

    @property
    def overlay(self) -> tuple[str, ...]:
        """Ids of the markings that lie beside it."""


class Said(Stated, Protocol):
    """A version as it comes."""

    @property
    def said_at(self) -> int | None:
        """When its asserter made the act that brings it, microseconds since 1970; None where no act of it does."""


class Held(Stated, Protocol):
    """A version as it is held."""

    @property
    def lapsed(self) -> int | None:
        """When it went, if it went only because its time was over: acts made after that pass it by. None else."""


class Placement(NamedTuple):
    """Where an assertion goes.

    Attributes:
        outcome: what it is.
        state: of the new version; says nothing where `held` is given.
        held: which of the versions held is this one, by its place among them; None for a new version.
        superseded: those which become history, by their places.
        is_again: the version held counts, and has been said once more.
        joined: (overlay, tlp) of the version from now on; None where they stay.
        settles: which of the versions held waited in quarantine and is this one, which counts; it goes.
        lifts: whether this very version had gone because its time was over, and counts again.
    """

    outcome: Outcome
    state: ObjectState = ObjectState.CURRENT
    held: int | None = None
    superseded: tuple[int, ...] = ()
    is_again: bool = False
    joined: tuple[tuple[str, ...], int | None] | None = None
    settles: int | None = None
    lifts: bool = False


# Most of what comes is one of these; they are made once.
_NEW: Final = Placement(Outcome.NEW)
_WAITS: Final = Placement(Outcome.QUARANTINED, ObjectState.QUARANTINED)
_CONTRADICTS: Final = Placement(Outcome.EQUIVOCATION, ObjectState.QUARANTINED)
_HISTORY: Final = Placement(Outcome.UPDATED, ObjectState.OLDER)
_TOMBSTONES: Final = (ObjectState.HIDDEN, ObjectState.ERASED)
_NEVER_COUNTED: Final = (ObjectState.QUARANTINED, ObjectState.DROPPED)

_Mine = Sequence[tuple[int, Held]]


def place(said: Said, held: Sequence[Held]) -> Placement:
    """Decide what an assertion is.

    Args:
        said: what comes.
        held: every version of the same object that is held, whoever asserts it, in the order in which they came.
    """
    mine = [
        (n, each)
        for n, each in enumerate(held)
        if each.asserter == said.asserter and each.state != ObjectState.REDACTED
    ]
    if not mine:
        return _WAITS if said.state == ObjectState.QUARANTINED else _NEW
    for n, version in mine:
        if version.modified != said.modified or version.sha256 != said.sha256:
            continue
        if version.state in _TOMBSTONES:
            continue
        if version.state == ObjectState.DROPPED:
            return Placement(Outcome.DROPPED, held=n)
        if version.state != ObjectState.QUARANTINED:
            return _again(said, n, version)
        return _as_evidence(said, n, mine)
    return _other_version(said, mine)


def _again(said: Said, n: int, version: Held) -> Placement:
    """Nothing new, but markings that come with it are joined: saying it again never loosens it."""
    if set(said.overlay) <= set(version.overlay):
        return Placement(Outcome.DUPLICATE, held=n, is_again=True)
    return Placement(Outcome.UPDATED, held=n, is_again=True, joined=_joined(said, version))


def _joined(said: Stated, version: Stated) -> tuple[tuple[str, ...], int | None]:
    overlay = tuple(sorted({*version.overlay, *said.overlay}))
    return overlay, _stricter(version.tlp, said.tlp)


def _as_evidence(said: Said, n: int, mine: _Mine) -> Placement:
    """It lies in quarantine already: it stays there if it waits or contradicts what counts, else it counts now."""
    if said.state == ObjectState.QUARANTINED:
        return Placement(Outcome.QUARANTINED, held=n)
    if _contradicts(said, mine):
        return Placement(Outcome.EQUIVOCATION, held=n)
    placement = _other_version(said, mine)
    if placement.held is not None:
        return placement
    waited = next(version for m, version in mine if m == n)
    return _under_both(placement._replace(settles=n), said, [waited])


def _under_both(placement: Placement, said: Said, before: Sequence[Held]) -> Placement:
    """A new row under every marking of the rows that held the same: coming back loosens nothing."""
    overlay, tlp = placement.joined or (said.overlay, said.tlp)
    joined = tuple(sorted({*overlay, *(mark for each in before for mark in each.overlay)}))
    if set(joined) == set(said.overlay):
        return placement
    for each in before:
        tlp = _stricter(tlp, each.tlp)
    return placement._replace(joined=(joined, tlp))


def _other_version(said: Said, mine: _Mine) -> Placement:
    at = _at(said)
    for n, version in mine:  # before all else: what is erased comes back into no quarantine either
        if version.state in _TOMBSTONES and at <= _at(version) and not _passes(said, version):
            return Placement(Outcome.RETRACTED, held=n)
    if said.state == ObjectState.QUARANTINED:
        return _WAITS
    if _contradicts(said, mine):
        return _CONTRADICTS
    if all(version.state in _NEVER_COUNTED for _, version in mine):
        return _NEW
    counting = [(n, version) for n, version in mine if version.state < ObjectState.QUARANTINED]
    gone = [
        v
        for _, v in mine
        if v.state in _TOMBSTONES and (v.modified, v.sha256) == (said.modified, said.sha256)
    ]
    if any(_at(version) > at or said.redacted_from == version.sha256 for _, version in counting):
        return _under_both(_HISTORY._replace(lifts=bool(gone)), said, gone)
    current = tuple(n for n, version in counting if version.state == ObjectState.CURRENT)
    return _under_both(Placement(Outcome.UPDATED, superseded=current, lifts=bool(gone)), said, gone)


def _passes(said: Said, gone: Held) -> bool:
    """Whether it was said after a version went whose time was over, and nothing else was wrong with it."""
    return gone.lapsed is not None and said.said_at is not None and said.said_at > gone.lapsed


def _contradicts(said: Said, mine: _Mine) -> bool:
    """Whether another version that counts has the same `modified` and is no other form of the same."""
    return any(
        version.state < ObjectState.QUARANTINED
        and version.modified == said.modified
        and not _are_forms(said, version)
        for _, version in mine
    )


def _are_forms(a: Stated, b: Stated) -> bool:
    """Whether one is the full form of the other, or both are redacted from the same one."""
    full_a, full_b = a.redacted_from or a.sha256, b.redacted_from or b.sha256
    return a.sha256 != b.sha256 and full_a == full_b


def _at(said: Stated) -> int:
    """Objects without `modified` have one version only: all are equally old."""
    return said.modified or 0


def _stricter(a: int | None, b: int | None) -> int | None:
    if a is None or b is None:
        return b if a is None else a
    return max(a, b)
