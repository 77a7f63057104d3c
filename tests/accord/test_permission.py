"""Permission: what this node's officers may do next, beyond what tests/accord/test_transition.py walks through."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hilf.accord.document import Accord, read_accord
from hilf.accord.life import Life
from hilf.accord.permission import check_may_sign, check_may_stop, check_may_withdraw
from hilf.accord.step import Kind
from hilf.accord.template import amendment
from hilf.accord.transition import with_notice, with_signatures
from hilf.errors import Refusal
from tests.accord.agreements import BEGINS, NOW, QM, QN, QO, UNTIL, Nation, agreement, chains

QM_, QN_ = Nation(QM), Nation(QN)
CHAINS = chains(QM_, QN_)


def proposed(accord: Accord) -> Life:
    return Life(accord, proposed_at=NOW)


def complete(accord: Accord) -> Life:
    life = with_signatures(proposed(accord), QN_.sign(accord), CHAINS, NOW)
    return with_signatures(life, QM_.sign(accord), CHAINS, NOW)


def code(check: Callable[..., None], life: Life, *others: Life, us: str = QN, now: Any = NOW) -> str | None:
    try:
        check(life, [life, *others], us, CHAINS, now)
    except Refusal as refusal:
        return refusal.code
    return None


def test_the_next_officer_signs_the_text_that_the_first_has_signed() -> None:
    life = proposed(agreement())
    begun = with_signatures(life, QN_.sign(life.accord, officers=1, node=False), CHAINS, NOW)
    assert code(check_may_sign, begun) is None


def test_a_text_is_not_signed_when_another_one_in_its_place_was_signed_by_all() -> None:
    stands, late = complete(agreement()), proposed(agreement(retention_days=7))
    assert code(check_may_sign, late, stands) == "accord.not-to-be-signed"
    by_others = replace(stands, records=())
    assert code(check_may_sign, late, by_others) == "accord.not-to-be-signed"


def test_a_proposal_that_has_expired_may_be_withdrawn() -> None:
    assert code(check_may_withdraw, proposed(agreement()), us=QM, now=UNTIL) is None


def test_an_agreement_may_be_stopped_before_it_begins_and_while_it_is_suspended() -> None:
    life = complete(agreement())
    assert code(check_may_stop, life, us=QM, now=BEGINS - timedelta(days=1)) is None
    suspended = with_notice(life, Kind.SUSPENSION, QN_.say("suspension", life.accord), QN, CHAINS, NOW)
    assert code(check_may_stop, suspended, us=QM) is None
    assert code(check_may_stop, suspended, us=QN) is None


def signed_by_us(accord: Accord) -> Life:
    return with_signatures(proposed(accord), QN_.sign(accord), CHAINS, NOW)


ACCORD = agreement()
FOLLOWING = read_accord(amendment(ACCORD, QM, {}))
RIVAL = read_accord(amendment(ACCORD, QM, {"retention_days": 7}))
FIRST = complete(ACCORD)


@pytest.mark.parametrize(
    ("check", "life", "others", "us", "refused", "said"),
    [
        (check_may_sign, proposed(ACCORD), (), QO, "accord.not-a-party", "This node"),
        (check_may_sign, FIRST, (), QN, "accord.not-to-be-signed", "Version 1"),
        (check_may_sign, proposed(FOLLOWING), (), QN, "accord.predecessor-not-signed", "Version 1"),
        (check_may_sign, proposed(ACCORD), (), QM, "accord.proposer-signs-last", f"{QN} must sign first"),
        (
            check_may_sign,
            proposed(FOLLOWING),
            (FIRST, signed_by_us(RIVAL)),
            QN,
            "accord.successor-signed",
            f"This node has signed another version 2 of {ACCORD.id} ({RIVAL.hash[:8]}).",
        ),
        (check_may_withdraw, proposed(ACCORD), (), QN, "accord.not-the-proposer", QM),
        (check_may_withdraw, FIRST, (), QM, "accord.proposer-has-signed", "This node has signed version 1"),
        (check_may_withdraw, Life(ACCORD), (), QM, "accord.not-to-be-withdrawn", "Version 1"),
        (check_may_stop, FIRST, (), QO, "accord.not-a-party", "This node"),
        (check_may_stop, proposed(ACCORD), (), QM, "accord.not-in-force", "Version 1"),
    ],
)
def test_every_refusal_says_what_why_and_what_to_do(
    check: Callable[..., None], life: Life, others: tuple[Life, ...], us: str, refused: str, said: str
) -> None:
    with pytest.raises(Refusal) as raised:
        check(life, [life, *others], us, CHAINS, NOW)
    what, why, remedy, code_ = raised.value.lines()
    assert (what[: len(said)], code_) == (said, f"[{refused}]")
    assert ACCORD.id in what
    assert why.endswith(".")
    command = "withdraw" if refused == "accord.successor-signed" else "show"
    assert f"hilf accord {command} {ACCORD.id}" in remedy


def test_a_signature_counts_for_the_proposer_up_to_its_last_instant() -> None:
    life = with_signatures(proposed(ACCORD), QN_.sign(ACCORD, days=1), CHAINS, NOW)
    end = NOW + timedelta(days=1)
    assert code(check_may_sign, life, us=QM, now=end) is None
    late = end + timedelta(microseconds=1)
    assert code(check_may_sign, life, us=QM, now=late) == "accord.proposer-signs-last"


def test_an_amendment_that_has_lapsed_is_signed_again_until_its_period_is_over() -> None:
    life = with_signatures(proposed(ACCORD), QN_.sign(ACCORD, days=1), CHAINS, NOW)
    instants = (UNTIL - timedelta(microseconds=1), UNTIL)
    assert [code(check_may_sign, life, now=now) for now in instants] == [None, "accord.not-to-be-signed"]
