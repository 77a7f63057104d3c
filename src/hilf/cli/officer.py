"""`hilf officer`: people whose own keys sign for this node."""

from pathlib import Path

import click

from hilf.cli.face import Face, command, example
from hilf.cli.identity import ROOT_KEYS, change
from hilf.cli.leaving import is_revoked, key_options


@click.group(epilog=example("hilf officer add amal --role accord,approval"))
def officer() -> None:
    """People whose own keys sign for this node: verifications, accords, approvals, retractions."""


@officer.command(epilog=example("hilf officer add amal --role accord,approval --root-keys /media/stick"))
@click.argument("name")
@click.option(
    "--role", metavar="ROLE,…", help="accord, approval, verification, retraction; all when left out."
)
@ROOT_KEYS
@command
def add(face: Face, name: str, role: str | None, root_keys: Path | None) -> None:
    """Make a key for an officer, under the officer's own passphrase, and name the officer in our identity.

    The passphrase is asked for twice and has 12 characters at least; Enter alone has six words made, shown once.
    Published at once when enough root keys are there; else the proposal waits for hilf identity sign.
    """
    home = face.open()
    from hilf.node import proposal  # late, so that --help needs no database
    from hilf.node.change import Change, NewOfficer
    from hilf.node.identity import ROLES

    roles = tuple(each.strip() for each in role.split(",")) if role else ROLES
    proposal.check_new_officer(home, name, roles)
    passphrase, is_made = face.new_passphrase(name)
    made: dict[str, object] = {}
    if is_made:
        face.say(
            f"Let {name} write this down now; it is shown once:",
            f"  Officer {name}, passphrase: {passphrase}",
        )
        made["passphrase"] = passphrase
    change(face, home, Change(officer=NewOfficer(name, roles, passphrase)), root_keys, made)


@officer.command(epilog=example("hilf officer remove amal --revoke --root-keys /media/stick"))
@click.argument("name")
@key_options
@ROOT_KEYS
@command
def remove(face: Face, name: str, root_keys: Path | None, *, revoke: bool, keep_valid: bool) -> None:
    """Let an officer sign nothing new. Say what becomes of the key: --revoke or --keep-valid.

    A key that is not revoked can still sign an agreement with a date before today, and partners take that. Keep only a
    key that is renewed, or whose every copy is destroyed. Releases that the officer proposed or approved and that
    still wait die. Published at once when enough root keys are there; else the proposal waits for hilf identity sign.
    """
    revoked = is_revoked(name, revoke=revoke, keep_valid=keep_valid)
    home = face.open()
    from hilf.node.change import Change  # late, so that --help needs no database

    change(face, home, Change(leaving=name, leaving_revoked=revoked), root_keys)


@officer.command("list", epilog=example("hilf officer list"))
@command
def list_(face: Face) -> None:
    """The officers that our newest document names, and whose keys lie in this home."""
    home = face.open()
    from hilf.node import identity as verbs  # late, so that --help needs no database
    from hilf.node.home import officers

    newest, here = verbs.own(home).newest, officers(home)
    listed = list(newest.officers.values())
    face.table(
        ("Officer", "Roles", "Key here", "Kid"),
        ((o.name, ", ".join(o.roles), "yes" if o.name in here else "no", o.key.kid) for o in listed),
        "No officers: nobody can sign for this node. Add one: hilf officer add NAME",
    )
    if len(listed) < newest.officers_per_act:
        face.say(f"Acts need {newest.officers_per_act} officers: hilf officer add NAME")
    face.finish(
        {
            "officers": [
                {"name": o.name, "roles": list(o.roles), "kid": o.key.kid, "key_here": o.name in here}
                for o in listed
            ],
            "officers_per_act": newest.officers_per_act,
        }
    )
