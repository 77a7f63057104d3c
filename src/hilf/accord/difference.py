"""Difference: what an amendment changes in the text of the version before, so that an officer need not compare two by eye.

Decides nothing. Lists whose entries have a name are compared name by name: parties, clauses, and promises by request and
urgency. All other members are compared whole, and texts language by language. The order of clauses means nothing, and the
first of the parties proposes (accord.md 1).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from hilf.accord.document import Accord
from hilf.canonical import Json

_OF_EVERY_VERSION: Final = frozenset({"v", "type", "id", "version", "prev"})


@dataclass(frozen=True, slots=True)
class Change:
    """One place where two versions differ.

    Attributes:
        place: the member, or `party NODE`, `clause ID`, `promise REQUEST URGENCY`; of what is in both, the member in it
            behind a colon, such as `clause c-1: when`, and of texts the language in brackets, such as `title (fr)`.
        before: what stood there; None where there was nothing.
        after: what stands there; None where there is nothing any more.
    """

    place: str
    before: Json
    after: Json

    @property
    def word(self) -> str:
        """Whether it was added, removed or changed."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"

    def json(self) -> dict[str, Json]:
        """For `--json`."""
        return {"place": self.place, "change": self.word, "before": self.before, "after": self.after}


def changes(before: Accord, after: Accord) -> tuple[Change, ...]:
    """Everywhere that two versions of an accord differ, in the order of the members; empty if they say the same."""
    old, new = before.json(), after.json()
    found: list[Change] = []
    for name in dict.fromkeys((*old, *new)):
        if name not in _OF_EVERY_VERSION:
            found += _member(name, old.get(name), new.get(name))
    if before.proposer != after.proposer:
        found.append(Change("proposer", before.proposer, after.proposer))
    return tuple(found)


def _member(name: str, old: Json, new: Json) -> Iterator[Change]:
    if name in _NAMED:
        word, members = _NAMED[name]
        yield from _entries(word, _by_name(old, members), _by_name(new, members))
    elif name == "title":
        yield from _texts(name, old, new)
    elif old != new:
        yield Change(name, old, new)


_NAMED: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "parties": ("party", ("node",)),
    "clauses": ("clause", ("id",)),
    "promises": ("promise", ("request", "urgency")),
}
"""Lists whose entries have a name: how an entry is called, and the members that name it."""


def _by_name(entries: Json, members: tuple[str, ...]) -> dict[str, list[dict[str, Json]]]:
    """The entries by their name; promises may share one."""
    found: dict[str, list[dict[str, Json]]] = {}
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            found.setdefault(" ".join(str(entry[member]) for member in members), []).append(entry)
    return found


def _entries(
    word: str, old: Mapping[str, list[dict[str, Json]]], new: Mapping[str, list[dict[str, Json]]]
) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name, []), new.get(name, [])
        for n in range(max(len(before), len(after))):
            if n >= len(before):
                yield Change(f"{word} {name}", None, after[n])
            elif n >= len(after):
                yield Change(f"{word} {name}", before[n], None)
            else:
                yield from _inside(f"{word} {name}", before[n], after[n])


def _inside(place: str, old: Mapping[str, Json], new: Mapping[str, Json]) -> Iterator[Change]:
    for member in dict.fromkeys((*old, *new)):
        if member == "text":
            yield from _texts(f"{place}: text", old.get(member), new.get(member))
        elif old.get(member) != new.get(member):
            yield Change(f"{place}: {member}", old.get(member), new.get(member))


def _texts(place: str, old: Json, new: Json) -> Iterator[Change]:
    before, after = (each if isinstance(each, dict) else {} for each in (old, new))
    for language in dict.fromkeys((*before, *after)):
        if before.get(language) != after.get(language):
            yield Change(f"{place} ({language})", before.get(language), after.get(language))
