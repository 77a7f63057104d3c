"""The laws of `tests/laws/test_stream_histories` over real homes: databases put back, links that break at any question."""

import random
from datetime import timedelta

import pytest

from hilf.errors import PartnerFault
from hilf.federation.retraction import RetractionReason
from hilf.markings.tlp import Tlp
from hilf.node import withdrawal
from hilf.node.recovery import Later
from hilf.store import database
from tests.conftest import NOW
from tests.nations import agreed_nations, back_up, indicator, made_nations, meet_again, nations, put_back  # noqa: F401

STEPS = 10
ALWAYS, NIGHTLY = 6, 200


class History:
    """QM sends to QN; whoever is put back, whatever breaks."""

    def __init__(self, number, qm, qn):
        self.chance, self.qm, self.qn = random.Random(number), qm, qn
        self.now, self.said, self.retracted = NOW, {}, set()
        self.copies = [(qm, back_up(qm, "0")), (qn, back_up(qn, "0"))]

    def step(self):
        verbs = (self.say, self.say, self.retract, self.meet, self.meet, self.copy, self.put_back)
        self.now += timedelta(hours=2)  # one reconciliation an hour is enough for everybody
        self.chance.choice(verbs)()

    def say(self):
        name = f"number {len(self.said)}"
        made = indicator(self.qm, name, Tlp.GREEN)
        self.qm.says(made)
        self.qm.release(self.qn, f"id:{made['id']}")
        self.said[name] = made["id"]

    def retract(self):
        standing = sorted(names(self.qm) & set(self.said))
        if standing:
            name = self.chance.choice(standing)
            withdrawal.retract(self.qm.home(), self.said[name], RetractionReason.ERROR, self.now)
            self.retracted.add(name)

    def meet(self, breaks=True):
        left = self.chance.choice((0, 1, 2, 3, 4, 100)) if breaks else 10**6
        asked = iter(range(10**6))
        try:
            meet_again(self.qm, self.qn, self.now, lambda _path, way: way == "back" and next(asked) == left)
        except (PartnerFault, Later):
            return False
        return True

    def copy(self):
        nation = self.chance.choice((self.qm, self.qn))
        self.copies.append((nation, back_up(nation, str(len(self.copies)))))

    def put_back(self):
        """Not before it met its partner: what never left a node that is put back is in no other place."""
        self.meet(breaks=False)
        nation, copy = self.chance.choice(self.copies)
        put_back(nation, copy)

    def settle(self):
        for _ in range(4):
            self.now += timedelta(hours=2)
            assert self.meet(breaks=False)


def names(nation):
    nation.home()
    found = database.rows("SELECT body FROM object WHERE state = 0 AND type = 'indicator'")
    return {bytes(body).split(b'"name":')[1].split(b'"')[1].decode() for (body,) in found}


def acts(nation, peer, *, outgoing):
    nation.home()
    found = database.rows(
        "SELECT act_id FROM act WHERE peer = %s AND outgoing = %s AND seq IS NOT NULL", (peer.node, outgoing)
    )
    return {bytes(act_id) for (act_id,) in found}


def run(number, qm, qn):
    history = History(number, qm, qn)
    for _ in range(STEPS):
        history.step()
    history.settle()
    assert names(qn) == names(qm) == set(history.said) - history.retracted
    assert acts(qm, qn, outgoing=True) == acts(qn, qm, outgoing=False)
    qm.home()
    assert database.rows(
        "SELECT count(*) FROM act WHERE outgoing = %s AND state IN ('waiting', 'sent')", (True,)
    ) == [(0,)]


@pytest.mark.parametrize("number", range(ALWAYS))
def test_no_history_of_real_homes_loses_doubles_or_brings_back_anything(number, nations):  # noqa: F811
    run(number, *nations[:2])


@pytest.mark.nightly
@pytest.mark.parametrize("number", range(ALWAYS, NIGHTLY))
def test_no_history_of_real_homes_in_the_night_does(number, nations):  # noqa: F811
    run(number, *nations[:2])
