"""On SQLite and PostgreSQL: which objects are under a hold, and what only a hold shows."""

import pytest

from hilf.store.database import transaction
from hilf.store.intelligence import erase, hold
from hilf.store.intelligence.hold import HeldBody, HoldAct
from hilf.store.intelligence.write import write_assertions
from tests.store.intelligence.material import KEY, identifier, indicator

ONE, TWO = identifier("indicator", 1), identifier("indicator", 2)


@pytest.fixture
def kept(store):
    """Two holds: the first over two objects, the second over the first of them."""
    with transaction():
        first = hold.put("hold--a", "court", "type:indicator", 7, [TWO, ONE, ONE])
        return first, hold.put("hold--b", "inquiry", "", 8, [ONE])


def test_holds_are_found_by_name_and_listed_newest_first(kept):
    first, second = kept
    assert (first.name, first.reason, first.selection, first.at, first.lifted) == (
        "hold--a",
        "court",
        "type:indicator",
        7,
        None,
    )
    assert (hold.get("hold--a"), hold.get("hold--z"), hold.every()) == (first, None, (second, first))
    assert (hold.objects(first.number), hold.count(first.number)) == ((ONE, TWO), 2)


def test_object_is_held_while_one_of_its_holds_stands(kept):
    first, second = kept
    many = [identifier("malware", n) for n in range(1200)]
    assert hold.held([*many, ONE, TWO]) == {ONE, TWO}
    with transaction():
        hold.lift(first.number, 9)
    assert (hold.held([ONE, TWO]), hold.get("hold--a").lifted) == ({ONE}, 9)
    with transaction():
        hold.lift(second.number, 9)
    assert hold.held([ONE, TWO]) == frozenset()


def test_what_officers_did_is_kept_in_order(kept):
    first, second = kept
    acts = (HoldAct(7, "set", "ab" * 16, "", "{}"), HoldAct(8, "show", "cd" * 16, ONE, "{}"))
    with transaction():
        for act in acts:
            hold.note(first.number, act)
    assert (hold.acts(first.number), hold.acts(second.number)) == (acts, ())


def test_hidden_bodies_are_given_and_no_others(kept):
    with transaction():
        write_assertions([indicator(1, 1), indicator(1, 2), indicator(2, 1)], KEY)
        assert hold.hidden(ONE, KEY) == ()
        erase.hide([1, 3])
    (body,) = hold.hidden(ONE, KEY)
    assert (body.asserter, body.modified) == (indicator(1, 1).asserter, 1)
    assert isinstance(body, HeldBody)
    assert body.body == indicator(1, 1).body
    with transaction():
        erase.erase([1], KEY)
    assert hold.hidden(ONE, KEY) == ()


def test_objects_of_an_import_that_are_held_are_named(kept):
    with transaction():
        write_assertions(
            [indicator(1, 1, columns={"import_id": 5}), indicator(2, 1, columns={"import_id": 6})], KEY
        )
    assert (hold.held_of_import(5), hold.held_of_import(7)) == ({ONE}, frozenset())
    with transaction():
        for each in kept:
            hold.lift(each.number, 9)
    assert hold.held_of_import(5) == frozenset()
