import gc
import io
import json
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import orjson
import pytest

from hilf.accord.placing import ObjectState
from hilf.canonical import dumps, sha256
from hilf.errors import CallerFault, OperatorFault
from hilf.markings.tlp import Tlp
from hilf.node import intake
from hilf.node.home import index_key
from hilf.settings import open_home
from hilf.store import database
from hilf.store.intelligence import erase, imports, read
from tests.conftest import NOW
from tests.stix_objects import STAMP, an_indicator, bundle, json_lines, stix_id

LATER = "2026-11-21T10:00:00.000Z"


@pytest.fixture
def take_in(home, tmp_path):
    """Write bytes to a file and import it."""

    def run(*contents, marking=None, source=None, into=home):
        files = []
        for content in contents:
            file = tmp_path / f"file{len(list(tmp_path.glob('file*')))}.json"
            file.write_bytes(content)
            files.append(str(file))
        return intake.import_files(into, files, marking, source, NOW)

    return run


def kept(home, identifier):
    return read.assertions_of(identifier, index_key(home))


def numbers(result):
    counts = result.counts()
    assert counts["read"] == counts["accepted"] + counts["refused"] + counts["quarantined"]
    assert counts["accepted"] == counts["new"] + counts["updated"] + counts["duplicate"]
    names = ("new", "updated", "duplicate", "refused", "quarantined")
    return {name: counts[name] for name in names if counts[name]}


def rules(result):
    return [(each.object, each.place.split(" /")[0], each.rule, each.outcome) for each in result.findings]


def test_a_file_is_kept_as_it_came_on_both_databases(either_home, tmp_path):
    one = (
        b'{ "type" : "bundle", "id": "bundle--x", "objects": [ '
        + json.dumps(an_indicator(1), indent=1).encode()
        + b" ]}"
    )
    file = tmp_path / "feed.json"
    file.write_bytes(one)
    result = intake.import_files(either_home, [str(file)], None, "feed", NOW)
    assert numbers(result) == {"new": 1}
    (held,) = kept(either_home, stix_id("indicator", 1))
    assert held.body == json.dumps(an_indicator(1), indent=1).encode()
    assert held.sha256 == sha256(dumps(an_indicator(1)))
    assert (held.asserter, held.author, held.state) == (either_home.node, None, ObjectState.CURRENT)
    assert (held.created, held.modified) == (1_763_632_800_000_000 + 365 * 86_400_000_000,) * 2
    record = imports.get(result.imports[0])
    assert (record.source, record.name, record.state, record.counts) == (
        "feed",
        str(file),
        "done",
        result.counts(),
    )


def test_a_second_run_counts_duplicates_and_changes_nothing(take_in, home):
    content = bundle(an_indicator(1), an_indicator(2))
    take_in(content)
    before = database.rows("SELECT * FROM object ORDER BY seq")
    assert numbers(take_in(content)) == {"duplicate": 2}
    assert database.rows("SELECT * FROM object ORDER BY seq") == before


def test_versions_are_counted_as_the_promise_says(take_in, home):
    assert numbers(take_in(bundle(an_indicator(1, LATER)))) == {"new": 1}
    assert numbers(take_in(bundle(an_indicator(1)))) == {"updated": 1}
    assert numbers(take_in(bundle(an_indicator(1, "2026-11-22T10:00:00.000Z")))) == {"updated": 1}
    assert [each.state for each in kept(home, stix_id("indicator", 1))] == [0, 1, 1]


def test_the_same_version_with_other_bytes_is_quarantined_as_evidence(take_in, home):
    other = an_indicator(1, name="other")
    result = take_in(bundle(an_indicator(1), other))
    assert numbers(result) == {"new": 1, "quarantined": 1}
    assert rules(result) == [(other["id"], "objects[1]", intake.EQUIVOCATION, "quarantined")]
    assert [(each.state, each.object["name"]) for each in kept(home, other["id"])] == [
        (ObjectState.CURRENT, "Indicator 1"),
        (ObjectState.QUARANTINED, "other"),
    ]
    assert numbers(take_in(bundle(other))) == {"quarantined": 1}


def test_what_was_retracted_is_refused_when_it_comes_again(take_in, home):
    take_in(bundle(an_indicator(1)))
    with database.transaction():
        erase.hide([each.seq for each in kept(home, stix_id("indicator", 1))])
    result = take_in(bundle(an_indicator(1)))
    assert numbers(result) == {"refused": 1}
    assert [each.rule for each in result.findings] == [intake.RETRACTED]


