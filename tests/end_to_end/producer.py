"""Traffic for the tests of kills: brings objects in, releases them, takes some back, and writes down what was told to be done.

`python -m tests.end_to_end.producer HOME PARTNER ACKNOWLEDGED RETRACTED STOP`: until the file STOP is there, each turn
makes a few indicators, imports them, releases them to PARTNER and, once that has returned, appends "id hash" of each to
ACKNOWLEDGED; now and then it takes one of them back and, once that has returned, appends its id to RETRACTED. While the file
STOP.pause is there it does nothing.
"""

import hashlib
import json
import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from hilf.canonical import dumps, timestamp
from hilf.errors import OperatorFault, Refusal
from hilf.federation.retraction import RetractionReason
from hilf.markings.tlp import Tlp
from hilf.node import intake, release, withdrawal
from hilf.node.home import Home
from hilf.node.init import stix_identity_id
from hilf.settings import open_home

OBJECTS = 10
PAUSE_S = 0.25
"""So that the nodes under test, not their producers, have the processors."""

RETRACTED_EACH = 6
MOST_RETRACTED = 80
"""More than 100 in an hour wait for two officers (protocol.md 5)."""


def indicator(author: str) -> dict:
    now = timestamp(datetime.now(UTC))
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid4()}",
        "created_by_ref": author,
        "created": now,
        "modified": now,
        "name": "traffic",
        "pattern": f"[domain-name:value = '{uuid4()}.example']",
        "pattern_type": "stix",
        "valid_from": now,
        "object_marking_refs": [Tlp.GREEN.marking_id],
    }


def say(home: Home, partner: str, acknowledged: Path) -> None:
    """Bring a few objects in and release them."""
    author = stix_identity_id(home.node)
    objects = [indicator(author) for _ in range(OBJECTS)]
    file = home.path / "traffic.json"
    file.write_text(json.dumps({"type": "bundle", "id": f"bundle--{uuid4()}", "objects": objects}))
    now = datetime.now(UTC)
    intake.import_files(home, [str(file)], None, "traffic", now)
    release.send(home, partner, datetime.now(UTC), "")
    lines = [f"{each['id']} {hashlib.sha256(dumps(each)).hexdigest()}\n" for each in objects]
    append(acknowledged, "".join(lines))


def take_back(home: Home, acknowledged: Path, retracted: Path) -> None:
    """Take one back that was acknowledged."""
    done = retracted.read_text().split() if retracted.exists() else []
    said = [line.split()[0] for line in acknowledged.read_text().splitlines()]
    left = [each for each in said if each not in set(done)]
    if len(done) >= MOST_RETRACTED or not left:
        return
    chosen = random.choice(left)
    try:
        withdrawal.retract(home, chosen, RetractionReason.ERROR, datetime.now(UTC))
    except Refusal:  # lost with a disk, and not given back yet
        return
    append(retracted, chosen + "\n")


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as out:
        out.write(text)


def main(path: Path, partner: str, acknowledged: Path, retracted: Path, stop: Path) -> None:
    home = open_home(path)
    turn = 0
    while not stop.exists():
        if stop.with_suffix(".pause").exists():
            time.sleep(0.1)
            continue
        turn += 1
        try:
            say(home, partner, acknowledged)
            if turn % RETRACTED_EACH == 0:
                take_back(home, acknowledged, retracted)
        except OperatorFault as fault:  # the other processes of the node held the database for long
            sys.stderr.write(f"{fault.code}\n")
            continue
        time.sleep(PAUSE_S)


if __name__ == "__main__":
    main(*(Path(each) if n != 1 else each for n, each in enumerate(sys.argv[1:6])))
