"""`hilf accord draft`, `amend` and `drop`: texts that nobody else sees yet (faces.md 1)."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hilf.canonical import Json, loads
from hilf.cli.accord_text import as_json, unknown
from hilf.cli.face import Face, command, example
from hilf.errors import CallerFault, OperatorFault, PartnerFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hilf.node.accord import Shown


@click.command(
    epilog=example(
        "hilf accord draft --with cert.qn.example --out draft.json",
        "hilf accord draft --with cert.qn.example --with cert.qo.example --template community",
    )
)
@click.option(
    "--with",
    "partners",
    multiple=True,
    required=True,
    metavar="NODE",
    help="Another party; repeat it for more.",
)
@click.option(
    "--template",
    metavar="NAME",
    help="Template to start from: intelligence (default), community, incident, exercise or public.",
)
@click.option(
    "--from",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON text of your own; with --template it changes members of the template, else it brings its own clauses.",
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the text to this file too."
)
@command
def draft(
    face: Face, partners: tuple[str, ...], template: str | None, file: Path | None, out: Path | None
) -> None:
    """Write a first text, which nobody else sees."""
    home = face.open()
    from hilf.node import draft as drafts
    from hilf.node.home import now

    if file is not None:
        shown = drafts.from_file(home, partners, _read(file), now(), template)
    else:
        shown = drafts.from_template(home, partners, now(), template)
    if out is not None:
        _write(out, shown.life.accord.canonical)
    face.say(
        f"Drafted {shown.life.accord.id} with {', '.join(partners)}.",
        *unknown(shown),
        *_sealed(shown),
        f"Read it: hilf accord show {shown.life.accord.id}",
        f"Then send it: hilf accord propose {shown.life.accord.id}",
    )
    face.finish({**as_json(shown), "cannot_leave": [*_asking_sealed(shown)]})


@click.command(
    epilog=example(
        "hilf accord amend accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001 --from changes.json",
        "hilf accord amend accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001 --join cert.qp.example",
    )
)
@click.argument("accord_id", metavar="ID")
@click.option(
    "--from",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON with the members to change.",
)
@click.option("--join", "joining", multiple=True, metavar="NODE", help="A node that becomes a party.")
@click.option("--without", multiple=True, metavar="NODE", help="A party that is none any more.")
@command
def amend(
    face: Face, accord_id: str, file: Path | None, joining: tuple[str, ...], without: tuple[str, ...]
) -> None:
    """Draft the next version of an accord that all have signed, which nobody else sees."""
    home = face.open()
    from hilf.node import draft as drafts
    from hilf.node.home import now

    if not (file or joining or without):
        raise CallerFault(
            "accord.no-change",
            "Nothing to change was named.",
            "An amendment changes members of the text, or who is a party.",
            "Name a file with --from, a node that joins with --join, or one that goes with --without.",
        )
    shown = drafts.amendment(home, accord_id, _read(file) if file else {}, now(), joining, without)
    face.say(
        f"Drafted version {shown.life.accord.version} of {accord_id}.",
        *unknown(shown),
        *_sealed(shown),
        f"See what it would change: hilf accord effects {accord_id} --text {shown.life.accord.hash[:16]}",
        f"Then send it: hilf accord propose {accord_id}",
    )
    face.finish({**as_json(shown), "cannot_leave": [*_asking_sealed(shown)]})


@click.command(epilog=example("hilf accord drop accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001"))
@click.argument("accord_id", metavar="ID")
@command
def drop(face: Face, accord_id: str) -> None:
    """Drop drafts that nobody else has seen."""
    home = face.open()
    from hilf.node import draft as drafts
    from hilf.node.home import now

    dropped = drafts.drop(home, accord_id, now())
    face.say(f"Dropped {dropped} {'draft' if dropped == 1 else 'drafts'} of {accord_id}.")
    face.finish({"id": accord_id, "dropped": dropped})


def _sealed(shown: "Shown") -> "Iterator[str]":
    """A warning where clauses ask for what no node can do yet: whatever they cover would stay."""
    asking = _asking_sealed(shown)
    if asking:
        yield (
            f"Warning: {', '.join(asking)} asks for a sealed body, which this version of hilf cannot make: "
            "what it covers does not leave (accord.duty-sealed)."
        )


def _asking_sealed(shown: "Shown") -> list[str]:
    return [clause.id for clause in shown.life.accord.clauses if clause.duty and clause.duty.sealed]


def _read(file: Path) -> Json:
    try:
        return loads(file.read_bytes())
    except OSError as error:
        raise OperatorFault(
            "accord.file", f"{file} cannot be read: {error.strerror}.", "", "Name another file with --from."
        ) from error
    except PartnerFault as fault:
        raise CallerFault(
            "accord.text", f"{file} is no JSON: {fault.what}.", "", "Mend the file, then draft again."
        ) from fault


def _write(file: Path, text: bytes) -> None:
    try:
        file.write_bytes(text)
    except OSError as error:
        raise OperatorFault(
            "accord.file", f"{file} cannot be written: {error.strerror}.", "", "Name another file with --out."
        ) from error
