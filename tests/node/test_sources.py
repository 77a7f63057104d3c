import pytest

from hilf.accord.placing import ObjectState
from hilf.errors import CallerFault, Refusal
from hilf.node import intake, sources
from hilf.node import search as search_verb
from hilf.node.home import index_key
from hilf.stix.select import parse
from hilf.store import database
from hilf.store.intelligence import imports, read, search
from hilf.store.intelligence.imports import SourceProfile
from tests.conftest import NOW
from tests.stix_objects import an_indicator, bundle, stix_id

NEWER, NEWEST = "2026-11-21T10:00:00.000Z", "2026-11-22T10:00:00.000Z"


def bring(home, tmp_path, *objects):
    file = tmp_path / "feed.json"
    file.write_bytes(bundle(*objects))
    return intake.import_files(home, [str(file)], None, "feed", NOW).imports[0]


def states(home, number=1):
    return [
        (each.modified is not None and each.object["modified"], each.state)
        for each in read.assertions_of(stix_id("indicator", number), index_key(home))
    ]


def test_a_source_is_described_step_by_step(home):
    assert sources.describe("feed", "TLP:Amber", None, None) == SourceProfile("feed", "tlp:amber", "F", None)
    assert sources.describe("feed", None, "B", "amal") == SourceProfile("feed", "tlp:amber", "B", "amal")
    assert sources.listed() == (SourceProfile("feed", "tlp:amber", "B", "amal"),)


@pytest.mark.parametrize(
    ("described", "code"),
    [
        ((" ", None, None), "sources.name"),
        (("x", "tlp:purple", None), "markings.tlp"),
        (("x", None, "G"), "sources.reliability"),
    ],
)
def test_a_wrong_description_is_refused(home, described, code):
    with pytest.raises(CallerFault) as refused:
        sources.describe(*described, None)
    assert (refused.value.code, sources.listed()) == (code, ())


def test_undoing_takes_back_what_the_import_alone_brought(either_home, tmp_path):
    home = either_home
    first = bring(home, tmp_path, an_indicator(1), an_indicator(2))
    second = bring(home, tmp_path, an_indicator(1, NEWER), an_indicator(2), an_indicator(3))
    assert sources.take_back(home, second) == sources.Undone(second, 2, 0)
    assert states(home) == [(an_indicator()["modified"], ObjectState.CURRENT)]
    assert (len(states(home, 2)), states(home, 3)) == (1, [])
    assert search.find(parse("value:host3.example"), index_key(home)).objects == ()
    assert [(r.import_id, r.state) for r in sources.newest_imports(home)] == [
        (second, "undone"),
        (first, "done"),
    ]


def test_an_import_runs_while_its_process_does_and_was_interrupted_after(either_home, tmp_path):
    home, seen = either_home, []
    first = bring(home, tmp_path, an_indicator(1))
    file = tmp_path / "feed.json"

    def look(_):
        seen.extend(each.state for each in sources.newest_imports(home))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        intake.import_files(home, [str(file)], None, "feed", NOW, look)
    assert seen == ["running", "done"]
    newest = sources.newest_imports(home)[0]
    assert (newest.import_id, newest.state, newest.counts["duplicate"]) == (first + 1, "interrupted", 1)
    assert sources.take_back(home, newest.import_id).removed == 0
    assert [each.state for each in sources.newest_imports(home)] == ["undone", "done"]
    assert list(home.path.glob("import-*.lock")) == []


def test_an_import_whose_process_was_killed_was_interrupted(home):
    with database.transaction():
        number = imports.start("feed.json", "feed", None, 0)
    (home.path / f"import-{number}.lock").touch()
    assert [each.state for each in sources.newest_imports(home)] == ["interrupted"]
    with sources.running(home, number):
        assert [each.state for each in sources.newest_imports(home)] == ["running"]


def test_what_another_import_brought_too_stays_until_that_one_is_undone(home, tmp_path):
    first = bring(home, tmp_path, an_indicator(1), an_indicator(2))
    second = bring(home, tmp_path, an_indicator(1))
    assert sources.take_back(home, first) == sources.Undone(first, 1, 1)
    assert (len(states(home, 1)), len(states(home, 2))) == (1, 0)
    assert sources.take_back(home, second) == sources.Undone(second, 1, 0)
    assert states(home, 1) == []


def test_an_import_that_was_undone_keeps_nothing_for_itself(home, tmp_path):
    first = bring(home, tmp_path, an_indicator(1))
    sources.take_back(home, bring(home, tmp_path, an_indicator(1)))
    assert sources.take_back(home, first) == sources.Undone(first, 1, 0)
    assert states(home, 1) == []


