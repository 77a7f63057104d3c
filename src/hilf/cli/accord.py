"""`hilf accord`: agreements between two nations, from draft to end (accord.md 1; faces.md 1)."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hilf.accord.step import Kind
from hilf.canonical import Json, loads
from hilf.cli.face import Face, command, example
from hilf.errors import CallerFault, OperatorFault, PartnerFault

if TYPE_CHECKING:
    from hilf.node.accord import Shown, Stepped
    from hilf.node.home import Home
    from hilf.seal.key import PrivateKey

# The verbs are imported inside of commands: they need a database in use, and `hilf --help` must be fast.


@click.group(
    epilog=example(
        "hilf accord draft --with cert.qn.example",
        "hilf accord propose accord--…",
        "hilf accord sign accord--… --as officer",
    )
)
def accord() -> None:
    """Agreements: draft, propose, sign, suspend, end."""


@accord.command(epilog=example("hilf accord draft --with cert.qn.example --out draft.json"))
@click.option("--with", "partners", multiple=True, required=True, metavar="NODE", help="The other party.")
@click.option("--template", metavar="NAME", help="Template to start from (default: intelligence).")
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
        *_unknown(shown),
        f"Read it: hilf accord show {shown.life.accord.id}",
        f"Then send it: hilf accord propose {shown.life.accord.id}",
    )
    face.finish(_document(shown))


@accord.command(
    epilog=example("hilf accord amend accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001 --from changes.json")
)
@click.argument("accord_id", metavar="ID")
@click.option(
    "--from",
    "file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON with the members to change.",
)
@command
def amend(face: Face, accord_id: str, file: Path) -> None:
    """Draft the next version of an accord that all have signed, which nobody else sees."""
    home = face.open()
    from hilf.node import draft as drafts
    from hilf.node.home import now

    shown = drafts.amendment(home, accord_id, _read(file), now())
    face.say(
        f"Drafted version {shown.life.accord.version} of {accord_id}.",
        *_unknown(shown),
        f"Then send it: hilf accord propose {accord_id}",
    )
    face.finish(_document(shown))


@accord.command(epilog=example("hilf accord propose accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001"))
@click.argument("accord_id", metavar="ID")
@command
def propose(face: Face, accord_id: str) -> None:
    """Send a draft to the other party; its officers sign first."""
    home = face.open()
    from hilf.node import accord as verbs
    from hilf.node.home import now

    stepped = verbs.propose(home, accord_id, now())
    face.say(
        f"Proposed {accord_id}. It goes out with the next round: hilf sync",
        "The officers of the other party sign first, then yours: hilf accord sign",
    )
    face.finish(_document(stepped.shown))


@accord.command(epilog=example("hilf accord sign accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001 --as officer"))
@click.argument("accord_id", metavar="ID")
@click.option("--as", "officer", required=True, metavar="OFFICER", help="Who signs.")
@click.option(
    "--text", default="", metavar="HASH", help="How the hash of the text begins that you have read."
)
@command
def sign(face: Face, accord_id: str, officer: str, text: str) -> None:
    """Sign as one officer; the last officer's signature brings the node's own."""
    home = face.open()
    from hilf.node import accord as verbs
    from hilf.node.home import now

    stepped = verbs.sign(
        home, accord_id, _key(face, home, officer, accord_id, Kind.SIGNATURE, text), now(), text
    )
    _tell(face, stepped, f"{officer} signed {accord_id}.")


@accord.command(
    epilog=example("hilf accord suspend accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001 --as officer")
)
@click.argument("accord_id", metavar="ID")
@click.option("--as", "officer", required=True, metavar="OFFICER", help="Who signs the suspension.")
@command
def suspend(face: Face, accord_id: str, officer: str) -> None:
    """Suspend an accord alone; what waits under it leaves no more."""
    home = face.open()
    from hilf.node import accord as verbs
    from hilf.node.home import now

    stepped = verbs.suspend(home, accord_id, _key(face, home, officer, accord_id, Kind.SUSPENSION), now())
    _tell(face, stepped, f"{officer} signed the suspension of {accord_id}.")


@accord.command(epilog=example("hilf accord end accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001 --as officer"))
@click.argument("accord_id", metavar="ID")
@click.option("--as", "officer", required=True, metavar="OFFICER", help="Who signs the end.")
@command
def end(face: Face, accord_id: str, officer: str) -> None:
    """End an accord alone and for good; what waits under it leaves no more."""
    home = face.open()
    from hilf.node import accord as verbs
    from hilf.node.home import now

    stepped = verbs.end(home, accord_id, _key(face, home, officer, accord_id, Kind.END), now())
    _tell(face, stepped, f"{officer} signed the end of {accord_id}.")


@accord.command(
    epilog=example("hilf accord withdraw accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001 --as officer")
)
@click.argument("accord_id", metavar="ID")
@click.option("--as", "officer", required=True, metavar="OFFICER", help="Who signs the withdrawal.")
@command
def withdraw(face: Face, accord_id: str, officer: str) -> None:
    """Take a proposal of ours back, until we have signed it."""
    home = face.open()
    from hilf.node import accord as verbs
    from hilf.node.home import now

    stepped = verbs.withdraw(home, accord_id, _key(face, home, officer, accord_id, Kind.WITHDRAWAL), now())
    _tell(face, stepped, f"{officer} signed the withdrawal of {accord_id}.")


@accord.command("list", epilog=example("hilf accord list --json"))
@command
def list_(face: Face) -> None:
    """Every accord, with its state and what it waits for."""
    home = face.open()
    from hilf.node import accord as verbs
    from hilf.node.home import now

    every = verbs.every(home, now())
    face.table(
        ("accord", "version", "state", "parties", "waits for"),
        [
            (
                s.life.accord.id,
                s.life.accord.version,
                s.standing.state.value,
                ", ".join(s.life.accord.nodes),
                ", ".join(s.standing.waits_for),
            )
            for s in every
        ],
        "There is no accord yet. Draft one with a verified peer: hilf accord draft --with NODE",
    )
    face.finish({"accords": [_document(shown) for shown in every]})


@accord.command(epilog=example("hilf accord show accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001"))
@click.argument("accord_id", metavar="ID")
@command
def show(face: Face, accord_id: str) -> None:
    """Clauses, who signed, and what is missing."""
    home = face.open()
    from hilf.node import accord as verbs
    from hilf.node.home import now

    versions = verbs.show(home, accord_id, now())
    for shown in versions:
        face.say(*_lines(shown))
    newest = versions[-1]
    face.finish(
        {
            **_document(newest),
            "document": newest.life.accord.json(),
            "versions": [_document(shown) for shown in versions],
        }
    )


def _tell(face: Face, stepped: "Stepped", done: str) -> None:
    face.say(done, stepped.shown.standing.text)
    if stepped.missing:
        face.say(f"{stepped.missing} more of our officers must do the same: repeat it with --as.")
    else:
        face.say("It goes out with the next round: hilf sync")
    if stepped.dropped:
        face.say(f"{stepped.dropped} acts that waited under it were dropped.")
    face.finish({**_document(stepped.shown), "missing": stepped.missing, "dropped": stepped.dropped})


def _key(face: Face, home: "Home", officer: str, accord_id: str, kind: Kind, text: str = "") -> "PrivateKey":
    """The officer's key; the passphrase is asked for once the step is known to be possible."""
    from hilf.node import accord as verbs
    from hilf.node.home import now

    return face.signing(
        home, officer, verbs.ROLE, lambda kid: verbs.check_step(home, accord_id, kind, kid, now(), text)
    )


