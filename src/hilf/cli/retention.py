"""`hilf retention`: what may be kept for a time only, here and at partners, and what became of it then (protocol.md 5)."""

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from hilf.cli.face import Face, command, example, iso_or_none
from hilf.stix.select import moment

if TYPE_CHECKING:
    from hilf.node.retention import Given, Received

# The verbs are imported inside of commands: they need a database in use, and `hilf --help` must be fast.


RECENT = timedelta(days=30)


@click.group(epilog=example("hilf retention list --due"))
def retention() -> None:
    """What may be kept for a time only, and what became of it then."""


@retention.command("list", epilog=example("hilf retention list --due --json"))
@click.option("--due", is_flag=True, help="Only what must have gone by now and has not.")
@click.option("--since", metavar="TIME", help="Whose time ends after this (default: thirty days ago).")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@command
def list_(face: Face, due: bool, since: str | None, limit: int) -> None:
    """What we received and what partners have of ours, in the order in which the times end.

    What we received is hidden and erased at that instant, unless a legal hold keeps it hidden. What partners have of ours
    is taken back with the reason expired; their confirmations stand here.
    """
    home = face.open_current()
    from hilf.node import retention as verbs
    from hilf.node.home import now

    at = now()
    after = moment(since) if since else at - RECENT
    received = verbs.overdue(home, at, limit) if due else verbs.received(home, after, limit)
    given = verbs.unconfirmed(home, at, limit) if due else verbs.given(home, after, limit)
    face.heading("Received")
    face.table(
        ("Object", "From", "Until", "Is", "Since"),
        [_line(each) for each in received],
        _empty(due, "we received"),
    )
    face.heading("Released")
    face.table(
        ("Object", "To", "Until", "Is", "Since"), [_line(each) for each in given], _empty(due, "we gave")
    )
    face.finish({"received": [_json(each) for each in received], "released": [_json(each) for each in given]})


@retention.command("run", epilog=example("hilf retention run"))
@command
def run(face: Face) -> None:
    """Do now what the worker does by itself: hide and erase what is over, and take it back from partners."""
    home = face.open()
    from hilf.node import retention as verbs
    from hilf.node.home import now

    done = verbs.carry_out(home, now())
    face.say(
        f"{done.hidden} hidden and {done.erased} erased here; {done.told} taken back from partners.",
    )
    face.finish({"hidden": done.hidden, "erased": done.erased, "told": done.told})


def _empty(due: bool, whose: str) -> str:
    return f"Nothing that {whose} is overdue." if due else f"Nothing that {whose} is bound to a time."


def _line(each: "Received | Given") -> tuple[str, ...]:
    return each.stix_id, each.node, iso_or_none(each.until) or "", each.state, iso_or_none(each.since) or ""


def _json(each: "Received | Given") -> dict[str, object]:
    return {
        "object": each.stix_id,
        "node": each.node,
        "until": iso_or_none(each.until),
        "state": each.state,
        "since": iso_or_none(each.since),
    }