def test_an_import_that_only_repeated_takes_nothing_with_it(home, tmp_path):
    bring(home, tmp_path, an_indicator(1))
    second = bring(home, tmp_path, an_indicator(1))
    assert sources.take_back(home, second) == sources.Undone(second, 0, 0)
    assert len(states(home)) == 1


def test_after_undoing_the_same_file_is_new_again(home, tmp_path):
    sources.take_back(home, bring(home, tmp_path, an_indicator(1)))
    bring(home, tmp_path, an_indicator(1))
    assert [state for _, state in states(home)] == [ObjectState.CURRENT]


def test_undoing_a_version_in_the_middle_leaves_the_newest_current(home, tmp_path):
    bring(home, tmp_path, an_indicator(1))
    second = bring(home, tmp_path, an_indicator(1, NEWER))
    bring(home, tmp_path, an_indicator(1, NEWEST))
    sources.take_back(home, second)
    assert [state for _, state in states(home)] == [ObjectState.CURRENT, ObjectState.OLDER]


def test_undoing_twice_and_what_never_was_are_refused(home, tmp_path):
    first = bring(home, tmp_path, an_indicator(1))
    sources.take_back(home, first)
    with pytest.raises(Refusal) as refused:
        sources.take_back(home, first)
    assert refused.value.code == "imports.undone"
    with pytest.raises(CallerFault) as unknown:
        sources.take_back(home, 99)
    assert unknown.value.code == "imports.unknown"


def sent(seq, state="sent"):
    database.execute(
        "INSERT INTO act (act_id, outgoing, peer, kind, at, state, envelope, object_seq)"
        " VALUES (%s, %s, 'cert.qn.example', 'object', 0, %s, %s, %s)",
        (b"x" * 32, True, state, b"{}", seq),
    )


def test_what_was_released_must_be_retracted_before_it_can_be_undone(either_home, tmp_path):
    home = either_home
    first = bring(home, tmp_path, an_indicator(1), an_indicator(2))
    (held,) = read.assertions_of(stix_id("indicator", 1), index_key(home))
    sent(held.seq)
    with pytest.raises(Refusal) as refused:
        sources.take_back(home, first)
    assert refused.value.code == "imports.released"
    assert f"{held.stix_id} went, or is about to go, to cert.qn.example" in refused.value.what
    assert (len(states(home, 1)), len(states(home, 2))) == (1, 1)


def test_what_was_dropped_before_it_left_does_not_hinder(home, tmp_path):
    first = bring(home, tmp_path, an_indicator(1))
    (held,) = read.assertions_of(stix_id("indicator", 1), index_key(home))
    sent(held.seq, "dropped")
    assert sources.take_back(home, first).removed == 1


def test_what_is_proposed_for_a_partner_hinders_too(home, tmp_path):
    from hilf.store.release import proposal

    first = bring(home, tmp_path, an_indicator(1))
    (held,) = read.assertions_of(stix_id("indicator", 1), index_key(home))
    release = proposal.KeptRelease(
        "release--1", "cert.qn.example", proposal.PROPOSED, "", "defence", 0, None, 1, "0" * 64
    )
    with database.transaction():
        proposal.put(release, [proposal.Item(b"x" * 32, b"{}", held.seq)])
    with pytest.raises(Refusal) as refused:
        sources.take_back(home, first)
    assert refused.value.code == "imports.released"


def test_undone_words_are_in_no_file(home, tmp_path):
    first = bring(home, tmp_path, an_indicator(1, name="zqxjkvwpsecret"))
    search_verb.fill_text()
    files = list(home.path.glob("hilf.sqlite3*"))
    assert any(b"zqxjkvwpsecret" in file.read_bytes() for file in files)
    sources.take_back(home, first)
    for words in (b"zqxjkvwpsecret", b"jkvwpsecret"):
        assert [file.name for file in home.path.glob("hilf.sqlite3*") if words in file.read_bytes()] == []


def test_findings_are_paged_and_an_unknown_import_is_named(home, tmp_path):
    wrong = [an_indicator(n, confidence=900) for n in range(3)]
    first = bring(home, tmp_path, *wrong)
    page = sources.findings(first, None, 2)
    assert [f.object for _, f in page] == [each["id"] for each in wrong[:2]]
    assert [f.object for _, f in sources.findings(first, None, 2, page[-1][0])] == [wrong[2]["id"]]
    with pytest.raises(CallerFault):
        sources.findings(99, None, 2)
