from hilf.store.database import transaction
from hilf.store.notice import event
from hilf.store.notice.event import KeptEvent


def test_an_event_is_kept_as_it_is_now(store):
    one = KeptEvent("k1", "status.disk", 1, 10, 10, True, None, 0)
    other = KeptEvent("k2", "status.clock", 2, 5, 10, True, 7, 2)
    with transaction():
        event.hold()
        event.put([one, other])
    assert event.every() == (other, one)
    told = one._replace(told=11, told_count=1, standing=False, last_seen=12, many=3)
    with transaction():
        event.hold()
        event.put([told])
        event.forget(11)
    assert event.every() == (told,)
