"""Standing orders: proposed, approved by another officer, ended by a person, by the clock, or by what they were bound to."""

from datetime import timedelta

import pytest

from hilf.errors import CallerFault, Refusal
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import (
    SECOND,
    agree,
    agreed_nations,
    made_nations,
    malware,
    nations,
    strangers,
)

__all__ = ["agreed_nations", "made_nations", "nations", "strangers"]

FIVE = timedelta(minutes=5)
UNTIL = NOW + timedelta(days=90)


def propose(qm, *to, at=NOW, **more):
    from hilf.node import order

    said = {"selection": "type:indicator marking:tlp:clear,tlp:green", "every": FIVE, "until": UNTIL, **more}
    key = qm.keys[said.pop("officer", "officer")]
    return order.propose(
        qm.home(), said["selection"], [n.node for n in to], said["every"], said["until"], key, at,
        purpose=said.get("purpose"),
    )  # fmt: skip


def approve(qm, order_id, officer=SECOND, at=NOW):
    from hilf.node import order

    return order.approve(qm.home(), order_id, qm.keys[officer], at)


def state(qm, order_id, at=NOW) -> tuple[str, str | None]:
    from hilf.node import order

    home = qm.home()
    shown = order.shown(home, order.known(order_id), at)
    return shown.state, shown.kept.reason


def test_an_order_runs_once_another_officer_has_approved_it(nations):
    qm, qn, _ = nations
    proposed = propose(qm, qn)
    assert (proposed.state, proposed.missing, proposed.kept.next_run) == ("proposed", 1, None)
    with pytest.raises(Refusal) as same:
        approve(qm, proposed.order.id, "officer")
    assert same.value.code == "order.same-officer"
    approved = approve(qm, proposed.order.id)
    assert (approved.state, approved.missing) == ("runs", 0)
    with pytest.raises(Refusal) as again:
        approve(qm, proposed.order.id)
    assert again.value.code == "order.not-proposed"


def test_an_order_says_what_it_binds(nations):
    qm, qn, _ = nations
    from hilf.node import life

    order = propose(qm, qn).order
    held = life.in_force_with(qm.home(), qn.node, NOW)
    assert [(each.node, each.purpose, each.accords) for each in order.to] == [
        (qn.node, "defence", tuple(each.accord.key for each in held))
    ]
    assert (order.selection, order.every, order.until) == (
        "type:indicator marking:tlp:clear,tlp:green",
        FIVE,
        UNTIL,
    )


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"every": timedelta(seconds=59)}, "order.every"),
        ({"every": timedelta(days=32)}, "order.every"),
        ({"every": timedelta(minutes=2, microseconds=1)}, "order.every"),
        ({"until": NOW}, "order.until"),
        ({"until": NOW + timedelta(days=400, seconds=1)}, "order.until"),
        ({"selection": "type"}, "select.syntax"),
    ],
)
def test_what_no_order_can_say_is_refused(nations, said, code):
    qm, qn, _ = nations
    with pytest.raises(CallerFault) as fault:
        propose(qm, qn, **said)
    assert fault.value.code == code


def test_an_order_has_recipients_each_once_under_an_agreement(nations):
    qm, qn, qo = nations
    for to, code in (((), "order.to"), ((qn, qn), "order.to"), ((qo,), "release.unknown-node")):
        with pytest.raises(CallerFault) as fault:
            propose(qm, *to)
        assert fault.value.code == code


def test_no_order_without_an_agreement(strangers):
    from tests.nations import meet

    qm, qn, _ = strangers
    meet(qm, qn)
    with pytest.raises(Refusal) as refusal:
        propose(qm, qn)
    assert refusal.value.code == "order.no-accord"


def test_an_order_that_nobody_approves_in_a_week_dies(nations):
    qm, qn, _ = nations
    order_id = propose(qm, qn).order.id
    assert state(qm, order_id, NOW + timedelta(days=7)) == ("proposed", None)
    late = NOW + timedelta(days=7, seconds=1)
    assert state(qm, order_id, late) == ("died", "order.not-approved-in-time")
    with pytest.raises(Refusal) as refusal:
        approve(qm, order_id, at=late)
    assert refusal.value.code == "order.not-proposed"


def test_an_order_ends_at_its_end(nations):
    qm, qn, _ = nations
    order_id = propose(qm, qn).order.id
    approve(qm, order_id)
    assert state(qm, order_id, UNTIL - timedelta(seconds=1)) == ("runs", None)
    assert state(qm, order_id, UNTIL) == ("over", "order.over")


