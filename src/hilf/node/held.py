"""What recipients have of ours, or will have, before a release (accord.md 3, 4).

Decides what counts as there already: an act that carries the same version and was neither dropped, refused nor taken
back. What a node was told to let go it takes again only in a version that was modified later (protocol.md 3), so that
no older one is offered to it. One reading serves any number of recipients.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import orjson

from hilf.accord.terms import Onward, Terms, read_terms
from hilf.store.intelligence import row as rows
from hilf.store.release import sent, taken
from hilf.store.release.sent import Act
from hilf.store.release.taken import Taken

OWN_TERMS = Terms((), Onward.FREE)
"""The terms under which a node holds what it says itself."""


class Held:
    """What some nodes have of ours, looked up for many objects at once."""

    def __init__(self, nodes: Collection[str], index_key: bytes) -> None:
        self.nodes = tuple(nodes)
        self._index_key = index_key
        self._served = sent.any_to(self.nodes)
        self._told = taken.any_from(self._served)
        self._acts: dict[str, dict[str, tuple[Act, ...]]] = {node: {} for node in self.nodes}
        self._taken: dict[str, dict[int, Taken]] = {node: {} for node in self.nodes}
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
        let_go = self._look_up_taken(new)
        for node, stix_id, act in sent.counting(sorted(self._served), new, self._index_key):
            if act.pos not in let_go:
                acts = self._acts[node]
                acts[stix_id] = (*acts.get(stix_id, ()), act)

    def _look_up_taken(self, stix_ids: Iterable[str]) -> set[int]:
        """Read what of these objects the nodes were told to let go; the places of the acts that had given it."""
        if not self._told:
            return set()
        found = list(taken.of(self._told, stix_ids, self._index_key))
        newest: dict[str, dict[str, Taken]] = {}
        for each in found:
            by_node = newest.setdefault(each.stix_id, {})
            before = by_node.get(each.peer)
            if before is None or before.modified <= each.modified:
                by_node[each.peer] = each
        for seq, stix_id, modified in taken.rows_of(newest, self._index_key):
            for node, each in newest[stix_id].items():
                if modified <= each.modified:
                    self._taken[node][seq] = each
        return {each.pos for each in found}

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

    def taken(self, node: str) -> Mapping[int, Taken]:
        """Row → the act by which a node had had it, or a later version, until it was told to let go; of what was looked up."""
        return self._taken[node]

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
