"""`hilf hold`: objects that must be hidden like all others, and may not be erased while a hold stands (protocol.md 5)."""

from typing import TYPE_CHECKING

import click
import orjson

from hilf.cli.face import Face, command, example, iso, iso_or_none

if TYPE_CHECKING:
    from hilf.node.hold import Hold

# The verbs are imported inside of commands: they need a database in use, and `hilf --help` must be fast.
OFFICER = click.option("--as", "officer", metavar="OFFICER", help="Who signs; asked for the passphrase.")


@click.group(
    epilog=example("hilf hold set --select 'partner:cert.qn.example' --reason 'court order 7' --as officer")
)
def hold() -> None:
    """Legal holds: what is taken back or over is hidden, and erased only when the hold is lifted."""


@hold.command(
    "set",
    epilog=example(
        "hilf hold set --select 'partner:cert.qn.example type:indicator' --reason 'court order 7' --as officer",
        "hilf hold set --object indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --reason 'inquiry' --as officer",
    ),
)
@click.option("--select", default="", metavar="TERMS", help="What is held, as it stands now.")
@click.option("--object", "objects", multiple=True, metavar="ID", help="An object, hidden ones included.")
@click.option("--reason", required=True, help="Kept here, never sent.")
@OFFICER
@command
def set_(face: Face, select: str, objects: tuple[str, ...], reason: str, officer: str | None) -> None:
    """Hold objects with all their versions, those that come later too. One officer signs."""
    home = face.open()
    from hilf.node import hold as verbs
    from hilf.node import identity
    from hilf.node.home import now

    name = identity.chosen_officer(home, officer)
    key = face.signing(home, name, verbs.ROLE, lambda _: verbs.check_set(home, select, objects))
    made = verbs.set_(home, select, objects, reason, key, now())
    face.say(
        f"{made.name} holds {made.objects} object{'' if made.objects == 1 else 's'}.",
        "They are hidden when they must be, and not erased; partners are told so.",
        f"To end it, as many officers as an act takes: hilf hold lift {made.name} --as OFFICER",
    )
    face.finish(_document(made))


@hold.command("list", epilog=example("hilf hold list --json"))
@command
def list_(face: Face) -> None:
    """All holds, what they cover, and which officers did what about them."""
    home = face.open()
    from hilf.node import hold as verbs
    from hilf.node.home import now

    found = verbs.every(home, now())
    face.table(
        ("Hold", "Since", "Objects", "Reason", "Lifted", "Signed by"),
        [
            (
                each.name,
                iso(each.at),
                each.objects,
                each.reason,
                iso_or_none(each.lifted)
                or (f"{each.missing} more must sign" if each.missing is not None else ""),
                ", ".join(f"{act.officer} ({act.word})" for act in each.acts),
            )
            for each in found
        ],
        "No holds: whatever must go is erased. Set one: hilf hold set --select TERMS --reason TEXT --as OFFICER",
    )
    face.finish({"holds": [_document(each) for each in found]})


@hold.command(
    "lift", epilog=example("hilf hold lift hold--0b9d5c0e-5c1e-4f0a-8a53-2f4d8a6f2c11 --as officer")
)
@click.argument("name", metavar="HOLD")
@OFFICER
@command
def lift(face: Face, name: str, officer: str | None) -> None:
    """End a hold, with as many officers as an act takes; what had to go is erased, and partners are told."""
    home = face.open()
    from hilf.node import hold as verbs
    from hilf.node import identity, retention
    from hilf.node.home import now

    who = identity.chosen_officer(home, officer)
    key = face.signing(home, who, verbs.ROLE, lambda kid: verbs.check_lift(home, name, kid, now()))
    done = verbs.lift(home, name, key, now())
    if done.lifted is None:
        face.say(f"{name} stands until {done.missing} more officer(s) repeat it with --as.")
    else:
        retention.carry_out(home, now())
        face.say(f"{name} is lifted; what had to go is erased.")
    face.finish(_document(done))


@hold.command(
    "show",
    epilog=example(
        "hilf hold show hold--0b9d5c0e-5c1e-4f0a-8a53-2f4d8a6f2c11 "
        "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --as officer"
    ),
)
@click.argument("name", metavar="HOLD")
@click.argument("object_id", metavar="OBJECT")
@OFFICER
@command
def show(face: Face, name: str, object_id: str, officer: str | None) -> None:
    """Show a hidden body that a hold keeps. The officer signs for having looked, and that stays in the hold."""
    home = face.open()
    from hilf.node import hold as verbs
    from hilf.node import identity
    from hilf.node.home import now

    who = identity.chosen_officer(home, officer)
    key = face.signing(home, who, verbs.ROLE, lambda _: verbs.check_show(name, object_id))
    bodies = verbs.show(home, name, object_id, key, now())
    for each in bodies:
        face.say(f"As {each.asserter} said it ({each.sha256.hex()[:16]}):", each.body.decode())
    if not bodies:
        face.say(f"Nothing of it is hidden: hilf show {object_id}")
    face.finish(
        {
            "hold": name,
            "object": object_id,
            "hidden": [
                {"asserter": each.asserter, "sha256": each.sha256.hex(), "object": orjson.loads(each.body)}
                for each in bodies
            ],
        }
    )


def _document(each: "Hold") -> dict[str, object]:
    return {
        "hold": each.name,
        "reason": each.reason,
        "select": each.selection,
        "at": iso(each.at),
        "lifted": iso_or_none(each.lifted),
        "objects": each.objects,
        "officers_missing": each.missing,
        "acts": [
            {"at": iso(act.at), "act": act.word, "officer": act.officer, "object": act.about or None}
            for act in each.acts
        ],
    }
