"""Two real nodes over sockets under kill -9, cut links and stale backups: nothing acknowledged is lost, doubled or different.

HILF_KILLS sets how many processes are killed (12), HILF_RESTORES how often a node is killed and its database replaced by an
older copy of itself (6), HILF_CUTS how many links are cut meanwhile (20); the nightly run does 200, 60 and 200. What is
killed, at random instants: the whole process group of a node, one of its processes (a gateway worker in the middle of a batch,
the worker in the middle of a round), or whoever brings objects in, releases them and takes some back. What is gone is started
again at once.

The same node is restored a few times in a row, also while it still recovers; then the other, once both have again what was
lost, for what both have lost nobody can give back. What was acknowledged and had not left the node whose disk is lost is
counted apart.
"""

import os
import random
import sys
import time
from collections import Counter

import pytest

from tests.end_to_end.fire import Cutter, Side, check
from tests.end_to_end.nodes import until

KILLS = int(os.environ.get("HILF_KILLS", "12"))
RESTORES = int(os.environ.get("HILF_RESTORES", "6"))
CUTS = int(os.environ.get("HILF_CUTS", "20"))
CONVERGED_WITHIN_S = 90
IN_A_ROW = 4
COPIED_EACH = 4
FLOWING_BEFORE = 0.7
"""How often acts must have passed since the last kill before the next; else a node is killed while it starts."""


@pytest.mark.timeout(600)
def test_two_nodes_under_kills_cuts_and_stale_backups_lose_nothing_double_nothing_and_agree(pair, tmp_path):
    under_fire(pair, tmp_path, KILLS, RESTORES, CUTS)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_two_nodes_under_200_kills_200_cuts_and_60_stale_backups_agree(pair, tmp_path):
    under_fire(pair, tmp_path, 200, 60, 200)


def under_fire(pair, tmp_path, kills, restores, cuts):
    seed = int(os.environ.get("HILF_SEED", "7"))
    chance = random.Random(seed)
    one, other = sides = Side(pair[0], pair[1], tmp_path), Side(pair[1], pair[0], tmp_path)
    done = Counter()
    try:
        for side in sides:
            side.start()
        until(lambda: all(side.acknowledged.exists() for side in sides), 60, "traffic")
        cutter = Cutter(sides, seed)
        for side in sides:
            side.back_up()
            side.copy()
        storm(sides, chance, done, chance.sample(["kill"] * kills + ["restore"] * restores, kills + restores))
        until(lambda: keep_up(sides) and sum(cutter.hits().values()) >= cuts, 3 * cuts, f"{cuts} cuts")
        cutter.end()
        one.stop.touch()
        for side in sides:
            side.producer.running.wait(60)
        until(lambda: settled(sides), CONVERGED_WITHIN_S, f"convergence after {dict(done)}")
    finally:
        for side in sides:
            side.end()
            side.line.end()
    explained = [len(side.explained) for side in sides]
    sys.stderr.write(
        f"\nseed {seed}: {dict(done)}; cut {dict(cutter.hits())}; never left a lost disk {explained}\n"
    )
    check(one, other)
    check(other, one)
    assert done["copied back"] + done["restored"] == restores


def storm(sides, chance, done, events):
    """Everything that happens to the nodes, one after the other, at random instants."""
    for number, event in enumerate(events):
        if chance.random() < FLOWING_BEFORE:
            before = receipted(sides)
            until(lambda: keep_up(sides) and receipted(sides) != before, 60, "traffic goes on")  # noqa: B023 asked in this turn
        time.sleep(chance.uniform(0, 0.5))
        if event == "restore":
            put_back(sides, chance, done)
        else:
            done[chance.choice(sides).kill(chance)] += 1
        keep_up(sides)
        if number % COPIED_EACH == 0:
            sides[number // COPIED_EACH % 2].copy()


def put_back(sides, chance, done):
    """One of the nodes gets an old database: one that was copied or backed up while it worked."""
    restored = done["copied back"] + done["restored"]
    turn = restored // IN_A_ROW % 2
    side, partner = sides[turn], sides[1 - turn]
    if restored and not restored % IN_A_ROW:
        wait_until_whole(sides)
    file = chance.choice(side.copies)
    side.put_back(file, partner)
    done["restored" if file.suffix == ".hilf" else "copied back"] += 1


def keep_up(sides):
    """What is gone is started again."""
    for side in sides:
        side.start()
    return True


def wait_until_whole(sides):
    """Wait until what was lost before came back on both sides, however the traffic goes on."""
    said = [each.said() for each in sides]
    until(lambda: keep_up(sides) and whole(sides, said), CONVERGED_WITHIN_S, "what was lost came back")


def whole(sides, said):
    """Whether both have what was said by then, their own and the other's, and know where they stand."""
    pairs = [(holder, sender, texts) for holder in sides for sender, texts in zip(sides, said, strict=True)]
    return not any(holder.lacks(sender, texts) for holder, sender, texts in pairs) and not any(
        side.is_open() for side in sides
    )


def receipted(sides):
    """Where the streams stand for which partners have signed."""
    return [side.rows("SELECT epoch, receipted FROM stream WHERE outgoing") for side in sides]


def settled(sides):
    for side in sides:
        if side.served.running is None or side.served.running.poll() is not None:
            side.served.kill()
            side.served.start()
    return not any(side.waits() for side in sides) and whole(sides, [side.said() for side in sides])
