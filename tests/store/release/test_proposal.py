"""On SQLite and PostgreSQL: a proposal keeps its exact acts until it is settled."""

from hilf.store.release import proposal
from hilf.store.release.proposal import DIED, PROPOSED, QUEUED, Item, KeptRelease

QN, QO = "cert.qn.example", "cert.qo.example"
ITEMS = (Item(b"1" * 32, b"one", 5), Item(b"2" * 32, b"two", 4))


def release(name, peer=QN, state=PROPOSED, at=1):
    return KeptRelease(f"release--{name}", peer, state, "type:note", "defence", at, "k1", 1, "s" * 64)


def test_a_proposal_keeps_its_acts_in_order(store):
    proposal.put(release("a"), ITEMS)
    assert proposal.get("release--a") == release("a")
    assert proposal.items("release--a") == ITEMS
    assert proposal.counts() == {"release--a": 2}
    assert proposal.get("release--b") is None


def test_open_proposals_are_found_by_recipient_and_by_row(store):
    proposal.put(release("a"), ITEMS)
    proposal.put(release("b", QO), [Item(b"3" * 32, b"three", 5)])
    proposal.put(release("c", state=QUEUED), [Item(b"4" * 32, b"four", 9)])
    assert proposal.waiting_for(QN) == {5: "release--a", 4: "release--a"}
    assert proposal.holding([5, 9]) == ("release--a", "release--b")


def test_a_settled_proposal_holds_nothing_any_more(store):
    proposal.put(release("a", at=1), ITEMS)
    proposal.put(release("b", at=2), [Item(b"3" * 32, b"three", 5)])
    proposal.settle("release--a", DIED, "release.bytes-changed")
    assert [(kept.release_id, kept.state, kept.reason) for kept in proposal.every()] == [
        ("release--b", PROPOSED, None),
        ("release--a", DIED, "release.bytes-changed"),
    ]
    assert proposal.items("release--a") == ()
    assert proposal.holding([5]) == ("release--b",)
