"""Traffic for the tests of kills: brings objects in, releases them, and writes down what was told to be done.

`python -m tests.end_to_end.producer HOME PARTNER ACKNOWLEDGED STOP`: until the file STOP is there, each turn makes a few
indicators, imports them, releases them to PARTNER and, once that has returned, appends "id hash" of each to ACKNOWLEDGED.
"""

import hashlib
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from hilf.canonical import dumps, timestamp
from hilf.errors import OperatorFault
from hilf.markings.tlp import Tlp
from hilf.node import intake, release
from hilf.node.init import stix_identity_id
from hilf.settings import open_home

OBJECTS = 10
PAUSE_S = 0.25
"""So that the nodes under test, not their producers, have the processors."""


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


def main(path: Path, partner: str, acknowledged: Path, stop: Path) -> None:
    home = open_home(path)
    author = stix_identity_id(home.node)
    file = path / "traffic.json"
    while not stop.exists():
        objects = [indicator(author) for _ in range(OBJECTS)]
        file.write_text(json.dumps({"type": "bundle", "id": f"bundle--{uuid4()}", "objects": objects}))
        try:
            now = datetime.now(UTC)
            intake.import_files(home, [str(file)], None, "traffic", now)
            release.send(home, partner, datetime.now(UTC), "")
        except OperatorFault as fault:  # the other processes of the node held the database for long
            sys.stderr.write(f"{fault.code}\n")
            continue
        lines = [f"{each['id']} {hashlib.sha256(dumps(each)).hexdigest()}\n" for each in objects]
        with acknowledged.open("a", encoding="utf-8") as out:
            out.write("".join(lines))
        time.sleep(PAUSE_S)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
