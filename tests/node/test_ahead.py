"""What a partner sends is read before the database is held for it."""

import threading
import time
from hashlib import sha256

import pytest

from hilf.federation.act import make_act
from hilf.markings.tlp import Tlp
from hilf.node import inbox
from hilf.node.ahead import read_ahead
from hilf.node.quota import Quota
from hilf.stix.pattern import comparisons
from hilf.store import database
from tests.conftest import NOW
from tests.nations import (  # noqa: F401
    agreed_nations,
    carry,
    indicator,
    made_nations,
    nations,
)

SLOW = 10
QN = "cert.qn.example"
ACCORD = "accord--00000000-0000-4000-8000-000000000001"
TERMS = {"markings": [], "onward": "none", "retention_until": None, "redacted_from": None}


def hard(name):
    """A pattern that takes a tenth of a second to read for the first time."""
    return " OR ".join(
        f"[ipv4-addr:value = '192.0.2.{n % 250}' AND file:name = '{name}']" for n in range(600)
    )


def an_act(nation, name, **members):
    body = {"object": indicator(nation, name, Tlp.GREEN, **members), "authorship": None}
    nonce = sha256(name.encode()).hexdigest()[:32]
    return make_act("object", nation.node, QN, NOW, nonce, (ACCORD, 1), "defence", TERMS, body)


@pytest.fixture
def acts(nations):  # noqa: F811
    qm, *_ = nations
    ping = make_act("ping", qm.node, QN, NOW, "0" * 32, None, "federation", {}, {})
    return [an_act(qm, "one"), ping, an_act(qm, "hard", pattern=hard("a")), an_act(qm, "late")]


def test_objects_are_read_and_nothing_else(acts):
    one, ping, slow, late = acts
    found = read_ahead(acts, NOW, 60)
    assert list(found) == [one.id, slow.id, late.id]
    assert [each.id for each in found.values()] == [act.body["object"]["id"] for act in (one, slow, late)]
    assert ping.id not in found


def test_what_comes_after_the_time_is_over_is_not_read(acts):
    comparisons.cache_clear()
    found = read_ahead(acts, NOW, 0.01)
    assert [each is None for each in found.values()] == [False, False, True]
    assert set(read_ahead(acts, NOW, -1).values()) == {None}


def test_a_batch_that_is_slow_to_read_does_not_keep_others_from_writing(nations, monkeypatch):  # noqa: F811
    qm, qn, _ = nations
    qm.says(*(indicator(qm, f"hard {n}", Tlp.GREEN, pattern=hard(n)) for n in range(SLOW)))
    qm.release(qn)
    waits, ended = [], threading.Event()

    def keep_writing():
        while not ended.is_set():
            began = time.monotonic()
            with database.transaction():
                database.allot("a writer beside", 1)
            waits.append(time.monotonic() - began)
            time.sleep(0.01)
        database.close()

    took = []
    receive = inbox.receive

    def receive_beside_a_writer(*arguments):
        writer = threading.Thread(target=keep_writing)
        writer.start()
        comparisons.cache_clear()  # this process wrote them itself a moment ago
        began = time.monotonic()
        try:
            return receive(*arguments)
        finally:
            took.append(time.monotonic() - began)
            ended.set()
            writer.join()

    monkeypatch.setattr(inbox, "receive", receive_beside_a_writer)
    results = carry(qm, qn)
    assert [each["outcome"] for each in results] == ["applied"] * (SLOW + 1)  # with the identity of QM
    assert max(waits) < 0.6 * max(took), (max(waits), took)


def test_a_peer_without_processor_time_left_is_not_read_at_all(nations, monkeypatch):  # noqa: F811
    qm, qn, _ = nations
    qm.says(indicator(qm, "one", Tlp.GREEN))
    qm.release(qn)
    qn.home()
    database.execute(
        "INSERT INTO counter (name, value) VALUES (%s, 5000)",
        (f"inbox {NOW:%Y-%m-%dT%H} processor {qm.node}",),
    )
    receive, answers = inbox.receive, []

    def receive_under_a_quota(home, request, now):
        answers.append(receive(home, request, now, Quota(processor_s=4)))
        return answers[-1]

    monkeypatch.setattr(inbox, "receive", receive_under_a_quota)
    with pytest.raises(AssertionError):
        carry(qm, qn)
    assert [(answer.status, b"peer.quota" in answer.body) for answer in answers] == [(429, True)]
