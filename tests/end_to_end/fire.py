"""Two served nodes under fire: their processes are killed, the lines between them cut, their databases replaced by old ones.

A `Side` is one node with its gateway behind a line, its producer, and copies of its database taken while it works. What
its producer was told to be done stands outside of the node, so that no fault of the node can alter it.
"""

import os
import random
import shutil
import sqlite3
import sys
import threading
from collections import Counter
from contextlib import closing
from hashlib import sha256

from hilf.canonical import dumps, loads
from tests.end_to_end.line import WAYS, Line
from tests.end_to_end.nodes import Process, hilf, serving
from tests.ports import free_port

SETTINGS = "quota_reconciles_per_hour = 100000\n"
AFTER_BYTES = (0, 700, 2_000, 4_000, 8_000)
"""From the greeting of TLS to the middle of a packed batch."""

HIDDEN = 3
BETWEEN_CUTS_S = (0.2, 0.8)


class Side:
    """A node under fire."""

    def __init__(self, nation, partner, folder):
        self.nation, self.partner, self.folder = nation, partner, folder
        with (nation.path / "hilf.toml").open("a", encoding="utf-8") as settings:
            settings.write(SETTINGS)
        self.acknowledged, self.stop = folder / f"{nation.country}.ack", folder / "stop"
        self.retracted = folder / f"{nation.country}.back"
        self.explained: set[str] = set()
        """What was acknowledged here and never left the disk that was destroyed."""
        self.copies: list = []
        back = free_port()
        self.line = Line(int(settings_of(nation)["gateway_url"].rsplit(":", 1)[1]), back)
        self.served = serving(nation, "--gateway", f"127.0.0.1:{back}")
        script = [str(nation.path), partner.node, str(self.acknowledged), str(self.retracted), str(self.stop)]
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

    def end(self):
        self.served.kill()
        self.producer.kill()

    def rows(self, sql, *parameters, file=None):
        file = file or self.nation.path / "hilf.sqlite3"
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=20)) as reader:
            return reader.execute(sql, parameters).fetchall()

    def waits(self):
        """How many acts are not receipted yet."""
        ((count,),) = self.rows("SELECT count(*) FROM act WHERE outgoing AND state IN ('waiting', 'sent')")
        return count

    def said(self):
        """What was acknowledged: id → hash."""
        if not self.acknowledged.exists():
            return {}
        lines = self.acknowledged.read_text().splitlines(keepends=True)
        return dict(line.split() for line in lines if line.endswith("\n"))

    def taken_back(self):
        return set(self.retracted.read_text().split()) if self.retracted.exists() else set()

    def holds(self, node, file=None):
        """The ids of indicators that this node shows as said by a node."""
        sql = "SELECT stix_id FROM object WHERE asserter = ? AND type = 'indicator' AND state < ?"
        return {stix_id for (stix_id,) in self.rows(sql, node, HIDDEN, file=file)}

    def copy(self):
        """A copy of the database while the node works, as `sqlite3 … .backup` makes it."""
        file = self.folder / f"{self.nation.country}-{len(self.copies)}.sqlite3"
        with (
            closing(sqlite3.connect(self.nation.path / "hilf.sqlite3", timeout=20)) as source,
            closing(sqlite3.connect(file)) as target,
        ):
            source.backup(target)
        self.copies.append(file)

    def back_up(self):
        """A backup by command, while the node works."""
        file = self.folder / f"{self.nation.country}-{len(self.copies)}.hilf"
        code, document = hilf(self.nation, "backup", "--out", str(file))
        assert code == 0, document
        self.copies.append(file)

    def put_back(self, file, other):
        """The disk is lost with what the node did since; an old copy takes its place."""
        self.end()
        if file.suffix == ".hilf":
            before = self.holds(self.nation.node)
            code, document = hilf(self.nation, "restore", str(file), "--no-sync")
            assert code == 0, document
            lost = before - self.holds(self.nation.node)
        else:
            for old in self.nation.path.glob("hilf.sqlite3*"):
                old.unlink()
            shutil.copy(file, self.nation.path / "hilf.sqlite3")
            lost = self.said().keys() - self.holds(self.nation.node)
        self.explained |= lost - other.holds(self.nation.node)

    def lacks(self, sender, said):
        """What was said at a sender and is not here: neither taken back nor explained."""
        return said.keys() - self.holds(sender.nation.node) - sender.taken_back() - sender.explained

    def gets_through(self):
        """Whether its last round with the partner went well: after failures in a row a node waits for long."""
        try:
            return self.rows("SELECT failures FROM peer") == [(0,)]
        except sqlite3.Error:  # its disk is being lost
            return False

    def is_open(self):
        """Whether it was restored and does not know yet where it stands."""
        return bool(self.rows("SELECT 1 FROM restoration_peer WHERE done IS NULL"))


