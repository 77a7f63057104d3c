"""Why, also backwards in time: what was to be decided then, from what is kept of it."""

from datetime import timedelta

import pytest

from hilf.errors import CallerFault
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import (  # noqa: F401
    BEGAN,
    SECOND,
    agreed_nations,
    carry,
    indicator,
    made_nations,
    nations,
)

LATER = NOW + timedelta(days=40)
NEXT = NOW + timedelta(hours=1)
BETWEEN = NOW + timedelta(days=20)


def ask(nation, to, entry, now, at=None):
    from hilf.node import why

    return why.why(nation.home(), entry["id"], to.node, now, None, at)


def test_an_agreement_that_was_in_force_then_is_told_with_what_it_permitted(nations):  # noqa: F811
    from hilf.node import accord, life

    qm, qn, _ = nations
    green = indicator(qm, "green", Tlp.GREEN)
    qm.says(green)
    (held,) = life.in_force_with(qm.home(), qn.node, NOW)
    for officer in qm.keys.values():
        accord.suspend(qm.home(), held.accord.id, officer, BETWEEN)
    found = ask(qm, qn, green, LATER, NOW)
    assert not found.decision.allowed
    (then,) = found.past.said
    assert ([each.key for each in found.past.accords], then.decision.allowed, then.decision.main.clause) == (
        [held.accord.key],
        True,
        "c-1",
    )
    assert ask(qm, qn, green, LATER, LATER).past.accords == ()
    assert ask(qm, qn, green, LATER, BEGAN - timedelta(days=1)).past.said == ()


def test_the_version_that_counted_then_is_the_one_that_is_decided(nations):  # noqa: F811
    qm, qn, _ = nations
    open_, closed = indicator(qm, "one", Tlp.GREEN), indicator(qm, "one", Tlp.RED, BETWEEN)
    qm.says(open_)
    qm.says(closed, at=BETWEEN)
    found = [ask(qm, qn, open_, LATER, at).past.said[0].decision for at in (NOW, LATER)]
    assert [(each.allowed, each.main.rule) for each in found] == [
        (True, "accord.permitted"),
        (False, "accord.forbidden"),
    ]


def test_what_went_names_who_proposed_and_who_approved(nations):  # noqa: F811
    from hilf.node import release

    qm, qn, _ = nations
    amber = indicator(qm, "amber", Tlp.AMBER)
    qm.says(amber)
    released = qm.release(qn, f"id:{amber['id']}", "officer")
    release.approve(qm.home(), released.release, qm.keys[SECOND], NEXT)
    (went,) = ask(qm, qn, amber, LATER, LATER).went
    assert [(each.name, each.at, each.proposed) for each in went.people] == [
        ("officer", NOW, True),
        (SECOND, NEXT, False),
    ]
    assert went.release == released.release


def test_of_what_is_erased_it_is_told_what_is_still_known(nations):  # noqa: F811
    from hilf.node.home import index_key
    from hilf.store import database
    from hilf.store.intelligence import erase, read

    qm, qn, _ = nations
    green = indicator(qm, "green", Tlp.GREEN)
    qm.says(green)
    qm.release(qn)
    home = qm.home()
    (row,) = read.current(green["id"], index_key(home))
    with database.transaction():
        erase.erase([row.seq], index_key(home))
    found = ask(qm, qn, green, LATER, NOW)
    (then,) = found.past.said
    assert (then.decision, then.kept.sha256, found.decision) == (None, row.sha256, None)
    assert then.lost == "Its content is erased; what was to be decided can no longer be computed."
    assert [(each.state, each.accord, each.clause) for each in found.went] == [
        ("retracted", found.past.accords[0].key, None)
    ]


def test_a_time_that_has_not_come_is_refused(nations):  # noqa: F811
    qm, qn, _ = nations
    green = indicator(qm, "green", Tlp.GREEN)
    qm.says(green)
    with pytest.raises(CallerFault) as refused:
        ask(qm, qn, green, NOW, LATER)
    assert refused.value.code == "release.at-ahead"


def test_each_of_a_selection_is_told_as_the_preview_decides_it(nations):  # noqa: F811
    from hilf.node import why

    qm, qn, _ = nations
    qm.says(indicator(qm, "green", Tlp.GREEN), indicator(qm, "red", Tlp.RED))
    shown = qm.preview(qn, "type:indicator")
    told = why.why_each(qm.home(), "type:indicator", qn.node, NOW)
    assert [(each.kept.seq, each.decision) for each in told] == [
        (each.kept.seq, each.decision) for each in (*shown.allowed, *shown.withheld)
    ]
