"""What every command shares: --home, --json, how answers and errors are printed, exit codes (faces.md 1).

Exit codes: 0 done; 1 refused or found wanting (reasons printed); 2 wrong use; 3 the surroundings fail, or hilf itself.
"""

import functools
import os
import re
import shutil
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

import click
import orjson

from hilf.cli import trail
from hilf.errors import CallerFault, HilfError, OperatorFault
from hilf.node.home import Home, default_path, now, write_secret

if TYPE_CHECKING:
    from hilf.seal.key import PrivateKey

P = ParamSpec("P")

_GAP = "  "
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What a terminal obeys instead of showing: control characters, and those that turn the direction of a line."""


def example(*lines: str) -> str:
    """Lines of an example for the end of --help, not wrapped."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def iso(at: datetime) -> str:
    """An instant as every answer prints it: UTC, to the second."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def iso_or_none(at: datetime | None) -> str | None:
    """As `iso`; None where there is no instant."""
    return None if at is None else iso(at)


def visible(text: str) -> str:
    """A text that may be a partner's, as one line that a terminal shows and does not obey."""
    return _UNSEEN.sub(lambda found: ascii(found[0])[1:-1], text)


class Face:
    """One command's conversation with a person or a script; `columns` is the width of a terminal, None without one."""

    def __init__(self, home: Path, as_json: bool, columns: int | None = None) -> None:
        self.home_path = home
        self.as_json = as_json
        self.columns = columns
        self.kid: str | None = None
        self.is_open = False

    def open(self) -> Home:
        """Open the home that --home names."""
        from hilf.settings import open_home  # settings load Django, which --help does not need

        home = open_home(self.home_path)
        if not self.is_open:
            self.is_open = True
            trail.tried(None)
        return home

    def open_pages(self) -> Home:
        """Open the home that --home names in a process that shows pages."""
        from hilf.stack import configure_console  # late: it loads all of sign-in

        return configure_console(self.home_path)

    def open_current(self) -> Home:
        """Open the home that --home names, to show or release objects: what may be kept no longer is hidden first."""
        home = self.open()
        from hilf.node import retention  # late: --help needs no database

        retention.enforce(home, now())
        return home

    def say(self, *lines: str) -> None:
        """Print lines for a person; nothing with --json."""
        if not self.as_json:
            for line in lines:
                click.echo(visible(line))

    def note(self, *lines: str) -> None:
        """Tell a person something beside the answer, on standard error, with --json too."""
        for line in lines:
            click.echo(visible(line), err=True)

    def ask(self, words: str) -> str:
        """What a person types in answer; empty where there is no terminal to ask on."""
        return str(click.prompt(words, default="", show_default=False, err=True)) if _has_terminal() else ""

    def heading(self, text: str) -> None:
        """Print a heading for a person, set apart by a blank line."""
        if not self.as_json:
            click.echo()
            click.secho(visible(text), bold=True)

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
        if self.columns is not None and sum(widths) + len(_GAP) * (len(widths) - 1) > self.columns:
            for line in listed:
                self.say(*_paragraph(heads, line, self.columns))
            return
        for number, line in enumerate([list(heads), *listed]):
            padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True))
            text = _GAP.join(padded).rstrip()
            is_bold = number == 0 and self.columns is not None
            click.echo(click.style(text, bold=True) if is_bold else text, color=is_bold or None)

    def finish(self, document: Mapping[str, object], ok: bool = True) -> None:
        """Print the one JSON document with --json, and end with exit code 0 or 1.

        A member that is an iterator is printed entry by entry: a list of a hundred thousand stands in no memory.
        """
        if self.as_json:
            for piece in pieces_of(document):
                click.echo(piece, nl=False)
        if not ok:
            raise SystemExit(1)

    def passphrase(self, officer: str) -> str:
        """The officer's passphrase: from the file that HILF_PASSPHRASE_FILE… names, else asked for."""
        given = self.given_passphrase(officer)
        return given if given is not None else self._asked(officer, f"Passphrase of {officer}")

    def new_passphrase(self, officer: str) -> tuple[str, bool]:
        """A passphrase for a new officer's key, and whether it was made here and must be shown once.

        Raises:
            CallerFault: "officer.passphrase", "officer.passphrase-differs" or "face.no-passphrase".
        """
        from hilf.node import fresh  # late: --help needs no database
        from hilf.node.identity import check_passphrase

        given = self.given_passphrase(officer)
        if given is not None:
            check_passphrase(given)
            return given, False
        passphrase = self._asked(officer, f"New passphrase of {officer} (Enter alone: one is made)")
        if not passphrase:
            return fresh.passphrase(), True
        check_passphrase(passphrase)
        if self._asked(officer, "The same once more") != passphrase:
            raise CallerFault(
                "officer.passphrase-differs",
                "The two passphrases differ; no key was made.",
                "A key under a passphrase that nobody knows can never sign.",
                "Run it again, and type the same twice.",
            )
        return passphrase, False

    def signing(
        self, home: Home, officer: str, role: str, check: Callable[[str], object] = lambda _: None
    ) -> "PrivateKey":
        """The key of an officer who may sign in this role; asked for once `check` of its kid refuses nothing."""
        from hilf.node.identity import check_officer, signing_officer  # late: --help needs no database

        self.kid = check_officer(home, officer, role)
        check(self.kid)
        return signing_officer(home, officer, self.passphrase(officer), role)

    def given_passphrase(self, officer: str) -> str | None:
        """From the file in HILF_PASSPHRASE_FILE_<OFFICER>, else in HILF_PASSPHRASE_FILE; None without them."""
        own = "HILF_PASSPHRASE_FILE_" + re.sub("[-.]", "_", officer.upper())
        variable = own if os.environ.get(own) else "HILF_PASSPHRASE_FILE"
        file = os.environ.get(variable)
        if not file:
            return None
        try:
            return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
            raise OperatorFault(
                "face.passphrase-file",
                f"{file} cannot be read: {why}.",
                f"{variable} names it.",
                "Mend the variable.",
            ) from error

    def _asked(self, officer: str, words: str) -> str:
        """What a person types unseen; the question goes to standard error, so that --json stays one document."""
        if not _has_terminal():
            raise CallerFault(
                "face.no-passphrase",
                f"No passphrase for officer {officer}.",
                "There is no terminal to ask on.",
                "Put it into a file and name the file in HILF_PASSPHRASE_FILE.",
            )
        return str(click.prompt(words, hide_input=True, default="", show_default=False, err=True))


