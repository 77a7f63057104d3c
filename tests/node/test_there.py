"""What recipients have, beside the rows of a sheet: a code for each row, and how freely they hold the ends of relations."""

import pytest

from hilf.accord.terms import Onward
from hilf.federation.retraction import RetractionReason
from hilf.markings.tlp import Tlp
from hilf.node.there import PROPOSED, SENT, TAKEN, THIS_ROW
from tests.conftest import NOW
from tests.nations import agreed_nations, carry, indicator, made_nations, malware, nations, relationship
from tests.node.test_taken_back import let_go

__all__ = ["agreed_nations", "made_nations", "nations"]

ALL = "type:indicator,malware,relationship"


@pytest.fixture
def small_pages(monkeypatch):
    """Rows in pages of two, so that columns have to be filled up."""
    from hilf.store.intelligence import row

    monkeypatch.setattr(row, "PAGE", 2)


def read(nation, to, selection=ALL):
    """What `to` has of a selection of `nation`: its sheet, and what is there."""
    from hilf.node.held import Held
    from hilf.node.home import index_key
    from hilf.node.profile import Profiles
    from hilf.node.reader import Reader
    from hilf.node.there import There

    home = nation.home()
    selected = Reader(home, Profiles(home, NOW)).select(
        selection, There(Held([to.node], index_key(home)), NOW)
    )
    return selected.sheet, selected.there


def codes(nation, to) -> list[int]:
    sheet, there = read(nation, to)
    found = list(there.rows(to.node, len(sheet)))
    assert [there.code(to.node, row) for row in range(len(sheet))] == (found or [0] * len(sheet))
    return found


def test_each_row_has_a_code_of_what_is_there(nations, small_pages) -> None:
    qm, qn, _ = nations
    qm.says(*(malware(qm, f"before {n}", Tlp.RED) for n in range(3)))
    qm.says(*(indicator(qm, name, Tlp.GREEN) for name in ("let go", "sent")))
    assert codes(qm, qn) == []
    qm.release(qn)
    assert codes(qm, qn) == [0, 0, 0, SENT | THIS_ROW, SENT | THIS_ROW]
    carry(qm, qn)
    let_go(qm, qn, RetractionReason("legal"))
    qm.says(indicator(qm, "amber", Tlp.AMBER), malware(qm, "after", Tlp.RED))
    qm.release(qn, "", "officer")
    assert codes(qm, qn) == [0, 0, 0, TAKEN, TAKEN, PROPOSED, 0]


def test_an_act_that_carries_another_form_gives_the_row_and_not_the_version(nations) -> None:
    qm, qn, _ = nations
    marked = [{"selectors": ["description"], "marking_ref": Tlp.AMBER_STRICT.marking_id}]
    qm.says(
        indicator(qm, "part", Tlp.GREEN, description="x", granular_markings=marked),
        malware(qm, "m", Tlp.GREEN),
    )
    qm.release(qn)
    assert [code & SENT for code in codes(qm, qn)] == [0, SENT]


def test_an_end_says_how_freely_it_is_held(nations, small_pages) -> None:
    qm, qn, qo = nations
    there, here = indicator(qm, "there", Tlp.GREEN), [malware(qm, f"here {n}", Tlp.GREEN) for n in range(3)]
    qm.says(there)
    qm.release(qn)
    qm.says(*here, *(relationship(qm, each, here[0], Tlp.GREEN) for each in here))
    qm.says(relationship(qm, here[0], there, Tlp.GREEN))
    sheet, held = read(qm, qn, "type:relationship")
    assert [held.end(qn.node, at) for at in range(len(sheet.ends))] == [None] * 7 + [Onward.FREE]
    assert (held.end(qo.node, 7), held.end(qn.node, 99)) == (None, None)
