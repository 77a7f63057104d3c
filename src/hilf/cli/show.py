"""`hilf show`: what is said of one object, by whom, and why something of it is not shown."""

import sys
from typing import TYPE_CHECKING

import click
import orjson

from hilf.cli.face import Face, command, example
from hilf.cli.intelligence import marking_of, time_of
from hilf.cli.markings import REDACTED

if TYPE_CHECKING:
    from hilf.node.withheld import Withheld
    from hilf.store.intelligence.assertion import Kept


@click.command(epilog=example("hilf show indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", "hilf show indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --raw > object.json"))  # fmt: skip
@click.argument("stix_id", metavar="ID")
@click.option("--raw", is_flag=True, help="Exactly the kept bytes, and nothing else.")
@click.option("--versions", is_flag=True, help="Older, quarantined and retracted versions as well.")
@command
def show(face: Face, stix_id: str, raw: bool, versions: bool) -> None:
    """Show what is said of one object, by whom, and what it is tied to."""
    home = face.open_current()
    from hilf.node import search as finder
    from hilf.node import withheld

    if raw:
        sys.stdout.buffer.write(finder.raw(home, stix_id))
        sys.stdout.buffer.flush()
        return
    shown = finder.show(home, stix_id, versions)
    hidden = withheld.withheld(home, stix_id)
    for each in shown.assertions:
        face.say(
            f"{each.stix_id} as {each.asserter} says it: {each.state.name.lower()}, {marking_of(each)},"
            f" modified {time_of(each.modified) or 'never'}, received {time_of(each.received)}"
        )
        if each.is_redacted:
            face.say(f"  {REDACTED}")
    if shown.best is None or versions:
        face.say(*withheld.lines(hidden))
    if shown.best is None:
        face.say("Nothing of it may be shown.")
        if any(each.state == "quarantined" for each in hidden):
            face.say("What waits for a person, and what to do: hilf quarantine list")
        face.say(f"See what is known: hilf show {stix_id} --versions")
    else:
        face.say(*orjson.dumps(shown.best.object, option=orjson.OPT_INDENT_2).decode().split("\n"))
    for prop, target in shown.pointed_to:
        face.say(f"{prop} → {target}")
    for prop, other in shown.pointing:
        face.say(f"{other.stix_id} ({prop}) → this")
    face.finish(
        {
            "id": stix_id,
            "object": shown.best.object if shown.best else None,
            "redacted": shown.best is not None and shown.best.is_redacted,
            "assertions": [_assertion(each) for each in shown.assertions],
            "withheld": [_withheld(each) for each in hidden],
            "pointed_to": [{"property": prop, "id": target} for prop, target in shown.pointed_to],
            "pointing": [{"property": prop, "id": other.stix_id} for prop, other in shown.pointing],
        }
    )


def _assertion(each: "Kept") -> dict[str, object]:
    return {
        "asserter": each.asserter,
        "author": each.author,
        "owner": each.owner,
        "state": each.state.name.lower(),
        "modified": time_of(each.modified),
        "received": time_of(each.received),
        "marking": marking_of(each),
        "overlay": each.overlay,
        "accord": each.accord,
        "terms": each.terms or None,
        "sha256": each.sha256.hex(),
        "redacted": each.is_redacted,
        "import": each.import_id,
    }


def _withheld(each: "Withheld") -> dict[str, object]:
    return {
        "asserter": each.asserter,
        "sha256": each.sha256,
        "state": each.state,
        "reason": each.reason,
        "text": each.text,
        "holds": list(each.holds),
    }
