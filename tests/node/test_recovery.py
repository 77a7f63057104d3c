"""A node that was put back to an older backup, and its partner, come together again: nothing is lost, nothing returns."""

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from hilf.federation.retraction import RetractionReason
from hilf.markings.tlp import Tlp
from hilf.node import withdrawal
from hilf.node.recovery import Recovered
from hilf.store import database
from hilf.store.federation import stream
from tests.conftest import NOW
from tests.nations import (  # noqa: F401  # fixtures
    agreed_nations,
    back_up,
    indicator,
    made_nations,
    meet_again,
    nations,
    put_back,
)

LATER = NOW + timedelta(hours=2)


@pytest.fixture
def pair(nations):
    """QM has released `before` to QN, with a backup of each taken then, and `after` since."""
    qm, qn, _ = nations
    release(qm, qn, "before")
    backups = back_up(qm), back_up(qn)
    release(qm, qn, "after")
    return qm, qn, *backups


def release(sender, receiver, name, at=NOW):
    made = indicator(sender, name, Tlp.GREEN)
    sender.says(made)
    sender.release(receiver, f"id:{made['id']}")
    meet_again(sender, receiver, at)
    return made["id"]


def names(nation):
    found = [orjson.loads(body) for body in nation.objects().values()]
    return sorted(each["name"] for each in found if each["type"] == "indicator")


def place(nation, peer, *, outgoing):
    nation.home()
    kept = stream.position(peer.node, outgoing=outgoing)
    return kept.epoch, kept.seq, kept.chain


def states(nation, peer):
    nation.home()
    return dict(
        database.rows(
            "SELECT state, count(*) FROM act WHERE outgoing = %s AND peer = %s GROUP BY state",
            (True, peer.node),
        )
    )


def test_a_restored_sender_takes_back_what_it_had_released(pair):
    qm, qn, of_qm, _ = pair
    put_back(qm, of_qm)
    assert names(qm) == ["before"]
    done = meet_again(qm, qn, LATER)
    assert done.recovered == Recovered(taken=1, gone=0, again=0, withdrawn=0, unknown=0)
    assert names(qm) == ["after", "before"]
    assert place(qm, qn, outgoing=True) == place(qn, qm, outgoing=False)
    assert place(qm, qn, outgoing=True)[0] == 2


def test_what_came_back_is_not_sent_twice_and_more_can_be_sent(pair):
    qm, qn, of_qm, _ = pair
    put_back(qm, of_qm)
    meet_again(qm, qn, LATER)
    assert qm.preview(qn, "", LATER).allowed == ()
    release(qm, qn, "new", LATER)
    assert names(qn) == ["after", "before", "new"]


def test_a_restored_receiver_gets_again_what_it_had_receipted(pair):
    qm, qn, _, of_qn = pair
    put_back(qn, of_qn)
    assert names(qn) == ["before"]
    done = meet_again(qm, qn, LATER)
    assert done.recovered == Recovered(taken=0, gone=0, again=1, withdrawn=0, unknown=1)
    assert names(qn) == ["after", "before"]
    assert place(qm, qn, outgoing=True) == place(qn, qm, outgoing=False)
