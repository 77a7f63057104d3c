"""Releases: the one door out. What a preview allows is made into acts, byte for byte, and queued (accord.md 4).

Decides when an act may be queued: at once where nobody must approve; else as a proposal whose exact bytes the officer
who proposes signs for, and which a different officer approves. What is approved is what leaves, or nothing is.

    preview ─▶ acts (nonce, terms, proof of authorship) ─┬─ nothing to approve ──▶ outbox
                                                          └─ proposal ── approve ─▶ decided again ─▶ outbox, or dead

An author whom the recipient does not know is introduced before what it wrote (wire.md 3). What leaves and why is
`node/preview`, what kills a proposal `node/approval`, the stream `node/federation`.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import orjson

from hilf.accord.decision import Decision
from hilf.canonical import Json
from hilf.errors import Refusal
from hilf.federation.act import make_act
from hilf.federation.authorship import SALT_BYTES, prove
from hilf.node import approval, identity
from hilf.node.federation import announce
from hilf.node.home import Home, online_key
from hilf.node.preview import Preview, Weighed, Weighing
from hilf.seal.key import PrivateKey
from hilf.seal.record import acts_subject
from hilf.store.database import transaction
from hilf.store.federation import outbox
from hilf.store.federation.envelope import canonical_of, take_out
from hilf.store.instant import microseconds
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Kept
from hilf.store.release import proposal, sent
from hilf.store.release.proposal import DIED, PROPOSED, QUEUED, Item, KeptRelease

NOTHING = "nothing"
"""The state of a release that there was nothing for."""


@dataclass(frozen=True, slots=True)
class Released:
    """What became of a release.

    Attributes:
        release: its id; empty where there was nothing to send.
        to: the recipient.
        state: "queued", "proposed" while officers must approve, "died", or "nothing".
        queued: acts that wait in the outbox because of this call.
        proposed: acts that wait for approvals.
        needs_approvals: officers who must still approve.
        preview: what it was made from; None on an approval.
        reason: code of why it died.
    """

    release: str
    to: str
    state: str
    queued: int = 0
    proposed: int = 0
    needs_approvals: int = 0
    preview: Preview | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A release and what became of it.

    Attributes:
        kept: as it was made.
        unapproved: its acts that wait for an approval.
        acts: its acts that were queued, by what became of them: waiting, sent, or what the recipient's receipt says.
    """

    kept: KeptRelease
    unapproved: int
    acts: Mapping[str, int]

    @property
    def word(self) -> str:
        """How far it is, in one word."""
        if self.kept.state != QUEUED:
            return self.kept.state
        if self.acts.get("waiting") or self.acts.get("sent"):
            return "queued" if set(self.acts) == {"waiting"} else "going"
        return next(iter(self.acts)) if len(self.acts) == 1 else "settled"


def send(
    home: Home,
    to: str,
    now: datetime,
    selection: str = "",
    purpose: str | None = None,
    officer: PrivateKey | None = None,
) -> Released:
    """Queue what may leave and propose what needs approvals, in one transaction.

    Args:
        home: this node.
        to: the recipient.
        now: aware.
        selection: faces.md, Select; empty for what this node itself asserts and has not released to that node.
        purpose: of the acts; None for the first purpose of the accords in force.
        officer: who proposes, where something needs an approval.

    Raises:
        Refusal: "release.needs-officer": something needs approvals and nobody proposes it; nothing is sent.
        CallerFault: "release.unknown-node", or the selection is not understood.
    """
    with transaction():
        preview = Weighing(home, to, purpose, now).preview(selection)
        if not preview.allowed:
            return Released("", to, NOTHING, preview=preview)
        free = [each for each in preview.allowed if not each.decision.needs_approvals]
        bound = [each for each in preview.allowed if each.decision.needs_approvals]
        if bound and officer is None:
            raise _needs_officer(preview)
        release = f"release--{uuid4()}"
        items = _items(home, to, preview.purpose, [*free, *bound], now)
        _introduce_authors(home, to, (each.kept for each in free), now)
        _put(to, items[: len(free)], release)
        if officer is None or not bound:
            _keep(preview, release, QUEUED, items, now)
            return Released(release, to, QUEUED, len(free), preview=preview)
        needed = approval.officers_beside(home, max(each.decision.needs_approvals for each in bound))
        kept = _keep(preview, release, PROPOSED, items[len(free) :], now, officer, needed)
        approval.sign(home, kept, officer, now)
        if needed:
            return Released(release, to, PROPOSED, len(free), len(bound), needed, preview)
        done = _queue_approved(home, kept, now)
        return Released(release, to, done.state, len(free) + done.queued, preview=preview, reason=done.reason)


def approve(home: Home, release: str, officer: PrivateKey, now: datetime) -> Released:
    """Approve a proposal as one more officer; with the last one it is decided again and queued, or dies.

    Raises:
        CallerFault: "release.unknown".
        Refusal: "release.not-proposed" or "release.same-officer".
    """
    with transaction():
        kept = approval.proposed(release)
        approval.sign(home, kept, officer, now)
        standing = approval.standing(home, kept, now)
        if standing.died is not None:
            return _die(kept, standing.died)
        if standing.missing:
            waiting = len(proposal.items(release))
            return Released(release, kept.peer, PROPOSED, 0, waiting, standing.missing)
        return _queue_approved(home, kept, now)


