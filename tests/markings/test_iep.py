from datetime import UTC, datetime

import pytest

from hilf.markings.iep import EXTENSION_ID, Actions, Policy, Say, join, read, read_extension
from hilf.markings.pap import Pap
from hilf.markings.tlp import Tlp

FULL = {
    "extension_type": "property-extension",
    "encrypt_in_transit": "must",
    "permitted_actions": "contact-for-instruction",
    "affected_party_notifications": "must-not",
    "tlp": "red",
    "provider_attribution": "must-not",
    "unmodified_resale": "must-not",
    "iep_id": "7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001",
    "iep_version": 2.0,
    "name": "Strict",
    "description": "A strict policy",
    "start_date": "2026-10-01T00:00:00Z",
    "end_date": "2026-11-01T00:00:00Z",
}
STRICT = Policy(
    ("7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001",),
    Say.MUST,
    Actions.CONTACT_FOR_INSTRUCTION,
    Say.MUST_NOT,
    Say.MUST_NOT,
    Say.MUST_NOT,
    datetime(2026, 10, 1, tzinfo=UTC),
    datetime(2026, 11, 1, tzinfo=UTC),
)


def test_every_statement_is_read() -> None:
    assert read(FULL) == (STRICT, Tlp.RED)
    assert read_extension({"extensions": {EXTENSION_ID: FULL}}) == (STRICT, Tlp.RED)


@pytest.mark.parametrize(
    ("body", "policy"),
    [
        ({}, Policy()),
        ({"attribution": "must"}, Policy(attribution=Say.MUST)),
        ({"provider_attribution": "must"}, Policy(attribution=Say.MUST)),
        ({"attribution": "must-not", "provider_attribution": "must"}, Policy(attribution=Say.MUST_NOT)),
        ({"id": "b", "iep_id": "a"}, Policy(ids=("a", "b"))),
        ({"id": "a"}, Policy(ids=("a",))),
        ({"end_date": None, "start_date": None}, Policy()),
        ({"end_date": "2027-01-01"}, Policy(ends=datetime(2027, 1, 1, tzinfo=UTC))),
        ({"start_date": "2026-01-01T02:00:00+02:00"}, Policy(starts=datetime(2026, 1, 1, tzinfo=UTC))),
        ({"iep_version": "2.0"}, Policy()),
        ({"iep_version": 2}, Policy()),
        ({"iep_version": "2"}, Policy()),
    ],
)
def test_statements_that_are_missing_ask_nothing_and_both_spellings_are_read(
    body: dict[str, object], policy: Policy
) -> None:
    assert read(body) == (policy, None)


@pytest.mark.parametrize(
    "name",
    [
        "encrypt_in_transit", "affected_party_notifications", "provider_attribution", "attribution", "unmodified_resale",
    ],
)  # fmt: skip
def test_what_asks_nothing_may_be_said(name: str) -> None:
    """Source: FIRST IEP 2.0, the words of each statement."""
    assert read({name: "may"}) == (Policy(), None)


@pytest.mark.parametrize(
    "name",
    ["extension_type", "name", "policy_name", "description", "external_references", "external_reference"],
)
def test_what_a_policy_says_of_itself_asks_nothing(name: str) -> None:
    assert read({name: "x"}) == (Policy(), None)


@pytest.mark.parametrize(
    ("body", "level"),
    [
        ({"tlp": "white"}, Tlp.CLEAR),
        ({"tlp": "green"}, Tlp.GREEN),
        ({"tlp": "amber"}, Tlp.AMBER),
        ({"tlp": "amber+strict"}, Tlp.AMBER_STRICT),
        ({"tlp_ref": Tlp.AMBER.marking_id}, Tlp.AMBER),
        ({"tlp": "green", "tlp_ref": Tlp.RED.marking_id}, Tlp.RED),
        ({"tlp": "red", "tlp_ref": Tlp.CLEAR.marking_id}, Tlp.RED),
    ],
)
def test_level_is_the_stricter_of_word_and_reference(body: dict[str, object], level: Tlp) -> None:
    assert read(body) == (Policy(), level)


@pytest.mark.parametrize(
    "body",
    [
        {"tlp": "purple"},
        {"tlp": "RED"},
        {"tlp": None},
        {"tlp_ref": "marking-definition--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001"},
        {"tlp": "red", "tlp_ref": "x"},
        {"iep_version": 1.0},
        {"iep_version": True},
        {"iep_version": None},
        {
            "id_ref": "7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001",
            "url": "https://iep.qm.example/1",
            "iep_version": 2.0,
        },
        {"encrypt_at_rest": "must"},
        {"encrypt_in_transit": "must-not"},
        {"encrypt_in_transit": 1},
        {"permitted_actions": "anything"},
        {"permitted_actions": None},
        {"affected_party_notifications": "must"},
        {"unmodified_resale": "must"},
        {"attribution": "perhaps"},
        {"start_date": "soon"},
        {"start_date": "2026-01-01T00:00:00"},
        {"end_date": 1},
    ],
)
def test_policy_of_which_anything_is_unknown_is_not_read(body: dict[str, object]) -> None:
    assert read(body) is None


def test_what_is_no_extension_is_none() -> None:
    assert [read_extension({}), read_extension({"extensions": []}), read_extension({"extensions": {EXTENSION_ID: 1}})] == [None] * 3  # fmt: skip


def test_of_each_statement_the_stricter_holds_and_the_period_is_that_of_both() -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    a = Policy(("a",), Say.MUST, Actions.NONE, starts=early, ends=late)
    b = Policy(("b",), resale=Say.MUST_NOT, attribution=Say.MUST, starts=late)
    assert (
        join(a, b)
        == join(b, a)
        == Policy(("a", "b"), Say.MUST, Actions.NONE, Say.MAY, Say.MUST, Say.MUST_NOT, late, late)
    )
    assert (join(a, None), join(None, a), join(None, None), join(a, a)) == (a, a, None, a)


def test_it_is_in_force_from_its_start_until_its_end() -> None:
    start, end = STRICT.starts, STRICT.ends
    assert start is not None
    assert end is not None
    day = end - start
    assert [STRICT.in_force(at) for at in (start - day, start, end, end + day)] == [False, True, False, False]
    assert Policy().in_force(start)


def test_actions_that_have_no_equal_in_pap_count_as_red() -> None:
    assert [action.pap for action in Actions] == [Pap.CLEAR, Pap.AMBER, Pap.RED, Pap.RED, Pap.RED]


def test_words_say_what_is_asked_for() -> None:
    assert Policy().words() == ("IEP that asks for nothing",)
    assert STRICT.words() == (
        "IEP encryption in transit: must",
        "IEP notifying who is affected: must-not",
        "IEP naming the provider: must-not",
        "IEP selling it on unmodified: must-not",
        "IEP permitted actions: contact-for-instruction",
        "IEP from 2026-10-01",
        "IEP until 2026-11-01",
    )


def test_two_policies_without_a_period_are_joined_without_one() -> None:
    joined = join(Policy(("a",), actions=Actions.NONE), Policy(("b",), resale=Say.MUST_NOT))
    assert joined == Policy(("a", "b"), actions=Actions.NONE, resale=Say.MUST_NOT)
