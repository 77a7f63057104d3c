"""The stream between two nodes: objects a second, durable on both sides, beside what the wire and the disk would allow.

    python -m bench.stream [--objects 100000]

Two homes on SQLite that verified each other and agreed. The receiver is a real `hilf serve` with its own processes; the
sender runs `hilf sync` in this process, 500 acts a batch, each batch signed, packed, verified, judged, kept (synchronous
FULL, WAL) and receipted before the next. Every object is the sender's own, with its proof of authorship; the sender's lists
have looked at it before, as its worker does behind an import. Limits, from the
same run: the same bodies posted over loopback TLS to a server that throws them away, and bare inserts of the same rows
(object and act at the receiver, act at the sender) in transactions of 500.
"""

import argparse
import json
import os
import sqlite3
import tempfile
import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from bench.material import indicators
from tests.end_to_end.nodes import Process, make_pair, serving
from tests.nations import Nation
from tests.ports import free_port

WARM_UP = 2_000
AT_ONCE = 500


def bring_in(nation: Nation, objects: list[dict]) -> None:
    """Import these objects as the nation's own, and let its lists look at them, as its worker does."""
    from hilf.node import intake, lists
    from hilf.store.database import transaction

    file = nation.path / "bench.json"
    for each in objects:
        each["created_by_ref"] = nation.author
    file.write_text(
        json.dumps(
            {"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000000", "objects": objects}
        )
    )
    counts = intake.import_files(nation.home(), [str(file)], "tlp:green", "bench", datetime.now(UTC)).counts()
    file.unlink()
    if counts["refused"] or counts["quarantined"]:
        raise RuntimeError(counts)
    looked = 1
    while looked:
        with transaction():
            looked = lists.fill(nation.home())


def send(sender: Nation, receiver: Nation, process: Process) -> tuple[int, float, float, float, float]:
    """Release what is new and send it: acts sent, seconds of the release and its CPU seconds, of the round, of both sides."""
    from hilf.node import sync

    began, cpu = time.perf_counter(), time.process_time()
    sender.release(receiver, at=datetime.now(UTC))
    released, release_cpu = time.perf_counter() - began, time.process_time() - cpu
    cpu = time.process_time() + cpu_of(process)
    began = time.perf_counter()
    (done,) = sync.sync(sender.home(), [receiver.node], lambda: datetime.now(UTC))
    seconds = time.perf_counter() - began
    if done.error or done.refused:
        raise RuntimeError(done)
    return done.sent, released, release_cpu, seconds, time.process_time() + cpu_of(process) - cpu


def cpu_of(process: Process) -> float:
    """CPU seconds of a node's processes so far."""
    ticks = 0
    for pid, _ in process.children():
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def given(sender: Nation, receiver: Nation) -> int:
    """The last seq of the stream."""
    from hilf.store.federation import stream

    sender.home()
    position = stream.position(receiver.node, outgoing=True)
    return position.seq if position else 0


def limit_wire(sender: Nation, receiver: Nation, first: int) -> float:
    """Acts a second when the bodies that were sent are only posted again, to a server that throws them away."""
    from hilf.node import federation, identity
    from hilf.seal.http import Request
    from hilf.store import database
    from hilf.store.federation import stream
    from hilf.wire.encoding import encode
    from hilf.wire.https import Connection

    home = sender.home()
    bodies, acts, seq = [], 0, first
    while (kept := stream.batch_from(receiver.node, 1, seq)) is not None:
        with database.transaction():
            ready = federation._again(home, receiver.node, kept, datetime.now(UTC))  # noqa: SLF001 the very same bytes
        bodies.append(encode(ready.body)[1])
        acts += len(ready.ids)
        seq = kept.last + 1
    pins = identity.kept(receiver.node).newest.tls_sha256
    port = free_port()
    child = os.fork()
    if child == 0:
        _throw_away(port, receiver.path / "keys")
    try:
        with Connection(f"https://127.0.0.1:{port}", pins) as connection:
            _until_there(connection, port)
            began = time.perf_counter()
            for body in bodies:
                connection.exchange(Request("POST", f"https://127.0.0.1:{port}/", (), body))
            return acts / (time.perf_counter() - began)
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)


def _until_there(connection, port: int) -> None:
    from hilf.errors import PartnerFault
    from hilf.seal.http import Request

    for _ in range(100):
        try:
            connection.exchange(Request("POST", f"https://127.0.0.1:{port}/", (), b"x"))
        except PartnerFault:
            time.sleep(0.05)
        else:
            return


