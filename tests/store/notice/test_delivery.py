from hilf.store.database import transaction
from hilf.store.notice import delivery
from hilf.store.notice.delivery import FAILED, SENT, WAITING


def put(at=10, channels=("mail", "webhook")):
    with transaction():
        delivery.put(at, channels, "{}")


def test_a_message_is_taken_by_one_worker_at_a_time(store):
    put()
    first, second = delivery.due(10)
    assert (first.channel, second.channel, first.attempts) == ("mail", "webhook", 0)
    with transaction():
        assert delivery.claim(first.id, 10, 60)
        assert not delivery.claim(first.id, 10, 60)
    assert [each.id for each in delivery.due(10)] == [second.id]
    assert [(each.id, each.attempts) for each in delivery.due(60)] == [(first.id, 1), (second.id, 0)]


def test_what_went_or_was_given_up_is_due_no_more(store):
    put()
    first, second = delivery.due(10)
    with transaction():
        delivery.settle(first.id, SENT, 11, None)
        delivery.settle(second.id, FAILED, 12, "why")
    assert delivery.due(100) == ()
    assert [(each.state, each.done, each.error) for each in delivery.newest(9)] == [
        (FAILED, 12, "why"),
        (SENT, 11, None),
    ]
    with transaction():
        delivery.forget(12)
    assert [each.state for each in delivery.newest(9)] == [FAILED]


def test_a_channel_fails_until_it_has_taken_one_again(store):
    put()
    first, second = delivery.due(10)
    with transaction():
        delivery.settle(first.id, WAITING, 20, "why")
        delivery.settle(second.id, SENT, 11, None)
    assert delivery.failing() == 1
    put(30, ("mail",))
    (_, third) = delivery.due(30)
    with transaction():
        delivery.settle(third.id, SENT, 31, None)
    assert delivery.failing() == 0
