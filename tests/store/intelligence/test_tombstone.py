import pytest

from hilf.accord.placing import ObjectState, Outcome
from hilf.errors import OperatorFault
from hilf.store import database
from hilf.store.intelligence import erase, tombstone
from hilf.store.intelligence.index import id_key
from hilf.store.intelligence.tombstone import DROPPED, ERASED, HIDDEN, LIFTED, REMOVED
from hilf.store.intelligence.write import find_known, write_assertions
from tests.store.intelligence.material import KEY, QN, indicator


@pytest.fixture
def journal(store, tmp_path):
    file = tmp_path / "tombstones"
    tombstone.keep_in(file)
    return file


def write(*assertions):
    with database.transaction():
        write_assertions(assertions, KEY)


def done(*steps):
    with database.transaction():
        for step in steps:
            step()


def noted(journal):
    return [(each.number, each.word, each.asserter) for each in tombstone.read(journal, 0)]


def test_every_verb_that_hides_or_empties_leaves_a_line_outside_of_the_database(journal):
    write(
        indicator(1),
        indicator(2, asserter=QN),
        indicator(3, columns={"state": ObjectState.QUARANTINED}),
        indicator(4),
    )
    done(lambda: erase.hide([1]))
    done(lambda: erase.erase([2], KEY))
    done(lambda: erase.drop(3, KEY))
    done(lambda: erase.bury([3]))
    done(lambda: erase.remove([4], KEY))
    assert noted(journal) == [
        (1, HIDDEN, "cert.qm.example"),
        (2, HIDDEN, QN),
        (3, ERASED, QN),
        (4, DROPPED, "cert.qm.example"),
        (5, ERASED, "cert.qm.example"),
        (6, REMOVED, "cert.qm.example"),
    ]
    assert tuple(tombstone.read(journal, 0)) == tombstone.table(0, 100)


def test_what_lapsed_and_is_said_again_leaves_a_line_and_nothing_is_said_of_it_any_more(journal):
    first = indicator(1)
    write(first)
    done(lambda: erase.erase([1], KEY))
    known = find_known([first.stix_id], KEY)
    (gone,) = known[first.stix_id]
    key = id_key(first.stix_id, KEY)
    assert tombstone.word_of(key, first.sha256, first.asserter) == ERASED
    gone.lapsed = 7
    with database.transaction():
        (old,) = write_assertions([first._replace(said_at=7)], KEY, known)
        (came,) = write_assertions([first._replace(said_at=8)], KEY, known)
    assert (old.outcome, came.outcome) == (Outcome.RETRACTED, Outcome.UPDATED)
    assert noted(journal) == [
        (n, word, first.asserter) for n, word in ((1, HIDDEN), (2, ERASED), (3, LIFTED))
    ]
    assert tombstone.word_of(key, first.sha256, first.asserter) is None
    assert database.rows("SELECT state, body IS NULL FROM object ORDER BY seq") == [
        (ObjectState.ERASED, True),
        (ObjectState.CURRENT, False),
    ]
    done(lambda: erase.erase([came.seq], KEY))
    assert tombstone.word_of(key, first.sha256, first.asserter) == ERASED


def test_versions_that_a_person_dropped_are_told_by_their_ids(journal):
    dropped, other = indicator(1, columns={"state": ObjectState.QUARANTINED}), indicator(2)
    write(dropped, other)
    done(lambda: erase.drop(1, KEY), lambda: erase.erase([2], KEY))
    keys = [id_key(each.stix_id, KEY) for each in (dropped, other)]
    assert tombstone.dropped(keys) == {(keys[0], dropped.sha256, dropped.asserter)}
    assert tombstone.dropped(keys[1:]) == frozenset()


def test_what_is_hidden_already_leaves_no_second_line(journal):
    write(indicator(1))
    done(lambda: erase.hide([1]))
    done(lambda: erase.hide([1]))
    assert noted(journal) == [(1, HIDDEN, "cert.qm.example")]


def test_what_is_rolled_back_leaves_no_line_and_no_gap(journal):
    write(indicator(1))
    with pytest.raises(ZeroDivisionError):
        done(lambda: erase.hide([1]), lambda: 1 / 0)
    done(lambda: erase.hide([1]))
    assert noted(journal) == [(1, HIDDEN, "cert.qm.example")]


def test_a_line_names_no_content(journal):
    write(indicator(1, name="zqxjkvwp"))
    done(lambda: erase.erase([1], KEY))
    text = journal.read_text()
    assert "zqxjkvwp" not in text
    assert "indicator--" not in text
    assert len(text.splitlines()) == 2


@pytest.mark.parametrize("left", ["", "1 17 hidd", "garbage without an end"])
def test_a_journal_that_lost_lines_is_completed_and_a_cut_line_is_written_again(journal, left):
    write(indicator(1), indicator(2))
    done(lambda: erase.hide([1]))
    whole = journal.read_bytes()
    journal.write_bytes(whole[:0] + left.encode())
    done(lambda: erase.hide([2]))
    assert journal.read_bytes().startswith(whole)
    assert noted(journal) == [(1, HIDDEN, "cert.qm.example"), (2, HIDDEN, "cert.qm.example")]
    assert tombstone.complete() == 0


def test_lines_of_a_newer_journal_are_taken_in_under_their_numbers(journal):
    write(indicator(1), indicator(2))
    done(lambda: erase.hide([1]))
    done(lambda: erase.hide([2]))
    newer = tuple(tombstone.read(journal, 1))
    with database.transaction():
        database.execute("DELETE FROM tombstone WHERE number > 1")
        database.execute("UPDATE counter SET value = 1 WHERE name = 'tombstone'")
        tombstone.take_in(newer)
    assert tombstone.last_in_table() == tombstone.last_in(journal) == 2
    assert tombstone.table(0, 10) == tuple(tombstone.read(journal, 0))
    assert [(each.id_key, rows) for each, rows in tombstone.met(newer).items()] == [
        (newer[0].id_key, [(2, ObjectState.HIDDEN)])
    ]


@pytest.mark.usefixtures("store")
def test_a_journal_that_cannot_be_written_is_said_and_the_row_is_hidden_all_the_same(tmp_path):
    tombstone.keep_in(tmp_path / "no such folder" / "tombstones")
    write(indicator(1))
    with pytest.raises(OperatorFault) as error:
        done(lambda: erase.hide([1]))
    assert error.value.code == "tombstone.journal"
    assert database.row("SELECT state FROM object WHERE seq = 1") == (ObjectState.HIDDEN,)


def test_a_database_that_is_in_use_now_does_not_write_the_journal_of_another(journal):
    database.use(":memory:")
    assert tombstone.complete() == 0
    assert not journal.exists()
