"""Releases: the one door out. What a preview allows is made into acts, byte for byte, and queued (accord.md 4).

Decides when an act may be queued: at once where nobody must approve; else as a proposal whose exact bytes the officer
who proposes signs for, and which a different officer approves. What is approved is what leaves, or nothing is.

    preview ─▶ acts (nonce, terms, proof of authorship) ─┬─ nothing to approve ──▶ outbox
                                                          └─ proposal ── approve ─▶ decided again ─▶ outbox, or dead

Objects are weighed and acts are made outside of transactions; each thousand acts is one transaction, in which is asked
whether all is still as it was weighed. So a great release holds up no partner. Cut short, it is `queuing` in the list,
what it queued is queued, and the same command again queues the rest.

An author whom the recipient does not know is introduced before what it wrote (wire.md 3). What leaves and why is
`node/preview`, the bytes `node/release_acts`, what kills a proposal `node/approval`, the stream `node/federation`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

import orjson

from hilf.errors import OperatorFault, Refusal
from hilf.node import approval, identity, release_acts
from hilf.node.chosen import Chosen
from hilf.node.federation import announce
from hilf.node.home import Home
from hilf.node.preview import Preview, Weighed, Weighing, previews
from hilf.node.showing import Part
from hilf.seal.key import PrivateKey
from hilf.seal.record import acts_subject
from hilf.store.database import transaction
from hilf.store.federation import outbox
from hilf.store.instant import microseconds
from hilf.store.intelligence.assertion import Kept
from hilf.store.release import proposal, sent
from hilf.store.release.proposal import DIED, PROPOSED, QUEUED, QUEUING, Item, KeptRelease

NOTHING = "nothing"
"""The state of a release that there was nothing for."""

CHUNK: Final = 1_000
"""Acts in one transaction: partners wait for it, so it takes a fraction of a second."""

_TRIES: Final = 5


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


def send(
    home: Home,
    to: str,
    now: datetime,
    selection: str = "",
    purpose: str | None = None,
    officer: PrivateKey | None = None,
    despite: Iterable[str] = (),
    expected: str | None = None,
) -> Released:
    """Queue what may leave and propose what needs approvals.

    Args:
        home: this node.
        to: the recipient.
        now: aware.
        selection: faces.md, Select; empty for what this node itself asserts and has not released to that node.
        purpose: of the acts; None for the first purpose of the accords in force.
        officer: who proposes, where something needs an approval.
        despite: names of lists that stop nothing this time; what they would stop needs an approval.
        expected: `Preview.mark` of what a person looked at; nothing else is sent.

    Raises:
        Refusal: "release.preview-changed": what would leave is not what was looked at.
            "release.needs-officer": something needs approvals and nobody proposes it; nothing is sent.
            "release.overtaken": the same is released by another command at the same time.
        CallerFault: "release.unknown-node", or the selection is not understood.
        OperatorFault: "release.unsettled": objects change faster than they can be released.
    """
    weighing = Weighing(home, to, purpose, now)
    weighing.set_aside(despite)
    preview = weighing.preview(selection)
    if expected is not None and preview.mark != expected:
        raise _preview_changed(to)
    return _Sending(home, weighing, now, officer, expected=expected).send(preview)


def send_part(
    home: Home,
    weighing: Weighing,
    preview: Preview,
    now: datetime,
    order_id: str,
    choose: Callable[[Preview], Part],
) -> Released:
    """As `send`, of a preview that is made already, only what `choose` gives of it: what a standing order lets go.

    Args:
        home: this node.
        weighing: that made the preview.
        preview: what may leave.
        now: aware.
        order_id: the standing order, which the release names.
        choose: what of a preview leaves; asked again where something changed meanwhile.

    Raises:
        Refusal, OperatorFault: as `send`.
    """
    return _Sending(home, weighing, now, None, order_id, choose).send(preview)


def send_to_each(
    home: Home,
    nodes: Sequence[str],
    now: datetime,
    selection: str = "",
    purpose: str | None = None,
    officer: PrivateKey | None = None,
    despite: Iterable[str] = (),
) -> Iterator[Released]:
    """As `send`, to many nodes from one reading of the objects, each node by itself.

    Raises:
        Refusal, CallerFault, OperatorFault: as `send`; what was released to the nodes before stays released.
    """
    for weighing, preview in previews(home, nodes, now, selection, purpose, despite):
        yield _Sending(home, weighing, now, officer).send(preview)


class _Changed(Exception):
    """Something is not as it was weighed."""


class _Sending:
    """One release on its way into the outbox, chunk by chunk."""

    def __init__(
        self,
        home: Home,
        weighing: Weighing,
        now: datetime,
        officer: PrivateKey | None,
        order_id: str | None = None,
        choose: Callable[[Preview], Part] = lambda shown: shown.allowed,
        expected: str | None = None,
    ) -> None:
        self._expected = expected
        self._home, self._weighing, self._now = home, weighing, now
        self._officer, self._order_id, self._choose = officer, order_id, choose
        self._to = weighing.to
        self._release = f"release--{uuid4()}"
        self._is_begun = False
        self._queued: list[bytes] = []
        self._bound: list[bytes] = []

    def send(self, preview: Preview) -> Released:
        """Queue and propose what a preview allows; what changes meanwhile is weighed again."""
        found = preview
        for _ in range(_TRIES):
            goes = self._choose(found)
            if not goes and not self._is_begun:
                return Released("", self._to, NOTHING, preview=preview)
            try:
                return self._send(found, goes, preview)
            except _Changed:
                found = self._again(found)
        raise OperatorFault(
            "release.unsettled",
            f"Objects changed while they were released, {_TRIES} times; {len(self._queued)} acts were queued.",
            "What is released must be what was decided.",
            "Wait for the import that runs, then run the same command again: it queues the rest.",
        )

    def _again(self, found: Preview) -> Preview:
        """Weigh the same anew; what was to be proposed is made anew as well."""
        with transaction():
            proposal.clear(self._release)
        self._bound = []
        despite = self._weighing.despite
        self._weighing = Weighing(self._home, self._to, self._weighing.purpose, self._now)
        self._weighing.set_aside(despite)
        again = self._weighing.preview(found.selection)
        if self._expected is not None and not self._is_begun and again.mark != self._expected:
            raise _preview_changed(self._to)
        return again

    def _send(self, found: Preview, goes: Part, shown: Preview) -> Released:
        bound = goes.only(Chosen.needs_approval)
        free = goes.only(lambda chosen, row: not chosen.needs_approval(row))
        if bound and self._officer is None:
            raise _needs_officer(found)
        left = len(goes)
        for part, is_bound in ((free, False), (bound, True)):
            for expected in part.pages(CHUNK):
                piece = list(expected)
                if len(piece) < len(expected):
                    raise _Changed
                left -= len(piece)
                made = release_acts.make(self._home, self._to, found.purpose, piece, self._now)
                with transaction():
                    self._check(piece)
                    self._begin(found)
                    self._put(made, is_bound=is_bound)
                    if not left:
                        return self._end(bound, shown)
        with transaction():  # what was left when it was weighed again came to nothing
            self._check([])
            return self._end(bound, shown)

    def _check(self, piece: Sequence[Weighed]) -> None:
        """Inside the transaction: is all as it was weighed?"""
        if self._is_begun and not proposal.is_queuing(self._release):
            raise Refusal(
                "release.overtaken",
                f"{self._release} was overtaken: the same is released by another command at this time.",
                f"{len(self._queued)} acts were queued before; nothing is queued twice.",
                "See what became of both: hilf release list",
            )
        if not self._weighing.still_holds(piece):
            raise _Changed

    def _begin(self, preview: Preview) -> None:
        """Keep the release before its first acts, so that a release that is cut short is seen."""
        if self._is_begun:
            return
        self._is_begun = True
        proposal.interrupt(self._to, preview.selection, preview.purpose)
        at_us = microseconds(self._now)
        proposal.put(
            KeptRelease(
                self._release, self._to, QUEUING, preview.selection, preview.purpose, at_us, None, 0, "",
                order_id=self._order_id, despite=" ".join(sorted(self._weighing.despite)),
            )
        )  # fmt: skip

    def _put(self, made: Sequence[tuple[Item, Kept]], *, is_bound: bool) -> None:
        items = [item for item, _ in made]
        if is_bound:
            proposal.add(self._release, items)
            self._bound += (item.act_id for item in items)
            return
        authors = {row.author for _, row in made if row.author is not None}
        _introduce_authors(self._home, self._to, authors, self._now)
        at_us = _cut(microseconds(self._now))
        outbox.put(self._to, [_waiting(item, at_us) for item in items], self._release)
        self._queued += (item.act_id for item in items)

    def _end(self, bound: Part, shown: Preview) -> Released:
        """Let the release be what it is, in the transaction of its last acts."""
        count = len(self._queued)
        if self._officer is None or not bound:
            proposal.finish(self._release, QUEUED, acts_subject([each.hex() for each in self._queued]))
            return Released(self._release, self._to, QUEUED, count, preview=shown)
        most = max(decision.needs_approvals for decision, _ in bound.tally())
        needed = approval.officers_beside(self._home, most)
        subject = acts_subject([each.hex() for each in self._bound])
        proposal.finish(self._release, PROPOSED, subject, self._officer.kid, needed)
        kept = approval.proposed(self._release)
        approval.sign(self._home, kept, self._officer, self._now)
        if needed:
            return Released(self._release, self._to, PROPOSED, count, len(self._bound), needed, shown)
        done = _queue_approved(self._home, kept, self._now)
        return Released(
            self._release, self._to, done.state, count + done.queued, preview=shown, reason=done.reason
        )


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
            waiting = len(proposal.bound(release))
            return Released(release, kept.peer, PROPOSED, 0, waiting, standing.missing)
        return _queue_approved(home, kept, now)


def queue_again(to: str, items: Sequence[Item], release_id: str | None) -> None:
    """Queue acts that give a node nothing new, in the caller's transaction: what it has or will get, with a new proof."""
    outbox.put(to, [_waiting(item, _at_us(item)) for item in items], release_id)


