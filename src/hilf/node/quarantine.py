"""What waits in quarantine, and what a person decides on it: let it count, or drop it (protocol.md 3).

Decides what a person may decide. Both of two versions that contradict each other stay as evidence: neither is made the
truth by a command. An author that is not shown is not made one either: what is accepted so is the word of the node that
says it, and `node/profile` treats it as received. Content and ownership are judged anew by `node/intake`; where it goes
beside other versions is decided by `accord.placing`, as for everything that comes.

What a partner sent was called held in a receipt; here it is told what became of it, in an `outcome` act (wire.md 3).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hilf.accord.placing import ObjectState, place
from hilf.accord.placing import Outcome as Placed
from hilf.errors import CallerFault, Refusal
from hilf.federation.outcome import Outcome, Reason, Result
from hilf.federation.peer import may_exchange_acts
from hilf.node import intake, keeping, peer
from hilf.node.federation import announce
from hilf.node.home import Home, index_key
from hilf.node.search import name_of
from hilf.stix.finding import Finding
from hilf.store.database import transaction
from hilf.store.federation import inbox
from hilf.store.federation.retraction import clean_after_commit
from hilf.store.instant import microseconds
from hilf.store.intelligence import erase, imports
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Kept
from hilf.store.intelligence.imports import Noted
from hilf.store.intelligence.write import find_known, write_assertions
from hilf.store.release import sent

ACCEPTED: Final = "quarantine.accepted"
DROPPED: Final = intake.DROPPED
LONGEST_REASON: Final = 500
NOT_NOTED: Final = "ownership.no-proof"
"""Why a version without a finding waits: it counted until its author turned out to be another node."""
_EVIDENCE: Final = "evidence"
_MANY: Final = 50
_BECOMES: Final = {ObjectState.CURRENT: "current", ObjectState.OLDER: "older"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """One version that waits for a person.

    Attributes:
        number: its place; a page goes on behind it.
        peer: the partner that sent it, None where an import brought it.
        import_id: the import that brought it.
        rule: why it waits; `message` says it in words.
        at: when it came, microseconds since 1970.
        sha256: content id, in hex.
        becomes: what accepting makes of it: "current", "older" (a version before the current one), "evidence" (it
            contradicts what counts, and cannot be accepted), "retracted" or "wrong" (it cannot be accepted either).
        without_author: whether its author would not be named, since it is not shown.
    """

    number: int
    stix_id: str
    type: str
    name: str
    peer: str | None
    import_id: int | None
    rule: str
    message: str
    at: int
    sha256: str
    becomes: str
    without_author: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person's word made of one version; `told` are the partners that are told of it, once for each act."""

    stix_id: str
    sha256: str
    peer: str | None
    import_id: int | None
    became: str
    without_author: bool
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Which:
    """Which version is meant, where several of one object wait: by its partner, its import, the start of its hash."""

    peer: str | None = None
    import_id: int | None = None
    sha256: str | None = None


def waiting(
    home: Home, now: datetime, which: Which | None = None, limit: int = 100, after: int = 0
) -> tuple[Waiting, ...]:
    """What waits for a person, in the order in which it came."""
    chosen = which or Which()
    return _all_waiting(home, objects.quarantined(limit, after, chosen.peer, chosen.import_id), now)


def waiting_of(home: Home, stix_id: str, now: datetime) -> tuple[Waiting, ...]:
    """Those versions of one object that wait for a person."""
    return _all_waiting(home, objects.quarantined(_MANY, stix_id=(stix_id, index_key(home))), now)


def _all_waiting(home: Home, rows: Sequence[Kept], now: datetime) -> tuple[Waiting, ...]:
    noted: dict[str, list[Noted]] = {}
    for each in imports.why_quarantined(row.stix_id for row in rows):
        noted.setdefault(each.object, []).append(each)
    return tuple(_waiting(home, row, noted.get(row.stix_id[:300], ()), now) for row in rows)


