"""Runs of standing orders: what goes by itself, what waits, and that nothing goes that a preview would not show."""

from datetime import timedelta

import orjson
import pytest

from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import (
    SECOND,
    agreed_nations,
    carry,
    indicator,
    made_nations,
    malware,
    nations,
    relationship,
)
from tests.node.test_order import FIVE, UNTIL, approve, propose, state

__all__ = ["agreed_nations", "made_nations", "nations"]

ALL = "type:indicator,malware,relationship"


@pytest.fixture(autouse=True)
def quiet(nations) -> None:
    """Documentation addresses, of which these tests are made, are on a list that warns; here it does not."""
    from hilf.lists.hit import DOCUMENTATION, Action
    from hilf.node import lists

    for nation in nations:
        nation.home()
        lists.set_action(DOCUMENTATION, Action.OFF)


@pytest.fixture
def running(nations):
    """QM asserts something GREEN, AMBER and RED, an order for all of it runs, and what it would do is shown."""
    qm, qn, _ = nations
    made = {tlp: indicator(qm, tlp.word, tlp) for tlp in (Tlp.GREEN, Tlp.AMBER, Tlp.RED)}
    qm.says(*made.values())
    order_id = propose(qm, qn, selection=ALL).order.id
    approve(qm, order_id)
    return qm, qn, order_id, made


def run(nation, at=NOW) -> int:
    from hilf.node import order_run

    return order_run.run_due(nation.home(), at)


def last(nation, order_id):
    from hilf.node import order

    home = nation.home()
    return order.shown(home, order.known(order_id), NOW).last


def queued(nation, to) -> set[str]:
    """Ids of the objects that wait for a node or went to it."""
    from hilf.store import database

    nation.home()
    sql = "SELECT o.stix_id FROM act a JOIN object o ON o.seq = a.object_seq WHERE a.peer = %s AND a.outgoing = %s"
    return {stix_id for (stix_id,) in database.rows(sql, (to.node, True))}


def foreseen(nation, order_id):
    from hilf.node import order_run

    (found,) = order_run.preview(nation.home(), order_id, NOW)
    return [{each.kept.stix_id for each in part} for part in (found.goes, found.approvals, found.warned)]


def test_a_run_sends_what_its_preview_shows_and_leaves_the_rest_to_a_person(running):
    qm, qn, order_id, made = running
    goes, approvals, warned = foreseen(qm, order_id)
    assert goes == {made[Tlp.GREEN]["id"], qm.author}
    assert (approvals, warned) == ({made[Tlp.AMBER]["id"]}, set())
    assert queued(qm, qn) == set()
    assert run(qm) == 2
    assert queued(qm, qn) == goes
    carry(qm, qn)
    assert set(qn.objects(qm.node)) == goes
    done = last(qm, order_id)["nodes"][qn.node]
    assert (done["queued"], done["approvals"], done["withheld"]) == (2, [made[Tlp.AMBER]["id"]], 1)


def test_the_release_of_a_run_names_its_order(running):
    from hilf.store.release import proposal

    qm, qn, order_id, _ = running
    run(qm)
    qm.home()
    (kept,) = proposal.every()
    assert (kept.order_id, kept.peer, kept.release_id) == (
        order_id,
        qn.node,
        last(qm, order_id)["nodes"][qn.node]["release"],
    )


def test_why_names_the_order_that_sent_it(running):
    from hilf.node import why

    qm, qn, order_id, made = running
    run(qm)
    (went,) = why.why(qm.home(), made[Tlp.GREEN]["id"], qn.node, NOW).went
    assert went.order == order_id


def test_nothing_new_makes_no_release_and_new_things_go_with_the_next_run(running):
    from hilf.store.release import proposal

    qm, qn, _, _ = running
    run(qm)
    assert run(qm, NOW + FIVE) == 0
    later = indicator(qm, "later", Tlp.GREEN)
    qm.says(later, at=NOW + FIVE)
    assert run(qm, NOW + 2 * FIVE) == 1
    assert later["id"] in queued(qm, qn)
    qm.home()
    assert len(proposal.every()) == 2


def test_a_run_before_its_time_does_nothing_and_missed_runs_are_made_up_once(running):
    qm, _, order_id, _ = running
    assert run(qm) == 2
    qm.says(indicator(qm, "later", Tlp.GREEN))
    assert run(qm, NOW + FIVE - timedelta(seconds=1)) == 0
    assert run(qm, NOW + timedelta(days=3, seconds=7)) == 1
    from hilf.node import order
    from hilf.store.instant import moment

    qm.home()
    assert moment(order.known(order_id).next_run) == NOW + timedelta(days=3) + FIVE


@pytest.mark.parametrize("kill", ["suspend", "stop", "end"])
def test_an_order_that_ended_sends_nothing(running, kill):
    from hilf.node import accord, order

    qm, qn, order_id, _ = running
    home, at = qm.home(), NOW
    if kill == "suspend":
        (cited,) = order.every(home, NOW)[0].order.to[0].accords
        for officer in qm.keys.values():
            accord.suspend(home, cited[0], officer, NOW)
    elif kill == "stop":
        order.stop(home, order_id, NOW)
    else:
        at = UNTIL
    assert run(qm, at) == 0
    assert queued(qm, qn) == set()
    assert state(qm, order_id, at)[0] == {"suspend": "died", "stop": "stopped", "end": "over"}[kill]


def test_an_order_that_is_only_proposed_sends_nothing(nations):
    qm, qn, _ = nations
    qm.says(indicator(qm, "green", Tlp.GREEN))
    propose(qm, qn)
    assert run(qm, NOW + timedelta(days=1)) == 0


