"""What recipients have of ours, or will have, before a release (accord.md 3, 4).

Decides what counts as there already: an act that carries the same version and was neither dropped, refused nor taken
back. One reading serves any number of recipients.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

import orjson

from hilf.accord.terms import Onward, Terms, read_terms
from hilf.store.intelligence import row as rows
from hilf.store.release import sent
from hilf.store.release.sent import Act

OWN_TERMS = Terms((), Onward.FREE)
"""The terms under which a node holds what it says itself."""


class Held:
    """What some nodes have of ours, looked up for many objects at once."""

    def __init__(self, nodes: Collection[str], index_key: bytes) -> None:
        self.nodes = tuple(nodes)
        self._index_key = index_key
        self._served = sent.any_to(self.nodes)
        self._acts: dict[str, dict[str, tuple[Act, ...]]] = {node: {} for node in self.nodes}
        self._known: set[str] = set()
        self._claims: dict[str, set[str]] = {}
        self._claimed: set[str] = set()
        self._terms: dict[int, Terms] = {}

    def look_up(self, stix_ids: Iterable[str]) -> None:
        """Read which acts gave these objects to the nodes, if that is not known yet."""
        if not self._served:
            return
        new = set(stix_ids) - self._known
        self._known |= new
        for node, stix_id, act in sent.counting(sorted(self._served), new, self._index_key):
            acts = self._acts[node]
            acts[stix_id] = (*acts.get(stix_id, ()), act)

    def look_up_ends(self, stix_ids: Iterable[str]) -> None:
        """Read what the nodes have of these objects, ours and their own, if that is not known yet."""
        wanted = set(stix_ids)
        self.look_up(wanted)
        new = wanted - self._claimed
        self._claimed |= new
        for stix_id, nodes in rows.asserters(new, self.nodes, self._index_key).items():
            self._claims[stix_id] = nodes

    def acts(self, node: str) -> dict[str, tuple[Act, ...]]:
        """Object → the acts that gave it to a node, or will, the oldest first; of what was looked up."""
        return self._acts[node]

    def terms(self, node: str, stix_id: str, now: datetime) -> Terms | None:
        """The widest terms under which a node holds an object and still may; None if it does not.

        It was looked up as an end before.
        """
        if node in self._claims.get(stix_id, ()):
            return OWN_TERMS
        acts = self._acts[node].get(stix_id)
        if acts is None:
            return None
        held = self._terms_of(acts)
        still = [terms for terms in held if terms.retention_until is None or terms.retention_until > now]
        return max(still, key=lambda terms: terms.onward.width, default=None)

    def _terms_of(self, acts: Collection[Act]) -> list[Terms]:
        new = [act.pos for act in acts if act.pos not in self._terms]
        for pos, envelope in sent.envelopes(new).items() if new else ():
            self._terms[pos] = terms_of(envelope)
        return [self._terms[act.pos] for act in acts if act.pos in self._terms]


def terms_of(envelope: bytes) -> Terms:
    """The terms of an object act."""
    return read_terms(orjson.loads(envelope)["terms"])
