"""What every command shares (faces.md 1): it is listed with a sentence, and its help has an example."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from hilf.cli.main import COMMANDS, SHORT, hilf


def every(command, words=()):
    yield words
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from every(command.get_command(context, name), (*words, name))


@pytest.mark.parametrize("words", list(every(hilf)), ids=" ".join)
def test_help_has_an_example(words):
    result = CliRunner().invoke(hilf, [*words, "--help"])
    assert result.exit_code == 0
    assert "hilf demo" in result.stdout if not words else "Example" in result.stdout


def test_every_command_is_listed_with_a_sentence():
    listed = CliRunner().invoke(hilf, ["--help"]).stdout.splitlines()
    assert list(COMMANDS) == list(SHORT)
    assert [" ".join(line.split()) for line in listed[listed.index("Commands:") + 1 :]] == [
        f"{name} {sentence}" for name, sentence in SHORT.items()
    ]


def test_help_loads_neither_django_nor_a_room():
    loaded = "import sys; from hilf.cli.main import hilf; hilf(['--help'], standalone_mode=False); print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {"django", "hilf.node.intake", "hilf.store.database"}.isdisjoint(modules)
    assert "click" in modules


def test_a_command_that_does_not_exist_is_wrong_use():
    assert CliRunner().invoke(hilf, ["frobnicate"]).exit_code == 2
