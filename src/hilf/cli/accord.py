"""`hilf accord`: agreements between nations, from draft to end (accord.md 1; faces.md 1)."""

from typing import TYPE_CHECKING

import click

from hilf.accord.step import Kind
from hilf.accord.template import LANGUAGES
from hilf.canonical import Json
from hilf.cli.accord_draft import amend, draft, drop
from hilf.cli.accord_print import print_
from hilf.cli.accord_text import (
    as_json,
    change_lines,
    changes_of,
    foreseen_json,
    foreseen_lines,
    lines,
    settled_json,
    settled_lines,
)
from hilf.cli.face import Face, command, example
from hilf.errors import CallerFault

if TYPE_CHECKING:
    from hilf.accord.difference import Change
    from hilf.accord.document import Accord
    from hilf.node.accord import Stepped
    from hilf.node.home import Home
    from hilf.seal.key import PrivateKey

LEAST_DIGITS = 8
"""Of the hash, by which an officer names the text that he has read."""

# The verbs are imported inside of commands: they need a database in use, and `hilf --help` must be fast.


@click.group(
    epilog=example(
        "hilf accord draft --with cert.qn.example",
        "hilf accord propose accord--…",
        "hilf accord effects accord--…",
        "hilf accord sign accord--… --as officer --text 3f9c0a71",
    )
)
def accord() -> None:
    """Agreements: draft, propose, see what they would change, sign, amend, suspend, end."""


accord.add_command(draft)
accord.add_command(amend)
accord.add_command(drop)
accord.add_command(print_)


@accord.command(epilog=example("hilf accord propose accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001"))
@click.argument("accord_id", metavar="ID")
@command
def propose(face: Face, accord_id: str) -> None:
    """Send a draft to the other parties; their officers sign first."""
    home = face.open()
    from hilf.node import accord as verbs
    from hilf.node.home import now

    stepped = verbs.propose(home, accord_id, now())
    face.say(
        f"Proposed {accord_id}. It goes out with the next round: hilf sync",
        "The officers of the other parties sign first, then yours:",
        f"  hilf accord sign {accord_id} --as OFFICER --text {stepped.shown.life.accord.hash[:8]}",
    )
    face.finish(as_json(stepped.shown))


@accord.command(
    epilog=example("hilf accord effects accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001 --text 3f9c0a71")
)
@click.argument("accord_id", metavar="ID")
@click.option("--text", default="", metavar="HASH", help="How the hash of the text begins.")
@click.option("--suspend", "kind", flag_value=Kind.SUSPENSION.value, help="As if this node suspended it.")
@click.option("--end", "kind", flag_value=Kind.END.value, help="As if this node ended or left it.")
@command
def effects(face: Face, accord_id: str, text: str, kind: str | None) -> None:
    """What would change for each partner if all signed the text.

    Counted is what this node says itself, and apart from that what others said and it may pass on, as it came or by
    consent of its originators.
    """
    home = face.open()
    from hilf.node.foresight import foresee
    from hilf.node.home import now

    found = foresee(home, accord_id, now(), Kind(kind) if kind else Kind.SIGNATURE, text)
    changes = _changes(home, found.accord) if kind is None else None
    step = {
        None: "If all sign it",
        Kind.SUSPENSION.value: "If we suspend it",
        Kind.END.value: "If we end it",
    }[kind]
    face.say(
        f"{accord_id}, version {found.accord.version}, text {found.accord.hash[:16]}",
        f"{step}:",
        *foreseen_lines(found),
        *change_lines(changes, found.accord.version),
    )
    face.finish({**foreseen_json(found), "changes": [each.json() for each in changes or ()]})


@accord.command(
    epilog=example(
        "hilf accord sign accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001 --as officer --text 3f9c0a71"
    )
)
@click.argument("accord_id", metavar="ID")
@click.option("--as", "officer", required=True, metavar="OFFICER", help="Who signs.")
@click.option(
    "--text",
    default="",
    metavar="HASH",
    help="How the hash of the text begins that you have read, 8 digits at least; asked for on a terminal.",
)
@command
def sign(face: Face, accord_id: str, officer: str, text: str) -> None:
    """Sign as one officer; the last officer's signature brings the node's own."""
    home = face.open()
    from hilf.node import accord as verbs
    from hilf.node.foresight import foresee
    from hilf.node.home import now

    found = foresee(home, accord_id, now(), Kind.SIGNATURE, text)
    if not text:
        face.note(
            f"{accord_id}, version {found.accord.version}. Read it: hilf accord show {accord_id}",
            f"Hash {found.accord.hash}",
        )
        text = face.ask("How does the hash of the text begin that you have read (8 digits)")
    if len(text) < LEAST_DIGITS:
        raise CallerFault(
            "accord.text-not-named",
            f"{officer} has named no text: {text!r}.",
            f"An officer signs the text that he has read, and names it by {LEAST_DIGITS} digits of its hash at least.",
            f"Read it with hilf accord show {accord_id}, then sign with --text and the hash that stands there.",
        )
    face.say(
        f"Version {found.accord.version}, text {found.accord.hash[:16]}. If all sign it:",
        *foreseen_lines(found),
        *change_lines(_changes(home, found.accord), found.accord.version),
    )
    key = _key(face, home, officer, accord_id, Kind.SIGNATURE, text)
    stepped = verbs.sign(home, accord_id, key, now(), text)
    _tell(
        face,
        home,
        stepped,
        f"{officer} signed {accord_id}, text {found.accord.hash[:16]}.",
        foreseen_json(found),
    )


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
    _tell(face, home, stepped, f"{officer} signed the suspension of {accord_id}.")


