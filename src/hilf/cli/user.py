"""`hilf user`: people who sign in at the console, and what they may do there (faces.md 1)."""

from typing import TYPE_CHECKING

import click

from hilf.cli.face import Face, command, example, iso, iso_or_none

if TYPE_CHECKING:
    from hilf.canonical import Json
    from hilf.node.user import Invited, Listed

_ROLES = click.option(
    "--role",
    "roles",
    required=True,
    metavar="ROLE,…",
    help="viewer, analyst, releaser, approver, liaison, key-officer, auditor, admin.",
)


@click.group(
    epilog=example(
        "hilf user add amal --role analyst,releaser --lang ar",
        "hilf user officer amal --is amal",
        "hilf user list",
    )
)
def user() -> None:
    """People who sign in at the console: invite them, give them roles, bind them to an officer's key."""


@user.command(epilog=example("hilf user add amal --role analyst,releaser --lang ar"))
@click.argument("name")
@_ROLES
@click.option("--lang", "language", default="en", metavar="ar|en|fr", help="Of the pages this person sees.")
@command
def add(face: Face, name: str, roles: str, language: str) -> None:
    """Add an account and print a link with which its person sets a password, once, within three days."""
    face.open()
    from hilf.node import user as verbs  # late, so that --help needs no database
    from hilf.node.home import now

    _tell(face, verbs.add(name, [verbs.role_named(each) for each in roles.split(",")], language, now()))


@user.command(epilog=example("hilf user invite amal"))
@click.argument("name")
@command
def invite(face: Face, name: str) -> None:
    """A new link for somebody who lost it, the password or the second factor; those count no longer."""
    face.open()
    from hilf.node import user as verbs  # late, so that --help needs no database
    from hilf.node.home import now

    _tell(face, verbs.invite(name, now()))


def _tell(face: Face, invited: "Invited") -> None:
    from hilf.node.user import link  # late, so that --help needs no database
    from hilf.settings import values_of

    url = link(values_of(face.home_path)["console_url"].text, invited.token)
    face.say(
        f"Hand this link to {invited.account.name} by a safe way; it is shown once, counts once,",
        f"and until {iso(invited.expires)}:",
        f"  {url}",
    )
    face.finish(
        {
            "user": invited.account.name,
            "roles": list(invited.account.roles),
            "link": url,
            "expires": iso(invited.expires),
        }
    )


@user.command("list", epilog=example("hilf user list --json"))
@command
def list_(face: Face) -> None:
    """Everybody who may sign in or might, with roles, officer and second factor."""
    home = face.open()
    from hilf.node import user as verbs  # late, so that --help needs no database

    listed = verbs.listed(home)
    face.table(
        ("Person", "Roles", "Officer", "Second factor", "Signed in", "State"),
        (
            (
                each.account.name,
                ", ".join(each.account.roles),
                each.officer or "",
                "yes" if each.has_factor else "no",
                iso(each.account.last_login) if each.account.last_login else "never",
                _state(each),
            )
            for each in listed
        ),
        "Nobody. Add somebody: hilf user add NAME --role ROLE",
    )
    users: list[Json] = [
        {
            "name": each.account.name,
            "roles": list(each.account.roles),
            "officer": each.officer,
            "second_factor": each.has_factor,
            "last_login": iso_or_none(each.account.last_login),
            "state": _state(each),
            "language": each.account.language,
        }
        for each in listed
    ]
    face.finish({"users": users})


def _state(each: "Listed") -> str:
    if not each.account.enabled:
        return "disabled"
    return "invited" if each.invited_until and not each.account.has_password else "enabled"


@user.command(epilog=example("hilf user disable amal"))
@click.argument("name")
@command
def disable(face: Face, name: str) -> None:
    """Let somebody sign in no longer; open sessions end. The officer's key is another matter: hilf officer remove."""
    _set_enabled(face, name, enabled=False)


@user.command(epilog=example("hilf user enable amal"))
@click.argument("name")
@command
def enable(face: Face, name: str) -> None:
    """Let somebody who was disabled sign in again."""
    _set_enabled(face, name, enabled=True)


def _set_enabled(face: Face, name: str, *, enabled: bool) -> None:
    face.open()
    from hilf.node import user as verbs  # late, so that --help needs no database

    verbs.set_enabled(name, enabled)
    face.say(f"{name} may sign in again." if enabled else f"{name} may sign in no longer.")
    face.finish({"user": name, "enabled": enabled})


@user.command(epilog=example("hilf user roles amal analyst,releaser"))
@click.argument("name")
@click.argument("roles", metavar="ROLE,…")
@command
def roles(face: Face, name: str, roles: str) -> None:
    """Give somebody these roles and no others.

    An administrator can neither read RED content nor approve, and an auditor changes nothing, whatever other roles the
    same account has.
    """
    face.open()
    from hilf.node import user as verbs  # late, so that --help needs no database

    changed = verbs.set_roles(name, [verbs.role_named(each) for each in roles.split(",")])
    face.say(f"{name}: {', '.join(changed.roles)}.")
    face.finish({"user": name, "roles": list(changed.roles)})


@user.command(epilog=example("hilf user officer amal --is amal", "hilf user officer amal --none"))
@click.argument("name")
@click.option("--is", "officer", metavar="OFFICER", help="The officer who this person is.")
@click.option("--none", "nobody", is_flag=True, help="The person signs no longer.")
@command
def officer(face: Face, name: str, officer: str | None, *, nobody: bool) -> None:
    """Say which officer a person is; in the console the person signs with that key.

    A key belongs to one person for ever, so that nobody approves with one key what they proposed with another.
    """
    if (officer is None) != nobody:
        raise click.UsageError("Name the officer with --is OFFICER, or say --none.")
    home = face.open()
    from hilf.node import user as verbs  # late, so that --help needs no database
    from hilf.node.home import now

    verbs.bind(home, name, officer, now())
    face.say(f"{name} signs as officer {officer}." if officer else f"{name} signs as no officer.")
    face.finish({"user": name, "officer": officer})
