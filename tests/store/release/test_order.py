"""On SQLite and PostgreSQL: an order runs from its approval on, one worker at a time, until it is settled."""

from dataclasses import replace

from hilf.store.release import order
from hilf.store.release.order import DIED, PROPOSED, RUNS, KeptOrder


def kept(name="a", at=1):
    return KeptOrder(f"order--{name}", PROPOSED, "{}", "s" * 64, at, "k1", 1000)


def test_an_order_is_kept_as_proposed(store):
    order.put(kept())
    assert order.get("order--a") == kept()
    assert order.get("order--b") is None
    assert order.due(10**15) == ()


def test_orders_are_listed_the_newest_first(store):
    order.put(kept("a", 1))
    order.put(kept("b", 2))
    assert [each.order_id for each in order.every()] == ["order--b", "order--a"]


def test_what_runs_is_due_from_its_time_on_the_longest_waiting_first(store):
    for name in "abc":
        order.put(kept(name))
    order.let_run("order--a", 20)
    order.let_run("order--b", 10)
    assert [each.order_id for each in order.due(9)] == []
    assert [each.order_id for each in order.due(10)] == ["order--b"]
    assert [each.order_id for each in order.due(20)] == ["order--b", "order--a"]


def test_a_due_run_is_claimed_once(store):
    order.put(kept())
    order.let_run("order--a", 10)
    (due,) = order.due(10)
    assert order.claim(due, 20)
    assert not order.claim(due, 20)
    assert order.get("order--a") == replace(kept(), state=RUNS, next_run=20)


def test_what_was_settled_neither_runs_nor_is_claimed(store):
    order.put(kept())
    order.let_run("order--a", 10)
    (due,) = order.due(10)
    order.settle("order--a", DIED, "order.accord-changed")
    assert not order.claim(due, 20)
    assert order.due(100) == ()
    order.let_run("order--a", 30)
    assert order.get("order--a") == replace(kept(), state=DIED, reason="order.accord-changed")


def test_what_the_last_run_did_is_kept(store):
    order.put(kept())
    order.put_last("order--a", "{}")
    assert order.get("order--a") == replace(kept(), last="{}")
