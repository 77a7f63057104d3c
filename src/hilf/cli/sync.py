"""`hilf sync` and `hilf receipts`: one round with partners now, and what they signed for."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict

import click

from hilf.cli.face import Face, command, example


@click.command(epilog=example("hilf sync cert.qn.example"))
@click.argument("nodes", nargs=-1, metavar="[NODE]...")
@command
def sync(face: Face, nodes: tuple[str, ...]) -> None:
    """Go one round with each verified peer, or with those named: compare, send what waits, keep the receipts."""
    home = face.open()
    from hilf.node import sync as verbs  # late, so that --help needs no database
    from hilf.node.home import now

    with _counting(face) as progress:
        rounds = verbs.sync(home, nodes or None, now, progress)
    face.table(
        ["node", "sent", "received", "refused", "receipts", "seconds", "fault"],
        [
            (r.node, r.sent, r.received, r.refused, r.receipts, f"{r.seconds:.1f}", r.error or "")
            for r in rounds
        ],
        "No peer is verified. See which there are: hilf peer list. Meet another: hilf peer add FILE",
    )
    for each in rounds:
        if each.recovered:
            did = each.recovered
            face.say(
                "",
                f"Reconciled with {each.node}: {did.taken} acts taken back, {did.again} sent again,"
                f" {did.withdrawn} not sent again, {did.gone} known by their ids only.",
            )
        if each.error:
            face.say(
                "", f"{each.node}: {each.detail}", f"  {_remedy(each.node, each.error)}", f"  [{each.error}]"
            )
    listed = [
        {
            "node": r.node,
            "sent": r.sent,
            "received": r.received,
            "refused": r.refused,
            "receipts": r.receipts,
            "seconds": round(r.seconds, 3),
            "error": r.error,
            "reconciled": asdict(r.recovered) if r.recovered else None,
        }
        for r in rounds
    ]
    face.finish({"peers": listed}, ok=not any(r.error for r in rounds))


def _remedy(node: str, error: str) -> str:
    """What a person can do about a round that failed."""
    if error == "answer.not-verified-or-suspended-there":
        return f"Nothing passes until the officers of {node} have verified this node: ask them."
    if error == "reconcile.too-often":
        return f"The streams to {node} differed again within the hour: once is enough, unless it was restored twice. Ask them."
    return f"What waits for {node} stays and goes with a later round. If it lasts, ask them."


@contextmanager
def _counting(face: Face) -> Iterator[Callable[[str, int], None] | None]:
    """Show how many acts were sent while a round goes on, on a terminal only."""
    if face.as_json or not sys.stdout.isatty():
        yield None
        return
    from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}: {task.completed} acts sent"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def count(node: str, sent: int) -> None:
            if node not in tasks:
                tasks[node] = bar.add_task(node, total=None)
            bar.update(tasks[node], completed=sent)

        yield count


@click.command(epilog=example("hilf receipts --peer cert.qn.example"))
@click.option("--peer", metavar="NODE", help="Only this partner's.")
@click.option(
    "--limit", default=100, show_default=True, type=click.IntRange(1, 10_000), help="At most so many."
)
@command
def receipts(face: Face, peer: str | None, limit: int) -> None:
    """Show what partners signed for, newest first: one receipt for each batch, one result for each act."""
    home = face.open()
    from hilf.node import receipts as verbs  # late, so that --help needs no database

    held = verbs.held(home, peer, limit)
    face.table(
        ["peer", "epoch", "acts", "at", "outcomes"],
        [
            (
                each.peer,
                each.epoch,
                f"{each.first}-{each.last}",
                each.at,
                _outcomes(each.outcomes)
                + (f" (of the held since: {_outcomes(each.since)})" if each.since else ""),
            )
            for each in held
        ],
        "No receipts yet. Send something: hilf release send --to NODE, then hilf sync.",
    )
    face.finish({"receipts": [asdict(each) for each in held]})


def _outcomes(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
