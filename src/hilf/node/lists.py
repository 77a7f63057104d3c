"""Lists: what of our objects stands on a list, and what we do about it before anything leaves (accord.md 4).

Decides when an object counts as looked at: once, with the lists as they are now. The worker looks ahead (`fill`); what it has
not reached yet is looked at on the spot by `hits`, so nothing leaves without. A changed list makes all of it anew.
What the lists hold and what they found is for this node alone: it stands in no log, no error and no act.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol

import orjson

from hilf.canonical import Json
from hilf.errors import CallerFault
from hilf.lists import matcher, warning
from hilf.lists.entry import Entry, Kind
from hilf.lists.hit import BUILT_IN, NATIONAL, Action, Hit, default_action
from hilf.lists.matcher import Matcher
from hilf.node.home import Home, index_key
from hilf.store.database import transaction
from hilf.store.instant import microseconds
from hilf.store.intelligence import read as objects
from hilf.store.lists import entry as entries
from hilf.store.lists import hit as found_
from hilf.store.lists.entry import KeptEntry
from hilf.store.lists.hit import KeptHit

FILL_AT_ONCE: Final = 2_000
"""Objects looked at in one transaction: partners wait for it, so it takes a fraction of a second."""

_PIECE: Final = 500

Lists = tuple[int, tuple[tuple[str, Action], ...]]
"""Edition of the lists, and what each does."""


class Row(Protocol):
    """Whatever stands for an assertion that is kept."""

    @property
    def seq(self) -> int:
        """Its row."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One list: what it does, whether the nation set that, and how many entries it has."""

    name: str
    action: Action
    is_set: bool
    size: int


def actions() -> dict[str, Action]:
    """What every list does here, those of the nation first."""
    set_here = entries.actions()
    return {
        name: Action(set_here[name]) if name in set_here else default_action(name, warning.ON)
        for name in (*NATIONAL, *BUILT_IN, *warning.names())
    }


def listed() -> tuple[Listed, ...]:
    """Every list, those of the nation first."""
    set_here, counts = entries.actions(), entries.counts()
    return tuple(
        Listed(
            name, action, name in set_here, counts.get(name, 0) if name in NATIONAL else warning.size(name)
        )
        for name, action in actions().items()
    )


def set_action(name: str, action: Action) -> None:
    """Say what a list does from now on.

    Raises:
        CallerFault: "lists.unknown".
    """
    check_known(name)
    with transaction():
        before = actions()[name]
        entries.set_action(name, action.value)
        if (before is Action.OFF) != (action is Action.OFF):
            found_.changed()


def add(name: str, new: Iterable[Entry], now: datetime) -> int:
    """Put entries on a list that the nation keeps; how many were not on it.

    Raises:
        CallerFault: "lists.unknown" or "lists.not-ours".
    """
    _check_ours(name)
    at = microseconds(now)
    with transaction():
        return entries.add(name, [KeptEntry(each.kind.value, each.value, each.text, at) for each in new])


def remove(name: str, old: Iterable[Entry]) -> int:
    """Take entries off a list that the nation keeps; how many were on it.

    Raises:
        CallerFault: "lists.unknown" or "lists.not-ours".
    """
    _check_ours(name)
    with transaction():
        return entries.remove(name, [(each.kind.value, each.value) for each in old])


def entries_of(name: str) -> tuple[KeptEntry, ...]:
    """The entries of a list that the nation keeps.

    Raises:
        CallerFault: "lists.unknown" or "lists.not-ours".
    """
    _check_ours(name)
    return entries.of(name)


def hits(home: Home, rows: Iterable[Row]) -> dict[int, tuple[Hit, ...]]:
    """What of these assertions stands on a list that stops or warns, by row; rows without hits are missing.

    Assertions that were not looked at with the lists as they are now are looked at here. Bodies are read only for these.
    """
    return hits_and_lists(home, rows)[0]


def hits_and_lists(home: Home, rows: Iterable[Row]) -> tuple[dict[int, tuple[Hit, ...]], Lists]:
    """As `hits`, and the lists by which it was found: while `as_they_are` gives the same, so would `hits`."""
    rows, doing = tuple(rows), actions()
    by_row: defaultdict[int, list[Hit]] = defaultdict(list)
    found, edition = _found(home, rows)
    for each in found:
        action = doing.get(each.list, Action.OFF)
        if action is not Action.OFF:
            by_row[each.object_seq].append(Hit(each.list, action, each.value, each.place, each.entry))
    return {seq: tuple(all_) for seq, all_ in by_row.items()}, (edition, tuple(doing.items()))


