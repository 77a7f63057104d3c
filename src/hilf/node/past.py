"""What would have been decided at an earlier instant, from what is kept of it (accord.md 3).

Decides which version of an object each node asserted then, and which accords and consents counted. Not everything of a past
is kept: what is hidden or erased has no content to decide on, and the answer says so with what is still known. Markings that
were laid over since, and whether a partner was suspended for a while, cannot be told from then.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hilf.accord.decide import decide
from hilf.accord.decision import Decision, Recipient
from hilf.accord.document import Accord
from hilf.accord.life import in_force
from hilf.accord.past import as_of
from hilf.accord.placing import ObjectState
from hilf.federation.peer import PeerState
from hilf.node import life, peer
from hilf.node.home import Home, index_key
from hilf.node.preview import PURPOSE, recipient_of
from hilf.node.profile import Profiles
from hilf.store.federation import peer as peers
from hilf.store.federation import retraction
from hilf.store.instant import microseconds, moment
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Kept

_COUNTED: Final = (ObjectState.CURRENT, ObjectState.OLDER, ObjectState.HIDDEN, ObjectState.ERASED)


@dataclass(frozen=True, slots=True)
class Then:
    """The version of an object that a node asserted then.

    Attributes:
        kept: as it is kept today.
        decision: what was to be decided; None where there is no content any more.
        lost: what became of the content since, in words; None where it is there.
    """

    kept: Kept
    decision: Decision | None
    lost: str | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """What would have been decided at an earlier instant.

    Attributes:
        purpose: of the acts.
        accords: those in force then between the two nodes.
        said: each node's version that counted then, the one that a release would have taken first.
        notes: what of that time is not kept, in sentences.
    """

    at: datetime
    purpose: str
    accords: tuple[Accord, ...]
    said: tuple[Then, ...]
    notes: tuple[str, ...]


def past(home: Home, stix_id: str, to: str, at: datetime, purpose: str | None = None) -> Past:
    """What was to be decided on an object and a node at an earlier instant; nothing of it if nobody asserted it then.

    Raises:
        CallerFault: "release.unknown-node".
    """
    lives = life.signed_by_all()
    held = in_force(as_of(lives.all, at), home.node, lives.chains, at)
    between = tuple(each for each in held if each.binds(to))
    for_ = purpose or (between[0].accord.purposes[0] if between else PURPOSE)
    recipient = _recipient_then(to, at)
    rows = _counting(objects.assertions_of(stix_id, index_key(home)), at)
    readable = [row for row in rows if row.body is not None]
    profiles = {row.seq: profile for row, _, profile in Profiles(home, at).read(readable)}
    said = [
        Then(row, decide(profiles[row.seq], recipient, between, for_, at))
        if row.seq in profiles
        else Then(row, None, _lost(row))
        for row in rows
    ]
    said.sort(key=lambda each: (each.kept.asserter != home.node, each.decision is None))
    accords = tuple(each.accord for each in between)
    return Past(at, for_, accords, tuple(said), tuple(_notes(to, rows, recipient)))


def _counting(rows: tuple[Kept, ...], at: datetime) -> list[Kept]:
    """Of each node's versions that had come by then the newest."""
    newest: dict[str, Kept] = {}
    for row in sorted(rows, key=lambda each: (each.modified or 0, each.seq)):
        if row.received <= microseconds(at) and row.state in _COUNTED:
            newest[row.asserter] = row
    return list(newest.values())


def _recipient_then(to: str, at: datetime) -> Recipient:
    """The node as it is known to have been: verified if people had verified it by then."""
    now, kept = recipient_of(to), peers.get(to)
    verified = kept is not None and kept.verified is not None and kept.verified <= microseconds(at)
    state = PeerState.VERIFIED if verified else PeerState.INTRODUCED
    return Recipient(now.node, now.country, now.communities, state.value)


def _lost(row: Kept) -> str:
    taken_back = [kept for kept in retraction.about(row.stix_id) if kept.at >= row.received]
    word = "It is retracted and hidden" if row.state is ObjectState.HIDDEN else "Its content is erased"
    since = f" since {moment(taken_back[-1].at).date()} ({taken_back[-1].reason})" if taken_back else ""
    return f"{word}{since}; what was to be decided can no longer be computed."


def _notes(to: str, rows: list[Kept], recipient: Recipient) -> list[str]:
    notes = ["Markings laid over it since count as if they had been there; lists are looked at today only."]
    if peer.state_of(to) is not PeerState.VERIFIED and recipient.state == PeerState.VERIFIED.value:
        notes.append(f"{to} is {peer.state_of(to).value} today; since when is not kept.")
    if any(row.type in ("relationship", "sighting") for row in rows):
        notes.append("Whether what it joins left with it then is not computed again.")
    return notes
