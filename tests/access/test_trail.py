"""The chain of the audit trail: whatever is changed, taken out or put in shows, by number."""

from datetime import UTC, datetime

import orjson
import pytest

from hilf.access.trail import GENESIS, Broken, Kind, Row, Who, body, broken, link

AT = datetime(2026, 11, 25, 3, 30, tzinfo=UTC)


def trail(count):
    rows, before = [], GENESIS
    for seq in range(1, count + 1):
        said = body(seq, AT, Kind.DID, Who("amal", None, "console"), "import", f"object--{seq}", {})
        before = link(before, said)
        rows.append(Row(seq, AT, "did", "amal", "import", f"object--{seq}", said, before))
    return rows


def faults(rows, counted=5):
    return list(broken(rows, [orjson.loads(row.body) for row in rows], counted))


def changed(rows, seq, **members):
    from dataclasses import replace

    return [replace(row, **members) if row.seq == seq else row for row in rows]


def test_a_trail_that_nobody_touched_holds():
    assert faults(trail(5)) == []


@pytest.mark.parametrize("seq", [1, 3, 5])
def test_another_body_is_named(seq):
    rows = trail(5)
    other = rows[seq - 1].body.replace(b"amal", b"omar")
    assert faults(changed(rows, seq, body=other)) == [Broken(seq, "changed")]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("person", "omar"),
        ("kind", "saw"),
        ("action", "x"),
        ("subject", "y"),
        ("at", datetime(2020, 1, 1, tzinfo=UTC)),
    ],
)
def test_another_column_is_named(column, value):
    assert faults(changed(trail(5), 2, **{column: value})) == [Broken(2, "repeated")]


def test_a_row_that_was_taken_out_is_named():
    rows = trail(5)
    assert faults(rows[:2] + rows[3:]) == [Broken(3, "missing"), Broken(4, "unlinked")]


def test_the_end_that_was_cut_off_is_named():
    assert faults(trail(3)) == [Broken(4, "missing"), Broken(5, "missing")]


def test_a_row_written_anew_with_its_hash_does_not_lead_to_the_next():
    rows = trail(5)
    other = rows[1].body.replace(b"amal", b"omar")
    forged = changed(rows, 2, body=other, person="omar", hash=link(rows[0].hash, other))
    assert faults(forged) == [Broken(3, "changed")]
