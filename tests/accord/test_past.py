from datetime import timedelta

from hilf.accord.decision import Reason, Says, refusal
from hilf.accord.life import Life
from hilf.accord.past import as_of, to_change
from tests.accord.agreements import NOW, agreement


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
