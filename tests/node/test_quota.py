"""Quotas: what counts for one peer, by settings, by what a person set, by accords; and what it is told beyond."""

from datetime import timedelta

import pytest

from hilf.errors import CallerFault, Refusal
from hilf.markings.tlp import Tlp
from hilf.node import quota
from hilf.node.door import Problem
from hilf.node.quota import Quota
from hilf.node.recovery import Later
from hilf.store import database
from hilf.store.federation.quota import KeptQuota
from tests.conftest import NOW
from tests.nations import agree, agreed_nations, indicator, made_nations, meet_again, nations  # noqa: F401

USUAL = Quota(acts=1000, unpacked_bytes=10_000, processor_s=60, disk_bytes=None, reconciles=1)


def test_the_settings_count_where_nothing_else_is_said(nations):  # noqa: F811
    qm, qn, _ = nations
    assert quota.of(qm.home(), qn.node, USUAL, NOW) == USUAL


def test_what_a_person_set_counts_for_that_peer_and_what_was_left_out_stays(nations):  # noqa: F811
    qm, qn, qo = nations
    home = qm.home()
    quota.put(home, qn.node, KeptQuota(acts_per_hour=5))
    quota.put(home, qn.node, KeptQuota(disk_bytes=7, reconciles_per_hour=3))
    assert quota.of(home, qn.node, USUAL, NOW) == Quota(5, 10_000, 60, 7, 3)
    assert quota.of(home, qo.node, USUAL, NOW) == USUAL
    quota.forget_own(home, qn.node)
    assert quota.of(home, qn.node, USUAL, NOW) == USUAL


def test_an_accord_makes_it_tighter_and_never_wider(nations):  # noqa: F811
    qm, qn, _ = nations
    agree(qm, qn, quotas={"acts_per_hour": 10, "bytes_per_hour": 10**9, "disk_bytes": 500, "other": "x"})
    assert quota.of(qm.home(), qn.node, USUAL, NOW) == Quota(10, 10_000, 60, 500, 1)
    quota.put(qm.home(), qn.node, KeptQuota(acts_per_hour=20, disk_bytes=100))
    assert quota.of(qm.home(), qn.node, USUAL, NOW) == Quota(10, 10_000, 60, 100, 1)


def test_a_quota_is_no_negative_number_and_of_a_peer_that_is_known(nations):  # noqa: F811
    qm, qn, _ = nations
    with pytest.raises(CallerFault, match="whole number"):
        quota.put(qm.home(), qn.node, KeptQuota(acts_per_hour=-1))
    with pytest.raises(Refusal, match="not known"):
        quota.put(qm.home(), "cert.qx.example", KeptQuota(acts_per_hour=1))


def offer(qm, qn, name="one"):
    made = indicator(qm, name, Tlp.GREEN)
    qm.says(made)
    qm.release(qn, f"id:{made['id']}")


def test_a_peer_beyond_its_acts_is_asked_to_come_when_the_hour_is_over(nations):  # noqa: F811
    qm, qn, _ = nations
    quota.put(qn.home(), qm.node, KeptQuota(acts_per_hour=0))
    offer(qm, qn)
    with pytest.raises(Later) as caught:
        meet_again(qm, qn)
    assert (caught.value.code, caught.value.seconds) == ("answer.later", 3600 - NOW.minute * 60 - NOW.second)
    quota.put(qn.home(), qm.node, KeptQuota(acts_per_hour=10))
    assert meet_again(qm, qn).sent == 2


def test_a_peer_that_fills_its_share_of_the_disk_is_refused_until_something_is_erased(nations):  # noqa: F811
    qm, qn, _ = nations
    offer(qm, qn)
    meet_again(qm, qn)
    quota.put(qn.home(), qm.node, KeptQuota(disk_bytes=1))
    offer(qm, qn, "two")
    with pytest.raises(Later):
        meet_again(qm, qn)
    assert quota.used(qm.node, NOW)["disk_bytes"] == 0  # the refusal was undone with all it counted
    qn.home()
    with database.transaction():
        occupied = quota.disk(qm.node)
    assert occupied > 1000
    quota.put(qn.home(), qm.node, KeptQuota(disk_bytes=occupied + 1))
    assert meet_again(qm, qn).sent == 1
    qn.home()
    with database.transaction():
        assert quota.disk(qm.node) > occupied


def test_what_is_erased_no_longer_counts_once_it_is_counted_anew(nations):  # noqa: F811
    qm, qn, _ = nations
    offer(qm, qn)
    meet_again(qm, qn)
    qn.home()
    with database.transaction():
        before = quota.disk(qm.node)
        database.execute("UPDATE object SET body = NULL WHERE asserter = %s", (qm.node,))
        quota.recount()
        after = quota.disk(qm.node)
    assert 0 < after < before


def test_reconciling_is_bounded_in_an_hour_at_the_givers_side_too(nations):  # noqa: F811
    qm, qn, _ = nations
    home = qn.home()
    with database.transaction():
        for _ in range(quota.ATTEMPTS):
            quota.check_reconcile(qm.node, USUAL, NOW)
        with pytest.raises(Problem) as caught:
            quota.check_reconcile(qm.node, USUAL, NOW)
        assert (caught.value.status, caught.value.code) == (429, "reconcile.too-often")
        quota.check_reconcile(qm.node, USUAL, NOW + timedelta(hours=1))
        quota.count(qm.node, "reconcile", 1, NOW + timedelta(hours=2))
        with pytest.raises(Problem):
            quota.check_reconcile(qm.node, USUAL, NOW + timedelta(hours=2))
    assert home.node == qn.node


def test_counts_of_hours_that_are_over_are_forgotten(nations):  # noqa: F811
    qm, qn, _ = nations
    qn.home()
    with database.transaction():
        quota.count(qm.node, "acts", 5, NOW)
        quota.forget(NOW)
        assert quota.used(qm.node, NOW)["acts"] == 5
        quota.forget(NOW + timedelta(hours=1))
        assert quota.used(qm.node, NOW)["acts"] == 0
