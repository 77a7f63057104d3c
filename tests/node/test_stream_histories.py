"""The laws of `tests/laws/test_stream_histories` over real homes: databases put back, links that break at any question."""

import random
from datetime import timedelta

import pytest

from hilf.errors import PartnerFault
from hilf.federation.retraction import RetractionReason
from hilf.markings.tlp import Tlp
from hilf.node import accord, effects, life, withdrawal
from hilf.node.recovery import Later
from hilf.store import database
from tests.conftest import NOW
from tests.nations import (  # noqa: F401
    agree,
    agreed_nations,
    back_up,
    carry,
    indicator,
    made_nations,
    meet_again,
    nations,
    put_back,
)

STEPS = 10
ALWAYS, NIGHTLY = 6, 200


class History:
    """QM sends to QN; whoever is put back, whatever breaks."""

    VERBS = ("say", "say", "retract", "meet", "meet", "copy", "put_back")

    def __init__(self, number, qm, qn):
        self.chance, self.qm, self.qn = random.Random(number), qm, qn
        self.now, self.said, self.retracted = NOW, {}, set()
        self.gone = set()
        self.copies = [(qm, back_up(qm, "0")), (qn, back_up(qn, "0"))]

    def step(self):
        self.now += timedelta(hours=2)  # one reconciliation an hour is enough for everybody
        getattr(self, self.chance.choice(self.VERBS))()

    def say(self):
        name = f"number {len(self.said)}"
        made = indicator(self.qm, name, Tlp.GREEN)
        self.qm.says(made)
        self.qm.release(self.qn, f"id:{made['id']}", at=self.now)
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


class Renewed(History):
    """As before, and now and then the two part, everything is deleted, and they agree again and share the same again."""

    VERBS = (*History.VERBS, "part", "part", "give")

    def part(self):
        """Between two whole meetings: what an end demands needs receipts."""
        self.converge()
        self.now += timedelta(hours=2)
        for held in life.in_force_with(self.qm.home(), self.qn.node, self.now):
            for key in self.qm.keys.values():
                accord.end(self.qm.home(), held.accord.id, key, self.now)
        effects.settle(self.qm.home(), self.now)
        if self.chance.random() < 0.5:
            self.copies.append((self.qm, back_up(self.qm, f"parted {len(self.copies)}")))
        carry(self.qm, self.qn, self.now)
        assert names(self.qn) == set()
        carry(self.qn, self.qm, self.now)
        if self.chance.random() < 0.5:
            self.copies.append((self.qn, back_up(self.qn, f"parted {len(self.copies)}")))
        self.now += timedelta(hours=2)
        agree(self.qm, self.qn, at=self.now, onward="free")

    def give(self):
        """Everything that QM still says goes to QN, if it is not there."""
        effects.settle(self.qm.home(), self.now)
        if life.in_force_with(self.qm.home(), self.qn.node, self.now):
            self.qm.release(self.qn, "type:indicator", at=self.now)

    def put_back(self):
        """What QM said since and QN had to delete is in no other place either."""
        super().put_back()
        self.gone |= set(self.said) - names(self.qm) - names(self.qn)

    def converge(self):
        for _ in range(4):
            self.now += timedelta(hours=2)
            meet_again(self.qn, self.qm, self.now)
            self.meet(breaks=False)

    def settle(self):
        self.converge()
        self.give()
        self.converge()


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


def run(number, qm, qn, kind=History):
    history = kind(number, qm, qn)
    for _ in range(STEPS):
        history.step()
    history.settle()
    assert names(qn) == names(qm) == set(history.said) - history.retracted - history.gone
    assert acts(qm, qn, outgoing=True) == acts(qn, qm, outgoing=False)
    qm.home()
    assert database.rows(
        "SELECT count(*) FROM act WHERE outgoing = %s AND state IN ('waiting', 'sent')", (True,)
    ) == [(0,)]


@pytest.mark.parametrize("number", range(ALWAYS))
def test_no_history_of_real_homes_loses_doubles_or_brings_back_anything(number, nations):  # noqa: F811
    run(number, *nations[:2])


@pytest.mark.parametrize("number", range(ALWAYS))
def test_no_history_in_which_they_part_and_agree_again_does(number, nations):  # noqa: F811
    run(number, *nations[:2], Renewed)


@pytest.mark.nightly
@pytest.mark.parametrize("number", range(ALWAYS, NIGHTLY))
def test_no_history_in_which_they_part_and_agree_again_in_the_night_does(number, nations):  # noqa: F811
    run(number, *nations[:2], Renewed)


@pytest.mark.nightly
@pytest.mark.parametrize("number", range(ALWAYS, NIGHTLY))
def test_no_history_of_real_homes_in_the_night_does(number, nations):  # noqa: F811
    run(number, *nations[:2])
