from datetime import timedelta

import pytest

from hilf.accord.decision import Reason, Says, refusal
from hilf.accord.life import Life
from hilf.accord.past import as_of, to_change
from hilf.seal.record import read_record
from tests.accord.agreements import NOW, QN, Nation, agreement, ask, ours, permit


def test_what_was_not_complete_by_then_is_not_in_the_past():
    before = Life(agreement(), NOW, (), NOW - timedelta(days=2))
    after = Life(agreement(number=2), NOW, (), NOW)
    draft = Life(agreement(number=3))
    assert as_of([before, after, draft], NOW - timedelta(days=1)) == (before,)
    assert as_of([before, after, draft], NOW) == (before, after)


def test_of_clauses_that_miss_something_only_the_nearest_must_be_met():
    rel_to = Reason("accord.rel-to", Says.REFUSES, "a")
    nearest = Reason("accord.marking-above", Says.REFUSES, "b", ("accord--x", 1), "c-1")
    further = Reason("accord.labels-differ", Says.REFUSES, "c", ("accord--x", 1), "c-2")
    forbid = Reason("accord.forbidden", Says.REFUSES, "d", ("accord--x", 1), "c-4")
    note = Reason("accord.tlp-missing", Says.NOTES, "e")
    assert to_change(refusal(note, rel_to, forbid, nearest, further)) == (rel_to, forbid, nearest)


@pytest.mark.parametrize(
    "rule",
    ["kind-not-covered", "marking-above", "pap-above", "confidence-below", "labels-differ", "sectors-differ",
     "purpose-differs", "exercise-differs", "language-differs", "personal-data-differs", "condition-unknown"],
)  # fmt: skip
def test_of_two_clauses_that_miss_something_either_way_one_needs_to_be_met(rule):
    nearest = Reason("accord.marking-above", Says.REFUSES, "a", ("accord--x", 1), "c-1")
    further = Reason(f"accord.{rule}", Says.REFUSES, "b", ("accord--x", 1), "c-2")
    assert to_change(refusal(nearest, further)) == (nearest,)


def test_what_was_said_later_had_not_been_said():
    hour, accord = timedelta(hours=1), agreement()
    first, second = (
        tuple(map(read_record, Nation(QN).say("suspension", accord, NOW + n * hour))) for n in (0, 1)
    )
    life = Life(accord, NOW, (*first, *second), NOW)
    assert as_of([life], NOW) == (Life(accord, NOW, first, NOW),)
    assert as_of([life], NOW + hour) == (life,)


def test_a_reason_that_is_said_twice_is_told_once_and_what_may_leave_lacks_nothing():
    rel_to = Reason("accord.rel-to", Says.REFUSES, "a")
    assert to_change(refusal(rel_to, rel_to)) == (rel_to,)
    assert to_change(ask(ours(), permit())) == ()
