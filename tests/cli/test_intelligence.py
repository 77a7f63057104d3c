import base64
import json
import os
import pty
import subprocess
import sys

import orjson
import pytest
from click.testing import CliRunner

from hilf.canonical import content_id
from hilf.cli.main import hilf
from hilf.node.home import index_key
from hilf.store import database
from hilf.store.intelligence import erase, read
from tests.stix_objects import an_indicator, bundle, json_lines, stix_id


@pytest.fixture
def run(home):
    """Run a command as a person would; gives (exit code, standard output, standard error)."""

    def invoke(*arguments, stdin=None):
        result = CliRunner().invoke(hilf, [*arguments, "--home", str(home.path)], input=stdin)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    return invoke


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / f"feed{len(list(tmp_path.glob('feed*')))}.json"
        path.write_bytes(content)
        return str(path)

    return write


def test_import_counts_and_ends_with_0_where_all_is_well(run, file):
    feed = file(bundle(an_indicator(1), an_indicator(2)))
    code, out, _ = run("import", feed, "--marking", "tlp:green", "--source", "feed", "--json")
    expected = {
        "read": 2, "accepted": 2, "new": 2, "updated": 0, "duplicate": 0, "refused": 0, "quarantined": 0, "warnings": 0,
        "imports": [1], "findings": [],
    }  # fmt: skip
    assert (code, json.loads(out)) == (0, expected)
    code, out, _ = run("import", feed)
    assert (code, out.splitlines()[0]) == (
        0,
        "Read 2: accepted 2 (new 0, updated 0, duplicate 2), refused 0, quarantined 0.",
    )


def test_import_ends_with_1_when_something_was_refused_or_quarantined(run, file):
    wrong, twice = an_indicator(1, confidence=900), an_indicator(2, name="other")
    code, out, _ = run("import", file(bundle(wrong, an_indicator(2))), "--json")
    found = json.loads(out)
    assert (code, found["refused"], found["findings"][0]["rule"], found["findings"][0]["object"]) == (
        1,
        1,
        "stix.schema",
        wrong["id"],
    )
    assert sorted(found["findings"][0]) == ["message", "object", "outcome", "place", "rule"]
    code, out, _ = run("import", file(bundle(twice)))
    assert (code, "intake.equivocation" in out) == (1, True)


def test_import_reads_standard_input(run):
    code, out, _ = run("import", "-", "--json", stdin=bundle(an_indicator(1)))
    assert (code, json.loads(out)["new"]) == (0, 1)


@pytest.mark.parametrize(("content", "code"), [(b"hello", "import.not-json"), (b"", "import.empty")])
def test_import_of_no_json_is_wrong_use(content, code, run, file):
    exit_code, out, err = run("import", file(content))
    assert (exit_code, out, err.splitlines()[-1]) == (2, "", f"[{code}]")
    exit_code, out, _ = run("import", file(content), "--json")
    assert (exit_code, json.loads(out)["error"]["code"]) == (2, code)


def test_search_by_words_value_type_and_selection(run, file):
    run(
        "import",
        file(bundle(an_indicator(1, name="Pegasus", labels=["a"]), an_indicator(2))),
        "--marking",
        "tlp:green",
    )
    code, out, _ = run("search", "pegasus", "--json")
    found = json.loads(out)
    line = {
        "id": stix_id("indicator", 1), "type": "indicator", "name": "Pegasus", "modified": "2026-11-20T10:00:00.000Z",
        "owner": "cert.qm.example", "marking": "TLP:GREEN",
        "sha256": content_id(an_indicator(1, name="Pegasus", labels=["a"])),
    }  # fmt: skip
    assert (code, found) == (
        0,
        {"total": 1, "total_is_at_least": False, "objects": [line], "waiting": 0, "hints": [], "next": None},
    )
    for options in (
        ["--value", "host1[.]example"],
        ["--select", "label:a"],
        ["--type", "indicator", "pegasus"],
    ):
        assert json.loads(run("search", *options, "--json")[1])["objects"] == [line]
    assert "Pegasus" in run("search", "pegasus")[1]


