"""`hilf lists`: own assets, names of victims, special use, warning lists, and what each of them does (accord.md 4)."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hilf.canonical import Json, timestamp
from hilf.cli.face import Face, command, example
from hilf.errors import CallerFault, OperatorFault

if TYPE_CHECKING:
    from hilf.lists.entry import Entry
    from hilf.lists.hit import Hit
    from hilf.node.home import Home

_ACTIONS = ("stop", "warn", "off")
_KINDS = ("network", "domain", "mail", "hash", "name")
_FILE = click.option(
    "--file",
    "file",
    metavar="FILE",
    help="Entries, one on each line, or the first column of a CSV file; - for standard input.",
)
_KIND = click.option(
    "--kind", type=click.Choice(_KINDS), help="Of the values given, where it is not what they look like."
)


@click.group(
    epilog=example(
        "hilf lists add own-assets 198.51.100.0/24 ministry.example",
        "hilf lists add victims --file victims.csv",
        "hilf lists set public-dns-v4 stop",
        "hilf lists check 'http://198.51.100.7/x'",
    )
)
def lists() -> None:
    """What is looked for before anything leaves: own assets, victims, special use, warning lists."""


@lists.command("list", epilog=example("hilf lists list --json"))
@click.option("--all", "all_", is_flag=True, help="Those that are off as well.")
@command
def list_(face: Face, all_: bool) -> None:
    """Every list with what it does: stop, warn, off."""
    face.open()
    from hilf.node import lists as verbs

    every = verbs.listed()
    shown = [each for each in every if all_ or each.is_set or each.action.value != "off"]
    face.table(
        ("list", "does", "set by", "entries"),
        [(each.name, each.action.value, "you" if each.is_set else "default", each.size) for each in shown],
        "",
    )
    off = len(every) - len(shown)
    if off:
        face.say(f"{off} more are off. See them: hilf lists list --all")
    waiting = verbs.waiting()
    if waiting:
        face.say(f"To be looked at: {waiting} objects; none of them leaves before it is.")
    documents: list[Json] = [
        {"list": each.name, "action": each.action.value, "set": each.is_set, "entries": each.size}
        for each in every
    ]
    face.finish({"lists": documents, "waiting": waiting})


@lists.command("set", epilog=example("hilf lists set special-use stop"))
@click.argument("name", metavar="LIST")
@click.argument("action", type=click.Choice(_ACTIONS))
@command
def set_(face: Face, name: str, action: str) -> None:
    """Say what a list does: stop keeps an object here, warn shows it in the preview, off looks for nothing."""
    home = face.open()
    from hilf.lists.hit import Action
    from hilf.node import lists as verbs

    verbs.set_action(name, Action(action))
    face.say(f"{name}: {action}.")
    face.finish({"list": name, "action": action, "dropped": _dropped(face, home)})


@lists.command(
    epilog=example(
        "hilf lists add victims --file victims.csv",
        "hilf lists add own-assets 198.51.100.0/24 ministry.example",
    )
)
@click.argument("name", metavar="own-assets|victims")
@click.argument("values", nargs=-1, metavar="[VALUE]...")
@_FILE
@_KIND
@command
def add(face: Face, name: str, values: tuple[str, ...], file: str | None, kind: str | None) -> None:
    """Put addresses, blocks, domains, mail addresses, hashes or names on a list that this nation keeps.

    A domain stands for all below it, an address on the web for its host. Names are found in any script and spelling, as
    words of their own. What is typed here stays in the shell's history: names of victims are better given with --file.
    """
    home = face.open()
    from hilf.node import lists as verbs
    from hilf.node.home import now

    entries = _entries(values, file, kind)
    added = verbs.add(name, entries, now())
    known = len(entries) - added
    face.say(f"{added} added to {name}, {known} were on it.")
    face.finish({"list": name, "added": added, "known": known, "dropped": _dropped(face, home)})


@lists.command(epilog=example("hilf lists remove own-assets ministry.example"))
@click.argument("name", metavar="own-assets|victims")
@click.argument("values", nargs=-1, metavar="[VALUE]...")
@_FILE
@_KIND
@command
def remove(face: Face, name: str, values: tuple[str, ...], file: str | None, kind: str | None) -> None:
    """Take entries off a list that this nation keeps. Exit code 1 when none of them was on it."""
    face.open()
    from hilf.node import lists as verbs

    entries = _entries(values, file, kind)
    removed = verbs.remove(name, entries)
    face.say(f"{removed} taken off {name}, {len(entries) - removed} were not on it.")
    face.finish({"list": name, "removed": removed, "unknown": len(entries) - removed}, ok=removed > 0)


@lists.command(epilog=example("hilf lists show own-assets"))
@click.argument("name", metavar="own-assets|victims")
@command
def show(face: Face, name: str) -> None:
    """The entries of a list that this nation keeps."""
    face.open()
    from hilf.node import lists as verbs
    from hilf.store.instant import moment

    kept = verbs.entries_of(name)
    face.table(
        ("entry", "looked for as", "kind", "since"),
        [(each.text, each.value, each.kind, f"{moment(each.added):%Y-%m-%d}") for each in kept],
        f"Nothing stands on it yet. Fill it: hilf lists add {name} --file FILE",
    )
    entries: list[Json] = [
        {
            "entry": each.text,
            "value": each.value,
            "kind": each.kind,
            "added": timestamp(moment(each.added)),
        }
        for each in kept
    ]
    face.finish({"list": name, "entries": entries})


@lists.command(
    epilog=example(
        "hilf lists check 198.51.100.7", "hilf lists check indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
    )
)
@click.argument("what", metavar="VALUE|OBJECT")
@command
def check(face: Face, what: str) -> None:
    """What the lists say of a value, or of an object as it is kept here. Exit code 1 when one stops it."""
    home = face.open()
    from hilf.node import lists as verbs

    found = verbs.check(home, what)
    face.table(
        ("list", "does", "found", "entry", "place"),
        [(hit.list, hit.action.value, hit.value, hit.entry, hit.place) for hit in found],
        "No list speaks of it.",
    )
    stops = any(hit.action.value == "stop" for hit in found)
    face.finish({"hits": [as_json(hit) for hit in found], "stops": stops}, ok=not stops)


def _dropped(face: Face, home: "Home") -> int:
    """Decide anew about what waits for partners; how many acts do not leave any more."""
    from hilf.node import effects
    from hilf.node.home import now

    dropped = sum(each.dropped for each in effects.settle(home, now()))
    if dropped:
        face.say(f"Waited for partners and do not leave any more: {dropped} acts. See: hilf release list")
    return dropped


def as_json(hit: "Hit") -> dict[str, Json]:
    """A hit as commands print it."""
    return {
        "list": hit.list,
        "action": hit.action.value,
        "value": hit.value,
        "entry": hit.entry,
        "place": hit.place,
    }


def _entries(values: tuple[str, ...], file: str | None, kind: str | None) -> "list[Entry]":
    from hilf.lists.entry import Kind, read_entries, read_entry

    if not values and file is None:
        raise CallerFault(
            "lists.nothing-given",
            "No entry is given.",
            "",
            "Name values, or a file with one on each line: --file FILE",
        )
    given = [read_entry(value, Kind(kind) if kind else None) for value in values]
    return [*given, *read_entries(_lines(file))] if file is not None else given


def _lines(file: str) -> list[str]:
    try:
        if file == "-":
            return sys.stdin.buffer.read().decode().splitlines()
        return Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise OperatorFault(
            "lists.file", f"{file} cannot be read: {why}.", "Nothing was changed.", "Check the file."
        ) from error
