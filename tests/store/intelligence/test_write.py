import pytest

from hilf.accord.placing import ObjectState, Outcome
from hilf.store import database
from hilf.store.intelligence import erase, read
from hilf.store.intelligence.write import write_assertions
from tests.store.intelligence.material import KEY, QN, identifier, indicator

pytestmark = pytest.mark.usefixtures("store")


def write(*assertions):
    with database.transaction():
        return [each.outcome for each in write_assertions(assertions, KEY)]


def states():
    kept = read.assertions_of(identifier("indicator", 1), KEY)
    return {(each.asserter, each.modified, each.body): each.state for each in kept}


def test_an_unknown_object_is_new_and_current():
    said = indicator()
    assert write(said) == [Outcome.NEW]
    (kept,) = read.assertions_of(said.stix_id, KEY)
    assert (kept.seq, kept.body, kept.sha256, kept.state) == (1, said.body, said.sha256, ObjectState.CURRENT)
    assert (kept.asserter, kept.author, kept.modified, kept.tlp, kept.overlay) == (
        said.asserter,
        None,
        1,
        None,
        (),
    )


def test_all_columns_come_back_as_they_were_written():
    columns = {
        "created_by": "identity--x", "author": QN, "tlp": 2, "overlay": ("marking-definition--x",), "accord": "accord--x 3",
        "purpose": "defence", "exercise": "exercise--x", "terms": '{"onward":"none"}', "authorship": b"{}", "original": b"[]",
        "import_id": None,
    }  # fmt: skip
    write(indicator(columns=columns))
    (kept,) = read.assertions_of(identifier("indicator", 1), KEY)
    assert {name: getattr(kept, name) for name in columns} == {**columns, "terms": {"onward": "none"}}


def test_a_newer_version_is_current_and_the_older_one_is_history():
    old, new = indicator(modified=1), indicator(modified=2)
    assert write(old) == [Outcome.NEW]
    assert write(new) == [Outcome.UPDATED]
    assert states() == {
        (old.asserter, 1, old.body): ObjectState.OLDER,
        (new.asserter, 2, new.body): ObjectState.CURRENT,
    }


def test_an_older_version_than_the_known_one_is_kept_in_history_and_counts_as_updated():
    new, old = indicator(modified=2), indicator(modified=1)
    assert [write(new), write(old)] == [[Outcome.NEW], [Outcome.UPDATED]]
    assert states() == {
        (old.asserter, 1, old.body): ObjectState.OLDER,
        (new.asserter, 2, new.body): ObjectState.CURRENT,
    }


def test_versions_in_one_chunk_end_as_they_would_one_by_one():
    assert write(indicator(modified=2), indicator(modified=1), indicator(modified=3)) == [
        Outcome.NEW,
        Outcome.UPDATED,
        Outcome.UPDATED,
    ]
    assert {m: state for (_, m, _), state in states().items()} == {
        1: ObjectState.OLDER,
        2: ObjectState.OLDER,
        3: ObjectState.CURRENT,
    }


def test_the_same_version_again_is_a_duplicate_and_changes_nothing():
    write(indicator())
    before = states()
    assert write(indicator(), indicator()) == [Outcome.DUPLICATE, Outcome.DUPLICATE]
    assert states() == before


def test_the_same_version_with_other_bytes_is_equivocation_kept_beside_it():
    first, second = indicator(name="one"), indicator(name="two")
    assert [write(first), write(second)] == [[Outcome.NEW], [Outcome.EQUIVOCATION]]
    assert states() == {
        (first.asserter, 1, first.body): ObjectState.CURRENT,
        (first.asserter, 1, second.body): ObjectState.QUARANTINED,
    }


def test_the_same_equivocation_again_is_counted_and_not_kept_twice():
    write(indicator(name="one"))
    write(indicator(name="two"))
    before = states()
    assert write(indicator(name="two")) == [Outcome.EQUIVOCATION]
    assert states() == before


def test_objects_without_modified_have_one_version():
    first, other = indicator(modified=None), indicator(modified=None, name="x")
    assert write(first, first, other) == [Outcome.NEW, Outcome.DUPLICATE, Outcome.EQUIVOCATION]


def test_what_each_node_says_is_kept_apart():
    ours, theirs = indicator(modified=2), indicator(modified=1, asserter=QN)
    assert [write(ours), write(theirs)] == [[Outcome.NEW], [Outcome.NEW]]
    assert states() == {
        (ours.asserter, 2, ours.body): ObjectState.CURRENT,
        (QN, 1, theirs.body): ObjectState.CURRENT,
    }
    assert write(indicator(modified=1, asserter=QN, name="other")) == [Outcome.EQUIVOCATION]


def test_what_waits_for_a_person_is_kept_and_does_not_count():
    waiting = indicator(columns={"state": ObjectState.QUARANTINED})
    assert write(waiting) == [Outcome.QUARANTINED]
    assert write(waiting) == [Outcome.QUARANTINED]
    assert list(states().values()) == [ObjectState.QUARANTINED]
    assert write(indicator()) == [Outcome.NEW]
    assert [each.state for each in read.assertions_of(waiting.stix_id, KEY)] == [ObjectState.CURRENT]


def test_what_was_retracted_does_not_come_back_and_a_newer_version_does():
    write(indicator(modified=2))
    with database.transaction():
        erase.hide([1])
    assert write(indicator(modified=2)) == [Outcome.RETRACTED]
    assert write(indicator(modified=2, name="other")) == [Outcome.RETRACTED]
    assert write(indicator(modified=1)) == [Outcome.RETRACTED]
    assert write(indicator(modified=3)) == [Outcome.UPDATED]


def test_markings_that_come_with_a_duplicate_are_joined():
    red, green = "marking-definition--red", "marking-definition--green"
    write(indicator(columns={"overlay": (green,), "tlp": 1}))
    assert write(indicator(columns={"overlay": (red,), "tlp": 4})) == [Outcome.UPDATED]
    assert write(indicator(columns={"overlay": (green,), "tlp": 1})) == [Outcome.DUPLICATE]
    (kept,) = read.assertions_of(identifier("indicator", 1), KEY)
    assert (kept.overlay, kept.tlp) == ((green, red), 4)


def test_numbers_are_given_in_order_without_gaps():
    write(indicator(1), indicator(1), indicator(2))
    write(indicator(1), indicator(3))
    seqs = [each.seq for n in (1, 2, 3) for each in read.assertions_of(identifier("indicator", n), KEY)]
    assert seqs == [1, 2, 3]


def test_an_aborted_transaction_leaves_nothing():
    def abort():
        with database.transaction():
            write_assertions([indicator()], KEY)
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        abort()
    assert read.assertions_of(identifier("indicator", 1), KEY) == ()
    assert database.rows("SELECT * FROM observable_key") == []
    assert write(indicator()) == [Outcome.NEW]


def test_an_id_that_shares_its_key_with_another_is_not_taken_for_it():
    write(indicator(1))
    database.execute("UPDATE object SET id_key = (SELECT id_key FROM object WHERE seq = 1)")
    write(indicator(2))
    database.execute("UPDATE object SET id_key = 7")
    assert read.assertions_of(identifier("indicator", 1), KEY) == ()
    assert [each.stix_id for each in read.by_seq([1, 2]).values()] == [
        identifier("indicator", 1),
        identifier("indicator", 2),
    ]
