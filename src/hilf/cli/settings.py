"""`hilf settings`: every setting, where it was set, and what is wrong with it."""

import re

import click

from hilf.cli.face import Face, command, example

_PASSWORD = re.compile(r"(://[^:/@]*:)[^@]*(@)")


@click.group(epilog=example("hilf settings check"))
def settings() -> None:
    """Settings of this node: HOME/hilf.toml, overridden by HILF_… variables."""


@settings.command(epilog=example("hilf settings check --json"))
@command
def check(face: Face) -> None:
    """Print every setting with its source. Exit code 1 when one is wrong."""
    from hilf.settings import examined  # settings load Django, which --help does not need

    values, faults = examined(face.home_path)
    listed = [(each.name, _PASSWORD.sub(r"\1…\2", each.text), each.source) for each in values.values()]
    face.table(("Setting", "Value", "Source"), listed, "")
    for fault in faults:
        face.say(f"FAULT: {fault}")
    face.say(*(["Nothing is wrong."] if not faults else []))
    face.finish(
        {
            "settings": [{"name": name, "value": text, "source": source} for name, text, source in listed],
            "faults": list(faults),
        },
        ok=not faults,
    )
