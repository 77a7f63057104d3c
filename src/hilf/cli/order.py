"""`hilf release order`: standing orders, approved by two people, carried out by the worker (accord.md 4; faces.md 1)."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import click

from hilf.canonical import Json, timestamp
from hilf.cli import preview as preview_
from hilf.cli.face import Face, command, example
from hilf.stix.select import moment

if TYPE_CHECKING:
    from hilf.node.order import Shown
    from hilf.node.order_run import Sorted

# The verbs are imported inside of commands: they need a database in use, and `hilf --help` must be fast.

_ID = click.argument("order_id", metavar="ID")
_SHOWN: Final = 40
_PAUSE: Final = re.compile(r"([0-9]{1,6})([smhd])", re.ASCII)
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SIZES: Final = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


@click.group(
    epilog=example(
        "hilf release order add --select 'marking:tlp:clear,tlp:green type:indicator sector:energy'"
        " --to cert.qn.example --to cert.qo.example --every 5m --until 2027-03-01 --as officer",
        "hilf release order approve order--… --as second",
        "hilf release order list",
    )
)
def order() -> None:
    """Standing orders: what leaves by itself, approved by two people, until it ends."""


@order.command(
    epilog=example(
        "hilf release order add --select 'marking:tlp:clear,tlp:green type:indicator sector:energy'"
        " --to cert.qn.example --every 5m --until 2027-03-01 --as officer"
    )
)
@click.option("--select", default="", metavar="TEXT", help="Which objects (default: what this node asserts).")
@click.option("--to", multiple=True, required=True, metavar="NODE", help="A recipient; may be repeated.")
@click.option("--every", required=True, metavar="PAUSE", help="Pause between two runs: 5m, 2h, 1d.")
@click.option("--until", required=True, metavar="TIME", help="When it ends, ISO; within 400 days.")
@click.option("--purpose", metavar="WORD", help="Of the acts (default: the first of each accord).")
@click.option("--as", "officer", required=True, metavar="OFFICER", help="Who proposes it.")
@command
def add(  # one argument per option
    face: Face,
    select: str,
    to: tuple[str, ...],
    every: str,
    until: str,
    purpose: str | None,
    officer: str,
) -> None:
    """Propose a standing order; it runs once a second officer has approved it.

    What needs an approval (TLP:AMBER and above) or is on a warning list is never sent by an order: it waits for a person.
    The order dies when an agreement with one of its recipients is amended, suspended or ended.
    """
    home = face.open()
    from hilf.node import order as verbs
    from hilf.node.approval import ROLE
    from hilf.node.home import now

    pause, ends = _pause(every), moment(until)
    verbs.drafted(home, select, to, pause, ends, now(), purpose)
    key = face.signing(home, officer, ROLE)
    proposed = verbs.propose(home, select, to, pause, ends, key, now(), purpose=purpose)
    _tell(face, proposed)
    face.finish(_document(proposed))


@order.command(
    epilog=example("hilf release order approve order--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001 --as second")
)
@_ID
@click.option("--as", "officer", required=True, metavar="OFFICER", help="Who approves; not the proposer.")
@command
def approve(face: Face, order_id: str, officer: str) -> None:
    """Approve an order as a different officer; it runs from now on."""
    home = face.open()
    from hilf.node import order as verbs
    from hilf.node.approval import ROLE
    from hilf.node.home import now

    key = face.signing(home, officer, ROLE, lambda kid: verbs.to_approve(home, order_id, kid, now()))
    approved = verbs.approve(home, order_id, key, now())
    _tell(face, approved)
    face.finish(_document(approved))


@order.command(epilog=example("hilf release order stop order--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001"))
@_ID
@command
def stop(face: Face, order_id: str) -> None:
    """Stop an order for good. What it sent is not called back: hilf retract OBJECT."""
    home = face.open()
    from hilf.node import order as verbs
    from hilf.node.home import now

    stopped = verbs.stop(home, order_id, now())
    face.say(f"{order_id} is stopped.")
    face.finish(_document(stopped))


@order.command(epilog=example("hilf release order preview order--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001"))
@_ID
@command
def preview(face: Face, order_id: str) -> None:
    """What a run would send now to each recipient, and what it would leave to a person; nothing is sent."""
    home = face.open()
    from hilf.node import order_run
    from hilf.node.home import now

    found = order_run.preview(home, order_id, now())
    for each in found:
        _say_run(face, each)
    face.finish({"order": order_id, "to": [_run(each) for each in found]})


@order.command(epilog=example("hilf release order show order--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001"))
@_ID
@command
def show(face: Face, order_id: str) -> None:
    """One order: what it binds, how it stands, what its last run did and left to a person."""
    home = face.open()
    from hilf.node import order as verbs
    from hilf.node.home import now

    found = verbs.shown(home, verbs.known(order_id), now())
    document = _document(found)
    face.say(
        f"{order_id} {_state(found)}",
        f"  selects   {found.order.selection or 'what this node asserts'}",
        f"  every     {_pause_text(found.order.every)}, until {found.order.until:%Y-%m-%d %H:%M} UTC",
        *(
            f"  to        {each.node} for {each.purpose}, under "
            + ", ".join(f"{id_} version {version}" for id_, version in each.accords)
            for each in found.order.to
        ),
        *([f"  next run  {document['next_run']}"] if document["next_run"] else []),
        *([f"  because   {found.died}", f"  anew      {found.again}"] if found.died else []),
    )
    _say_last(face, found)
    face.finish(document)


@order.command("list", epilog=example("hilf release order list --json"))
@command
def list_(face: Face) -> None:
    """All orders, the newest first: proposed, runs, stopped, over (its end came), died (and why)."""
    home = face.open()
    from hilf.node import order as verbs
    from hilf.node.home import now

    every = verbs.every(home, now())
    face.table(
        ("order", "is", "every", "until", "to", "select"),
        [
            (
                each.order.id,
                _state(each),
                _pause_text(each.order.every),
                f"{each.order.until:%Y-%m-%d}",
                ", ".join(to.node for to in each.order.to),
                each.order.selection,
            )
            for each in every
        ],
        "There is no standing order. Propose one: hilf release order add --help",
    )
    face.finish({"orders": [_document(each) for each in every]})


def _pause(text: str) -> timedelta:
    found = _PAUSE.fullmatch(text.strip().lower())
    if found is None:
        raise click.BadParameter("Write a number and s, m, h or d, for example 5m.", param_hint="--every")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _pause_text(pause: timedelta) -> str:
    """A pause as --every takes it."""
    seconds = int(pause.total_seconds())
    size, unit = next((size, unit) for size, unit in _SIZES if seconds % size == 0)
    return f"{seconds // size}{unit}"


def _tell(face: Face, shown: "Shown") -> None:
    if shown.missing:
        face.say(
            f"Proposed. It runs once {shown.missing} more officer(s) approved it:",
            f"  hilf release order approve {shown.order.id} --as OTHER",
        )
    else:
        face.say(
            f"{shown.order.id} runs until {shown.order.until:%Y-%m-%d %H:%M} UTC; the worker carries it out."
        )
    face.say(f"What it would send now: hilf release order preview {shown.order.id}")


def _state(shown: "Shown") -> str:
    return f"{shown.state}{f' ({shown.kept.reason})' if shown.kept.reason else ''}"


def _say_run(face: Face, each: "Sorted") -> None:
    face.heading(f"To {each.preview.to}, for {each.preview.purpose}")
    face.table(
        ("goes", "marking", "clause", "approvals", "accord"),
        [preview_.allowed_line(one) for one in each.goes[:_SHOWN]],
        "Nothing would go.",
    )
    waiting = [(one, "needs an approval, or goes with what does") for one in each.approvals]
    waiting += [(one, "is on a list, or goes with what is") for one in each.warned]
    if waiting:
        face.table(
            ("waits for a person", "because it"),
            [(one.kept.stix_id, why) for one, why in waiting[:_SHOWN]],
            "",
        )
    face.say(
        f"{len(each.goes)} would go, {len(waiting)} wait for a person, {len(each.preview.withheld)} stay, "
        f"{preview_.there_line(each.preview)}"
    )


def _run(each: "Sorted") -> dict[str, Json]:
    return {
        "to": each.preview.to,
        "purpose": each.preview.purpose,
        "goes": [one.kept.stix_id for one in each.goes],
        "approvals": [one.kept.stix_id for one in each.approvals],
        "warned": [one.kept.stix_id for one in each.warned],
        "withheld": len(each.preview.withheld),
        "already": len(each.preview.already),
    }


def _say_last(face: Face, shown: "Shown") -> None:
    nodes = (shown.last or {}).get("nodes")
    if not shown.last or not isinstance(nodes, dict):
        face.say("It has not run yet.")
        return
    face.say(f"Last run {shown.last['at']}:")
    for node, did in nodes.items():
        if not isinstance(did, dict):
            continue
        if "error" in did:
            face.say(f"  {node}: failed ({did['error']}); tried again with the next run")
            continue
        left = [*_listed(did, "approvals"), *_listed(did, "warned")]
        face.say(
            f"  {node}: {did['queued']} queued, {len(left)} left to a person{': ' if left else ''}{', '.join(left)}"
        )


def _listed(did: dict[str, Json], what: str) -> list[str]:
    named = did[what]
    return [str(each) for each in named] if isinstance(named, list) else []


def _document(shown: "Shown") -> dict[str, Json]:
    from hilf.store.instant import moment as at

    runs = shown.kept.next_run if shown.state == "runs" else None
    return {
        **{name: value for name, value in shown.order.json().items() if name not in ("v", "type", "id")},
        "order": shown.order.id,
        "state": shown.state,
        "reason": shown.kept.reason,
        "died": shown.died or None,
        "again": shown.again or None,
        "subject": shown.kept.subject,
        "officers_missing": shown.missing,
        "next_run": None if runs is None else timestamp(at(runs)),
        "last": None if shown.last is None else dict(shown.last),
    }
