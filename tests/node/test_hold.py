"""Legal holds: what must go is hidden and not erased, until as many officers as an act takes have said otherwise."""

# ruff: noqa: F401, F811  # fixtures are imported
from datetime import timedelta

import pytest

from hilf.errors import CallerFault, Refusal
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import SECOND, carry, indicator, made_nations
from tests.node.test_retention import (
    SOON,
    UNTIL,
    carried,
    made_neighbours,
    neighbours,
    received,
    shared,
)


def hold(nation, at, **members):
    from hilf.node import hold as verbs

    given_ = {"selection": "", "stix_ids": [], "reason": "court order 7", **members}
    return verbs.set_(nation.home(), **given_, officer=nation.keys["officer"], now=at)


def lift(nation, name, officer, at):
    from hilf.node import hold as verbs

    return verbs.lift(nation.home(), name, nation.keys[officer], at)


def test_held_object_is_hidden_not_erased_and_the_partner_is_told_until_it_is(neighbours):
    from hilf.node import confirmed, withdrawal

    qm, qn, _ = neighbours
    entry = shared(neighbours)
    held = hold(qn, NOW, selection=f"id:{entry['id']}")
    assert (held.objects, held.lifted, held.missing) == (1, None, None)
    carried(qn, UNTIL)
    assert (entry["id"] in qn.objects(), qn.holds(entry["name"])) == (False, True)
    assert ("indicator", qm.node, UNTIL, "held") in received(qn, UNTIL, due_only=True)
    carried(qm, UNTIL)
    carry(qm, qn, UNTIL)
    carry(qn, qm, UNTIL)
    assert [told.state for told in confirmed.status(qm.home(), entry["id"], UNTIL)[0].nodes] == ["held"]
    assert lift(qn, held.name, "officer", UNTIL).missing == 1
    carried(qn, UNTIL)
    assert qn.holds(entry["name"])
    done = lift(qn, held.name, SECOND, UNTIL)
    assert (done.lifted, done.missing) == (UNTIL, None)
    assert [(act.word, act.officer) for act in done.acts] == [
        ("set", "officer"),
        ("lift", "officer"),
        ("lift", SECOND),
    ]
    carried(qn, UNTIL)
    assert not qn.holds(entry["name"])
    carry(qn, qm, UNTIL)
    assert [told.state for told in confirmed.status(qm.home(), entry["id"], UNTIL)[0].nodes] == ["erased"]


@pytest.mark.parametrize("late", [False, True])
def test_hold_keeps_what_a_partner_took_back_and_lifting_erases_it_after_its_grace(neighbours, late):
    from hilf.federation.retraction import RetractionReason
    from hilf.node import confirmed, erasure, withdrawal

    qm, qn, _ = neighbours
    entry = shared(neighbours)
    first = NOW + SOON
    held = None if late else hold(qn, NOW, stix_ids=[entry["id"]])
    withdrawal.retract(qm.home(), entry["id"], RetractionReason.ERROR, first)
    carry(qm, qn, first)
    carry(qn, qm, first)
    states = [told.state for told in confirmed.status(qm.home(), entry["id"], first)[0].nodes]
    assert states == (["hidden"] if late else ["held"])
    if late:
        held = hold(qn, first, stix_ids=[entry["id"]])
        carry(qn, qm, first)
        states = [told.state for told in confirmed.status(qm.home(), entry["id"], first)[0].nodes]
        assert states == ["held"]
    after = first + timedelta(days=8)
    assert (erasure.erase_due(qn.home(), after), qn.holds(entry["name"])) == (0, True)
    for officer in qn.keys:
        lift(qn, held.name, officer, after)
    assert not qn.holds(entry["name"])
    carry(qn, qm, after)
    assert [told.state for told in confirmed.status(qm.home(), entry["id"], after)[0].nodes] == ["erased"]


def test_lifting_inside_of_the_grace_waits_for_its_end(neighbours):
    from hilf.federation.retraction import RetractionReason
    from hilf.node import confirmed, erasure, withdrawal

    qm, qn, _ = neighbours
    entry = shared(neighbours)
    held = hold(qn, NOW, stix_ids=[entry["id"]])
    withdrawal.retract(qm.home(), entry["id"], RetractionReason.ERROR, NOW)
    carry(qm, qn, NOW)
    for officer in qn.keys:
        lift(qn, held.name, officer, NOW + timedelta(days=1))
    assert qn.holds(entry["name"])
    assert erasure.erase_due(qn.home(), NOW + timedelta(days=7) - timedelta(seconds=1)) == 0
    assert erasure.erase_due(qn.home(), NOW + timedelta(days=7)) == 1