def _throw_away(port: int, keys: Path) -> None:
    import socket
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(keys / "tls.crt", keys / "tls.pem")
    with socket.create_server(("127.0.0.1", port)) as listening:
        while True:
            plain, _ = listening.accept()
            with context.wrap_socket(plain, server_side=True) as tls, tls.makefile("rb") as reader:
                while True:
                    head = {}
                    while (line := reader.readline()) not in {b"\r\n", b""}:
                        name, _, value = line.partition(b":")
                        head[name.lower()] = value.strip()
                    if not head:
                        break
                    reader.read(int(head.get(b"content-length", b"0")))
                    tls.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")


def limit_disk(sender: Nation, receiver: Nation, folder: Path) -> float:
    """Objects a second when the rows of both sides are only inserted, without any index."""
    act = "SELECT act_id, peer, kind, at, state, epoch, seq, envelope, object_seq FROM act WHERE kind = 'object'"
    tables = (
        ("theirs", receiver, "SELECT * FROM object"),
        ("acts", receiver, act),
        ("ours", sender, act),
    )
    count, seconds = 0, 0.0
    for name, nation, sql in tables:
        rows = sqlite3.connect(nation.path / "hilf.sqlite3").execute(sql).fetchall()
        count = len(rows)
        bare = sqlite3.connect(folder / f"{name}.sqlite3", isolation_level=None)
        bare.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536")
        bare.execute(f"CREATE TABLE t ({', '.join(f'c{n}' for n in range(len(rows[0])))})")
        marks = ", ".join("?" * len(rows[0]))
        began = time.perf_counter()
        for start in range(0, len(rows), AT_ONCE):
            bare.execute("BEGIN IMMEDIATE")
            bare.executemany(f"INSERT INTO t VALUES ({marks})", rows[start : start + AT_ONCE])
            bare.execute("COMMIT")
        seconds += time.perf_counter() - began
        bare.close()
    return count / seconds


def run(count: int = 100_000) -> dict[str, float]:
    """Measure, print, and give the figures."""
    with tempfile.TemporaryDirectory(prefix="hilf-bench-") as name:
        folder = Path(name)
        sender, receiver = make_pair(folder)
        process = serving(receiver, "--no-worker")
        process.start()
        process.line()
        try:
            material = iter(indicators(WARM_UP + count // 10 + count))
            bring_in(sender, list(islice(material, WARM_UP)))
            send(sender, receiver, process)
            first = given(sender, receiver) + 1
            figures: dict[str, float] = {}
            for size in (count // 10, count):
                bring_in(sender, list(islice(material, size)))
                sent, released, release_cpu, seconds, cpu = send(sender, receiver, process)
                figures[f"stream_{size}"] = sent / seconds
                figures[f"release_{size}"] = sent / released
                figures[f"release_cpu_us_{size}"] = release_cpu / sent * 1e6
                figures[f"cpu_us_{size}"] = cpu / sent * 1e6
            figures["growth"] = figures[f"cpu_us_{count}"] / figures[f"cpu_us_{count // 10}"]
            figures["limit_wire"] = limit_wire(sender, receiver, first)
        finally:
            process.kill()
        figures["limit_disk"] = limit_disk(sender, receiver, folder)
    print(
        f"stream     {figures[f'stream_{count // 10}']:>9,.0f} objects/s at {count // 10:,}, "
        f"{figures[f'stream_{count}']:,.0f} at {count:,} (at least 1,000)\n"
        f"  cost     {figures[f'cpu_us_{count // 10}']:>9,.0f} µs of CPU an object on both sides, "
        f"{figures[f'cpu_us_{count}']:,.0f} at {count:,}: {figures['growth']:.2f} times (at most 1.25)\n"
        f"  release  {figures[f'release_{count}']:>9,.0f} objects/s decided, proven and queued, "
        f"{figures[f'release_cpu_us_{count}']:,.0f} µs of CPU each\n"
        f"  limit    {figures['limit_wire']:>9,.0f} objects/s when the same bodies are only posted over loopback TLS\n"
        f"  limit    {figures['limit_disk']:>9,.0f} objects/s when the same rows of both sides are only inserted"
    )
    return figures


def main() -> None:
    """Run from the command line."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--objects", type=int, default=100_000)
    run(arguments.parse_args().objects)


if __name__ == "__main__":
    main()
