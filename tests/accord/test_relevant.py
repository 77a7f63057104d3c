"""What no clause asks about changes no decision."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hilf.accord.decide import decide
from hilf.accord.document import InForce
from hilf.accord.relevant import relevant
from hilf.markings.tlp import Tlp
from tests.accord.agreements import NOW, QM, agreement, forbid, marked, ours, permit, recipient

LABELS = ("apt", "phishing", "energy")
CLAUSES = st.lists(
    st.builds(
        lambda permits, labels, sectors, confidence: (permits, labels, sectors, confidence),
        st.booleans(),
        st.one_of(st.none(), st.lists(st.sampled_from(LABELS), min_size=1, unique=True)),
        st.one_of(st.none(), st.lists(st.sampled_from(LABELS), min_size=1, unique=True)),
        st.one_of(st.none(), st.integers(0, 100)),
    ),
    min_size=1,
    max_size=4,
)
PROFILES = st.builds(
    lambda tlp, labels, sectors, confidence: ours(
        markings=marked(tlp), labels=frozenset(labels), sectors=frozenset(sectors), confidence=confidence
    ),
    st.sampled_from(Tlp),
    st.sets(st.sampled_from((*LABELS, "other"))),
    st.sets(st.sampled_from((*LABELS, "other"))),
    st.one_of(st.none(), st.integers(0, 100)),
)


def made(drawn):
    clauses = []
    for n, (permits, labels, sectors, confidence) in enumerate(drawn):
        when = {"labels_any": labels, "sectors_any": sectors, "confidence_min": confidence}
        when = {name: value for name, value in when.items() if value is not None}
        clauses.append(permit(f"p-{n}", marking_max="amber", **when) if permits else forbid(f"f-{n}", **when))
    return [InForce(agreement(clauses=clauses), QM)]


@given(CLAUSES, PROFILES)
def test_the_decision_on_what_clauses_can_see_is_that_on_the_whole(drawn, profile):
    accords = made(drawn)
    seen = relevant(accords).of(profile)
    given_ = decide(seen, recipient(), accords, "defence", NOW)
    assert given_ == decide(profile, recipient(), accords, "defence", NOW)


def test_profiles_that_differ_in_nothing_that_clauses_name_are_one():
    seen = relevant(made([(True, ["apt"], None, 50), (True, None, None, 80)]))
    one = ours(labels=frozenset({"apt", "a"}), sectors=frozenset({"b"}), confidence=55)
    two = ours(labels=frozenset({"apt", "c"}), confidence=79)
    assert seen.of(one) == seen.of(two) == ours(labels=frozenset({"apt"}), confidence=50)
    assert [seen.band(each) for each in (None, 0, 49, 80, 100)] == [None, 0, 0, 80, 80]
    assert relevant([]).band(50) is None


def test_a_profile_in_which_everything_counts_is_not_made_anew():
    whole = ours(labels=frozenset({"apt"}), sectors=frozenset({"energy"}), confidence=50)
    seen = relevant(made([(True, ["apt"], ["energy"], 50)]))
    assert seen.of(whole) is whole
    for less in ({"labels": frozenset({"a"})}, {"sectors": frozenset({"b"})}, {"confidence": 51}):
        assert seen.of(replace(whole, **less)) != replace(whole, **less)
