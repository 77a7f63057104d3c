"""What became of retractions of ours, as people see it; the flows themselves are in test_retract."""

# ruff: noqa: F401, F811  # fixtures are imported
from datetime import timedelta

import pytest

from hilf.errors import CallerFault
from hilf.federation.confirmation import ConfirmationState
from hilf.federation.retraction import RetractionReason
from hilf.markings.tlp import Tlp
from hilf.node import confirmed, withdrawal
from hilf.store.federation.retraction import KeptConfirmation
from hilf.store.instant import microseconds
from tests.conftest import NOW
from tests.nations import agreed_nations, carry, indicator, made_nations, nations

DEADLINE = timedelta(days=1)


@pytest.fixture
def taken_back(nations):
    """QM took back what QN has from it; QN has not heard of it yet."""
    qm, qn, _ = nations
    made = indicator(qm, "taken back", Tlp.GREEN)
    qm.says(made)
    qm.release(qn, f"id:{made['id']}")
    carry(qm, qn)
    withdrawal.retract(qm.home(), made["id"], RetractionReason.ERROR, NOW, NOW + DEADLINE)
    return qm, qn, made["id"]


def seen(nation, stix_id, at=NOW):
    (each,) = confirmed.status(nation.home(), stix_id, at)
    return [(told.node, told.state, told.act, told.late) for told in each.nodes]


def test_a_node_is_open_until_it_confirms_and_late_after_the_deadline(taken_back):
    qm, qn, stix_id = taken_back
    assert seen(qm, stix_id) == [(qn.node, "open", "waiting", False)]
    assert seen(qm, stix_id, NOW + DEADLINE) == [(qn.node, "open", "waiting", False)]
    assert seen(qm, stix_id, NOW + DEADLINE + timedelta(seconds=1)) == [(qn.node, "open", "waiting", True)]
    carry(qm, qn)
    assert seen(qm, stix_id) == [(qn.node, "open", "applied", False)]
    carry(qn, qm)
    assert seen(qm, stix_id, NOW + 2 * DEADLINE) == [(qn.node, "hidden", "applied", False)]


def test_a_node_that_refused_the_retraction_is_no_longer_open(taken_back):
    from hilf.store import database

    qm, qn, stix_id = taken_back
    qm.home()
    database.execute("UPDATE act SET state = 'refused' WHERE kind = 'retraction'")
    assert seen(qm, stix_id) == [(qn.node, "refused", "refused", False)]


def test_what_was_never_taken_back_has_no_status(nations):
    qm, _, _ = nations
    with pytest.raises(CallerFault) as unknown:
        confirmed.status(qm.home(), indicator(qm, "said by nobody", Tlp.GREEN)["id"], NOW)
    assert unknown.value.code == "retract.unknown"


def test_what_a_node_said_is_given_as_it_said_it_and_nothing_while_it_is_open():
    further = '{"counted":{"erased":2,"held":0,"hidden":1,"open":0},"named":[]}'
    kept = KeptConfirmation(1, "cert.qn.example", b"r" * 32, "hidden", microseconds(NOW), further, "applied")
    told = confirmed.said(kept)
    assert (told.retraction, told.state, told.at) == ((b"r" * 32).hex(), ConfirmationState.HIDDEN, NOW)
    assert told.further.counted[ConfirmationState.ERASED] == 2
    still = KeptConfirmation(1, "cert.qn.example", b"r" * 32, "open", microseconds(NOW), "{}", "sent")
    assert confirmed.said(still) is None