def test_an_order_dies_when_another_agreement_comes_into_force_or_one_is_suspended(nations):
    from hilf.node import accord

    qm, qn, _ = nations
    order_id = propose(qm, qn).order.id
    approve(qm, order_id)
    cited = agree(qm, qn, onward="none")
    assert state(qm, order_id) == ("died", "order.accord-changed")
    renewed = propose(qm, qn).order.id
    approve(qm, renewed)
    assert state(qm, renewed) == ("runs", None)
    for officer in qm.keys.values():
        accord.suspend(qm.home(), cited, officer, NOW)
    assert state(qm, renewed) == ("died", "order.accord-changed")


def test_an_order_dies_with_the_officer_who_approved_it(nations):
    from hilf.node import proposal
    from hilf.node.change import Change

    qm, qn, _ = nations
    order_id = propose(qm, qn).order.id
    approve(qm, order_id)
    home = qm.home()
    proposal.propose(home, Change(revoke=SECOND), home.root_keys, NOW)
    proposal.publish(home, NOW)
    assert state(qm, order_id) == ("died", "order.approval-lost")


def test_an_order_whose_text_was_changed_dies(nations):
    from hilf.store import database

    qm, qn, _ = nations
    order_id = propose(qm, qn).order.id
    approve(qm, order_id)
    qm.home()
    database.execute(
        "UPDATE standing_order SET document = replace(document, %s, %s)", ("type:indicator ", "")
    )
    assert state(qm, order_id) == ("died", "order.bytes-changed")


def test_a_person_stops_an_order_for_good(nations):
    from hilf.node import order

    qm, qn, _ = nations
    order_id = propose(qm, qn).order.id
    approve(qm, order_id)
    assert order.stop(qm.home(), order_id, NOW).state == "stopped"
    with pytest.raises(Refusal) as again:
        order.stop(qm.home(), order_id, NOW)
    assert again.value.code == "order.ended-already"
    with pytest.raises(CallerFault) as unknown:
        order.stop(qm.home(), "order--1", NOW)
    assert unknown.value.code == "order.unknown"


def test_orders_are_listed_the_newest_first(nations):
    from hilf.node import order

    qm, qn, _ = nations
    first = propose(qm, qn).order.id
    second = propose(qm, qn, at=NOW + FIVE).order.id
    assert [each.order.id for each in order.every(qm.home(), NOW + FIVE)] == [second, first]


def test_the_status_says_what_waits_what_died_and_what_is_left_to_a_person(nations):
    from hilf.node import accord, order, order_run

    qm, qn, _ = nations
    made = [malware(qm, "green", Tlp.GREEN), malware(qm, "amber", Tlp.AMBER)]
    qm.says(*made)
    order_id = propose(qm, qn, selection="type:malware").order.id
    (waits,) = order.remarks(qm.home(), NOW)
    assert (waits.code, f"hilf release order approve {order_id}" in waits.remedy) == (
        "status.order-waits",
        True,
    )
    approve(qm, order_id)
    assert list(order.remarks(qm.home(), NOW)) == []
    order_run.run_due(qm.home(), NOW)
    (left,) = order.remarks(qm.home(), NOW)
    assert left.code == "status.order-leaves"
    assert f"leaves 1 objects for {qn.node} to a person, {made[1]['id']} for one" in left.what
    (cited,) = order.every(qm.home(), NOW)[0].order.to[0].accords
    for officer in qm.keys.values():
        accord.suspend(qm.home(), cited[0], officer, NOW)
    (died,) = order.remarks(qm.home(), NOW)
    assert died.code == "status.order-died"
    killed = f"with {qn.node} {cited[0]} version {cited[1]} is not in force any more"
    assert died.what.endswith(f"died: {killed} (order.accord-changed).")
    assert (
        f"hilf release order add --to {qn.node} --select type:malware --purpose defence --every "
        in died.remedy
    )
    order.stop(qm.home(), order_id, NOW)
    assert list(order.remarks(qm.home(), NOW)) == []


def test_a_node_of_one_officer_lets_an_order_run_at_once(nations):
    from hilf.node import proposal
    from hilf.node.change import Change

    qm, qn, _ = nations
    home = qm.home()
    proposal.propose(home, Change(officers_per_act=1), home.root_keys, NOW)
    proposal.publish(home, NOW)
    proposed = propose(qm, qn)
    assert (proposed.state, proposed.missing) == ("runs", 0)
