"""Profiles of what is kept: everything about one assertion that a release decision may depend on (accord.md 3).

Decides which definition a marking has here: our own word on it comes first, then that of the node that said what is
marked, and nobody else's. So a partner cannot loosen another's marking by defining it anew, nor by defining it first.
What came from a partner carries the accord and the terms under which it came, and terms that are looser than that
accord count as the accord has them; once the accord binds us and the partner no more, it is passed on no further. What we say of what another node wrote is passed on, not our own: bringing it in
once more from a file frees it of nothing.
Markings are read in `hilf.markings`, the decision is `accord.decide`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Final

import orjson

from hilf.accord.document import Accord, read_accord
from hilf.accord.facts import DAY_US, Facts, confidence_of
from hilf.accord.life import parted
from hilf.accord.profile import Arrival, Profile, profile_of
from hilf.accord.relevant import Relevant
from hilf.accord.terms import Onward, earlier, end_of_retention, read_terms, stricter
from hilf.canonical import Json
from hilf.errors import PartnerFault
from hilf.markings import tlp
from hilf.markings.granular import granular_refs
from hilf.markings.marking import Markings, join
from hilf.markings.read import of_id, read
from hilf.node import life
from hilf.node.author import known_authors
from hilf.node.home import Home, index_key
from hilf.stix.marking_definition import marking_refs
from hilf.store.accord import version as accords
from hilf.store.instant import microseconds, moment
from hilf.store.intelligence import facts
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Kept
from hilf.store.release import consent

_FACTS_AT_HAND: Final = 10_000
"""Facts that are read once; where objects share fewer, as those of which each has labels of its own, they are read anew."""


class About:
    """What one assertion, and all that share its facts, is to a decision. Each is made once, so it is its own key.

    Attributes:
        profile: for `accord.decide`.
        marks: ids of its markings that no standard fixes; their definitions go along with it.
        created_by: the STIX identity that it says wrote it.
    """

    __slots__ = ("created_by", "marks", "profile")

    def __init__(self, profile: Profile, marks: tuple[str, ...], created_by: str | None) -> None:
        self.profile, self.marks, self.created_by = profile, marks, created_by


class Profiles:
    """Reads the profiles of many assertions by their facts; what they share (definitions, accords) is read once."""

    def __init__(self, home: Home, now: datetime | None = None, seen: Relevant | None = None) -> None:
        """Read nothing yet but the consents that count.

        Args:
            home: this node.
            now: aware; as of when consents of originators count, None for at no time; and who has left an accord.
            seen: what the clauses of the accords that will decide ask about, where nothing else of a profile is wanted.
        """
        self._consents = consent.live(microseconds(now)) if now else {}
        self._now = now
        self._parted: dict[str, frozenset[str]] = {}
        self._node = home.node
        self._mapped = dict(home.mapped)
        self._index_key = index_key(home)
        self._definitions: dict[str, tuple[Kept, ...]] = {}
        self._accords: dict[str, Accord | None] = {}
        self._home = home
        self._authors: Mapping[str, frozenset[str]] | None = None
        self._markings: dict[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], Markings] = {}
        self._kept: dict[int, Facts] = {}
        self._about: dict[tuple[int, int | None], About] = {}
        self._made: dict[tuple[Facts, int | None], About] = {}
        self._same: dict[tuple[Profile, tuple[str, ...], str | None], About] = {}
        self._seen = seen
        self._with: dict[tuple[About, frozenset[tuple[str, str]]], About] = {}

    def read(self, page: Iterable[Kept]) -> tuple[tuple[Kept, About, Profile], ...]:
        """Each assertion with what it is to a decision, and its profile, in order."""
        rows = tuple(page)
        abouts = self.of((row.seq, row.facts_id, row.confidence) for row in rows)
        found = (abouts.get(row.seq) or self._of_body(row) for row in rows)
        return tuple((row, about, about.profile) for row, about in zip(rows, found, strict=True))

    def of(self, rows: Iterable[tuple[int, int | None, int | None]]) -> dict[int, About]:
        """What assertions are to a decision, by row; bodies are read only of those whose facts are not kept.

        Args:
            rows: (seq, facts_id, confidence) of each.
        """
        wanted = tuple(rows)
        if len(self._kept) > _FACTS_AT_HAND:
            self._kept.clear()
            self._about.clear()
            self._made.clear()
        new = {n for _, n, _ in wanted if n is not None} - self._kept.keys()
        if new:
            self._kept.update(facts.read(new))
        found, missing = {}, []
        for seq, facts_id, confidence in wanted:
            about = None if facts_id is None else self._by_id(facts_id, confidence)
            if about is None:
                missing.append(seq)
            else:
                found[seq] = about if seq not in self._consents else self._consented(seq, about)
        for row in objects.by_seq(missing).values() if missing else ():
            found[row.seq] = self._of_body(row)
        return found

    def _by_id(self, facts_id: int, confidence: int | None) -> About | None:
        key = facts_id, self._seen.band(confidence) if self._seen else confidence
        about = self._about.get(key)
        if about is None and facts_id in self._kept:
            about = self._about[key] = self._of(self._kept[facts_id], key[1])
        return about

    def _of_body(self, row: Kept) -> About:
        return self._consented(row.seq, self._of(facts.of(row), confidence_of(row.object)))

    def _of(self, known: Facts, confidence: int | None) -> About:
        key = known, self._seen.band(confidence) if self._seen else confidence
        if key not in self._made:
            made = self._make(*key)
            if self._seen:  # those that no clause can tell apart are one
                made.profile = self._seen.of(made.profile)
            self._made[key] = self._same.setdefault((made.profile, made.marks, made.created_by), made)
        return self._made[key]

    def _make(self, known: Facts, confidence: int | None) -> About:
        object_, overlay = known.object | {"confidence": confidence}, overlay_of(known)
        marks = {*marking_refs(object_), *(ref for _, ref in granular_refs(object_) if ref), *overlay}
        profile = profile_of(
            object_,
            self._marked(known.asserter, object_, overlay),
            asserter=known.asserter,
            own=self._is_own(known, object_),
            overlay=overlay,
            author=known.author,
            arrival=self._arrival(known, object_),
            exercise=known.exercise,
        )
        return About(
            profile, tuple(sorted(each for each in marks if tlp.of_id(each) is None)), _created_by(object_)
        )

    def _consented(self, seq: int, about: About) -> About:
        """With whom the originator named in consents that count now: they end by the clock, so facts do not hold them."""
        named, arrival = self._consents.get(seq), about.profile.arrival
        if named is None or arrival is None:
            return about
        if (about, named) not in self._with:
            profile = replace(about.profile, arrival=replace(arrival, consents=named))
            self._with[about, named] = About(profile, about.marks, about.created_by)
        return self._with[about, named]

    def definition(self, identifier: str, asserter: str) -> Kept | None:
        """The assertion that defines a marking of what `asserter` says; None for what the standard fixes, or nobody."""
        self._fetch({identifier})
        for node in (self._node, asserter):
            for kept in self._definitions.get(identifier, ()):
                if kept.asserter == node:
                    return kept
        return None

    def still_hold(self) -> bool:
        """Whether the definitions and consents that were read are still those that count."""
        found = objects.definitions(self._definitions, self._index_key)
        same = all(
            [(each.seq, each.sha256) for each in said]
            == [(each.seq, each.sha256) for each in found.get(identifier, ())]
            for identifier, said in self._definitions.items()
        )
        return same and self._consents == (consent.live(microseconds(self._now)) if self._now else {})

    def _fetch(self, identifiers: set[str]) -> None:
        wanted = {each for each in identifiers if tlp.of_id(each) is None} - self._definitions.keys()
        if wanted:
            found = objects.definitions(wanted, self._index_key)
            self._definitions.update({each: found.get(each, ()) for each in wanted})

    def _marked(self, asserter: str, object_: dict[str, Json], overlay: tuple[str, ...]) -> Markings:
        """What an assertion is marked with; most objects share one of a few markings, and these are read once."""
        refs = object_.get("object_marking_refs", [])
        texts = [ref for ref in refs if isinstance(ref, str)] if isinstance(refs, list) else []
        if "granular_markings" in object_ or texts != refs:
            return self._read_markings(asserter, object_, overlay)
        labels = object_.get("labels", [])
        named = [each for each in labels if isinstance(each, str)] if isinstance(labels, list) else []
        key = asserter, tuple(texts), overlay, tuple(named)
        if key not in self._markings:
            self._markings[key] = self._read_markings(asserter, object_, overlay)
        return self._markings[key]

    def _read_markings(self, asserter: str, object_: dict[str, Json], overlay: tuple[str, ...]) -> Markings:
        def definition_of(identifier: str) -> Mapping[str, Json] | None:
            found = self.definition(identifier, asserter)
            return found.object if found else None

        markings: Markings = read(object_, definition_of, self._mapped)
        for identifier in overlay:
            markings = join(markings, of_id(identifier, definition_of, self._mapped))
        return markings

    def _is_own(self, known: Facts, object_: Mapping[str, Json]) -> bool:
        if known.asserter != self._node or known.author not in (None, self._node):
            return False
        return known.author is not None or not self._claims_another(object_)

    def _claims_another(self, object_: Mapping[str, Json]) -> bool:
        """Whether it says that another node wrote it, which a person accepted here without proof."""
        created_by = _created_by(object_)
        if created_by is None or object_.get("type") == "marking-definition":
            return False
        if self._authors is None:
            self._authors = known_authors(self._home).authors
        claimed = self._authors.get(created_by.lower(), frozenset())
        return bool(claimed) and self._node not in claimed

    def _arrival(self, known: Facts, object_: Mapping[str, Json]) -> Arrival | None:
        if self._is_own(known, object_) or known.accord is None or known.day is None:
            return None
        accord = self._accord(known.accord)
        try:
            terms = read_terms(terms_of(known))
        except PartnerFault:
            return None
        if accord is None:
            return None
        agreed_until = end_of_retention(moment(known.day * DAY_US), accord.retention_days)
        gone = self._gone(accord)
        return Arrival(
            accord.key,
            accord.community,
            frozenset(accord.nodes) - gone,
            # What may be kept after an end is passed on no more.
            Onward.NONE if known.asserter in gone else stricter(terms.onward, accord.onward),
            earlier(terms.retention_until, agreed_until),
        )

    def _gone(self, accord: Accord) -> frozenset[str]:
        """The parties of an accord with which it binds us no more, as of now: it ended, or they or we left."""
        if self._now is None:
            return frozenset()
        if accord.id not in self._parted:
            lives, now = life.of(accord.id), self._now
            self._parted[accord.id] = frozenset(
                node
                for node in {node for version in lives.all for node in version.accord.nodes} - {self._node}
                if parted(lives.all, self._node, node, lives.chains, now)
            )
        return self._parted[accord.id]

    def _accord(self, cited: str) -> Accord | None:
        if cited not in self._accords:
            self._accords[cited] = cited_accord(cited)
        return self._accords[cited]


def cited_accord(cited: str) -> Accord | None:
    """The accord that "accord--… 3" names, once its signatures were complete; None if it is not known."""
    accord_id, _, number = cited.partition(" ")
    for kept in accords.versions(accord_id):
        if str(kept.version) == number and kept.in_force is not None:
            return _read_accord(kept.document)
    return None


@lru_cache(64)
def _read_accord(document: bytes) -> Accord:
    """The accord that these bytes are; the same one is cited by a hundred thousand objects."""
    return read_accord(orjson.loads(document))


def overlay_of(known: Facts) -> tuple[str, ...]:
    """Ids of the markings laid over an assertion, by us or by the terms under which it came; sorted."""
    added = terms_of(known).get("markings")
    given = (each for each in added if isinstance(each, str)) if isinstance(added, list) else ()
    return tuple(sorted({*known.overlay, *given}))


def terms_of(known: Facts) -> dict[str, Json]:
    """The terms under which an assertion came; empty where it came without."""
    found: dict[str, Json] = orjson.loads(known.terms) if known.terms else {}
    return found


def _created_by(object_: Mapping[str, Json]) -> str | None:
    named = object_.get("created_by_ref")
    return named if isinstance(named, str) else None
