"""`hilf sync` and `hilf receipts`: the JSON fields that are promised, and exit codes."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from hilf.cli.main import hilf
from hilf.node import federation, identity
from hilf.store import database
from tests import partner as wrongly
from tests.conftest import NODE
from tests.partner import Partner, introduce, serving

QN = "cert.qn.example"


@pytest.fixture
def served(home, tmp_path):
    partner = Partner(NODE)
    with serving(partner, tmp_path) as served:
        introduce(partner)
        partner.meet(identity.own(home).newest)
        with database.transaction():
            federation.announce(home, QN, "ping", {}, datetime.now(UTC))
        yield served


def run(home, *arguments):
    done = CliRunner().invoke(hilf, [*arguments, "--home", str(home.path)])
    return done.exit_code, done.output


def run_json(home, *arguments):
    code, output = run(home, *arguments, "--json")
    return code, json.loads(output)


def test_sync_tells_what_one_round_with_each_peer_did(home, served):
    code, document = run_json(home, "sync")
    (peer,) = document["peers"]
    assert peer.pop("seconds") > 0
    assert (code, peer) == (
        0,
        {
            "node": QN,
            "sent": 1,
            "received": 0,
            "refused": 0,
            "receipts": 1,
            "error": None,
            "reconciled": None,
        },
    )


def test_sync_says_what_was_reconciled(home, served):
    before = served.partner.position
    assert run(home, "sync")[0] == 0
    served.partner.position, served.partner.held = before, []
    code, document = run_json(home, "sync")
    assert (code, document["peers"][0]["reconciled"]) == (
        0,
        {"taken": 0, "gone": 0, "again": 1, "withdrawn": 0, "unknown": 1},
    )
    served.partner.position = before
    code, output = run(home, "sync")
    assert code == 1
    assert "once is enough" in output
    assert "[reconcile.too-often]" in output


def test_sync_with_a_partner_that_fails_says_the_code_and_exits_with_1(home, served):
    served.then("acts", wrongly.hang_up)
    code, document = run_json(home, "sync", QN)
    assert (code, document["peers"][0]["error"]) == (1, "wire.broken-off")
    served.then("acts", wrongly.hang_up)
    code, output = run(home, "sync", QN)
    assert (code, "[wire.broken-off]" in output) == (1, True)
    assert "goes with a later round" in output


def test_sync_with_a_node_that_is_not_verified_is_refused(home):
    code, output = run(home, "sync", "cert.qz.example")
    assert (code, "[sync.not-verified]" in output) == (1, True)


def test_sync_without_any_peer_says_what_to_do_first(home):
    code, output = run(home, "sync")
    assert (code, "hilf peer add" in output) == (0, True)


def test_receipts_show_what_partners_signed_for(home, served):
    assert run_json(home, "receipts") == (0, {"receipts": []})
    run(home, "sync")
    code, document = run_json(home, "receipts", "--peer", QN)
    (receipt,) = document["receipts"]
    assert (code, receipt["peer"], receipt["epoch"], receipt["first"], receipt["last"], receipt["outcomes"]) == (
        0, QN, 1, 1, 1, {"applied": 1},
    )  # fmt: skip
    assert receipt["batch"] == served.batches[0].header.digest.hex()
    code, output = run(home, "receipts", "--peer", "cert.qz.example")
    assert (code, "[peer.unknown]" in output) == (1, True)
    assert QN in run(home, "receipts")[1]
