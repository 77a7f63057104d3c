"""`hilf quarantine`: what waits for a person, and the two things that a person can do with it (protocol.md 3)."""

import getpass
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from hilf.cli.face import Face, command, example

if TYPE_CHECKING:
    from hilf.node.quarantine import Decided, Waiting

# The verbs are imported inside of commands: they need a database in use, and `hilf --help` must be fast.
_EXAMPLE = "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
_BECOMES = {
    "current": "current",
    "older": "an older version",
    "evidence": "nothing: evidence of a contradiction",
    "retracted": "nothing: it was retracted",
    "wrong": "nothing: it is wrong by the rules of today",
}


@click.group(
    epilog=example(
        "hilf quarantine list",
        f'hilf quarantine accept {_EXAMPLE} --peer cert.qn.example --reason "asked QN by phone"',
    )
)
def quarantine() -> None:
    """What waits for a person: see it, let it count, or drop it."""


@quarantine.command("list", epilog=example("hilf quarantine list --peer cert.qn.example"))
@click.option("--peer", metavar="NODE", help="Only what this partner sent.")
@click.option("--import", "import_id", type=int, metavar="N", help="Only what this import brought.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--after", type=int, default=0, help="Go on behind this number: `next` of the page before.")
@command
def list_(face: Face, peer: str | None, import_id: int | None, limit: int, after: int) -> None:
    """What waits, from whom, by which rule, and what accepting it would make of it.

    Nobody sees what waits, no search finds it, and it is released to nobody. Its bytes: hilf findings --json-lines
    """
    home = face.open()
    from hilf.canonical import timestamp
    from hilf.node import quarantine as verbs
    from hilf.node.home import now
    from hilf.store.instant import moment

    found = verbs.waiting(home, now(), verbs.Which(peer, import_id), limit, after)
    face.table(
        ("Object", "From", "Rule", "When", "Accepted it would be", "Hash"),
        [(w.stix_id, _from(w), w.rule, timestamp(moment(w.at)), _would_be(w), w.sha256[:12]) for w in found],
        "Nothing waits for a person: whatever came was accepted or refused by the rules, or decided already."
        " What was found wrong: hilf findings",
    )
    if found:
        face.say(
            f"Decide each: hilf quarantine accept {found[0].stix_id} --reason TEXT, or drop in place of accept."
        )
    more = found[-1].number if len(found) == limit else None
    if more:
        face.say(f"There may be more: hilf quarantine list --after {more}")
    documents = []
    for each in found:
        told = asdict(each)
        told.pop("number")
        documents.append(
            {
                "id": told.pop("stix_id"),
                "import": told.pop("import_id"),
                **told,
                "at": timestamp(moment(each.at)),
            }
        )
    face.finish({"waiting": documents, "next": more})


def _which(function: Callable[..., None]) -> Callable[..., None]:
    """The argument and options that say which version, and why."""
    for option in (
        click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept with the finding."),
        click.option(
            "--sha256", metavar="HASH", help="The version whose hash begins so, where several wait."
        ),
        click.option(
            "--import", "import_id", type=int, metavar="N", help="The version that this import brought."
        ),
        click.option("--peer", metavar="NODE", help="The version that this partner sent."),
        click.argument("stix_id", metavar="ID"),
    ):
        function = option(function)
    return function


@quarantine.command(
    epilog=example(f'hilf quarantine accept {_EXAMPLE} --peer cert.qn.example --reason "asked QN by phone"')
)
@_which
@command
def accept(
    face: Face, stix_id: str, peer: str | None, import_id: int | None, sha256: str | None, reason: str
) -> None:
    """Let a version count that waits; the partner that sent it is told.

    An author that it claims and does not prove is not named: it is the word of the node that says it, and treated as
    received. Two versions that contradict each other stay as evidence and cannot be accepted.
    """
    home = face.open()
    from hilf.node import quarantine as verbs
    from hilf.node.home import now

    which = verbs.Which(peer, import_id, sha256)
    done = verbs.accept(home, stix_id, which, reason, _account(), now())
    face.say(f"{stix_id} counts now, as {_BECOMES[done.became]}{', without author' * done.without_author}.")
    _finish(face, done)


@quarantine.command(
    epilog=example(f'hilf quarantine drop {_EXAMPLE} --import 3 --reason "not what QM wrote"')
)
@_which
@command
def drop(
    face: Face, stix_id: str, peer: str | None, import_id: int | None, sha256: str | None, reason: str
) -> None:
    """Erase a version that waits; the very same is not taken again, and the partner that sent it is told."""
    home = face.open()
    from hilf.node import quarantine as verbs
    from hilf.node.home import now

    which = verbs.Which(peer, import_id, sha256)
    done = verbs.drop(home, stix_id, which, reason, _account(), now())
    face.say(f"{stix_id} is dropped: its content is erased, and the same is not taken again.")
    _finish(face, done)


def _finish(face: Face, done: "Decided") -> None:
    if done.told:
        face.say(f"{', '.join(sorted(set(done.told)))} is told with the next round: hilf sync")
    document = asdict(done)
    face.finish({"id": document.pop("stix_id"), "import": document.pop("import_id"), **document})


def _from(each: "Waiting") -> str:
    return each.peer or f"import {each.import_id}"


def _would_be(each: "Waiting") -> str:
    return _BECOMES[each.becomes] + ", without author" * each.without_author


def _account() -> str:
    """Who decides: the name of the account on this machine."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name, as in a container
        return "unnamed account"
