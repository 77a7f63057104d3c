"""Revoking a peer: as many officers as our identity demands, at once suspended, then nothing passes, for good."""

import pytest

from hilf.errors import PartnerFault, Refusal
from hilf.federation.peer import PeerState
from hilf.federation.retraction import RetractionReason
from hilf.markings.tlp import Tlp
from hilf.node import confirmed, peer, revocation, sync, withdrawal
from hilf.store import database
from tests.conftest import NOW
from tests.nations import SECOND, agreed_nations, indicator, made_nations, meet_again, nations  # noqa: F401


@pytest.fixture
def two(nations):  # noqa: F811
    qm, qn, _ = nations
    made = indicator(qm, "given", Tlp.GREEN)
    qm.says(made)
    qm.release(qn, f"id:{made['id']}")
    meet_again(qm, qn)
    return qm, qn, made["id"]


def offer(qm, qn):
    made = indicator(qm, "waits", Tlp.GREEN)
    qm.says(made)
    qm.release(qn, f"id:{made['id']}")


def waiting(qm, qn):
    qm.home()
    return database.rows(
        "SELECT kind, state FROM act WHERE outgoing = %s AND peer = %s AND state IN ('waiting', 'dropped') ORDER BY pos",
        (True, qn.node),
    )


def test_the_first_officer_suspends_and_the_second_revokes_what_waits_is_dropped(two):
    qm, qn, stix_id = two
    offer(qm, qn)
    withdrawal.retract(qm.home(), stix_id, RetractionReason.ERROR, NOW)
    home = qm.home()
    one = revocation.revoke(home, qn.node, "taken over", qm.keys["officer"], NOW)
    assert (one.state, one.missing, one.dropped, one.revoked_by) == (PeerState.SUSPENDED, 1, 0, ("officer",))
    both = revocation.revoke(home, qn.node, "taken over", qm.keys[SECOND], NOW)
    assert (both.state, both.missing, both.dropped) == (PeerState.REVOKED, 0, 1)
    assert waiting(qm, qn) == [("object", "dropped"), ("retraction", "waiting")]
    (told,) = confirmed.status(home, stix_id, NOW)
    assert [(each.node, each.state) for each in told.nodes] == [(qn.node, "open")]


def test_the_same_officer_does_not_count_twice_and_revoked_is_final(two):
    qm, qn, _ = two
    home = qm.home()
    revocation.revoke(home, qn.node, "taken over", qm.keys["officer"], NOW)
    with pytest.raises(Refusal, match="stands behind revoking"):
        revocation.revoke(home, qn.node, "taken over", qm.keys["officer"], NOW)
    revocation.revoke(home, qn.node, "taken over", qm.keys[SECOND], NOW)
    with pytest.raises(Refusal, match="it is revoked"):
        revocation.check_revoke(home, qn.node, qm.keys["officer"].kid, NOW)


def test_a_suspension_of_another_day_is_no_half_of_a_revocation(two):
    qm, qn, _ = two
    home = qm.home()
    peer.suspend(home, qn.node, "quiet for a while", qm.keys[SECOND], NOW)
    done = revocation.revoke(home, qn.node, "taken over", qm.keys["officer"], NOW)
    assert (done.state, done.missing) == (PeerState.SUSPENDED, 1)


def test_a_revoked_peer_is_answered_403_and_asked_nothing(two):
    qm, qn, _ = two
    home = qm.home()
    for name in ("officer", SECOND):
        revocation.revoke(home, qn.node, "taken over", qm.keys[name], NOW)
    with pytest.raises(Refusal, match="is revoked"):
        sync.sync(home, [qn.node], lambda: NOW)
    offer(qn, qm)
    with pytest.raises(PartnerFault):
        meet_again(qn, qm)
    assert {state for _, state in waiting(qn, qm)} == {"waiting"}
