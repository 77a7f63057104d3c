"""Look-up of an observable value as `hilf search --value` does it, among a million objects, warm, against the bare index.

    python -m bench.lookup [--objects 1000000]

The import that fills the database is measured as well: its memory is the promise of 600 MB.
"""

import argparse
import random
import sqlite3
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

from bench.intake import own
from bench.material import indicators

LOOKUPS = 3_000


def timed(questions: list, answer) -> tuple[float, float, float]:
    """(median, 95th and 99th percentile) of one answer, in milliseconds."""
    took = []
    for question in questions:
        began = time.perf_counter()
        found = answer(question)
        took.append((time.perf_counter() - began) * 1000)
        if not found:
            raise RuntimeError(question)
    cuts = statistics.quantiles(took, n=100)
    return cuts[49], cuts[94], cuts[98]


def _look_up(home, key: tuple[str, str]):
    """What `hilf search --value` does: the value read as a person typed it, the page, the total."""
    from hilf.node import search

    return search.find(home, search.terms_of(value=key[1])).objects


def run(count: int = 1_000_000) -> dict[str, float]:
    """Measure, print, and give the figures."""
    from hilf.node.home import Home, index_key
    from hilf.stix.observable import keys_of
    from hilf.store import database
    from hilf.store.intelligence import fulltext, search
    from hilf.store.intelligence.index import value_key

    with tempfile.TemporaryDirectory(prefix="hilf-bench-") as folder:
        filled = own(count, Path(folder))
        file = Path(folder) / "home" / "hilf.sqlite3"
        home = Home(Path(folder) / "home", "cert.qm.example", "")
        key = index_key(home)
        asked = random.Random(7).sample(range(count), min(LOOKUPS, count))
        wanted = set(asked)
        values = [keys_of(each)[0] for n, each in enumerate(indicators(count)) if n in wanted and n % 4 != 1]
        random.Random(8).shuffle(values)
        look_up = partial(_look_up, home)
        timed(values, look_up)
        own_ms = timed(values, look_up)
        bare = sqlite3.connect(file)
        limit_ms = timed(
            [value_key(*each, key) for each in values],
            lambda h: bare.execute("SELECT seq FROM observable_key WHERE h = ?", (h,)).fetchall(),
        )
        bare.close()
        began, filled_text = time.perf_counter(), 0
        while True:
            with database.transaction():
                done = fulltext.fill()
            filled_text += done
            if not done:
                break
        text_rate = filled_text / (time.perf_counter() - began)
        text_ms = timed(
            [f"indicator {n} of campaign" for n in asked[:200]], lambda each: search.find((), key, each).total
        )
        common_ms = timed(["beacon"] * 20, lambda each: search.find((), key, each, limit=50).objects)
        per_object = sum(each.stat().st_size for each in file.parent.glob("hilf.sqlite3*")) / count
    print(
        f"look-up at {count:,}: p50 {own_ms[0]:.3f} ms, p95 {own_ms[1]:.3f} ms, p99 {own_ms[2]:.3f} ms;"
        f" limit, bare index: p50 {limit_ms[0]:.3f} ms, p95 {limit_ms[1]:.3f} ms"
    )
    print(
        f"import of {count:,}: {filled['rate']:,.0f} objects/s, memory {filled['memory_mb']:.0f} MB,"
        f" {per_object:,.0f} bytes an object with full text; full text {text_rate:,.0f} objects/s,"
        f" rare words p95 {text_ms[1]:.1f} ms, a word in most of them p50 {common_ms[0]:.1f} ms"
    )
    return {"p50_ms": own_ms[0], "p95_ms": own_ms[1], "limit_p95_ms": limit_ms[1], **filled}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--objects", type=int, default=1_000_000)
    run(parser.parse_args().objects)
