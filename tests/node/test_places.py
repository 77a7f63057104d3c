"""Where objects stand among rows: every row is found by its object, and nothing else is."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from hilf.node.places import Places

KEYS = st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 600), max_size=300)


@given(KEYS, st.integers(-(2**63), 2**63 - 1))
def test_each_object_has_its_first_row_and_those_of_many_have_them_all(keys: list[int], other: int) -> None:
    places, rows = Places(), defaultdict(list)
    for row, key in enumerate(keys):
        places.put(key, row)
        rows[key].append(row)
    places.ready()
    assert {key: places.first(key) for key in rows} == {key: found[0] for key, found in rows.items()}
    assert places.first(other) == rows.get(other, [None])[0]
    assert sorted(places.shared()) == sorted(tuple(found) for found in rows.values() if len(found) > 1)
