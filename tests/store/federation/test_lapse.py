"""On SQLite and PostgreSQL: why versions of one partner went here, and when it said so."""

import pytest

from hilf.store.database import execute, transaction
from hilf.store.federation import inbox, lapse
from hilf.store.federation import retraction as retractions
from hilf.store.federation.lapse import TakenBack
from hilf.store.intelligence import retention

QM, QN = "cert.qm.example", "cert.qn.example"
ONE, OTHER = (f"indicator--{n}1111111-0000-4000-8000-000000000000" for n in (1, 2))
ACT = b"r" * 32


def put(act_id: bytes | None = ACT, by: str = QM, stix_id: str = ONE, reason: str = "expired") -> int:
    return retractions.put(
        act_id=act_id, by=by, stix_id=stix_id, body="{}", reason=reason, at=100, deadline=900
    )


@pytest.mark.usefixtures("store")
def test_retractions_of_a_partner_come_with_the_time_of_their_act_where_that_is_remembered():
    with transaction():
        first, second = put(), put(b"s" * 32, reason="error")
        put(None)
        put(b"n" * 32, QN)
        put(b"o" * 32, stix_id=OTHER)
        arrived = inbox.Arrived(ACT, "retraction", 7, "applied", None, 1, b"{}", None)
        inbox.remember(QM, 1, [arrived])
        retractions.put_erased([first], 101)
    assert lapse.taken_back(QM, [ONE]) == (
        TakenBack(first, ACT, ONE, "{}", "expired", 7, True),
        TakenBack(second, b"s" * 32, ONE, "{}", "error", None, False),
    )
    assert [each.stix_id for each in lapse.taken_back(QM, [OTHER, ONE, ONE])] == [ONE, ONE, OTHER]
    assert lapse.taken_back(QM, []) == ()


@pytest.mark.usefixtures("store")
def test_over_is_what_was_hidden_for_its_time():
    with transaction():
        retention.note({1: 40, 2: 50})
        execute("UPDATE retention SET done = 60 WHERE seq = 2")
    assert lapse.over([1, 2, 3]) == {2: 50}
    assert lapse.over([]) == {}
