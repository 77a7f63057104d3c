"""Markings and labels of this node over what it holds, whoever wrote it, for many objects at once.

Decides what a person may lay over an object: TLP and PAP, and only so that it gets stricter; a looser word belongs into a
new version by its author. Kept bytes are never edited (accord.md 2): a marking stands beside the object and goes along in
the terms of an act; a label of ours stays here.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hilf.accord.placing import ObjectState
from hilf.errors import CallerFault
from hilf.markings import overlay, tlp
from hilf.node.home import Home, index_key
from hilf.stix.marking_definition import fixed
from hilf.store.database import transaction
from hilf.store.instant import microseconds
from hilf.store.intelligence import label, read
from hilf.store.intelligence.assertion import Kept
from hilf.store.intelligence.write import put_overlay
from hilf.store.release import sent

LONGEST_LABEL: Final = 100
_AT_ONCE: Final = 500
_LABEL: Final = re.compile(r"[^\s,\"\x00-\x1f][^,\"\x00-\x1f]*")


@dataclass(frozen=True, slots=True)
class Marked:
    """What became of objects that were to be marked.

    Attributes:
        stricter: assertions that have the marking now and had it not before.
        same: those that had it, or something stricter of the same kind.
        left: ids of those of them that partners hold: they are not told.
    """

    stricter: int = 0
    same: int = 0
    left: tuple[str, ...] = ()


def mark(home: Home, stix_ids: Iterable[str], marking: str) -> Marked:
    """Lay a marking over every current assertion of these objects, where it makes them stricter.

    Args:
        home: an open home.
        stix_ids: the objects.
        marking: "tlp:green", "tlp:amber,pap:red".

    Raises:
        CallerFault: "markings.tlp", "markings.pap", "markings.twice".
    """
    laid = overlay.parse(marking)
    wanted, key, done = list(dict.fromkeys(stix_ids)), index_key(home), Marked()
    for n in range(0, len(wanted), _AT_ONCE):
        with transaction():
            held = read.definitions(wanted[n : n + _AT_ONCE], key)
            rows = [row for each in held.values() for row in each if not _is_standard(row)]
            done = _plus(done, _lay(home.node, rows, laid))
    return done


def put_label(home: Home, stix_ids: Sequence[str], word: str, by: str, now: datetime) -> int:
    """Put a label of ours on these objects; on how many it is new.

    Raises:
        CallerFault: "label.word".
    """
    written = _checked(word)
    with transaction():
        return label.put(stix_ids, written, by, microseconds(now), index_key(home))


def take_label(home: Home, stix_ids: Sequence[str], word: str) -> int:
    """Take a label of ours off these objects; off how many.

    Raises:
        CallerFault: "label.word".
    """
    with transaction():
        return label.take(stix_ids, _checked(word), index_key(home))


def labels_of(home: Home, stix_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The labels of ours on these objects, by object."""
    found: dict[str, tuple[str, ...]] = {}
    for each in label.of(stix_ids, index_key(home)):
        found[each.stix_id] = (*found.get(each.stix_id, ()), each.label)
    return found


def _lay(me: str, rows: Sequence[Kept], laid: Sequence[overlay.Level]) -> Marked:
    put: dict[int, tuple[tuple[str, ...], int | None]] = {}
    for row in rows:
        new = [level.marking_id for level in laid if not _has(me, row, level)]
        if new:
            levels = [level for level in laid if isinstance(level, tlp.Tlp)]
            tightest = max((int(level) for level in (*levels, row.tlp) if level is not None), default=None)
            put[row.seq] = tuple(sorted({*row.overlay, *new})), tightest
    put_overlay(put)
    gone = {act.stix_id for act in sent.of_rows(put) if act.counts}
    return Marked(len(put), len(rows) - len(put), tuple(sorted(gone)))


def _has(me: str, row: Kept, level: overlay.Level) -> bool:
    """Whether it is as strict already; what another node wrote without a level is AMBER+STRICT, and is not loosened here."""
    held = row.tlp if row.tlp is not None or row.owner == me else tlp.WHERE_MISSING
    if isinstance(level, tlp.Tlp) and held is not None:
        return held >= level
    return level.marking_id in row.overlay


def _is_standard(row: Kept) -> bool:
    """A marking that every node knows by its id is marked by nobody."""
    return row.state is not ObjectState.CURRENT or (
        row.type == "marking-definition" and fixed(row.stix_id) is not None
    )


def _plus(one: Marked, other: Marked) -> Marked:
    return Marked(one.stricter + other.stricter, one.same + other.same, (*one.left, *other.left))


def _checked(word: str) -> str:
    written = " ".join(word.split())
    if not _LABEL.fullmatch(written) or len(written) > LONGEST_LABEL:
        raise CallerFault(
            "label.word",
            f"{word[:60]!r} is no label." if word.strip() else "The label is empty.",
            f"A label has at most {LONGEST_LABEL} characters, and neither commas nor quotes: it is found by label:WORD.",
            "Write one such as watch or case-2026-14.",
        )
    return written
