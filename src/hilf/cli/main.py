"""`hilf`: the command and its rooms, each loaded only when it is called, so that --help is fast."""

import importlib
import sys

import click

from hilf import __version__

# command -> where it lives; the order is the order of --help
COMMANDS = {
    "init": "init:init",
    "serve": "serve:serve",
    "worker": "serve:worker",
    "demo": "demo.story:demo",
    "status": "status:status",
    "import": "intelligence:import_",
    "search": "intelligence:search",
    "show": "show:show",
    "findings": "intelligence:findings",
    "quarantine": "quarantine:quarantine",
    "undo": "intelligence:undo",
    "sources": "intelligence:sources",
    "peer": "peer:peer",
    "accord": "accord:accord",
    "lists": "lists:lists",
    "markings": "markings:markings",
    "release": "release:release",
    "consent": "consent:consent",
    "retract": "retract:retract",
    "retention": "retention:retention",
    "hold": "hold:hold",
    "sync": "sync:sync",
    "receipts": "sync:receipts",
    "identity": "identity:identity",
    "officer": "officer:officer",
    "user": "user:user",
    "audit": "audit:audit",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "notify": "notify:notify",
    "settings": "settings:settings",
}
SHORT = {
    "init": "Make a home: keys, identity, database.",
    "serve": "Run gateway and worker.",
    "worker": "Run the worker only.",
    "demo": "Three nations on loopback, the whole story.",
    "status": "Health, peers, queues, clocks, expiries.",
    "import": "Take in STIX 2.1 files.",
    "search": "Find objects.",
    "show": "Show one object, as kept.",
    "findings": "What was found wrong in an import.",
    "quarantine": "What waits for a person: accept or drop it.",
    "undo": "Take one whole import back.",
    "sources": "Default marking and reliability of sources.",
    "peer": "Other nodes: cards, verification, state.",
    "accord": "Agreements: draft, propose, sign, suspend, end.",
    "lists": "Own assets, victims, warning lists: stop, warn, off.",
    "markings": "How markings are read; our own, to write.",
    "release": "Preview, send, approve, why.",
    "consent": "Whether what a nation wrote may go on: ask, give, deny.",
    "retract": "Take back what was sent.",
    "retention": "What may be kept for a time only.",
    "hold": "Legal holds: hidden, not erased.",
    "sync": "One round with peers, now.",
    "receipts": "What partners signed for.",
    "identity": "Our identity document.",
    "officer": "People whose keys sign for this node.",
    "user": "People who sign in at the console, and their roles.",
    "audit": "Who did, saw, tried and was denied what.",
    "backup": "Database and keys, each as a checked file.",
    "restore": "Make a backup the database again.",
    "notify": "Messages to the duty officer, without content.",
    "settings": "Every setting with its source.",
}


class Rooms(click.Group):
    """Loads a command's module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        """All commands, in the order of a newcomer's day."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 click's signature
        """Import the room of one command."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, name = place.split(":")
        command: click.Command = getattr(importlib.import_module(f"hilf.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 click's signature
        """List the commands without importing their modules."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, SHORT[name]) for name in COMMANDS])


@click.group(cls=Rooms, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hilf")
def hilf() -> None:
    """A node with which nations defend themselves together in cyberspace.

    Start with: hilf demo. Every command has --home, --json and --help with an example.
    """


def main() -> None:
    """Run the command line."""
    sys.exit(hilf())
