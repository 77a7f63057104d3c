# ruff: noqa: F811 fixtures are imported by name
"""Attacks on what was agreed: on texts and notices of accords, consents, retention, proofs, backups and reconciling.

As in `test_attacks`: the attacker has valid keys of a nation of its own, or is an insider with one officer's key, or holds a
file that somebody will use; each attack is made in good form, and each fails.
"""

from datetime import timedelta

import pytest

from hilf.canonical import timestamp
from hilf.federation.act import Act
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.end_to_end.test_attacks import accord_of, act, proof, saying, slip, taking_back, terms
from tests.nations import (  # noqa: F401
    BEGAN,
    SECOND,
    Nation,
    agree,
    agreed_nations,
    carry,
    entry,
    indicator,
    made_nations,
    meet,
    nations,
    strangers,
)

DAY = timedelta(days=1)


# one officer where it takes two


def notice(nation, other, kind, at, expires, officers) -> Act:
    """A suspension or an end by some officers of a nation, with times of their choice."""
    from hilf.accord.step import signed_body
    from hilf.node import life
    from hilf.seal.record import make_record

    accord = life.in_force_with(nation.home(), other.node, NOW)[0].accord
    keys = [nation.keys[name] for name in officers]
    records = [
        make_record(kind.record_type, nation.node, "officer", accord.hash, at, expires, k) for k in keys
    ]
    return act(nation, other, "accord", signed_body(kind, accord, records))


def publish(nation, at, **changed):
    from hilf.node import proposal
    from hilf.node.change import Change

    home = nation.home()
    proposal.propose(home, Change(**changed), home.root_keys, at)
    proposal.publish(home, at)


def learn(nation, of, at=NOW):
    """What a round does first: the partner's newer documents are asked for."""
    from hilf.node import identity, peer
    from hilf.store.database import transaction

    card = identity.own(of.home()).card
    home = nation.home()
    with transaction():
        peer.refresh(home, of.node, card, at)


@pytest.mark.parametrize("kind", ["SUSPENSION", "END"])
@pytest.mark.parametrize("at", [NOW, BEGAN + timedelta(minutes=90), BEGAN - 300 * DAY])
def test_one_officer_stops_no_accord_by_signing_for_a_day_when_one_was_enough(nations, kind, at):
    """For an hour of the day before one officer was enough in QM; now it takes two again."""
    from hilf.accord.step import Kind

    qm, qn, _ = nations
    publish(qm, BEGAN + timedelta(hours=1), officers_per_act=1)
    publish(qm, BEGAN + timedelta(hours=2), officers_per_act=2)
    learn(qn, qm)
    before = accord_of(qn, qm)
    alone = notice(qm, qn, Kind[kind], at, NOW + DAY, ["officer"])
    assert slip(qm, qn, alone)[-1] == ("refused", "record.too-few-officers")
    assert accord_of(qn, qm) == before


# communities


def test_another_accord_does_not_take_a_community_s_name_to_get_what_came_under_it(strangers):
    """QO names the community of QM and QN in its own accord with QN, so that GREEN of that community would go on to it."""
    from hilf.errors import Refusal
    from hilf.node import accord, draft, life

    qm, qn, qo = strangers
    for one, other in ((qm, qn), (qn, qo)):
        meet(one, other)
    agree(qm, qn, onward="free")
    community = life.in_force_with(qm.home(), qn.node, NOW)[0].accord.community
    text = draft.from_template(qo.home(), [qn.node], NOW).life.accord
    body = {"step": "proposal", "document": {**text.json(), "community": community}}
    assert slip(qo, qn, act(qo, qn, "accord", body)) == [("applied", None)]
    with pytest.raises(Refusal) as refused:
        accord.sign(qn.home(), text.id, qn.keys["officer"], NOW)
    assert refused.value.code == "accord.community-of-another"


# a thief of the online key who makes a victim delete


MANY = 205


def test_a_thief_of_the_online_key_takes_nothing_away_by_shortening_how_long_it_may_be_kept(nations):
    """What was given for ever comes again with an end that is over, and is then taken back as expired."""
    from hilf.node import retention

    qm, qn, _ = nations
    given = [{"type": "ipv4-addr", "spec_version": "2.1", "value": f"192.0.2.{n}"} for n in range(MANY)]
    for n, said in enumerate(given):
        said["id"] = f"ipv4-addr--00000000-0000-4000-8000-{n:012}"
    for_ever, over = terms("free"), terms("free", until=timestamp(NOW))
    assert set(slip(qm, qn, *(saying(qm, qn, each, terms=for_ever) for each in given))) == {("applied", None)}
    retention.carry_out(qn.home(), NOW)
    again = slip(qm, qn, *(saying(qm, qn, each, terms=over) for each in given), at=NOW + timedelta(minutes=1))
    assert again[100:] == [("refused", "retention.shortened-too-often")] * (MANY - 100)
    retention.carry_out(qn.home(), NOW + timedelta(minutes=2))
    assert len(qn.objects(qm.node)) == MANY - 100, "a hundred an hour, as for retractions"
    expired = [taking_back(qm, qn, each["id"], "expired") for each in given[100:]]
    told = slip(qm, qn, *expired, at=NOW + timedelta(minutes=3))
    assert told.count(("held", "retraction.too-many-in-an-hour")) == MANY - 200
    assert len(qn.objects(qm.node)) == MANY - 200


def test_an_end_of_retention_that_comes_closer_is_kept_to(nations):
    """What is over is not kept for good because its terms were read before they became stricter."""
    from hilf.node import retention

    qm, qn, _ = nations
    said = indicator(qm, "shorter", Tlp.CLEAR)
    far, near = (terms("free", until=timestamp(NOW + days * DAY)) for days in (100, 2))
    assert slip(qm, qn, saying(qm, qn, said, proof(qm, said), terms=far)) == [("applied", None)]
    retention.carry_out(qn.home(), NOW)
    assert slip(qm, qn, saying(qm, qn, said, proof(qm, said), terms=near)) == [("applied", None)]
    retention.carry_out(qn.home(), NOW + 3 * DAY)
    assert said["id"] not in qn.objects()
    assert not qn.holds("shorter")
