"""What a person sees of any answer: tables of which nothing is cut, and nothing that a terminal would obey."""

from pathlib import Path

import click
import orjson
import pytest
from click.testing import CliRunner

from hilf.cli.face import Face, command, example, visible

HEADS = ("stays", "rule", "clause", "reason")
ID = "relationship--98257617-fe1e-54e2-b010-5e532b76743f"
LINES = [
    (ID, "accord.forbidden", "", "Clause c-4 forbids it: " + "what is marked TLP:RED is never sent " * 4)
]


@pytest.fixture
def face(tmp_path):
    return Face(tmp_path, False)


def on_terminal(columns):
    return Face(Path(), False, columns)


def test_what_a_terminal_obeys_is_shown_and_everything_else_stays():
    assert visible("a\x1b[31mb\r\n\u202egnp.exe\x9b") == "a\\x1b[31mb\\r\\n\\u202egnp.exe\\x9b"
    assert visible("حلف · Ḥilf — 协议 {[red]}") == "حلف · Ḥilf — 协议 {[red]}"


def test_lines_and_tables_are_visible(face, capsys):
    face.say("one\nline")
    face.table(("name",), [("a\x1b[2Jb",)], "")
    assert capsys.readouterr().out == "one\\nline\nname\na\\x1b[2Jb\n"


def test_a_heading_is_plain_in_a_pipe_and_a_partner_s_text_in_it_is_visible(face, capsys):
    face.heading("2. They meet \x1b[2J")
    assert capsys.readouterr().out == "\n2. They meet \\x1b[2J\n"


def test_into_a_pipe_each_line_of_a_table_is_one_line_whole(face, capsys):
    face.table(HEADS, LINES, "")
    head, line, *more = capsys.readouterr().out.splitlines()
    assert not more
    assert head.split() == list(HEADS)
    assert line.split("  ")[0] == ID
    assert line.endswith(LINES[0][3].rstrip())


def test_columns_are_aligned_whatever_the_script(face, capsys):
    face.table(("name", "state"), [("协议", "x"), ("Ḥilf", "y")], "")
    assert capsys.readouterr().out == "name  state\n协议  x\nḤilf  y\n"


def test_a_terminal_that_is_too_narrow_gets_paragraphs_of_which_nothing_is_cut(capsys):
    on_terminal(60).table(HEADS, LINES, "")
    first, *rest = capsys.readouterr().out.splitlines()
    assert first == f"stays {ID}"
    assert all(len(line) <= 60 and line.startswith("  ") for line in rest)
    told = " ".join(line.strip() for line in rest)
    assert told == f"rule accord.forbidden · reason {LINES[0][3].rstrip()}"


def test_a_terminal_that_is_wide_enough_gets_a_table(capsys):
    on_terminal(22).table(("name", "state"), [("abcdefghij", "0123456789")], "")
    assert capsys.readouterr().out.splitlines() == [
        "\x1b[1mname        state\x1b[0m",
        "abcdefghij  0123456789",
    ]
    on_terminal(21).table(("name", "state"), [("abcdefghij", "0123456789")], "")
    assert capsys.readouterr().out.splitlines() == ["name abcdefghij", "  state 0123456789"]


@click.command()
@command
def breaking(face):
    """A command with a mistake in it."""
    raise ZeroDivisionError(f"in {face.home_path}")


@click.command()
@command
def misused(face):
    """A command that click itself refuses."""
    raise click.UsageError("not like this")


@pytest.fixture
def a_home(tmp_path):
    (tmp_path / "hilf.toml").write_text("")
    return tmp_path


def call(home, *arguments, of=breaking, **environment):
    environment = {"HILF_DEBUG": None, **environment}
    return CliRunner().invoke(of, ["--home", str(home), *arguments], env=environment)


def test_a_fault_of_hilf_is_one_sentence_and_its_traceback_lies_in_the_home(a_home):
    answer = call(a_home)
    (file,) = (a_home / "faults").iterdir()
    sentence, _, code = answer.stderr.splitlines()
    assert (answer.exit_code, answer.stdout, code) == (3, "", "[hilf.fault]")
    assert sentence == f"ZeroDivisionError: a fault of hilf, not of yours; its traceback stands in {file}."
    text = file.read_text()
    assert text.startswith("Traceback")
    assert text.endswith(f"ZeroDivisionError: in {a_home}\n")
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_every_fault_has_its_own_file(a_home):
    call(a_home), call(a_home)
    assert len(list((a_home / "faults").iterdir())) == 2


def test_a_fault_with_json_is_one_document(a_home):
    answer = call(a_home, "--json")
    assert orjson.loads(answer.stdout)["error"]["code"] == "hilf.fault"


@pytest.mark.parametrize("debug", [None, "1"])
def test_without_a_home_or_with_debug_the_traceback_is_printed_and_nothing_is_written(a_home, debug):
    if debug is None:
        (a_home / "hilf.toml").unlink()
    answer = call(a_home, HILF_DEBUG=debug)
    assert answer.stderr.startswith("Traceback (most recent call last):")
    assert "its traceback is above." in answer.stderr
    assert (answer.exit_code, (a_home / "faults").exists()) == (3, False)


def test_a_home_that_cannot_be_written_hides_no_traceback(a_home):
    (a_home / "faults").write_text("a file where the folder should be")
    assert call(a_home).stderr.startswith("Traceback")


def test_what_click_refuses_stays_wrong_use(a_home):
    answer = call(a_home, of=misused)
    assert (answer.exit_code, (a_home / "faults").exists()) == (2, False)


def test_an_empty_table_is_the_sentence(face, capsys):
    face.table(("name",), [], "Nothing yet.")
    assert capsys.readouterr().out == "Nothing yet.\n"


def test_an_example_is_not_wrapped():
    assert example("hilf a", "hilf b") == "\b\nExample:\n  hilf a\n  hilf b"
