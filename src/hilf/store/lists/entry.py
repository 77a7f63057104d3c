"""Entries and actions of lists as kept. What an entry means is `lists.entry`."""

from collections.abc import Iterable
from typing import NamedTuple

from hilf.store.database import execute, row, rows
from hilf.store.lists import hit


class KeptEntry(NamedTuple):
    """One entry: how it is looked for, as a person wrote it, and since when (microseconds since 1970)."""

    kind: str
    value: str
    text: str
    added: int


def of(name: str) -> tuple[KeptEntry, ...]:
    """The entries of a list, in order of their text."""
    return tuple(
        KeptEntry(*found)
        for found in rows(
            "SELECT kind, value, text, added FROM list_entry WHERE list = %s ORDER BY text, kind", (name,)
        )
    )


def counts() -> dict[str, int]:
    """How many entries each list has that has any."""
    return dict(rows("SELECT list, count(*) FROM list_entry GROUP BY list"))


def add(name: str, entries: Iterable[KeptEntry]) -> int:
    """Add entries, each once; how many are new. The objects are to be looked at anew."""
    added = sum(
        execute(
            "INSERT INTO list_entry (list, kind, value, text, added) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (list, kind, value) DO NOTHING",
            (name, *entry),
        )
        for entry in entries
    )
    if added:
        hit.changed()
    return added


def remove(name: str, entries: Iterable[tuple[str, str]]) -> int:
    """Take entries out, named by kind and value; how many there were. The objects are to be looked at anew."""
    removed = sum(
        execute("DELETE FROM list_entry WHERE list = %s AND kind = %s AND value = %s", (name, *entry))
        for entry in entries
    )
    if removed:
        hit.changed()
    return removed


def actions() -> dict[str, str]:
    """The action of each list that the nation set."""
    return dict(rows("SELECT list, action FROM list_action"))


def set_action(name: str, action: str) -> None:
    """Note what a list does from now on."""
    execute(
        "INSERT INTO list_action (list, action) VALUES (%s, %s)"
        " ON CONFLICT (list) DO UPDATE SET action = excluded.action",
        (name, action),
    )


def version() -> int:
    """A number that every change of the lists changes."""
    found = row("SELECT value FROM counter WHERE name = 'lists version'")
    return int(found[0]) if found else 0
