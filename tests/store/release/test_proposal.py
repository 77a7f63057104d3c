"""On SQLite and PostgreSQL: a proposal keeps its exact acts until it is settled."""

from hilf.store.release import proposal
from hilf.store.release.proposal import DIED, INTERRUPTED, PROPOSED, QUEUED, QUEUING, Item, KeptRelease

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
    assert proposal.waiting_for(QN, [5, 9]) == {5: "release--a"}
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


def test_acts_of_a_proposal_come_page_by_page_and_wait_in_their_order(store):
    from hilf.store import database
    from hilf.store.federation import outbox

    proposal.put(release("a", state=QUEUING))
    proposal.add("release--a", ITEMS)
    assert (list(proposal.pages("release--a")), proposal.bound("release--a")) == (
        [ITEMS],
        tuple((item.act_id, item.object_seq) for item in ITEMS),
    )
    assert outbox.put_proposed(QN, "release--a", 7) == 2
    found = database.rows("SELECT act_id, kind, at, state, object_seq, release_id FROM act ORDER BY pos")
    assert [(bytes(act_id), *rest) for act_id, *rest in found] == [
        (item.act_id, "object", 7, "waiting", item.object_seq, "release--a") for item in ITEMS
    ]


def test_a_release_is_queuing_until_it_is_finished_or_interrupted(store):
    for name in "ab":
        proposal.put(release(name, state=QUEUING), ITEMS)
    proposal.finish("release--a", PROPOSED, "t" * 64, "k2", 2)
    proposal.interrupt(QN, "type:note", "defence")
    assert [proposal.is_queuing(f"release--{name}") for name in "ab"] == [False, False]
    a, b = (proposal.get(f"release--{name}") for name in "ab")
    assert (a.state, a.subject, a.proposed_by, a.needs_approvals) == (PROPOSED, "t" * 64, "k2", 2)
    assert (b.state, b.reason, proposal.items("release--b")) == (QUEUED, INTERRUPTED, ())
    assert proposal.counts() == {"release--a": 2}
