from datetime import timedelta
from typing import Any

import pytest

from hilf.errors import PartnerFault
from hilf.federation.confirmation import (
    Confirmation,
    ConfirmationState,
    Further,
    Hop,
    gather,
    read_confirmation,
)
from tests.federation.parties import NOW

OPEN, HIDDEN, ERASED, HELD = ConfirmationState
ID = "ab" * 32
LATER = NOW + timedelta(hours=1)
NOBODY = Further((), {OPEN: 0, HIDDEN: 0, ERASED: 0, HELD: 0})
QO = Confirmation(
    ID, HIDDEN, NOW, Further((Hop("cert.qq.example", ERASED, NOW),), {**NOBODY.counted, HELD: 2})
)
QP = Confirmation(ID, ERASED, LATER, NOBODY)
HOPS = {"cert.qp.example": QP, "cert.qo.example": QO, "cert.qr.example": None}


def refusal(body: Any) -> str:
    with pytest.raises(PartnerFault) as fault:
        read_confirmation(body)
    return fault.value.rule


def test_further_hops_stand_by_name_where_the_accord_says_so() -> None:
    assert gather(HOPS, by_name=True) == Further(
        (
            Hop("cert.qo.example", HIDDEN, NOW),
            Hop("cert.qq.example", ERASED, NOW),
            Hop("cert.qp.example", ERASED, LATER),
            Hop("cert.qr.example", OPEN, None),
        ),
        {OPEN: 0, HIDDEN: 0, ERASED: 0, HELD: 2},
    )


def test_further_hops_are_only_counted_else() -> None:
    further = gather(HOPS, by_name=False)
    assert further == Further((), {OPEN: 1, HIDDEN: 1, ERASED: 2, HELD: 2})
    assert "example" not in str(further.json())
    assert "example" in str(gather(HOPS, by_name=True).json())


def test_nobody_further_on_is_told_as_such() -> None:
    assert gather({}, by_name=True) == gather({}, by_name=False) == Further() == NOBODY


@pytest.mark.parametrize("state", [HIDDEN, ERASED, HELD])
@pytest.mark.parametrize("by_name", [True, False])
def test_body_is_read_as_it_is_written(state: ConfirmationState, by_name: bool) -> None:
    it = Confirmation(ID, state, NOW, gather(HOPS, by_name=by_name))
    assert read_confirmation(it.json()) == it


def test_body_has_this_form() -> None:
    assert Confirmation(ID, HIDDEN, NOW, gather({"cert.qr.example": None}, by_name=True)).json() == {
        "retraction": ID,
        "state": "hidden",
        "at": "2026-01-02T03:00:00.000Z",
        "further": {
            "named": [{"node": "cert.qr.example", "state": "open", "at": None}],
            "counted": {"open": 0, "hidden": 0, "erased": 0, "held": 0},
        },
    }


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"extra": 1}, "confirmation: members"),
        ({"retraction": "ab"}, "confirmation: retraction: hex"),
        ({"state": "open"}, "confirmation: state"),
        ({"state": None}, "confirmation: state"),
        ({"state": ["hidden"]}, "confirmation: state"),
        ({"at": None}, "confirmation: time form"),
        ({"further": None}, "confirmation: further: members"),
    ],
)
def test_malformed_body_is_refused_by_name(changes: Any, rule: str) -> None:
    assert refusal({**QO.json(), **changes}) == rule


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"named": {}}, "confirmation: further: named"),
        ({"named": [{"node": "cert.qo.example"}]}, "confirmation: further: named: members"),
        ({"named": [{"node": "", "state": "open", "at": None}]}, "confirmation: further: named: node"),
        ({"named": [{"node": "a", "state": "gone", "at": None}]}, "confirmation: further: named: state"),
        ({"named": [{"node": "a", "state": "hidden", "at": None}]}, "confirmation: further: named: at"),
        (
            {"named": [{"node": "a", "state": "open", "at": "2026-01-02T03:00:00.000Z"}]},
            "confirmation: further: named: at",
        ),
        ({"named": [{"node": "a", "state": "held", "at": 1}]}, "confirmation: further: named: time form"),
        ({"counted": {"open": 0}}, "confirmation: further: counted: members"),
        ({"counted": {"open": -1, "hidden": 0, "erased": 0, "held": 0}}, "confirmation: further: counted"),
    ],
)
def test_malformed_further_hops_are_refused_by_name(changes: Any, rule: str) -> None:
    assert refusal({**QO.json(), "further": {**NOBODY.json(), **changes}}) == rule
