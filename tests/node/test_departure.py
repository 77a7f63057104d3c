"""Officers who go while something waits for them, and officers without the role: what they began dies or is shown."""

from datetime import timedelta

import pytest

from hilf.errors import Refusal
from hilf.markings.tlp import Tlp
from tests.conftest import NOW, PASSPHRASE
from tests.nations import (  # noqa: F401
    SECOND,
    agreed_nations,
    carry,
    indicator,
    made_nations,
    meet,
    nations,
    strangers,
)

THEN = NOW + timedelta(hours=1)
LATER = NOW + timedelta(hours=2)


def changed(nation, at=THEN, **members):
    from hilf.node import proposal
    from hilf.node.change import Change

    home = nation.home()
    proposal.propose(home, Change(**members), home.root_keys, at)
    return proposal.publish(home, at)


def learn(nation, of, at=THEN):
    from hilf.node import identity, peer
    from hilf.store.database import transaction

    card = identity.own(of.home()).card
    home = nation.home()
    with transaction():
        peer.refresh(home, of.node, card, at)


def third_officer(nation):
    """A further officer of the nation, with every role."""
    from hilf.node.change import NewOfficer
    from hilf.node.home import officer_key
    from hilf.node.identity import ROLES

    changed(nation, NOW, officer=NewOfficer("noor", ROLES, PASSPHRASE))
    nation.keys = {**nation.keys, "noor": officer_key(nation.home(), "noor", PASSPHRASE)}


@pytest.mark.parametrize("change", ["leaving", "revoke"])
@pytest.mark.parametrize("who", ["officer", SECOND])
def test_release_dies_with_the_officer_who_proposed_or_approved_it(nations, change, who):  # noqa: F811
    from hilf.node import release, release_list

    qm, qn, _ = nations
    third_officer(qm)
    qm.says(indicator(qm, "waits-for-two", Tlp.AMBER))
    proposed = qm.release(qn, "marking:tlp:amber", officer=who)
    assert proposed.state == "proposed"
    changed(qm, **{change: who})
    (kept,) = [
        each.kept for each in release_list.every(qm.home()) if each.kept.release_id == proposed.release
    ]
    assert (kept.state, kept.reason) == ("died", "approval.unknown-kid")
    with pytest.raises(Refusal) as caught:
        release.approve(qm.home(), proposed.release, qm.keys["noor"], THEN)
    assert caught.value.code == "release.not-proposed"
    assert qn.objects(qm.node) == {} or carry(qm, qn, LATER) == []


def test_release_of_others_lives_on(nations):  # noqa: F811
    from hilf.node import release

    qm, qn, _ = nations
    third_officer(qm)
    qm.says(indicator(qm, "of-others", Tlp.AMBER))
    proposed = qm.release(qn, "marking:tlp:amber", officer="officer")
    changed(qm, leaving=SECOND)
    assert release.approve(qm.home(), proposed.release, qm.keys["noor"], THEN).state == "queued"


def test_lowering_officers_per_act_touches_no_proposal(nations):  # noqa: F811
    from hilf.node import release, release_list

    qm, qn, _ = nations
    qm.says(indicator(qm, "needs-two-still", Tlp.AMBER))
    proposed = qm.release(qn, "marking:tlp:amber", officer="officer")
    changed(qm, officers_per_act=1)
    (kept,) = [each for each in release_list.every(qm.home()) if each.kept.release_id == proposed.release]
    assert (kept.kept.state, kept.kept.needs_approvals) == ("proposed", 1)
    with pytest.raises(Refusal) as caught:
        release.approve(qm.home(), proposed.release, qm.keys["officer"], THEN)
    assert caught.value.code == "release.same-officer"
    assert release.approve(qm.home(), proposed.release, qm.keys[SECOND], THEN).state == "queued"


def proposed_accord(one, other, at=NOW):
    from hilf.node import accord, draft

    drafted = draft.from_template(one.home(), [other.node], at)
    accord_id = drafted.life.accord.id
    accord.propose(one.home(), accord_id, at)
    carry(one, other, at)
    return accord_id


def standing(nation, accord_id, at):
    from hilf.node import accord

    shown = accord.show(nation.home(), accord_id, at)[-1]
    return {node: (signed, needed) for node, signed, needed, _ in shown.signed}


def test_what_a_revoked_officer_signed_of_an_accord_counts_no_more_and_others_must_sign(strangers):  # noqa: F811
    from hilf.node import accord

    qm, qn, _ = strangers
    meet(qm, qn)
    third_officer(qn)
    accord_id = proposed_accord(qm, qn)
    accord.sign(qn.home(), accord_id, qn.keys["officer"], NOW)
    assert standing(qn, accord_id, NOW)[qn.node] == (1, 2)
    changed(qn, revoke="officer")
    assert standing(qn, accord_id, THEN)[qn.node] == (0, 2)
    assert accord.sign(qn.home(), accord_id, qn.keys[SECOND], THEN).missing == 1
    assert accord.sign(qn.home(), accord_id, qn.keys["noor"], THEN).missing == 0


def test_what_an_officer_who_left_signed_of_an_accord_stays(strangers):  # noqa: F811
    from hilf.node import accord

    qm, qn, _ = strangers
    meet(qm, qn)
    third_officer(qn)
    accord_id = proposed_accord(qm, qn)
    accord.sign(qn.home(), accord_id, qn.keys["officer"], NOW)
    changed(qn, leaving="officer")
    assert standing(qn, accord_id, THEN)[qn.node] == (1, 2)
    assert accord.sign(qn.home(), accord_id, qn.keys[SECOND], THEN).missing == 0