def accept(home: Home, stix_id: str, which: Which, reason: str, by: str, now: datetime) -> Decided:
    """Let a version in quarantine count, in one transaction; whoever sent it is told.

    Args:
        home: an open home.
        stix_id: the object.
        which: which version, where several wait.
        reason: why, as the person says it.
        by: who says it: the name of the account on this machine.
        now: aware UTC.

    Raises:
        CallerFault: "quarantine.reason", "quarantine.unknown", "quarantine.which".
        Refusal: "quarantine.equivocation", "quarantine.retracted", "quarantine.wrong", "quarantine.not-kept".
    """
    words = _reason(reason)
    with transaction():
        row, key = _one(home, stix_id, which), index_key(home)
        known = find_known([stix_id], key)
        assertion, against = intake.reconsider(home, row, now)
        (written,) = write_assertions([assertion], key, known)
        _check(row, written.outcome)
        _note(row, ACCEPTED, "accepted", f"{by}: {words}", now)
        told = tell_held(home, [written.seq], Outcome.APPLIED, None, now)
        state = objects.by_seq([written.seq])[written.seq].state
    return _decided(row, _BECOMES.get(state, "current"), _loses_author(row, against), told)


def drop(home: Home, stix_id: str, which: Which, reason: str, by: str, now: datetime) -> Decided:
    """Erase a version in quarantine, in one transaction; the very same is not taken again; whoever sent it is told.

    Args:
        home: an open home.
        stix_id: the object.
        which: which version, where several wait.
        reason: why, as the person says it.
        by: who says it: the name of the account on this machine.
        now: aware UTC.

    Raises:
        CallerFault: "quarantine.reason", "quarantine.unknown", "quarantine.which".
        Refusal: "quarantine.on-its-way", "quarantine.not-kept", "hold.stands".
    """
    words = _reason(reason)
    with transaction():
        row = _one(home, stix_id, which)
        keeping.check_free([stix_id])
        for act in sent.of_rows([row.seq]):
            if act.state == "sent" and may_exchange_acts(peer.state_of(act.peer)):
                raise Refusal(
                    "quarantine.on-its-way",
                    f"{stix_id} is on its way to {act.peer}, which has not receipted it.",
                    "Until then it may have to be sent again, byte for byte.",
                    f"Go a round, then drop it: hilf sync {act.peer}",
                )
        told = tell_held(home, [row.seq], Outcome.REFUSED, Reason(DROPPED), now)
        erase.drop(row.seq, index_key(home))
        _note(row, DROPPED, "dropped", f"{by}: {words}", now)
        clean_after_commit()
    return _decided(row, "dropped", False, told)


def tell_held(
    home: Home, seqs: Iterable[int], outcome: Outcome, reason: Reason | None, now: datetime
) -> tuple[str, ...]:
    """Tell what became of acts that brought these rows and were held, in the caller's transaction; whom, for each act."""
    told = []
    for seq in seqs:
        for act_id, node in inbox.held_with(seq):
            inbox.settle(act_id, outcome.value, reason.text() if reason else None)
            announce(home, node, "outcome", Result(act_id.hex(), outcome, reason).later_body(), now)
            told.append(node)
    return tuple(told)


def _waiting(home: Home, row: Kept, noted: Sequence[Noted], now: datetime) -> Waiting:
    peer_, import_id = _source(row)
    here = [each for each in noted if (each.import_id, each.peer) == (import_id, peer_)]
    why = next((each for each in here if each.body == (row.original or row.body)), None) or next(
        (each for each in here if each.at == row.received), None
    )
    becomes, against = _becomes(home, row, now)
    rule = why.rule if why else NOT_NOTED
    message = why.message if why else "It counted until its author turned out to be another node."
    return Waiting(
        row.seq, row.stix_id, row.type, name_of(row.object), peer_, import_id, rule, message, row.received,
        row.sha256.hex(), becomes, becomes in _BECOMES.values() and _loses_author(row, against),
    )  # fmt: skip


