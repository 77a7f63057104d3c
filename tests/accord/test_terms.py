import time
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import pytest

from hilf.accord.terms import (
    MAX_MARKINGS,
    Onward,
    Terms,
    as_wide,
    earlier,
    end_of_retention,
    join,
    read_onward,
    read_terms,
    stricter,
)
from hilf.errors import PartnerFault
from hilf.markings.tlp import Tlp
from tests.accord.agreements import NOW

TERMS = Terms((Tlp.AMBER.marking_id,), Onward.NONE, datetime(2027, 3, 2, tzinfo=UTC), "a" * 64)


def refusal(**changes: Any) -> str:
    with pytest.raises(PartnerFault) as fault:
        read_terms({**TERMS.json(), **changes})
    return fault.value.rule


def test_terms_stand_in_an_act_as_wire_md_says_and_are_read_back() -> None:
    assert TERMS.json() == {
        "markings": ["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"],
        "onward": "none",
        "retention_until": "2027-03-02T00:00:00.000Z",
        "redacted_from": "a" * 64,
    }
    assert read_terms(TERMS.json()) == TERMS
    assert read_terms(Terms((), Onward.FREE).json()) == Terms((), Onward.FREE)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"more": 1}, "terms: members"),
        ({"onward": "some"}, "terms: onward"),
        ({"onward": None}, "terms: onward"),
        ({"retention_until": "2027-03-02"}, "terms: retention_until: time form"),
        ({"redacted_from": "A" * 64}, "terms: redacted_from"),
        ({"redacted_from": 1}, "terms: redacted_from"),
        ({"markings": {}}, "terms: markings"),
        ({"markings": [1]}, "terms: markings"),
        ({"markings": ["indicator--55d920b0-5e8b-4f79-9ee9-91f868d9b421"]}, "terms: markings"),
        ({"markings": [Tlp.RED.marking_id] * 2}, "terms: markings"),
        ({"markings": [Tlp.RED.marking_id] * (MAX_MARKINGS + 1)}, "terms: markings"),
    ],
)
def test_terms_are_closed(changes: dict[str, Any], rule: str) -> None:
    assert refusal(**changes) == rule


def test_a_hundred_markings_are_read() -> None:
    ids = [f"marking-definition--55d920b0-5e8b-4f79-9ee9-{i:012d}" for i in range(MAX_MARKINGS)]
    assert read_terms({**TERMS.json(), "markings": ids}).markings == tuple(ids)


@pytest.mark.parametrize("value", [None, [], {}, {"markings": []}])
def test_what_lacks_members_is_no_terms(value: Any) -> None:
    with pytest.raises(PartnerFault, match="terms: members"):
        read_terms(value)


def test_onward_rules_are_ordered_from_none_to_free() -> None:
    ordered = [Onward.NONE, Onward.ASK_ORIGINATOR, Onward.LISTED, Onward.FREE]
    assert sorted(Onward, key=lambda onward: onward.width) == ordered
    assert [stricter(a, b) for a, b in pairwise(ordered)] == ordered[:-1]
    assert [stricter(b, a) for a, b in pairwise(ordered)] == ordered[:-1]
    assert read_onward("ask originator", "x") is Onward.ASK_ORIGINATOR


@pytest.mark.parametrize(
    ("released", "days", "until"),
    [
        (datetime(2026, 3, 1, 0, 0, tzinfo=UTC), 1, datetime(2026, 3, 3, tzinfo=UTC)),
        (datetime(2026, 3, 1, 23, 59, 59, 999999, tzinfo=UTC), 1, datetime(2026, 3, 3, tzinfo=UTC)),
        (datetime(2028, 2, 28, 12, tzinfo=UTC), 1, datetime(2028, 3, 1, tzinfo=UTC)),
        (datetime(2026, 12, 31, 12, tzinfo=UTC), 365, datetime(2028, 1, 1, tzinfo=UTC)),
        (
            datetime(2026, 3, 2, 1, 0, tzinfo=timezone(timedelta(hours=3))),
            1,
            datetime(2026, 3, 3, tzinfo=UTC),
        ),
    ],
)
def test_retention_counts_whole_days_after_the_day_of_release(
    released: datetime, days: int, until: datetime
) -> None:
    assert end_of_retention(released, days) == until


def test_the_earlier_end_counts_and_none_is_no_end() -> None:
    later = NOW + timedelta(days=1)
    assert [
        earlier(*pair) for pair in ((NOW, later), (later, NOW), (None, NOW), (NOW, None), (None, None))
    ] == [NOW] * 4 + [None]


def test_terms_are_as_wide_if_they_let_it_go_on_as_freely() -> None:
    held, wanted = Terms((), Onward.LISTED), Terms((), Onward.ASK_ORIGINATOR)
    assert [as_wide(held, wanted), as_wide(held, held), as_wide(wanted, held)] == [True, True, False]


def test_joined_terms_are_of_each_the_stricter_whatever_the_order() -> None:
    early, late = datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    a = Terms(("m-2",), Onward.FREE, early)
    b = Terms(("m-1",), Onward.ASK_ORIGINATOR, late)
    assert join(a, b) == join(b, a) == Terms(("m-1", "m-2"), Onward.ASK_ORIGINATOR, early)
    assert join(a, a) == a
    assert join(Terms((), Onward.FREE), b).retention_until == late


def test_what_comes_twice_stays_the_form_that_it_was_held_in() -> None:
    full, form = Terms((), Onward.FREE), Terms((), Onward.FREE, redacted_from="a" * 64)
    assert (join(form, full).redacted_from, join(full, form).redacted_from) == ("a" * 64, None)


def test_days_are_counted_in_utc_wherever_the_node_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "QMT-14")
    time.tzset()
    try:
        assert end_of_retention(NOW, 1) == datetime(2026, 3, 3, tzinfo=UTC)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_fault_shows_eighty_characters_of_what_was_found() -> None:
    long = "x" * 90
    for read in (lambda: read_terms({**TERMS.json(), "redacted_from": long}), lambda: read_onward(long, "a")):
        with pytest.raises(PartnerFault) as fault:
            read()
        assert fault.value.detail == "'" + "x" * 79


def test_a_hundred_markings_are_taken_and_one_more_is_not() -> None:
    ids: list[Any] = [
        f"marking-definition--00000000-0000-4000-8000-{n:012x}" for n in range(MAX_MARKINGS + 1)
    ]
    assert read_terms({**TERMS.json(), "markings": ids[:-1]}).markings == tuple(ids[:-1])
    assert refusal(markings=ids) == "terms: markings"
