"""An older database that is put back by hand is noticed, brought up to the journal, and said."""

from datetime import timedelta

import orjson
import pytest

from hilf.accord.placing import ObjectState
from hilf.federation.act import read_act
from hilf.federation.retraction import RetractionReason
from hilf.markings.tlp import Tlp
from hilf.node import (
    confirmed,
    erasure,
    highwater,
    incident,
    quarantine,
    restored,
    retract,
    sources,
    withdrawal,
)
from hilf.node.highwater import Mark
from hilf.node.status import status
from hilf.store import database
from hilf.store.federation import restoration
from hilf.store.intelligence import hold, tombstone
from tests.conftest import NOW
from tests.nations import (  # noqa: F401
    agreed_nations,
    back_up,
    carry,
    indicator,
    made_nations,
    nations,
    put_back,
)

SOON = NOW + timedelta(minutes=5)
AFTER_GRACE = NOW + timedelta(days=7, minutes=10)
SECRET = "zqxjkvwp"


def standing(nation):
    """Of each indicator: its state, and whether its body is there."""
    nation.home()
    found = database.rows("SELECT stix_id, state, body IS NULL FROM object WHERE type = 'indicator'")
    return {stix_id: (ObjectState(state), bool(gone)) for stix_id, state, gone in found}


@pytest.fixture
def shared(nations):  # noqa: F811
    """QM gave two indicators to QN."""
    qm, qn, _ = nations
    evil, other = indicator(qm, SECRET, Tlp.GREEN), indicator(qm, "other", Tlp.GREEN)
    qm.says(evil, other)
    qm.release(qn)
    carry(qm, qn)
    for nation in (qm, qn):
        highwater.note(nation.home())
    return qm, qn, evil["id"], other["id"]


def take_back(nation, stix_id):
    withdrawal.retract(nation.home(), stix_id, RetractionReason.ERROR, SOON)


def test_a_database_as_new_as_the_node_is_no_restoration(shared):
    qm, qn, *_ = shared
    for nation in (qm, qn):
        nation.home()
        assert restoration.latest() == ()
        assert incident.document() is None


def test_what_we_retracted_is_hidden_again_before_anybody_can_ask(shared):
    qm, _, evil, other = shared
    old = back_up(qm)
    take_back(qm, evil)
    put_back(qm, old)
    assert standing(qm) == {evil: (ObjectState.HIDDEN, False), other: (ObjectState.CURRENT, False)}
    (kept,) = restoration.latest()
    assert (kept.cause, kept.taken, kept.tombstones) == ("copied", None, 1)
    assert [(pair.peer, pair.done) for pair in kept.pairs] == [("cert.qn.example", None)]


def test_what_a_partner_retracted_and_we_erased_is_erased_again_and_its_words_are_in_no_file(shared):
    qm, qn, evil, other = shared
    old = back_up(qn)
    take_back(qm, evil)
    carry(qm, qn, SOON)
    qn.home()
    assert erasure.erase_due(qn.home(), AFTER_GRACE) == 1
    put_back(qn, old)
    assert SECRET.encode() in (qn.path / "hilf.sqlite3").read_bytes()
    assert standing(qn) == {evil: (ObjectState.ERASED, True), other: (ObjectState.CURRENT, False)}
    database.clean()
    assert not qn.holds(SECRET)


def test_what_only_stayed_hidden_is_erased_when_its_grace_is_over(shared):
    qm, qn, evil, _ = shared
    old = back_up(qn)
    take_back(qm, evil)
    carry(qm, qn, SOON)
    journal = qn.path / "tombstones"
    number, _, rest = journal.read_text().split(" ", 2)
    journal.write_text(f"{number} 1700000000000000 {rest}")
    put_back(qn, old)
    assert standing(qn)[evil] == (ObjectState.ERASED, True)