def test_search_goes_on_by_key_and_says_what_to_do_where_nothing_is_found(run, file):
    run("import", file(bundle(*(an_indicator(n) for n in range(3)))))
    first = json.loads(run("search", "--type", "indicator", "--limit", "2", "--json")[1])
    second = json.loads(
        run("search", "--type", "indicator", "--limit", "2", "--before", str(first["next"]), "--json")[1]
    )
    names = [line["name"] for line in first["objects"] + second["objects"]]
    assert (names, first["total"], second["next"]) == (["Indicator 2", "Indicator 1", "Indicator 0"], 3, None)
    assert run("search", "nothing")[:2] == (
        0,
        "Nothing found. Take something in with hilf import FILE, or ask for less.\n",
    )
    assert run("search", "--select", "colour:red")[0] == 2


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        (["198.51.100.0/24"], "finds objects that name this very range, not the addresses in it"),
        (["--value", "198.51.100[.]0/24"], "finds objects that name this very range"),
        (["2001:db8::/32"], "finds objects that name this very range"),
        (["colour:red"], "colour is no property. Properties for --select: type, id, label"),
        (["score>5"], "score is no property"),
        (["label:apt"], "By a property: hilf search --select 'label:apt'"),
        (["https://host1.example/a"], None),
        (["hxxps://host1[.]example/a"], None),
        (["fe80::1"], None),
        (["pegasus"], None),
        (["TLP:GREEN"], None),
    ],
)
def test_search_says_what_it_does_not_look_for(run, asked, hint):
    lines = run("search", *asked)[1].splitlines()[1:]
    assert (len(lines), hint is None or hint in lines[0]) == (0 if hint is None else 1, True)


def test_an_object_without_tlp_says_how_it_is_treated(run, file):
    run("import", file(bundle(an_indicator(1))))
    assert json.loads(run("search", "--type", "indicator", "--json")[1])["objects"][0]["marking"] == (
        "TLP:AMBER+STRICT (none stated)"
    )


