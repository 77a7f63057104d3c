"""What a partner's retraction hid is erased in time, many at once, and the partner is told of each."""

# ruff: noqa: F401, F811  # fixtures are imported
from datetime import timedelta

from hilf.federation.retraction import MOST_PER_HOUR
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import agreed_nations, carry, indicator, made_nations, nations
from tests.node.test_mass import SOON, say, take_back

GRACE = timedelta(days=7)


def test_what_was_accepted_is_erased_after_the_grace_and_each_is_told(nations, monkeypatch):
    from hilf.node import erasure, mass
    from hilf.store import database

    qm, qn, _ = nations
    monkeypatch.setattr(erasure, "AT_ONCE", 7)
    take_back(qm, qn, say(qm, qn, MOST_PER_HOUR + 20))
    mass.accept(qn.home(), qm.node, SOON)
    carry(qn, qm, SOON)
    assert erasure.erase_due(qn.home(), SOON + timedelta(days=7) - timedelta(seconds=1)) == 0
    assert erasure.erase_due(qn.home(), SOON + timedelta(days=7)) == MOST_PER_HOUR + 20
    assert erasure.erase_due(qn.home(), SOON + timedelta(days=7)) == 0
    said = "SELECT count(*) FROM act WHERE kind = 'confirmation' AND outgoing"
    assert database.row(said) == (2 * (MOST_PER_HOUR + 20),)


def test_a_version_that_was_taken_back_twice_is_erased_once_and_both_are_told(nations):
    from hilf.node import erasure
    from hilf.store import database

    qm, qn, _ = nations
    (first, second) = say(qm, qn, 2)
    take_back(qm, qn, [first, first, second])
    assert erasure.erase_due(qn.home(), SOON + GRACE) == 2
    left = "SELECT count(*) FROM retraction WHERE act_id IS NOT NULL AND erased IS NULL"
    assert database.rows(left) == [(0,)]
    assert database.rows("SELECT count(*) FROM act WHERE kind = 'confirmation' AND outgoing") == [(6,)]


def test_one_that_another_partner_must_still_get_byte_for_byte_waits_alone(nations):
    from hilf.node import erasure
    from hilf.store import database

    qm, qn, qo = nations
    first, second = say(qm, qn, 2)
    qn.release(qo, f"id:{first}")
    qn.home()
    database.execute(
        "UPDATE act SET state = 'sent' WHERE kind = 'object' AND outgoing AND peer = %s", (qo.node,)
    )
    take_back(qm, qn, [first, second])
    assert erasure.erase_due(qn.home(), SOON + GRACE) == 1
    database.execute("UPDATE act SET state = 'applied' WHERE state = 'sent'")
    assert erasure.erase_due(qn.home(), SOON + GRACE) == 1
