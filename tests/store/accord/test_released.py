"""On SQLite and PostgreSQL: what a node has under an accord, what waits, what is asserted alike, and drafts that are dropped."""

import pytest

from hilf.canonical import dumps, sha256
from hilf.store import database
from hilf.store.accord import grouped, queue, released, standing, version
from hilf.store.federation import outbox
from hilf.store.intelligence import facts
from hilf.store.intelligence.assertion import Assertion
from hilf.store.intelligence.erase import hide
from hilf.store.intelligence.write import write_assertions
from tests.conftest import INDEX_KEY
from tests.store.plans import plans_of

QM, QN, QO = "cert.qm.example", "cert.qn.example", "cert.qo.example"
ACCORD = "accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001"
OTHER = "accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0002"
IDS = [f"indicator--{n:08}-0000-4000-8000-000000000000" for n in range(5)]


@pytest.fixture
def rows(store) -> list[int]:
    """Five objects of ours: three of them alike, one with another label, one with a confidence."""
    more = [{}, {}, {}, {"labels": ["a"]}, {"confidence": 50}]
    bodies = [dumps({"type": "indicator", "id": i, **m}) for i, m in zip(IDS, more, strict=True)]
    assertions = [Assertion(i, "indicator", QM, sha256(b), b, 1) for i, b in zip(IDS, bodies, strict=True)]
    written = [each.seq for each in write_assertions(assertions, INDEX_KEY)]
    facts.rewrite(written)
    return written


def put(node: str, number: int, seq: int, accord: str, state: str) -> bytes:
    act_id = bytes([number]) * 32
    envelope = dumps({"accord": {"id": accord, "version": 2}, "kind": "object"})
    outbox.put(node, [outbox.Waiting(act_id, "object", 1, envelope, seq)], None)
    database.execute("UPDATE act SET state = %s WHERE act_id = %s", (state, act_id))
    return act_id


def test_what_a_node_has_under_an_accord_is_what_it_took_and_was_not_told_to_let_go(rows):
    states = ("applied", "held", "refused", "waiting", "sent")
    acts = [put(QN, n, seq, ACCORD, state) for n, (seq, state) in enumerate(zip(rows, states, strict=True))]
    put(QN, 10, rows[0], OTHER, "applied")
    put(QO, 11, rows[0], ACCORD, "applied")
    assert [[act.act_id for act in page] for page in released.under(QN, ACCORD)] == [acts[:1], acts[1:2]]
    assert [[(act.stix_id, act.object_seq) for act in page] for page in released.waiting(QN)] == [
        [(IDS[3], rows[3])]
    ]
    assert (released.in_flight(QN, ACCORD), released.in_flight(QN, OTHER)) == (True, False)
    released.put_retracted(acts[:1])
    hide(rows[1:2])
    assert list(released.under(QN, ACCORD)) == []


def test_pages_are_read_to_the_end(rows, monkeypatch):
    monkeypatch.setattr(released, "PAGE", 2)
    acts = [put(QN, n, seq, ACCORD, "applied") for n, seq in enumerate(rows)]
    pages = [[act.act_id for act in page] for page in released.under(QN, ACCORD)]
    assert pages == [acts[:2], acts[2:4], acts[4:]]


def test_what_is_asserted_alike_is_one_group_with_examples(rows):
    groups = list(grouped.of(QM))
    assert [(each.seq, each.size) for each in groups] == [(rows[0], 3), (rows[3], 1), (rows[4], 1)]
    assert [grouped.examples(QM, each, 2) for each in groups] == [IDS[:2], IDS[3:4], IDS[4:]]
    assert list(grouped.of(QN)) == []


def test_what_has_no_facts_yet_stands_alone(rows):
    database.execute("UPDATE object SET facts_id = NULL WHERE seq = %s", (rows[1],))
    groups = list(grouped.of(QM))
    assert [each.size for each in groups] == [2, 1, 1, 1]
    assert grouped.examples(QM, groups[-1], 9) == [IDS[1]]


def test_a_standing_is_the_last_that_was_put(store):
    standing.put(QN, "a")
    standing.put(QN, "b")
    standing.put(QO, "c")
    assert standing.every() == {QN: "b", QO: "c"}


def test_drafts_of_one_accord_are_dropped_and_nothing_that_was_proposed(store):
    version.put(ACCORD, 1, "a" * 64, b"{}", 10, proposed=True)
    version.put(ACCORD, 2, "b" * 64, b"{}", 10, proposed=False)
    version.put(OTHER, 1, "c" * 64, b"{}", 10, proposed=False)
    assert (version.drop_drafts(ACCORD), version.drop_drafts(ACCORD)) == (1, 0)
    assert [kept.hash[0] for kept in version.every()] == ["a", "c"]


def test_pages_of_what_a_node_has_come_by_an_index_in_order_and_nothing_is_sorted(sqlite_store):
    asked = plans_of(lambda: [*released.waiting(QN), *released.under(QN, ACCORD)])
    asked += plans_of(lambda: queue.waiting_under(ACCORD, [QN]))
    assert len(asked) == 2 + len(released.HAS)
    for plan in asked:
        assert "act_waiting" in plan
        assert "TEMP B-TREE" not in plan
