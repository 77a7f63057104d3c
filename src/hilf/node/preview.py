"""Previews: for any selection and recipient, what leaves, what stays, and which clause says so (accord.md 4).

Decides which assertion of an object is meant (our own first, then the first received one that may go), what the
recipient has already, and what goes along: definitions of the markings of what leaves, and the identity object of this
node where the recipient lacks it. The definitions that the standards fix (TLP) are known to every node and do not
travel. `node/release` sends exactly what a preview here gives; whether an object may leave is `accord/decide`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import orjson

from hilf.accord.decide import DecisionCache
from hilf.accord.decision import Decision, Recipient
from hilf.accord.document import InForce
from hilf.accord.redaction import carry_out
from hilf.accord.relation import EndState, decide_definition, decide_relation
from hilf.accord.terms import Onward, Terms, read_terms
from hilf.canonical import Json
from hilf.errors import CallerFault
from hilf.markings.marking import Markings
from hilf.node import identity, life, peer
from hilf.node.home import Home, index_key
from hilf.node.profile import Profiles
from hilf.stix.select import parse
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Kept
from hilf.store.intelligence.selection import compile_terms
from hilf.store.release import proposal, sent
from hilf.store.release.sent import Sent

PURPOSE: Final = "defence"
"""What acts are for where no accord in force names a purpose."""

JOINING: Final[Mapping[str, tuple[str, ...]]] = {
    "relationship": ("source_ref", "target_ref"),
    "sighting": ("sighting_of_ref",),
}
"""The references by which an object joins others. Source: STIX 2.1 5.1, 5.2; accord.md 3."""

_FIRST: Final = ("marking-definition", "identity")
_OWN_TERMS: Final = Terms((), Onward.FREE)


@dataclass(frozen=True, slots=True)
class Weighed:
    """One assertion with the decision on it.

    Attributes:
        kept: the assertion, with its body.
        markings: what it is marked with, overlay included.
        decision: whether it leaves, and every clause that spoke.
        ends: ids that it joins, for relationships and sightings.
        marks: ids of its markings that no standard fixes.
    """

    kept: Kept
    markings: Markings
    decision: Decision
    ends: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Already:
    """What the recipient has, or will have, without this release.

    Attributes:
        state: of the act that carries it; "proposed" while it waits for an approval, "theirs" if the recipient
            asserts it itself.
        accord: (id, version) that it went under; None where it is theirs.
        release: the release that it belongs to.
    """

    stix_id: str
    sha256: bytes
    state: str
    accord: tuple[str, int] | None = None
    release: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a release of this selection to this recipient would do.

    Attributes:
        allowed: what leaves, in the order in which it is sent.
        withheld: what stays, in the order in which it came here.
        already: what is not sent twice.
    """

    to: str
    purpose: str
    selection: str
    allowed: tuple[Weighed, ...]
    withheld: tuple[Weighed, ...]
    already: tuple[Already, ...]

    @property
    def needing_approval(self) -> int:
        """How many of those that leave need a second officer."""
        return sum(each.decision.needs_approvals > 0 for each in self.allowed)


def preview(home: Home, to: str, now: datetime, selection: str = "", purpose: str | None = None) -> Preview:
    """What leaves to a node, what stays and why; nothing is written.

    Args:
        home: this node.
        to: the recipient.
        now: aware; the instant of the decision.
        selection: faces.md, Select; empty for what this node itself asserts and has not released to that node.
        purpose: of the acts; None for the first purpose of the accords in force with that node.

    Raises:
        CallerFault: "release.unknown-node", or the selection is not understood.
    """
    return Weighing(home, to, purpose, now).preview(selection)


@dataclass(slots=True)
class _Chosen:
    """What a selection comes to: one assertion of each object, and what need not be sent."""

    weighed: dict[str, Weighed] = field(default_factory=dict)
    already: list[Already] = field(default_factory=list)