def test_officers_of_the_partner_do_not_break_a_hold(neighbours):
    from hilf.federation.retraction import RetractionReason
    from hilf.node import confirmed, withdrawal

    qm, qn, _ = neighbours
    entry = shared(neighbours)
    hold(qn, NOW, stix_ids=[entry["id"]])
    for officer in qm.keys:
        withdrawal.retract(
            qm.home(), entry["id"], RetractionReason.SOURCE_AT_RISK, NOW, None, [qm.keys[officer]]
        )
    carry(qm, qn, NOW)
    assert (entry["id"] in qn.objects(), qn.holds(entry["name"])) == (False, True)


def test_what_two_holds_keep_goes_with_the_last_of_them(neighbours):
    qm, qn, _ = neighbours
    entry = shared(neighbours)
    one, two = (hold(qn, NOW, stix_ids=[entry["id"]]) for _ in range(2))
    carried(qn, UNTIL)
    for held, kept in ((one, True), (two, False)):
        for officer in qn.keys:
            lift(qn, held.name, officer, UNTIL)
        carried(qn, UNTIL)
        assert qn.holds(entry["name"]) is kept
    assert qm.holds(entry["name"])


def test_hidden_body_is_shown_by_the_hold_only_and_who_looked_stays_signed(neighbours):
    from hilf.node import hold as verbs

    qm, qn, _ = neighbours
    entry, other = shared(neighbours), shared(neighbours, "not-held")
    held = hold(qn, NOW, stix_ids=[entry["id"]])
    officer = qn.keys[SECOND]
    assert verbs.show(qn.home(), held.name, entry["id"], officer, NOW) == ()
    carried(qn, UNTIL)
    (body,) = verbs.show(qn.home(), held.name, entry["id"], officer, UNTIL)
    assert (body.asserter, entry["name"].encode() in body.body) == (qm.node, True)
    (shown,) = verbs.every(qn.home(), UNTIL)
    assert [(act.word, act.officer, act.about, act.at) for act in shown.acts[1:]] == [
        ("show", SECOND, entry["id"], NOW),
        ("show", SECOND, entry["id"], UNTIL),
    ]
    with pytest.raises(CallerFault) as caught:
        verbs.show(qn.home(), held.name, other["id"], officer, UNTIL)
    assert caught.value.code == "hold.not-under-it"


def test_refusals_come_before_anybody_signs(neighbours):
    from hilf.node import keeping

    _, qn, _ = neighbours
    entry = shared(neighbours)
    for members in (
        {},
        {"selection": "type:malware"},
        {"stix_ids": ["malware--8c2f6a3e-0000-4000-8000-000000000001"]},
    ):
        with pytest.raises(CallerFault) as caught:
            hold(qn, NOW, **members)
        assert caught.value.code == "hold.nothing"
    with pytest.raises(CallerFault) as caught:
        lift(qn, "hold--none", "officer", NOW)
    assert caught.value.code == "hold.unknown"
    held = hold(qn, NOW, stix_ids=[entry["id"]])
    with pytest.raises(Refusal) as refused:
        keeping.check_free([entry["id"]])
    assert refused.value.code == "hold.stands"
    lift(qn, held.name, "officer", NOW)
    with pytest.raises(Refusal) as refused:
        lift(qn, held.name, "officer", NOW)
    assert refused.value.code == "hold.same-officer"
    lift(qn, held.name, SECOND, NOW)
    with pytest.raises(Refusal) as refused:
        lift(qn, held.name, SECOND, NOW)
    assert refused.value.code == "hold.lifted"
    keeping.check_free([entry["id"]])


def test_an_officer_s_word_to_lift_dies_after_a_week_and_when_the_officer_goes(neighbours):
    from hilf.node import proposal
    from hilf.node.change import Change

    _, qn, _ = neighbours
    entry = shared(neighbours)
    held = hold(qn, NOW, stix_ids=[entry["id"]])
    lift(qn, held.name, "officer", NOW)
    late = NOW + timedelta(days=7, seconds=1)
    assert lift(qn, held.name, SECOND, late).missing == 1
    home = qn.home()
    proposal.propose(home, Change(leaving=SECOND), home.root_keys, late)
    proposal.publish(home, late)
    assert lift(qn, held.name, "officer", late).missing == 1


