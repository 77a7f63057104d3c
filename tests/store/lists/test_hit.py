from hilf.store.database import transaction
from hilf.store.lists import entry, hit
from hilf.store.lists.entry import KeptEntry
from hilf.store.lists.hit import KeptHit


def test_what_was_found_with_other_lists_is_gone(store):
    found = KeptHit(7, "victims", "a\0b", "a b", "name")
    with transaction():
        assert hit.begin(1) == 0
        hit.put([found])
        hit.looked_at(9)
    assert hit.of([7, 8]) == (found._replace(value="a\N{REPLACEMENT CHARACTER}b"),)
    assert (hit.looked(1), hit.looked(2)) == (9, 0)
    with transaction():
        assert hit.begin(1) == 9
        assert hit.begin(2) == 0
    assert hit.of([7]) == ()


def test_every_change_of_a_list_gives_it_another_number(store):
    numbers = [entry.version()]
    one = KeptEntry("name", "a b", "A B", 1)
    for change in (
        lambda: entry.add("victims", [one, one]),
        lambda: entry.remove("victims", [("name", "a b")]),
    ):
        with transaction():
            assert change() == 1
        numbers.append(entry.version())
    assert len(set(numbers)) == 3
    with transaction():
        assert entry.remove("victims", [("name", "a b")]) == 0
    assert entry.version() == numbers[-1]


def test_an_entry_stands_on_each_list_by_itself(store):
    one = KeptEntry("name", "a b", "A B", 1)
    with transaction():
        entry.add("victims", [one])
        entry.add("own-assets", [one])
        entry.set_action("victims", "warn")
        entry.set_action("victims", "off")
    assert (entry.of("victims"), entry.counts(), entry.actions()) == (
        (one,),
        {"victims": 1, "own-assets": 1},
        {"victims": "off"},
    )
