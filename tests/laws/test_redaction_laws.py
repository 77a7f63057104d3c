"""Laws of redaction (accord.md 3): it never reveals more, and leaves a valid STIX object or withholds it whole.

Every text of a drawn report stands in it once, so that each can be followed to where it is afterwards.
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hilf.accord.decide import decide
from hilf.accord.document import InForce
from hilf.accord.profile import Profile, profile_of
from hilf.accord.redaction import carry_out, redact
from hilf.canonical import Json
from hilf.markings import pap, rel_to
from hilf.markings.marking import Markings, at
from hilf.markings.pap import Pap
from hilf.markings.read import read
from hilf.markings.tlp import Tlp
from hilf.stix import schema
from hilf.stix.selector import covers, resolves
from tests.accord.agreements import NOW, QM, agreement, permit, recipient
from tests.stix.objects import IDENTITY, TIME, faults, sdo

law = settings(max_examples=max(100, settings.default.max_examples if settings.default else 0), deadline=None)

EXTENSION = "extension-definition--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a09"
MADE = (rel_to.marking(["QN"]), rel_to.marking(["QO"]), pap.marking(Pap.RED), rel_to.marking(None, "none"))
HELD = {made["id"]: made for made in MADE}
MARKINGS = (*(level.marking_id for level in Tlp), *HELD)
CLAUSES = ([permit(marking_max="green")], [permit(marking_max="amber", pap_max="amber")], [permit()])


def references(number: int) -> list[dict[str, Json]]:
    return [
        {"source_name": f"source {n}", "url": f"https://{n}.example", "description": f"text {n}"}
        for n in range(number)
    ]


def bare(labels: int, entries: int, objects: int, described: bool, extended: bool) -> dict[str, Any]:
    made = sdo(
        "report",
        name="a name",
        published=TIME,
        created_by_ref=IDENTITY,
        object_refs=[f"malware--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1{n:03x}" for n in range(1, objects + 1)],
        object_marking_refs=[Tlp.GREEN.marking_id],
        labels=[f"label {n}" for n in range(labels)] or None,
        external_references=references(entries) or None,
        description="a description" if described else None,
    )
    if extended:
        deep = {"one": ["deep 1", "deep 2"], "two": {"three": [["deep 3"], ["deep 4", "deep 5"]]}}
        made["extensions"] = {EXTENSION: {"extension_type": "property-extension", **deep}}
    return made


def places(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every place in an object, with its selector."""
    steps = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        steps = [(f"[{n}]", each) for n, each in enumerate(value)]
    for step, each in steps:
        here = f"{path}.{step}" if path else step
        if here != "granular_markings":
            yield here, each
            yield from places(each, here)


def texts(made: dict[str, Any]) -> dict[str, str]:
    """Text → its selector; ids and times that stand more than once are not followed."""
    return {value: path for path, value in places(made) if isinstance(value, str) and value != TIME}


@st.composite
def reports(draw: st.DrawFn) -> dict[str, Any]:
    """A report of which some places are marked, validly."""
    made = bare(
        draw(st.integers(0, 3)),
        draw(st.integers(0, 3)),
        draw(st.integers(1, 3)),
        draw(st.booleans()),
        draw(st.booleans()),
    )
    selectors = [path for path, _ in places(made)]
    entries = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "selectors": st.lists(st.sampled_from(selectors), min_size=1, max_size=3, unique=True),
                    "marking_ref": st.sampled_from(MARKINGS),
                }
            ),
            max_size=4,
        )
    )
    return {**made, "granular_markings": entries} if entries else made


def drawn_selectors(made: dict[str, Any]) -> st.SearchStrategy[list[str]]:
    optional = [
        path for path, _ in places(made) if not path.startswith(("id", "type", "created", "modified", "name"))
    ]
    return st.lists(st.sampled_from(optional), min_size=1, max_size=4, unique=True)


with_selectors = reports().flatmap(lambda made: st.tuples(st.just(made), drawn_selectors(made)))


@law
@given(with_selectors)
def test_what_is_left_is_valid_stix_and_what_was_given_is_not_changed(
    drawn: tuple[dict[str, Any], list[str]],
) -> None:
    made, selectors = drawn
    before = deepcopy(made)
    left = redact(made, selectors)
    assert made == before
    if left is not None:
        assert schema.faults(left) == ()
        assert faults(left) == []
        for entry in left.get("granular_markings", []):
            assert all(resolves(left, selector) for selector in entry["selectors"])


