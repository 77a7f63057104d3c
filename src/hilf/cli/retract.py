"""`hilf retract`: take back what was said, and see who confirmed it (protocol.md 5; faces.md 1)."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from hilf.canonical import Json, timestamp
from hilf.cli.counting import counting
from hilf.cli.face import Face, command, example
from hilf.federation.retraction import RetractionReason
from hilf.stix.select import moment

if TYPE_CHECKING:
    from hilf.node.confirmed import Told, Withdrawn

# The verbs are imported inside of commands: they need a database in use, and `hilf --help` must be fast.


class ObjectFirst(click.Group):
    """Takes an object where the name of a command could stand: `hilf retract OBJECT` is `hilf retract object OBJECT`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Send what is no command of ours to `object`."""
        if args and self.get_command(ctx, args[0]) is None:
            args = ["object", *args]
        return super().resolve_command(ctx, args)


@click.group(
    cls=ObjectFirst,
    subcommand_metavar="OBJECT|COMMAND [OPTIONS]",
    epilog=example(
        "hilf retract indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --reason error",
        "hilf retract status indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
    ),
)
def retract() -> None:
    """Take back what this node said of an object, everywhere."""


@retract.command(
    "object",
    epilog=example(
        "hilf retract indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --reason source-at-risk --as officer"
    ),
)
@click.argument("object_id", metavar="OBJECT")
@click.option(
    "--reason", required=True, type=click.Choice([each.value for each in RetractionReason]), help="Why."
)
@click.option(
    "--deadline", metavar="TIME", help="When confirmations are wanted, ISO (default: in three days)."
)
@click.option(
    "--as",
    "officers",
    multiple=True,
    metavar="OFFICER",
    help="Who stands behind it; two officers make partners erase a source at risk at once.",
)
@command
def object_(face: Face, object_id: str, reason: str, deadline: str | None, officers: tuple[str, ...]) -> None:
    """Take an object back: hidden here, told to every node that got it from us; a second officer repeats it."""
    home = face.open()
    from hilf.node import identity, withdrawal
    from hilf.node.home import now

    until = _deadline(deadline)
    kids = [identity.check_officer(home, officer, withdrawal.ROLE) for officer in officers]
    withdrawal.check_retract(home, object_id, now(), until, kids)
    keys = [
        identity.signing_officer(home, officer, face.passphrase(officer), withdrawal.ROLE)
        for officer in officers
    ]
    withdrawn = withdrawal.retract(home, object_id, RetractionReason(reason), now(), until, keys)
    nodes = [told for each in withdrawn for told in each.nodes]
    face.say(
        f"{object_id} is hidden here.",
        f"{len(nodes)} node(s) are told with the next round: hilf sync"
        if nodes
        else "No other node has it from us.",
    )
    for each in withdrawn:
        if each.missing and each.reason == RetractionReason.SOURCE_AT_RISK:
            face.say(f"{each.missing} more officer(s) must repeat it with --as before it is erased at once.")
    face.finish(_document(object_id, withdrawn))


@retract.command(epilog=example("hilf retract status indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --json"))
@click.argument("object_id", metavar="OBJECT")
@command
def status(face: Face, object_id: str) -> None:
    """Which node has hidden and erased it, and what is open."""
    home = face.open()
    from hilf.node import confirmed
    from hilf.node.home import now

    withdrawn = confirmed.status(home, object_id, now())
    face.table(
        ("node", "state", "since", "act", "late", "behind it"),
        [
            (told.node, told.state, timestamp(told.at), told.act, "late" if told.late else "", _behind(told))
            for each in withdrawn
            for told in each.nodes
        ],
        "No other node had it from us.",
    )
    for each in withdrawn:
        face.say(f"{each.reason}, {timestamp(each.at)}; confirmations wanted by {timestamp(each.deadline)}.")
    face.finish(_document(object_id, withdrawn))


@retract.command(epilog=example("hilf retract accept cert.qn.example"))
@click.argument("node", metavar="NODE")
@command
def accept(face: Face, node: str) -> None:
    """Apply a partner's retractions that are held, because there were too many in an hour without its officers.

    They are applied some at a time. Cut short, the same command goes on with the rest.
    """
    home = face.open()
    from hilf.node import mass
    from hilf.node.home import now

    with counting(face, "applying") as say:
        applied = mass.accept(home, node, now(), lambda count, of: say(f"{count:,} of {of:,} applied"))
    face.say(f"{applied} held retraction(s) of {node} applied.")
    face.finish({"node": node, "applied": applied})


@retract.command(epilog=example("hilf retract refuse cert.qn.example"))
@click.argument("node", metavar="NODE")
@command
def refuse(face: Face, node: str) -> None:
    """Refuse a partner's retractions that are held: it did not mean them, and what it said stays.

    They are refused some at a time. Cut short, the same command goes on with the rest.
    """
    home = face.open()
    from hilf.node import mass
    from hilf.node.home import now

    with counting(face, "refusing") as say:
        refused = mass.refuse(home, node, now(), lambda count, of: say(f"{count:,} of {of:,} refused"))
    face.say(f"{refused} held retraction(s) of {node} refused; it is told.")
    face.finish({"node": node, "refused": refused})


def _deadline(text: str | None) -> datetime | None:
    return None if text is None else moment(text)


def _document(object_id: str, withdrawn: "tuple[Withdrawn, ...]") -> dict[str, Json]:
    retractions: list[Json] = [
        {
            "reason": each.reason,
            "at": timestamp(each.at),
            "deadline": timestamp(each.deadline),
            "passes_on": each.cause,
            "officers_missing": each.missing,
        }
        for each in withdrawn
    ]
    nodes: list[Json] = [_told(told) for each in withdrawn for told in each.nodes]
    return {"object": object_id, "nodes": nodes, "retractions": retractions}


def _told(told: "Told") -> dict[str, Json]:
    return {
        "node": told.node,
        "state": told.state,
        "at": timestamp(told.at),
        "act": told.act,
        "late": told.late,
        "further": dict(told.further),
    }


def _behind(told: "Told") -> str:
    named, counted = told.further.get("named"), told.further.get("counted")
    words = (
        [f"{hop['node']} {hop['state']}" for hop in named if isinstance(hop, dict)]
        if isinstance(named, list)
        else []
    )
    if isinstance(counted, dict):
        words += [f"{number} {state}" for state, number in counted.items() if number]
    return ", ".join(words)
