"""Approvals: exact bytes that officers signed for, and whether they are still what would leave (accord.md 4).

Decides what kills a proposal: an object that was changed or taken back, other bytes, other parts that may go, another
version of the agreement, other terms, more approvals than were asked for, or no permission any more. Terms are compared without the end of
retention: it was counted from the day of the proposal, which is earlier and so stricter.
Queuing what was approved is `node/release`.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import orjson

from hilf.accord.terms import Terms
from hilf.canonical import Json, dumps
from hilf.errors import CallerFault, PartnerFault, Refusal
from hilf.federation.act import read_act
from hilf.node import identity, user
from hilf.node.home import Home
from hilf.node.passkey import Exact
from hilf.node.preview import Weighed, Weighing, cited, terms_of
from hilf.node.showing import PAGE
from hilf.seal import role
from hilf.seal.key import PrivateKey
from hilf.seal.record import acts_subject, verify_records
from hilf.store.database import transaction
from hilf.store.federation import record
from hilf.store.federation.envelope import canonical_of, put_back
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Kept
from hilf.store.intelligence.redacted import full_of
from hilf.store.release import proposal
from hilf.store.release.proposal import Item, KeptRelease

LIFETIME: Final = timedelta(days=7)
"""How long a proposal waits for its approvals."""

DECLINED: Final = "release.declined"
"""Why a proposal died that somebody said no to."""

ROLE: Final = "approval"
"""What an officer must be trusted with to propose or approve a release."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a proposal stands.

    Attributes:
        missing: officers who must still approve.
        died: code of what killed it; None while it lives.
    """

    missing: int
    died: str | None = None


def officers_beside(home: Home, needs_approvals: int) -> int:
    """How many officers must approve beside the one who proposes.

    A node of one officer needs nobody else, and every partner sees that it is one (faces.md 1, `--single-officer`).
    """
    return 0 if identity.own(home).newest.officers_per_act == 1 else needs_approvals


def proposed(release_id: str) -> KeptRelease:
    """A proposal that waits for approvals.

    Raises:
        CallerFault: "release.unknown".
        Refusal: "release.not-proposed".
    """
    kept = proposal.get(release_id)
    if kept is None:
        raise CallerFault(
            "release.unknown",
            f"There is no release {release_id[:80]}.",
            "",
            "See which wait for an approval: hilf release list",
        )
    if kept.state != proposal.PROPOSED:
        raise Refusal(
            "release.not-proposed",
            f"{release_id} is {kept.state}{f' ({kept.reason})' if kept.reason else ''}.",
            "Only a proposal can be approved.",
            f"Look at what would leave now: hilf release preview --to {kept.peer}",
        )
    return kept


def exact(kept: KeptRelease) -> Exact:
    """What an officer signs to propose or approve, but for the time; a passkey answers for it (docs/adr/0023)."""
    return Exact(ROLE, kept.subject, LIFETIME)


def sign(home: Home, kept: KeptRelease, officer: PrivateKey, now: datetime) -> None:
    """Keep an officer's record for exactly these acts, in the caller's transaction.

    Raises:
        Refusal: "release.same-officer": this officer proposed or approved it already.
    """
    check_new(kept, officer.kid)
    signed = exact(kept).signed(home.node, now, officer)
    record.put(ROLE, kept.subject, officer.kid, dumps(signed).decode())


def check_new(kept: KeptRelease, kid: str) -> None:
    """Refuse an officer's key that has signed for this proposal.

    Raises:
        Refusal: "release.same-officer", or "officer.same-person".
    """
    signed = [orjson.loads(text)["kid"] for text in record.about(ROLE, kept.subject)]
    if kid in signed:
        raise Refusal(
            "release.same-officer",
            "This officer has proposed or approved it already.",
            "It takes different officers: the proposer and another one (accord.md 4).",
            f"Let another officer do it: hilf release approve {kept.release_id} --as OTHER",
        )
    user.check_other_person(kid, signed)


def decline(home: Home, release_id: str) -> None:  # noqa: ARG001  # every verb takes its home
    """Say no to a proposal: it dies, and nothing of it is sent. To stop something takes nobody else.

    Raises:
        CallerFault: "release.unknown".
        Refusal: "release.not-proposed".
    """
    with transaction():
        proposal.settle(proposed(release_id).release_id, proposal.DIED, DECLINED)


def standing(home: Home, kept: KeptRelease, now: datetime) -> Standing:
    """How many officers are missing, or what in their records has killed the proposal."""
    records: list[Json] = [orjson.loads(text) for text in record.about(ROLE, kept.subject)]
    needed = 1 + kept.needs_approvals
    try:
        newest = identity.own(home).newest
        kids = verify_records(ROLE, kept.subject, records, newest, now, 1)
        for kid in kids:
            role.check(newest, kid, ROLE)
    except PartnerFault as fault:
        return Standing(0, fault.code)
    if kept.proposed_by not in kids:
        return Standing(0, "release.not-proposed")
    return Standing(max(0, needed - len(kids)))


class Bound:
    """What a proposal holds as it would be decided now, with what lists say of it; read again as it is gone through."""

    def __init__(self, home: Home, kept: KeptRelease, now: datetime) -> None:
        """Decide everything that the proposal binds, together."""
        self._rows = array("q", (seq for _, seq in proposal.bound(kept.release_id)))
        self._full = full_of(self._rows)
        weighing = Weighing(home, kept.peer, kept.purpose, now)
        weighing.set_aside(kept.despite.split())
        self._decided = weighing.weigh_rows({self._full.get(seq, seq) for seq in self._rows})

    def __len__(self) -> int:
        """How many acts the proposal binds."""
        return len(self._rows)

    def __iter__(self) -> Iterator[Weighed]:
        """What they carry, in order; without what has changed since."""
        for n in range(0, len(self._rows), PAGE):
            yield from self.of(self._rows[n : n + PAGE]).values()

    def heard(self, most: int) -> tuple[list[Weighed], int]:
        """Those of which lists speak, at most so many, and how many there are."""
        seqs = self._decided.heard()
        return [*self._decided.of(seqs[:most]).values()], len(seqs)

    def staying(self, most: int) -> list[Weighed]:
        """Those that would not leave any more, so that the proposal dies; at most so many."""
        return [*self._decided.of(self._decided.staying()[:most]).values()]

    def of(self, rows: Iterable[int]) -> dict[int, Weighed]:
        """Some of them, by row of what would leave; what has changed since is missing."""
        wanted = {seq: self._full.get(seq, seq) for seq in rows}
        decided = self._decided.of(wanted.values())
        return {seq: decided[full] for seq, full in wanted.items() if full in decided}


def changed(home: Home, kept: KeptRelease, now: datetime) -> str | None:
    """What has changed since the officers signed, as a code; None if everything may leave as it is."""
    if acts_subject(act_id.hex() for act_id, _ in proposal.bound(kept.release_id)) != kept.subject:
        return "release.bytes-changed"
    bound = Bound(home, kept, now)
    weighing = Weighing(home, kept.peer, kept.purpose, now)
    for page in proposal.pages(kept.release_id):
        rows = objects.by_seq(item.object_seq for item in page)
        decided = bound.of(item.object_seq for item in page)
        if weighing.taken_back(each.kept for each in decided.values()):
            return "release.taken-back"
        for item in page:
            reason = (
                _other_bytes(home, kept, item, rows)
                or _decided_otherwise(home, kept, item, decided, now)
                or _other_parts(decided[item.object_seq], rows[item.object_seq])
            )
            if reason is not None:
                return reason
    return None


def _other_bytes(home: Home, kept: KeptRelease, item: Item, rows: Mapping[int, Kept]) -> str | None:
    row = rows.get(item.object_seq)
    if row is None or row.body is None:
        return "release.object-changed"
    try:
        canonical = put_back(item.envelope, canonical_of(row.body, row.sha256))
        act = read_act(orjson.loads(canonical), home.node, kept.peer)
    except (ValueError, PartnerFault):
        return "release.bytes-changed"
    return None if bytes.fromhex(act.id) == item.act_id else "release.bytes-changed"


def _decided_otherwise(
    home: Home, kept: KeptRelease, item: Item, decided: Mapping[int, Weighed], now: datetime
) -> str | None:
    weighed = decided.get(item.object_seq)
    if weighed is None:
        return "release.object-changed"
    decision, signed_for = weighed.decision, terms_of(item.envelope)
    if not decision.allowed or decision.terms is None:
        return decision.main.rule
    changes = {
        "release.accord-changed": decision.accord != cited(item.envelope),
        "release.retention-over": signed_for.retention_until is not None
        and signed_for.retention_until <= now,
        "release.terms-changed": _lasting(decision.terms) != _lasting(signed_for),
        "release.approvals-changed": officers_beside(home, decision.needs_approvals) > kept.needs_approvals,
    }
    return next((code for code, is_changed in changes.items() if is_changed), None)


def _other_parts(weighed: Weighed, signed_for: Kept) -> str | None:
    return None if weighed.sha256 == signed_for.sha256 else "release.parts-changed"


def _lasting(terms: Terms) -> Terms:
    """What of terms is decided; the end of retention is counted, the full form is known by the bytes."""
    return replace(terms, retention_until=None, redacted_from=None)
