"""What becomes of an act: the verb of its kind takes it, and one that refuses leaves nothing behind."""

# ruff: noqa: F401, F811  # fixtures are imported
import pytest

from hilf.federation.outcome import Outcome
from hilf.node import judging
from hilf.store import database
from tests.conftest import NOW
from tests.node.test_inbox import partner, rows


def test_what_a_verb_wrote_before_it_refused_is_undone_and_nothing_else(home, partner):
    from hilf.errors import Refusal
    from hilf.store.federation import inbox as store

    def writes_and_refuses(_home, act, _now):
        store.keep_evidence(act.sender, "half", b"", 1)
        raise Refusal("room.no", "no")

    with database.transaction():
        store.keep_evidence(partner.node, "before", b"", 1)
        judged = judging.to_room(home, partner.act(), NOW, {"ping": writes_and_refuses})
    assert (judged.outcome, judged.reason.code) == ("refused", "room.no")
    assert rows("SELECT rule FROM evidence") == [("before",)]


def test_what_a_verb_wrote_stays_where_it_took_the_act(home, partner):
    from hilf.store.federation import inbox as store

    def writes(_home, act, _now):
        store.keep_evidence(act.sender, "whole", b"", 1)
        return Outcome.APPLIED, None

    with database.transaction():
        judged = judging.to_room(home, partner.act(), NOW, {"ping": writes})
    assert (judged.outcome, judged.reason) == (Outcome.APPLIED, None)
    assert rows("SELECT rule FROM evidence") == [("whole",)]


def test_a_fault_of_this_machine_is_no_word_about_the_act(home, partner):
    from hilf.errors import OperatorFault

    def full(_home, _act, _now):
        raise OperatorFault("store.full", "The disk is full.", "", "Make room.")

    with database.transaction(), pytest.raises(OperatorFault):
        judging.to_room(home, partner.act(), NOW, {"ping": full})


def test_every_kind_of_wire_md_that_has_a_room_is_understood_and_no_other():
    assert {
        "object", "ping", "identity", "outcome", "accord", "retraction", "confirmation", "consent",
    } == judging.KINDS  # fmt: skip
