"""Two real nodes over sockets under kill -9 of either during traffic: nothing acknowledged is lost, doubled or different.

HILF_KILLS sets how many (60); the nightly run kills 200 times. What is killed, at random instants: the whole process group
of a node, one of its processes (a gateway worker in the middle of a batch, the worker in the middle of a round), or
whoever brings objects in and releases them. What is gone is started again at once.
"""

import os
import random
import sqlite3
import sys
import time
from collections import Counter
from hashlib import sha256

import pytest

from tests.end_to_end.nodes import Process, serving, until

KILLS = int(os.environ.get("HILF_KILLS", "60"))
CONVERGED_WITHIN_S = 60
FLOWING_BEFORE = 0.7
"""How often acts must have passed since the last kill before the next; else a node is killed while it starts."""


class Side:
    """A node under fire: its served processes and its producer."""

    def __init__(self, nation, partner, folder):
        self.nation, self.partner = nation, partner
        self.acknowledged, self.stop = folder / f"{nation.country}.ack", folder / "stop"
        self.served = serving(nation)
        script = [str(nation.path), partner.node, str(self.acknowledged), str(self.stop)]
        self.producer = Process(
            [sys.executable, "-m", "tests.end_to_end.producer", *script], folder / f"{nation.country}.log"
        )

    def start(self):
        for process in (self.served, self.producer):
            if process.running is None or process.running.poll() is not None:
                process.kill()
                process.start()

    def kill(self, chance):
        """Kill something of this node; what it was."""
        what = chance.choices(["node", "child", "producer"], [3, 15, 2])[0]
        if what == "child":
            children = [pid for pid, _ in self.served.children()]
            if children:
                try:
                    os.kill(chance.choice(children), 9)
                except ProcessLookupError:
                    return "node", self.served.kill()
                return what
            what = "node"
        (self.served if what == "node" else self.producer).kill()
        return what

    def rows(self, sql, *parameters):
        with sqlite3.connect(f"file:{self.nation.path}/hilf.sqlite3?mode=ro", uri=True, timeout=20) as reader:
            return reader.execute(sql, parameters).fetchall()

    def waits(self):
        """How many acts are not receipted yet."""
        ((count,),) = self.rows("SELECT count(*) FROM act WHERE outgoing AND state IN ('waiting', 'sent')")
        return count

    def end(self):
        self.served.kill()
        self.producer.kill()


@pytest.mark.timeout(600)
def test_two_nodes_under_kills_lose_nothing_double_nothing_and_agree(pair, tmp_path):
    under_kills(pair, tmp_path, KILLS)


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_two_nodes_under_200_kills_lose_nothing_double_nothing_and_agree(pair, tmp_path):
    under_kills(pair, tmp_path, 200)


def under_kills(pair, tmp_path, kills):
    seed = int(os.environ.get("HILF_SEED", "7"))
    chance = random.Random(seed)
    one, other = Side(pair[0], pair[1], tmp_path), Side(pair[1], pair[0], tmp_path)
    sides, killed = (one, other), Counter()
    try:
        for side in sides:
            side.start()
        until(lambda: all(side.acknowledged.exists() for side in sides), 60, "traffic")
        for _ in range(kills):
            if chance.random() < FLOWING_BEFORE:
                before = receipted(sides)
                until(lambda: receipted(sides) > before, 60, "traffic goes on")  # noqa: B023 asked in this turn
            time.sleep(chance.uniform(0, 0.5))
            side = chance.choice(sides)
            killed[side.kill(chance)] += 1
            for each in sides:
                each.start()
        one.stop.touch()
        for side in sides:
            side.producer.running.wait(60)
        until(lambda: settled(sides), CONVERGED_WITHIN_S, f"convergence after {dict(killed)}")
    finally:
        for side in sides:
            side.end()
    for sender, receiver in ((one, other), (other, one)):
        check(sender, receiver)
    batches = [
        count for side in sides for ((count,),) in [side.rows("SELECT count(*) FROM batch WHERE outgoing")]
    ]
    sys.stderr.write(f"\nseed {seed}: killed {dict(killed)}; batches {batches}\n")
    assert min(batches) > kills / 3, "hardly any traffic between the kills: the test would prove nothing"


def receipted(sides):
    """How many acts partners have signed for so far."""
    return sum(count for side in sides for ((count,),) in [side.rows("SELECT sum(receipted) FROM stream")])


def settled(sides):
    for side in sides:
        if side.served.running is None or side.served.running.poll() is not None:
            side.served.kill()
            side.served.start()
    return not any(side.waits() for side in sides)


def check(sender, receiver):
    """What `sender` was told to be done is at `receiver` exactly once, byte for byte, and both say so."""
    acknowledged = dict(line.split() for line in sender.acknowledged.read_text().splitlines())
    sent = "SELECT stix_id, body FROM object WHERE asserter = ? AND type = 'indicator'"
    there = receiver.rows(sent, sender.nation.node)
    assert Counter(stix_id for stix_id, _ in there).most_common(1)[0][1] == 1, "something came twice"
    held = {stix_id: sha256(body).hexdigest() for stix_id, body in there}
    here = {
        stix_id: sha256(canonical(body)).hexdigest()
        for stix_id, body in sender.rows(sent, sender.nation.node)
    }
    lost = acknowledged.keys() - held.keys()
    assert not lost, f"{len(lost)} of {len(acknowledged)} acknowledged objects never arrived"
    assert {each: held[each] for each in acknowledged} == acknowledged
    assert held == {stix_id: here[stix_id] for stix_id in held}, "the same id holds other bytes"
    assert len(acknowledged) > 100, "hardly any traffic: the test would prove nothing"

    out = sender.rows(
        "SELECT epoch, seq, chain, receipted FROM stream WHERE outgoing AND peer = ?", receiver.nation.node
    )
    into = receiver.rows(
        "SELECT epoch, seq, chain FROM stream WHERE NOT outgoing AND peer = ?", sender.nation.node
    )
    assert [row[:3] for row in out] == into
    assert out[0][3] == out[0][1], "not everything is receipted"
    seqs = "SELECT seq, act_id FROM act WHERE {} AND peer = ? AND seq IS NOT NULL ORDER BY seq"
    ours = sender.rows(seqs.format("outgoing"), receiver.nation.node)
    theirs = receiver.rows(seqs.format("NOT outgoing"), sender.nation.node)
    assert ours == theirs
    assert [seq for seq, _ in ours] == list(range(1, out[0][1] + 1))
    states = sender.rows("SELECT DISTINCT state FROM act WHERE outgoing AND peer = ?", receiver.nation.node)
    assert states == [("applied",)]
    receipts = "SELECT first, last, header, receipt FROM batch WHERE {} AND peer = ? ORDER BY first"
    kept = sender.rows(receipts.format("outgoing"), receiver.nation.node)
    assert kept == receiver.rows(receipts.format("NOT outgoing"), sender.nation.node)
    assert not sender.rows("SELECT rule FROM evidence")
    assert sender.rows("PRAGMA integrity_check") == [("ok",)]


def canonical(body):
    from hilf.canonical import dumps, loads

    return dumps(loads(body))
