"""Sheets: a few bytes of each row, however many there are."""

import tracemalloc

import pytest

from hilf.accord.profile import Profile
from hilf.markings.marking import NONE
from hilf.node.candidate import Candidate
from hilf.node.profile import About
from hilf.node.sheet import Sheet
from hilf.store.intelligence.index import id_key

ABOUT = About(Profile("object", "indicator", NONE, "cert.qm.example"), (), None)
PAGE = 2_000


def page(start: int) -> list[Candidate]:
    """Rows of which every fourth joins two others."""
    return [
        Candidate(n, f"relationship--{n}", "relationship", "cert.qm.example", bytes(32), ABOUT,
                  (f"indicator--{n - 1}", f"indicator--{n - 2}"))
        if n % 4 == 3
        else Candidate(n, f"indicator--{n}", "indicator", "cert.qm.example", bytes(32), ABOUT)
        for n in range(start, start + PAGE)
    ]  # fmt: skip


def size(rows: int) -> int:
    """Bytes that a sheet of so many rows takes, and at most took while it was made."""
    id_key.cache_clear()  # of which a process keeps so many, whatever it reads
    tracemalloc.start()
    try:
        made = Sheet(b"k" * 32)
        for start in range(0, rows, PAGE):
            made.add(page(start), {})
        made.ready()
        assert len(made) == rows
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.timeout(60)
def test_a_row_more_takes_less_than_a_hundred_and_twenty_bytes_more() -> None:
    assert size(100_000) - size(60_000) < 40_000 * 120


def test_who_says_a_row_is_known() -> None:
    made = Sheet(b"k" * 32)
    made.add([each._replace(asserter=f"cert.q{each.seq % 3}.example") for each in page(0)[:9]], {})
    made.ready()
    assert [made.speaker(row) for row in range(3)] == [
        "cert.q0.example",
        "cert.q1.example",
        "cert.q2.example",
    ]
    assert (list(made.said_by("cert.q1.example")), list(made.said_by("cert.q9.example"))) == ([1, 4, 7], [])