def _document(shown: "Shown") -> dict[str, Json]:
    accord = shown.life.accord
    signed: list[Json] = [
        {"node": node, "officers": officers, "needed": needed, "node_key": by_node}
        for node, officers, needed, by_node in shown.signed
    ]
    return {
        "id": accord.id,
        "version": accord.version,
        "state": shown.standing.state.value,
        "parties": [*accord.nodes],
        "hash": accord.hash,
        "from": accord.json()["from"],
        "until": accord.json()["until"],
        "text": shown.standing.text,
        "waits_for": [*shown.standing.waits_for],
        "unknown_members": [*accord.unknown],
        "signed": signed,
    }


def _unknown(shown: "Shown") -> Iterable[str]:
    """A warning where the text has members without a meaning: they are signed, and bind nobody's node."""
    if shown.life.accord.unknown:
        yield f"Warning: hilf does not know these members, and obeys none of them: {', '.join(shown.life.accord.unknown)}"


def _lines(shown: "Shown") -> Iterable[str]:
    accord = shown.life.accord
    title = accord.title.get("en") or next(iter(accord.title.values()))
    yield f"{title}"
    yield f"{accord.id}, version {accord.version}, {shown.standing.state.value}: {shown.standing.text}"
    yield f"Hash {accord.hash}"
    yield f"Between {' and '.join(accord.nodes)} (the first proposes and signs last)"
    yield f"From {accord.begins.date()} until {accord.until.date()}, review {accord.review.date()}"
    yield f"For {', '.join(accord.purposes)}; onward: {accord.onward.value}; personal data: {accord.personal_data}"
    yield f"Kept for {accord.retention_days} days; retractions are confirmed {accord.confirmations}; at its end: {accord.at_end}"
    for clause in accord.clauses:
        text = clause.text.get("en") or next(iter(clause.text.values()))
        yield f"  {clause.id} {clause.effect.value}: {text}"
    for node, officers, needed, by_node in shown.signed:
        yield f"  {node}: {officers} of {needed} officers signed, node key {'signed' if by_node else 'not yet'}"
    if accord.unknown:
        yield f"  This version of hilf does not read: {', '.join(accord.unknown)}"
    yield ""


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