@law
@given(with_selectors)
def test_nothing_that_a_selector_covers_is_left_and_nothing_is_added_or_moved_elsewhere(
    drawn: tuple[dict[str, Any], list[str]],
) -> None:
    made, selectors = drawn
    left = redact(made, selectors)
    if left is None:
        return
    full, rest = texts(made), texts(left)
    assert rest.keys() <= full.keys()
    for text, path in full.items():
        if any(covers(selector, path) for selector in selectors):
            assert text not in rest
    for text, path in rest.items():
        assert [step for step in path.split(".") if "[" not in step] == [
            step for step in full[text].split(".") if "[" not in step
        ]


@law
@given(with_selectors)
def test_all_text_stays_that_no_selector_covers_and_that_is_not_in_one_member_with_what_goes(
    drawn: tuple[dict[str, Any], list[str]],
) -> None:
    made, selectors = drawn
    left = redact(made, selectors)
    if left is not None:
        stays = texts(left)
        for text, path in texts(made).items():
            if text not in stays:
                assert any(covers(each, path) or _beside(each, path) for each in selectors)


def _beside(selector: str, path: str) -> bool:
    """Whether a place stands in the same member, which may go where what is left of it would be invalid."""
    member = selector.split(".", maxsplit=1)[0]
    return selector != member and covers(member, path)


@law
@given(with_selectors)
def test_every_place_that_stays_is_under_the_markings_that_it_had(
    drawn: tuple[dict[str, Any], list[str]],
) -> None:
    made, selectors = drawn
    left = redact(made, selectors)
    if left is not None:
        before, after = read(made, HELD.get), read(left, HELD.get)
        full = texts(made)
        for text, path in texts(left).items():
            assert at(after, path) == at(before, full[text])


@law
@given(with_selectors, st.randoms(use_true_random=False))
def test_the_order_of_selectors_does_not_matter_and_twice_is_once(
    drawn: tuple[dict[str, Any], list[str]], random: Any
) -> None:
    made, selectors = drawn
    shuffled = random.sample(selectors, len(selectors))
    assert redact(made, shuffled) == redact(made, [*selectors, *selectors])


def profile(made: dict[str, Any]) -> Profile:
    return profile_of(made, read(made, HELD.get), asserter=QM, own=True, author=QM)


@law
@given(reports(), st.sampled_from(CLAUSES))
def test_what_leaves_in_part_would_leave_as_it_is_on_no_stricter_terms(
    made: dict[str, Any], clauses: list[dict[str, Any]]
) -> None:
    held = [InForce(agreement(clauses=clauses, onward="free"), QM)]
    decision, left = carry_out(decide(profile(made), recipient(), held, "defence", NOW), made)
    if left is not None:
        again = decide(profile(left), recipient(), held, "defence", NOW)
        assert (again.allowed, again.redact) == (True, ())
        # a place that is left empty goes along, and with it what it asked for
        assert again.terms is not None
        assert decision.terms is not None
        assert again.terms.onward.width >= decision.terms.onward.width
        assert again.needs_approvals <= decision.needs_approvals
    elif decision.allowed:
        assert decision.redact == ()


@law
@given(reports(), st.sampled_from(CLAUSES), st.sampled_from(MARKINGS), st.data())
def test_one_more_marking_on_a_part_never_lets_more_text_leave(
    made: dict[str, Any], clauses: list[dict[str, Any]], more: str, data: st.DataObject
) -> None:
    held = [InForce(agreement(clauses=clauses), QM)]
    selector = data.draw(st.sampled_from([path for path, _ in places(made)]))
    entries = [*made.get("granular_markings", []), {"selectors": [selector], "marking_ref": more}]
    stricter = {**made, "granular_markings": entries}

    def leaves(each: dict[str, Any]) -> set[str]:
        decision, left = carry_out(decide(profile(each), recipient(), held, "defence", NOW), each)
        return set(texts(left or each)) if decision.allowed else set()

    before, after = leaves(made), leaves(stricter)
    assert after <= before


@law
@given(st.sampled_from([None, *Tlp]), st.sampled_from(MARKINGS))
def test_markings_that_marked_only_what_went_are_named_nowhere(tlp: Tlp | None, ref: str) -> None:
    made = {
        **bare(1, 1, 1, True, False),
        "granular_markings": [{"selectors": ["description"], "marking_ref": ref}],
    }
    made["object_marking_refs"] = [] if tlp is None else [tlp.marking_id]
    left = redact({name: value for name, value in made.items() if value != []}, ["description"])
    assert left is not None
    assert read(left, HELD.get) == Markings(tlp=tlp)
