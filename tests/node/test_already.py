"""What a recipient has of a selection, as it is listed: states, the release that it belongs to, and parts."""

from hilf.federation.retraction import RetractionReason
from hilf.markings.tlp import Tlp
from tests.nations import agreed_nations, carry, indicator, made_nations, nations
from tests.node.test_taken_back import let_go

__all__ = ["agreed_nations", "made_nations", "nations"]

ALL = "type:indicator"


def in_part(nation, tlp=Tlp.GREEN):
    marked = [{"selectors": ["description"], "marking_ref": Tlp.AMBER_STRICT.marking_id}]
    return indicator(nation, "part", tlp, description="not for all", granular_markings=marked)


def states(found) -> list[tuple[str, str]]:
    return [(each.stix_id, each.state) for each in found]


def test_each_state_is_told_in_the_order_in_which_objects_came_and_parts_last(nations) -> None:
    qm, qn, _ = nations
    part, gone, sent, amber = (
        in_part(qm),
        indicator(qm, "gone", Tlp.GREEN),
        indicator(qm, "sent", Tlp.GREEN),
        indicator(qm, "amber", Tlp.AMBER),
    )
    theirs = indicator(qn, "theirs", Tlp.GREEN)
    qm.says(gone)
    qm.release(qn)
    carry(qm, qn)
    let_go(qm, qn, RetractionReason("legal"))
    qm.says(part, sent, amber)
    waiting = qm.release(qn, ALL, "officer").release
    qn.says(theirs)
    qn.release(qm, ALL)
    carry(qn, qm)
    found = qm.preview(qn, ALL).already
    assert states(found) == [
        (gone["id"], "taken back"),
        (sent["id"], "waiting"),
        (amber["id"], "proposed"),
        (theirs["id"], "theirs"),
        (part["id"], "waiting"),
    ]
    assert [each.release == waiting for each in found] == [False, True, True, False, True]
    assert [each.accord is not None for each in found] == [True, True, False, False, True]
    assert (len(found), found.taken_back, states([found[0], *found[3:]])) == (
        5, 1, [(gone["id"], "taken back"), (theirs["id"], "theirs"), (part["id"], "waiting")]
    )  # fmt: skip


def test_a_form_that_waits_for_an_approval_is_told_to_be_proposed(nations) -> None:
    qm, qn, _ = nations
    qm.says(made := in_part(qm, Tlp.AMBER))
    proposed = qm.release(qn, ALL, "officer")
    (each,) = qm.preview(qn, ALL).already
    assert (each.stix_id, each.state, each.release) == (made["id"], "proposed", proposed.release)
    assert states(qm.preview(qn).already) == [(made["id"], "proposed")]


def test_of_what_was_not_released_nothing_that_went_in_part_is_told(nations) -> None:
    qm, qn, _ = nations
    qm.says(in_part(qm))
    qm.release(qn)
    assert (states(qm.preview(qn).already), len(qm.preview(qn, ALL).already)) == ([], 1)


def test_what_is_no_longer_there_when_it_is_looked_at_is_not_told(nations) -> None:
    from hilf.store import database

    qm, qn, _ = nations
    qm.says(indicator(qm, "one", Tlp.GREEN))
    qm.release(qn)
    found = qm.preview(qn, ALL).already
    assert len(list(found)) == 1
    database.execute("UPDATE act SET state = 'refused' WHERE outgoing AND kind = 'object'")
    assert list(found) == []