def test_a_marking_is_laid_over_and_never_loosens(take_in, home):
    red = an_indicator(2, object_marking_refs=[Tlp.RED.marking_id])
    take_in(bundle(an_indicator(1), red), marking="tlp:green")
    (plain,), (own,) = kept(home, stix_id("indicator", 1)), kept(home, stix_id("indicator", 2))
    assert (plain.tlp, plain.overlay) == (Tlp.GREEN, (Tlp.GREEN.marking_id,))
    assert (own.tlp, own.overlay) == (Tlp.RED, (Tlp.GREEN.marking_id,))
    assert plain.object == an_indicator(1)


def test_a_marking_of_a_part_counts_for_the_column(take_in, home):
    part = [{"marking_ref": Tlp.RED.marking_id, "selectors": ["name"]}]
    take_in(
        bundle(
            an_indicator(1, granular_markings=part, object_marking_refs=[Tlp.CLEAR.marking_id]),
            an_indicator(2),
        )
    )
    assert [kept(home, stix_id("indicator", n))[0].tlp for n in (1, 2)] == [Tlp.RED, None]


def test_the_source_s_default_marking_applies_where_none_is_given(take_in, home):
    imports.set_source(imports.SourceProfile("feed", "tlp:amber", "B"))
    take_in(bundle(an_indicator(1)), source="feed")
    take_in(bundle(an_indicator(2)), source="feed", marking="tlp:clear")
    take_in(bundle(an_indicator(3)))
    assert [kept(home, stix_id("indicator", n))[0].tlp for n in (1, 2, 3)] == [Tlp.AMBER, Tlp.CLEAR, None]
    assert [each.name for each in imports.sources()] == ["feed", intake.UNNAMED_SOURCE]


def test_saying_it_again_under_a_stricter_marking_makes_it_stricter(take_in, home):
    take_in(bundle(an_indicator(1)), marking="tlp:green")
    assert numbers(take_in(bundle(an_indicator(1)), marking="tlp:red")) == {"updated": 1}
    assert numbers(take_in(bundle(an_indicator(1)), marking="tlp:green")) == {"duplicate": 1}
    assert kept(home, stix_id("indicator", 1))[0].tlp == Tlp.RED


def test_our_own_objects_are_ours(take_in, home):
    from hilf.node.init import stix_identity_id

    take_in(bundle(an_indicator(1, created_by_ref=stix_identity_id(home.node))))
    assert kept(home, stix_id("indicator", 1))[0].author == home.node


def test_an_object_of_stix_2_0_is_read_and_its_bytes_are_kept(take_in, home):
    old = {
        "type": "malware",
        "id": stix_id("malware", 1),
        "created": STAMP,
        "modified": STAMP,
        "name": "X",
        "labels": ["trojan"],
    }
    result = take_in(
        orjson.dumps({"type": "bundle", "id": "bundle--x", "spec_version": "2.0", "objects": [old]})
    )
    assert numbers(result) == {"new": 1}
    assert result.warnings == 1
    (held,) = kept(home, old["id"])
    assert held.original == orjson.dumps(old)
    assert (held.object["spec_version"], held.sha256) == ("2.1", sha256(held.body))
    assert numbers(take_in(bundle(old))) == {"duplicate": 1}


BAD = {
    "broken JSON": (b'{"type": "indicator", "id": ', "json.broken"),
    "a wrong type": (orjson.dumps(an_indicator("x", confidence="high")), "stix.schema"),
    "a list where text must be": (orjson.dumps(an_indicator("x", pattern=["x"])), "stix.schema"),
    "no object": (b'["not an object"]', None),
    "a million brackets": (b'{"a":' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}", "json.depth"),
    "a duplicate name": (orjson.dumps(an_indicator("x"))[:-1] + b',"name":"again"}', "json.duplicate-name"),
    "NaN": (orjson.dumps(an_indicator("x"))[:-1] + b',"x_n":NaN}', "json.nan"),
    "a lone surrogate": (orjson.dumps(an_indicator("x"))[:-1] + b',"x_s":"\\ud800"}', "json.lone-surrogate"),
    "a wrong pattern": (orjson.dumps(an_indicator("x", pattern="[not a pattern")), "stix.pattern"),
    "no UTF-8": (orjson.dumps(an_indicator("x"))[:-1] + b',"x_s":"\xff"}', "json.utf-8"),
}


@pytest.mark.parametrize("what", BAD)
def test_something_wrong_is_refused_by_a_named_rule_and_the_rest_goes_on(what, take_in):
    content, rule = BAD[what]
    result = take_in(json_lines(an_indicator(1), content, an_indicator(2)))
    assert (result.new, result.accepted, result.quarantined) == (2, 2, 0), result
    assert result.refused >= 1
    assert [each.outcome for each in result.findings if each.rule == rule or rule is None] != [], (
        result.findings
    )


