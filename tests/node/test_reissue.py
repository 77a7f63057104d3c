"""A revoked online key, end to end: what was held before counts, the author proves the rest anew, over every hop."""

from datetime import timedelta

import orjson
import pytest

from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import (  # noqa: F401
    agreed_nations,
    carry,
    indicator,
    made_nations,
    nations,
)

THEN = NOW + timedelta(hours=1)
LATER = NOW + timedelta(hours=2)


def revoke(nation, at=THEN, key="online"):
    from hilf.node import proposal
    from hilf.node.change import Change

    home = nation.home()
    proposal.propose(home, Change(revoke=key), home.root_keys, at)
    return proposal.publish(home, at)


def learn(nation, of, at=THEN):
    """What a round does first: the partner's newer documents are asked for."""
    from hilf.node import identity, introduction, peer
    from hilf.store.database import transaction

    card = identity.own(of.home()).card
    home = nation.home()
    with transaction():
        if peer.refresh(home, of.node, card, at):
            introduction.tell_again(home, of.node, at)


def kids(nation, entry):
    """Under which keys this nation holds proofs of an object, by whoever says it; None for one that waits."""
    from hilf.node.home import index_key
    from hilf.store.intelligence import read

    rows = read.assertions_of(entry["id"], index_key(nation.home()))
    return {
        row.asserter: orjson.loads(row.authorship)["signed"]["kid"] if row.authorship else None
        for row in rows
    }


def old_and_new(nation):
    from hilf.node import identity
    from hilf.node.home import online_key

    own = identity.own(nation.home())
    return next(iter(own.chain[0].sign)), online_key(nation.home()).kid


def outcomes(results):
    return [result["outcome"] for result in results]


def shared(nations, name):  # noqa: F811
    """An object of QM that QN holds and passed on to QO."""
    qm, qn, qo = nations
    entry = indicator(qm, name, Tlp.CLEAR)
    qm.says(entry)
    qm.release(qn)
    carry(qm, qn)
    qn.release(qo, f"partner:{qm.node}")
    carry(qn, qo)
    return entry


def test_author_proves_anew_and_every_hop_holds_the_new_proof(nations):  # noqa: F811
    qm, qn, qo = nations
    entry = shared(nations, "proven-twice")
    old, _ = old_and_new(qm)
    assert (kids(qn, entry), kids(qo, entry)) == ({qm.node: old}, {qn.node: old})
    revoke(qm)
    learn(qn, qm)
    assert set(outcomes(carry(qm, qn, LATER))) == {"applied"}
    _, new = old_and_new(qm)
    assert new != old
    assert (kids(qn, entry), kids(qo, entry)) == ({qm.node: new}, {qn.node: old})
    assert set(outcomes(carry(qn, qo, LATER))) == {"applied"}
    assert kids(qo, entry) == {qn.node: new}
    assert carry(qn, qm, LATER) == carry(qo, qn, LATER) == []


def test_what_was_held_before_the_revocation_stays_its_author_s(nations):  # noqa: F811
    qm, qn, _ = nations
    entry = shared(nations, "held-before")
    revoke(qm)
    learn(qn, qm)
    from hilf.node.home import index_key
    from hilf.store.intelligence import read

    (row,) = read.assertions_of(entry["id"], index_key(qn.home()))
    assert (row.author, row.state) == (qm.node, 0)


def old_proof_after(nations, name, hold_first):  # noqa: F811
    """QN gives QO what QM proved under a key that QO knows by then to be revoked; the results of QO."""
    qm, qn, qo = nations
    entry = indicator(qm, name, Tlp.CLEAR)
    qm.says(entry)
    qm.release(qn)
    carry(qm, qn)
    if hold_first:
        direct(qm, qo, entry)
    else:
        introduce(qm, qo)
    qn.release(qo, f"partner:{qm.node}")
    revoke(qm)
    learn(qo, qm)
    older_card = "identity.not-what-is-held"  # QN has not heard of the revocation yet
    return entry, [
        result
        for result in carry(qn, qo, LATER)
        if result["outcome"] != "applied" and result["reason"]["code"] != older_card
    ]


def introduce(qm, qo):
    from hilf.node import identity, peer

    card = identity.own(qm.home()).card
    peer.add(qo.home(), card, NOW)


def direct(qm, qo, entry):
    """QM and QO agree too, and QO gets the object from its author before the key is revoked."""
    from tests.nations import agree, meet

    meet(qm, qo)
    agree(qm, qo, onward="free")
    qm.release(qo, f"id:{entry['id']}")
    carry(qm, qo)


def test_old_proof_of_a_node_that_is_only_introduced_names_no_author_after_the_revocation(nations):  # noqa: F811
    _, qn, qo = nations
    entry, refused = old_proof_after(nations, "too-late", hold_first=False)
    # QM is only introduced at QO, so its claim is nobody's; nothing is proven by a revoked key
    assert refused == []
    assert kids(qo, entry) == {qn.node: None}


