"""The worker: when a round with a peer is due, and that one peer holds up nobody else."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from hilf.node import federation, identity, lists
from hilf.node.channels import Channels
from hilf.node.worker import Worker
from hilf.store import database
from hilf.store.federation import nonce, stream
from hilf.store.instant import microseconds
from tests import partner as wrongly
from tests.conftest import NODE
from tests.partner import Partner, introduce, serving
from tests.receivers import program

QN, QO = "cert.qn.example", "cert.qo.example"


def clock():
    return datetime.now(UTC)


def announce(home, node):
    with database.transaction():
        federation.announce(home, node, "ping", {}, clock())


@pytest.fixture
def served(home, tmp_path):
    partner = Partner(NODE)
    with serving(partner, tmp_path) as served:
        introduce(partner)
        partner.meet(identity.own(home).newest)
        yield served


@pytest.fixture
def working(home):
    """Lets a worker run until the end of the test."""
    stopped, threads = threading.Event(), []

    def start(sync_every_s=3600):
        worker = Worker(home, clock, sync_every_s)
        threads.append(threading.Thread(target=worker.run, args=(stopped,)))
        threads[-1].start()
        return worker

    yield start
    stopped.set()
    for thread in threads:
        thread.join(10)


def until(condition):
    end = clock() + timedelta(seconds=20)
    while not condition():
        assert clock() < end
        threading.Event().wait(0.05)


def test_what_waits_is_sent_at_once(home, served, working):
    working()
    until(lambda: served.seen)
    announce(home, QN)
    until(lambda: served.batches)


def test_a_peer_is_asked_again_after_its_time_although_nothing_waits(home, served, working):
    working(sync_every_s=0.2)
    until(lambda: len([each for each in served.seen if each.path == "state"]) >= 3)
    assert served.batches == []


def test_a_peer_that_failed_is_not_asked_before_its_time(home, served, working):
    announce(home, QN)
    stream.went_wrong(QN, "wire.too-late", microseconds(clock() + timedelta(seconds=2)))
    working()
    threading.Event().wait(1.2)
    assert served.seen == []
    until(lambda: served.batches)


def test_a_peer_that_never_answers_holds_up_nobody_else(home, served, working, tmp_path):
    other = Partner(NODE, QO, "QO")
    (tmp_path / "other").mkdir()
    with serving(other, tmp_path / "other") as also:
        introduce(other)
        other.meet(identity.own(home).newest)
        served.then("state", wrongly.never)
        announce(home, QN)
        announce(home, QO)
        working()
        until(lambda: also.batches)
        assert served.batches == []
        served.stopping.set()


def test_what_is_no_longer_needed_is_forgotten(home):
    nonce.take("a#1", "n", 1)
    Worker(home, clock, 1).clean()
    assert not nonce.seen("a#1", "n")


def test_the_worker_looks_ahead_and_tells_the_duty_officer(home, working, tmp_path, monkeypatch):
    monkeypatch.setattr("hilf.node.worker.CHORES_S", 0.05)
    monkeypatch.setattr("hilf.node.notice.LOOK_S", 0.1)
    out = tmp_path / "told"
    (home.keys / "tls.crt").unlink()  # something that a person must mend
    assert lists.waiting() > 0
    worker = working()
    worker.channels = Channels(command=(str(program(tmp_path, f"open({str(out)!r}, 'w').write(message)")),))
    until(lambda: lists.waiting() == 0)
    until(out.exists)
    until(lambda: '"code":"home.key-missing"' in out.read_text())


def test_once_sends_what_waits_and_ends(home, served):
    announce(home, QN)
    Worker(home, clock, 3600).once()
    assert stream.queue(QN).waiting == 0
    assert len(served.batches) == 1
