"""Release: what leaves to whom, of how many objects and to how many partners, on one core, and what it takes.

    python -m bench.release [--objects 100000] [--partners 56]

A home of its own on SQLite with mixed objects (bench/mixed.py) and partners that it verified and agreed with. Measured, each in a
process of its own so that the memory of one is not counted for another: a preview for one partner, the decisions for all
partners from one reading, and a release queued durably for one partner. Times are of one process, which uses one core.
The lists of the node have looked at the objects before, as its worker does.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

SELECT = "type:indicator,domain-name,malware,relationship"
FREE = "marking:clear,green"


def make(folder: Path, objects: int, partners: int) -> None:
    """The home with its objects and partners."""
    from bench.mixed import befriend, mixed
    from hilf.lists.hit import DOCUMENTATION, SPECIAL_USE, Action
    from hilf.node import intake, lists
    from hilf.node.init import NewNode, create, stix_identity_id
    from hilf.store import database

    now = datetime.now(UTC)
    home = create(
        folder / "home", NewNode("cert.qm.example", "Bench", "QM", passphrase="not a secret here"), now
    ).home
    file = folder / "feed.json"
    with file.open("w") as out:
        out.write('{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[')
        for n, each in enumerate(mixed(objects, stix_identity_id(home.node))):
            out.write(("," if n else "") + json.dumps(each))
        out.write("]}")
    counts = intake.import_files(home, [str(file)], None, "bench", now).counts()
    file.unlink()
    if counts["refused"] or counts["quarantined"]:
        raise RuntimeError(counts)
    befriend(home, partners)
    for name in (DOCUMENTATION, SPECIAL_USE):  # which every value of ours is, and no value of the world
        lists.set_action(name, Action.OFF)
    looked = 1
    while looked:
        with database.transaction():
            looked = lists.fill(home)
    database.clean()


def measured(folder: Path, what: str) -> dict[str, float]:
    """One measurement in this process: seconds, processor seconds, objects, and the greatest memory."""
    from hilf.node import lists, preview, release
    from hilf.settings import open_home
    from hilf.store.federation import peer as peers

    home, now = open_home(folder / "home"), datetime.now(UTC)
    nodes = sorted(peers.in_state("verified"))
    lists.look_at_value(home, "192.0.2.1")  # the lists are made ready once for a process
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began, cpu = time.perf_counter(), time.process_time()
    if what == "preview":
        shown = preview.preview(home, nodes[0], now)
        left, count = len(shown.allowed), len(shown.allowed) + len(shown.withheld)
    elif what == "decide":
        left = count = 0
        for _, shown in preview.previews(home, nodes, now, SELECT):
            left += len(shown.allowed)
            count += len(shown.allowed) + len(shown.withheld)
    else:
        left = count = release.send(home, nodes[0], now, f"{SELECT} {FREE}").queued
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "seconds": seconds,
        "cpu": cpu,
        "count": count,
        "left": left,
        "memory": memory,
        "grew": memory - before,
    }


def run(objects: int = 100_000, partners: int = 56) -> dict[str, float]:
    """Measure, print, and give the figures."""
    figures: dict[str, float] = {}
    for size in (objects // 10, objects):
        with tempfile.TemporaryDirectory(prefix="hilf-bench-") as name:
            make_in_child(Path(name), size, partners)
            for what in ("preview", "decide", "send"):
                found = in_child(name, what)
                figures |= {f"{what} {key} {size}": value for key, value in found.items()}
    small = objects // 10
    for what, limit in (("preview", "at most 3 s"), ("decide", "at most 20 s"), ("send", "")):
        great, growth = (
            f"{what} {{}} {objects}",
            figures[f"{what} cpu {objects}"] / figures[f"{what} cpu {small}"],
        )
        print(
            f"release, {what}: {figures[great.format('count')]:,.0f} decided, {figures[great.format('left')]:,.0f} leave,"
            f" in {figures[great.format('seconds')]:.2f} s{f' ({limit})' if limit else ''},"
            f" CPU {figures[great.format('cpu')]:.2f} s, {growth:.1f} times that of a tenth;"
            f" memory {figures[great.format('memory')]:.0f} MB ({figures[f'{what} memory {small}']:.0f} MB for a tenth)"
        )
    return figures


def make_in_child(folder: Path, objects: int, partners: int) -> None:
    """Make the home in a process that is gone afterwards."""
    subprocess.run(
        [
            sys.executable,
            "-m",
            "bench.release",
            "--make",
            str(folder),
            "--objects",
            str(objects),
            "--partners",
            str(partners),
        ],
        check=True,
    )


def in_child(folder: str, what: str) -> dict[str, float]:
    """One measurement in a process of its own."""
    command = [sys.executable, "-m", "bench.release", "--in", folder, "--what", what]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, env=os.environ).stdout)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=100_000)
    parser.add_argument("--partners", type=int, default=56)
    parser.add_argument("--make", type=Path)
    parser.add_argument("--in", dest="folder", type=Path)
    parser.add_argument("--what", default="preview")
    chosen = parser.parse_args()
    if chosen.make:
        make(chosen.make, chosen.objects, chosen.partners)
    elif chosen.folder:
        json.dump(measured(chosen.folder, chosen.what), sys.stdout)
    else:
        run(chosen.objects, chosen.partners)


if __name__ == "__main__":
    main()
