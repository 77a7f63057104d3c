"""How far long work is: for a person at a terminal, on standard error, and for nobody else."""

from pathlib import Path

import pytest

from hilf.cli.counting import counting
from hilf.cli.face import Face


@pytest.mark.parametrize(("as_json", "columns"), [(True, 80), (False, None), (True, None)])
def test_a_script_is_told_nothing(capsys, as_json: bool, columns: int | None) -> None:
    with counting(Face(Path(), as_json, columns)) as say:
        say("250 of 1,000 applied")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "")


def test_a_person_sees_the_latest_on_standard_error_only(capsys) -> None:
    with counting(Face(Path(), as_json=False, columns=80), "applying") as say:
        say("250 of 1,000 applied")
        say("500 of 1,000 applied")
    told = capsys.readouterr()
    assert told.out == ""
