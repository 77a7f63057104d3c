"""Taking back: hidden at once, over every hop, erased in time, confirmed; nobody takes back what another said."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from hilf.errors import CallerFault, Refusal
from hilf.federation.retraction import Retraction, RetractionReason
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import (  # noqa: F401
    SECOND,
    agreed_nations,
    canonical,
    carry,
    indicator,
    made_nations,
    nations,
)

SOON = NOW + timedelta(minutes=5)
AFTER_GRACE = NOW + timedelta(days=7, minutes=10)
ERROR = RetractionReason.ERROR
AT_RISK = RetractionReason.SOURCE_AT_RISK


def outcomes(results):
    return [(result["outcome"], (result["reason"] or {}).get("code")) for result in results]


def retract(nation, entry, reason=ERROR, at=SOON, officers=(), deadline=None):
    from hilf.node import withdrawal

    keys = [nation.keys[officer] for officer in officers]
    return withdrawal.retract(nation.home(), entry["id"], reason, at, deadline, keys)


def status(nation, entry, at=SOON):
    from hilf.node import confirmed

    return confirmed.status(nation.home(), entry["id"], at)


def erase(nation, at):
    from hilf.node import erasure

    return erasure.erase_due(nation.home(), at)


def shared(nations, name="to-be-taken-back"):  # noqa: F811
    """An object of QM that QN holds and passed on to QO."""
    qm, qn, qo = nations
    entry = indicator(qm, name, Tlp.CLEAR)
    qm.says(entry)
    qm.release(qn)
    carry(qm, qn)
    qn.release(qo, f"partner:{qm.node}")
    carry(qn, qo)
    assert all(entry["id"] in nation.objects() and nation.holds(name) for nation in nations)
    return entry


def test_a_retraction_follows_two_hops_is_erased_and_confirmed(nations):  # noqa: F811
    qm, qn, qo = nations
    entry = shared(nations)
    (withdrawn,) = retract(qm, entry)
    assert [(told.node, told.state, told.act) for told in withdrawn.nodes] == [(qn.node, "open", "waiting")]
    assert entry["id"] not in qm.objects()
    assert outcomes(carry(qm, qn, SOON)) == [("applied", None)]
    assert entry["id"] not in qn.objects()
    assert outcomes(carry(qn, qo, SOON)) == [("applied", None)]
    assert entry["id"] not in qo.objects()
    carry(qo, qn, SOON)
    assert {outcome for outcome, _ in outcomes(carry(qn, qm, SOON))} == {"applied"}
    (told,) = status(qm, entry)[0].nodes
    assert (told.state, told.act) == ("hidden", "applied")
    assert [(hop["node"], hop["state"]) for hop in told.further["named"]] == [(qo.node, "hidden")]

    assert (erase(qn, AFTER_GRACE), erase(qo, AFTER_GRACE)) == (1, 1)
    carry(qo, qn, AFTER_GRACE)
    carry(qn, qm, AFTER_GRACE)
    (told,) = status(qm, entry, AFTER_GRACE)[0].nodes
    assert (told.state, [hop["state"] for hop in told.further["named"]]) == ("erased", ["erased"])
    for nation in (qn, qo):
        assert not nation.holds(entry["name"])
        assert not nation.holds(entry["pattern"])
    assert qm.holds(entry["name"])


def test_what_is_hidden_is_not_erased_before_the_grace_is_over(nations):  # noqa: F811
    qm, qn, _ = nations
    entry = shared(nations)
    retract(qm, entry)
    carry(qm, qn, SOON)
    assert erase(qn, SOON + timedelta(days=6)) == 0
    assert qn.holds(entry["name"])
    assert erase(qn, SOON + timedelta(days=7)) == 1
    assert not qn.holds(entry["name"])


def test_what_is_erased_is_in_no_file_while_other_processes_hold_the_database_open(nations):  # noqa: F811
    qm, qn, _ = nations
    entry = shared(nations)
    retract(qm, entry)
    carry(qm, qn, SOON)
    with closing(
        sqlite3.connect(qn.path / "hilf.sqlite3")
    ) as other:  # the last one to close would clean up by itself
        assert other.execute("SELECT count(*) FROM object").fetchone() != (0,)
        assert qn.holds(entry["name"])
        assert erase(qn, AFTER_GRACE) == 1
        assert not qn.holds(entry["name"])


def test_two_officers_make_a_source_at_risk_be_erased_at_once(nations):  # noqa: F811
    qm, qn, qo = nations
    entry = shared(nations)
    (one,) = retract(qm, entry, AT_RISK, officers=["officer"])
    assert one.missing == 1
    carry(qm, qn, SOON)
    assert qn.holds(entry["name"])
    (two,) = retract(qm, entry, AT_RISK, officers=[SECOND])
    assert two.missing == 0
    assert outcomes(carry(qm, qn, SOON)) == [("applied", None)]
    assert not qn.holds(entry["name"])
    carry(qn, qo, SOON)
    assert qo.holds(entry["name"])
    for officer in qn.keys:
        retract(qn, entry, AT_RISK, officers=[officer])
    carry(qn, qo, SOON)
    assert not qo.holds(entry["name"])
    carry(qo, qn, SOON)
    carry(qn, qm, SOON)
    (told,) = status(qm, entry)[0].nodes
    assert (told.state, [hop["state"] for hop in told.further["named"]]) == ("erased", ["erased"])


def test_what_is_on_its_way_to_a_third_node_is_erased_when_it_has_receipted(nations):  # noqa: F811
    from hilf.node import federation

    qm, qn, qo = nations
    entry = indicator(qm, "on-its-way", Tlp.CLEAR)
    qm.says(entry)
    qm.release(qn)
    carry(qm, qn)
    qn.release(qo, f"partner:{qm.node}")
    home = qn.home()
    from hilf.store.federation import stream

    assert federation.next_batch(home, qo.node, stream.position(qo.node, outgoing=True).receipted + 1, SOON)
    for officer in qm.keys:
        retract(qm, entry, AT_RISK, officers=[officer])
    carry(qm, qn, SOON)
    assert (erase(qn, SOON), qn.holds(entry["name"])) == (0, True)
    assert entry["id"] not in qn.objects()
    carry(qn, qo, SOON)
    assert entry["id"] not in qo.objects()
    assert (erase(qn, SOON), qn.holds(entry["name"])) == (1, False)
    carry(qn, qm, SOON)
    assert [told.state for told in status(qm, entry)[0].nodes] == ["erased"]


def test_one_officer_s_word_is_not_enough_to_erase_at_once(nations):  # noqa: F811
    from hilf.federation.authorisation import Authorisation
    from hilf.node.federation import announce
    from hilf.seal.record import acts_subject, make_record
    from hilf.store.database import transaction

    qm, qn, _ = nations
    entry = shared(nations)
    retract(qm, entry, AT_RISK)
    from hilf.store.federation import retraction as store

    qm.home()
    (told,) = store.confirmations(store.about(entry["id"])[0].number)
    act_id = told.act_id.hex()
    until = SOON + timedelta(days=1)
    signed = make_record(
        "retraction", qm.node, "officer", acts_subject([act_id]), SOON, until, qm.keys["officer"]
    )
    with transaction():
        announce(qm.home(), qn.node, "retraction", Authorisation((act_id,), (signed,)).json(), SOON)
    assert outcomes(carry(qm, qn, SOON)) == [("applied", None), ("refused", "record.too-few-officers")]
    assert qn.holds(entry["name"])


def test_officers_of_another_node_do_not_stand_behind_our_retraction(nations):  # noqa: F811
    from hilf.federation.authorisation import Authorisation
    from hilf.node.federation import announce
    from hilf.seal.record import acts_subject, make_record
    from hilf.store.database import transaction
    from hilf.store.federation import retraction as store

    qm, qn, qo = nations
    entry = shared(nations)
    retract(qm, entry, AT_RISK)
    (told,) = store.confirmations(store.about(entry["id"])[0].number)
    act_id = told.act_id.hex()
    carry(qm, qn, SOON)
    until = SOON + timedelta(days=1)
    signed = [
        make_record("retraction", qo.node, "officer", acts_subject([act_id]), SOON, until, key)
        for key in qo.keys.values()
    ]
    home = qo.home()
    with transaction():
        announce(home, qn.node, "retraction", Authorisation((act_id,), tuple(signed)).json(), SOON)
    carry(qo, qn, SOON)
    assert qn.holds(entry["name"])


def test_the_bytes_of_what_was_refused_go_when_it_is_taken_back(nations):  # noqa: F811
    from hilf.node.federation import announce
    from hilf.store.database import transaction
    from hilf.store.intelligence import imports

    qm, qn, qo = nations
    wrong = canonical(indicator(qm, "refused when it came", Tlp.CLEAR, confidence=900))
    stix_id = indicator(qm, "refused when it came", Tlp.CLEAR)["id"]
    qn.home()
    with transaction():
        imports.note(
            imports.Noted(None, node, 1, stix_id, "", "stix.schema", "900", "refused", bytes_)
            for node, bytes_ in ((qm.node, wrong), (qo.node, b"what another sent"))
        )
    home = qm.home()
    body = Retraction(stix_id, None, ERROR, SOON + timedelta(days=1))
    with transaction():
        announce(home, qn.node, "retraction", body.json(), SOON)
    assert qn.holds("refused when it came")
    assert outcomes(carry(qm, qn, SOON)) == [("refused", "retraction.not-asserted")]
    assert not qn.holds("refused when it came")
    assert qn.holds("what another sent")


def test_nobody_takes_back_what_another_node_said(nations):  # noqa: F811
    from hilf.node.federation import announce
    from hilf.store.database import transaction

    _, qn, qo = nations
    entry = shared(nations)
    home = qo.home()
    body = Retraction(entry["id"], None, ERROR, SOON + timedelta(days=1))
    with transaction():
        announce(home, qn.node, "retraction", body.json(), SOON)
    assert outcomes(carry(qo, qn, SOON)) == [("refused", "retraction.not-asserted")]
    assert qn.objects()[entry["id"]] == canonical(entry)
    with pytest.raises(Refusal) as refused:
        retract(qo, entry)
    assert refused.value.code == "retract.not-asserted"


def test_what_we_say_ourselves_stays_when_a_partner_takes_its_word_back(nations):  # noqa: F811
    qm, qn, _ = nations
    third = {
        key: value for key, value in indicator(qm, "third", Tlp.CLEAR).items() if key != "created_by_ref"
    }
    qm.says(third)
    qn.says(third)
    qm.release(qn, f"id:{third['id']}")
    carry(qm, qn)
    retract(qm, third)
    carry(qm, qn, SOON)
    assert qn.objects(qn.node)[third["id"]]
    assert third["id"] not in qn.objects(qm.node)


def test_what_we_pass_on_and_say_ourselves_in_another_version_stays_with_the_node_behind(nations):  # noqa: F811
    qm, qn, qo = nations
    third = {
        key: value for key, value in indicator(qm, "third", Tlp.CLEAR).items() if key != "created_by_ref"
    }
    qm.says(third)
    qm.release(qn, f"id:{third['id']}")
    carry(qm, qn)
    qn.release(qo, f"partner:{qm.node} id:{third['id']}")
    newer = {**third, "modified": "2026-11-24T09:31:00.000Z", "name": "what we found ourselves"}
    qn.says(newer, at=SOON)
    qn.release(qo, f"id:{third['id']}", at=SOON)
    carry(qn, qo, SOON)
    retract(qm, third)
    carry(qm, qn, SOON)
    assert outcomes(carry(qn, qo, SOON)) == [("applied", None)]
    assert qo.objects(qn.node)[third["id"]] == canonical(newer)
    assert (erase(qo, AFTER_GRACE), qo.holds(third["name"])) == (1, False)


def test_an_act_that_waits_is_dropped_and_nobody_is_told(nations):  # noqa: F811
    qm, qn, _ = nations
    entry = indicator(qm, "never-left", Tlp.CLEAR)
    qm.says(entry)
    qm.release(qn, f"id:{entry['id']}")
    (withdrawn,) = retract(qm, entry)
    assert withdrawn.nodes == ()
    carry(qm, qn, SOON)
    assert not qn.holds(entry["name"])


def test_a_proposal_that_holds_it_dies(nations):  # noqa: F811
    from hilf.node import release, release_list

    qm, qn, _ = nations
    entry = indicator(qm, "amber-never-left", Tlp.AMBER)
    qm.says(entry)
    released = qm.release(qn, f"id:{entry['id']}", "officer")
    retract(qm, entry)
    with pytest.raises(Refusal) as refused:
        release.approve(qm.home(), released.release, qm.keys[SECOND], SOON)
    assert refused.value.code == "release.not-proposed"
    assert [(each.kept.state, each.kept.reason) for each in release_list.every(qm.home())] == [
        ("died", "release.object-retracted")
    ]


def test_what_was_retracted_is_not_found_previewed_or_sent_again(nations):  # noqa: F811
    qm, qn, qo = nations
    entry = shared(nations)
    retract(qm, entry)
    carry(qm, qn, SOON)
    assert entry["id"] not in {
        each.kept.stix_id for each in qn.preview(qo, f"id:{entry['id']}", SOON).allowed
    }
    assert not qn.preview(qo, f"id:{entry['id']}", SOON).already
    with pytest.raises(Refusal) as refused:
        retract(qm, entry)
    assert refused.value.code == "retract.already"


def test_a_retraction_may_come_twice(nations):  # noqa: F811
    from hilf.node.federation import announce
    from hilf.store.database import transaction

    qm, qn, _ = nations
    entry = shared(nations)
    retract(qm, entry)
    home = qm.home()
    body = Retraction(entry["id"], None, ERROR, SOON + timedelta(days=1))
    with transaction():
        announce(home, qn.node, "retraction", body.json(), SOON)
    assert outcomes(carry(qm, qn, SOON)) == [("applied", None), ("applied", None)]
    assert erase(qn, AFTER_GRACE) == 1
    assert not qn.holds(entry["name"])


def test_more_than_100_in_an_hour_are_held_until_officers_or_a_person_say_so(nations):  # noqa: F811
    from hilf.federation.authorisation import Authorisation
    from hilf.node import mass
    from hilf.node.federation import announce
    from hilf.seal.record import acts_subject, make_record
    from hilf.store.database import transaction

    qm, qn, _ = nations
    entries = [indicator(qm, f"many-{n}", Tlp.CLEAR) for n in range(103)]
    qm.says(*entries)
    qm.release(qn)
    carry(qm, qn)
    acts = []
    home = qm.home()
    with transaction():
        for entry in entries:
            body = Retraction(entry["id"], None, ERROR, SOON + timedelta(days=1))
            acts.append(announce(home, qn.node, "retraction", body.json(), SOON))
    results = outcomes(carry(qm, qn, SOON))
    assert results == [("applied", None)] * 100 + [("held", "retraction.too-many-in-an-hour")] * 3
    assert {entry["id"] for entry in entries} & qn.objects().keys() == {
        entry["id"] for entry in entries[100:]
    }

    until = SOON + timedelta(days=1)
    subject = acts_subject([acts[100].id])
    signed = tuple(
        make_record("retraction", qm.node, "officer", subject, SOON, until, key) for key in qm.keys.values()
    )
    home = qm.home()
    with transaction():
        announce(home, qn.node, "retraction", Authorisation((acts[100].id,), signed).json(), SOON)
    assert outcomes(carry(qm, qn, SOON)) == [("applied", None)]
    assert entries[100]["id"] not in qn.objects()
    assert mass.accept(qn.home(), qm.node, SOON) == 2
    assert not {entry["id"] for entry in entries} & qn.objects().keys()
    carry(qn, qm, SOON)
    from hilf.store import database

    qm.home()
    told = database.rows(
        "SELECT state, count(*) FROM act WHERE kind = 'retraction' AND outgoing GROUP BY state"
    )
    assert told == [("applied", 104)]


def test_a_confirmation_of_what_we_never_retracted_is_refused(nations):  # noqa: F811
    from hilf.federation.confirmation import Confirmation, ConfirmationState, Further
    from hilf.node.federation import announce
    from hilf.store.database import transaction

    qm, qn, _ = nations
    home = qn.home()
    body = Confirmation("ab" * 32, ConfirmationState.ERASED, NOW, Further())
    with transaction():
        announce(home, qm.node, "confirmation", body.json(), NOW)
    assert outcomes(carry(qn, qm)) == [("refused", "confirmation.unknown")]


def test_where_the_accord_counts_nodes_behind_are_not_named(strangers_agreed):
    qm, qn, qo = strangers_agreed
    entry = shared(strangers_agreed)
    retract(qm, entry)
    for one, other in ((qm, qn), (qn, qo), (qo, qn), (qn, qm)):
        carry(one, other, SOON)
    (told,) = status(qm, entry)[0].nodes
    assert told.further == {"named": [], "counted": {"open": 0, "hidden": 1, "erased": 0, "held": 0}}


@pytest.fixture
def strangers_agreed(made_nations, tmp_path):  # noqa: F811
    """The three nations with accords that only count confirmations."""
    from hilf.store import database
    from tests.nations import agree, copied, meet

    qm, qn, qo = copied(made_nations, tmp_path)
    for one, other in ((qm, qn), (qn, qo)):
        meet(one, other)
        agree(one, other, onward="free", confirmations="counted")
    yield [qm, qn, qo]
    database.use(":memory:")


def test_a_node_that_does_not_confirm_is_late(nations):  # noqa: F811
    qm, _, _ = nations
    entry = shared(nations)
    retract(qm, entry, deadline=SOON + timedelta(hours=1))
    assert [told.late for told in status(qm, entry, SOON)[0].nodes] == [False]
    assert [told.late for told in status(qm, entry, SOON + timedelta(hours=2))[0].nodes] == [True]


def test_a_deadline_that_is_over_is_refused(nations):  # noqa: F811
    qm, _, _ = nations
    entry = indicator(qm, "late", Tlp.CLEAR)
    qm.says(entry)
    with pytest.raises(CallerFault) as refused:
        retract(qm, entry, deadline=NOW - timedelta(hours=1))
    assert refused.value.code == "retract.deadline"


def test_after_a_retraction_a_corrected_version_can_be_said_and_sent(nations):  # noqa: F811
    qm, qn, _ = nations
    entry = shared(nations)
    retract(qm, entry)
    carry(qm, qn, SOON)
    better = {**entry, "modified": "2026-11-24T09:40:00.000Z", "name": "corrected"}
    later = NOW + timedelta(minutes=20)
    qm.says(better, at=later)
    qm.release(qn, f"id:{entry['id']}", at=later)
    assert outcomes(carry(qm, qn, later)) == [("applied", None)]
    assert qn.objects(qm.node)[entry["id"]] == canonical(better)
    assert erase(qn, AFTER_GRACE) == 1
    assert qn.objects(qm.node)[entry["id"]] == canonical(better)
    assert not qn.holds("to-be-taken-back")