def every(home: Home) -> tuple[Listed, ...]:  # noqa: ARG001  # every verb takes its home
    """All releases, the newest first."""
    waiting, acts = proposal.counts(), sent.outcomes()
    return tuple(
        Listed(kept, waiting.get(kept.release_id, 0), acts.get(kept.release_id, {}))
        for kept in proposal.every()
    )


def _queue_approved(home: Home, kept: KeptRelease, now: datetime) -> Released:
    """Queue all that was approved, or nothing if it is not what would leave now."""
    reason = approval.changed(home, kept, now)
    if reason is not None:
        return _die(kept, reason)
    items = proposal.items(kept.release_id)
    _introduce_authors(home, kept.peer, objects.by_seq(item.object_seq for item in items).values(), now)
    _put(kept.peer, items, kept.release_id)
    proposal.settle(kept.release_id, QUEUED)
    return Released(kept.release_id, kept.peer, QUEUED, len(items))


def _die(kept: KeptRelease, reason: str) -> Released:
    proposal.settle(kept.release_id, DIED, reason)
    return Released(kept.release_id, kept.peer, DIED, reason=reason)


def _items(home: Home, to: str, purpose: str, weighed: Sequence[Weighed], now: datetime) -> tuple[Item, ...]:
    """The acts, each with its own nonce, ready to be queued or signed for."""
    bodies = [canonical_of(_body(each.kept), each.kept.sha256) for each in weighed]
    proofs = _proofs(home, weighed, bodies, now)
    return tuple(
        _item(home, to, purpose, each, canonical, proofs.get(each.kept.seq), now)
        for each, canonical in zip(weighed, bodies, strict=True)
    )


def _item(
    home: Home, to: str, purpose: str, weighed: Weighed, canonical: bytes, authorship: Json, now: datetime
) -> Item:
    kept, decision = weighed.kept, weighed.decision
    if authorship is None and kept.authorship is not None:
        authorship = orjson.loads(kept.authorship)
    act = make_act(
        "object",
        home.node,
        to,
        now,
        secrets.token_hex(16),
        decision.accord,
        purpose,
        _terms(decision),
        {"object": orjson.loads(canonical), "authorship": authorship},
        kept.exercise,
    )
    return Item(bytes.fromhex(act.id), take_out(act.canonical, canonical), kept.seq)


def _proofs(
    home: Home, weighed: Sequence[Weighed], bodies: Sequence[bytes], now: datetime
) -> dict[int, Json]:
    """Proofs that we wrote what we wrote, one tree for all of it, with a fresh salt for each object."""
    ours = [
        (each.kept.seq, body)
        for each, body in zip(weighed, bodies, strict=True)
        if home.node == each.kept.author == each.kept.asserter
    ]
    if not ours:
        return {}
    salts = [secrets.token_bytes(SALT_BYTES) for _ in ours]
    proofs = prove([body for _, body in ours], salts, home.node, now, online_key(home))
    return {seq: proof for (seq, _), proof in zip(ours, proofs, strict=True)}


def _terms(decision: Decision) -> dict[str, Json]:
    assert decision.terms is not None  # noqa: S101  # a Decision that allows has terms
    return decision.terms.json()


def _body(kept: Kept) -> bytes:
    assert kept.body is not None  # noqa: S101  # only what has a body for readers was weighed
    return kept.body


def _put(to: str, items: Sequence[Item], release: str) -> None:
    outbox.put(to, [_waiting(item) for item in items], release)


def _waiting(item: Item) -> outbox.Waiting:
    at = datetime.fromisoformat(orjson.loads(item.envelope)["at"])
    return outbox.Waiting(item.act_id, "object", microseconds(at), item.envelope, item.object_seq)


def _keep(
    preview: Preview,
    release: str,
    state: str,
    items: Sequence[Item],
    now: datetime,
    officer: PrivateKey | None = None,
    needed: int = 0,
) -> KeptRelease:
    kept = KeptRelease(
        release_id=release,
        peer=preview.to,
        state=state,
        selection=preview.selection,
        purpose=preview.purpose,
        proposed=microseconds(now),
        proposed_by=officer.kid if officer else None,
        needs_approvals=needed,
        subject=acts_subject([item.act_id.hex() for item in items]),
    )
    proposal.put(kept, items if state == PROPOSED else ())
    return kept


def _introduce_authors(home: Home, to: str, kept: Iterable[Kept], now: datetime) -> None:
    """Let the cards of authors wait before what they wrote, once for each document that the recipient lacks."""
    authors = {each.author for each in kept} - {None, home.node, to}
    if not authors:
        return
    told = set(_told(to))
    for author in sorted(each for each in authors if each is not None):
        known = identity.kept(author)
        if known is not None and (author, known.newest.seq) not in told:
            announce(home, to, "identity", {"card": known.card}, now)


def _told(to: str) -> Iterator[tuple[str, int]]:
    for envelope in sent.identities(to):
        newest = orjson.loads(envelope)["body"]["card"]["chain"][-1]["document"]
        yield newest["node"], newest["seq"]


def _needs_officer(preview: Preview) -> Refusal:
    first = next(each for each in preview.allowed if each.decision.needs_approvals)
    return Refusal(
        "release.needs-officer",
        f"{preview.needing_approval} of {len(preview.allowed)} objects need the approval of a second officer, "
        f"{first.kept.stix_id} for one.",
        "An officer proposes them, and a different one approves (accord.md 4). Nothing was sent.",
        "Propose them with --as OFFICER, or select others, for example: --select 'marking:tlp:clear,tlp:green'",
    )
