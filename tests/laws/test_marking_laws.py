"""Laws of markings: the join is a join, and nothing that is joined loosens anything."""

from hypothesis import given
from hypothesis import strategies as st

from hilf.markings.marking import (
    NONE,
    Granular,
    Markings,
    at,
    effective_tlp,
    is_stricter_or_equal,
    join,
    read,
    whole,
)
from hilf.markings.rel_to import Releasability, marking
from hilf.markings.rel_to import read as read_rel_to
from hilf.markings.tlp import Tlp, of_id, parse

names = st.lists(st.sampled_from(["a", "b", "c"]), max_size=2).map(tuple)
limits = st.none() | st.frozensets(
    st.sampled_from(["QM", "QN", "QO", "1f0c3c2a-8d3e-4b52-9a64-1d1f5b6c7d8e"])
)
plain = st.builds(Markings, st.none() | st.sampled_from(Tlp), names, limits, st.booleans(), names)
parts = st.lists(st.builds(Granular, names, plain), max_size=3).map(tuple)
markings = st.builds(Markings, st.none() | st.sampled_from(Tlp), names, limits, st.booleans(), names, parts)
paths = st.sampled_from(["a", "a.[0]", "b", "d"])
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from([level.marking_id for level in Tlp]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["selectors", "marking_ref", "lang", "extensions", "definition", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


@given(markings, markings)
def test_join_is_commutative(a: Markings, b: Markings) -> None:
    assert join(a, b) == join(b, a)


@given(markings, markings, markings)
def test_join_is_associative(a: Markings, b: Markings, c: Markings) -> None:
    assert join(join(a, b), c) == join(a, join(b, c))


@given(markings)
def test_join_is_idempotent_and_nothing_is_its_neutral_element(a: Markings) -> None:
    assert join(a, a) == join(a, NONE) == join(NONE, a) == a


@given(markings, markings)
def test_join_is_stricter_than_either(a: Markings, b: Markings) -> None:
    joined = join(a, b)
    assert is_stricter_or_equal(joined, a)
    assert is_stricter_or_equal(joined, b)


@given(markings, markings)
def test_where_a_tlp_is_stated_joining_never_lowers_it(a: Markings, b: Markings) -> None:
    if a.tlp is not None:
        assert effective_tlp(join(a, b)) >= effective_tlp(a)
        assert effective_tlp(whole(join(a, b))) >= effective_tlp(whole(a))


@given(markings, markings)
def test_join_lets_nobody_see_what_either_forbids(a: Markings, b: Markings) -> None:
    joined = join(a, b)
    for limit in (a.rel_to, b.rel_to):
        assert limit is None or (joined.rel_to is not None and joined.rel_to <= limit)
    assert joined.originator_control == (a.originator_control or b.originator_control)
    assert set(joined.unknown) == {*a.unknown, *b.unknown}


@given(markings, paths)
def test_whole_is_stricter_than_every_part_and_a_part_than_what_is_around_it(a: Markings, path: str) -> None:
    around = Markings(a.tlp, a.statements, a.rel_to, a.originator_control, a.unknown)
    assert is_stricter_or_equal(at(a, path), around)
    assert is_stricter_or_equal(whole(a), at(a, path))


@given(limits, st.sampled_from(["none", "ask-originator", "listed"]))
def test_rel_to_written_is_read(entries: frozenset[str] | None, onward: str) -> None:
    entries = entries or None
    assert read_rel_to(marking(entries, onward)) == Releasability(entries, onward)


@given(st.sampled_from(Tlp))
def test_level_is_read_from_its_id_and_its_label(level: Tlp) -> None:
    assert of_id(level.marking_id) is parse(level.label) is parse(level.word) is level


@given(anything, anything, anything)
def test_garbage_in_markings_is_unknown_and_never_looser(
    refs: object, granular: object, definition: object
) -> None:
    held = {"type": "marking-definition", "id": "x", **definition} if isinstance(definition, dict) else None
    found = read({"object_marking_refs": refs, "granular_markings": granular}, lambda _: held)
    level = effective_tlp(found)
    known = (
        [of_id(ref) for ref in refs if isinstance(ref, str)] if isinstance(refs, list) else [of_id(str(refs))]
    )
    assert level == max((each for each in known if each is not None), default=Tlp.AMBER_STRICT)