class Weighing:
    """Weighs assertions for one recipient, purpose and instant."""

    def __init__(self, home: Home, to: str, purpose: str | None, now: datetime) -> None:
        self.home, self.to, self.now = home, to, now
        self._index_key = index_key(home)
        accords = life.in_force_with(home, to, now)
        self.purpose = purpose or _purpose(accords)
        self.cache = DecisionCache(recipient_of(to), accords, self.purpose, now)
        self._profiles = Profiles(home, now)
        self._own_identities = frozenset(identity.stix_identities(identity.own(home).newest))
        self._held: dict[str, tuple[Sent, ...]] = {}

    def preview(self, selection: str) -> Preview:
        """What a release of this selection would do."""
        chosen = self._choose(self._candidates(selection))
        along = self._companions(chosen.weighed)
        self._join(chosen.weighed)
        for weighed in along:
            chosen.weighed.setdefault(weighed.kept.stix_id, weighed)
        self._define(chosen.weighed)
        extra = {weighed.kept.stix_id for weighed in along}
        allowed = [each for each in chosen.weighed.values() if each.decision.allowed]
        withheld = [
            each
            for each in chosen.weighed.values()
            if not each.decision.allowed and each.kept.stix_id not in extra
        ]
        return Preview(
            self.to,
            self.purpose,
            selection,
            tuple(sorted(allowed, key=_order)),
            tuple(sorted(withheld, key=lambda each: each.kept.seq)),
            tuple(chosen.already),
        )

    def weigh(self, page: Iterable[Kept]) -> Iterator[Weighed]:
        """The decision on each assertion by itself."""
        for kept, about, profile in self._profiles.read(page):
            ends = _ends(kept.object) if kept.type in JOINING else ()
            decision = self.cache.decide(profile)
            if decision.redact:  # nothing leaves whole of which a part must be taken out
                decision, _ = carry_out(replace(decision, redact=("id",)), kept.object)
            yield Weighed(kept, profile.markings, decision, ends, about.marks)

    def weigh_together(self, kept: Iterable[Kept]) -> dict[int, Weighed]:
        """The decisions on assertions that leave together, or not at all; by row."""
        together = {weighed.kept.stix_id: weighed for weighed in self.weigh(kept)}
        self._join(together)
        self._define(together)
        return {weighed.kept.seq: weighed for weighed in together.values()}

    def has(self, stix_id: str) -> tuple[Sent, ...]:
        """The acts that gave this object to the recipient, or will."""
        if stix_id not in self._held:
            self._remember([stix_id])
        return self._held[stix_id]

    def _candidates(self, selection: str) -> Iterator[tuple[Kept, ...]]:
        terms = parse(selection)
        asserter = None if terms else self.home.node
        selected = compile_terms(terms, self._index_key, asserter)
        condition, parameters = selected.condition, selected.parameters
        if not terms:
            unreleased, more = sent.not_released(self.to)
            condition, parameters = f"{condition} AND {unreleased}", (*parameters, *more)
        for page in objects.pages(condition, parameters):
            yield tuple(kept for kept in page if selected.holds(kept))

    def _choose(self, pages: Iterable[tuple[Kept, ...]]) -> _Chosen:
        chosen = _Chosen()
        proposed = proposal.waiting_for(self.to)
        for page in pages:
            self._remember(kept.stix_id for kept in page)
            for weighed in self.weigh(page):
                kept = weighed.kept
                there = self._already(kept, proposed)
                if there is not None:
                    chosen.already.append(there)
                elif _is_better(weighed, chosen.weighed.get(kept.stix_id), self.home.node):
                    chosen.weighed[kept.stix_id] = weighed
        chosen.already = [
            each for each in chosen.already if each.state != "theirs" or each.stix_id not in chosen.weighed
        ]
        return chosen

    def _already(self, kept: Kept, proposed: Mapping[int, str]) -> Already | None:
        if kept.asserter == self.to:
            return Already(kept.stix_id, kept.sha256, "theirs")
        if kept.seq in proposed:
            return Already(kept.stix_id, kept.sha256, "proposed", release=proposed[kept.seq])
        for act in reversed(self.has(kept.stix_id)):
            if act.sha256 == kept.sha256:
                return Already(kept.stix_id, kept.sha256, act.state, cited(act.envelope), act.release_id)
        return None

    def _remember(self, stix_ids: Iterable[str]) -> None:
        wanted = set(stix_ids) - self._held.keys()
        self._held.update(dict.fromkeys(wanted, ()))
        for act in sent.to(self.to, wanted, self._index_key):
            if act.counts:
                self._held[act.stix_id] = (*self._held[act.stix_id], act)

    def _companions(self, weighed: Mapping[str, Weighed]) -> tuple[Weighed, ...]:
        """Definitions of markings, and our identity object, that the recipient lacks and that nobody selected."""
        wanted: dict[str, Kept] = {}
        leaving = [each for each in weighed.values() if each.decision.allowed]
        for each in leaving:
            for mark in each.marks:
                definition = self._profiles.definition(mark, each.kept.asserter)
                if definition is not None:
                    wanted[mark] = definition
        if any(each.kept.created_by in self._own_identities for each in leaving):
            for found in objects.definitions(self._own_identities, self._index_key).values():
                wanted.update({kept.stix_id: kept for kept in found if kept.asserter == self.home.node})
        missing = [
            kept for stix_id, kept in wanted.items() if stix_id not in weighed and kept.asserter != self.to
        ]
        self._remember(kept.stix_id for kept in missing)
        new = [k for k in missing if all(act.sha256 != k.sha256 for act in self.has(k.stix_id))]
        return tuple(self.weigh(new))

    def _join(self, weighed: dict[str, Weighed]) -> None:
        """A relationship or sighting leaves only together with what it joins; ends may join others themselves."""
        relations = [each for each in weighed.values() if each.ends]
        self._remember(end for each in relations for end in each.ends)
        theirs = self._their_own(end for each in relations for end in each.ends)
        changed = True
        while changed:
            changed = False
            for relation in relations:
                ends = [self._end(end, weighed, theirs) for end in relation.ends]
                decision = decide_relation(relation.decision, ends)
                if decision != weighed[relation.kept.stix_id].decision:
                    weighed[relation.kept.stix_id] = replace(relation, decision=decision)
                    changed = True

    def _end(self, stix_id: str, weighed: Mapping[str, Weighed], theirs: frozenset[str]) -> EndState:
        found = weighed.get(stix_id)
        if stix_id in theirs:
            return EndState(stix_id, found.decision if found else None, _OWN_TERMS)
        held = [terms_of(act.envelope) for act in self.has(stix_id)]
        still = [terms for terms in held if terms.retention_until is None or terms.retention_until > self.now]
        widest = max(still, key=lambda terms: terms.onward.width, default=None)
        return EndState(stix_id, found.decision if found else None, widest)

    def _their_own(self, stix_ids: Iterable[str]) -> frozenset[str]:
        found = objects.definitions(stix_ids, self._index_key)
        return frozenset(i for i, said in found.items() if any(kept.asserter == self.to for kept in said))

    def _define(self, weighed: dict[str, Weighed]) -> None:
        """A marking-definition goes along with what it marks."""
        bearers: dict[str, list[Decision]] = {}
        for each in weighed.values():
            for mark in each.marks:
                bearers.setdefault(mark, []).append(each.decision)
        for stix_id, each in weighed.items():
            if each.kept.type == "marking-definition":
                decision = decide_definition(each.decision, bearers.get(stix_id, ()))
                weighed[stix_id] = replace(each, decision=decision)


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


def terms_of(envelope: bytes) -> Terms:
    """The terms of an object act."""
    terms: Json = orjson.loads(envelope)["terms"]
    return read_terms(terms)


def _purpose(accords: tuple[InForce, ...]) -> str:
    return accords[0].accord.purposes[0] if accords else PURPOSE


def _ends(object_: Mapping[str, Json]) -> tuple[str, ...]:
    named = (object_.get(name) for name in JOINING.get(str(object_.get("type")), ()))
    return tuple(each for each in named if isinstance(each, str))


def _is_better(weighed: Weighed, than: Weighed | None, us: str) -> bool:
    """Our own assertion comes first; of received ones the first that may go."""
    if than is None or than.kept.asserter == us:
        return than is None
    return weighed.kept.asserter == us or (weighed.decision.allowed and not than.decision.allowed)


def _order(weighed: Weighed) -> tuple[int, int]:
    """Definitions and identities first, relations after what they join."""
    type_ = weighed.kept.type
    place = 3 if weighed.ends else _FIRST.index(type_) if type_ in _FIRST else 2
    return place, weighed.kept.seq