def test_what_joins_something_that_waits_waits_with_it(nations):
    qm, qn, _ = nations
    green, amber, kind = (
        indicator(qm, "green", Tlp.GREEN),
        indicator(qm, "amber", Tlp.AMBER),
        malware(qm, "worm", Tlp.GREEN),
    )
    free, bound = relationship(qm, green, kind, Tlp.GREEN), relationship(qm, amber, kind, Tlp.GREEN)
    qm.says(green, amber, kind, free, bound)
    order_id = propose(qm, qn, selection=ALL).order.id
    approve(qm, order_id)
    goes, approvals, _ = foreseen(qm, order_id)
    assert goes == {green["id"], kind["id"], free["id"], qm.author}
    assert approvals == {amber["id"], bound["id"]}
    run(qm)
    assert queued(qm, qn) == goes
    assert {each["outcome"] for each in carry(qm, qn)} == {"applied"}


def test_a_definition_that_only_something_that_waits_carries_waits_too(nations):
    from hilf.markings import rel_to

    qm, qn, _ = nations
    limit, other = rel_to.marking(["QM", "QN"]), rel_to.marking(["QM", "QN", "QO"])
    amber = indicator(qm, "amber", Tlp.AMBER, object_marking_refs=[Tlp.AMBER.marking_id, limit["id"]])
    green = indicator(qm, "green", Tlp.GREEN, object_marking_refs=[Tlp.GREEN.marking_id, other["id"]])
    qm.says(limit, other, amber, green)
    order_id = propose(qm, qn, selection=ALL).order.id
    approve(qm, order_id)
    goes, approvals, _ = foreseen(qm, order_id)
    assert goes == {green["id"], other["id"], qm.author}
    assert approvals == {amber["id"], limit["id"]}


def test_what_is_on_a_warning_list_waits_and_so_does_what_joins_it(nations):
    qm, qn, _ = nations
    resolver = indicator(qm, "resolver", Tlp.GREEN, pattern="[ipv4-addr:value = '8.8.8.8']")
    other = indicator(qm, "other", Tlp.GREEN, pattern="[domain-name:value = 'bad.qm-attackers.net']")
    kind = malware(qm, "worm", Tlp.GREEN)
    joins, free = relationship(qm, resolver, kind, Tlp.GREEN), relationship(qm, other, kind, Tlp.GREEN)
    qm.says(resolver, other, kind, joins, free)
    warn(qm, "8.8.8.8")
    order_id = propose(qm, qn, selection=ALL).order.id
    approve(qm, order_id)
    goes, approvals, warned = foreseen(qm, order_id)
    assert (warned, approvals) == ({resolver["id"], joins["id"]}, set())
    assert goes == {other["id"], kind["id"], free["id"], qm.author}
    run(qm)
    assert queued(qm, qn) == goes
    assert set(last(qm, order_id)["nodes"][qn.node]["warned"]) == warned


def warn(nation, value: str) -> None:
    """Put a value on the nation's own list, as a warning."""
    from hilf.lists.entry import read_entry
    from hilf.lists.hit import OWN_ASSETS, Action
    from hilf.node import lists

    nation.home()
    lists.set_action(OWN_ASSETS, Action.WARN)
    lists.add(OWN_ASSETS, [read_entry(value)], NOW)


def test_what_a_partner_wrote_goes_by_order_only_where_it_may_go_on(nations):
    qm, qn, qo = nations
    clear = indicator(qm, "clear", Tlp.CLEAR)
    amber = indicator(qm, "amber", Tlp.AMBER)
    qm.says(clear, amber)
    done = qm.release(qn, "type:indicator", "officer")
    from hilf.node import release

    release.approve(qm.home(), done.release, qm.keys[SECOND], NOW)
    carry(qm, qn)
    order_id = propose(qn, qo, selection="type:indicator").order.id
    approve(qn, order_id)
    run(qn)
    assert queued(qn, qo) == {clear["id"]}
    assert last(qn, order_id)["nodes"][qo.node]["withheld"] == 1


def test_one_recipient_that_fails_does_not_keep_the_others_from_theirs(nations):
    from hilf.store import database

    qm, qn, qo = nations
    mine = indicator(qn, "mine", Tlp.CLEAR)
    qn.says(mine)
    order_id = propose(qn, qm, qo, selection="type:indicator").order.id
    approve(qn, order_id)
    qn.home()
    database.execute("UPDATE peer SET state = 'suspended' WHERE node = %s", (qm.node,))
    run(qn)
    assert (queued(qn, qm), mine["id"] in queued(qn, qo)) == (set(), True)


def test_a_run_that_two_workers_see_is_made_by_one(running):
    from hilf.store.instant import microseconds
    from hilf.store.release import order as store

    qm, _, order_id, _ = running
    qm.home()
    kept = store.get(order_id)
    assert kept is not None
    assert store.claim(kept, microseconds(NOW + FIVE))
    assert not store.claim(kept, microseconds(NOW + FIVE))
    assert run(qm) == 0


def test_what_a_run_did_is_kept_as_json(running):
    from hilf.store.release import order as store

    qm, qn, order_id, _ = running
    run(qm)
    qm.home()
    kept = store.get(order_id)
    assert kept is not None
    assert kept.last is not None
    assert set(orjson.loads(kept.last)) == {"at", "nodes"}
    assert set(orjson.loads(kept.last)["nodes"]) == {qn.node}