def test_old_proof_of_what_was_held_before_still_counts_from_another_node(nations):  # noqa: F811
    qm, qn, qo = nations
    entry, refused = old_proof_after(nations, "known-already", hold_first=True)
    assert refused == []
    old, _ = old_and_new(qm)
    assert kids(qo, entry) == {qm.node: old, qn.node: old}
    carry(qm, qo, LATER)
    _, new = old_and_new(qm)
    assert set(kids(qo, entry).values()) == {new}


def test_verified_author_s_old_proof_is_held_and_counts_when_the_new_one_comes(nations):  # noqa: F811
    from tests.nations import agree, meet

    qm, qn, qo = nations
    meet(qm, qo)
    agree(qm, qo, onward="free")
    entry = indicator(qm, "held-until-proven", Tlp.CLEAR)
    qm.says(entry)
    qm.release(qn, f"id:{entry['id']}")
    carry(qm, qn)
    qn.release(qo, f"partner:{qm.node}")
    revoke(qm)
    learn(qo, qm)
    assert outcomes(carry(qn, qo, LATER)).count("held") == 2  # with it goes the identity object of QM
    assert entry["id"] not in qo.objects()
    learn(qn, qm)
    carry(qm, qn, LATER)
    assert "held" not in outcomes(carry(qn, qo, LATER))
    _, new = old_and_new(qm)
    assert (qo.objects().keys() >= {entry["id"]}, kids(qo, entry)) == (True, {qn.node: new})


def test_act_that_still_waits_leaves_with_the_new_proof_only(nations):  # noqa: F811
    qm, qn, _ = nations
    entry = indicator(qm, "not-sent-yet", Tlp.CLEAR)
    qm.says(entry)
    before = qm.release(qn, f"id:{entry['id']}")
    revoke(qm)
    learn(qn, qm)
    results = carry(qm, qn, LATER)
    assert set(outcomes(results)) == {"applied"}
    _, new = old_and_new(qm)
    assert kids(qn, entry) == {qm.node: new}
    from hilf.node import release_list

    (listed,) = [each for each in release_list.every(qm.home()) if each.kept.release_id == before.release]
    assert listed.acts == {"dropped": 2, "applied": 2}  # the indicator, and who QM is


def test_what_was_taken_back_or_lost_its_accord_is_not_proven_anew(nations):  # noqa: F811
    from hilf.federation.retraction import RetractionReason
    from hilf.node import accord, withdrawal

    qm, qn, _ = nations
    gone, under = indicator(qm, "taken-back", Tlp.CLEAR), indicator(qm, "suspended", Tlp.CLEAR)
    qm.says(gone, under)
    qm.release(qn)
    carry(qm, qn)
    withdrawal.retract(qm.home(), gone["id"], RetractionReason.ERROR, NOW)
    carry(qm, qn)
    (shown,) = accord.every(qm.home(), NOW)
    for officer in qm.keys.values():
        accord.suspend(qm.home(), shown.life.accord.id, officer, THEN)
    revoke(qm)
    from hilf.store.federation import outbox

    assert [act for act in outbox.unsent(qn.node, 10) if b'"kind":"object"' in act.canonical] == []
    learn(qn, qm)
    assert list(kids(qn, under).values()) == [old_and_new(qm)[0]]
    carry(qm, qn, LATER)
    assert list(kids(qn, under).values()) == [old_and_new(qm)[0]]


@pytest.mark.parametrize("key", ["officer", "retire"])
def test_other_changes_of_keys_make_nobody_prove_anything(nations, key):  # noqa: F811
    from hilf.node import proposal
    from hilf.node.change import Change
    from hilf.store.federation import outbox

    qm, qn, _ = nations
    shared(nations, "nothing-to-do")
    if key == "officer":
        revoke(qm, key="amal")
    else:
        home = qm.home()
        for change in (Change(new_online_key=True), Change(retire=True)):
            proposal.propose(home, change, home.root_keys, THEN)
            proposal.publish(home, THEN)
    qm.home()
    assert [act for act in outbox.unsent(qn.node, 10) if b'"kind":"object"' in act.canonical] == []


def test_second_revocation_proves_everything_once_more(nations):  # noqa: F811
    from hilf.node import reissue

    qm, qn, _ = nations
    entry = shared(nations, "revoked-twice")
    revoke(qm)
    learn(qn, qm)
    carry(qm, qn, LATER)
    assert reissue.own_due(qm.home(), LATER) == 0
    revoke(qm, LATER)
    learn(qn, qm, LATER)
    assert set(outcomes(carry(qm, qn, LATER))) == {"applied"}
    assert kids(qn, entry) == {qm.node: old_and_new(qm)[1]}
    assert reissue.own_due(qm.home(), LATER) == 0
