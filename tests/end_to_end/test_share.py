"""The first share, over real sockets: three nodes, each a process of its own, spoken to by commands only."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from hilf.canonical import sha256_hex
from hilf.markings.tlp import Tlp
from tests.end_to_end.nodes import hilf, make, serving, until
from tests.nations import agree, canonical, entry, meet

SOURCE = "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"


@pytest.fixture
def three(tmp_path):
    """QM — QN — QO, served; neighbours agreed, passing on is free."""
    from hilf.store import database

    nations = [make(tmp_path, country) for country in ("QM", "QN", "QO")]
    at = datetime.now(UTC) - timedelta(seconds=1)
    for one, other in ((nations[0], nations[1]), (nations[1], nations[2])):
        meet(one, other, at)
        agree(one, other, at, onward="free")
    database.use(":memory:")
    served = [serving(nation) for nation in nations]
    for process in served:
        process.start()
        process.line()
    yield nations
    for process in served:
        process.kill()


def note(nation, key, tlp):
    made = entry(
        "note", nation, key, tlp, datetime.now(UTC) - timedelta(minutes=1), content=key, object_refs=[SOURCE]
    )
    return {**made, "created": made["modified"]}


def ids(nation, asserter):
    """What a reader finds of one asserter, read beside the running node."""
    with closing(sqlite3.connect(f"file:{nation.path / 'hilf.sqlite3'}?mode=ro", uri=True)) as database:
        found = database.execute(
            "SELECT stix_id FROM object WHERE state = 0 AND asserter = ?", (asserter.node,)
        )
        return {stix_id for (stix_id,) in found}


def on_disk(nation, words):
    return any(words.encode() in file.read_bytes() for file in nation.path.glob("hilf.sqlite3*"))


def test_three_nations_share_pass_on_and_take_back(three, tmp_path):
    qm, qn, qo = three
    clear, green, red = (note(qm, f"{tlp.word} words of QM", tlp) for tlp in (Tlp.CLEAR, Tlp.GREEN, Tlp.RED))
    file = tmp_path / "bundle.json"
    bundle = {
        "type": "bundle",
        "id": "bundle--5d0092c5-5f74-4287-9642-33f4c354e56d",
        "objects": [clear, green, red],
    }
    file.write_text(json.dumps(bundle))
    assert hilf(qm, "import", str(file))[0] == 0

    _, preview = hilf(qm, "release", "preview", "--to", qn.node, "--select", "type:note")
    shown = {each["id"]: each["sha256"] for each in preview["allowed"]}
    assert {green["id"], clear["id"]} <= shown.keys()
    assert [each["id"] for each in preview["withheld"]] == [red["id"]]
    _, sent = hilf(qm, "release", "send", "--to", qn.node, "--select", "type:note")
    assert (sent["state"], sent["queued"]) == ("queued", len(shown))
    until(lambda: shown.keys() <= ids(qn, qm), 30, "QN holds what QM released")
    assert shown[green["id"]] == sha256_hex(canonical(green))
    assert not on_disk(qn, red["content"])

    code, sent = hilf(qn, "release", "send", "--to", qo.node, "--select", f"partner:{qm.node} type:note")
    assert (code, sent["counts"]["withheld"]) == (0, 1)
    until(lambda: clear["id"] in ids(qo, qn), 30, "QO holds what QN passed on")
    assert not on_disk(qo, green["content"])

    assert hilf(qm, "retract", clear["id"], "--reason", "error")[0] == 0

    def confirmed():
        (told,) = hilf(qm, "retract", "status", clear["id"])[1]["nodes"]
        return told["state"] == "hidden" and [hop["state"] for hop in told["further"].get("named", [])] == [
            "hidden"
        ]

    until(confirmed, 30, "both hops confirm")
    assert clear["id"] not in ids(qn, qm) | ids(qo, qn)
