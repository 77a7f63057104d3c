"""Profiles of what is kept: everything about one assertion that a release decision may depend on (accord.md 3).

Decides which definition a marking has here: our own word on it comes first, then that of the node that said what is
marked, and nobody else's. So a partner cannot loosen another's marking by defining it anew, nor by defining it first.
What came from a partner carries the accord and the terms under which it came, and terms that are looser than that
accord count as the accord has them. What we say of what another node wrote is passed on, not our own: bringing it in
once more from a file frees it of nothing.
Markings are read in `hilf.markings`, the decision is `accord.decide`.
"""

from collections.abc import Iterable, Mapping

import orjson

from hilf.accord.document import Accord, read_accord
from hilf.accord.profile import Arrival, Profile, profile_of
from hilf.accord.terms import earlier, end_of_retention, read_terms, stricter
from hilf.canonical import Json
from hilf.errors import PartnerFault
from hilf.markings import tlp
from hilf.markings.granular import granular_refs
from hilf.markings.marking import Markings, join
from hilf.markings.read import of_id, read
from hilf.node.author import known_authors
from hilf.node.home import Home, index_key
from hilf.stix.marking_definition import marking_refs
from hilf.store.accord import version as accords
from hilf.store.instant import moment
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Kept


class Profiles:
    """Reads the profiles of many assertions; what they share (definitions, accords) is read once."""

    def __init__(self, home: Home) -> None:
        self._node = home.node
        self._index_key = index_key(home)
        self._definitions: dict[str, tuple[Kept, ...]] = {}
        self._accords: dict[str, Accord | None] = {}
        self._home = home
        self._authors: Mapping[str, frozenset[str]] | None = None
        self._markings: dict[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], Markings] = {}

    def read(self, page: Iterable[Kept]) -> tuple[tuple[Kept, dict[str, Json], Profile], ...]:
        """Each assertion with its object and profile, in order."""
        parsed = [(kept, kept.object) for kept in page]
        self._fetch({ref for kept, object_ in parsed for ref in markings_on(kept, object_)})
        return tuple((kept, object_, self._profile(kept, object_)) for kept, object_ in parsed)

    def definition(self, identifier: str, asserter: str) -> Kept | None:
        """The assertion that defines a marking of what `asserter` says; None for what the standard fixes, or nobody."""
        self._fetch({identifier})
        for node in (self._node, asserter):
            for kept in self._definitions.get(identifier, ()):
                if kept.asserter == node:
                    return kept
        return None

    def _fetch(self, identifiers: set[str]) -> None:
        wanted = {each for each in identifiers if tlp.of_id(each) is None} - self._definitions.keys()
        if wanted:
            found = objects.definitions(wanted, self._index_key)
            self._definitions.update({each: found.get(each, ()) for each in wanted})

    def _profile(self, kept: Kept, object_: dict[str, Json]) -> Profile:
        overlay = overlay_of(kept)
        return profile_of(
            object_,
            self._marked(kept, object_, overlay),
            asserter=kept.asserter,
            own=self._is_own(kept),
            overlay=overlay,
            author=kept.author,
            arrival=self._arrival(kept),
            exercise=kept.exercise is not None,
        )

    def _marked(self, kept: Kept, object_: dict[str, Json], overlay: tuple[str, ...]) -> Markings:
        """What an assertion is marked with; most objects share one of a few markings, and these are read once."""
        refs = object_.get("object_marking_refs", [])
        texts = [ref for ref in refs if isinstance(ref, str)] if isinstance(refs, list) else []
        if "granular_markings" in object_ or texts != refs:
            return self._read_markings(kept.asserter, object_, overlay)
        labels = object_.get("labels", [])
        named = [each for each in labels if isinstance(each, str)] if isinstance(labels, list) else []
        key = kept.asserter, tuple(texts), overlay, tuple(named)
        if key not in self._markings:
            self._markings[key] = self._read_markings(kept.asserter, object_, overlay)
        return self._markings[key]

    def _read_markings(self, asserter: str, object_: dict[str, Json], overlay: tuple[str, ...]) -> Markings:
        def definition_of(identifier: str) -> Mapping[str, Json] | None:
            found = self.definition(identifier, asserter)
            return found.object if found else None

        markings: Markings = read(object_, definition_of)
        for identifier in overlay:
            markings = join(markings, of_id(identifier, definition_of))
        return markings

    def _is_own(self, kept: Kept) -> bool:
        if kept.asserter != self._node or kept.author not in (None, self._node):
            return False
        return kept.author is not None or kept.created_by is None or not self._claims_another(kept)

    def _claims_another(self, kept: Kept) -> bool:
        """Whether it says that another node wrote it, which a person accepted here without proof."""
        if self._authors is None:
            self._authors = known_authors(self._home).authors
        claimed = self._authors.get(kept.created_by.lower(), frozenset()) if kept.created_by else frozenset()
        return kept.type != "marking-definition" and bool(claimed) and self._node not in claimed

    def _arrival(self, kept: Kept) -> Arrival | None:
        if self._is_own(kept) or kept.accord is None:
            return None
        accord = self._accord(kept.accord)
        try:
            terms = read_terms(dict(kept.terms))
        except PartnerFault:
            return None
        if accord is None:
            return None
        agreed_until = end_of_retention(moment(kept.received), accord.retention_days)
        return Arrival(
            accord.key,
            accord.community,
            frozenset(accord.nodes),
            stricter(terms.onward, accord.onward),
            earlier(terms.retention_until, agreed_until),
        )

    def _accord(self, cited: str) -> Accord | None:
        if cited not in self._accords:
            self._accords[cited] = cited_accord(cited)
        return self._accords[cited]


def cited_accord(cited: str) -> Accord | None:
    """The accord that "accord--… 3" names, once its signatures were complete; None if it is not known."""
    accord_id, _, number = cited.partition(" ")
    for kept in accords.versions(accord_id):
        if str(kept.version) == number and kept.in_force is not None:
            return read_accord(orjson.loads(kept.document))
    return None


def markings_on(kept: Kept, object_: Mapping[str, Json]) -> set[str]:
    """Ids of every marking on an assertion: in the object, on its parts, and laid over it."""
    return {*marking_refs(object_), *(ref for _, ref in granular_refs(object_) if ref), *overlay_of(kept)}


def overlay_of(kept: Kept) -> tuple[str, ...]:
    """Ids of the markings laid over an assertion, by us or by the terms under which it came; sorted."""
    added = kept.terms.get("markings")
    given = (each for each in added if isinstance(each, str)) if isinstance(added, list) else ()
    return tuple(sorted({*kept.overlay, *given}))