def test_what_is_wrong_is_kept_with_its_bytes_and_every_fault(take_in, home):
    wrong = orjson.dumps(an_indicator(1, confidence=900, pattern="[x", valid_until=STAMP))
    result = take_in(json_lines(wrong))
    found = [each for _, each in imports.findings(result.imports[0])]
    assert sorted({each.rule for each in found}) == ["stix.pattern", "stix.schema", "stix.time-order"]
    assert [each.body for each in found] == [wrong, *[None] * (len(found) - 1)]
    assert {each.outcome for each in found} == {"refused"}


def test_a_name_without_end_that_holds_a_reference_stops_no_import(either_home, tmp_path):
    """An index of PostgreSQL holds 2,704 bytes; the name of a property may have 8 MiB."""
    target = "malware--11111111-1111-4111-8111-111111111111"
    entry = {**an_indicator(1), "x_" + secrets.token_hex(4000) + "_ref": target}
    file = tmp_path / "endless.json"
    file.write_bytes(orjson.dumps([entry]))
    assert intake.import_files(either_home, [str(file)], None, None, NOW).new == 1


def test_a_number_that_cannot_be_kept_exactly_is_quarantined_never_rounded(take_in, home):
    result = take_in(json_lines(orjson.dumps(an_indicator(1))[:-1] + b',"x_n":9007199254740993}'))
    assert numbers(result) == {"quarantined": 1}
    assert kept(home, stix_id("indicator", 1)) == ()
    assert imports.findings(result.imports[0])[0][1].body.endswith(b"9007199254740993}")


def test_a_version_from_the_future_waits_for_a_person_and_counts_when_its_time_has_come(
    take_in, home, tmp_path
):
    ahead = an_indicator(1, "2026-11-25T10:00:00.000Z")
    assert numbers(take_in(bundle(ahead))) == {"quarantined": 1}
    assert [each.state for each in kept(home, ahead["id"])] == [ObjectState.QUARANTINED]
    file = tmp_path / "again.json"
    file.write_bytes(bundle(ahead))
    assert numbers(intake.import_files(home, [str(file)], None, None, NOW.replace(day=26))) == {"new": 1}


def test_every_tenth_object_wrong_leaves_nine_of_ten(take_in):
    objects = [an_indicator(n, **({"confidence": -1} if n % 10 == 0 else {})) for n in range(1000)]
    assert numbers(take_in(bundle(*objects))) == {"new": 900, "refused": 100}


def test_several_files_are_several_imports_with_one_count(take_in):
    result = take_in(bundle(an_indicator(1)), json_lines(an_indicator(1), an_indicator(2)))
    assert (numbers(result), len(result.imports)) == ({"new": 2, "duplicate": 1}, 2)
    assert [imports.get(each).counts["read"] for each in result.imports] == [1, 2]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "import.empty"),
        (b" \n\t", "import.empty"),
        (b"hello", "import.not-json"),
        (b"\x89PNG\r\n", "import.not-json"),
    ],
)
def test_a_file_that_is_no_json_is_refused_before_anything_is_written(content, code, take_in):
    with pytest.raises(CallerFault) as refused:
        take_in(bundle(an_indicator(1)), content)
    assert refused.value.code == code
    assert imports.newest() == ()


def test_files_that_cannot_be_opened_are_named(home, tmp_path):
    for name, code in (
        (str(tmp_path / "none"), "import.no-file"),
        (str(tmp_path), "import.no-file"),
        ("http://x.example/f", "import.url"),
    ):
        with pytest.raises(CallerFault) as refused:
            intake.import_files(home, [name], None, None, NOW)
        assert refused.value.code == code


def test_an_unknown_marking_is_refused_before_anything_is_written(take_in):
    with pytest.raises(CallerFault) as refused:
        take_in(bundle(an_indicator(1)), marking="tlp:purple")
    assert (refused.value.code, imports.newest()) == ("markings.tlp", ())


def test_an_empty_bundle_and_a_byte_order_mark_are_no_faults(take_in):
    assert numbers(take_in(b'{"type":"bundle","id":"bundle--x"}')) == {}
    assert numbers(take_in(b"\xef\xbb\xbf" + bundle(an_indicator(1)))) == {"new": 1}


def test_progress_adds_up_to_the_file_and_the_collector_is_left_as_it_was(home, tmp_path):
    file = tmp_path / "feed.json"
    file.write_bytes(json_lines(*(an_indicator(n) for n in range(50))))
    told = []
    intake.import_files(home, [str(file)], None, None, NOW, told.append)
    assert (sum(told), gc.isenabled(), gc.get_freeze_count()) == (file.stat().st_size - 1, True, 0)