def _becomes(home: Home, row: Kept, now: datetime) -> tuple[str, Finding | None]:
    try:
        assertion, against = intake.reconsider(home, row, now)
    except Refusal:
        return "wrong", None
    known = find_known([row.stix_id], index_key(home)).get(row.stix_id, ())
    placed = place(assertion, known)
    words = {Placed.EQUIVOCATION: _EVIDENCE, Placed.RETRACTED: "retracted"}
    return words.get(placed.outcome) or _BECOMES[placed.state], against


def _loses_author(row: Kept, against: Finding | None) -> bool:
    """Whether an author is claimed, or shown, and will not be named: the rules of ownership speak against it."""
    return (
        against is not None and against.rule.startswith("ownership.") and bool(row.created_by or row.author)
    )


def _one(home: Home, stix_id: str, which: Which) -> Kept:
    """The one version that is meant."""
    found = objects.quarantined(_MANY, 0, which.peer, which.import_id, (stix_id, index_key(home)))
    found = tuple(row for row in found if row.sha256.hex().startswith((which.sha256 or "").lower()))
    if len(found) == 1:
        return found[0]
    if found:
        listed = "; ".join(f"{_from(row)}: {row.sha256.hex()[:12]}" for row in found)
        raise CallerFault(
            "quarantine.which",
            f"{len(found)} versions of {stix_id} wait: {listed}.",
            "One is decided at a time.",
            "Say which with --peer NODE or --import N, and where one sent several, with --sha256 and the start of its hash.",
        )
    if imports.why_quarantined([stix_id]) and not objects.assertions_of(stix_id, index_key(home)):
        raise Refusal(
            "quarantine.not-kept",
            f"{stix_id} cannot be kept exactly, so there is nothing to decide.",
            "It holds a number that canonical JSON cannot hold, and numbers are never rounded.",
            "Ask whoever wrote it for a version with smaller numbers. Its bytes: hilf findings --json-lines",
        )
    raise CallerFault(
        "quarantine.unknown",
        f"No such version of {stix_id[:100]} waits.",
        "",
        "See what waits: hilf quarantine list",
    )


def _check(row: Kept, outcome: Placed) -> None:
    if outcome is Placed.EQUIVOCATION:
        raise Refusal(
            "quarantine.equivocation",
            f"{row.stix_id} is not accepted: {row.asserter} says something else of the very same version.",
            "Both are kept as evidence that it contradicted itself; no command makes one of them the truth.",
            f"Ask {row.asserter} for a newer version, or drop this one: hilf quarantine drop {row.stix_id} --reason TEXT",
        )
    if outcome is Placed.RETRACTED:
        raise Refusal(
            "quarantine.retracted",
            f"{row.stix_id} is not accepted: {row.asserter} took this version back.",
            "What was retracted does not come back.",
            f"Drop it: hilf quarantine drop {row.stix_id} --reason TEXT",
        )


def _reason(reason: str) -> str:
    words = " ".join(reason.split())
    if not words or len(words) > LONGEST_REASON:
        raise CallerFault(
            "quarantine.reason",
            "The reason is empty." if not words else f"The reason has {len(words)} characters.",
            f"Whoever reads this later must see why it was decided, in at most {LONGEST_REASON} characters.",
            'Say why: --reason "asked QN by phone"',
        )
    return words


def _note(row: Kept, rule: str, outcome: str, message: str, now: datetime) -> None:
    peer_, import_id = _source(row)
    imports.note(
        [Noted(import_id, peer_, microseconds(now), row.stix_id, "quarantine", rule, message, outcome)]
    )


def _source(row: Kept) -> tuple[str | None, int | None]:
    """(partner, import) that brought it."""
    return (None, row.import_id) if row.import_id is not None else (row.asserter, None)


def _from(row: Kept) -> str:
    return f"import {row.import_id}" if row.import_id is not None else row.asserter


def _decided(row: Kept, became: str, without_author: bool, told: tuple[str, ...]) -> Decided:
    peer_, import_id = _source(row)
    return Decided(row.stix_id, row.sha256.hex(), peer_, import_id, became, without_author, told)
