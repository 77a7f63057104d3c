"""What a selection comes to is read page by page, and whether rows are still what they were is asked once more."""

from datetime import timedelta

import pytest

from hilf.federation.retraction import RetractionReason
from hilf.lists.entry import read_entry
from hilf.lists.hit import Action
from hilf.markings import rel_to
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import agreed_nations, carry, indicator, made_nations, malware, nations, relationship

__all__ = ["agreed_nations", "made_nations", "nations"]

LATER = NOW + timedelta(hours=1)
LIMIT = rel_to.marking(["QM", "QN"])
VICTIM = "Aman Bank"


def read(nation, to, selection="type:indicator"):
    """A reader, and all that it read of a selection."""
    from hilf.node.held import Held
    from hilf.node.home import index_key
    from hilf.node.profile import Profiles
    from hilf.node.reader import Reader
    from hilf.node.there import There

    home = nation.home()
    reader = Reader(home, Profiles(home, NOW))
    selected = reader.select(selection, There(Held([to.node], index_key(home)), NOW), unreleased_to=to.node)
    return reader, selected, list(reader.read(selected.sheet, range(len(selected.sheet))).values())


@pytest.fixture
def looked(nations):
    """QM says an indicator under a marking of its own and one that names a victim, and both were read."""
    from hilf.node import lists

    qm, qn, _ = nations
    marked = indicator(qm, "one", Tlp.GREEN, object_marking_refs=[Tlp.GREEN.marking_id, LIMIT["id"]])
    qm.says(LIMIT, marked, indicator(qm, "two", Tlp.GREEN, description=f"seen at {VICTIM}"))
    lists.add("victims", [read_entry(VICTIM)], NOW)
    reader, _, rows = read(qm, qn)
    return qm, reader, rows


def still(reader, rows, *, in_part=False) -> bool:
    return reader.still(rows, in_part=in_part)


def test_rows_are_still_what_they_are_while_nothing_changes(looked) -> None:
    _, reader, rows = looked
    assert (len(rows), still(reader, rows), still(reader, rows, in_part=True)) == (2, True, True)


def newer(qm):
    qm.says(indicator(qm, "one", Tlp.GREEN, modified=LATER), at=LATER)


def gone(qm):
    from hilf.node import withdrawal

    withdrawal.retract(qm.home(), indicator(qm, "one", Tlp.GREEN)["id"], RetractionReason.ERROR, NOW)


def marked_over(qm):
    one = indicator(qm, "one", Tlp.GREEN, object_marking_refs=[Tlp.GREEN.marking_id, LIMIT["id"]])
    qm.says(one, marking="tlp:red")


def defined_otherwise(qm):
    from hilf.store import database

    database.execute("UPDATE object SET sha256 = %s WHERE type = 'marking-definition'", (b"x" * 32,))


def listed(qm):
    from hilf.node import lists

    lists.add("own-assets", [read_entry("two")], NOW)


def does_otherwise(qm):
    from hilf.node import lists

    lists.set_action("victims", Action.WARN)


@pytest.mark.parametrize("change", [newer, gone, marked_over, defined_otherwise, listed, does_otherwise])
def test_a_change_of_what_a_decision_asks_is_noticed(looked, change) -> None:
    qm, reader, rows = looked
    change(qm)
    assert not still(reader, rows)


def test_a_list_that_changed_and_says_nothing_else_of_a_row_is_no_change_unless_parts_go(looked) -> None:
    from hilf.node import lists

    _, reader, rows = looked
    lists.add("victims", [read_entry("Port of QM")], NOW)
    assert (still(reader, rows), still(reader, rows, in_part=True)) == (True, False)


def test_of_nothing_asked_for_the_rest_of_our_own_is_read(nations) -> None:
    qm, qn, _ = nations
    theirs, sent, rest = (
        indicator(each, name, Tlp.GREEN) for each, name in ((qn, "a"), (qm, "b"), (qm, "c"))
    )
    qn.says(theirs)
    qn.release(qm)
    carry(qn, qm)
    qm.says(sent)
    qm.release(qn)
    qm.says(rest)
    assert [each.stix_id for each in read(qm, qn, "")[2]] == [rest["id"]]
    assert {each.stix_id for each in read(qm, qn)[2]} == {theirs["id"], sent["id"], rest["id"]}


def test_pages_make_one_sheet(nations, monkeypatch) -> None:
    from hilf.store.intelligence import row

    monkeypatch.setattr(row, "PAGE", 2)
    qm, qn, _ = nations
    made = [malware(qm, str(n), Tlp.GREEN) for n in range(5)]
    joined = [relationship(qm, made[0], each, Tlp.GREEN) for each in made[1:]]
    qm.says(*made, *joined)
    _, selected, rows = read(qm, qn, "type:malware,relationship")
    assert [each.stix_id for each in rows] == [each["id"] for each in (*made, *joined)]
    assert list(selected.sheet.ends) == [0, 1, 0, 2, 0, 3, 0, 4]


def test_rows_of_which_the_same_lists_speak_share_what_they_say(nations) -> None:
    from hilf.node import lists

    qm, qn, _ = nations
    lists_of = (f"seen at {VICTIM}", f"not far from {VICTIM}", "elsewhere")
    qm.says(*(malware(qm, str(n), Tlp.GREEN) | {"description": text} for n, text in enumerate(lists_of)))
    lists.add("victims", [read_entry(VICTIM)], NOW)
    _, selected, _ = read(qm, qn, "type:malware")
    heard = selected.sheet.heard
    assert (sorted(heard), heard[0] is heard[1]) == ([0, 1], True)