def test_a_locked_database_is_named_and_nothing_is_written(home, tmp_path):
    settings = home.path / "hilf.toml"
    settings.write_text(settings.read_text() + "lock_timeout_s = 0\n")
    file = tmp_path / "feed.json"
    file.write_bytes(bundle(an_indicator(1)))
    with sqlite3.connect(home.path / "hilf.sqlite3", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperatorFault) as locked:
            intake.import_files(open_home(home.path), [str(file)], None, None, NOW)
        other.execute("ROLLBACK")
    assert (locked.value.code, imports.newest()) == ("store.locked", ())
    assert "0 s" in locked.value.why
    assert numbers(intake.import_files(home, [str(file)], None, None, NOW)) == {"new": 1}


def test_a_full_disk_is_named_and_whole_chunks_before_it_are_kept(home, tmp_path):
    file = tmp_path / "feed.json"
    file.write_bytes(json_lines(*(an_indicator(n, description="x" * 3000) for n in range(1000))))
    (pages,) = database.row("PRAGMA page_count")
    database.row(f"PRAGMA max_page_count = {pages + 600}")
    with pytest.raises(OperatorFault) as full:
        intake.import_files(home, [str(file)], None, None, NOW, chunk=100)
    assert full.value.code == "store.disk-full"
    database.row("PRAGMA max_page_count = 1073741823")
    (record,) = imports.newest()
    (held,) = database.row("SELECT count(*) FROM object WHERE import_id = %s", (record.import_id,))
    assert (held % 100, held > 0, held < 1000) == (0, True, True)
    assert record.counts["new"] == held
    again = intake.import_files(home, [str(file)], None, None, NOW)
    assert numbers(again) == {"new": 1000 - held, "duplicate": held}


CHILD = """
import sys
from pathlib import Path
from hilf.node import intake
from hilf.settings import open_home
from datetime import UTC, datetime
intake.import_files(open_home(Path(sys.argv[1])), [sys.argv[2]], None, None, datetime(2026, 11, 24, tzinfo=UTC),
                    lambda _: print("chunk", flush=True), 200)
"""


def test_a_kill_in_the_middle_leaves_whole_chunks_and_the_next_run_the_rest(home, tmp_path):
    file = tmp_path / "feed.json"
    file.write_bytes(json_lines(*(an_indicator(n) for n in range(5000))))
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(home.path), str(file)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    for _ in range(3):
        assert child.stdout.readline() == b"chunk\n"
    time.sleep(0.002)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    (record,) = imports.newest()
    (held,) = database.row("SELECT count(*) FROM object WHERE import_id = %s", (record.import_id,))
    assert (held % 200, held >= 600, held < 5000) == (0, True, True)
    assert (record.state, record.counts["new"]) == ("running", held)
    assert database.rows("PRAGMA integrity_check") == [("ok",)]
    again = intake.import_files(home, [str(file)], None, None, NOW)
    assert numbers(again) == {"new": 5000 - held, "duplicate": held}
    assert database.row("SELECT count(*), count(DISTINCT stix_id) FROM object WHERE type = 'indicator'") == (
        5000,
        5000,
    )


def test_standard_input_is_read_by_a_dash(home, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(bundle(an_indicator(1))))
    monkeypatch.setattr(sys, "stdin", stream)
    assert numbers(intake.import_files(home, ["-"], None, None, NOW)) == {"new": 1}
    assert imports.newest()[0].name == "-"


def test_a_named_pipe_is_read_once(home, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(bundle(an_indicator(1))))
    writer.start()
    assert numbers(intake.import_files(home, [str(pipe)], None, None, NOW)) == {"new": 1}
    writer.join()


def corpus():
    folder = os.environ.get("HILF_CORPUS")
    if not folder:
        return []
    return [
        str(each)
        for name in ("mvt/*.stix2", "amnesty/*.stix2", "attack/*.json")
        for each in sorted(Path(folder).glob(name))
    ]


@pytest.mark.skipif(not corpus(), reason="HILF_CORPUS names no folder of real feeds")
def test_every_object_of_the_real_feeds_is_accepted_or_refused_by_a_named_rule_and_a_second_run_changes_nothing(
    home,
):
    first = intake.import_files(home, corpus(), "tlp:clear", "corpus", NOW.replace(year=2027))
    assert first.read > 3000
    named = {
        each.object for each in first.findings if each.rule and each.outcome in ("refused", "quarantined")
    }
    assert len(named) == first.refused + first.quarantined
    before = database.rows("SELECT seq, sha256, state, tlp, import_id FROM object ORDER BY seq")
    second = intake.import_files(home, corpus(), "tlp:clear", "corpus", NOW.replace(year=2027))
    assert (second.new, second.updated, second.duplicate) == (0, 0, first.accepted)
    assert (second.refused, second.quarantined) == (first.refused, first.quarantined)
    assert database.rows("SELECT seq, sha256, state, tlp, import_id FROM object ORDER BY seq") == before
