"""Mass retraction: a partner takes back all that it ever said at once, without its officers, and people decide about it.

    python -m bench.retract [--objects 100000]

Two homes on SQLite in one process. The partner's retractions arrive in batches of 500; all beyond the first 100 are held.
Printed: what the node spends on a batch, how much its file grows, how long `hilf status` takes meanwhile, and how long the
one step takes in which a person refuses them, or accepts them when they come once more, and the erasing a week later. The longest
transaction of each is how long another partner waits at most.
"""

import argparse
import resource
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.material import indicators
from bench.stream import bring_in
from tests.nations import Courier, Nation, agree, carry, make, meet

PIECE = 1_000


class Timed(Courier):
    """Measures what the receiver spends on each request."""

    longest_s = total_s = 0.0

    def exchange(self, request):
        """Carry a request and take the time of its answer."""
        began, cpu = time.perf_counter(), time.process_time()
        try:
            return super().exchange(request)
        finally:
            self.longest_s = max(self.longest_s, time.perf_counter() - began)
            self.total_s += time.process_time() - cpu


def send(sender: Nation, receiver: Nation, at: datetime) -> Timed:
    """Send all that waits; what it took the receiver."""
    from hilf.node import identity, sync
    from hilf.node.partner import Partner

    home, courier = sender.home(), Timed(sender, receiver, at)
    with Partner(home, identity.kept(receiver.node), lambda: at, connection=courier) as partner:
        sync.converse(home, partner, lambda: at, sync.Tally())
    return courier


def take_back(sender: Nation, receiver: Nation, ids: list[str], at: datetime) -> None:
    """Let retractions of all of these wait, as no honest node would."""
    from hilf.federation.retraction import Retraction, RetractionReason
    from hilf.node.federation import announce
    from hilf.store.database import transaction

    home = sender.home()
    for n in range(0, len(ids), PIECE):
        with transaction():
            for each in ids[n : n + PIECE]:
                body = Retraction(each, None, RetractionReason.ERROR, at + timedelta(days=1))
                announce(home, receiver.node, "retraction", body.json(), at)


@contextmanager
def timed(room):
    """Measure the transactions of a module of `node`: the longest is how long another writer waits at most; in seconds."""
    usual, longest = room.transaction, [0.0]

    @contextmanager
    def transaction():
        began = time.perf_counter()
        with usual():
            yield
        longest[0] = max(longest[0], time.perf_counter() - began)

    room.transaction = transaction
    try:
        yield longest
    finally:
        room.transaction = usual


def took(what: str, room, work) -> str:
    """Do one long thing; what it took, in words. The memory is the most that this process ever had, both nodes in it."""
    began, cpu, before = time.perf_counter(), time.process_time(), peak_mib()
    with timed(room) as longest:
        count = work()
    cpu = time.process_time() - cpu
    return (
        f"{what:<8} {count:,} in {time.perf_counter() - began:.1f} s, {cpu:.1f} s of CPU ({cpu / count * 1e3:.2f} ms each),"
        f" longest transaction {longest[0]:.2f} s, memory {before:.0f} -> {peak_mib():.0f} MiB"
    )


def peak_mib() -> float:
    """The most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def size_of(nation: Nation) -> int:
    """Bytes of its database, after everything was written to it."""
    from hilf.store import database

    nation.home()
    database.clean()
    return (nation.path / "hilf.sqlite3").stat().st_size


def run(count: int) -> None:
    """Measure and print."""
    from hilf.node import erasure, mass
    from hilf.node.status import status

    with tempfile.TemporaryDirectory(prefix="hilf-bench-") as name:
        at = datetime.now(UTC)
        qm, qn = make(Path(name), ("QM", "QN"), at - timedelta(days=1))
        meet(qm, qn, at - timedelta(days=1))
        agree(qm, qn, at - timedelta(days=1))
        made = list(indicators(count))
        bring_in(qm, made)
        qm.release(qn, at=at)
        carry(qm, qn, at)
        ids = [each["id"] for each in made]
        for verb in ("refuse", "accept"):
            before = size_of(qn)
            take_back(qm, qn, ids, at)
            sent = send(qm, qn, at)
            grew = (size_of(qn) - before) / len(ids)
            print(
                f"retract  {len(ids):,} at once: {sent.total_s / len(ids) * 1e6:,.0f} µs of CPU each, longest batch of 500"
                f" {sent.longest_s:.2f} s; {grew:,.0f} bytes each"
            )
            home, began = qn.home(), time.perf_counter()
            warnings = [
                each.what for each in status(home, at).warnings if each.code == "status.retractions-held"
            ]
            print(f"  status   {time.perf_counter() - began:.2f} s: {warnings}")
            home, decide, at_ = qn.home(), getattr(mass, verb), at
            print(f"  {took(verb, mass, lambda: decide(home, qm.node, at_))}", flush=True)  # noqa: B023  # called at once
            at += timedelta(hours=1, minutes=1)
        after = at + timedelta(days=7)
        print(f"  {took('erase', erasure, lambda: erasure.erase_due(home, after))}", flush=True)


def main() -> None:
    """Run from the command line."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--objects", type=int, default=100_000)
    run(arguments.parse_args().objects)


if __name__ == "__main__":
    main()