def test_our_own_retracted_version_stays_as_proof_however_old(shared):
    qm, _, evil, _ = shared
    old = back_up(qm)
    take_back(qm, evil)
    journal = qm.path / "tombstones"
    number, _, rest = journal.read_text().split(" ", 2)
    journal.write_text(f"{number} 1700000000000000 {rest}")
    put_back(qm, old)
    assert standing(qm)[evil] == (ObjectState.HIDDEN, False)


def test_an_import_that_was_undone_stays_undone(shared):
    qm, *_ = shared
    third = indicator(qm, "third", Tlp.GREEN)
    qm.says(third)
    old = back_up(qm)
    home = qm.home()
    (number,) = database.row("SELECT max(id) FROM import")
    sources.take_back(home, number)
    put_back(qm, old)
    assert third["id"] not in standing(qm)


def test_what_was_dropped_out_of_quarantine_stays_dropped(shared):
    qm, _, evil, _ = shared
    qm.home()
    database.execute("UPDATE object SET state = %s WHERE stix_id = %s", (ObjectState.QUARANTINED, evil))
    old = back_up(qm)
    quarantine.drop(qm.home(), evil, quarantine.Which(), "no", "a person", SOON)
    put_back(qm, old)
    assert standing(qm)[evil] == (ObjectState.DROPPED, True)


def test_a_stream_that_stands_behind_is_noticed_without_any_tombstone(shared):
    qm, qn, *_ = shared
    old = back_up(qn)
    qn.home()
    before = highwater.of_database()
    qm.says(indicator(qm, "third", Tlp.GREEN))
    qm.release(qn)
    carry(qm, qn, SOON)
    highwater.note(qn.home())
    put_back(qn, old)
    qn.home()
    (kept,) = restoration.latest()
    assert (kept.cause, kept.tombstones) == ("copied", 0)
    document = incident.document()
    seq = before.streams[qm.node]["in"][1]
    assert document["lacks"] == {
        "objects": [before.objects + 1, before.objects],
        "streams": {qm.node: {"in": [[1, seq + 1], [1, seq]]}},
    }
    assert highwater.kept(qn.home()) == before


def test_it_is_noticed_once_and_not_at_every_command(shared):
    qm, _, evil, _ = shared
    old = back_up(qm)
    take_back(qm, evil)
    put_back(qm, old)
    for _ in range(3):
        qm.home()
    assert len(restoration.latest(10)) == 1
    assert tombstone.last_in(qm.path / "tombstones") == tombstone.last_in_table() == 2


def test_a_second_restoration_is_noticed_as_well(shared):
    qm, _, evil, other = shared
    old = back_up(qm)
    take_back(qm, evil)
    put_back(qm, old)
    qm.home()
    older = back_up(qm)
    take_back(qm, other)
    put_back(qm, older)
    assert {state for state, _ in standing(qm).values()} == {ObjectState.HIDDEN}
    assert len(restoration.latest(10)) == 2


def test_a_pair_is_open_until_both_know_where_they_stand_and_status_says_so(shared):
    qm, qn, evil, _ = shared
    old = back_up(qm)
    take_back(qm, evil)
    put_back(qm, old)
    home = qm.home()
    assert restored.is_open(qn.node)
    assert [each.code for each in status(home, SOON).warnings if "restored" in each.code] == [
        "status.restored"
    ]
    with database.transaction():
        restored.settled(qn.node, SOON, 3, 4, "both nodes have lost acts")
    assert not restored.is_open(qn.node)
    said = {each.code: each.what for each in status(home, SOON).warnings}
    assert "status.restored" not in said
    assert "Partners gave 3 acts back, 4 were sent again." in said["status.was-restored"]
    assert said["status.last-copies-gone"].endswith("cert.qn.example: both nodes have lost acts.")
    assert incident.document()["peers"] == [
        {
            "node": qn.node,
            "state": "done",
            "at": "2026-11-24T09:35:00.000Z",
            "taken_back": 3,
            "sent_again": 4,
            "unknown": "both nodes have lost acts",
        }
    ]