@accord.command(epilog=example("hilf accord end accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001 --as officer"))
@click.argument("accord_id", metavar="ID")
@click.option("--as", "officer", required=True, metavar="OFFICER", help="Who signs the end.")
@command
def end(face: Face, accord_id: str, officer: str) -> None:
    """End an accord alone, or leave a community, for good; what waits under it leaves no more."""
    home = face.open()
    from hilf.node import accord as verbs
    from hilf.node.home import now

    stepped = verbs.end(home, accord_id, _key(face, home, officer, accord_id, Kind.END), now())
    _tell(face, home, stepped, f"{officer} signed the end of {accord_id}.")


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
    _tell(face, home, stepped, f"{officer} signed the withdrawal of {accord_id}.")


@accord.command("list", epilog=example("hilf accord list --json"))
@command
def list_(face: Face) -> None:
    """Every accord, with its state and what it waits for."""
    home = face.open()
    from hilf.node import accord as verbs
    from hilf.node.home import now

    every = verbs.every(home, now())
    face.table(
        ("accord", "version", "text", "state", "parties", "waits for"),
        [
            (
                s.life.accord.id,
                s.life.accord.version,
                s.life.accord.hash[:8],
                s.standing.state.value,
                ", ".join(s.life.accord.nodes),
                ", ".join(s.standing.waits_for),
            )
            for s in every
        ],
        "There is no accord yet. Draft one with a verified peer: hilf accord draft --with NODE",
    )
    face.finish({"accords": [as_json(shown) for shown in every]})


@accord.command(
    epilog=example(
        "hilf accord show accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001",
        "hilf accord show accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001 --lang ar",
    )
)
@click.argument("accord_id", metavar="ID")
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    help="Of the title and the words of clauses (default: the setting `language`).",
)
@command
def show(face: Face, accord_id: str, lang: str | None) -> None:
    """Clauses, what they change in the version before, who signed, and what is missing."""
    home = face.open()
    from hilf.node import accord as verbs
    from hilf.node.home import now
    from hilf.settings import values_of

    language = lang or values_of(home.path)["language"].text
    versions = verbs.show(home, accord_id, now())
    documents: list[dict[str, Json]] = []
    for shown in versions:
        changes = changes_of(shown, versions)
        face.say(*lines(shown, language, changes))
        documents.append({**as_json(shown), "changes": [each.json() for each in changes or ()]})
    face.finish(
        {**documents[-1], "document": versions[-1].life.accord.json(), "versions": [*documents]},
    )


def _changes(home: "Home", text: "Accord") -> "tuple[Change, ...] | None":
    from hilf.node import accord as verbs
    from hilf.node.home import now

    versions = verbs.show(home, text.id, now())
    return next(changes_of(each, versions) for each in versions if each.life.accord == text)


def _tell(
    face: Face, home: "Home", stepped: "Stepped", done: str, foreseen: dict[str, Json] | None = None
) -> None:
    from hilf.node.effects import settle
    from hilf.node.home import now

    settled = settle(home, now())
    face.say(done, stepped.shown.standing.text)
    if stepped.missing:
        face.say(f"{stepped.missing} more of our officers must do the same: repeat it with --as.")
    else:
        face.say("It goes out with the next round: hilf sync")
    if stepped.dropped:
        face.say(f"{stepped.dropped} acts that waited under it were dropped.")
    face.say(*settled_lines(settled))
    face.finish(
        {
            **as_json(stepped.shown),
            "missing": stepped.missing,
            "dropped": stepped.dropped,
            "settled": settled_json(settled),
            **({"effects": foreseen} if foreseen else {}),
        }
    )


def _key(face: Face, home: "Home", officer: str, accord_id: str, kind: Kind, text: str = "") -> "PrivateKey":
    """The officer's key; the passphrase is asked for once the step is known to be possible."""
    from hilf.node import accord as verbs
    from hilf.node.home import now

    return face.signing(
        home, officer, verbs.ROLE, lambda kid: verbs.check_step(home, accord_id, kind, kid, now(), text)
    )