def _queue_approved(home: Home, kept: KeptRelease, now: datetime) -> Released:
    """Queue all that was approved, or nothing if it is not what would leave now."""
    reason = approval.changed(home, kept, now)
    if reason is not None:
        return _die(kept, reason)
    _introduce_authors(home, kept.peer, proposal.authors(kept.release_id), now)
    queued = outbox.put_proposed(kept.peer, kept.release_id, _cut(kept.proposed))
    proposal.settle(kept.release_id, QUEUED)
    return Released(kept.release_id, kept.peer, QUEUED, queued)


def _die(kept: KeptRelease, reason: str) -> Released:
    proposal.settle(kept.release_id, DIED, reason)
    return Released(kept.release_id, kept.peer, DIED, reason=reason)


def _waiting(item: Item, at_us: int) -> outbox.Waiting:
    return outbox.Waiting(item.act_id, "object", at_us, item.envelope, item.object_seq)


def _at_us(item: Item) -> int:
    return microseconds(datetime.fromisoformat(orjson.loads(item.envelope)["at"]))


def _cut(at_us: int) -> int:
    """A time as an act tells it: to the millisecond."""
    return at_us // 1_000 * 1_000


def _introduce_authors(home: Home, to: str, authors: Iterable[str], now: datetime) -> None:
    """Let the cards of authors wait before what they wrote, once for each document that the recipient lacks."""
    unknown = set(authors) - {home.node, to}
    if not unknown:
        return
    told = set(_told(to))
    for author in sorted(unknown):
        known = identity.kept(author)
        if known is not None and (author, known.newest.seq) not in told:
            announce(home, to, "identity", {"card": known.card}, now)


def _told(to: str) -> Iterator[tuple[str, int]]:
    for envelope in sent.identities(to):
        newest = orjson.loads(envelope)["body"]["card"]["chain"][-1]["document"]
        yield newest["node"], newest["seq"]


def _preview_changed(to: str) -> Refusal:
    return Refusal(
        "release.preview-changed",
        "What would leave is not what you looked at: objects, agreements or lists changed meanwhile.",
        "Nothing is sent that was not shown. Nothing was sent.",
        f"Look at it again: hilf release preview --to {to}",
    )


def _needs_officer(preview: Preview) -> Refusal:
    first = preview.allowed.only(Chosen.needs_approval)[0]
    return Refusal(
        "release.needs-officer",
        f"{preview.needing_approval} of {len(preview.allowed)} objects need the approval of a second officer, "
        f"{first.kept.stix_id} for one.",
        "An officer proposes them, and a different one approves (accord.md 4). Nothing was sent.",
        "Propose them with --as OFFICER, or select others, for example: --select 'marking:tlp:clear,tlp:green'",
    )