def pieces_of(document: Mapping[str, object]) -> Iterator[str]:
    """A document as JSON, indented, ending with a line end; in pieces where a member of it is an iterator."""
    if not any(isinstance(value, Iterator) for value in document.values()):
        yield orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"
        return
    before = "{\n"
    for name, value in document.items():
        yield f"{before}  {orjson.dumps(name).decode()}: "
        before = ",\n"
        if not isinstance(value, Iterator):
            yield _indented(value, "  ")
            continue
        between = "["
        for each in value:
            yield f"{between}\n    {_indented(each, '    ')}"
            between = ","
        yield "[]" if between == "[" else "\n  ]"
    yield "\n}\n"


def _indented(value: object, by: str) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode().replace("\n", f"\n{by}")


def _has_terminal() -> bool:
    return sys.stdin.isatty()


def _columns() -> int | None:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _paragraph(heads: Sequence[str], line: Sequence[str], columns: int) -> list[str]:
    """One line of a table as a paragraph: the first cell, then whatever else is filled."""
    named = [f"{head} {cell}" for head, cell in zip(heads, line, strict=True) if cell]
    wrapped = textwrap.wrap(
        " · ".join(named[1:]),
        columns,
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
        face = Face(home or default_path(), as_json, _columns())
        try:
            _written(face, function, options)
        except HilfError as error:
            tell(error, as_json)
            raise SystemExit(error.exit_code) from error
        except (click.Abort, KeyboardInterrupt) as stopped:
            click.echo(err=True)  # ends the line on which ^C stands
            fault = _interrupted()
            tell(fault, as_json)
            raise SystemExit(fault.exit_code) from stopped
        except BrokenPipeError:
            sys.stderr.close()
            raise SystemExit(3) from None
        except (click.ClickException, click.exceptions.Exit):
            raise
        except Exception as error:  # the last resort: whatever went wrong, a person reads a sentence
            fault = _fault(error, face.home_path)
            tell(fault, as_json)
            raise SystemExit(fault.exit_code) from error

    return run


def _written(face: Face, function: Callable[..., None], options: Mapping[str, object]) -> None:
    """Run a command, and write down what came of it, where there is a home to write in."""
    try:
        function(face, **options)
    except HilfError as error:
        if face.is_open:
            trail.refused(face.kid, error)
        raise
    if face.is_open:
        trail.done(face.kid)


def _fault(error: Exception, home: Path) -> OperatorFault:
    """What a person is told of an exception that nobody expected."""
    text = "".join(traceback.format_exception(error))
    file = None if os.environ.get("HILF_DEBUG") else _kept(text, home)
    if file is None:
        click.echo(text, err=True, nl=False)
    return OperatorFault(
        "hilf.fault",
        f"{type(error).__name__}: a fault of hilf, not of yours; its traceback {f'stands in {file}' if file else 'is above'}.",
        "",
        "Report it with its traceback. It may name what was worked on: read it before you pass it on.",
    )


def _kept(text: str, home: Path) -> Path | None:
    """The file in which the traceback is kept; None where there is no home, or it cannot be written."""
    file = home / "faults" / f"{now().strftime('%Y%m%dT%H%M%S.%fZ')}.txt"
    if (home / "hilf.toml").is_file():
        with suppress(OSError):
            write_secret(file, text.encode("utf-8", "backslashreplace"))
            return file
    return None


def _interrupted() -> OperatorFault:
    return OperatorFault(
        "face.interrupted",
        "Stopped from the keyboard.",
        "Nothing is half done: a step is finished, or it did not happen.",
        "See how it stands (hilf status), then run the command again.",
    )


def tell(error: HilfError, as_json: bool) -> None:
    """Print what happened, why, what to do and the code; with --json as a document on standard output."""
    if as_json:
        document = {
            "error": {"code": error.code, "what": error.what, "why": error.why, "remedy": error.remedy}
        }
        click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
    for line in error.lines():
        click.echo("\n".join(map(visible, line.split("\n"))), err=True)
