"""Laws of markings: the join is a join, and nothing that is joined loosens anything."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from hilf.markings.iep import Actions, Policy, Say
from hilf.markings.iep import join as join_policies
from hilf.markings.label import of_labels
from hilf.markings.marking import (
    NONE,
    Granular,
    Markings,
    at,
    effective_pap,
    effective_tlp,
    join,
    whole,
)
from hilf.markings.pap import Pap
from hilf.markings.read import read
from hilf.markings.rel_to import Releasability, marking
from hilf.markings.rel_to import read as read_rel_to
from hilf.markings.tlp import Tlp, of_id, parse

law = settings(max_examples=max(100, settings.default.max_examples if settings.default else 0), deadline=None)


def _asks_for_all(a: Markings, b: Markings) -> bool:
    """Whether `a` asks for all that `b` asks for. A partial order: of two, neither may be the stricter."""
    return join(a, b) == a


names = st.lists(st.sampled_from(["a", "b", "c"]), max_size=2).map(tuple)
limits = st.none() | st.frozensets(
    st.sampled_from(["QM", "QN", "QO", "1f0c3c2a-8d3e-4b52-9a64-1d1f5b6c7d8e"])
)
instants = st.none() | st.sampled_from([datetime(2026, month, 1, tzinfo=UTC) for month in (1, 6, 12)])
policies = st.builds(
    Policy,
    names,
    st.sampled_from([Say.MAY, Say.MUST]),
    st.sampled_from(Actions),
    st.sampled_from([Say.MAY, Say.MUST_NOT]),
    st.sampled_from(Say),
    st.sampled_from([Say.MAY, Say.MUST_NOT]),
    instants,
    instants,
).map(lambda policy: join_policies(policy, policy))


def marked(granular: st.SearchStrategy[tuple[Granular, ...]]) -> st.SearchStrategy[Markings]:
    return st.builds(
        Markings,
        tlp=st.none() | st.sampled_from(Tlp),
        statements=names,
        rel_to=limits,
        originator_control=st.booleans(),
        unknown=names,
        granular=granular,
        pap=st.none() | st.sampled_from(Pap),
        policy=st.none() | policies,
        controls=names,
        classified=names,
        floor=st.sampled_from(Tlp),
        no_onward=st.booleans(),
    )


plain = marked(st.just(()))
parts = st.lists(st.builds(Granular, names, plain), max_size=3).map(tuple)
markings = marked(parts)
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


@law
@given(markings, markings)
def test_join_is_commutative(a: Markings, b: Markings) -> None:
    assert join(a, b) == join(b, a)


@law
@given(markings, markings, markings)
def test_join_is_associative(a: Markings, b: Markings, c: Markings) -> None:
    assert join(join(a, b), c) == join(a, join(b, c))


@law
@given(markings)
def test_join_is_idempotent_and_nothing_is_its_neutral_element(a: Markings) -> None:
    assert join(a, a) == join(a, NONE) == join(NONE, a) == a


@law
@given(markings, markings)
def test_join_is_stricter_than_either(a: Markings, b: Markings) -> None:
    joined = join(a, b)
    assert _asks_for_all(joined, a)
    assert _asks_for_all(joined, b)


@law
@given(markings, markings)
def test_where_a_tlp_is_stated_joining_never_lowers_it(a: Markings, b: Markings) -> None:
    if a.tlp is not None:
        assert effective_tlp(join(a, b)) >= effective_tlp(a)
        assert effective_tlp(whole(join(a, b))) >= effective_tlp(whole(a))


@law
@given(markings, markings)
def test_join_lets_nobody_see_what_either_forbids(a: Markings, b: Markings) -> None:
    joined = join(a, b)
    for limit in (a.rel_to, b.rel_to):
        assert limit is None or (joined.rel_to is not None and joined.rel_to <= limit)
    assert joined.originator_control == (a.originator_control or b.originator_control)
    for name in ("unknown", "classified", "controls", "statements"):
        assert set(getattr(joined, name)) == {*getattr(a, name), *getattr(b, name)}
    assert joined.no_onward == (a.no_onward or b.no_onward)


@law
@given(markings, markings)
def test_join_lets_nobody_do_what_either_forbids(a: Markings, b: Markings) -> None:
    joined = join(a, b)
    assert effective_pap(joined) == max(effective_pap(a), effective_pap(b))
    for policy in (a.policy, b.policy):
        if policy is not None:
            assert joined.policy is not None
            for name in ("encrypt_in_transit", "actions", "notifications", "attribution", "resale"):
                assert getattr(joined.policy, name) >= getattr(policy, name)
            for at_ in (datetime(2026, month, 2, tzinfo=UTC) for month in range(1, 13)):
                assert policy.in_force(at_) or not joined.policy.in_force(at_)


TAGS = ("apt", "tlp:red", "tlp:clear", "PAP:RED", "PAP:x", 'nato:classification="NS"', 'nato:classification="NU"',
        'acs-marking:classification="C"', 'iep2-policy:tlp="amber"', 'iep2-policy:tlp="red"',
        'iep2-policy:permitted_actions="none"', "iep2-policy:x", "NATO SECRET")  # fmt: skip


@law
@given(st.lists(st.sampled_from(TAGS)), st.lists(st.sampled_from(TAGS)), markings)
def test_labels_only_tighten(labels: list[str], more: list[str], a: Markings) -> None:
    few, many = join(a, of_labels(labels)), join(a, of_labels([*labels, *more]))
    for looser, stricter in ((a, few), (few, many)):
        assert effective_tlp(stricter) >= effective_tlp(looser) or "iep2-policy" in stricter.unknown
        assert effective_pap(stricter) >= effective_pap(looser) or "iep2-policy" in stricter.unknown
        assert set(looser.unknown) <= set(stricter.unknown)
        assert set(looser.classified) <= set(stricter.classified)


@law
@given(markings, paths)
def test_whole_is_stricter_than_every_part_and_a_part_than_what_is_around_it(a: Markings, path: str) -> None:
    around = replace(a, granular=())
    assert _asks_for_all(at(a, path), around)
    assert _asks_for_all(whole(a), at(a, path))


@law
@given(limits, st.sampled_from(["none", "ask-originator", "listed"]))
def test_rel_to_written_is_read(entries: frozenset[str] | None, onward: str) -> None:
    entries = entries or None
    assert read_rel_to(marking(entries, onward)) == Releasability(entries, onward)


@law
@given(st.sampled_from(Tlp))
def test_level_is_read_from_its_id_and_its_label(level: Tlp) -> None:
    assert of_id(level.marking_id) is parse(level.label) is parse(level.word) is level


@law
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
