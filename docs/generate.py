"""Writes the reference pages from the code: errors, rules, commands. `make docs`; a test says when they are stale."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from hilf.accord.explain import REFUSALS, RULES
from hilf.cli.main import hilf
from hilf.lists.explain import RULES as LIST_RULES

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "hilf"
FAMILIES = {"Refusal": "1", "CallerFault": "2", "OperatorFault": "3"}

# What `stix.read` says of one object. Refused objects stay out; quarantined ones are kept aside; warnings only tell.
STIX_RULES = {
    "json.broken": ("refused", "The bytes are no JSON."),
    "json.depth": ("refused", "Brackets are nested deeper than 27: no act could carry it to a partner."),
    "json.size": ("refused", "One object is larger than an act can carry (7 MiB with its envelope)."),
    "json.values": ("refused", "One object has more than 1.89 million values: no partner would parse it."),
    "json.duplicate-name": (
        "refused",
        "A name stands twice in one object: readers would disagree on what it says.",
    ),
    "json.nul": ("refused", "A text holds a NUL character."),
    "stix.object": ("refused", "It is no STIX object: no `type`, or not an object at all."),
    "stix.id": ("refused", "The id is not TYPE--UUID, or of another type."),
    "stix.bundle": ("refused", "A bundle inside a bundle."),
    "stix.schema": ("refused", "The OASIS schema of its type refuses it; the place is named."),
    "stix.pattern": ("refused", "The pattern does not follow the grammar (STIX 2.1 section 9)."),
    "stix.timestamp": ("refused", "A timestamp names no moment (STIX 2.1 section 3.2)."),
    "stix.time-order": ("refused", "Two times stand in the wrong order, such as modified before created."),
    "stix.reference-type": ("refused", "A reference points to a type that it may not point to."),
    "stix.marking-type": ("refused", "A marking reference names something that is no marking definition."),
    "stix.marking-circular": ("refused", "A marking definition marks itself."),
    "stix.granular": ("refused", "A granular marking is incomplete."),
    "stix.selector": ("refused", "A selector names something that the object does not have."),
    "stix.tlp": ("refused", "A TLP marking definition differs from the standard's."),
    "stix.version-2.0": (
        "refused",
        "STIX 2.0 that cannot be upgraded mechanically, such as observed-data with `objects`.",
    ),
    "stix.future": ("quarantined", "Created or modified more than ten minutes ahead of now."),
    "json.integer-beyond-2-53-1": (
        "quarantined",
        "An integer that canonical JSON cannot hold; it is never rounded.",
    ),
    "json.would-be-written-as-an-integer-beyond-2-53-1": (
        "quarantined",
        "A number that would become such an integer.",
    ),
    "intake.equivocation": (
        "quarantined",
        "The same node says two things of one version; both are kept as evidence.",
    ),
    "ownership.no-proof": ("quarantined", "It claims an author and carries no proof of that author."),
    "ownership.other-author": ("quarantined", "Its id belongs to an object that somebody else wrote."),
    "intake.too-costly": (
        "refused",
        "Reading the objects of this batch took more than 20 s of processor time; the rest may come in another batch.",
    ),
    "intake.retracted": (
        "refused",
        "This version was retracted. Only what went because its time was over comes back, with a new act.",
    ),
    "quarantine.dropped": (
        "dropped, then refused",
        "A person dropped it (`hilf quarantine drop`), with the reason; the very same is refused when it comes again.",
    ),
    "quarantine.accepted": ("accepted", "A person let it count (`hilf quarantine accept`), with the reason."),
    "stix.upgraded": ("warning", "STIX 2.0, read as 2.1."),
    "stix.reference": ("warning", "A reference of a custom property has no id's form."),
    "stix.pattern-hash": ("warning", "A hash in the pattern has not the length of its algorithm."),
    "stix.deterministic-id": ("warning", "The id of an observable does not follow from its content."),
    "stix.tlp-addition": ("warning", "A TLP marking definition has members beyond the standard's."),
}


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "…" for v in node.values)
    return "…"


def _errors() -> Iterator[tuple[str, str, str, str]]:
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in FAMILIES
                and node.args
            ):
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    what, remedy = (_text(node.args[n]) if len(node.args) > n else "" for n in (1, 3))
                    yield str(first.value), FAMILIES[node.func.id], what, remedy


def errors() -> str:
    """docs/reference/errors.md: each code with what happened and what to do."""
    lines = [
        "# Errors",
        "",
        "A message says what happened, why, what to do, and a code that stays the same in every language and version.",
        "The exit code tells a script whose move it is: 1 a rule refuses, 2 the command is wrong, 3 the surroundings fail, or hilf itself.",
        "Three dots stand for what differs from case to case. Made by `make docs`.",
        "",
        "| code | exit | what happened | what to do |",
        "|---|---|---|---|",
    ]
    seen: set[str] = set()
    for code, exit_code, what, remedy in sorted(_errors()):
        if code not in seen:
            seen.add(code)
            shown = (" ".join(text.replace("|", "\\|").split()) for text in (what, remedy))
            lines.append(f"| `{code}` | {exit_code} | {' | '.join(shown)} |")
    return "\n".join(lines) + "\n"


def rules() -> str:
    """docs/reference/rules.md: what is said of objects, and what decides a release."""
    lines = [
        "# Rules",
        "",
        "What `hilf import` and `hilf findings` say of an object, and what `hilf release preview` and `why` say of a release,",
        "and by which rule this node refuses a step of its own in an agreement: signing, suspending, ending.",
        "Made by `make docs`.",
        "",
        "## Of an object",
        "",
        "| rule | outcome | what it means |",
        "|---|---|---|",
        *(f"| `{rule}` | {outcome} | {text} |" for rule, (outcome, text) in STIX_RULES.items()),
        "",
        "## Of a release",
        "",
        "| rule | what it says |",
        "|---|---|",
        *(f"| `{rule.slug}` | {rule.text} |" for rule in (*RULES, *LIST_RULES)),
        "",
        "## Of a step in the life of an agreement",
        "",
        "| rule | what it says |",
        "|---|---|",
        *(f"| `{rule.slug}` | {rule.text} |" for rule in REFUSALS),
    ]
    return "\n".join(lines) + "\n"


def _commands(command: click.Command, name: str, parent: click.Context | None) -> Iterator[tuple[str, str]]:
    context = click.Context(
        command,
        info_name=name.rsplit(maxsplit=1)[-1],
        parent=parent,
        terminal_width=100,
        max_content_width=100,
        **command.context_settings,
    )
    yield name, command.get_help(context)
    if isinstance(command, click.Group):
        for sub in command.list_commands(context):
            found = command.get_command(context, sub)
            if found is not None:
                yield from _commands(found, f"{name} {sub}", context)


def commands() -> str:
    """docs/reference/commands.md: the help of every command."""
    lines = ["# Commands", "", "The help of every command. Made by `make docs`."]
    for name, text in _commands(hilf, "hilf", None):
        lines += ["", f"## {name}", "", "```", *(line.rstrip() for line in text.splitlines()), "```"]
    return "\n".join(lines) + "\n"


PAGES = {"errors.md": errors, "rules.md": rules, "commands.md": commands}


def main(folder: Path) -> None:
    """Write all pages into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "reference")
