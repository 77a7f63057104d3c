"""Previews: for any selection and recipient, what leaves, what stays, and which clause says so (accord.md 4).

Decides which assertion of an object is meant (our own first, then the first received one that may go), what the
recipient has already, and what goes along: definitions of the markings of what leaves, and the identity object of this
node where the recipient lacks it. The definitions that the standards fix (TLP) are known to every node and do not
travel. `node/release` sends exactly what a preview here gives; whether an object may leave is `accord/decide`.

    select ─▶ candidates (rows, read once) ─▶ for each recipient: decide by facts ─▶ redact ─▶ lists ─▶ join ─▶ along

No body is read but of what joins others and of what must be redacted. 100,000 objects are decided by some hundred facts.
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
from hilf.node import garbage, life, lists, peer, redacted, together
from hilf.node.candidate import Candidate, Layout, Reader, Selected, Weighed
from hilf.node.chosen import Chosen, put_in
from hilf.node.consult import consult
from hilf.node.held import Held, terms_of
from hilf.node.home import Home
from hilf.node.previewed import TAKEN_BACK, Already, Preview
from hilf.node.profile import About, Profiles
from hilf.stix.select import parse
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Kept
from hilf.store.release import proposal
from hilf.store.release.sent import Act

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
    held = Held(nodes, reader.index_key)
    with garbage.paused():
        selected = reader.select(selection)
        held.look_up(selected.ids)
        for node in nodes:
            between = tuple(each for each in accords if each.binds(node))
            weighing = Weighing(home, node, purpose, now, reader, held, between)
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
        held: Held | None = None,
        accords: Sequence[InForce] | None = None,
    ) -> None:
        """Get ready; `reader`, `held` and `accords` are given where several recipients share them."""
        self.home, self.to, self.now = home, to, now
        recipient = recipient_of(to)
        if accords is None:
            accords = life.in_force_with(home, to, now)
        self.purpose = purpose or _purpose(accords)
        self.cache = DecisionCache(recipient, accords, self.purpose, now)
        self._relevant = relevant(accords)
        self.reader = reader or Reader(home, Profiles(home, now, self._relevant))
        self.held = held or Held([to], self.reader.index_key)
        self._decided: dict[About, Decision] = {}
        self.despite: frozenset[str] = frozenset()
        """Names of lists that officers set aside for this release."""

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
            selected = self.reader.select(selection, unreleased_to=self.to)
            self.held.look_up(selected.ids)
        return self.preview_of(selected)

    def preview_of(self, selected: Selected) -> Preview:
        """What a release of these candidates would do; `held` has looked them up."""
        with garbage.paused():
            return self._preview_of(selected)

    def _preview_of(self, selected: Selected) -> Preview:
        unreleased = not parse(selected.selection)
        chosen, already = self._choose(selected, unreleased=unreleased)
        self._redact(chosen)
        already += self._there_in_part(chosen, unreleased=unreleased)
        consult(self.reader, chosen, self.despite)
        together.join(chosen, self.held, self.to, self.now)
        along = self._companions(chosen)
        together.define(chosen, along)
        leaving = put_in(chosen.leaving(), along.leaving())
        return Preview(
            self.to, self.purpose, selected.selection, leaving, tuple(chosen.staying()), tuple(already)
        )

    def weigh_together(self, kept: Iterable[Kept]) -> dict[int, Weighed]:
        """The decisions on assertions that leave together, or not at all; by row."""
        return self._together(self.reader.of_kept(kept))

    def weigh_rows(self, seqs: Iterable[int]) -> dict[int, Weighed]:
        """As `weigh_together`, for the current ones of these rows; their bodies are not read."""
        return self._together(self.reader.current(seqs))

    def still_holds(self, weighed: Sequence[Weighed]) -> bool:
        """Whether these are what they were when they were weighed, asked in the transaction that queues them.

        The rows still count and have the same facts, so have the definitions and consents that were read; the same accords
        are in force, the recipient is what it was, and nothing of it went there meanwhile.
        """
        wanted = [each.kept for each in weighed]
        if (recipient_of(self.to), life.in_force_with(self.home, self.to, self.now)) != (
            self.cache.recipient,
            self.cache.accords,
        ):
            return False
        if not self.reader.still(wanted):
            return False
        held = Held([self.to], self.reader.index_key)
        held.look_up(row.stix_id for row in wanted)
        acts, taken = held.acts(self.to), held.taken(self.to)
        went = any(_carrying(acts.get(each.kept.stix_id, ()), each.sha256) for each in weighed)
        if any(row.seq in taken for row in wanted):
            return False
        return not went and not proposal.waiting_for(self.to, [row.seq for row in wanted])

    def taken_back(self, rows: Iterable[Candidate]) -> frozenset[int]:
        """Those of these rows that the recipient was told to let go, or of which it had let go a later version."""
        rows = tuple(rows)
        self.held.look_up(row.stix_id for row in rows)
        return frozenset(row.seq for row in rows if row.seq in self.held.taken(self.to))

    def _weigh(self, rows: Iterable[Candidate]) -> Chosen:
        layout = Layout(rows)
        chosen = Chosen(layout, map(self._decide, layout.abouts))
        self._redact(chosen)
        consult(self.reader, chosen, self.despite)
        return chosen

    def _together(self, rows: Iterable[Candidate]) -> dict[int, Weighed]:
        chosen = self._weigh(rows)
        together.join(chosen, self.held, self.to, self.now)
        together.define(chosen)
        return {weighed.kept.seq: weighed for weighed in chosen.all()}

    def _decide(self, about: About) -> Decision:
        decision = self._decided.get(about)
        if decision is None:
            decision = self._decided[about] = self.cache.decide(self._relevant.of(about.profile))
        return decision

    def _choose(self, selected: Selected, *, unreleased: bool) -> tuple[Chosen, list[Already]]:
        """One assertion of each object, and what need not be sent; nothing of what went if only the rest was asked for."""
        for about in selected.abouts:
            self._decide(about)
        if self._nothing_there(selected):
            return Chosen(selected.layout, map(self._decided.__getitem__, selected.layout.abouts)), []
        chosen: dict[str, Candidate] = {}
        already: list[Already] = []
        theirs: list[Candidate] = []
        acts, proposed = self.held.acts(self.to), proposal.waiting_for(self.to)
        taken = self.held.taken(self.to)
        for row in selected.rows:
            seq, stix_id, _, asserter, sha256, _, _ = row
            if asserter == self.to:
                theirs.append(row)
            elif seq in proposed:
                already.append(Already(stix_id, sha256, "proposed", release=proposed[seq]))
            elif stix_id in acts and (act := _carrying(acts[stix_id], sha256)):
                if not (unreleased and any(each.object_seq == seq for each in acts[stix_id])):
                    already.append(Already(stix_id, sha256, act.state, act.accord, act.release_id))
            elif seq in taken:
                had = taken[seq]
                already.append(Already(stix_id, sha256, TAKEN_BACK, had.accord, had.release_id))
            elif stix_id not in chosen or self._is_better(row, chosen[stix_id]):
                chosen[stix_id] = row
        said = (each for each in theirs if each.stix_id not in chosen)
        already += [Already(each.stix_id, each.sha256, "theirs") for each in said]
        layout = Layout(chosen.values())
        return Chosen(layout, map(self._decided.__getitem__, layout.abouts)), already

    def _nothing_there(self, selected: Selected) -> bool:
        """Whether every row is one object, and the recipient has none of them: then each is simply decided."""
        return (
            len(selected.ids) == len(selected.rows)
            and self.to not in selected.asserters
            and not self.held.acts(self.to)
            and not self.held.taken(self.to)
            and not proposal.waiting_for(self.to)
        )

    def _is_better(self, row: Candidate, than: Candidate) -> bool:
        """Our own assertion comes first; of received ones the first that may go."""
        if than.asserter == self.home.node:
            return False
        may_go = self._decided[row.about].allowed and not self._decided[than.about].allowed
        return row.asserter == self.home.node or may_go

    def _redact(self, chosen: Chosen) -> None:
        """Find the form that would leave where parts must be taken out, or keep all of it where there is none."""
        if not any(decision.redact for decision in self._decided.values()):
            return
        rows = chosen.layout.rows
        parts = {
            rows[n].seq: (n, decision)
            for n, decision in enumerate(chosen.decisions)
            if decision is not None and decision.redact
        }
        decisions = {seq: decision for seq, (_, decision) in parts.items()}
        overlays = {seq: rows[n].about.profile.overlay for seq, (n, _) in parts.items()}
        for seq, decision, form in redacted.forms(decisions, overlays):
            place = parts[seq][0]
            chosen.decisions[place] = decision
            if form is not None:
                chosen.forms[place] = form

    def _there_in_part(self, chosen: Chosen, *, unreleased: bool) -> list[Already]:
        """Take out what the recipient has, or is proposed to get, in the very form in which it would leave."""
        if not chosen.forms:
            return []
        kept = chosen.layout.rows
        rows = redacted.rows(self.home, (kept[n].stix_id for n in chosen.forms))
        acts, proposed = self.held.acts(self.to), proposal.waiting_for(self.to)
        already: list[Already] = []
        for n, form in sorted(chosen.forms.items(), key=lambda each: kept[each[0]].seq):
            stix_id, sha256 = kept[n].stix_id, form.sha256
            act = _carrying(acts.get(stix_id, ()), sha256)
            release = proposed.get(rows.get((stix_id, sha256), -1))
            if act is None and release is None:
                continue
            chosen.decisions[n] = None
            if act is None:
                already.append(Already(stix_id, sha256, "proposed", release=release))
            elif not unreleased:
                already.append(Already(stix_id, sha256, act.state, act.accord, act.release_id))
        return already

    def _companions(self, chosen: Chosen) -> Chosen:
        """Definitions of markings, and our identity object, that the recipient lacks and that nobody selected."""
        marks = together.missing_marks(chosen)
        found = [self.reader.profiles.definition(mark, said) for mark, said in marks.items()]
        wanted = {kept.stix_id: kept for kept in found if kept is not None}
        own = self.reader.own_identities
        if any(
            about.created_by in own and decision is not None and decision.allowed
            for about, decision in zip(chosen.layout.abouts, chosen.decisions, strict=True)
        ):
            for said in objects.definitions(own, self.reader.index_key).values():
                wanted.update({kept.stix_id: kept for kept in said if kept.asserter == self.home.node})
        missing = [kept for i, kept in wanted.items() if i not in chosen and kept.asserter != self.to]
        self.held.look_up(kept.stix_id for kept in missing)
        acts, taken = self.held.acts(self.to), self.held.taken(self.to)
        new = [
            kept
            for kept in missing
            if kept.seq not in taken and not _carrying(acts.get(kept.stix_id, ()), kept.sha256)
        ]
        return self._weigh(self.reader.of_kept(new))


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


def _carrying(acts: Sequence[Act], sha256: bytes) -> Act | None:
    """The last act that carries this version."""
    return next((act for act in reversed(acts) if act.sha256 == sha256), None)
