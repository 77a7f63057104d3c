from typing import Any

import pytest

from hilf.accord.profile import Profile, holds_personal_data, profile_of
from hilf.markings.marking import Granular
from hilf.markings.tlp import Tlp
from tests.accord.agreements import QM, QO, arrival, marked, ours


def of(object_: dict[str, Any]) -> Profile:
    return profile_of(object_, marked(Tlp.GREEN), asserter=QM, own=True)


def test_a_profile_holds_what_a_decision_may_depend_on() -> None:
    object_ = {
        "type": "indicator",
        "id": "indicator--1",
        "name": "not looked at",
        "labels": ["apt", 7],
        "sectors": ["energy"],
        "confidence": 80,
        "lang": "ar",
        "revoked": True,
        "granular_markings": [
            {"selectors": ["name"], "lang": "fr"},
            {"selectors": ["name"], "marking_ref": "x"},
            7,
        ],
    }
    came = arrival()
    assert profile_of(
        object_,
        marked(Tlp.GREEN),
        asserter=QO,
        own=False,
        overlay=("m",),
        author="cert.qp.example",
        arrival=came,
        exercise=True,
    ) == Profile(
        kind="object",
        type="indicator",
        markings=marked(Tlp.GREEN),
        asserter=QO,
        overlay=("m",),
        labels=frozenset({"apt"}),
        sectors=frozenset({"energy"}),
        confidence=80,
        author="cert.qp.example",
        arrival=came,
        languages=frozenset({"ar", "fr"}),
        personal_data=False,
        exercise=True,
        revoked=True,
        own=False,
    )


def test_objects_that_differ_in_nothing_else_have_one_profile() -> None:
    one, two = of({"type": "indicator", "name": "a"}), of({"type": "indicator", "name": "b"})
    assert (one, hash(one)) == (two, hash(two))


def test_a_sighting_is_of_its_own_kind() -> None:
    assert (of({"type": "sighting"}).kind, of({"type": "relationship"}).kind) == ("sighting", "object")


@pytest.mark.parametrize(
    "object_",
    [
        {"labels": "apt"},
        {"labels": None},
        {"sectors": {}},
        {"confidence": "80"},
        {"confidence": True},
        {"lang": 7},
        {"revoked": 1},
    ],
)
def test_members_of_a_wrong_type_count_as_absent(object_: dict[str, Any]) -> None:
    assert of({"type": "indicator", **object_}) == of({"type": "indicator"})


def test_a_text_without_a_language_is_english() -> None:
    assert of({"type": "indicator"}).languages == frozenset({"en"})


@pytest.mark.parametrize(
    ("object_", "personal"),
    [
        ({"type": "identity", "identity_class": "individual"}, True),
        ({"type": "identity", "identity_class": "organization"}, False),
        ({"type": "user-account"}, True),
        ({"type": "email-addr", "value": "a@b.example"}, False),
        ({"type": "email-addr", "display_name": "A"}, True),
        ({"type": "email-addr", "belongs_to_ref": "user-account--1"}, True),
        ({"type": "indicator"}, False),
        ({}, False),
    ],
)
def test_what_is_about_a_person_is_personal_data(object_: dict[str, Any], personal: bool) -> None:
    assert holds_personal_data(object_) is personal
    assert of(object_).personal_data is personal


def test_what_we_assert_ourselves_did_not_arrive() -> None:
    with pytest.raises(ValueError, match="did not arrive"):
        ours(arrival=arrival())


def test_the_author_is_asked_before_the_asserter() -> None:
    assert (ours(asserter=QO).originator, ours(asserter=QO, author=QM).originator) == (QO, QM)


def test_granular_means_that_a_part_is_marked() -> None:
    part = Granular(("name",), marked(Tlp.RED))
    assert (ours().granular, ours(markings=marked(Tlp.GREEN, granular=(part,))).granular) == (False, True)


def test_an_object_that_says_nothing_of_itself_is_real_and_has_no_type() -> None:
    assert of({}) == Profile("object", "", marked(Tlp.GREEN), QM)
