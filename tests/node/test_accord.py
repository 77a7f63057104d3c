"""Accords over the wire: both sides sign, a suspension stops everything at once, wrong steps are refused with a code."""

from datetime import timedelta

import pytest

from hilf.accord.life import State
from hilf.errors import CallerFault, Refusal
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import (  # noqa: F401
    BEGAN,
    SECOND,
    agree,
    agreed_nations,
    carry,
    indicator,
    made_nations,
    meet,
    nations,
    strangers,
)


def state(nation, accord_id, at=NOW):
    from hilf.node import accord

    return accord.show(nation.home(), accord_id, at)[-1].standing.state


def proposed(qm, qn, at=BEGAN):
    from hilf.node import accord, draft

    meet(qm, qn)
    accord_id = draft.from_template(qm.home(), [qn.node], at).life.accord.id
    accord.propose(qm.home(), accord_id, at)
    return accord_id


def test_a_draft_is_known_to_nobody_else_until_it_is_proposed(strangers):  # noqa: F811
    from hilf.node import accord, draft

    qm, qn, _ = strangers
    meet(qm, qn)
    shown = draft.from_template(qm.home(), [qn.node], BEGAN)
    assert shown.standing.state is State.DRAFT
    carry(qm, qn)
    assert accord.every(qn.home(), NOW) == ()
    accord.propose(qm.home(), shown.life.accord.id, BEGAN)
    assert [result["outcome"] for result in carry(qm, qn)] == ["applied"]
    assert [s.life.accord for s in accord.every(qn.home(), NOW)] == [shown.life.accord]
    assert state(qn, shown.life.accord.id) is State.PROPOSED


def test_an_accord_is_in_force_when_two_officers_and_the_node_of_each_party_have_signed(strangers):  # noqa: F811
    from hilf.node import accord, life

    qm, qn, _ = strangers
    accord_id = proposed(qm, qn)
    carry(qm, qn)
    first = accord.sign(qn.home(), accord_id, qn.keys["officer"], NOW)
    assert (first.missing, first.shown.standing.state) == (1, State.PROPOSED)
    carry(qn, qm)
    assert state(qm, accord_id) is State.PROPOSED
    assert accord.sign(qn.home(), accord_id, qn.keys[SECOND], NOW).missing == 0
    carry(qn, qm)
    assert state(qm, accord_id) is State.SIGNED_BY_SOME
    assert life.in_force_with(qm.home(), qn.node, NOW) == ()
    accord.sign(qm.home(), accord_id, qm.keys["officer"], NOW)
    done = accord.sign(qm.home(), accord_id, qm.keys[SECOND], NOW)
    assert done.shown.standing.state is State.IN_FORCE
    assert state(qn, accord_id) is State.SIGNED_BY_SOME
    assert [result["outcome"] for result in carry(qm, qn)] == ["applied"]
    for here, there in ((qm, qn), (qn, qm)):
        assert [held.accord.id for held in life.in_force_with(here.home(), there.node, NOW)] == [accord_id]


def test_the_proposer_signs_last(strangers):  # noqa: F811
    from hilf.node import accord

    qm, qn, _ = strangers
    accord_id = proposed(qm, qn)
    with pytest.raises(Refusal) as refused:
        accord.sign(qm.home(), accord_id, qm.keys["officer"], NOW)
    assert refused.value.code == "accord.proposer-signs-last"


def test_the_same_officer_does_not_count_twice(strangers):  # noqa: F811
    from hilf.node import accord

    qm, qn, _ = strangers
    accord_id = proposed(qm, qn)
    carry(qm, qn)
    accord.sign(qn.home(), accord_id, qn.keys["officer"], NOW)
    with pytest.raises(Refusal) as refused:
        accord.sign(qn.home(), accord_id, qn.keys["officer"], NOW)
    assert refused.value.code == "accord.signed-already"


