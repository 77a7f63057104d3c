"""On SQLite and PostgreSQL: what a partner has of ours, and what does not count."""

import pytest

from hilf.canonical import dumps, sha256
from hilf.store import database
from hilf.store.federation import outbox, stream
from hilf.store.intelligence.assertion import Assertion
from hilf.store.intelligence.erase import hide
from hilf.store.intelligence.write import write_assertions
from hilf.store.release import sent
from tests.conftest import INDEX_KEY
from tests.store.plans import plans_of

QM, QN = "cert.qm.example", "cert.qn.example"
ONE, TWO = (f"indicator--{n * 8}-0000-4000-8000-000000000000" for n in "12")


@pytest.fixture
def rows(store):
    """Two objects of ours, the first of them sent to QN; their rows."""
    bodies = [dumps({"id": stix_id}) for stix_id in (ONE, TWO)]
    assertions = [
        Assertion(i, "indicator", QM, sha256(b), b, 1) for i, b in zip((ONE, TWO), bodies, strict=True)
    ]
    written = write_assertions(assertions, INDEX_KEY)
    outbox.put(QN, [outbox.Waiting(b"1" * 32, "object", 7, b"envelope", written[0].seq)], "release--a")
    return [each.seq for each in written]


def not_released(peer):
    sql, parameters = sent.not_released(peer)
    return [
        seq for (seq,) in database.rows(f"SELECT o.seq FROM object o WHERE {sql} ORDER BY o.seq", parameters)
    ]


def test_what_was_sent_to_one_partner_was_sent_to_it_only(rows):
    (act,) = sent.to(QN, [ONE, TWO], INDEX_KEY)
    assert (act.stix_id, act.object_seq, act.state, act.release_id, act.at) == (
        ONE,
        rows[0],
        "waiting",
        "release--a",
        7,
    )
    assert sent.to("cert.qo.example", [ONE], INDEX_KEY) == ()
    assert sent.of_rows(rows) == (act,)
    assert (not_released(QN), not_released("cert.qo.example")) == ([rows[1]], rows)


def test_what_was_dropped_does_not_count(rows):
    stream.drop_unsent(QN, "{}", [b"1" * 32])
    (act,) = sent.to(QN, [ONE], INDEX_KEY)
    assert (act.state, act.counts) == ("dropped", False)
    assert not_released(QN) == rows


def test_what_was_taken_back_does_not_count(rows):
    hide([rows[0]])
    (act,) = sent.to(QN, [ONE], INDEX_KEY)
    assert (act.hidden, act.counts) == (True, False)


def test_cards_that_were_sent_are_found(store):
    outbox.put(QN, [outbox.Waiting(b"2" * 32, "identity", 7, b"card", None)], None)
    assert (sent.identities(QN), sent.identities(QM)) == ((b"card",), ())


def test_what_counts_is_told_in_few_words_with_the_accord_that_it_cites(rows):
    accord = "accord--00000000-0000-4000-8000-00000000000a"
    envelope = dumps({"accord": {"id": accord, "version": 3}, "at": "x", "terms": {}})
    outbox.put(QN, [outbox.Waiting(b"2" * 32, "object", 8, envelope, rows[1])], "release--b")
    found = list(sent.counting([QN, "cert.qo.example"], [ONE, TWO], INDEX_KEY))
    assert [(peer, i, act.object_seq, act.state, act.release_id, act.accord) for peer, i, act in found] == [
        (QN, ONE, rows[0], "waiting", "release--a", None),
        (QN, TWO, rows[1], "waiting", "release--b", (accord, 3)),
    ]
    assert sent.envelopes([found[1][2].pos]) == {found[1][2].pos: envelope}
    assert sent.any_to([QN, "cert.qo.example"]) == {QN}
    stream.drop_unsent(QN, "{}", [b"1" * 32])
    hide([rows[1]])
    assert list(sent.counting([QN], [ONE, TWO], INDEX_KEY)) == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda: list(sent.counting([QN], [ONE, TWO], INDEX_KEY)),
        lambda: sent.to(QN, [ONE], INDEX_KEY),
        lambda: sent.of_rows([1, 2]),
        lambda: not_released(QN),
    ],
    ids=["counting", "to", "of_rows", "not_released"],
)
def test_acts_of_some_objects_are_found_without_reading_every_act_to_a_partner(sqlite_store, ask):
    for plan in plans_of(ask):
        assert "act_object" in plan
        assert not {"act_position", "act_waiting"} & set(plan.split())
