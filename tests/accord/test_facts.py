from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilf.accord.facts import MEMBERS, Facts, confidence_of, content, read_facts
from hilf.accord.profile import profile_of
from hilf.markings.read import read
from hilf.markings.tlp import Tlp
from tests.accord.agreements import QM

TEXTS = st.text(max_size=4)
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 101),
    TEXTS,
    st.lists(TEXTS, max_size=3),
    st.just({"selectors": ["name"]}),
)
GRANULAR = st.lists(
    st.fixed_dictionaries(
        {"selectors": st.just(["name"])}, optional={"lang": TEXTS, "marking_ref": st.just(Tlp.RED.marking_id)}
    ),
    max_size=2,
)
MEMBERS_OF_ANY = {
    **dict.fromkeys(
        (*MEMBERS, "confidence", "identity_class", "display_name", "belongs_to_ref", "name"), VALUES
    ),
    "type": st.sampled_from(["indicator", "sighting", "identity", "email-addr", "user-account"]),
    "granular_markings": GRANULAR,
    "labels": st.lists(TEXTS, max_size=2),
    "identity_class": st.sampled_from(["individual", "organization"]),
    "object_marking_refs": st.lists(st.sampled_from([level.marking_id for level in Tlp]), max_size=2),
}
OBJECTS = st.fixed_dictionaries({}, optional=MEMBERS_OF_ANY)


def profile(object_: dict[str, Any]) -> object:
    return profile_of(object_, read(object_, lambda _: None), asserter=QM, own=True)


@given(OBJECTS)
def test_facts_and_confidence_give_the_profile_that_the_object_gives(object_: dict[str, Any]) -> None:
    members = Facts(content(object_), QM).object
    given_ = profile({**members, "confidence": confidence_of(object_)})
    confidence = object_.get("confidence")
    known = type(confidence) is not int or 0 <= confidence <= 100
    assert given_ == profile(object_ if known else {**object_, "confidence": None})


def test_facts_come_back_as_they_were_written() -> None:
    whole = Facts(
        content({"type": "indicator", "labels": ["a"]}), QM, "author", ("m",), "accord--x 3", '{"onward":"none"}', 20_000, True
    )  # fmt: skip
    assert read_facts(whole.text()) == whole
    assert read_facts(Facts(content({}), QM).text()) == Facts(content({}), QM)


def test_facts_name_nobody_whom_the_object_names() -> None:
    mail = {
        "type": "email-addr",
        "value": "v@example",
        "display_name": "A Person",
        "belongs_to_ref": "user-account--1",
    }
    assert Facts(content(mail), QM).object == {
        "type": "email-addr",
        "display_name": True,
        "belongs_to_ref": True,
    }
    assert Facts(content({"type": "indicator", "name": "A Person"}), QM).object == {"type": "indicator"}


def test_facts_of_an_identity_say_of_which_class_it_is_and_not_whose() -> None:
    person = {"type": "identity", "identity_class": "individual", "name": "A Person"}
    assert Facts(content(person), QM).object == {"type": "identity", "identity_class": "individual"}
    assert Facts(content({"type": "identity"}), QM).object == {"type": "identity"}


@pytest.mark.parametrize(
    ("stated", "confidence"),
    [(0, 0), (100, 100), (-1, None), (101, None), (True, None), (50.0, None), ("50", None)],
)
def test_a_confidence_is_a_whole_number_from_0_to_100(stated: Any, confidence: int | None) -> None:
    assert confidence_of({"type": "indicator", "confidence": stated}) == confidence
    assert confidence_of({"type": "indicator"}) is None


@pytest.mark.parametrize("name", MEMBERS)
def test_facts_keep_each_member_that_a_decision_may_depend_on_as_it_came(name: str) -> None:
    assert Facts(content({name: "indicator"}), QM).object == {name: "indicator"}