def test_a_partner_that_shows_it_is_kept_once(shared):
    qm, qn, *_ = shared
    qm.home()
    with database.transaction():
        restored.discovered(qn.node, "it holds 2 acts of ours that we lack", SOON)
        restored.discovered(qn.node, "again", SOON)
    (kept,) = restoration.latest(10)
    assert (kept.cause, kept.detail) == ("partner", '{"shown":"it holds 2 acts of ours that we lack"}')
    assert restored.is_open(qn.node)


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b'{"objects": 1}', b'{"objects": 1, "streams": {"a": {"in": [1]}}}']
)
def test_a_mark_that_cannot_be_read_accuses_nobody(shared, text):
    qm, *_ = shared
    (qm.path / "highwater").write_bytes(text)
    assert highwater.kept(qm.home()) == Mark(0, {})
    assert restoration.latest() == ()


def test_a_mark_names_only_what_a_database_lacks():
    had = Mark(7, {"qn": {"in": (1, 5), "out": (2, 1)}, "qo": {"in": (1, 1)}})
    assert highwater.lacks(had, had) == {}
    assert highwater.lacks(had, Mark(9, {"qn": {"in": (2, 0), "out": (2, 1)}, "qo": {"in": (1, 1)}})) == {}
    assert highwater.lacks(had, Mark(6, {"qn": {"in": (1, 5), "out": (1, 9)}})) == {
        "objects": (7, 6),
        "streams": {"qn": {"out": ((2, 1), (1, 9))}, "qo": {"in": ((1, 1), (1, 0))}},
    }


def settle(nation, *others):
    nation.home()
    with database.transaction():
        for other in others:
            restored.settled(other.node, SOON)


def test_a_retraction_that_was_lost_with_the_database_is_told_again(shared):
    qm, qn, evil, other = shared
    old = back_up(qm)
    take_back(qm, evil)  # and nobody is told before the disk is lost
    put_back(qm, old)
    settle(qm, qn)
    carry(qm, qn, SOON)
    assert standing(qn) == {evil: (ObjectState.HIDDEN, False), other: (ObjectState.CURRENT, False)}
    (told,) = confirmed.status(qm.home(), evil, SOON)
    assert ([each.node for each in told.nodes], told.reason) == ([qn.node], "error")


def test_nodes_behind_a_restored_one_are_told_when_the_partner_s_retraction_comes_again(nations):  # noqa: F811
    qm, qn, qo = nations
    evil = indicator(qm, SECRET, Tlp.CLEAR)
    qm.says(evil)
    qm.release(qn)
    carry(qm, qn)
    qn.release(qo, f"partner:{qm.node}")
    carry(qn, qo)
    old = back_up(qn)
    take_back(qm, evil["id"])
    carry(qm, qn, SOON)
    qm.home()
    (envelope,) = database.row("SELECT envelope FROM act WHERE kind = 'retraction' AND outgoing")
    put_back(qn, old)
    assert standing(qn)[evil["id"]] == (ObjectState.HIDDEN, False)
    home = qn.home()
    again = read_act(orjson.loads(bytes(envelope)), qm.node, qn.node)
    with database.transaction():
        assert retract.receive(home, again, SOON)[0].value == "applied"
    settle(qn, qm, qo)
    carry(qn, qo, SOON)
    assert standing(qo)[evil["id"]] == (ObjectState.HIDDEN, False)


def test_what_is_under_a_legal_hold_stays_hidden_however_old(shared):
    qm, qn, evil, _ = shared
    qn.home()
    with database.transaction():
        hold.put("case", "a court asked", "", 1, [evil])
    old = back_up(qn)
    take_back(qm, evil)
    carry(qm, qn, SOON)
    journal = qn.path / "tombstones"
    number, _, rest = journal.read_text().split(" ", 2)
    journal.write_text(f"{number} 1700000000000000 {rest}")
    put_back(qn, old)
    assert standing(qn)[evil] == (ObjectState.HIDDEN, False)
