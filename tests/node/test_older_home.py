"""A home that an older hilf made and filled opens with this one: everything that was there can be seen, sent and taken back."""

import pytest
from django.core.management import call_command

from hilf.errors import OperatorFault
from hilf.federation.retraction import RetractionReason
from hilf.markings.tlp import Tlp
from hilf.node import preview, process, release, search, status, why, withdrawal
from hilf.settings import open_home
from hilf.store import database
from hilf.store.intelligence import tombstone
from tests.conftest import NOW
from tests.nations import (  # noqa: F401
    agreed_nations,
    carry,
    indicator,
    made_nations,
    malware,
    nations,
    relationship,
)

OLD = "0003_finding_object"
"""The last migration before agreements were made whole."""


def make_older():
    """The database in use as an older hilf knew it; what came since is lost, as it never was."""
    call_command("migrate", "hilf", OLD, verbosity=0)
    database.execute("DELETE FROM counter WHERE name = 'tombstone'")
    database.clean()


@pytest.fixture
def filled(nations):  # noqa: F811
    """QM, older, which sent one indicator, retracted another, and holds more; with these in order."""
    qm, qn, _ = nations
    made = [indicator(qm, name, Tlp.GREEN) for name in ("sent", "gone", "kept")]
    family = malware(qm, "family", Tlp.GREEN)
    qm.says(*made, family, relationship(qm, made[0], family, Tlp.GREEN))
    qm.release(qn, f"id:{made[0]['id']},{made[1]['id']}")
    carry(qm, qn)
    withdrawal.retract(qm.home(), made[1]["id"], RetractionReason.ERROR, NOW)
    make_older()
    (qm.path / "tombstones").unlink()
    (qm.path / "highwater").unlink(missing_ok=True)
    return qm, qn, [each["id"] for each in made]


def test_the_first_command_brings_the_tables_up(filled):
    qm, *_ = filled
    assert database.is_older()
    qm.home()
    assert not database.is_older()


def test_everything_in_it_is_seen_decided_sent_and_taken_back(filled):
    qm, qn, (sent, _, kept) = filled
    home = qm.home()
    assert [peer.node for peer in status.status(home, NOW).peers] == [qn.node]
    assert [row.stix_id for row in search.find(home, (), "kept").objects] == [kept]
    shown = preview.preview(home, qn.node, NOW)
    assert {each.kept.type for each in shown.allowed} == {"indicator", "malware", "relationship"}
    assert [went.state for went in why.why(home, sent, qn.node, NOW).went] == ["applied"]
    assert release.send(home, qn.node, NOW).queued == len(shown.allowed)
    assert {result["outcome"] for result in carry(qm, qn)} == {"applied"}
    assert kept in qn.objects(qm.node)
    withdrawal.retract(qm.home(), kept, RetractionReason.ERROR, NOW)
    carry(qm, qn)
    assert kept not in qn.objects(qm.node)


def test_what_was_retracted_in_it_has_a_tombstone(filled):
    qm, _, (_, gone, _) = filled
    qm.home()
    (row,) = database.rows("SELECT id_key, sha256, asserter FROM object WHERE stix_id = %s", (gone,))
    (kept,) = tombstone.table(0, 10)
    assert (kept.number, kept.word) == (1, tombstone.HIDDEN)
    assert (kept.id_key, kept.sha256, kept.asserter) == (row[0], bytes(row[1]), row[2])
    assert tombstone.last_in_table() == 1


def test_nothing_is_brought_up_while_the_older_one_serves(filled, monkeypatch):
    qm, *_ = filled
    monkeypatch.setattr(process, "_WAIT_FOR_LOCK_S", 0.0)
    home = open_home(qm.path)
    make_older()
    with process.only_one(home, NOW), pytest.raises(OperatorFault) as refused:
        open_home(qm.path)
    assert refused.value.code == "store.older"
    assert database.is_older()