def test_show_raw_gives_exactly_the_kept_bytes(home, file):
    body = b'{"x_first": 1,  ' + orjson.dumps(an_indicator(1))[1:]
    arguments = [sys.executable, "-m", "hilf"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    where = ["--home", str(home.path)]
    subprocess.run(
        [*arguments, "import", file(json_lines(body)), *where],
        env=environment,
        check=True,
        capture_output=True,
    )
    shown = subprocess.run(
        [*arguments, "show", stix_id("indicator", 1), "--raw", *where],
        env=environment,
        check=True,
        capture_output=True,
    )
    assert (shown.stdout, shown.stderr) == (body, b"")


def test_show_tells_who_says_what(run, file):
    run("import", file(bundle(an_indicator(1))))
    run("import", file(bundle(an_indicator(1, "2026-11-21T10:00:00.000Z"))))
    identifier = stix_id("indicator", 1)
    code, out, _ = run("show", identifier, "--json")
    found = json.loads(out)
    assert (code, found["object"]["modified"], len(found["assertions"])) == (0, "2026-11-21T10:00:00.000Z", 1)
    assert found["assertions"][0]["asserter"] == "cert.qm.example"
    code, out, _ = run("show", identifier, "--versions", "--json")
    assert [each["state"] for each in json.loads(out)["assertions"]] == ["current", "older"]
    assert run("show", identifier)[1].startswith(f"{identifier} as cert.qm.example says it: current")
    assert run("show", stix_id("indicator", 2))[0] == 1


def test_show_shows_nothing_of_what_is_hidden(run, file, home):
    run("import", file(bundle(an_indicator(1, name="zqxjkvwpsecret"))))
    (held,) = read.assertions_of(stix_id("indicator", 1), index_key(home))
    with database.transaction():
        erase.hide([held.seq])
    for options in ([], ["--versions"], ["--raw"], ["--json"]):
        code, out, err = run("show", held.stix_id, *options)
        assert "zqxjkvwpsecret" not in out + err
        assert code == (1 if options == ["--raw"] else 0)


def test_findings_are_listed_and_exported_with_the_bytes(run, file):
    wrong, ugly = (
        orjson.dumps(an_indicator(1, confidence=900)),
        orjson.dumps(an_indicator(2))[:-1] + b',"x_s":"\xff"}',
    )
    run("import", file(json_lines(wrong, ugly)))
    code, out, _ = run("findings", "1", "--json")
    listed = json.loads(out)["findings"]
    assert (code, [each["rule"] for each in listed]) == (0, ["stix.schema", "json.utf-8"])
    assert all("body" not in each for each in listed)
    code, out, _ = run("findings", "1", "--json-lines")
    lines = [json.loads(line) for line in out.splitlines()]
    assert lines[0]["body"] == wrong.decode()
    assert base64.b64decode(lines[1]["body_base64"]) == ugly
    assert run("findings", "7")[0] == 2
    assert "stix.schema" in run("findings")[1]


def test_undo_takes_an_import_back(run, file):
    run("import", file(bundle(an_indicator(1))), "--source", "feed")
    listed = json.loads(run("undo", "--list", "--json")[1])["imports"]
    assert [(each["import"], each["source"], each["state"], each["new"]) for each in listed] == [
        (1, "feed", "done", 1)
    ]
    assert json.loads(run("undo", "1", "--json")[1]) == {"import": 1, "removed": 1, "kept": 0}
    assert run("undo", "1")[0] == 1
    assert run("undo", "9")[0] == 2
    assert run("undo")[0] == 2
    assert run("show", stix_id("indicator", 1))[0] == 1
    assert "undone" in run("undo", "--list")[1]


def test_sources_are_described_and_listed(run):
    code, out, _ = run(
        "sources", "set", "feed", "--marking", "tlp:amber", "--reliability", "B", "--owner", "amal", "--json"
    )
    described = {"name": "feed", "marking": "tlp:amber", "reliability": "B", "owner": "amal"}
    assert (code, json.loads(out)) == (0, described)
    assert json.loads(run("sources", "list", "--json")[1]) == {"sources": [described]}
    assert "usually reliable" in run("sources", "list")[1]
    assert run("sources", "set", "feed", "--marking", "purple")[0] == 2


def test_a_bar_is_drawn_on_a_terminal_only(home, file):
    arguments = [
        sys.executable,
        "-m",
        "hilf",
        "import",
        file(bundle(an_indicator(1))),
        "--home",
        str(home.path),
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm"}
    piped = subprocess.run(arguments, env=environment, check=True, capture_output=True)
    assert piped.stderr == b""
    theirs, ours = pty.openpty()
    subprocess.run(arguments, env=environment, check=True, stderr=ours, stdout=subprocess.DEVNULL)
    os.close(ours)
    assert os.read(theirs, 65536) != b""
    os.close(theirs)


def test_an_import_that_a_person_stops_says_how_to_go_on(run, file, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("hilf.node.intake.import_files", stopped)
    code, _, said = run("import", file(b"{}"))
    assert code == 3
    assert "the same command again" in said
    assert said.splitlines()[-1] == "[import.interrupted]"


def test_bytes_that_are_no_text_are_shown_as_bytes(run, file):
    code, _, said = run("import", file(b"\xff\xd8\xff\xe0\x1b[2J"))
    assert (code, said.splitlines()[0].split("it begins with ")[1]) == (2, r"\xff\xd8\xff\xe0\x1b[2J")


def test_findings_begin_with_the_object(run, file):
    run("import", file(bundle({**an_indicator(1), "pattern": "[x"})))
    head, line = run("findings", "1")[1].splitlines()[:2]
    assert head.split() == ["Object", "Place", "Rule", "Outcome", "Message", "From"]
    assert (line.split()[0], line.endswith("import 1")) == (stix_id("indicator", 1), True)