def test_an_accord_is_proposed_to_a_verified_peer_only(strangers):  # noqa: F811
    from hilf.node import accord, draft, identity, peer

    qm, qn, _ = strangers
    card = identity.own(qn.home()).card
    peer.add(qm.home(), card, BEGAN)
    shown = draft.from_template(qm.home(), [qn.node], BEGAN)
    with pytest.raises(Refusal) as refused:
        accord.propose(qm.home(), shown.life.accord.id, BEGAN)
    assert refused.value.code == "accord.party-not-verified"


def test_a_proposal_that_we_take_back_is_withdrawn_on_both_sides(strangers):  # noqa: F811
    from hilf.node import accord

    qm, qn, _ = strangers
    accord_id = proposed(qm, qn)
    accord.withdraw(qm.home(), accord_id, qm.keys["officer"], NOW)
    accord.withdraw(qm.home(), accord_id, qm.keys[SECOND], NOW)
    assert [result["outcome"] for result in carry(qm, qn)] == ["applied", "applied"]
    assert state(qn, accord_id) is State.WITHDRAWN
    with pytest.raises(Refusal) as refused:
        accord.sign(qn.home(), accord_id, qn.keys["officer"], NOW)
    assert refused.value.code == "accord.not-to-be-signed"


def test_a_suspension_drops_what_waits_at_once_on_both_sides(nations):  # noqa: F811
    from hilf.node import accord, life

    qm, qn, _ = nations
    qm.says(indicator(qm, "quiet", Tlp.GREEN))
    qn.says(indicator(qn, "loud", Tlp.GREEN))
    assert qm.release(qn).queued > 0
    assert qn.release(qm).queued > 0
    (held,) = life.in_force_with(qm.home(), qn.node, NOW)
    one = accord.suspend(qm.home(), held.accord.id, qm.keys["officer"], NOW)
    assert (one.missing, one.dropped, one.shown.standing.state) == (1, 0, State.IN_FORCE)
    two = accord.suspend(qm.home(), held.accord.id, qm.keys[SECOND], NOW)
    assert (two.missing, two.dropped, two.shown.standing.state) == (0, 2, State.SUSPENDED)
    assert len(carry(qm, qn)) == 1
    assert indicator(qm, "quiet", Tlp.GREEN)["id"] not in qn.objects()
    assert carry(qn, qm) == []
    assert state(qn, held.accord.id) is State.SUSPENDED
    assert {each.decision.main.rule for each in qm.preview(qn).withheld} == {"accord.none-in-force"}


def test_what_is_in_flight_under_a_suspended_accord_is_refused_by_who_suspended_it(nations):  # noqa: F811
    from hilf.node import accord, life

    qm, qn, _ = nations
    qn.says(indicator(qn, "loud", Tlp.GREEN))
    qn.release(qm)
    (held,) = life.in_force_with(qm.home(), qn.node, NOW)
    for key in qm.keys.values():
        accord.suspend(qm.home(), held.accord.id, key, NOW)
    assert {(r["outcome"], r["reason"]["code"]) for r in carry(qn, qm)} == {
        ("refused", "accord.not-in-force")
    }
    assert indicator(qn, "loud", Tlp.GREEN)["id"] not in qm.objects()


def test_what_cites_an_accord_that_is_none_between_us_is_refused(nations):  # noqa: F811
    from hilf.canonical import dumps
    from hilf.federation.act import make_act
    from hilf.node import life
    from hilf.store.database import transaction
    from hilf.store.federation import outbox
    from hilf.store.federation.envelope import take_out

    qm, qn, qo = nations
    entry = indicator(qm, "cited", Tlp.GREEN)
    qm.says(entry)
    (other,) = life.in_force_with(qn.home(), qo.node, NOW)
    (allowed,) = qm.preview(qn, f"id:{entry['id']}").allowed[-1:]
    body, terms = {"object": entry, "authorship": None}, allowed.decision.terms.json()
    act = make_act("object", qm.node, qn.node, NOW, "ab" * 16, other.accord.key, "defence", terms, body)
    envelope = take_out(act.canonical, dumps(entry))
    with transaction():
        outbox.put(
            qn.node, [outbox.Waiting(bytes.fromhex(act.id), "object", 1, envelope, allowed.kept.seq)], None
        )
    (result,) = carry(qm, qn)
    assert (result["outcome"], result["reason"]["code"]) == ("refused", "accord.not-in-force")
    assert entry["id"] not in qn.objects()


