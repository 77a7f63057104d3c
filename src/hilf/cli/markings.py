"""`hilf markings`: how an object's markings are read, markings to write, and what our own extensions mean."""

from typing import TYPE_CHECKING

import click
import orjson

from hilf.cli.face import Face, command, example
from hilf.errors import CallerFault
from hilf.node.home import now

if TYPE_CHECKING:
    from hilf.canonical import Json


REDACTED = "Parts of it were left out by its author."
"""Said of what came as a redacted form."""


@click.group(epilog=example("hilf markings show indicator--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a02"))
def markings() -> None:
    """Markings: TLP, PAP, IEP, REL TO, originator control and others."""


@markings.command(epilog=example("hilf markings show indicator--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a02"))
@click.argument("stix_id", metavar="OBJECT")
@command
def show(face: Face, stix_id: str) -> None:
    """Show how the markings of an object are read here: every word of them, and the level that counts."""
    home = face.open()
    from hilf.node import markings as verbs

    found = verbs.marked(home, stix_id, now())
    for each in found:
        face.say(f"As {each.asserter} says it: {each.tlp.label}, {each.pap.label}.")
        face.say(*(f"  {word}" for word in each.words))
        if each.redacted:
            face.say(f"  {REDACTED}")
    face.finish(
        {
            "object": stix_id,
            "assertions": [
                {
                    "asserter": each.asserter,
                    "tlp": each.tlp.word,
                    "pap": each.pap.word,
                    "markings": list(each.words),
                    "redacted": each.redacted,
                }
                for each in found
            ],
        }
    )


@markings.command(
    epilog=example(
        "hilf markings make --rel-to QM,QN --onward ask-originator | hilf import -",
        "hilf markings make --pap amber --json",
    )
)
@click.option("--rel-to", help="Countries and communities (UUID) it may go to, with commas.")
@click.option(
    "--onward",
    type=click.Choice(["none", "ask-originator", "listed"]),
    help="What who receives it may do: nothing, ask first, or pass it on to those listed.",
)
@click.option("--pap", help="What may be done with it: clear, green, amber or red.")
@command
def make(face: Face, rel_to: str | None, onward: str | None, pap: str | None) -> None:
    """Print marking-definitions to mark objects with; equal ones have the same id in every nation."""
    from hilf.markings import pap as paps
    from hilf.markings import rel_to as releasability

    made: list[dict[str, Json]] = []
    if rel_to is not None or onward is not None:
        names = None if rel_to is None else rel_to.split(",")
        word = next(each for each in ("none", "ask-originator", "listed") if each == (onward or "listed"))
        made.append(releasability.marking(names, word))
    if pap is not None:
        made.append(paps.marking(paps.parse(pap)))
    if not made:
        raise CallerFault(
            "markings.nothing-to-make",
            "No marking is named.",
            "",
            "Name one at least: --rel-to, --onward or --pap.",
        )
    _objects(face, made)


@markings.command(epilog=example("hilf markings extension > extensions.json"))
@command
def extension(face: Face) -> None:
    """Print the extension-definitions of our own markings, each with its JSON schema, and who made them."""
    from hilf.markings import extension as extensions
    from hilf.markings import pap, rel_to

    _objects(face, [extensions.author(), rel_to.extension_definition(), pap.extension_definition()])


def _objects(face: Face, objects: "list[dict[str, Json]]") -> None:
    """One object per line for a person and for `hilf import -`; a document with --json."""
    if not face.as_json:
        for each in objects:
            click.echo(orjson.dumps(each).decode())
    face.finish({"objects": objects})