def test_partner_s_signatures_by_a_revoked_officer_count_no_more_here_either(strangers):  # noqa: F811
    from hilf.node import accord

    qm, qn, _ = strangers
    meet(qm, qn)
    third_officer(qn)
    accord_id = proposed_accord(qm, qn)
    for officer in ("officer", SECOND):
        accord.sign(qn.home(), accord_id, qn.keys[officer], NOW)
    carry(qn, qm, NOW)
    assert standing(qm, accord_id, NOW)[qn.node] == (2, 2)
    changed(qn, revoke=SECOND)
    learn(qm, qn)
    assert standing(qm, accord_id, THEN)[qn.node] == (1, 2)


def roles(nation, name, *words):
    """The officer again, with other roles, as a document of another make may give them."""
    from hilf.node import change as changes

    draft = changes.draft

    def with_roles(home, before, change, now):
        from dataclasses import replace

        from hilf.seal.identity import read_document

        drafted = draft(home, before, change, now)
        officers = [
            {**each, "roles": list(words)} if each["name"] == name else each
            for each in drafted.body["officers"]
        ]
        drafted.body = {**drafted.body, "officers": officers}
        read_document(drafted.body)
        assert replace(change) == change
        return drafted

    from hilf.node import proposal

    proposal.draft = with_roles
    try:
        changed(nation, NOW)
    finally:
        proposal.draft = draft


def test_officer_without_the_role_signs_no_accord_at_the_partner(strangers):  # noqa: F811
    from hilf.node import accord

    qm, qn, _ = strangers
    meet(qm, qn)
    accord_id = proposed_accord(qm, qn)
    for officer in qn.keys:
        accord.sign(qn.home(), accord_id, qn.keys[officer], NOW)
    roles(qn, SECOND, "approval", "auditor")
    learn(qm, qn, NOW)
    results = carry(qn, qm, NOW)
    assert [(each["outcome"], each["reason"]["code"]) for each in results if each["reason"]] == [
        ("refused", "accord.role")
    ]
    assert standing(qm, accord_id, NOW)[qn.node] == (0, 2)


@pytest.mark.parametrize(
    ("words", "erased"), [(("accord",), False), (("auditor",), False), (("retraction",), True), ((), True)]
)
def test_retraction_at_once_needs_officers_with_the_role(nations, words, erased):  # noqa: F811
    from hilf.federation.retraction import RetractionReason
    from hilf.node import withdrawal

    qm, qn, _ = nations
    entry = indicator(qm, "by-whom-it-may", Tlp.CLEAR)
    qm.says(entry)
    qm.release(qn)
    carry(qm, qn)
    roles(qm, SECOND, *words)
    learn(qn, qm, NOW)
    for officer in qm.keys:
        withdrawal.retract(
            qm.home(), entry["id"], RetractionReason.SOURCE_AT_RISK, NOW, None, [qm.keys[officer]]
        )
    outcomes = [(each["outcome"], (each["reason"] or {}).get("code")) for each in carry(qm, qn, NOW)]
    assert ("refused", "retraction.role") in outcomes or erased
    assert (entry["id"] in qn.objects(), qn.holds(entry["name"])) == (False, not erased)


def test_lowering_officers_per_act_does_not_let_one_officer_erase_what_was_taken_back_before(nations):  # noqa: F811
    from hilf.federation.authorisation import Authorisation
    from hilf.federation.retraction import RetractionReason
    from hilf.node import withdrawal
    from hilf.node.federation import announce
    from hilf.seal.record import acts_subject, make_record
    from hilf.store.database import transaction
    from hilf.store.federation import retraction as store

    qm, qn, _ = nations
    entry = indicator(qm, "lowered", Tlp.CLEAR)
    qm.says(entry)
    qm.release(qn)
    carry(qm, qn)
    withdrawal.retract(qm.home(), entry["id"], RetractionReason.SOURCE_AT_RISK, NOW)
    carry(qm, qn)
    changed(qm, officers_per_act=1)
    learn(qn, qm)
    qm.home()
    (told,) = store.confirmations(store.about(entry["id"])[0].number)
    act_id = told.act_id.hex()
    until = LATER + timedelta(days=1)
    signed = make_record(
        "retraction", qm.node, "officer", acts_subject([act_id]), LATER, until, qm.keys["officer"]
    )
    with transaction():
        announce(qm.home(), qn.node, "retraction", Authorisation((act_id,), (signed,)).json(), LATER)
    outcomes = [(each["outcome"], (each["reason"] or {}).get("code")) for each in carry(qm, qn, LATER)]
    assert ("refused", "record.too-few-officers") in outcomes
    assert qn.holds(entry["name"])


def test_two_officers_are_needed_for_a_peer_that_one_began_to_verify_before_two_were_too_many(strangers):  # noqa: F811
    from hilf.federation.peer import PeerState
    from hilf.node import identity, peer

    qm, qn, _ = strangers
    card = identity.own(qn.home()).card
    fingerprint = identity.own(qn.home()).fingerprint
    peer.add(qm.home(), card, NOW)
    peer.verify(qm.home(), qn.node, fingerprint, qm.keys["officer"], NOW)
    changed(qm, officers_per_act=1)
    assert peer.state_of(qn.node) is PeerState.INTRODUCED
    with pytest.raises(Refusal) as caught:
        peer.verify(qm.home(), qn.node, fingerprint, qm.keys["officer"], THEN)
    assert caught.value.code == "peer.already-signed"