def test_an_end_holds_on_both_sides(nations):  # noqa: F811
    from hilf.node import accord, life

    qm, qn, _ = nations
    (held,) = life.in_force_with(qm.home(), qn.node, NOW)
    for key in qn.keys.values():
        accord.end(qn.home(), held.accord.id, key, NOW)
    carry(qn, qm)
    assert {state(qm, held.accord.id), state(qn, held.accord.id)} == {State.ENDED}


def test_a_stranger_s_signature_is_refused_with_its_rule(nations):  # noqa: F811
    from hilf.accord.step import Kind, signed_body
    from hilf.node import life
    from hilf.node.federation import announce
    from hilf.seal.record import make_record
    from hilf.store.database import transaction

    qm, qn, qo = nations
    (held,) = life.in_force_with(qm.home(), qn.node, NOW)
    until = NOW + timedelta(days=1)
    forged = make_record("suspension", qm.node, "officer", held.accord.hash, NOW, until, qo.keys["officer"])
    home = qm.home()
    with transaction():
        announce(home, qn.node, "accord", signed_body(Kind.SUSPENSION, held.accord, [forged]), NOW)
    (result,) = carry(qm, qn)
    assert (result["outcome"], result["reason"]["code"]) == ("refused", "suspension.unknown-kid")
    assert state(qn, held.accord.id) is State.IN_FORCE


def test_a_text_with_faults_names_them_all(strangers):  # noqa: F811
    from hilf.node import draft

    qm, qn, _ = strangers
    meet(qm, qn)
    wrong = {"retention_days": 0, "onward": "everybody"}
    with pytest.raises(CallerFault) as refused:
        draft.from_file(qm.home(), [qn.node], wrong, NOW)
    assert [line.partition(":")[0] for line in refused.value.what.splitlines()[1:]] == [
        "onward",
        "retention_days",
    ]


def amended(qm, qn):
    """What is in force between two nations, and the amendment of it that QM proposed: (the one, the other)."""
    from hilf.accord.document import read_accord
    from hilf.accord.life import Life
    from hilf.accord.template import amendment
    from hilf.node import accord, life
    from hilf.store.database import transaction

    (held,) = life.in_force_with(qm.home(), qn.node, NOW)
    text = read_accord(amendment(held.accord, qm.node, {"onward": "none"}))
    with transaction():
        life.keep(Life(text), NOW)
    accord.propose(qm.home(), text.id, NOW)
    return held.accord, text


def test_an_amendment_replaces_the_version_before(nations):  # noqa: F811
    from hilf.node import accord, life

    qm, qn, _ = nations
    _before, text = amended(qm, qn)
    carry(qm, qn)
    for here, there in ((qn, qm), (qm, qn)):
        for key in here.keys.values():
            accord.sign(here.home(), text.id, key, NOW)
        carry(here, there)
    for here, there in ((qm, qn), (qn, qm)):
        assert [h.accord.version for h in life.in_force_with(here.home(), there.node, NOW)] == [2]


def test_a_withdrawal_is_about_the_proposal_and_an_end_about_what_counts(nations):  # noqa: F811
    from hilf.accord.step import Kind
    from hilf.node import accord

    qm, qn, _ = nations
    before, text = amended(qm, qn)
    home = qm.home()
    about = {kind: accord.meant(home, text.id, kind, NOW)[0].accord.hash for kind in Kind}
    assert (about[Kind.WITHDRAWAL], about[Kind.END]) == (text.hash, before.hash)
    assert accord.exact(home, text.id, Kind.WITHDRAWAL, NOW).subject == text.hash
    accord.withdraw(home, text.id, qm.keys["officer"], NOW)
