import pytest

from hilf.errors import Refusal
from hilf.federation.peer import (
    PeerEvent,
    PeerState,
    after,
    may_exchange_acts,
    may_exchange_identity,
)

STEPS = {
    ("unknown", "introduce"): "introduced",
    ("introduced", "introduce"): "introduced",
    ("introduced", "verify"): "verified",
    ("introduced", "revoke"): "revoked",
    ("verified", "suspend"): "suspended",
    ("verified", "revoke"): "revoked",
    ("suspended", "lift"): "verified",
    ("suspended", "revoke"): "revoked",
}


@pytest.mark.parametrize("state", list(PeerState))
@pytest.mark.parametrize("event", list(PeerEvent))
def test_only_these_steps_are_taken(state: PeerState, event: PeerEvent) -> None:
    expected = STEPS.get((state.value, event.value))
    if expected is None:
        with pytest.raises(Refusal) as refusal:
            after(state, event, "cert.qm.example")
        assert refusal.value.code == "peer.transition"
    else:
        assert after(state, event, "cert.qm.example") == expected


def test_refusal_names_what_the_peer_can_do() -> None:
    with pytest.raises(Refusal) as refusal:
        after(PeerState.VERIFIED, PeerEvent.VERIFY, "cert.qm.example")
    assert refusal.value.what == "Cannot verify cert.qm.example: it is verified."
    assert refusal.value.remedy == "From verified a peer can: revoke, suspend."


def test_nothing_leads_on_from_revoked() -> None:
    with pytest.raises(Refusal) as refusal:
        after(PeerState.REVOKED, PeerEvent.VERIFY, "cert.qm.example")
    assert refusal.value.remedy == "Nothing leads on from revoked."


def test_acts_pass_only_between_verified_peers() -> None:
    assert [state.value for state in PeerState if may_exchange_acts(state)] == ["verified"]


def test_identity_documents_pass_until_a_peer_is_revoked() -> None:
    assert [state.value for state in PeerState if not may_exchange_identity(state)] == ["revoked"]