def test_hold_covers_every_version_whoever_says_it_and_those_that_come_later(neighbours):
    from hilf.federation.retraction import RetractionReason
    from hilf.node import confirmed, erasure, withdrawal

    qm, qn, _ = neighbours
    entry = shared(neighbours)
    held = hold(qn, NOW, stix_ids=[entry["id"]])
    later = {**entry, "modified": "2026-11-24T09:31:00.000Z", "name": "a-later-version"}
    qm.says(later)
    qm.release(qn, f"id:{entry['id']}")
    carry(qm, qn)
    assert b"a-later-version" in qn.objects()[entry["id"]]
    withdrawal.retract(qm.home(), entry["id"], RetractionReason.ERROR, NOW)
    carry(qm, qn)
    assert erasure.erase_due(qn.home(), NOW + timedelta(days=30)) == 0
    assert (qn.holds(entry["name"]), qn.holds("a-later-version")) == (True, True)
    for officer in qn.keys:
        lift(qn, held.name, officer, NOW + timedelta(days=30))
    assert (qn.holds(entry["name"]), qn.holds("a-later-version")) == (False, False)


def test_nobody_is_told_again_where_another_hold_still_stands(neighbours):
    from hilf.federation.retraction import RetractionReason
    from hilf.node import withdrawal
    from hilf.store import database

    qm, qn, _ = neighbours
    entry = shared(neighbours)
    one, two = (hold(qn, NOW, stix_ids=[entry["id"]]) for _ in range(2))
    withdrawal.retract(qm.home(), entry["id"], RetractionReason.ERROR, NOW)
    carry(qm, qn)
    told = []
    for held in (one, two):
        for officer in qn.keys:
            lift(qn, held.name, officer, NOW)
        told.append(database.row("SELECT count(*) FROM act WHERE kind = 'confirmation' AND outgoing"))
    assert told == [(1,), (2,)]


def test_lifting_frees_nothing_that_nobody_took_back(neighbours):
    _, qn, _ = neighbours
    entry = shared(neighbours)
    held = hold(qn, NOW, stix_ids=[entry["id"]])
    for officer in qn.keys:
        lift(qn, held.name, officer, NOW)
    assert (entry["id"] in qn.objects(), qn.holds(entry["name"])) == (True, True)


def test_a_hold_of_many_is_told_to_whoever_took_them_back_and_so_is_its_end(neighbours):
    from hilf.federation.retraction import RetractionReason
    from hilf.node import confirmed, withdrawal

    qm, qn, _ = neighbours
    made = [indicator(qm, f"held-{n}", Tlp.CLEAR) for n in range(5)]
    ids = [each["id"] for each in made]
    qm.says(*made)
    qm.release(qn, "id:" + ",".join(ids))
    carry(qm, qn)
    for each in ids:
        withdrawal.retract(qm.home(), each, RetractionReason.ERROR, NOW)
    carry(qm, qn)
    held = hold(qn, NOW, stix_ids=ids)
    carry(qn, qm)
    states = [confirmed.status(qm.home(), each, NOW)[0].nodes[0].state for each in ids]
    assert (held.objects, states) == (5, ["held"] * 5)
    after = NOW + timedelta(days=8)
    for officer in qn.keys:
        lift(qn, held.name, officer, after)
    carry(qn, qm, after)
    states = [confirmed.status(qm.home(), each, after)[0].nodes[0].state for each in ids]
    assert states == ["erased"] * 5


def test_an_officer_without_the_role_sets_and_lifts_nothing(neighbours):
    from hilf.node import identity, proposal
    from hilf.node.change import Change, NewOfficer

    _, qn, _ = neighbours
    home = qn.home()
    proposal.propose(
        home, Change(officer=NewOfficer("signer", ("accord",), "a passphrase of theirs")), home.root_keys, NOW
    )
    proposal.publish(home, NOW)
    with pytest.raises(Refusal) as refused:
        identity.signing_officer(home, "signer", "a passphrase of theirs", "retraction")
    assert refused.value.code == "identity.officer-role"