def as_they_are() -> Lists:
    """The lists and what they do at this instant."""
    doing = actions()
    return _edition(), tuple(doing.items())


def look(home: Home, stix_object: Mapping[str, Json]) -> tuple[Hit, ...]:
    """What of an object stands on a list that stops or warns; for forms that are not kept, such as a redacted one."""
    doing = actions()
    return tuple(
        Hit(each.list, doing[each.list], each.value, each.place, each.entry)
        for each in _matcher(home.path, _edition()).look(stix_object)
    )


def look_at_value(home: Home, text: str) -> tuple[Hit, ...]:
    """What a text, taken as an observable value and as words, meets on the lists."""
    return look(home, {"type": "indicator", "pattern": text})


def check(home: Home, what: str) -> tuple[Hit, ...]:
    """What the lists say of a value, or of every version of an object that is kept here and has a body.

    Args:
        home: this node.
        what: an id of an object that is kept here; else it is taken as a value.
    """
    rows = [kept for kept in objects.assertions_of(what, index_key(home)) if kept.body is not None]
    if not rows:
        return look_at_value(home, what)
    return tuple(dict.fromkeys(hit for kept in rows for hit in look(home, kept.object)))


def fill(home: Home, limit: int = FILL_AT_ONCE) -> int:
    """Look at the next assertions, in the caller's transaction; how many, 0 when none waits."""
    edition = _edition()
    rows = found_.bodies(found_.begin(edition), limit)
    if rows:
        bodies = ((seq, body) for seq, body in rows if body is not None)
        found_.put(_look_at(_matcher(home.path, edition), bodies))
        found_.looked_at(rows[-1][0])
    return len(rows)


def waiting() -> int:
    """About how many assertions the worker has not looked at with the lists as they are."""
    return found_.waiting(_edition())


def check_known(name: str) -> None:
    """Refuse a name that no list has.

    Raises:
        CallerFault: "lists.unknown".
    """
    if name not in (*NATIONAL, *BUILT_IN, *warning.names()):
        raise CallerFault(
            "lists.unknown", f"There is no list {name[:60]}.", "", "See which there are: hilf lists list"
        )


def _check_ours(name: str) -> None:
    check_known(name)
    if name not in NATIONAL:
        raise CallerFault(
            "lists.not-ours",
            f"{name} is kept by others.",
            f"The nation keeps {' and '.join(NATIONAL)}; of the others it says what they do.",
            f"Switch it: hilf lists set {name} stop|warn|off",
        )


def _found(home: Home, rows: Sequence[Row]) -> tuple[list[KeptHit], int]:
    """What stands on lists in these rows, by the lists as they are when this ends, and their edition."""
    while True:
        edition = _edition()
        upto = found_.looked(edition)
        found = list(found_.of([row.seq for row in rows if row.seq <= upto]))
        waiting = [row.seq for row in rows if row.seq > upto]
        for n in range(0, len(waiting), _PIECE):
            found += _look_at(_matcher(home.path, edition), found_.bodies_of(waiting[n : n + _PIECE]))
        if edition == _edition() and upto <= found_.looked(edition):
            return (
                found,
                edition,
            )  # else a list changed meanwhile, and the worker may have taken away what was found


def _look_at(with_: Matcher, bodies: Iterable[tuple[int, bytes]]) -> Iterator[KeptHit]:
    """What stands on lists in these rows."""
    for seq, body in bodies:
        for each in with_.look(orjson.loads(body)):
            yield KeptHit(seq, each.list, each.value, each.entry, each.place)


def _edition() -> int:
    """A number for the lists as they are: what was found with others does not count."""
    text = f"{matcher.EDITION} {warning.edition()} {entries.version()}"
    return int.from_bytes(sha256(text.encode()).digest()[:7], "big")


def state() -> str:
    """The lists and what they do, as a text that is another one after every change."""
    text = f"{_edition()} {sorted(entries.actions().items())}"
    return f"lists:{sha256(text.encode()).hexdigest()[:16]}"


@lru_cache(maxsize=4)
def _matcher(home: Path, edition: int) -> Matcher:  # noqa: ARG001  # both name the lists that are made ready
    """The lists that are not off, made ready."""
    on = [name for name, action in actions().items() if action is not Action.OFF]
    national: dict[str, list[Entry]] = {
        name: [Entry(Kind(each.kind), each.value, each.text) for each in entries.of(name)]
        for name in NATIONAL
        if name in on
    }
    return Matcher(national, [_value_list(name) for name in on if name not in NATIONAL])


@lru_cache(maxsize=64)
def _value_list(name: str) -> matcher.ValueList:
    return warning.read(name)
