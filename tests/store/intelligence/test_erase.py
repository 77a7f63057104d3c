from hashlib import sha256

import pytest

from hilf.accord.placing import ObjectState
from hilf.store import database
from hilf.store.intelligence import erase, fulltext, imports, read, search
from hilf.store.intelligence.write import write_assertions
from tests.store.intelligence.material import KEY, identifier, indicator, speaking_of

SECRET = "zqxjkvwpsecret"


def write(*assertions):
    with database.transaction():
        return write_assertions(assertions, KEY)


def secret(number=1, modified=1, **columns):
    return indicator(
        number,
        modified,
        name=SECRET,
        pattern=f"[domain-name:value = '{SECRET}.example']",
        pattern_type="stix",
        sample_ref=identifier("malware", 1),
        columns=columns,
    )


def fill():
    with database.transaction():
        fulltext.fill()


@pytest.mark.usefixtures("store")
def test_hidden_means_that_no_query_gives_a_body_or_finds_it():
    write(secret(authorship=b"{}", original=b"[]"))
    fill()
    with database.transaction():
        assert erase.hide([1]) == 1
        assert erase.hide([1]) == 0
    (kept,) = read.assertions_of(identifier("indicator", 1), KEY)
    assert (kept.state, kept.body, kept.original, kept.object) == (ObjectState.HIDDEN, None, None, {})
    assert read.by_seq([1])[1].body is None
    assert speaking_of(f"{SECRET}.example") == ()
    assert search.pointing_to(identifier("malware", 1), KEY) == ()
    assert search.find((), KEY, SECRET).total == 0
    assert search.find((), KEY) == search.Found(0, ())


@pytest.mark.usefixtures("store")
def test_findings_tell_nothing_of_what_is_hidden():
    write(secret(state=ObjectState.QUARANTINED))
    one, other = identifier("indicator", 1), identifier("indicator", 2)
    with database.transaction():
        imports.note(
            imports.Noted(None, None, 1, each, "", "r", SECRET, "quarantined", SECRET.encode())
            for each in (one, other)
        )
        erase.hide([1])
    assert [(f.object, f.message, f.body) for _, f in imports.findings()] == [
        (one, "taken back with the object", None),
        (other, SECRET, SECRET.encode()),
    ]


@pytest.mark.usefixtures("store")
def test_what_still_stands_becomes_current_when_the_newest_is_hidden():
    write(indicator(modified=1), indicator(modified=2), indicator(modified=3))
    with database.transaction():
        erase.hide([3])
    states = {each.modified: each.state for each in read.assertions_of(identifier("indicator", 1), KEY)}
    assert states == {1: ObjectState.OLDER, 2: ObjectState.CURRENT, 3: ObjectState.HIDDEN}


@pytest.mark.usefixtures("store")
def test_erased_leaves_only_that_there_was_one():
    write(secret(authorship=b"{}", original=b"[]"), indicator(2, name="stays"))
    fill()
    with database.transaction():
        imports.note(
            [imports.Noted(None, None, 1, identifier("indicator", 1), "", "r", SECRET, "quarantined", b"x")]
        )
        assert erase.erase([1], KEY) == 1
        assert erase.erase([1], KEY) == 0
    for table in ("observable", "observable_key", "reference"):
        assert database.rows(f"SELECT * FROM {table}") == []
    assert database.rows("SELECT body, original, authorship, state FROM object WHERE seq = 1") == [
        (None, None, None, 4)
    ]
    assert database.rows("SELECT body, message FROM finding") == [(None, "taken back with the object")]
    assert search.find((), KEY, "stays").total == 1


@pytest.mark.usefixtures("store")
def test_removed_rows_are_gone_and_the_version_before_returns():
    write(secret(modified=1), secret(modified=2))
    fill()
    with database.transaction():
        assert erase.remove([2], KEY) == 1
    assert [(e.modified, e.state) for e in read.assertions_of(identifier("indicator", 1), KEY)] == [
        (1, ObjectState.CURRENT)
    ]
    assert [each.seq for each in speaking_of(f"{SECRET}.example")] == [1]
    assert search.find((), KEY, SECRET).total == 1


def holds(path, words):
    files = [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))]
    return [file.name for file in files if file.exists() and words in file.read_bytes().lower()]


def test_erased_words_are_in_no_file_of_the_database(sqlite_store):
    others = [
        indicator(n, name=f"filler {sha256(bytes([n % 256, n // 256])).hexdigest()}") for n in range(2, 3000)
    ]
    write(*others[:1500])
    write(secret(original=f"[{SECRET}]".encode(), terms=f'{{"x":"{SECRET}"}}'))
    write(*others[1500:])
    with database.transaction():
        imports.note(
            [
                imports.Noted(
                    None, None, 1, identifier("indicator", 1), "", "r", SECRET, "quarantined", SECRET.encode()
                )
            ]
        )
    fill()
    assert holds(sqlite_store, SECRET.encode()) != []
    database.execute("UPDATE object SET terms = NULL WHERE seq = 1501")
    with database.transaction():
        erase.erase([1501], KEY)
    database.clean()
    assert holds(sqlite_store, SECRET.encode()) == []
    # the full text cuts words where they share their first letters, so the rest of the word is looked for as well
    assert holds(sqlite_store, SECRET[3:].encode()) == []
    assert database.rows("PRAGMA integrity_check") == [("ok",)]
    database.execute("INSERT INTO fulltext (fulltext) VALUES ('integrity-check')")


def test_without_the_full_text_emptied_the_words_would_be_there(sqlite_store):
    """The check above can fail: the same without `remove` and `optimize` leaves the words in the file."""
    write(secret())
    fill()
    database.execute("UPDATE object SET body = NULL, state = 4")
    database.execute("DELETE FROM observable")
    database.clean()
    assert holds(sqlite_store, SECRET[3:].encode()) == ["hilf.sqlite3"]


@pytest.mark.usefixtures("store")
def test_what_is_dropped_leaves_nothing_and_its_findings_keep_no_bytes():
    waiting = secret(state=ObjectState.QUARANTINED, author="cert.qn.example", authorship=b"{}", import_id=7)
    write(waiting, indicator(2, columns={"state": ObjectState.QUARANTINED}))
    one = identifier("indicator", 1)
    with database.transaction():
        imports.note(
            [
                imports.Noted(7, None, 1_000, one, "", "r", SECRET, "quarantined", waiting.body),
                imports.Noted(8, None, 2_000, one, "", "r", SECRET, "quarantined", waiting.body),
                imports.Noted(8, None, 2_000, one, "", "r", "of another version", "quarantined", b"{}"),
            ]
        )
    assert [each.seq for each in read.quarantined(9)] == [1, 2]
    assert [each.seq for each in read.quarantined(9, 0, None, 7, (one, KEY))] == [1]
    assert read.quarantined(9, 1, "cert.qn.example") == ()
    with database.transaction():
        erase.drop(1, KEY)
    (kept,) = read.assertions_of(one, KEY)
    assert (kept.state, kept.body, kept.author, kept.authorship) == (ObjectState.DROPPED, None, None, None)
    assert [(f.message, f.body) for f in imports.why_quarantined([one])] == [
        ("dropped with the object", None),
        ("dropped with the object", None),
        ("of another version", b"{}"),
    ]
    assert [each.outcome.value for each in write(waiting)] == ["dropped"]
    assert [each.outcome.value for each in write(secret(modified=0))] == ["new"]
    with database.transaction():
        erase.bury([1, 2])
    assert [each.outcome.value for each in write(waiting)] == ["retracted"]
