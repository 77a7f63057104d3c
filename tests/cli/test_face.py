"""What a person sees of any answer: tables of which nothing is cut, and nothing that a terminal would obey."""

import pytest

from hilf.cli import face as faces
from hilf.cli.face import Face, example, visible

HEADS = ("stays", "rule", "clause", "reason")
ID = "relationship--98257617-fe1e-54e2-b010-5e532b76743f"
LINES = [
    (ID, "accord.forbidden", "", "Clause c-4 forbids it: " + "what is marked TLP:RED is never sent " * 4)
]


@pytest.fixture
def face(tmp_path):
    return Face(tmp_path, False)


def terminal(monkeypatch, columns):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr(faces, "_columns", lambda: columns)


def test_what_a_terminal_obeys_is_shown_and_everything_else_stays():
    assert visible("a\x1b[31mb\r\n\u202egnp.exe\x9b") == "a\\x1b[31mb\\r\\n\\u202egnp.exe\\x9b"
    assert visible("حلف · Ḥilf — 协议 {[red]}") == "حلف · Ḥilf — 协议 {[red]}"


def test_lines_and_tables_are_visible(face, capsys):
    face.say("one\nline")
    face.table(("name",), [("a\x1b[2Jb",)], "")
    assert capsys.readouterr().out == "one\\nline\nname\na\\x1b[2Jb\n"


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


def test_a_terminal_that_is_too_narrow_gets_paragraphs_of_which_nothing_is_cut(face, capsys, monkeypatch):
    terminal(monkeypatch, 60)
    face.table(HEADS, LINES, "")
    first, *rest = capsys.readouterr().out.splitlines()
    assert first == f"stays {ID}"
    assert all(len(line) <= 60 and line.startswith("  ") for line in rest)
    told = " ".join(line.strip() for line in rest)
    assert told == f"rule accord.forbidden · reason {LINES[0][3].rstrip()}"


def test_a_terminal_that_is_wide_enough_gets_a_table(face, capsys, monkeypatch):
    terminal(monkeypatch, 22)
    face.table(("name", "state"), [("abcdefghij", "0123456789")], "")
    assert capsys.readouterr().out.splitlines() == [
        "\x1b[1mname        state\x1b[0m",
        "abcdefghij  0123456789",
    ]
    terminal(monkeypatch, 21)
    face.table(("name", "state"), [("abcdefghij", "0123456789")], "")
    assert capsys.readouterr().out.splitlines() == ["name abcdefghij", "  state 0123456789"]


def test_an_empty_table_is_the_sentence(face, capsys):
    face.table(("name",), [], "Nothing yet.")
    assert capsys.readouterr().out == "Nothing yet.\n"


def test_an_example_is_not_wrapped():
    assert example("hilf a", "hilf b") == "\b\nExample:\n  hilf a\n  hilf b"