def settings_of(nation):
    import tomllib

    return tomllib.loads((nation.path / "hilf.toml").read_text())


class Cutter:
    """Cuts the lines to both nodes at random moments until it is ended."""

    def __init__(self, sides, seed):
        self._sides, self._chance, self._ended = sides, random.Random(seed), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._ended.wait(self._chance.uniform(*BETWEEN_CUTS_S)):
            caller, called = self._chance.sample(self._sides, 2)
            if caller.gets_through():
                called.line.arm(self._chance.choice(WAYS), self._chance.choice(AFTER_BYTES))

    def end(self):
        self._ended.set()
        self._thread.join()

    def hits(self):
        return sum((side.line.hits for side in self._sides), Counter())


def check(sender, receiver):
    """What `sender` was told to be done is at `receiver` once, byte for byte, both say so, and what it took back is gone."""
    node = sender.nation.node
    acknowledged, back = sender.said(), sender.taken_back()
    sql = "SELECT stix_id, body, state FROM object WHERE asserter = ? AND type = 'indicator'"
    there, here = receiver.rows(sql, node), sender.rows(sql, node)
    for rows in (there, here):
        assert Counter(stix_id for stix_id, _, _ in rows).most_common(1)[0][1] == 1, "something came twice"
    shown = {stix_id: sha256(body).hexdigest() for stix_id, body, state in there if state < HIDDEN}
    ours = {
        stix_id: sha256(dumps(loads(body))).hexdigest() for stix_id, body, state in here if state < HIDDEN
    }
    assert not back & (shown.keys() | ours.keys()), "what was taken back came back"
    lost = acknowledged.keys() - shown.keys() - back
    assert not lost - sender.explained, (
        f"{len(lost)} of {len(acknowledged)} acknowledged objects never arrived"
    )
    forgotten = acknowledged.keys() - ours.keys() - back
    assert not forgotten - sender.explained, f"{len(forgotten)} were not given back"
    kept = acknowledged.keys() & shown.keys()
    assert {each: shown[each] for each in kept} == {each: acknowledged[each] for each in kept}
    assert shown == {stix_id: ours[stix_id] for stix_id in shown}, "the same id holds other bytes"
    assert len(kept) > 100, "hardly any traffic: the test would prove nothing"
    check_stream(sender, receiver)
    for side in (sender, receiver):
        assert not side.rows("SELECT rule FROM evidence")
        assert side.rows("PRAGMA integrity_check") == [("ok",)]
        assert not side.is_open()


def check_stream(sender, receiver):
    """Both sides stand at the same place of the same chain, with the same acts and receipts of this epoch behind it."""
    one, other = sender.nation.node, receiver.nation.node
    out = sender.rows("SELECT epoch, seq, chain, receipted FROM stream WHERE outgoing AND peer = ?", other)
    into = receiver.rows("SELECT epoch, seq, chain FROM stream WHERE NOT outgoing AND peer = ?", one)
    assert [row[:3] for row in out] == into
    epoch, last, _, receipted = out[0]
    assert receipted == last, "not everything is receipted"
    seqs = "SELECT seq, act_id FROM act WHERE {} AND peer = ? AND epoch = ? ORDER BY seq"
    ours = sender.rows(seqs.format("outgoing"), other, epoch)
    assert ours == receiver.rows(seqs.format("NOT outgoing"), one, epoch)
    assert [seq for seq, _ in ours] == list(range(1, last + 1))
    # A sender keeps receipts of what a restored receiver lost again, under the same number of an epoch.
    headers = (
        "SELECT first, last, header FROM batch WHERE {} AND peer = ? AND epoch = ? AND receipt IS NOT NULL"
    )
    kept = sender.rows(headers.format("outgoing"), other, epoch)
    theirs = sorted(receiver.rows(headers.format("NOT outgoing"), one, epoch))
    assert set(theirs) <= set(kept), "a batch was applied that its sender did not keep"
    assert [first for first, _, _ in theirs] == [1, *(end + 1 for _, end, _ in theirs[:-1])][: len(theirs)]
    assert (theirs[-1][1] if theirs else 0) == last
