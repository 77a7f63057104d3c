"""What the command line writes into the audit trail: who ran what, before it is done and what came of it (trust.md 7).

Whoever runs a command here can read every file of the home; the trail says what was done, it does not stop anybody.
"""

import getpass
import os
from typing import TYPE_CHECKING, Final

import click

from hilf.errors import HilfError, Refusal

if TYPE_CHECKING:
    from hilf.access.trail import Kind
    from hilf.canonical import Json

READING: Final = frozenset(
    {
        "accord effects",
        "accord list",
        "accord show",
        "audit list",
        "audit verify",
        "backup check",
        "consent list",
        "consent show",
        "demo",
        "findings",
        "hold list",
        "identity root-key",
        "identity show",
        "init",
        "lists check",
        "lists list",
        "lists show",
        "markings extension",
        "markings make",
        "markings show",
        "notify list",
        "officer list",
        "peer card",
        "peer list",
        "peer quota",
        "peer show",
        "quarantine list",
        "receipts",
        "release list",
        "release order list",
        "release order preview",
        "release order show",
        "release preview",
        "release why",
        "restore",
        "retention list",
        "retract status",
        "search",
        "serve",
        "settings check",
        "sources list",
        "status",
        "user list",
        "worker",
    }
)
"""Commands that change nothing and show no content, or run without a home that is there; every other one is written down."""

SEEING: Final = frozenset({"show", "hold show", "audit export", "backup keys"})
"""Commands of which the trail says that somebody saw something."""

_LONGEST: Final = 200


def path() -> str:
    """The command that runs, without `hilf`; empty outside of one."""
    context, words = click.get_current_context(silent=True), list[str]()
    while context is not None and context.parent is not None:
        words.insert(0, str(context.info_name))
        context = context.parent
    return " ".join(words)


def tried(kid: str | None) -> None:
    """Write down that a command begins."""
    from hilf.access.trail import Kind  # late, so that --help needs no database

    if path() not in READING | SEEING:
        _write(Kind.TRIED, kid)


def done(kid: str | None) -> None:
    """Write down that a command did what it does."""
    from hilf.access.trail import Kind  # late, so that --help needs no database

    if path() not in READING:
        _write(Kind.SAW if path() in SEEING else Kind.DID, kid)


def refused(kid: str | None, error: HilfError) -> None:
    """Write down that a rule refused; a mistake of the caller stays tried."""
    from hilf.access.trail import Kind  # late, so that --help needs no database

    if isinstance(error, Refusal) and path() not in READING:
        _write(Kind.DENIED, kid, code=error.code)


def _write(kind: "Kind", kid: str | None, **detail: "Json") -> None:
    from hilf.access.trail import Who  # late, so that --help needs no database
    from hilf.node import audit
    from hilf.node.home import now

    subject, options = _said()
    audit.write(kind, Who(person(), kid, "command line"), path(), subject, now(), {**options, **detail})


def person() -> str:
    """The user of the operating system."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _said() -> "tuple[str, dict[str, Json]]":
    """What the command is about, and its options; no option of any command holds a secret."""
    context = click.get_current_context()
    arguments, options = [], dict[str, "Json"]()
    for parameter in context.command.params:
        value = context.params.get(parameter.name or "")
        if value in (None, False, "", ()) or parameter.name in ("home", "as_json"):
            continue
        text = " ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
        if isinstance(parameter, click.Argument):
            arguments.append(text)
        else:
            options[str(parameter.name)] = text[:_LONGEST]
    return " ".join(arguments)[:_LONGEST], options
