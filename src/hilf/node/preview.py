"""Previews: for any selection and recipient, what leaves, what stays, and which clause says so (accord.md 4).

Decides which assertion of an object is meant (our own first, then the first received one that may go), what the
recipient has already, and what goes along: definitions of the markings of what leaves, and the identity object of this
node where the recipient lacks it. The definitions that the standards fix (TLP) are known to every node and do not
travel. `node/release` sends exactly what a preview here gives; whether an object may leave is `accord/decide`.

    select ─▶ sheet (read once) ─▶ for each recipient: decide by facts ─▶ redact ─▶ lists ─▶ join ─▶ along ─▶ shown by pages

No body is read but of what joins others and of what must be redacted. 100,000 objects are decided by some hundred facts,
and take some ten bytes each.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

import orjson

from hilf.accord.decide import DecisionCache
from hilf.accord.decision import Decision, Recipient
from hilf.accord.document import InForce
from hilf.accord.relevant import relevant
from hilf.errors import CallerFault
from hilf.node import garbage, life, lists, peer, still, together
from hilf.node.already import Already, AlreadyThere
from hilf.node.candidate import Candidate, Weighed
from hilf.node.choose import choose
from hilf.node.chosen import Chosen
from hilf.node.consult import consult
from hilf.node.held import Held, carrying, terms_of
from hilf.node.home import Home
from hilf.node.previewed import Preview
from hilf.node.profile import About, Profiles
from hilf.node.reader import Reader, Selected
from hilf.node.redact import redact
from hilf.node.showing import Decided, Part, leaving
from hilf.node.there import There
from hilf.stix.select import parse
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Kept
from hilf.store.release import proposal

__all__ = [
    "Already",
    "Preview",
    "Weighed",
    "Weighing",
    "cited",
    "preview",
    "previews",
    "recipient_of",
    "terms_of",
]

PURPOSE: Final = "defence"
"""What acts are for where no accord in force names a purpose."""


def preview(
    home: Home,
    to: str,
    now: datetime,
    selection: str = "",
    purpose: str | None = None,
    despite: Iterable[str] = (),
) -> Preview:
    """What leaves to a node, what stays and why; nothing is written.

    Args:
        home: this node.
        to: the recipient.
        now: aware; the instant of the decision.
        selection: faces.md, Select; empty for what this node itself asserts and has not released to that node.
        purpose: of the acts; None for the first purpose of the accords in force with that node.
        despite: names of lists that officers would set aside.

    Raises:
        CallerFault: "release.unknown-node", "lists.unknown", or the selection is not understood.
    """
    weighing = Weighing(home, to, purpose, now)
    weighing.set_aside(despite)
    return weighing.preview(selection)


def previews(
    home: Home,
    nodes: Sequence[str],
    now: datetime,
    selection: str = "",
    purpose: str | None = None,
    despite: Iterable[str] = (),
) -> Iterator[tuple["Weighing", Preview]]:
    """As `preview`, for many nodes from one reading of the objects; one after the other, and memory holds one.

    Raises:
        CallerFault: "release.unknown-node", before anything is decided, or the selection is not understood.
    """
    for node in nodes:
        recipient_of(node)
    accords = life.all_in_force(home, now)
    reader = Reader(home, Profiles(home, now, relevant(accords)))
    there = There(Held(nodes, reader.index_key), now)
    with garbage.paused():
        selected = reader.select(selection, there)
    for node in nodes:
        between = tuple(each for each in accords if each.binds(node))
        weighing = Weighing(home, node, purpose, now, reader, between)
        weighing.set_aside(despite)
        yield weighing, weighing.preview_of(selected)


class Weighing:
    """Weighs assertions for one recipient, purpose and instant."""

    def __init__(
        self,
        home: Home,
        to: str,
        purpose: str | None,
        now: datetime,
        reader: Reader | None = None,
        accords: Sequence[InForce] | None = None,
    ) -> None:
        """Get ready; `reader` and `accords` are given where several recipients share them."""
        self.home, self.to, self.now = home, to, now
        recipient = recipient_of(to)
        if accords is None:
            accords = life.in_force_with(home, to, now)
        self.purpose = purpose or _purpose(accords)
        self.cache = DecisionCache(recipient, accords, self.purpose, now)
        self._relevant = relevant(accords)
        self.reader = reader or Reader(home, Profiles(home, now, self._relevant))
        self._held = Held([to], self.reader.index_key)
        self._decided: dict[About, Decision] = {}
        self.despite: frozenset[str] = frozenset()
        """Names of lists that officers set aside for this release."""
        self._chosen: Chosen | None = None
        self._waiting_along: frozenset[int] = frozenset()
        """Rows that go along though a proposal holds them: what leaves before it is approved is of no use without them."""

    def set_aside(self, names: Iterable[str]) -> None:
        """Let these lists stop nothing; what they would stop needs a second officer.

        Raises:
            CallerFault: "lists.unknown".
        """
        self.despite = frozenset(names)
        for name in self.despite:
            lists.check_known(name)

    def preview(self, selection: str) -> Preview:
        """What a release of this selection would do."""
        with garbage.paused():
            selected = self.reader.select(selection, self._there(), unreleased_to=self.to)
        return self.preview_of(selected)

    def preview_of(self, selected: Selected) -> Preview:
        """What a release of these rows would do."""
        with garbage.paused():
            return self._preview_of(selected)

    def _preview_of(self, selected: Selected) -> Preview:
        unreleased = not parse(selected.selection)
        self._chosen = chosen = self._decided_rows(selected)
        there, taken_back = choose(chosen, self.home.node, unreleased=unreleased)
        parts = redact(chosen, self.reader, unreleased=unreleased)
        consult(self.home, chosen, self.despite)
        together.join(chosen)
        along = self._companions(chosen)
        together.define(chosen, along)
        for row, seq in enumerate(along.sheet.seqs):
            if (
                seq in self._waiting_along
                and row not in along.sheet.definitions
                and along.needs_approval(row)
            ):
                along.decisions[row] = None  # our identity object, which waits for that very approval
        return Preview(
            self.to,
            self.purpose,
            selected.selection,
            leaving(self.reader, chosen, along),
            Part(self.reader, [(chosen, chosen.staying())]),
            AlreadyThere(self.reader, selected, self.to, there, taken_back, parts),
        )

    def weigh_together(self, kept: Iterable[Kept]) -> dict[int, Weighed]:
        """The decisions on assertions that leave together, or not at all; by row."""
        selected = self.reader.few(kept, self._there(ends_only=True))
        return Decided(self.reader, self._together(selected)).of(selected.sheet.seqs)

    def weigh_rows(self, seqs: Iterable[int]) -> Decided:
        """As `weigh_together`, for the current ones of these rows; their bodies are not read, and any number is taken."""
        return Decided(self.reader, self._together(self.reader.current(seqs, self._there(ends_only=True))))

    def still_holds(self, weighed: Sequence[Weighed]) -> bool:
        """Whether these are what they were when they were previewed last, asked in the transaction that queues them.

        The rows still count and have the same facts, so have the definitions and consents that were read, and what they
        join; the same accords are in force, the recipient is what it was, and nothing of it went there meanwhile.
        """
        if (recipient_of(self.to), life.in_force_with(self.home, self.to, self.now)) != (
            self.cache.recipient,
            self.cache.accords,
        ):
            return False
        in_part = any(each.decision.redact for each in weighed)
        if not self.reader.still([each.kept for each in weighed], in_part=in_part):
            return False
        held = Held([self.to], self.reader.index_key)
        if self._chosen is not None and not still.ends_hold(self._chosen, held, weighed):
            return False
        return still.is_new(self.home, held, self.to, weighed, self._waiting_along)

    def taken_back(self, rows: Iterable[Candidate]) -> frozenset[int]:
        """Those of these rows that the recipient was told to let go, or of which it had let go a later version."""
        rows = tuple(rows)
        taken = self._held.known(row.stix_id for row in rows).taken(self.to)
        return frozenset(row.seq for row in rows if row.seq in taken)

    def _there(self, *, ends_only: bool = False) -> There:
        return There(self._held, self.now, ends_only=ends_only)

    def _together(self, selected: Selected) -> Chosen:
        chosen = self._weigh(selected)
        together.join(chosen)
        together.define(chosen)
        return chosen

    def _weigh(self, selected: Selected) -> Chosen:
        """Rows by themselves, in the form in which they would leave, with what lists say."""
        chosen = self._decided_rows(selected)
        redact(chosen)
        consult(self.home, chosen, self.despite)
        return chosen

    def _decide(self, about: About) -> Decision:
        decision = self._decided.get(about)
        if decision is None:
            decision = self._decided[about] = self.cache.decide(self._relevant.of(about.profile))
        return decision

    def _decided_rows(self, selected: Selected) -> Chosen:
        """Rows by themselves, each decided by its facts."""
        for about in selected.sheet.distinct:
            self._decide(about)
        return Chosen(selected, self.to, map(self._decided.__getitem__, selected.sheet.abouts))

    def _companions(self, chosen: Chosen) -> Chosen:
        """Definitions of markings, and our identity object, that the recipient lacks and that nobody selected."""
        marks = together.missing_marks(chosen)
        found = [self.reader.profiles.definition(mark, said) for mark, said in marks.items()]
        wanted = {kept.stix_id: kept for kept in found if kept is not None}
        own = self.reader.own_identities
        if any(
            about.created_by in own and decision is not None and decision.allowed
            for about, decision in zip(chosen.sheet.abouts, chosen.decisions, strict=True)
        ):
            for said in objects.definitions(own, self.reader.index_key).values():
                wanted.update({kept.stix_id: kept for kept in said if kept.asserter == self.home.node})
        missing = [kept for i, kept in wanted.items() if i not in chosen and kept.asserter != self.to]
        known = self._held.known(kept.stix_id for kept in missing)
        acts, taken = known.acts(self.to), known.taken(self.to)
        new = [
            kept
            for kept in missing
            if kept.seq not in taken and not carrying(acts.get(kept.stix_id, ()), kept.sha256)
        ]
        self._waiting_along = frozenset(proposal.waiting_for(self.to, [kept.seq for kept in new]))
        return self._weigh(self.reader.few(new, self._there(ends_only=True)))


def recipient_of(node: str) -> Recipient:
    """A node as decisions see it.

    Raises:
        CallerFault: "release.unknown-node".
    """
    known = peer.identity_of(node)
    if known is None:
        raise CallerFault(
            "release.unknown-node",
            f"There is no peer {node[:100]} here.",
            "A release goes to a node whose card was taken in and verified.",
            "See which there are: hilf peer list",
        )
    return Recipient(node, known.newest.country, state=peer.state_of(node).value)


def cited(envelope: bytes) -> tuple[str, int] | None:
    """The accord that an act cites."""
    named = orjson.loads(envelope)["accord"]
    return (named["id"], named["version"]) if named else None


def _purpose(accords: Sequence[InForce]) -> str:
    return accords[0].accord.purposes[0] if accords else PURPOSE
