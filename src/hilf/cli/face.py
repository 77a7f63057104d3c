"""What every command shares: --home, --json, how answers and errors are printed, exit codes (faces.md 1).

Exit codes: 0 done; 1 refused or found wanting (reasons printed); 2 wrong use; 3 the surroundings fail.
"""

import functools
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import ParamSpec

import click
import orjson

from hilf.errors import CallerFault, HilfError, OperatorFault
from hilf.node.home import Home, default_path

P = ParamSpec("P")

_GAP = "  "
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What a terminal obeys instead of showing: control characters, and those that turn the direction of a line."""


def example(*lines: str) -> str:
    """Lines of an example for the end of --help, not wrapped."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def visible(text: str) -> str:
    """A text that may be a partner's, as one line that a terminal shows and does not obey."""
    return _UNSEEN.sub(lambda found: ascii(found[0])[1:-1], text)


class Face:
    """One command's conversation with a person or a script."""

    def __init__(self, home: Path, as_json: bool) -> None:
        self.home_path = home
        self.as_json = as_json

    def open(self) -> Home:
        """Open the home that --home names."""
        from hilf.settings import open_home  # settings load Django, which --help does not need

        return open_home(self.home_path)

    def say(self, *lines: str) -> None:
        """Print lines for a person; nothing with --json."""
        if not self.as_json:
            for line in lines:
                click.echo(visible(line))

    def table(self, heads: Sequence[str], lines: Iterable[Sequence[object]], empty: str) -> None:
        """Print a table for a person, or the sentence that says what to do while there is nothing.

        Nothing is ever cut, so that every id can be copied: on a terminal that is too narrow, each line becomes a
        paragraph. Into a file or a pipe each line stays one line.
        """
        if self.as_json:
            return
        from rich.cells import cell_len

        listed = [[visible(str(cell)) for cell in line] for line in lines]
        if not listed:
            click.echo(empty)
            return
        widths = [max(map(cell_len, column)) for column in zip(heads, *listed, strict=True)]
        if sys.stdout.isatty() and sum(widths) + len(_GAP) * (len(widths) - 1) > _columns():
            for line in listed:
                self.say(*_paragraph(heads, line))
            return
        for number, line in enumerate([list(heads), *listed]):
            padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True))
            text = _GAP.join(padded).rstrip()
            click.echo(text if number else click.style(text, bold=True))

    def finish(self, document: Mapping[str, object], ok: bool = True) -> None:
        """Print the one JSON document with --json, and end with exit code 0 or 1."""
        if self.as_json:
            click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
        if not ok:
            raise SystemExit(1)

    def passphrase(self, officer: str) -> str:
        """The officer's passphrase: from the file in HILF_PASSPHRASE_FILE, else asked for."""
        file = os.environ.get("HILF_PASSPHRASE_FILE")
        if file:
            try:
                return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
            except OSError as error:
                raise OperatorFault(
                    "face.passphrase-file",
                    f"{file} cannot be read: {error.strerror}.",
                    "HILF_PASSPHRASE_FILE names it.",
                    "Mend the variable.",
                ) from error
        if not sys.stdin.isatty():
            raise CallerFault(
                "face.no-passphrase",
                f"No passphrase for officer {officer}.",
                "There is no terminal to ask on.",
                "Put it into a file and name the file in HILF_PASSPHRASE_FILE.",
            )
        return str(click.prompt(f"Passphrase of {officer}", hide_input=True))


def _columns() -> int:
    return shutil.get_terminal_size().columns


def _paragraph(heads: Sequence[str], line: Sequence[str]) -> list[str]:
    """One line of a table as a paragraph: the first cell, then whatever else is filled."""
    named = [f"{head} {cell}" for head, cell in zip(heads, line, strict=True) if cell]
    wrapped = textwrap.wrap(
        " · ".join(named[1:]),
        _columns(),
        initial_indent=_GAP,
        subsequent_indent=_GAP,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [*named[:1], *wrapped]


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command --home and --json, hand it its Face first, and turn errors into messages and exit codes."""

    @click.option(
        "--home",
        type=click.Path(path_type=Path),
        default=None,
        help="The node's folder (default: $HILF_HOME, else ~/.hilf).",
    )
    @click.option(
        "--json", "as_json", is_flag=True, help="One JSON document on standard output, nothing else there."
    )
    @functools.wraps(function)
    def run(home: Path | None, as_json: bool, **options: object) -> None:
        face = Face(home or default_path(), as_json)
        try:
            function(face, **options)
        except HilfError as error:
            tell(error, as_json)
            raise SystemExit(error.exit_code) from error
        except BrokenPipeError:
            sys.stderr.close()
            raise SystemExit(3) from None

    return run


def tell(error: HilfError, as_json: bool) -> None:
    """Print what happened, why, what to do and the code; with --json as a document on standard output."""
    if as_json:
        document = {
            "error": {"code": error.code, "what": error.what, "why": error.why, "remedy": error.remedy}
        }
        click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
    for line in error.lines():
        click.echo("\n".join(map(visible, line.split("\n"))), err=True)
