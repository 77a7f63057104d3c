import json
from dataclasses import replace
from datetime import timedelta

import pytest

from hilf.accord.document import InForce
from hilf.accord.order import (
    ACCORD_CHANGED,
    APPROVAL_LOST,
    BYTES_CHANGED,
    NOT_APPROVED,
    OVER,
    Addressed,
    Order,
    accords_of,
    changed,
    killed_by,
    next_run,
    read_order,
)
from tests.accord.agreements import NOW, QM, QN, QO, agreement

FIRST, SECOND = agreement(), agreement(parties=(QM, QO), number=2)
HELD = {QN: (InForce(FIRST, QM),), QO: (InForce(SECOND, QM),)}
FIVE = timedelta(minutes=5)
ORDER = Order(
    "order--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001",
    QM,
    "marking:clear,green type:indicator",
    (Addressed(QN, "defence", (FIRST.key,)), Addressed(QO, "aid", (SECOND.key,))),
    FIVE,
    NOW,
    NOW + timedelta(days=90),
)


def test_order_is_read_as_it_is_written() -> None:
    assert read_order(ORDER.canonical) == ORDER
    assert read_order(ORDER.canonical).subject == ORDER.subject


def test_what_an_approval_binds_is_written_in_this_form() -> None:
    assert json.loads(ORDER.canonical) == {
        "v": 1,
        "type": "hilf-standing-order",
        "id": ORDER.id,
        "node": QM,
        "selection": "marking:clear,green type:indicator",
        "to": [
            {"node": QN, "purpose": "defence", "accords": [{"id": FIRST.id, "version": 1}]},
            {"node": QO, "purpose": "aid", "accords": [{"id": SECOND.id, "version": 1}]},
        ],
        "every_s": 300,
        "proposed": "2026-03-01T12:00:00.000Z",
        "until": "2026-05-30T12:00:00.000Z",
    }


@pytest.mark.parametrize(
    "other",
    [
        replace(ORDER, selection="type:malware"),
        replace(ORDER, to=ORDER.to[:1]),
        replace(ORDER, to=(replace(ORDER.to[0], node=QO), ORDER.to[1])),
        replace(ORDER, to=(replace(ORDER.to[0], purpose="aid"), ORDER.to[1])),
        replace(ORDER, to=(replace(ORDER.to[0], accords=((FIRST.id, 2),)), ORDER.to[1])),
        replace(ORDER, every=2 * FIVE),
        replace(ORDER, until=NOW + timedelta(days=91)),
        replace(ORDER, id=f"{ORDER.id[:-1]}2"),
        replace(ORDER, node=QN),
        replace(ORDER, proposed=NOW + timedelta(seconds=1)),
    ],
)
def test_an_approval_binds_everything_that_an_order_says(other: Order) -> None:
    assert other.subject != ORDER.subject


def test_an_order_lives_while_its_agreements_are_those_it_was_approved_under() -> None:
    assert changed(ORDER, HELD, NOW) is None
    assert changed(ORDER, {node: held[::-1] for node, held in HELD.items()}, NOW) is None


@pytest.mark.parametrize(
    "held",
    [
        {**HELD, QN: ()},
        {QN: HELD[QN]},
        {**HELD, QN: (*HELD[QN], InForce(agreement(number=3), QM))},
        {**HELD, QN: (InForce(agreement(version=2, prev=FIRST.hash), QM),)},
    ],
)
def test_an_order_dies_when_an_agreement_is_ended_added_or_amended(held) -> None:
    assert changed(ORDER, held, NOW) == ACCORD_CHANGED


def test_an_order_is_over_at_its_end() -> None:
    assert changed(ORDER, HELD, ORDER.until - timedelta(microseconds=1)) is None
    assert changed(ORDER, HELD, ORDER.until) == OVER


def test_two_agreements_with_one_nation_are_named_in_an_order_that_means_nothing() -> None:
    both = (InForce(SECOND, QM), InForce(FIRST, QM))
    assert accords_of(both) == accords_of(both[::-1]) == (FIRST.key, SECOND.key)


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        (timedelta(0), 1),
        (FIVE - timedelta(seconds=1), 1),
        (FIVE, 2),
        (timedelta(hours=1), 13),
        (timedelta(hours=1, seconds=7), 13),
        (-timedelta(minutes=3), 1),
    ],
)
def test_however_many_runs_were_missed_one_makes_up_and_the_next_keeps_the_beat(late, expected) -> None:
    assert next_run(ORDER, NOW, NOW + late) == NOW + expected * FIVE


def test_an_order_that_an_agreement_killed_names_what_went_and_what_came() -> None:
    amended = agreement(version=2, prev=FIRST.hash)
    held = {QN: (InForce(amended, QM),), QO: (InForce(SECOND, QM),)}
    assert killed_by(ACCORD_CHANGED, ORDER, held) == (
        f"with {QN} {FIRST.id} version 1 is not in force any more, {FIRST.id} version 2 came into force"
    )
    assert killed_by(ACCORD_CHANGED, ORDER, {QN: HELD[QN]}) == (
        f"with {QO} {SECOND.id} version 1 is not in force any more"
    )
    assert killed_by(ACCORD_CHANGED, ORDER, HELD) == (
        "the agreements that it was approved under were not those in force"
    )


@pytest.mark.parametrize("code", [OVER, BYTES_CHANGED, NOT_APPROVED, APPROVAL_LOST])
def test_every_way_in_which_an_order_ends_has_words(code: str) -> None:
    assert code not in killed_by(code, ORDER, HELD)


def test_an_order_that_ended_for_another_reason_names_no_agreement_that_went_as_well() -> None:
    assert killed_by(OVER, ORDER, {}) == "its end has come"
    assert killed_by("order.later-word", ORDER, {}) == "order.later-word"


def test_an_agreement_that_only_came_is_named() -> None:
    third = agreement(number=3)
    held = {**HELD, QN: (*HELD[QN], InForce(third, QM))}
    assert killed_by(ACCORD_CHANGED, ORDER, held) == f"with {QN} {third.id} version 1 came into force"
