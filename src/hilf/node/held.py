"""What recipients have of ours, or will have, before a release (accord.md 3, 4).

Decides what counts as there already: an act that carries the same version and was neither dropped, refused nor taken
back. What a node was told to let go it takes again only in a version that was modified later, or, where only the time was
over, under the next agreement (protocol.md 3; docs/adr/0021), so that no older one is offered to it. One reading serves any
number of recipients; it is of some objects, and let go afterwards.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import orjson

from hilf.accord.terms import Onward, Terms, read_terms
from hilf.store.intelligence import row as rows
from hilf.store.release import sent, taken
from hilf.store.release.sent import Act
from hilf.store.release.taken import Taken

Acts = Mapping[str, Sequence[Act]]
"""Object → the acts that gave it to a node, or will, the oldest first."""


class Held:
    """What some nodes have of ours."""

    def __init__(self, nodes: Collection[str], index_key: bytes) -> None:
        self.nodes = tuple(nodes)
        self._index_key = index_key
        self._served = sent.any_to(self.nodes)
        self._told = taken.any_from(self._served)

    def known(self, stix_ids: Iterable[str]) -> "Known":
        """What the nodes have of these objects: acts of ours, and what they were told to let go."""
        return Known(stix_ids, self._served, self._told, self._index_key)

    def widest(self, stix_ids: Iterable[str], now: datetime) -> dict[str, dict[str, Onward]]:
        """Node → object → how freely the node may pass it on, of these objects: its own, and what it holds of us and still may."""
        wanted = set(stix_ids)
        found: dict[str, dict[str, Onward]] = {}
        for node, acts in self.known(wanted).by_node.items():
            terms = _terms(act.pos for each in acts.values() for act in each)
            for stix_id, given in acts.items():
                still = [t for act in given if (t := terms.get(act.pos)) and not _is_over(t, now)]
                if still:
                    onward = max((each.onward for each in still), key=lambda each: each.width)
                    found.setdefault(node, {})[stix_id] = onward
        for stix_id, nodes in rows.asserters(wanted, self.nodes, self._index_key).items():
            for node in nodes:
                found.setdefault(node, {})[stix_id] = Onward.FREE
        return found


class Known:
    """What some nodes have of some objects.

    Attributes:
        by_node: node → object → acts; of nodes and objects that have any.
    """

    def __init__(
        self, stix_ids: Iterable[str], served: Collection[str], told: Collection[str], index_key: bytes
    ) -> None:
        self.by_node: dict[str, dict[str, list[Act]]] = {}
        self._taken: dict[str, dict[int, Taken]] = {}
        if not served:
            return
        wanted = set(stix_ids)
        let_go = self._look_up_taken(told, wanted, index_key)
        for node, stix_id, act in sent.counting(sorted(served), wanted, index_key):
            if act.pos not in let_go:
                self.by_node.setdefault(node, {}).setdefault(stix_id, []).append(act)

    def acts(self, node: str) -> Acts:
        """The acts to a node."""
        return self.by_node.get(node, {})

    def taken(self, node: str) -> Mapping[int, Taken]:
        """Row → the act by which a node had had it, or a later version, until it was told to let go."""
        return self._taken.get(node, {})

    def _look_up_taken(self, told: Collection[str], stix_ids: Iterable[str], index_key: bytes) -> set[int]:
        """Read what of these objects the nodes were told to let go; the places of the acts that had given it."""
        if not told:
            return set()
        found = list(taken.of(told, stix_ids, index_key))
        newest: dict[str, dict[str, Taken]] = {}
        for each in found:
            by_node = newest.setdefault(each.stix_id, {})
            before = by_node.get(each.peer)
            if before is None or before.modified <= each.modified:
                by_node[each.peer] = each
        for seq, stix_id, modified in taken.rows_of(newest, index_key):
            for node, each in newest[stix_id].items():
                if modified <= each.modified:
                    self._taken.setdefault(node, {})[seq] = each
        return {each.pos for each in found}


def carrying(acts: Sequence[Act], sha256: bytes) -> Act | None:
    """The last act that carries this version."""
    return next((act for act in reversed(acts) if act.sha256 == sha256), None)


def terms_of(envelope: bytes) -> Terms:
    """The terms of an object act."""
    return read_terms(orjson.loads(envelope)["terms"])


def _terms(positions: Iterable[int]) -> dict[int, Terms]:
    return {pos: terms_of(envelope) for pos, envelope in sent.envelopes(positions).items()}


def _is_over(terms: Terms, now: datetime) -> bool:
    return terms.retention_until is not None and terms.retention_until <= now
