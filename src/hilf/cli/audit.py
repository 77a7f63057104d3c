"""`hilf audit`: who did, saw, tried and was denied what, when; and whether anybody changed the trail (trust.md 7)."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from hilf.cli.face import Face, command, example, iso
from hilf.errors import CallerFault

if TYPE_CHECKING:
    from hilf.canonical import Json


@click.group(
    epilog=example(
        "hilf audit list --person amal --kind denied", "hilf audit verify", "hilf audit export --out f"
    )
)
def audit() -> None:
    """Who did, saw, tried and was denied what, when; in a chain that shows whatever is changed."""


_PERSON = click.option("--person", default="", metavar="NAME", help="Of this account or user alone.")
_KIND = click.option("--kind", default="", metavar="KIND", help="did, saw, tried or denied.")
_ACTION = click.option("--action", default="", metavar="WORDS", help="Whose action holds these words.")
_ABOUT = click.option("--about", default="", metavar="ID", help="About whatever holds this text in its id.")


@audit.command(
    "list", epilog=example("hilf audit list --person amal --kind denied", "hilf audit list --about release--")
)
@_PERSON
@_KIND
@_ACTION
@_ABOUT
@click.option("--limit", default=50, type=click.IntRange(1, 100_000), show_default=True, help="How many.")
@command
def list_(face: Face, person: str, kind: str, action: str, about: str, limit: int) -> None:
    """The newest entries first."""
    face.open()
    from hilf.node import audit as verbs  # late, so that --help needs no database

    found = verbs.entries(verbs.Query(kind, person, action, about), None, limit)
    face.table(
        ("Number", "When", "Who", "Kind", "What", "About", "Where"),
        (
            (e.seq, iso(e.at), e.person, e.kind, e.action, e.subject, f"{e.face} {e.place}".strip())
            for e in found
        ),
        "Nothing like this is written.",
    )
    listed: list[Json] = [
        {
            "seq": each.seq,
            "at": iso(each.at),
            "person": each.person,
            "officer": each.officer,
            "kind": each.kind,
            "action": each.action,
            "subject": each.subject,
            "face": each.face,
            "place": each.place,
            "detail": each.detail,
            "hash": each.hash,
        }
        for each in found
    ]
    face.finish({"entries": listed})


@audit.command(epilog=example("hilf audit verify", "hilf audit verify --noted 1834:9f2c…"))
@click.option("--noted", metavar="NUMBER:HASH", help="A head that was noted earlier; it must still stand.")
@command
def verify(face: Face, noted: str | None) -> None:
    """Check every entry against the one before; exit code 1 when one does not hold. Note the head somewhere else."""
    face.open()
    from hilf.node import audit as verbs  # late, so that --help needs no database

    verified = verbs.verify(_head(noted) if noted else None)
    face.table(
        ("Entry", "Does not hold"),
        ((each.seq, each.why) for each in verified.broken),
        f"{verified.count} entries, all of them hold.",
    )
    seq, head = verified.head
    face.say(f"Head, to be noted outside of the node: {seq}:{head}")
    face.finish(
        {
            "entries": verified.count,
            "head": f"{seq}:{head}",
            "broken": [{"seq": each.seq, "why": each.why} for each in verified.broken],
        },
        ok=not verified.broken,
    )


def _head(text: str) -> tuple[int, str]:
    number, _, hash_ = text.partition(":")
    if not number.isdecimal() or not hash_:
        raise CallerFault(
            "audit.head",
            f"{text[:100]!r} is no head.",
            "",
            "Write NUMBER:HASH, as hilf audit verify printed it.",
        )
    return int(number), hash_


@audit.command(epilog=example("hilf audit export --out audit.jsonl"))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A new file.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on, UTC.")
@_PERSON
@_KIND
@command
def export(face: Face, out: Path, since: datetime | None, person: str, kind: str) -> None:
    """Write entries as JSON lines, with the very bytes that are hashed: anybody can check the chain.

    hash = SHA-256(hash before, then body); the first follows 32 zero bytes. With a filter the chain has gaps.
    """
    home = face.open()
    from datetime import UTC

    from hilf.node import audit as verbs  # late, so that --help needs no database

    asked = verbs.Query(kind, person, since=since.replace(tzinfo=UTC) if since else None)
    count = 0
    try:
        with out.open("xb") as file:
            for each in verbs.exported(asked):
                file.write(orjson.dumps(each) + b"\n")
                count += 1
    except FileExistsError as error:
        raise CallerFault(
            "audit.exists", f"{out} exists already.", "No export is ever written over.", "Name another file."
        ) from error
    face.say(f"{count} entries of {home.node} in {out}.")
    face.finish({"entries": count, "out": str(out)})
